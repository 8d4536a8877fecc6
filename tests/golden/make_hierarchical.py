#!/usr/bin/python3
"""hierarchical_wine.json: dendrograms of scipy for the four linkages."""

import numpy as np
import scipy
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist

import golden

TOLERANCE = {"heights": (1e-12, "relative; sums of 13 squares, and recurrences of at most 177 steps whose terms are averages")}
FACTS = [
    "merges: scipy's linkage matrix without its heights: two clusters (rows 0..n-1, then n + merge) and the rows they make",
    "the script asserts that no two heights of a dendrogram are within 1e-9 of each other, so that no tie rule matters, and recomputes each height from the rows by its definition",
    "labels: fcluster(Z, k, 'maxclust'), renamed in the order of first rows",
]


def members(Z, n):
    rows = [[i] for i in range(n)]
    for a, b, _, _ in Z:
        rows.append(rows[int(a)] + rows[int(b)])
    return rows


def height(method, A, B):
    if method == "ward":
        return np.sqrt(2 * len(A) * len(B) / (len(A) + len(B))) * np.linalg.norm(A.mean(axis=0) - B.mean(axis=0))
    return {"single": np.min, "complete": np.max, "average": np.mean}[method](cdist(A, B))


def renamed(labels):
    names = {}
    return [names.setdefault(k, len(names)) for k in labels]


X, _, features, _ = golden.table("wine")
trees = {}
for method in ("single", "complete", "average", "ward"):
    Z = linkage(X, method)
    assert np.min(np.diff(Z[:, 2])) > 1e-9
    rows = members(Z, len(X))
    for a, b, h, _ in Z:
        assert abs(height(method, X[rows[int(a)]], X[rows[int(b)]]) / h - 1) < 1e-12
    trees[method] = {
        "heights": Z[:, 2],
        "merges": Z[:, [0, 1, 3]].astype(int),
        "labels": {str(k): renamed(fcluster(Z, k, "maxclust")) for k in (2, 3, 7)},
    }
golden.write("hierarchical_wine.json", {
    "header": {**golden.header("scipy", scipy.__version__, "scipy.cluster.hierarchy.linkage(X, method)", "make_hierarchical.py", TOLERANCE, FACTS), "date": "2026-11-25"},
    "dataset": "wine", "features": features, "trees": trees,
})
