#!/usr/bin/python3
"""cluster_indices.json: scikit-learn's cluster indices on centred data of exact eighths, and on partitions of many kinds."""

import numpy as np
import sklearn
from sklearn import metrics as m

import golden

FACTS = [
    "X holds multiples of 1/8 of small size, so that scikit-learn's distances by dot products are exact",
    "silhouette_samples of a cluster of one row is 0",
    "nmi and ami take the arithmetic mean of both entropies; noise (-1) is a group like any other in the partitions",
    "purity is not scikit-learn's: computed here from the contingency table",
]
TOLERANCE = {"every index": (1e-12, "relative, absolute below 1: sums of at most a few thousand terms in another order")}


def inner(name, X, labels):
    return {
        "name": name, "X": X, "labels": labels,
        "silhouette": m.silhouette_score(X, labels), "silhouette_samples": m.silhouette_samples(X, labels),
        "davies_bouldin": m.davies_bouldin_score(X, labels), "calinski_harabasz": m.calinski_harabasz_score(X, labels),
    }


def outer(name, truth, cluster):
    table = m.cluster.contingency_matrix(truth, cluster)
    h, c, v = m.homogeneity_completeness_v_measure(truth, cluster)
    return {
        "name": name, "truth": truth, "cluster": cluster,
        "ari": m.adjusted_rand_score(truth, cluster), "ami": m.adjusted_mutual_info_score(truth, cluster),
        "nmi": m.normalized_mutual_info_score(truth, cluster), "homogeneity": h, "completeness": c, "v_measure": v,
        "fowlkes_mallows": m.fowlkes_mallows_score(truth, cluster), "purity": table.max(axis=0).sum() / len(truth),
    }


rng = np.random.default_rng(20261125)


def blobs(n, d, k, spread):
    labels = rng.integers(0, k, size=n)
    labels[:k] = np.arange(k)
    centers = rng.integers(-40, 41, size=(k, d))
    X = np.round(8 * (centers[labels] + spread * rng.standard_normal((n, d)))) / 8
    return X - np.round(8 * X.mean(axis=0)) / 8, labels


X1, l1 = blobs(60, 2, 3, 3.0)
X2, l2 = blobs(120, 5, 7, 12.0)
X3, l3 = blobs(40, 3, 4, 2.0)
l3 = rng.permutation(l3)  # labels that mean nothing
X4, l4 = blobs(25, 2, 3, 4.0)
l4[0] = 3  # one row alone
cases = [inner("three blobs", X1, l1), inner("seven blobs that overlap, five columns", X2, l2),
         inner("labels without meaning", X3, l3), inner("a cluster of one row", X4, l4)]

n = 200
truth = rng.integers(0, 4, size=n)
near = np.where(rng.random(n) < 0.8, truth, rng.integers(0, 4, size=n))
partitions = [
    outer("mostly right", truth, near),
    outer("renamed, with noise", truth, np.where(rng.random(n) < 0.1, -1, (near + 1) % 4)),
    outer("random", truth, rng.integers(0, 6, size=n)),
    outer("finer", truth, 10 * truth + rng.integers(0, 3, size=n)),
    outer("coarser", truth, truth // 2),
    outer("one cluster", truth, np.zeros(n, int)),
    outer("every row alone", truth, np.arange(n)),
    outer("worse than chance", np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])),
    outer("two rows", np.array([0, 1]), np.array([0, 0])),
]
golden.write("cluster_indices.json", {
    "header": golden.header("scikit-learn", sklearn.__version__,
                            "silhouette_score, silhouette_samples, davies_bouldin_score, calinski_harabasz_score, adjusted_rand_score, "
                            "adjusted_mutual_info_score, normalized_mutual_info_score, homogeneity_completeness_v_measure, "
                            "fowlkes_mallows_score of sklearn.metrics",
                            "make_cluster_indices.py", TOLERANCE, FACTS + ["data: numpy.random.default_rng(20261125), stored here in full"]),
    "rows": cases, "partitions": partitions,
})
