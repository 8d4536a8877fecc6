#!/usr/bin/python3
"""AdaBoost (SAMME) on trees: assay against scikit-learn, in turn on the same data, one thread each, processor seconds, medians.

usage: adaboost.py build/release/bench/adaboost [REPEATS]          letter comes from R (r-cran-mlbench)
"""

import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier

REPEATS = int(sys.argv[2]) if len(sys.argv) > 2 else 3


def letter():
    code = """suppressMessages(library(mlbench)); data(LetterRecognition); d <- LetterRecognition; y <- as.integer(d$lettr)-1; d$lettr <- NULL
write.csv(cbind(data.matrix(d), y=y), stdout(), row.names=FALSE)"""
    text = subprocess.run(["Rscript", "-e", code], check=True, capture_output=True, text=True).stdout.splitlines()[1:]
    table = np.array([[float(c) for c in line.split(",")] for line in text])
    table = table[np.random.default_rng(0).permutation(len(table))]
    return table[:, :-1], table[:, -1]


def collisions(n, d=28):
    """Two classes that differ in products and angles of 28 columns with long tails, cells as float32."""
    rng = np.random.default_rng(24)
    y = rng.uniform(size=n) < 0.53
    X = np.concatenate([rng.gamma(2, 0.5, (n, 10)) * (1 + 0.15 * y[:, None] * rng.uniform(size=(n, 10))), rng.normal(0, 1, (n, 12)) * np.where(y, 0.9, 1)[:, None]], 1)
    mass = np.sqrt(np.abs(X[:, :6] * X[:, 1:7] * (np.cosh(np.clip(X[:, 10:16] - X[:, 11:17], -4, 4)) - np.cos(X[:, 16:22]))))
    mass[:, 2] = np.where(y, 0.6 * mass[:, 2] + 0.4 * np.abs(1 + 0.4 * rng.normal(size=n)), mass[:, 2])
    return np.concatenate([X, mass], 1).astype(np.float32).astype(float), y.astype(float)


def main():
    cases = [("collisions 50 000 x 28, 30 stumps", *collisions(60000), 2, 50000, 1, 30), ("letter 15 000 x 16, 50 trees of depth 8", *letter(), 26, 15000, 8, 50)]
    for name, X, y, K, n, depth, rounds in cases:
        train, test = (X[:n], y[:n]), (X[n:], y[n:])
        with tempfile.NamedTemporaryFile() as file:
            for A, b in (train, test):
                np.array([*A.shape, K], float).tofile(file)
                np.asfortranarray(A, float).ravel("F").tofile(file)
                b.astype(float).tofile(file)
            file.flush()
            lines = subprocess.run([sys.argv[1], file.name, str(REPEATS), f"tree:max-depth={depth}", str(rounds)], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
        ours = np.median([[float(c) for c in line.split()] for line in lines], 0)
        times = []
        for _ in range(REPEATS + 1):
            m = AdaBoostClassifier(DecisionTreeClassifier(max_depth=depth), n_estimators=rounds, algorithm="SAMME", random_state=1)
            start = time.process_time()
            m.fit(*train)
            middle = time.process_time()
            said = m.predict(test[0])
            times.append((middle - start, time.process_time() - middle))
        theirs = np.median(times[1:], 0)
        print(f"{name}: fit {ours[0] / theirs[0]:.3f}, predict {ours[1] / theirs[1]:.2f} of scikit-learn")
        print(f"    assay        fit {ours[0]:.3f} s, predict {1000 * ours[1]:.1f} ms, accuracy {ours[3]:.4f}, {int(ours[2])} rounds")
        print(f"    scikit-learn fit {theirs[0]:.3f} s, predict {1000 * theirs[1]:.1f} ms, accuracy {np.mean(said == test[1]):.4f}, {len(m.estimators_)} rounds", flush=True)


main()
