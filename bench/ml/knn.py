#!/usr/bin/python3
"""Storing a table and answering queries by the 5 nearest rows: assay against scipy's cKDTree and scikit-learn's brute force, in turn
on the same data, one thread each, processor seconds, medians of three runs after a warm-up.

usage: OPENBLAS_NUM_THREADS=1 knn.py build/release/bench/knn [auto|brute|kd-tree] [a word of the cases' names]

letter and shuttle come from R's mlbench (r-cran-mlbench); they are left out where it is missing. Both hold whole numbers: of rows at
the same distance the peers take others than the earlier ones, so answers differ.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import numpy as np
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors

K = 5


def tree_peer(X, y, Q):
    tree = cKDTree(X)
    return y[tree.query(Q, K)[1]].mean(axis=1)


def brute_peer(X, y, Q):
    peer = NearestNeighbors(n_neighbors=K, algorithm="brute", n_jobs=1).fit(X)
    return y[peer.kneighbors(Q, return_distance=False)].mean(axis=1)


def mlbench(name, d):
    """The columns of a table of R's mlbench, a quarter of the rows (drawn) as queries; None without it."""
    with tempfile.NamedTemporaryFile() as file:
        script = f'library(mlbench); data({name}); x <- {name}; x <- x[, sapply(x, is.numeric)]; writeBin(as.double(t(as.matrix(x))), "{file.name}")'
        try:
            subprocess.run(["Rscript", "-e", script], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        X = np.fromfile(file.name).reshape(-1, d)
    order = np.random.default_rng(1).permutation(len(X))
    return X[order[len(X) // 4:]], X[order[:len(X) // 4]]


def drawn(draw, n, m, d):
    return lambda: (draw(size=(n, d)), draw(size=(m, d)))


def pictures(rng, n, m, d=784, rank=60):
    """Like pictures of digits: ten heaps in 60 of 784 directions, and a little noise."""
    B = np.linalg.qr(rng.standard_normal((d, rank)))[0].T * (np.arange(1, rank + 1) ** -0.6)[:, None] * np.sqrt(d) * 0.4
    Z = rng.standard_normal((10, rank))[rng.integers(0, 10, n + m)] * 0.8 + rng.standard_normal((n + m, rank))
    X = Z @ B + 0.05 * rng.standard_normal((n + m, d))
    return X[:n], X[n:]


def measured(peer, *data):
    times = []
    for _ in range(4):
        start = time.process_time()
        answer = peer(*data)
        times.append(time.process_time() - start)
    return statistics.median(times[1:]), answer


def main():
    algorithm = sys.argv[2] if len(sys.argv) > 2 else "auto"
    rng = np.random.default_rng(0)
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    cases = [("uniform, 3 columns", drawn(rng.uniform, 100000, 20000, 3)), ("normal, 3 columns", drawn(rng.normal, 100000, 20000, 3)),
             ("normal, 6 columns", drawn(rng.normal, 100000, 5000, 6)), ("shuttle, 9 columns", lambda: mlbench("Shuttle", 9)),
             ("normal, 10 columns", drawn(rng.normal, 50000, 2000, 10)), ("normal, 15 columns", drawn(rng.normal, 50000, 2000, 15)),
             ("letter, 16 columns", lambda: mlbench("LetterRecognition", 16)), ("normal, 50 columns", drawn(rng.normal, 50000, 2000, 50)),
             ("normal, 784 columns", drawn(rng.normal, 20000, 2000, 784)), ("pictures, 784 columns", lambda: pictures(rng, 60000, 2000))]
    for name, make in cases:
        made = make() if wanted in name else None
        if made is None:
            continue
        X, Q = made
        (n, d), m, y = X.shape, len(Q), rng.normal(size=len(X))
        with tempfile.NamedTemporaryFile() as file:
            np.array([n, m, d, K], float).tofile(file)
            for part in (X, y, Q):
                part.tofile(file)
            file.flush()
            lines = subprocess.run([sys.argv[1], file.name, "3", "1", algorithm], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
        fit, predict = (statistics.median(float(line.split()[i]) for line in lines) for i in (0, 1))
        text = f"{name:22} {n} x {m}: assay {fit:.3f} + {predict:.3f} s"
        for label, peer in (("cKDTree", tree_peer), ("brute", brute_peer)):
            if label == "cKDTree" and d > 20:
                continue
            seconds, answer = measured(peer, X, y, Q)
            same = np.isclose(answer.sum(), float(lines[0].split()[2]), rtol=1e-9, atol=1e-9)
            text += f"   {label} {seconds:.3f} s ratio {(fit + predict) / seconds:.2f}{'' if same else ' (answers differ)'}"
        print(text, flush=True)


main()
