#!/usr/bin/python3
"""Principal components of a tall and a wide table: assay against scikit-learn and against numpy's covariance with LAPACK, in turn on
the same data, one thread each, processor seconds, medians of three runs after a warm-up (scikit-learn's full solver: one run).

usage: OPENBLAS_NUM_THREADS=1 pca.py build/release/bench/pca [tall|wide] [auto|covariance|gram|svd|randomized]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import numpy as np
from scipy.linalg import eigh
from sklearn.decomposition import PCA


def tall():
    """Ten classes, each a Gaussian on a common subspace of 60 dimensions, plus noise: 60 000 x 784."""
    r = np.random.default_rng(61)
    n, d, rank = 60000, 784, 60
    B = np.linalg.qr(r.standard_normal((d, rank)))[0].T * (np.arange(1, rank + 1) ** -0.6)[:, None] * np.sqrt(d) * 0.4
    Z = r.standard_normal((10, rank))[r.integers(0, 10, n)] * 0.8 + r.standard_normal((n, rank))
    return np.round(Z @ B + 0.05 * r.standard_normal((n, d)), 3), 50


def wide():
    """Thirty directions of falling strength in noise: 2 000 x 20 000."""
    r = np.random.default_rng(71)
    n, d = 2000, 20000
    X = r.standard_normal((n, 30)) @ (r.standard_normal((30, d)) * (np.arange(1, 31) ** -0.5)[:, None]) * 0.5
    return np.round(X + r.standard_normal((n, d)), 3), 20


def covariance_peer(X, k):
    mean = X.mean(0)
    C = (X.T @ X - len(X) * np.outer(mean, mean)) / (len(X) - 1)
    w = eigh(C, subset_by_index=[len(C) - k, len(C) - 1])[0]
    return w[-1], w.sum() / np.trace(C)


def sklearn_peer(solver):
    def run(X, k):
        m = PCA(k, svd_solver=solver, random_state=1).fit(X)
        return m.explained_variance_[0], m.explained_variance_ratio_.sum()
    return run


def measured(peer, runs, *data):
    times = []
    for _ in range(runs):
        start = time.process_time()
        answer = peer(*data)
        times.append(time.process_time() - start)
    return statistics.median(times[1:] or times), answer


def main():
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    solver = sys.argv[3] if len(sys.argv) > 3 else "auto"
    cases = {"tall": (tall, [("numpy covariance + eigh", covariance_peer, 4), ("scikit-learn randomized", sklearn_peer("randomized"), 2),
                             ("scikit-learn full", sklearn_peer("full"), 1)]),
             "wide": (wide, [("scikit-learn randomized", sklearn_peer("randomized"), 3)])}
    for name, (make, peers) in cases.items():
        if only and only != name:
            continue
        X, k = make()
        with tempfile.NamedTemporaryFile() as file:
            np.array([*X.shape, k], float).tofile(file)
            X.tofile(file)
            file.flush()
            lines = subprocess.run([sys.argv[1], file.name, "3", "1", solver], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
        seconds = statistics.median(float(line.split()[0]) for line in lines)
        first, kept, megabytes = (float(x) for x in lines[0].split()[1:4])
        print(f"{name} {X.shape[0]} x {X.shape[1]}, k = {k}: assay {seconds:.3f} s, {megabytes:.0f} MB beside the table ({' '.join(lines[0].split()[4:])})")
        for label, peer, runs in peers:
            peer_seconds, answer = measured(peer, runs, X, k)
            off = max(abs(answer[0] / first - 1), abs(answer[1] - kept))
            print(f"    {label:24} {peer_seconds:.3f} s   ratio {seconds / peer_seconds:.2f}   variances differ by {off:.1e}", flush=True)


main()
