#!/usr/bin/python3
"""Fit time of linear-svm: assay against LIBLINEAR through scikit-learn's LinearSVC, the intercept penalised on both sides, in turn on
the same data, one thread each, processor seconds, medians after a warm-up. Both must end at the same objective within 1e-6, or the
line says by how much one misses it: then its time is of less work.

usage: linear_svm.py build/release/bench/linear_models [dense|sparse ...]
"""

import sys
import warnings

import linear_data as data
import numpy as np
from sklearn.svm import LinearSVC

warnings.simplefilter("ignore")


def objective(model, X, y, C, loss):
    inside = np.maximum(0, 1 - np.where(y == 1, 1, -1) * model.decision_function(X))
    total = inside.sum() if loss == "hinge" else (inside ** 2).sum()
    return float(C * total + .5 * (model.coef_ ** 2).sum() + .5 * model.intercept_[0] ** 2)


def compare(name, X, y, C, loss, tolerance, peers):
    with data.written(X, y, 2) as file:
        ours = data.assay(sys.argv[1], file, "linear-svm", 5, f"C={C}", f"loss={loss}", "penalize-intercept=true", f"tolerance={tolerance}")
        theirs = []
        for dual, tol in peers:
            make = lambda: LinearSVC(C=C, loss=loss.replace("-", "_"), dual=dual, tol=tol, max_iter=100000, random_state=1).fit(X, y)
            seconds, model = data.peer(make, 3)
            theirs.append((f"LIBLINEAR {'dual' if dual else 'primal'}, tol {tol:g}", seconds, objective(model, X, y, C, loss)))
    data.line(name, ours, theirs)


def main():
    which = sys.argv[2:] or ["dense", "sparse"]
    if "dense" in which:
        X, y = data.teacher(100000, 50, 2, 5)
        compare("100 000 x 50, squared hinge", X, y, 1, "squared-hinge", 1e-4, [(False, 1e-4), (False, 1e-6)])
        compare("100 000 x 50, hinge, C 0.01", X, y, .01, "hinge", 1e-3, [(True, 1e-3)])
    if "sparse" in which:
        X, y = data.text()
        for loss, tolerance in (("squared-hinge", 1e-3), ("hinge", 1e-6)):  # both end within 1e-6 there
            for C in (1, 10):
                compare(f"sparse, 40 000 x 100 000, {loss}, C {C}", X, y, C, loss, tolerance, [(True, tolerance)])
        compare("sparse, squared hinge, C 1", X, y, 1, "squared-hinge", 1e-4, [(True, 1e-4), (False, 1e-4)])


main()
