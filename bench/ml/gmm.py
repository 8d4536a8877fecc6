#!/usr/bin/python3
"""EM for Gaussian mixtures: assay against scikit-learn, in turn on the same data from the same labels for the same number of iterations, one
thread each, processor seconds, medians of three runs after a warm-up.

usage: OPENBLAS_NUM_THREADS=1 gmm.py build/release/bench/gmm
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import numpy as np
from sklearn.mixture import GaussianMixture

KINDS = ("full", "tied", "diag", "spherical")


def measured(X, labels, K, kind, iterations):
    class Given(GaussianMixture):
        def _initialize_parameters(self, X, random_state):
            self._initialize(X, np.eye(K)[labels])

    times = []
    for _ in range(4):
        m = Given(K, covariance_type=kind, tol=0, max_iter=iterations)
        start = time.process_time()
        found = m.fit_predict(X)
        times.append(time.process_time() - start)
    return statistics.median(times[1:]), m.lower_bound_, found


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    for n, d, K, iterations in ((100000, 2, 3, 20), (100000, 8, 8, 10), (50000, 16, 16, 10), (20000, 64, 10, 5)):
        centres = rng.normal(size=(K, d)) * 1.5
        owner = rng.integers(K, size=n)
        X = centres[owner] + rng.normal(size=(n, d)) * rng.uniform(0.5, 1.5, size=(K, d))[owner]
        labels = np.where(rng.uniform(size=n) < 0.8, owner, rng.integers(K, size=n))
        for code, kind in enumerate(KINDS):
            with tempfile.NamedTemporaryFile() as file:
                np.array([n, d, K, iterations, code], float).tofile(file)
                X.tofile(file)
                labels.astype(float).tofile(file)
                file.flush()
                lines = subprocess.run([sys.argv[1], file.name, "3", "1"], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
            assay = statistics.median(float(line.split()[0]) for line in lines)
            seconds, bound, found = measured(X, labels, K, kind, iterations)
            same = abs(bound - float(lines[0].split()[1])) < 1e-8 and found.sum() == float(lines[0].split()[2])
            print(f"{n} x {d}, {K} components, {kind:9}, {iterations} iterations: assay {assay:.3f} s   scikit-learn {seconds:.3f} s "
                  f"ratio {assay / seconds:.2f}{'' if same else ' (results differ)'}", flush=True)


main()
