#!/usr/bin/python3
"""knn_iris.json, knn_diabetes.json: k nearest neighbours of scikit-learn, five neighbours, no scaling, predicting the training rows."""

import numpy as np
import sklearn
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

import golden

K = 5
FACTS = [
    "the training rows are predicted, each row is its own neighbour at distance 0; Euclidean distance on the raw columns, uniform weights",
    "decided[i] is true if the fifth and sixth smallest distances of row i differ, in exact integer arithmetic on the decimal cells; "
    "there every correct implementation gives the same answer",
    "where decided[i] is false several sets of five neighbours are right, and rounding decided in the peer: compare such rows with lowest_index, "
    "which takes the lowest row numbers among equals (computed exactly here, not by the peer)",
]


def exact_order(X, decimals):
    """For each row all rows by (exact squared distance, row number), and whether place K is clear of place K + 1."""
    N = np.rint(X * 10**decimals).astype(np.int64)
    # diabetes has a few cells such as 4.803999999999999; that last bit moves a squared distance by less than 1e-12, while two
    # different sums of squares of these whole numbers differ by at least 10^-(2 decimals) = 1e-8.
    assert np.abs(N / 10**decimals - X).max() < 1e-14
    D = ((N[:, None, :] - N[None, :, :]) ** 2).sum(axis=2)  # below 2^63: checked by the assert
    assert D.max() < 2**62 and (np.abs(N).max() ** 2) * N.shape[1] < 2**62
    order = np.argsort(D, axis=1, kind="stable")
    sorted_d = np.take_along_axis(D, order, axis=1)
    return order[:, :K], sorted_d[:, K - 1] != sorted_d[:, K]


def make_iris():
    X, labels, _, _ = golden.table("iris")
    classes = sorted(set(labels))
    model = KNeighborsClassifier(n_neighbors=K, algorithm="brute").fit(X, labels)
    p = model.predict_proba(X)
    order, decided = exact_order(X, 1)
    lowest = np.array([[np.mean(labels[o] == c) for c in classes] for o in order])
    assert np.array_equal(p[decided], lowest[decided])
    golden.write("knn_iris.json", {
        "header": golden.header("scikit-learn", sklearn.__version__, "KNeighborsClassifier(n_neighbors=5, algorithm='brute').fit(X, y).predict_proba(X)",
                                "make_knn.py", {"probabilities": (0, "counts of five divided by five: exact")}, FACTS),
        "dataset": "iris", "k": K, "classes": classes, "decided": decided, "probabilities": p, "lowest_index": lowest,
        "undecided_rows": np.flatnonzero(~decided),
        "rows_where_peer_differs_from_lowest_index": np.flatnonzero((p != lowest).any(axis=1)),
    })


def make_diabetes():
    X, y, _, _ = golden.table("diabetes")
    y = y.astype(float)
    prediction = KNeighborsRegressor(n_neighbors=K, algorithm="brute").fit(X, y).predict(X)
    order, decided = exact_order(X, 4)
    lowest = y[order].mean(axis=1)
    assert np.allclose(prediction[decided], lowest[decided], rtol=1e-14, atol=0)
    golden.write("knn_diabetes.json", {
        "header": golden.header("scikit-learn", sklearn.__version__, "KNeighborsRegressor(n_neighbors=5, algorithm='brute').fit(X, y).predict(X)",
                                "make_knn.py", {"prediction": (1e-14, "relative; a mean of five whole numbers, the order of the sum may differ")}, FACTS),
        "dataset": "diabetes", "k": K, "decided": decided, "prediction": prediction, "lowest_index": lowest,
        "undecided_rows": np.flatnonzero(~decided),
    })


make_iris()
make_diabetes()
