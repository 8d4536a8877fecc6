#!/usr/bin/python3
"""Fit time of linear and ridge regression: assay against scikit-learn and against normal equations through numpy (OpenBLAS), in
turn on the same data, one thread each, processor seconds, medians after a warm-up.

usage: linear.py build/release/bench/linear_models
"""

import sys

import linear_data as data
import numpy as np
from scipy.linalg import cho_factor, cho_solve
from sklearn.linear_model import LinearRegression, Ridge


def normal_equations(X, y, alpha):
    m, my, n = X.mean(0), y.mean(), len(y)
    G = X.T @ X - n * np.outer(m, m)
    G[np.diag_indices_from(G)] += alpha
    w = cho_solve(cho_factor(G), X.T @ y - n * my * m)
    return w, my - m @ w


def objective(X, y, alpha, w, b):
    r = y - X @ w - b
    return float(r @ r + alpha * (w @ w))


def compare(name, X, y, learner, alpha, peers):
    settings = [f"alpha={alpha}"] if learner == "ridge" else []
    with data.written(X, y, 0) as file:
        ours = data.assay(sys.argv[1], file, learner, 5, *settings)
    theirs = []
    for label, fit in peers:
        seconds, model = data.peer(fit, 3)
        w, b = model if isinstance(model, tuple) else (model.coef_, model.intercept_)
        theirs.append((label, seconds, objective(X, y, alpha, w, b)))
    data.line(name, ours, theirs)


def main():
    X, y = data.friedman()
    compare("linear, 500 000 x 30", X, y, "linear", 0,
            [("numpy normal equations", lambda: normal_equations(X, y, 0)), ("LinearRegression", lambda: LinearRegression().fit(X, y))])
    compare("ridge alpha 1, 500 000 x 30", X, y, "ridge", 1,
            [("numpy normal equations", lambda: normal_equations(X, y, 1)), ("Ridge(cholesky)", lambda: Ridge(alpha=1, solver="cholesky").fit(X, y))])
    X, y = data.wide()
    compare("ridge alpha 100, 2 000 x 20 000", X, y, "ridge", 100,
            [("Ridge(cholesky)", lambda: Ridge(alpha=100, solver="cholesky").fit(X, y)), ("Ridge(lsqr)", lambda: Ridge(alpha=100, solver="lsqr").fit(X, y))])


main()
