#!/usr/bin/python3
"""Fitting support vector machines and answering: assay against scikit-learn's SVC/SVR and LIBSVM's svm-train/svm-predict, in turn on the
same data, one thread each, processor seconds, medians of three runs after a warm-up (svm-train: its whole run, of one).

usage: OPENBLAS_NUM_THREADS=1 svm.py build/release/bench/svm [a word of the cases' names]

letter and satellite come from R's mlbench (r-cran-mlbench), diamonds from ggplot2 (r-cran-ggplot2); they are left out where it is
missing. A time counts only where the objective is as low as the peer's: all stop at a violation of 1e-3. svm-train and svm-predict
(libsvm-tools) are timed whole, reading their text included.
"""

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import numpy as np
from sklearn.svm import SVC, SVR

RUNS = 3


def from_r(expression, d):
    """A table of R, the target last, rows in a drawn order; None without its package."""
    with tempfile.NamedTemporaryFile() as file:
        script = f'x <- {{{expression}}}; writeBin(as.double(t(as.matrix(x))), "{file.name}")'
        try:
            subprocess.run(["Rscript", "-e", script], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        table = np.fromfile(file.name).reshape(-1, d + 1)
    table = table[np.random.default_rng(1).permutation(len(table))]
    return table[:, :-1], table[:, -1]


def letter():
    return from_r("library(mlbench); data(LetterRecognition); cbind(LetterRecognition[, -1], as.integer(LetterRecognition[, 1]) - 1)", 16)


def satellite():
    return from_r("library(mlbench); data(Satellite); cbind(Satellite[, -37], as.integer(Satellite[, 37]) - 1)", 36)


def diamonds():
    made = from_r("d <- as.data.frame(ggplot2::diamonds); set.seed(1); d <- d[sample(nrow(d), 18000), ];"
                  "cbind(data.matrix(d[, c('carat', 'cut', 'color', 'clarity', 'depth', 'table', 'x', 'y', 'z')]), as.vector(scale(log(d$price))))", 9)
    return made


def overlap():
    """Two classes that overlap: the sign of a product of columns, and noise."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20000, 28))
    return X, (X[:, 0] * X[:, 1] + X[:, 2] + 1.5 * rng.normal(size=20000) > 0).astype(float)


def divided(made, share):
    X, y = made
    n = int(len(X) * share)
    X = (X - X[:n].mean(0)) / X[:n].std(0)
    return np.ascontiguousarray(X[:n]), y[:n], np.ascontiguousarray(X[n:])


def libsvm_text(path, X, y):
    with open(path, "w") as file:
        for row, target in zip(X.tolist(), y.tolist()):
            file.write(f"{target:.17g}" + "".join(f" {f + 1}:{v:.17g}" for f, v in enumerate(row) if v) + "\n")


def child_seconds(call):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, said


def assay(program, X, y, Q, classes, params):
    with tempfile.NamedTemporaryFile() as file:
        np.array([len(X), len(Q), X.shape[1], classes], float).tofile(file)
        for part in (X, np.asarray(y, float), Q):
            part.tofile(file)
        file.flush()
        call = [program, file.name, str(RUNS), "svm"] + [f"{k}={v}" for k, v in params.items()]
        lines = [line.split() for line in subprocess.run(call, check=True, capture_output=True, text=True).stdout.split("\n")[:-1]]
    return [statistics.median(float(line[i]) for line in lines) for i in (0, 1)], float(lines[0][2]), int(lines[0][3]), float(lines[0][5])


def sklearn(X, y, Q, classes, params):
    times = []
    for _ in range(RUNS + 1):
        peer = SVC(**params) if classes else SVR(**params)
        start = time.process_time()
        peer.fit(X, y)
        middle = time.process_time()
        peer.predict(Q)
        times.append((middle - start, time.process_time() - middle))
    return [statistics.median(t[i] for t in times[1:]) for i in (0, 1)], int(peer.n_support_.sum())


def svm_train(X, y, Q, classes, params):
    with tempfile.TemporaryDirectory() as folder:
        libsvm_text(f"{folder}/x", X, y)
        libsvm_text(f"{folder}/q", Q, np.zeros(len(Q)))
        kinds = {"linear": "0", "poly": "1", "rbf": "2"}
        call = ["svm-train", "-s", "0" if classes else "3", "-t", kinds[params["kernel"]], "-c", str(params["C"]), "-m", "200"]
        for option, name in (("-g", "gamma"), ("-d", "degree"), ("-r", "coef0"), ("-p", "epsilon")):
            if name in params:
                call += [option, str(params[name])]
        try:
            fit, said = child_seconds(call + [f"{folder}/x", f"{folder}/m"])
            predict, _ = child_seconds(["svm-predict", f"{folder}/q", f"{folder}/m", f"{folder}/p"])
        except OSError:
            return None
    return [fit, predict], sum(float(v) for v in re.findall(r"obj = (\S+),", said))


CASES = [("letter, rbf", letter, 0.8, {"kernel": "rbf", "C": 10, "gamma": 0.1}),
         ("overlap, rbf", overlap, 0.8, {"kernel": "rbf", "C": 1, "gamma": 0.03}),
         ("satellite, linear", satellite, 0.75, {"kernel": "linear", "C": 1}),
         ("letter, poly", letter, 0.8, {"kernel": "poly", "C": 1, "degree": 3, "gamma": 0.0625, "coef0": 1}),
         ("diamonds, rbf regression", diamonds, 2 / 3, {"kernel": "rbf", "C": 1, "gamma": 0.1, "epsilon": 0.05})]


def main():
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    for name, make, share, params in CASES:
        made = make() if wanted in name else None
        if made is None:
            continue
        X, y, Q = divided(made, share)
        classes = 0 if "regression" in name else int(y.max()) + 1
        ours, objective, vectors, memory = assay(sys.argv[1], X, y, Q, classes, params)
        theirs, peer_vectors = sklearn(X, y, Q, classes, params)
        tool = svm_train(X, y, Q, classes, params)
        best = [min(theirs[i], tool[0][i]) if tool else theirs[i] for i in (0, 1)]
        text = f"{name:25} {len(X)} x {X.shape[1]}: assay {ours[0]:.3f} + {ours[1]:.3f} s ({vectors} vectors, {memory:.0f} MB)"
        text += f"   scikit-learn {theirs[0]:.3f} + {theirs[1]:.3f} s ({peer_vectors})"
        if tool:
            text += f"   svm-train {tool[0][0]:.3f} + {tool[0][1]:.3f} s, objective {(objective - tool[1]) / abs(tool[1]):+.1e} of its"
        print(f"{text}   ratio to the better: {ours[0] / best[0]:.2f} fit, {ours[1] / best[1]:.2f} predict", flush=True)


main()
