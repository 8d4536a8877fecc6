#!/usr/bin/python3
"""Gradient boosting: assay against XGBoost 1.7 and scikit-learn's two, in turn on the same data, one thread each unless said:
processor seconds of fitting (binning included), medians; loss on test rows that were not trained on; bytes a row that fitting takes.

usage: boosting.py build/release/bench/boosting [CASE...] [--runs N] [--threads T]
cases: exact exact-friedman hist hist-1m hist-26 predict
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
import xgboost as xgb


def signal(n, d, seed):
    """Two classes: a sum of smooth and stepped effects of a third of the columns, float32-exact."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype(np.float32)
    w = np.random.default_rng(99).normal(size=d)
    z = sum(w[f] * (np.sin(2 * X[:, f]) if f % 2 else X[:, f] > 0.3) + 0.5 * w[f] * X[:, f] * X[:, (f + 1) % d] for f in range(d // 3))
    return X, (z + rng.logistic(size=n) > 0).astype(int), 2


def friedman1(n, d, seed):
    rng = np.random.default_rng(seed)
    X = rng.uniform(size=(n, d)).astype(np.float32)
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4] + rng.normal(size=n)
    return X, y.astype(np.float32), 0


def letters(n, d, seed, K=26):
    rng = np.random.default_rng(seed)
    centre = np.random.default_rng(98).integers(0, 16, (K, d))
    y = rng.integers(0, K, n)
    return np.clip(centre[y] + rng.normal(size=(n, d)) * 3.5, 0, 15).round().astype(np.float32), y, K


# name: data, training rows, columns, trees, eta, tree method
CASES = {"exact": (signal, 100_000, 50, 15, 0.3, "exact"), "exact-friedman": (friedman1, 20_000, 20, 100, 0.1, "exact"),
         "hist": (signal, 100_000, 50, 100, 0.1, "hist"), "hist-1m": (signal, 1_000_000, 28, 30, 0.1, "hist"),
         "hist-26": (letters, 16_000, 16, 30, 0.3, "hist"), "predict": (signal, 100_000, 50, 500, 0.1, "hist")}


def log_loss(P, y):
    return -np.mean(np.log(np.maximum(P[np.arange(len(y)), y.astype(int)], 1e-15)))


def quality(answer, y, K):
    if K == 0:
        return np.sqrt(np.mean((answer - y) ** 2))
    return log_loss(np.column_stack([1 - answer, answer]) if K == 2 else answer, y)


class Clock:
    def __init__(self, threads):
        self.read = time.perf_counter if threads > 1 else time.process_time

    def __call__(self, work):
        start = self.read()
        result = work()
        return self.read() - start, result


def run_xgboost(train, test, K, trees, eta, method, threads):
    clock = Clock(threads)
    objective = {0: "reg:squarederror", 2: "binary:logistic"}.get(K, "multi:softprob")
    p = dict(tree_method=method, max_depth=6, eta=eta, reg_lambda=1, min_child_weight=1, nthread=threads, verbosity=0, objective=objective)
    if K > 2:
        p["num_class"] = K

    def fit():
        data = xgb.QuantileDMatrix(train[0], train[1], nthread=threads) if method == "hist" else xgb.DMatrix(train[0], train[1], nthread=threads)
        return xgb.train(p, data, trees)

    seconds, model = clock(fit)
    predict, answer = clock(lambda: model.predict(xgb.DMatrix(test[0], nthread=threads)))
    return seconds, predict, quality(answer, test[1], K)


def run_sklearn(train, test, K, trees, eta, method, threads):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits
    clock = Clock(threads)
    kind = HistGradientBoostingClassifier if K else HistGradientBoostingRegressor
    model = kind(max_iter=trees, learning_rate=eta, max_leaf_nodes=64, max_depth=6, l2_regularization=1, early_stopping=False)
    with threadpool_limits(threads):
        seconds, _ = clock(lambda: model.fit(*train))
        predict, answer = clock(lambda: model.predict_proba(test[0]) if K else model.predict(test[0]))
    return seconds, predict, log_loss(answer, test[1]) if K else quality(answer, test[1], 0)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--alone", action="store_true", help="no peers")
    a = arguments.parse_intermixed_args()
    for name in a.names or CASES:
        make, n, d, trees, eta, method = CASES[name]
        train, test = make(n, d, 0), make(100_000 if name == "predict" else n // 4, d, 1)
        K = train[2]
        spec = f"gbdt:trees={trees}:learning-rate={eta}:tree-method={method}"
        runs = {"assay": [], "xgboost": [], "sklearn": []}
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "data")
            with open(file, "wb") as f:
                np.array([n, d, K], float).tofile(f)
                train[0].astype(float).ravel("F").tofile(f)
                train[1].astype(float).tofile(f)
                np.array([len(test[0]), d, K], float).tofile(f)
                test[0].astype(float).ravel("F").tofile(f)
                test[1].astype(float).tofile(f)
            for _ in range(a.runs):
                out = subprocess.run([a.program, file, spec, "1", str(a.threads)], check=True, capture_output=True, text=True).stdout.split()
                cpu, wall, predict, loss, memory = map(float, out)
                runs["assay"].append((cpu if a.threads == 1 else wall, predict, loss))
                if a.alone:
                    continue
                runs["xgboost"].append(run_xgboost(train, test, K, trees, eta, method, a.threads))
                if method == "hist":
                    runs["sklearn"].append(run_sklearn(train, test, K, trees, eta, method, a.threads))
        median = {peer: [statistics.median(r[i] for r in values) for i in range(3)] for peer, values in runs.items() if values}
        fit, predict, loss = median["assay"]
        print(f"{name} {n} x {d}, {trees} trees, {a.threads} thread(s): assay fit {fit:.3f} s, predict {predict:.3f} s, loss {loss:.5f}, "
              f"{memory:.0f} bytes a row")
        for peer in ("xgboost", "sklearn"):
            if peer in median:
                m = median[peer]
                print(f"    {peer} fit {m[0]:.3f} s, predict {m[1]:.3f} s, loss {m[2]:.5f}   ratio fit {fit / m[0]:.3f}, "
                      f"predict {predict / m[1]:.3f}, loss {loss / m[2]:.4f}", flush=True)


if __name__ == "__main__":
    main()
