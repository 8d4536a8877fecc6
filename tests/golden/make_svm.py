#!/usr/bin/python3
"""svm_iris.json, svm_breast_cancer.json, svm_diabetes.json: LIBSVM's svm-train (package libsvm-tools) on our tables, no scaling."""

import re
import subprocess
import tempfile

import numpy as np
from scipy.optimize import minimize

import golden

VERSION = "3.24"
FACTS = [
    "kernel values are rounded to single precision by LIBSVM before it solves the dual; objective is recomputed here from the model file's "
    "coefficients with such values and agrees with the printed one to its six decimals",
    "gammas are exact in single precision, in which Debian's svm-train keeps gamma",
    "decision: sum of coefficient times kernel value in double precision minus rho, for every training row and machine, computed here from the model "
    "file; a machine's value is positive for the label that stands first in `labels`, which is the order of first appearance",
    "predict: a model's text as svm-train wrote it, and what svm-predict says with it, with and without -b 1, of rows 1, 4, 7, ... in the order "
    "of training; `order` are the labels of the columns of probabilities",
    "sigmoids: A, B minimise the cross entropy of [Platt1999]'s targets over (values, labels); found here by BFGS from several starts and "
    "polished with Newton steps until the gradient is below 1e-12",
]
KERNELS = {"linear": 0, "poly": 1, "rbf": 2, "sigmoid": 3}


def kernel(X, Z, kind, gamma, degree, coef0):
    P = X @ Z.T
    if kind == "linear":
        return P
    if kind == "poly":
        return (gamma * P + coef0) ** degree
    if kind == "sigmoid":
        return np.tanh(gamma * P + coef0)
    return np.exp(-gamma * ((X**2).sum(1)[:, None] + (Z**2).sum(1)[None, :] - 2 * P).clip(0))


def read_model(path):
    """Head as a dictionary, coefficients (machines of a class - 1, vectors), vectors as {index: value}."""
    head, rows = {}, []
    with open(path) as file:
        for line in file:
            word, *rest = line.split()
            if word == "SV":
                break
            head[word] = rest
        for line in file:
            rows.append(line.split())
    k = max(1, len(head.get("label", [])) - 1)
    coef = np.array([[float(v) for v in r[:k]] for r in rows]).T
    return head, coef, [{int(a): float(b) for a, b in (p.split(":") for p in r[k:])} for r in rows]


def train(X, y, kind, C, gamma, degree=3, coef0=0.0, epsilon=None, weights=()):
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/t", "w") as file:
            for row, target in zip(X, y):
                file.write(str(target) + "".join(f" {i + 1}:{v!r}" for i, v in enumerate(row.tolist())) + "\n")
        call = ["svm-train", "-s", "0" if epsilon is None else "3", "-t", str(KERNELS[kind]), "-c", str(C), "-g", str(gamma), "-d", str(degree),
                "-r", str(coef0), "-e", "1e-8"] + (["-p", str(epsilon)] if epsilon is not None else [])
        for label, w in weights:
            call += [f"-w{label}", str(w)]
        said = subprocess.run(call + [f"{folder}/t", f"{folder}/m"], check=True, capture_output=True, text=True).stdout
        head, coef, vectors = read_model(f"{folder}/m")
    V = np.zeros((len(vectors), X.shape[1]))
    for v, entries in enumerate(vectors):
        for i, value in entries.items():
            V[v, i - 1] = value
    near = [int(np.abs(X - v).max(1).argmin()) for v in V]  # the file has 8 digits of a cell
    assert all(np.abs(X[i] - v).max() <= 1e-7 * np.abs(v).max() for i, v in zip(near, V))
    V = X[near]
    K = kernel(X, V, kind, gamma, degree, coef0)
    Kv = kernel(V, V, kind, gamma, degree, coef0).astype(np.float32).astype(float)
    rho = [float(r) for r in head["rho"]]
    if epsilon is not None:
        b, rows = coef[0], near
        objective = 0.5 * b @ Kv @ b - b @ np.asarray(y, float)[rows] + epsilon * np.abs(b).sum()
        machines, decision, labels, bounded = [b], K @ b[:, None] - rho[0], None, int((np.abs(b) >= C).sum())
    else:
        labels, counts = head["label"], [int(c) for c in head["nr_sv"]]
        of = np.repeat(np.arange(len(labels)), counts)
        objective, machines, decision = 0.0, [], []
        for a in range(len(labels)):
            for c in range(a + 1, len(labels)):
                b = np.where(of == a, coef[c - 1], np.where(of == c, coef[a], 0.0))
                machines.append(b)
                objective += 0.5 * b @ Kv @ b - np.abs(b).sum()
                decision.append(K @ b - rho[len(machines) - 1])
        decision = np.array(decision).T
        bounded = None
    printed = [float(v) for v in re.findall(r"obj = (\S+),", said)]
    assert abs(sum(printed) - objective) < 1e-6 * len(printed) + 1e-9 * abs(objective), (printed, objective)
    bounds = [int(v) for v in re.findall(r"nBSV = (\d+)", said)]
    return {"kernel": kind, "C": C, "gamma": gamma, "degree": degree, "coef0": coef0, "epsilon": epsilon, "class_weights": dict(weights),
            "call": " ".join(call), "objective": objective, "rho": rho, "vectors": len(vectors), "bounded": sum(bounds), "labels": labels,
            "decision": decision[::7]}


