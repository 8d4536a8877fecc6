#!/usr/bin/python3
"""forest_oob.json: out-of-bag errors of scikit-learn's forests over 50 seeds."""

import numpy as np
import sklearn
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor

import golden

SEEDS, TREES = 50, 100
CALL = "RandomForestClassifier(n_estimators=100, max_features=M, bootstrap=True, oob_score=True, random_state=S), S = 0 .. 49; or the other class named"
FACTS = ["error: 1 - oob_score_ (classes), or the mean of (y - oob_prediction_)^2 (values)",
         "mean and sd over the seeds, sd with 49 degrees of freedom"]
TOLERANCE = {"mean": [2, "standard errors of the difference of two means over 50 seeds each: the forests are random, their streams differ"]}


def errors(kind, X, y, M):
    out = []
    for seed in range(SEEDS):
        m = kind(n_estimators=TREES, max_features=M, bootstrap=True, oob_score=True, random_state=seed).fit(X, y)
        out.append(1 - m.oob_score_ if hasattr(m, "classes_") else np.mean((y - m.oob_prediction_) ** 2))
    return {"mean": float(np.mean(out)), "sd": float(np.std(out, ddof=1))}


cases = []
for name, M in (("iris", 2), ("wine", 3), ("breast_cancer", 5), ("diabetes", 3)):
    X, y, _, _ = golden.table(name)
    values = name == "diabetes"
    y = y.astype(float) if values else y
    for algorithm, kind in (("forest", RandomForestRegressor if values else RandomForestClassifier), ("extra-trees", ExtraTreesRegressor if values else ExtraTreesClassifier)):
        cases.append({"table": name, "algorithm": algorithm, "max_features": M, "classes": [] if values else sorted(set(y.tolist()), key=str), **errors(kind, X, y, M)})
golden.write("forest_oob.json", {**golden.header("scikit-learn", sklearn.__version__, CALL, "make_forest.py", TOLERANCE, FACTS), "date": "2026-11-28", "trees": TREES, "seeds": SEEDS, "cases": cases})
