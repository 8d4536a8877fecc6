#!/usr/bin/python3
"""xgboost_contributions.json: what XGBoost's pred_contribs says of the models in xgboost_models.json."""

import json

import numpy as np
import xgboost as xgb

import golden

golden.DATE = "2026-11-28"
ROWS = 12


def with_missing(X):
    """As in make_boosting.py: cells of float32, every eleventh of a walk through the table missing."""
    i, f = np.indices(X.shape)
    return np.where((7 * i + 3 * f) % 11 == 0, np.nan, X.astype(np.float32).astype(float))


def main():
    cases = []
    for case in json.load(open(golden.HERE / "xgboost_models.json"))["cases"]:
        X, _, names, _ = golden.table(case["table"])
        X = with_missing(X)[::7][:ROWS]
        booster = xgb.Booster()
        booster.load_model(bytearray(case["model"], "utf-8"))
        contributions = booster.predict(xgb.DMatrix(X, feature_names=names), pred_contribs=True)
        cases.append({"table": case["table"], "objective": case["objective"], "contributions": np.atleast_3d(
            contributions if contributions.ndim == 3 else contributions[:, None, :]).tolist()})
    golden.write("xgboost_contributions.json", {
        **golden.header("xgboost", xgb.__version__, "Booster.predict(DMatrix(X), pred_contribs=True)", "make_shap.py",
                        {"contribution": [1e-5, "times max(1, |margin|): sums are float32 there"]},
                        ["rows 0, 7, 14, ... of the table as in xgboost_models.json, twelve of them; for each row and output the columns' "
                         "values, then the base"]),
        "cases": cases,
    })


if __name__ == "__main__":
    main()
