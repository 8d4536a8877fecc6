#!/usr/bin/python3
"""Fit time of a full tree: assay against scikit-learn and, where R has it, ranger, in turn on the same data, one thread each,
medians of five runs. The ratio is to the better of the two.

usage: tree.py build/release/bench/tree [CASE]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from stones import stones


def twonorm(n, d=20):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n)
    return rng.normal(size=(n, d)) + np.where(y[:, None] == 1, 1, -1) * 2 / np.sqrt(d), y, 2


def waveform(n):
    rng = np.random.default_rng(1)
    t = np.arange(1, 22)
    h = [np.maximum(6 - np.abs(t - c), 0) for c in (11, 15, 7)]
    pairs = [(0, 1), (0, 2), (1, 2)]
    y = rng.integers(0, 3, n)
    u = rng.uniform(size=(n, 1))
    a, b = np.array([h[p[0]] for p in pairs])[y], np.array([h[p[1]] for p in pairs])[y]
    return u * a + (1 - u) * b + rng.normal(size=(n, 21)), y, 3


def friedman1(n, d=20):
    rng = np.random.default_rng(2)
    X = rng.uniform(size=(n, d))
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4] + rng.normal(size=n)
    return X, y, 0


def many_classes(n, d=20, K=26):
    rng = np.random.default_rng(3)
    y = rng.integers(0, K, n)
    return np.rint(rng.normal(size=(K, d)) * 2 @ np.eye(d))[y] + np.rint(rng.normal(size=(n, d)) * 3), y, K


def digits():
    X, y = load_digits(return_X_y=True)
    return np.tile(X, (10, 1)), np.tile(y, 10), 10


LETTERS = "/usr/share/doc/opencv-doc/examples/data/letter-recognition.data"  # Debian's opencv-doc; UCI, Frey and Slate 1991


def letters():
    rows = [line.strip().split(",") for line in open(LETTERS)]
    return np.array([[float(c) for c in r[1:]] for r in rows]), np.array([ord(r[0]) - 65 for r in rows]), 26


RANGER = """
library(ranger)
con <- file(commandArgs(TRUE)[1], "rb")
h <- readBin(con, "double", 3)
X <- data.frame(matrix(readBin(con, "double", h[1] * h[2]), h[1], h[2]))
y <- readBin(con, "double", h[1])
if (h[3] > 0) y <- factor(y)
for (i in 1:6) {
  gc()
  s <- proc.time()
  m <- ranger(x = X, y = y, num.trees = 1, mtry = ncol(X), replace = FALSE, sample.fraction = 1, min.node.size = 1,
              num.threads = 1, oob.error = FALSE)
  t <- proc.time() - s
  cat(t[1] + t[2], "\\n")
}
"""


def ranger_seconds(path):
    """None where R or ranger is missing; the first run warms up."""
    try:
        out = subprocess.run(["Rscript", "-e", RANGER, path], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return statistics.median([float(line) for line in out.split("\n")[:-1]][1:])


def main():
    cases = [("twonorm 100k x 20, gini", twonorm(100000), "gini"), ("twonorm 100k x 20, entropy", twonorm(100000), "entropy"),
             ("waveform 100k x 21, gini", waveform(100000), "gini"), ("friedman1 100k x 20, squares", friedman1(100000), "squared_error"),
             ("26 classes of whole numbers 50k x 20, gini", many_classes(50000), "gini"), ("digits x 10, 18k x 64, gini", digits(), "gini"),
             ("stones 40k x 9, squares", (*(part[:40455] for part in stones()), 0), "squared_error")]
    if os.path.exists(LETTERS):
        cases.append(("letters 20k x 16, 26 classes, gini", letters(), "gini"))
    for name, (X, y, K), criterion in (case for case in cases if "".join(sys.argv[2:]) in case[0]):
        with tempfile.NamedTemporaryFile() as file:
            np.array([*X.shape, K], float).tofile(file)
            np.asfortranarray(X, float).ravel("F").tofile(file)
            y.astype(float).tofile(file)
            file.flush()
            ranger = ranger_seconds(file.name) if criterion != "entropy" else None
            lines = subprocess.run([sys.argv[1], file.name, "5", "1", criterion], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
        ours = statistics.median(float(line.split()[0]) for line in lines)
        leaves, depth = lines[0].split()[2:]
        times = []
        for _ in range(4):
            model = (DecisionTreeClassifier if K else DecisionTreeRegressor)(criterion=criterion, random_state=0)
            start = time.process_time()
            model.fit(X, y)
            times.append(time.process_time() - start)
        theirs = statistics.median(times[1:])
        print(f"{name:45} assay {ours:.3f} s ({leaves} leaves, depth {depth})  scikit-learn {theirs:.3f} s "
              f"({model.get_n_leaves()}, {model.get_depth()})  ranger {'-' if ranger is None else f'{ranger:.3f} s'}  "
              f"ratio {ours / min(theirs, ranger or theirs):.3f}")


main()
