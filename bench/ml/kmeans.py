#!/usr/bin/python3
"""k-means from given centres: assay beside both of scikit-learn's exact methods (Lloyd and Elkan), by turns on the same data, one
thread each, processor seconds, medians. Everybody starts from the same rows, stops when no row moves or after MAX_ITER iterations,
and must end with the same labels; the inertias are compared as well.

usage: kmeans.py build/release/bench/kmeans [--algorithm auto|lloyd|hamerly|elkan] [--threads 2] [--repeats 3] [NAME...]
names: blobs200k (200 000 x 16, 64 clusters)  letter-like (20 000 x 16, 26)  pictures (60 000 x 784, 10)  pictures64 (60 000 x 784, 64)
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
import warnings

for name in "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS":  # before numpy is loaded
    os.environ.setdefault(name, "1")

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits


def blobs(n, d, groups, k, seed, spread):
    """Gaussian blobs of differing spread around uniform places; k rows, not the places, are the start."""
    r = np.random.default_rng(seed)
    centers, group = r.uniform(-10, 10, (groups, d)), r.integers(0, groups, n)
    X = centers[group] + spread * r.gamma(4, 0.25, groups)[group][:, None] * r.standard_normal((n, d))
    X = np.round(X, 4) + 0.0
    return X, X[np.sort(r.choice(n, k, replace=False))]


def pictures(n, d, rank, k, seed):
    """Ten classes on a common subspace with noise, as the rows of a table of small pictures are."""
    r = np.random.default_rng(seed)
    B = np.linalg.qr(r.standard_normal((d, rank)))[0].T * (np.arange(1, rank + 1) ** -0.6)[:, None] * np.sqrt(d) * 0.4
    Z = r.standard_normal((10, rank))[r.integers(0, 10, n)] * 0.8 + r.standard_normal((n, rank))
    X = np.round(Z @ B + 0.05 * r.standard_normal((n, d)), 3) + 0.0
    return X, X[np.sort(r.choice(n, k, replace=False))]


CASES = {  # table and start, most iterations
    "blobs200k": (lambda: blobs(200000, 16, 80, 64, 41, 3.0), 40),
    "letter-like": (lambda: blobs(20000, 16, 40, 26, 42, 4.0), 100),
    "pictures": (lambda: pictures(60000, 784, 60, 10, 61), 40),
    "pictures64": (lambda: pictures(60000, 784, 60, 64, 61), 40),
}


def assay(program, file, folder, a, max_iter):
    out = os.path.join(folder, "labels")
    command = [program, file, "1", str(a.threads), a.algorithm, str(max_iter), out]
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    cpu, wall, inertia, iterations, share, megabytes = map(float, line)
    return (wall if a.threads > 1 else cpu), inertia, int(iterations), share, megabytes, np.fromfile(out, np.int32)


def scikit_learn(X, C, algorithm, max_iter, threads):
    clock = time.perf_counter if threads > 1 else time.process_time
    with threadpool_limits(threads), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that max_iter was reached
        start = clock()
        m = KMeans(len(C), init=C, n_init=1, max_iter=max_iter, tol=0.0, algorithm=algorithm).fit(X)
        return clock() - start, m.inertia_, m.n_iter_, m.labels_


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--algorithm", default="auto")
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--repeats", type=int, default=3)
    a = arguments.parse_intermixed_args()
    for name in a.names or CASES:
        make, max_iter = CASES[name]
        X, C = make()
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "x")
            with open(file, "wb") as f:
                np.array([*X.shape, len(C)], float).tofile(f)
                X.tofile(f)
                C.tofile(f)
            ours, peers = [], {"lloyd": [], "elkan": []}
            for _ in range(a.repeats):
                ours.append(assay(a.program, file, folder, a, max_iter))
                for algorithm in peers:
                    peers[algorithm].append(scikit_learn(X, C, algorithm, max_iter, a.threads))
        seconds = statistics.median(run[0] for run in ours)
        _, inertia, iterations, share, megabytes, labels = ours[0]
        print(f"{name} {X.shape[0]} x {X.shape[1]}, k = {len(C)}: assay {a.algorithm} {seconds:.3f} s, {iterations} iterations, "
              f"{100 * share:.1f} % of distances, {megabytes:.0f} MB beside the table")
        for algorithm, runs in peers.items():
            peer = statistics.median(run[0] for run in runs)
            differ = int((runs[0][3] != labels).sum())
            print(f"    scikit-learn {algorithm} {peer:.3f} s, {runs[0][2]} iterations   ratio {seconds / peer:.3f}   "
                  f"inertia differs by {abs(runs[0][1] / inertia - 1):.1e}, {differ} labels differ", flush=True)


if __name__ == "__main__":
    main()
