#!/usr/bin/python3
"""Fit time of logistic regression: assay against scikit-learn's solvers (its liblinear is LIBLINEAR), in turn on the same data, one
thread each, processor seconds, medians after a warm-up. LIBLINEAR penalises the intercept, which costs it a little objective.

usage: logistic.py build/release/bench/linear_models [dense|multinomial|sparse|l1 ...]
"""

import sys
import warnings

import linear_data as data
import numpy as np
from sklearn.linear_model import LogisticRegression

warnings.simplefilter("ignore")


def objective(model, X, y, C, penalty):
    Z = model.decision_function(X)
    if Z.ndim == 1:
        loss = np.logaddexp(0, -np.where(y == 1, 1, -1) * Z).sum()
    else:
        top = Z.max(1, keepdims=True)
        loss = (np.log(np.exp(Z - top).sum(1)) + top[:, 0] - Z[np.arange(len(Z)), y]).sum()
    return float(C * loss + (np.abs(model.coef_).sum() if penalty == "l1" else .5 * (model.coef_ ** 2).sum()))


def compare(name, X, y, K, C, peers, penalty="l2"):
    with data.written(X, y, K) as file:
        ours = data.assay(sys.argv[1], file, "logistic", 5, f"C={C}", f"penalty={penalty}")
        theirs = []
        for solver, tol in peers:
            make = lambda: LogisticRegression(C=C, solver=solver, penalty=penalty, tol=tol, max_iter=1000, random_state=1).fit(X, y)
            seconds, model = data.peer(make, 3)
            theirs.append((f"{solver}, tol {tol:g}", seconds, objective(model, X, y, C, penalty)))
    data.line(name, ours, theirs)


def main():
    which = sys.argv[2:] or ["dense", "multinomial", "sparse", "l1"]
    if "dense" in which:
        X, y = data.teacher(100000, 50, 2, 5)
        compare("two classes, 100 000 x 50", X, y, 2, 1, [("newton-cholesky", 1e-4), ("lbfgs", 1e-4)])
    if "multinomial" in which:
        X, y = data.teacher(15000, 16, 26, 6)
        compare("26 classes, 15 000 x 16", X, y, 26, 1, [("newton-cg", 1e-4), ("lbfgs", 1e-4)])
        X, y = data.teacher(100000, 50, 5, 7)
        compare("5 classes, 100 000 x 50", X, y, 5, 1, [("newton-cg", 1e-4), ("lbfgs", 1e-4)])
    if "sparse" in which:
        X, y = data.text()
        compare("sparse, 40 000 x 100 000, C 10", X, y, 2, 10, [("liblinear", 1e-4), ("lbfgs", 1e-4)])
        compare("sparse, 40 000 x 100 000, C 1", X, y, 2, 1, [("liblinear", 1e-4)])
    if "l1" in which:
        X, y = data.text()
        compare("sparse, L1, C 1", X, y, 2, 1, [("liblinear", 1e-4), ("liblinear", 1e-2)], "l1")
        X, y = data.teacher(100000, 50, 2, 5)
        compare("two classes, 100 000 x 50, L1", X, y, 2, 0.01, [("liblinear", 1e-4)], "l1")


main()