def predicted(X, y, options):
    """A model's text and what svm-predict says with it, of every third row: the plain answers, and with -b 1 the probabilities."""
    with tempfile.TemporaryDirectory() as folder:
        def put(name, rows):
            with open(f"{folder}/{name}", "w") as file:
                for i in rows:
                    file.write(str(y[i]) + "".join(f" {f + 1}:{v!r}" for f, v in enumerate(X[i].tolist())) + "\n")
        put("t", range(len(X)))
        put("q", range(0, len(X), 3))
        call = ["svm-train", "-q"] + options.split()
        subprocess.run(call + [f"{folder}/t", f"{folder}/m"], check=True)
        said = {}
        for b in ("0", "1") if "-b 1" in options else ("0",):
            subprocess.run(["svm-predict", "-q", "-b", b, f"{folder}/q", f"{folder}/m", f"{folder}/p"], check=True)
            said[b] = open(f"{folder}/p").read().splitlines()
        return {"call": " ".join(call), "model": open(f"{folder}/m").read(), "plain": [float(line) for line in said["0"]],
                "probabilities": [[float(v) for v in line.split()] for line in said["1"][1:]] if "1" in said else [],
                "order": said["1"][0].split()[1:] if "1" in said else []}


def best_sigmoid(f, y):
    plus, minus = (y > 0).sum(), (y < 0).sum()
    t = np.where(y > 0, (plus + 1) / (plus + 2), 1 / (minus + 2))

    def value(s):
        u = s[0] * f + s[1]
        return (t * u + np.logaddexp(0, -u)).sum()

    best = min((minimize(value, s, method="BFGS", options={"gtol": 1e-9}) for s in ([0, 0], [-1, 0], [-5, 1])), key=lambda r: r.fun).x
    for _ in range(20):
        p = 1 / (1 + np.exp(best[0] * f + best[1]))
        g = np.array([(f * (t - p)).sum(), (t - p).sum()])
        w = p * (1 - p)
        H = np.array([[(f * f * w).sum(), (f * w).sum()], [(f * w).sum(), w.sum()]])
        best = best - np.linalg.solve(H, g)
    p = 1 / (1 + np.exp(best[0] * f + best[1]))
    assert max(abs((f * (t - p)).sum()), abs((t - p).sum())) < 1e-12 * len(f) ** 2
    return {"values": f, "labels": y.astype(int), "A": best[0], "B": best[1]}


TOLERANCE = {"objective": (1e-8, "relative; both solvers stop at a violation of 1e-8"), "rho": (1e-5, "a mean over free vectors, each within the violation"),
             "decision": (1e-6, "both solvers stop at a violation of 1e-8"), "sigmoid": (1e-6, "the minimum is unique"), "predict": (1e-8, "the same sums in another order; probabilities are printed with six digits, "
             "and LIBSVM's coupling of three classes stops at a residual of 0.005 / 3: that residual is tested")}


def write(name, call, content):
    golden.write(name, {"header": golden.header("LIBSVM", VERSION, call, "make_svm.py", TOLERANCE, FACTS), **content})


X, labels, _, _ = golden.table("iris")
codes = {c: i + 1 for i, c in enumerate(sorted(set(labels)))}
order = np.concatenate([np.arange(60, 150), np.arange(60)])  # the first row is not of the first class
y = np.array([codes[v] for v in labels])[order]
rng = np.random.default_rng(3)
f = rng.normal(size=200)
write("svm_iris.json", "svm-train -e 1e-8 ... on the rows 61..150, 1..60 (from 1) of iris, classes numbered 1..3 in text order", {
    "dataset": "iris", "first_row": 60,
    "fits": [train(X[order], y, "rbf", 1.0, 0.5), train(X[order], y, "poly", 0.5, 0.125, 3, 1.0), train(X[order], y, "linear", 2.0, 1.0),
             train(X[order], y, "sigmoid", 1.0, 2.0**-7, 3, -0.5)],
    "predict": predicted(X[order], y, "-c 1 -g 0.5 -b 1"),
    "sigmoid": best_sigmoid(f, np.where(rng.random(200) < 1 / (1 + np.exp(-2 * f)), 1.0, -1.0)),
})
X, labels, _, _ = golden.table("breast_cancer")
y = np.where(labels == "malignant", 2, 1)
write("svm_breast_cancer.json", "svm-train -e 1e-8 ... on breast_cancer, benign 1, malignant 2", {
    "dataset": "breast_cancer", "predict": predicted(X, y, "-c 1 -g 0.00006103515625 -b 1"),
    "fits": [train(X, y, "rbf", 1.0, 2.0**-14), train(X, y, "rbf", 1.0, 2.0**-14, weights=((1, 1), (2, 3)))],
})
X, y, _, _ = golden.table("diabetes")
write("svm_diabetes.json", "svm-train -s 3 -e 1e-8 ... on diabetes", {
    "dataset": "diabetes", "predict": predicted(X, y.astype(float), "-s 3 -t 1 -d 2 -r 1 -g 0.03125 -c 1 -p 50"),
    "fits": [train(X, y.astype(float), "rbf", 100.0, 2.0**-12, epsilon=10.0), train(X, y.astype(float), "linear", 0.125, 1.0, epsilon=10.0)],
})
