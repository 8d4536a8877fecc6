#!/usr/bin/python3
"""svd.json: singular values and eigenvalues of Hilbert and graded matrices with 1500 digits."""

import mpmath
import numpy as np

import golden

mpmath.mp.dps = 1500


def singular_values(A):
    """Square roots of the eigenvalues of A'A: with 1500 digits the squaring costs nothing that matters."""
    M = mpmath.matrix([[mpmath.mpf(float(x)) for x in row] for row in A])
    w = mpmath.eigsy(M.T * M, eigvals_only=True)
    return [float(mpmath.sqrt(x)) for x in sorted(w, reverse=True)][: min(A.shape)]


def eigenvalues(A):
    M = mpmath.matrix([[mpmath.mpf(float(x)) for x in row] for row in A])
    return [float(x) for x in sorted(mpmath.eigsy(M, eigvals_only=True), reverse=True)]


def main():
    r = np.random.default_rng(5)
    hilbert = np.array([[1 / (i + j + 1) for j in range(10)] for i in range(10)])
    graded = np.round(r.standard_normal((8, 6)), 3) * 10.0 ** (-4 * np.arange(6))[r.permutation(6)]
    extreme = np.round(r.standard_normal((5, 5)), 3) * np.array([1e-300, 1e150, 1.0, 1e300, 1e-150])
    B = np.round(r.standard_normal((6, 6)), 3) * 0.1
    D = 10.0 ** (-2 * np.arange(6))[r.permutation(6)]
    positive = D[:, None] * (np.eye(6) + (B + B.T) / 2) * D
    positive = np.tril(positive) + np.tril(positive, -1).T
    cases = {
        "hilbert10": {"A": hilbert, "singular_values": singular_values(hilbert), "relative": False},
        "graded_columns": {"A": graded, "singular_values": singular_values(graded), "relative": True},
        "extreme_columns": {"A": extreme, "singular_values": singular_values(extreme), "relative": True},
        "graded_positive_definite": {"A": positive, "eigenvalues": eigenvalues(positive), "relative": True},
    }
    head = golden.header(
        "mpmath", mpmath.__version__, "eigsy with mp.dps = 1500, of A'A or A; A as float64", "make_svd.py",
        {"relative": (1e-13, "of each value: the scaled matrices have condition below 100, times n eps"),
         "absolute": (1e-15, "times the largest value, where the matrix is ill-conditioned at any scale of its columns")},
        ["hilbert10 holds the nearest doubles of 1 / (i + j - 1); its values are those of these doubles"])
    head["date"] = "2026-11-25"
    golden.write("svd.json", {"header": head, **cases})


main()
