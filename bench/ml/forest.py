#!/usr/bin/python3
"""Forests: assay against scikit-learn and ranger (R), in turn on the same data, one thread each, processor seconds, medians.

usage: forest.py build/release/bench/forest [REPEATS [CASE]]          letter comes from R (r-cran-mlbench)
Each run has a seed of its own; the quality is the mean over the runs. CASE: only the cases whose name holds it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor

from stones import stones

REPEATS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
ONLY = sys.argv[3] if len(sys.argv) > 3 else ""


def from_r(package, name, target):
    code = f"""suppressMessages(library({package})); data({name}); d <- {name}; y <- d[["{target}"]]; d[["{target}"]] <- NULL
write.csv(cbind(data.matrix(d), y=if (is.factor(y)) as.integer(y)-1 else y), stdout(), row.names=FALSE)"""
    text = subprocess.run(["Rscript", "-e", code], check=True, capture_output=True, text=True).stdout.splitlines()[1:]
    table = np.array([[float(c) for c in line.split(",")] for line in text])
    table = table[np.random.default_rng(0).permutation(len(table))]
    return table[:, :-1], table[:, -1]


def teacher(n, d=50):
    """Two classes from a random two-layer teacher over the first 15 columns; five columns have few distinct values."""
    rng = np.random.default_rng(11)
    X = rng.normal(size=(n, d)) @ (np.eye(d) + rng.normal(size=(d, d)) * 0.75 / np.sqrt(d))
    score = np.tanh(1.5 * (X[:, :15] / X[:, :15].std(0)) @ rng.normal(size=(15, 32)) / np.sqrt(15)) @ rng.normal(size=32)
    y = np.where(rng.uniform(size=n) < 0.1, rng.integers(0, 2, n), score > np.median(score)).astype(float)
    X[:, -5:] = np.rint(X[:, -5:] * 2)
    return np.round(X, 4), y


def ranger(train, test, trees, mtry, K, folder):
    for name, part in (("X", train[0]), ("y", train[1]), ("Z", test[0])):
        np.asfortranarray(part, float).ravel("F").tofile(f"{folder}/{name}.bin")
    n, d = train[0].shape
    m = len(test[0])
    code = f"""suppressMessages(library(ranger)); r <- function(f, k) readBin(f, "double", k)
X <- matrix(r("{folder}/X.bin", {n * d}), {n}, dimnames=list(NULL, paste0("f", 1:{d}))); Z <- matrix(r("{folder}/Z.bin", {m * d}), {m}, dimnames=list(NULL, paste0("f", 1:{d})))
y <- r("{folder}/y.bin", {n}); if ({K} > 0) y <- factor(y)
cpu <- function(e) {{ s <- proc.time(); force(e); t <- proc.time() - s; t[[1]] + t[[2]] }}
out <- file("{folder}/p.bin", "wb")
for (i in 0:{REPEATS}) {{ a <- cpu(f <- ranger(x=X, y=y, num.trees={trees}, mtry={mtry}, min.node.size=1, num.threads=1, seed=i, oob.error=FALSE, verbose=FALSE))
b <- cpu(p <- predict(f, Z, num.threads=1, verbose=FALSE)$predictions); cat(a, b, "\\n")
if (i > 0) writeBin(if ({K} > 0) as.double(as.character(p)) else p, out) }}
close(out)"""
    lines = subprocess.run(["Rscript", "-e", code], check=True, capture_output=True, text=True).stdout.split("\n")[1:-1]
    times = np.array([[float(x) for x in line.split()] for line in lines])
    runs = np.fromfile(f"{folder}/p.bin").reshape(-1, m)
    return (*np.median(times[1:], 0), [np.eye(K)[p.astype(int)] if K else p[:, None] for p in runs])  # ranger votes


def sklearn(kind, train, test, trees, mtry, K):
    times, answers = [], []
    for i in range(REPEATS + 1):
        model = kind(n_estimators=trees, max_features=mtry, n_jobs=1, random_state=i)
        start = time.process_time()
        model.fit(*train)
        middle = time.process_time()
        p = model.predict_proba(test[0]) if K else model.predict(test[0])
        times.append((middle - start, time.process_time() - middle))
        answers.append(p.reshape(len(test[0]), -1))
    return (*np.median(times[1:], 0), answers[1:])


def assay(which, train, test, trees, mtry, K, folder):
    with open(f"{folder}/data.bin", "wb") as file:
        for X, y in (train, test):
            np.array([*X.shape, K], float).tofile(file)
            np.asfortranarray(X, float).ravel("F").tofile(file)
            y.astype(float).tofile(file)
    run = [sys.argv[1], f"{folder}/data.bin", f"{folder}/answers.bin", str(REPEATS), "1", which, "trees", str(trees), "max-features", str(mtry)]
    lines = subprocess.run(run, check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
    times = np.array([[float(x) for x in line.split()[:2]] for line in lines])
    return (*np.median(times, 0), np.fromfile(f"{folder}/answers.bin").reshape(REPEATS, len(test[0]), -1))


def quality(runs, y, K, trees):
    """Means over the runs, with the standard error of the mean."""
    said = lambda name, values: f"{name} {np.mean(values):.5g} +- {np.std(values) / np.sqrt(max(len(values) - 1, 1)):.2g}"
    if not K:
        return said("rmse", [np.sqrt(np.mean((p[:, 0] - y) ** 2)) for p in runs])
    text = said("accuracy", [np.mean(p.argmax(1) == y) for p in runs])
    if all(((p == 0) | (p == 1)).all() for p in runs):
        return text
    floor = 0.5 / trees  # a class without a single vote
    chance = lambda p: ((p + floor) / (1 + K * floor))[np.arange(len(y)), y.astype(int)]
    return text + ", " + said("log loss", [-np.mean(np.log(chance(p))) for p in runs])


def main():
    X, y = from_r("mlbench", "LetterRecognition", "lettr")
    D, z = stones()
    T, c = teacher(120000)
    cases = [("letter 15 000 x 16, 26 classes, 100 trees", X, y, 26, 15000, 100, 4),
             ("teacher 100 000 x 50, 2 classes, 10 trees", T, c, 2, 100000, 10, 7),
             ("stones 40 455 x 9, values, 30 trees", D, z, 0, 40455, 30, 3)]
    for which, kinds in (("forest", (RandomForestClassifier, RandomForestRegressor)), ("extra-trees", (ExtraTreesClassifier, ExtraTreesRegressor))):
        for name, X, y, K, n, trees, mtry in cases:
            if ONLY not in f"{which}, {name}":
                continue
            train, test = (X[:n], y[:n]), (X[n:], y[n:])
            with tempfile.TemporaryDirectory() as folder:
                rows = [("assay", assay(which, train, test, trees, mtry, K, folder)),
                        ("scikit-learn", sklearn(kinds[K == 0], train, test, trees, mtry, K))]
                if which == "forest":
                    rows.append(("ranger", ranger(train, test, trees, mtry, K, folder)))
            ours = rows[0][1]
            fit, predict = min(r[1][0] for r in rows[1:]), min(r[1][1] for r in rows[1:])
            print(f"{which}, {name}: fit {ours[0] / fit:.2f}, predict {ours[1] / predict:.2f} of the better peer")
            for who, r in rows:
                print(f"    {who:13} fit {r[0]:.3f} s, predict {len(test[0])} rows {1000 * r[1]:.1f} ms, {quality(r[2], test[1], K, trees)}", flush=True)


os.environ["OMP_NUM_THREADS"] = "1"
main()
