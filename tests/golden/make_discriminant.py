#!/usr/bin/python3
"""discriminant.json: log-probabilities of scikit-learn's linear and quadratic discriminants."""

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

import golden

TOLERANCE = {"log_proba": (1e-10, "absolute where below 1, else relative; both from an orthogonal factor of the centred rows")}
FACTS = [
    "log_proba: every 7th row from row 0, trained on all rows; recomputed as score minus logsumexp, since predict_proba rounds small shares",
    "lda shrunk: (1) by numpy from shrunk_covariance of the covariance divided by n - K; LinearDiscriminantAnalysis with shrinkage divides by n",
]


def log_proba(scores):
    top = scores.max(axis=1, keepdims=True)
    return scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))


def shrunk(X, y, g):
    """(1) and (2) by numpy's solve, from the covariance that scikit-learn's shrunk_covariance gives for the same X."""
    from sklearn.covariance import shrunk_covariance
    classes = np.unique(y)
    means = np.array([X[y == k].mean(axis=0) for k in classes])
    Z = X - means[np.searchsorted(classes, y)]
    S = shrunk_covariance(Z.T @ Z / (len(X) - len(classes)), g)
    coef = np.linalg.solve(S, means.T).T
    return X @ coef.T - 0.5 * np.sum(coef * means, axis=1) + np.log([np.mean(y == k) for k in classes])


def qda_scores(m, X):
    return m._decision_function(X)


models = {}
for name in ("iris", "wine"):
    X, y, _, _ = golden.table(name)
    m = LinearDiscriminantAnalysis().fit(X, y)
    models[f"lda {name}"] = {"dataset": name, "parameter": 0, "log_proba": log_proba(m.decision_function(X))[::7]}
    m = QuadraticDiscriminantAnalysis().fit(X, y)
    models[f"qda {name}"] = {"dataset": name, "parameter": 0, "log_proba": log_proba(qda_scores(m, X))[::7]}
    m = QuadraticDiscriminantAnalysis(reg_param=0.2).fit(X, y)
    models[f"qda regularized {name}"] = {"dataset": name, "parameter": 0.2, "log_proba": log_proba(qda_scores(m, X))[::7]}
    models[f"lda shrunk {name}"] = {"dataset": name, "parameter": 0.3, "log_proba": log_proba(shrunk(X, y, 0.3))[::7]}
golden.write("discriminant.json", {
    "header": {**golden.header("scikit-learn", sklearn.__version__, "LinearDiscriminantAnalysis().fit(X, y); QuadraticDiscriminantAnalysis(reg_param).fit(X, y)",
                               "make_discriminant.py", TOLERANCE, FACTS), "date": "2026-11-25"},
    "models": models,
})
