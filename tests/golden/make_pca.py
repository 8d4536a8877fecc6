#!/usr/bin/python3
"""pca.json: principal components of scikit-learn's full solver, and its truncated SVD."""

import numpy as np
import sklearn
from sklearn.decomposition import PCA

import golden


def oriented(rows):
    """assay's sign rule: the first entry within 1e-6 of the largest absolute value is positive."""
    signs = []
    for v in rows:
        a = np.abs(v)
        signs.append(1.0 if v[np.argmax(a >= (1 - 1e-6) * a.max())] >= 0 else -1.0)
    return np.array(signs)


def main():
    sets = {}
    for name in ("iris", "wine", "breast_cancer"):
        X = golden.table(name)[0]
        m = PCA(svd_solver="full").fit(X)
        k = min(4, X.shape[1])
        signs = oriented(m.components_[:k])
        w = PCA(k, svd_solver="full", whiten=True).fit(X)
        U, S, Vt = np.linalg.svd(X, full_matrices=False)
        sets[name] = {
            "components": m.components_[:k] * signs[:, None],
            "explained_variance": m.explained_variance_,
            "explained_variance_ratio": m.explained_variance_ratio_,
            "singular_values": m.singular_values_,
            "scores_first_3": (m.transform(X)[:3, :k]) * signs,
            "whitened_first_3": w.transform(X)[:3] * signs * np.sign(np.sum(w.components_ * m.components_[:k], axis=1)),
            "uncentred_singular_values": S,
            "uncentred_components": Vt[:k] * oriented(Vt[:k])[:, None],
        }
    head = golden.header(
        "scikit-learn", sklearn.__version__, "PCA(svd_solver='full').fit(X); uncentred: numpy.linalg.svd(X)", "make_pca.py",
        {"all": (1e-10, "relative to the largest value of its kind; these are backward stable on both sides, and gaps are above 1e-3")},
        ["features are not scaled", "explained_variance divides by n - 1", "signs: see oriented() in the generator"])
    head["date"] = "2026-11-25"
    golden.write("pca.json", {"header": head, **sets})


main()
