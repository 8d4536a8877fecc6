#!/usr/bin/python3
"""Clustering by density: assay beside R's dbscan and scikit-learn's DBSCAN (kd_tree), in turn on the same data, one thread each,
processor seconds, medians of three runs after a warm-up. Clusters and noise must be equal: labels are compared up to renaming.

usage: dbscan.py build/release/bench/dbscan [--threads 2] [NAME...]       names: moons100k blobs3d200k blobs5d60k
"""

import argparse
import os
import re
import statistics
import struct
import subprocess
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import numpy as np


def moons(n, seed, noise=0.06, outliers=0.03):
    r = np.random.default_rng(seed)
    t = r.uniform(0, np.pi, n)
    y = r.integers(0, 2, n)
    X = np.stack([np.where(y == 0, np.cos(t), 1 - np.cos(t)), np.where(y == 0, np.sin(t), 0.5 - np.sin(t))], 1)
    X += noise * r.standard_normal((n, 2))
    m = r.random(n) < outliers
    X[m] = r.uniform([-1.8, -1.3], [2.8, 1.8], (m.sum(), 2))
    return np.round(X, 5) + 0.0


def blobs(n, d, k, seed, spread, noise):
    r = np.random.default_rng(seed)
    C = r.uniform(-10, 10, (k, d))
    y = r.integers(0, k, n)
    X = C[y] + spread * r.gamma(4, 0.25, k)[y][:, None] * r.standard_normal((n, d))
    m = r.random(n) < noise
    X[m] = r.uniform(-12, 12, (m.sum(), d))
    return np.round(X, 5) + 0.0


CASES = {  # table, eps, min-points
    "moons100k": (lambda: moons(100000, 51), 0.03, 10),
    "blobs3d200k": (lambda: blobs(200000, 3, 20, 52, 0.8, 0.1), 0.3, 10),
    "blobs5d60k": (lambda: blobs(60000, 5, 12, 53, 0.9, 0.1), 0.9, 10),
}


def assay(program, file, folder, repeats, threads):
    out = os.path.join(folder, "labels")
    lines = subprocess.run([program, file, str(repeats), str(threads), out], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
    times = [[float(v) for v in line.split()] for line in lines]
    return statistics.median(t[threads > 1] for t in times), max(t[2] for t in times), np.fromfile(out, np.int32)


def r_dbscan(file, folder, repeats):
    out = os.path.join(folder, "r_labels")
    script = f"""suppressMessages(library(dbscan)); f <- file("{file}", "rb"); s <- readBin(f, "double", 4)
x <- matrix(readBin(f, "double", s[1] * s[2]), s[1], s[2], byrow = TRUE); close(f)
before <- as.numeric(sub("[^0-9]*([0-9]+).*", "\\\\1", grep("VmRSS", readLines("/proc/self/status"), value = TRUE)))
for (i in 0:{repeats}) {{ t <- system.time(m <- dbscan(x, eps = s[3], minPts = s[4])); if (i) cat("CPU", t[[1]] + t[[2]], "\\n") }}
writeBin(as.double(m$cluster - 1), "{out}")
peak <- as.numeric(sub("[^0-9]*([0-9]+).*", "\\\\1", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))); cat("KB", peak - before, "\\n")"""
    text = subprocess.run(["Rscript", "-e", script], check=True, capture_output=True, text=True).stdout
    seconds = [float(t) for t in re.findall(r"CPU (\S+)", text)]
    return statistics.median(seconds), float(re.search(r"KB (\S+)", text)[1]) * 1024, np.fromfile(out).astype(int)


def sklearn_dbscan(X, eps, min_points, repeats, threads):
    from sklearn.cluster import DBSCAN
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter() if threads > 1 else time.process_time()
        labels = DBSCAN(eps=eps, min_samples=min_points, algorithm="kd_tree", n_jobs=threads).fit(X).labels_
        times.append((time.perf_counter() if threads > 1 else time.process_time()) - start)
    return statistics.median(times[1:]), labels


def same(a, b):
    """Equal up to renaming: as many pairs as names on either side, and noise is noise."""
    pairs = set(zip(a.tolist(), b.tolist()))
    return len(pairs) == len(set(a.tolist())) == len(set(b.tolist())) and all((x < 0) == (y < 0) for x, y in pairs)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--repeats", type=int, default=3)
    a = arguments.parse_args()
    for name in a.names or CASES:
        make, eps, min_points = CASES[name]
        X = make()
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "x")
            with open(file, "wb") as f:
                f.write(struct.pack("dddd", *X.shape, eps, min_points) + X.tobytes())
            ours, bytes_used, labels = assay(a.program, file, folder, a.repeats, a.threads)
            text = f"{name}: {labels.max() + 1} clusters, {(labels < 0).sum()} noise; assay {ours:.4f} s, {bytes_used / len(X):.0f} bytes a point"
            if a.threads == 1:
                seconds, peer_bytes, peer = r_dbscan(file, folder, a.repeats)
                text += f"   R dbscan {seconds:.3f} s, {peer_bytes / len(X):.0f} bytes a point, ratio {ours / seconds:.3f}{'' if same(labels, peer) else ' (labels differ)'}"
            seconds, peer = sklearn_dbscan(X, eps, min_points, a.repeats, a.threads)
            text += f"   scikit-learn {seconds:.3f} s ratio {ours / seconds:.3f}{'' if same(labels, peer) else ' (labels differ)'}"
            print(text, flush=True)


if __name__ == "__main__":
    main()
