#!/usr/bin/python3
"""Storing a table and answering queries by the 5 nearest rows: assay against scipy's cKDTree and scikit-learn's brute force, in turn
on the same data, one thread each, processor seconds, medians of three runs after a warm-up.

usage: OPENBLAS_NUM_THREADS=1 knn.py build/release/bench/knn [auto|brute|kd-tree]
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
    cases = [("uniform, 3 columns", rng.uniform, 100000, 20000, 3), ("normal, 3 columns", rng.normal, 100000, 20000, 3),
             ("normal, 6 columns", rng.normal, 100000, 5000, 6), ("normal, 10 columns", rng.normal, 50000, 2000, 10),
             ("normal, 15 columns", rng.normal, 50000, 2000, 15), ("normal, 50 columns", rng.normal, 50000, 2000, 50),
             ("normal, 784 columns", rng.normal, 20000, 2000, 784)]
    for name, draw, n, m, d in cases:
        X, Q, y = draw(size=(n, d)), draw(size=(m, d)), rng.normal(size=n)
        with tempfile.NamedTemporaryFile() as file:
            np.array([n, m, d, K], float).tofile(file)
            for part in (X, y, Q):
                part.tofile(file)
            file.flush()
            lines = subprocess.run([sys.argv[1], file.name, "3", "1", algorithm], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
        fit, predict = (statistics.median(float(line.split()[i]) for line in lines) for i in (0, 1))
        text = f"{name:20} {n} x {m}: assay {fit:.3f} + {predict:.3f} s"
        for label, peer in (("cKDTree", tree_peer), ("brute", brute_peer)):
            if label == "cKDTree" and d > 20:
                continue
            seconds, answer = measured(peer, X, y, Q)
            same = np.isclose(answer.sum(), float(lines[0].split()[2]), rtol=1e-9, atol=1e-9)
            text += f"   {label} {seconds:.3f} s ratio {(fit + predict) / seconds:.2f}{'' if same else ' (answers differ)'}"
        print(text, flush=True)


main()
