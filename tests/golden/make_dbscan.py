#!/usr/bin/python3
"""dbscan.json: labels and core rows of scikit-learn's DBSCAN on tables of whole numbers, where distances are exact."""

import numpy as np
import sklearn
from sklearn.cluster import DBSCAN

import golden

FACTS = [
    "cells are multiplied by `times` and rounded: whole numbers, so that every squared distance and every comparison with eps is exact",
    "min_samples counts the row itself; a distance of exactly eps counts",
    "clusters are numbered by their first core row; a border row in reach of several clusters has the lowest number (checked here)",
]
CASES = [("iris", 10, 4, 5), ("iris", 10, 5, 5), ("iris", 10, 6, 12), ("digits", 1, 18, 4), ("digits", 1, 22, 8)]


def checked(X, eps, min_samples):
    model = DBSCAN(eps=eps, min_samples=min_samples, algorithm="kd_tree").fit(X)
    D = ((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2) <= eps * eps
    core = D.sum(axis=1) >= min_samples
    assert np.array_equal(np.flatnonzero(core), model.core_sample_indices_)
    for i in np.flatnonzero(~core):
        reached = model.labels_[D[i] & core]
        assert model.labels_[i] == (reached.min() if reached.size else -1)
    return model


cases = []
for name, times, eps, min_samples in CASES:
    X = np.rint(golden.table(name)[0] * times)
    model = checked(X, eps, min_samples)
    cases.append({"table": name, "times": times, "eps": eps, "min_samples": min_samples, "labels": model.labels_,
                  "core_sample_indices": model.core_sample_indices_})
    print(name, eps, min_samples, "clusters", model.labels_.max() + 1, "noise", (model.labels_ < 0).sum())
golden.write("dbscan.json", {
    "header": golden.header("scikit-learn", sklearn.__version__, "DBSCAN(eps, min_samples, algorithm='kd_tree').fit(X)", "make_dbscan.py",
                            {"labels": (0, "decided by comparisons of whole numbers")}, FACTS),
    "cases": cases,
})
