#!/usr/bin/python3
"""naive_bayes.json: joint log-likelihoods of scikit-learn's five naive Bayes classes."""

import numpy as np
import sklearn
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB

import golden

TOLERANCE = {"joint": (1e-10, "absolute where below 1, else relative; sums of at most 64 terms from the same counts, means and variances")}
FACTS = [
    "joint: model._joint_log_likelihood(model._check_X(X)) of every 30th row from row 0, trained on all rows; weights: row i (from 0) has weight 1 + i mod 3",
    "categorical: the pixels of digits columns 10 to 29 as levels 0..16 (level = floor(pixel)); a level that no row has still counts in alpha L",
    "bernoulli: binarize=8",
]


def entry(model, data, X, y, w=None):
    model.fit(X, y, sample_weight=w)
    return {"model": repr(model), "dataset": data, "weighted": w is not None, "joint": model._joint_log_likelihood(model._check_X(X[::30]))}


out = {}
for data in ("iris", "wine", "breast_cancer"):
    X, labels, _, _ = golden.table(data)
    out[f"gaussian {data}"] = entry(GaussianNB(), data, X, labels)
X, labels, _, _ = golden.table("iris")
w = 1.0 + np.arange(len(labels)) % 3
out["gaussian weighted"] = entry(GaussianNB(var_smoothing=0), "iris", X, labels, w)
X, labels, _, _ = golden.table("digits")
w = 1.0 + np.arange(len(labels)) % 3
out["multinomial"] = entry(MultinomialNB(), "digits", X, labels)
out["multinomial weighted"] = entry(MultinomialNB(alpha=0.1), "digits", X, labels, w)
out["bernoulli"] = entry(BernoulliNB(binarize=8.0), "digits", X, labels)
out["bernoulli weighted"] = entry(BernoulliNB(alpha=0.3, binarize=8.0), "digits", X, labels, w)
out["complement"] = entry(ComplementNB(), "digits", X, labels)
out["complement norm"] = entry(ComplementNB(norm=True, alpha=0.5), "digits", X, labels, w)
out["categorical"] = entry(CategoricalNB(alpha=0.7, min_categories=17), "digits", X[:, 10:30].astype(int), labels)
golden.write("naive_bayes.json", {
    "header": {**golden.header("scikit-learn", sklearn.__version__, "model.fit(X, y, sample_weight)._joint_log_likelihood(X)", "make_naive_bayes.py", TOLERANCE, FACTS),
               "date": "2026-11-25"},
    "models": out,
})
