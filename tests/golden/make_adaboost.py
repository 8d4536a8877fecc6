#!/usr/bin/python3
"""adaboost.json: stage weights and errors of scikit-learn's SAMME over its own trees."""

import numpy as np
import sklearn
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier

import golden

CALL = "AdaBoostClassifier(DecisionTreeClassifier(max_depth=D), n_estimators=T, learning_rate=R, algorithm='SAMME', random_state=0)"
FACTS = ["every feature cell is first rounded to float32 and widened again (scikit-learn stores float32)",
         "scikit-learn breaks ties of gain at random: only cases are kept for which 10 seeds give the same stage weights, to 1e-12",
         "decision: decision_function of every 17th row, of two classes one number"]
TOLERANCE = {"stage_weight": [1e-10, "the same formulas on the same trees; sums over the rows in another order"],
             "error": [1e-10, "as stage_weight"], "decision": [1e-10, "as stage_weight"]}

cases = []
for name, depth, rounds, rate in (("breast_cancer", 1, 50, 1.0), ("breast_cancer", 1, 30, 0.5), ("wine", 1, 40, 1.0), ("iris", 1, 20, 1.0), ("wine", 2, 12, 1.0), ("digits", 3, 25, 1.0)):
    X, y, _, _ = golden.table(name)
    X = X.astype(np.float32).astype(float)
    fits = [AdaBoostClassifier(DecisionTreeClassifier(max_depth=depth), n_estimators=rounds, learning_rate=rate, algorithm="SAMME", random_state=seed).fit(X, y) for seed in range(10)]
    m = fits[0]
    same = all(len(f.estimator_weights_) == len(m.estimator_weights_) and np.abs(f.estimator_weights_ - m.estimator_weights_).max() < 1e-12 for f in fits)
    print(name, depth, same, len(m.estimators_))
    if not same:
        continue
    used = len(m.estimators_)
    cases.append({"table": name, "max_depth": depth, "rounds": rounds, "learning_rate": rate, "classes": [str(c) for c in m.classes_],
                  "stage_weight": m.estimator_weights_[:used], "error": m.estimator_errors_[:used], "decision": m.decision_function(X[::17])})
golden.write("adaboost.json", {**golden.header("scikit-learn", sklearn.__version__, CALL, "make_adaboost.py", TOLERANCE, FACTS), "date": "2026-11-28", "cases": cases})
