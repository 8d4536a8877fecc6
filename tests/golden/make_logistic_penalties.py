#!/usr/bin/python3
"""logistic_penalties.json: scikit-learn's L1 and elastic net; R's glm and nnet::multinom without a penalty, with standard errors."""

import json
import subprocess
import warnings

import numpy as np
import sklearn
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import golden

TOLERANCE = {
    "coefficients": (1e-6, "absolute, intercepts too; the golden solution meets its conditions to 1e-8, and the Hessian on its support is at least 0.1"),
    "objective": (1e-10, "relative"),
    "glm": (1e-6, "relative, coefficients and standard errors; glm was run to epsilon 1e-15"),
    "multinom": (1e-5, "relative, standard errors; coefficients 1e-4: multinom's BFGS stops where its objective no longer falls"),
}
FACTS = [
    "L1 and elastic net: objective = C * sum logloss + l1_ratio |w|_1 + (1 - l1_ratio) |w|^2 / 2, intercepts unpenalised, columns standardised with 1/n",
    "scikit-learn's saga was polished by Newton steps on its own support and signs; kkt_inf is the largest component of the least subgradient afterwards",
    "glm and multinom: no penalty, columns as they are; multinom's rows are log odds against the first class",
]

GLM = """
d <- read.csv("%s/breast_cancer.csv"); y <- as.integer(d$diagnosis == "malignant")
m <- glm(y ~ mean_texture + mean_smoothness + mean_symmetry + texture_error, data = d, family = binomial, control = glm.control(epsilon = 1e-15, maxit = 100))
s <- coef(summary(m)); cat(format(c(s[, 1], s[, 2], s[, 3], s[, 4]), digits = 17), R.version.string)
"""
MULTINOM = """
suppressMessages(library(nnet)); d <- read.csv("%s/wine.csv"); d$cultivar <- factor(d$cultivar)
m <- multinom(cultivar ~ malic_acid + ash + magnesium, data = d, reltol = 1e-16, abstol = 0, maxit = 5000, trace = FALSE, Hess = TRUE)
s <- summary(m); cat(format(c(t(s$coefficients), t(s$standard.errors)), digits = 17), as.character(packageVersion("nnet")))
"""


def in_r(code, numbers):
    words = subprocess.run(["Rscript", "-e", code % (golden.DATASETS / "tables")], check=True, capture_output=True, text=True).stdout.split(" ")
    words = [w for w in words if w]
    return np.array([float(w) for w in words[:numbers]]), " ".join(words[numbers:]).strip()


def smooth(T, Z, codes, C, l2):
    """F without |w|_1, its gradient and Hessian; T is K x (d + 1), or 1 x (d + 1) for two classes."""
    A = np.column_stack([Z, np.ones(len(Z))])
    K, D = T.shape
    S = A @ T.T
    penalised = np.append(np.ones(D - 1), 0.0)
    if K == 1:
        p = 1 / (1 + np.exp(-S[:, 0]))
        f = C * np.logaddexp(0, -np.where(codes == 1, 1, -1) * S[:, 0]).sum()
        g = (C * (p - codes)) @ A
        H = A.T @ (A * (C * p * (1 - p))[:, None])
        return f + l2 / 2 * (penalised * T[0] ** 2).sum(), g + l2 * penalised * T[0], H + l2 * np.diag(penalised)
    logp = S - logsumexp(S, axis=1, keepdims=True)
    p = np.exp(logp)
    f = -C * logp[np.arange(len(Z)), codes].sum() + l2 / 2 * (penalised * T ** 2).sum()
    g = C * (p - np.eye(K)[codes]).T @ A + l2 * penalised * T
    H = np.zeros((K, D, K, D))
    for a in range(K):
        for b in range(K):
            H[a, :, b, :] = A.T @ (A * (C * p[:, a] * ((a == b) - p[:, b]))[:, None]) + (a == b) * l2 * np.diag(penalised)
    return f, g.ravel(), H.reshape(K * D, K * D)


def sparse_fit(name, positive, C, ratio):
    X, labels, features, target = golden.table(name)
    Z = StandardScaler().fit_transform(X)
    classes = sorted(set(labels))
    codes = np.array([classes.index(c) for c in labels])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        m = LogisticRegression(penalty="elasticnet", solver="saga", C=C, l1_ratio=ratio, tol=1e-12, max_iter=200000).fit(Z, codes)
    T = np.column_stack([m.coef_, m.intercept_])
    T[np.abs(T) < 1e-7] = 0
    K, D = T.shape
    l1 = ratio * np.tile(np.append(np.ones(D - 1), 0.0), K)
    free = (T.ravel() != 0) | (l1 == 0)

    def violation(t, g):
        at_zero = np.sign(g) * np.maximum(np.abs(g) - l1, 0)
        return np.abs(np.where(t == 0, at_zero, g + l1 * np.sign(t))).max()

    peer = None
    for _ in range(20):
        f, g, H = smooth(T, Z, codes, C, 1 - ratio)
        v = violation(T.ravel(), g)
        peer = v if peer is None else peer
        step = np.zeros(T.size)
        step[free] = np.linalg.lstsq(H[np.ix_(free, free)], (g + l1 * np.sign(T.ravel()))[free], rcond=1e-13)[0]
        trial = T - step.reshape(T.shape)
        if violation(trial.ravel(), smooth(trial, Z, codes, C, 1 - ratio)[1]) >= v:
            break
        T = trial
    f, g, _ = smooth(T, Z, codes, C, 1 - ratio)
    assert violation(T.ravel(), g) <= 1e-8, violation(T.ravel(), g)
    if K > 1:
        T[:, -1] -= T[:, -1].mean()
    return {"dataset": name, "target": target, "C": C, "l1_ratio": ratio, "classes": classes, "coefficients": T[:, :-1], "intercepts": T[:, -1],
            "objective": f + (l1 * np.abs(T.ravel())).sum(), "kkt_inf": violation(T.ravel(), g), "peer_kkt_inf": peer}


def main():
    glm, r_version = in_r(GLM, 20)
    multinom, nnet_version = in_r(MULTINOM, 16)
    golden.write("logistic_penalties.json", {
        "header": golden.header("scikit-learn; R glm; nnet", f"{sklearn.__version__}; {r_version}; {nnet_version}",
                                "LogisticRegression(penalty='elasticnet', solver='saga', tol=1e-12, max_iter=200000); glm(family = binomial, epsilon = 1e-15); multinom(reltol = 1e-16)",
                                "make_logistic_penalties.py", TOLERANCE, FACTS),
        "sparse": [sparse_fit("breast_cancer", "malignant", 0.1, 1.0), sparse_fit("breast_cancer", "malignant", 0.1, 0.5),
                   sparse_fit("iris", None, 0.5, 1.0), sparse_fit("wine", None, 0.2, 0.7)],
        "glm": {"features": ["mean_texture", "mean_smoothness", "mean_symmetry", "texture_error"],
                "coefficients": glm[:5], "standard_errors": glm[5:10], "z": glm[10:15], "p": glm[15:20]},
        "multinom": {"dataset": "wine", "features": ["malic_acid", "ash", "magnesium"],
                     "coefficients": multinom[:8].reshape(2, 4), "standard_errors": multinom[8:].reshape(2, 4)},
    })


main()
