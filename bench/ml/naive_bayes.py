#!/usr/bin/python3
"""Naive Bayes: assay against scikit-learn, in turn on the same data, one thread each, processor seconds, medians of five runs after a
warm-up. Gaussian on 1 000 000 x 28 numbers; multinomial, Bernoulli and complement on sparse counts of words.

usage: OPENBLAS_NUM_THREADS=1 naive_bayes.py build/release/bench/naive_bayes
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import numpy as np
import scipy.sparse as sp
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB

REPEATS = 5


def measured(model, X, y):
    fit, predict = [], []
    for _ in range(REPEATS + 1):
        start = time.process_time()
        model.fit(X, y)
        middle = time.process_time()
        codes = model.predict(X)
        fit.append(middle - start)
        predict.append(time.process_time() - middle)
    return statistics.median(fit[1:]), statistics.median(predict[1:]), codes.sum()


def compare(name, models, X, y, parts):
    with tempfile.NamedTemporaryFile() as file:
        for part in parts:
            np.asarray(part, float).tofile(file)
        file.flush()
        text = subprocess.run([sys.argv[1], file.name, str(REPEATS), "1"], check=True, capture_output=True, text=True).stdout
    for model, block in zip(models, text.strip().split("\n\n")):
        lines = [line.split() for line in block.split("\n")]
        fit, predict = (statistics.median(float(line[i]) for line in lines) for i in (0, 1))
        peer_fit, peer_predict, total = measured(model, X, y)
        same = total == float(lines[0][2])
        print(f"{type(model).__name__:14} {name}: fit assay {fit:.4f} s scikit-learn {peer_fit:.4f} s ratio {fit / peer_fit:.2f}   "
              f"predict {predict:.4f} s {peer_predict:.4f} s ratio {predict / peer_predict:.2f}{'' if same else ' (answers differ)'}", flush=True)


def main():
    rng = np.random.default_rng(0)
    n, d = 1000000, 28
    y = rng.integers(0, 2, n)
    X = rng.normal(size=(n, d)) + 0.3 * y[:, None]
    compare(f"{n} x {d}", [GaussianNB()], X, y, [[n, d, 2, 0], y, X.T.ravel()])
    n, d = 40000, 100000
    y = rng.integers(0, 2, n)
    length = np.maximum(10, rng.poisson(80, n))
    rows = np.repeat(np.arange(n), length)
    share = np.cumsum(1 / (np.arange(d) + 10.0))
    word = np.searchsorted(share / share[-1], rng.random(rows.size)).clip(0, d - 1)
    word = np.where(rng.random(rows.size) < 0.1, (word + 1000 * (1 + y[rows])) % d, word)
    X = sp.coo_matrix((np.ones(rows.size), (rows, word)), shape=(n, d)).tocsr()
    X.sum_duplicates()
    compare(f"{n} x {d}, {X.nnz} entries", [MultinomialNB(), BernoulliNB(), ComplementNB()], X, y,
            [[n, d, 2, X.nnz], y, X.indptr, X.indices, X.data])


main()
