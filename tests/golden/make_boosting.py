#!/usr/bin/python3
"""boosting_xgboost.json: trees of XGBoost's exact search, one thread; boosting_sklearn.json: staged predictions of scikit-learn's
GradientBoostingRegressor."""

import json
import tempfile

import numpy as np
import sklearn
import xgboost as xgb
from sklearn.ensemble import GradientBoostingRegressor

import golden

golden.DATE = "2026-11-28"
ROUNDS = 8


def single(X):
    return X.astype(np.float32).astype(float)


def with_missing(X):
    """Every eleventh cell of a walk through the table is missing."""
    i, f = np.indices(X.shape)
    return np.where((7 * i + 3 * f) % 11 == 0, np.nan, X)


def trees_of(booster):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        booster.save_model(file.name)
        trees = json.load(open(file.name))["learner"]["gradient_booster"]["model"]["trees"]
    return [{"left": t["left_children"], "right": t["right_children"], "feature": t["split_indices"], "condition": t["split_conditions"],
             "default_left": [int(d) for d in t["default_left"]], "gain": t["loss_changes"], "hessian": t["sum_hessian"]} for t in trees]


def models():
    """Whole model files of XGBoost, as text, and what they predict on every seventh row (margins), missing cells among them."""
    cases = []
    for name, objective, more in (("diabetes", "reg:squarederror", {}), ("breast_cancer", "binary:logistic", {"base_score": 0.3}),
                                  ("wine", "multi:softprob", {"num_class": 3}), ("diabetes", "count:poisson", {"base_score": 4.0})):
        X, y, names, _ = golden.table(name)
        X = with_missing(single(X))
        target = y.astype(float) if name == "diabetes" else np.array([sorted(set(y)).index(v) for v in y])
        if objective == "count:poisson":
            target = np.floor(target / 25)
        data = xgb.DMatrix(X, target, feature_names=names)
        booster = xgb.train({"tree_method": "hist", "max_depth": 3, "eta": 0.4, "objective": objective, "nthread": 1, **more}, data, 4)
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            booster.save_model(file.name)
            text = open(file.name).read()
        margins = booster.predict(data, output_margin=True)[::7]
        contributions = np.asarray(booster.predict(data, pred_contribs=True)[::35], float)
        cases.append({"table": name, "objective": objective, "model": text, "margins": np.asarray(margins, float).reshape(len(margins), -1),
                      "contributions": contributions.reshape(len(contributions), -1, len(names) + 1)})
    golden.write("xgboost_models.json", {
        **golden.header("xgboost", xgb.__version__, "xgboost.train(params, DMatrix(X, y), 4).save_model()", "make_boosting.py",
                        {"margin": [1e-5, "times max(1, |margin|): leaves and sums are float32 there"],
                         "contribution": [1e-5, "times max(1, greatest |margin|): the same"]},
                        ["cells are rounded to float32; cell (i, f) is missing if (7 i + 3 f) mod 11 = 0; rows 0, 7, 14, ...",
                         "contributions: predict(pred_contribs=True) of rows 0, 35, 70, ..., by class; the base stands last"]),
        "cases": cases})


def main():
    models()
    cases = []
    for name, objective, missing, more in (
            ("diabetes", "reg:squarederror", False, {}), ("diabetes", "reg:squarederror", True, {"alpha": 1.5}),
            ("breast_cancer", "binary:logistic", False, {"lambda": 0.5}), ("breast_cancer", "binary:logistic", True, {"gamma": 0.4}),
            ("wine", "multi:softprob", False, {"min_child_weight": 2}), ("diabetes", "count:poisson", True, {"max_delta_step": 0})):
        X, y, _, _ = golden.table(name)
        X = single(X)
        if missing:
            X = with_missing(X)
        if objective.startswith("multi"):
            classes = sorted(set(y))
            target, more = np.array([classes.index(v) for v in y]), {**more, "num_class": len(classes)}
        elif objective.startswith("binary"):
            classes = sorted(set(y))
            target = np.array([classes.index(v) for v in y])
        else:
            target = y.astype(float)
        if objective == "count:poisson":
            target = np.floor(target / 25)
        p = {"tree_method": "exact", "max_depth": 4, "eta": 0.3, "lambda": 1, "alpha": 0, "gamma": 0, "min_child_weight": 1, "base_score": 0.5,
             "nthread": 1, "objective": objective, **more}
        booster = xgb.train(p, xgb.DMatrix(X, target), ROUNDS)
        cases.append({"table": name, "missing": missing, "params": p, "trees": trees_of(booster)})
    golden.write("boosting_xgboost.json", {
        **golden.header("xgboost", xgb.__version__, f"xgboost.train(params, DMatrix(X, y), {ROUNDS})", "make_boosting.py",
                        {"leaf": [1e-5, "relative, with a floor of 1e-6: leaves are float32"], "gain": [1e-3, "relative: a difference of float32 sums"],
                         "condition": [1e-6, "relative: the middle of two neighbours in float32"]},
                        ["cells are rounded to float32; where missing is true cell (i, f) is missing if (7 i + 3 f) mod 11 = 0",
                         "a node is a leaf where left is -1, and its answer stands in condition", "gain is twice eq. (7) without gamma; gamma is twice ours",
                         "poisson: the target is floor(y / 25)"]),
        "cases": cases})
    X, y, _, _ = golden.table("diabetes")
    model = GradientBoostingRegressor(n_estimators=30, learning_rate=0.1, max_depth=3, min_samples_leaf=5, criterion="squared_error", random_state=0)
    model.fit(single(X), y.astype(float))
    stages = {str(t + 1): p for t, p in enumerate(model.staged_predict(single(X))) if t + 1 in (1, 2, 10, 30)}
    golden.write("boosting_sklearn.json", {
        **golden.header("scikit-learn", sklearn.__version__,
                        "GradientBoostingRegressor(n_estimators=30, learning_rate=0.1, max_depth=3, min_samples_leaf=5, criterion='squared_error', random_state=0)",
                        "make_boosting.py", {"prediction": [1e-9, "sums of at most 30 leaves, each a mean"]}, ["diabetes, cells rounded to float32"]),
        "stages": stages})


main()
