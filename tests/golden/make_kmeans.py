#!/usr/bin/python3
"""kmeans_lloyd.json: scikit-learn's k-means from given centres, and the best of many starts on iris."""

import numpy as np
import sklearn
from sklearn.cluster import KMeans

import golden

# the rows that are the first centres
CASES = {"iris": [0, 50, 100], "wine": [3, 70, 150], "breast_cancer": [0, 1, 2, 19, 40], "digits": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}


def case(name, rows):
    X = golden.table(name)[0]
    model = KMeans(len(rows), init=X[rows], n_init=1, tol=0, max_iter=300, algorithm="lloyd").fit(X)
    assert np.array_equal(model.labels_, KMeans(len(rows), init=X[rows], n_init=1, tol=0, max_iter=300, algorithm="elkan").fit(X).labels_)
    return {"dataset": name, "first_rows": rows, "iterations": model.n_iter_, "inertia": model.inertia_, "labels": model.labels_, "centers": model.cluster_centers_}


golden.write("kmeans_lloyd.json", {
    "header": golden.header(
        "scikit-learn", sklearn.__version__, "KMeans(k, init=X[rows], n_init=1, tol=0, algorithm='lloyd').fit(X)", "make_kmeans.py",
        {"centers": (1e-10, "absolute; sums of rows in another order"), "inertia": (1e-12, "relative")},
        ["labels and the number of iterations are equal; scikit-learn's Elkan gives the same labels"]),
    "cases": [case(name, rows) for name, rows in CASES.items()],
})
