"""The tables of linear.py, lasso.py, logistic.py and linear_svm.py, and how they reach bench/ml/linear_models.cpp."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded
os.environ.pop("OPENBLAS_CORETYPE", None)

import numpy as np


def friedman(n=500000, d=30, seed=31):
    """Friedman's function of ten uniform columns, five of few values, five that nearly repeat others, and noise."""
    r = np.random.default_rng(seed)
    X = r.random((n, d))
    X[:, 10:15] = np.round(X[:, 10:15], 1)
    X[:, 15:20] = np.clip(X[:, 5:10] + 0.1 * r.standard_normal((n, 5)), 0, 1)
    w = r.standard_normal(d)
    y = (10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - .5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
         + 3 * (X[:, 10] > .45) * X[:, 5] + X @ w + r.standard_normal(n))
    return X, y


def wide(n=2000, d=20000, seed=71):
    """Thirty common factors and noise; sixty columns matter."""
    r = np.random.default_rng(seed)
    X = r.standard_normal((n, 30)) @ (r.standard_normal((30, d)) * (np.arange(1, 31) ** -.5)[:, None]) * .5
    X += r.standard_normal((n, d))
    w = np.zeros(d)
    w[r.choice(d, 60, replace=False)] = r.normal(0, 2, 60)
    return X, X @ w + 2 * r.standard_normal(n)


def teacher(n, d, classes, seed, noise=0.08, informative=20):
    """Correlated normal columns, labels of a random two-layer network on a third of them; standardised."""
    r = np.random.default_rng(seed)
    X = r.standard_normal((n, d)) @ (np.eye(d) + 0.25 * r.standard_normal((d, d)) / np.sqrt(d) * 3)
    k = min(informative, d)
    W1 = r.standard_normal((k, 32)) / np.sqrt(k)
    W2 = r.standard_normal((32, classes))
    S = np.tanh(1.5 * (X[:, :k] / X[:, :k].std(0)) @ W1) @ W2
    y = (S - S.mean(0)).argmax(1)
    flip = r.random(n) < noise
    y[flip] = r.integers(0, classes, flip.sum())
    X[:, -5:] = np.round(X[:, -5:] * 2)
    return (X - X.mean(0)) / X.std(0), y


def text(n=40000, vocab=100000, classes=2, seed=81, per_doc=80):
    """Words by Zipf's law, topic words of each class, tf-idf, rows of length one."""
    import scipy.sparse as sp
    r = np.random.default_rng(seed)
    p = 1 / (np.arange(vocab) + 10.0)
    cum = np.cumsum(p / p.sum())
    y = r.integers(0, classes, n)
    length = np.maximum(10, r.poisson(per_doc, n))
    rows = np.repeat(np.arange(n), length)
    word = np.searchsorted(cum, r.random(rows.size)).clip(0, vocab - 1)
    topic = r.random(rows.size) < .12
    width = vocab // (2 * classes)
    word = np.where(topic, (y[rows] * width + (r.random(rows.size) ** 3 * 3 * width).astype(int)) % vocab, word)
    y = np.where(r.random(n) < .04, r.integers(0, classes, n), y)
    C = sp.coo_matrix((np.ones(rows.size), (rows, word)), shape=(n, vocab)).tocsr()
    C.sum_duplicates()
    df = np.bincount(C.indices, minlength=vocab)
    C.data *= np.log(1 + n / (1 + df[C.indices]))
    C.data /= np.repeat(np.sqrt(np.add.reduceat(C.data ** 2, C.indptr[:-1])), np.diff(C.indptr))
    return C, y


def written(X, y, K):
    """A file for linear_models.cpp; it goes away with the object."""
    import scipy.sparse as sp
    file = tempfile.NamedTemporaryFile()
    if sp.issparse(X):
        np.array([*X.shape, K, 1, X.nnz], float).tofile(file)
        for part in (X.indptr, X.indices, X.data):
            part.astype(float).tofile(file)
    else:
        np.array([*X.shape, K, 0], float).tofile(file)
        np.asfortranarray(X, float).ravel("F").tofile(file)
    y.astype(float).tofile(file)
    file.flush()
    return file


def assay(program, file, learner, repeats, *settings):
    """Median processor seconds, objective, iterations, and what the program said of the method."""
    done = subprocess.run([program, file.name, learner, str(repeats), *settings], check=True, capture_output=True, text=True)
    lines = [list(map(float, line.split())) for line in done.stdout.splitlines()]
    return statistics.median(line[0] for line in lines), lines[0][2], int(lines[0][3]), done.stderr.strip()


def peer(fit, repeats):
    """Median processor seconds and the last model; the first run warms up."""
    times = []
    for _ in range(repeats + 1):
        start = time.process_time()
        model = fit()
        times.append(time.process_time() - start)
    return statistics.median(times[1:]), model


def line(name, ours, theirs):
    """theirs: [(peer, seconds, objective)]; the objective must be that of the best within 1e-6."""
    best = min([ours[1], *(t[2] for t in theirs)])
    text = f"{name:34} assay {ours[0]:.4f} s ({ours[3]}; {ours[2]} iterations)"
    if ours[1] > best + 1e-6 * abs(best):
        text += f" OBJECTIVE {ours[1] / best - 1:.1e} ABOVE THE BEST"
    for label, seconds, objective in theirs:
        text += f"\n{'':34} {label} {seconds:.4f} s  ratio {ours[0] / seconds:.3f}"
        if objective > best + 1e-6 * abs(best):
            text += f" (its objective is {objective / best - 1:.1e} above the best)"
    print(text, flush=True)
