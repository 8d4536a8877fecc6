#!/usr/bin/python3
"""logistic_breast_cancer.json, logistic_iris.json, logistic_wine.json: L2 logistic regression of scikit-learn."""

import warnings

import numpy as np
import sklearn
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import golden

C = 1.0
TOLERANCE = {
    "coefficients": (1e-6, "absolute, intercepts too; both solutions have a gradient below 1e-8 and the problem is strongly convex "
                           "(smallest Hessian eigenvalue of the penalised part at least 1), so they lie within about 1e-8"),
    "objective": (1e-10, "relative; the objective is flat at the solution, its error is of the order of the squared gradient"),
    "probabilities": (1e-8, "absolute"),
    "gradient_inf": (1e-8, "bound that the golden solution itself meets, and ours must meet"),
}
FACTS = [
    "features are standardised as (x - mean) / sd with sd^2 = sum (x - mean)^2 / n; coefficients and intercepts belong to standardised features",
    "objective = C * sum_i w_i * logloss_i + 1/2 * |coefficients|^2, the intercepts unpenalised",
    "gradient_inf is the largest absolute entry of the objective's gradient in coefficients and intercepts, recomputed in float64",
    "scikit-learn's solution was polished with full Newton steps in float64 until the gradient stopped falling; "
    "polish_steps says how many, peer_gradient_inf the gradient before, peer_distance how far the coefficients moved",
]


def binary(theta, Z, y, w):
    """Objective, gradient and Hessian; theta = (coefficients, intercept), y in {-1, +1}."""
    A = np.column_stack([Z, np.ones(len(Z))])
    m = y * (A @ theta)
    p = 1 / (1 + np.exp(-A @ theta))
    penalised = np.append(np.ones(Z.shape[1]), 0.0)
    f = C * np.sum(w * np.logaddexp(0, -m)) + 0.5 * np.sum(penalised * theta**2)
    g = A.T @ (C * w * (p - (y + 1) / 2)) + penalised * theta
    H = A.T @ (A * (C * w * p * (1 - p))[:, None]) + np.diag(penalised)
    return f, g, H, p


def multinomial(theta, Z, codes, w):
    """The same for the softmax with one weight vector a class; theta is K x (d + 1), row by row."""
    A = np.column_stack([Z, np.ones(len(Z))])
    n, D = A.shape
    K = codes.max() + 1
    T = theta.reshape(K, D)
    S = A @ T.T
    logp = S - logsumexp(S, axis=1, keepdims=True)
    p = np.exp(logp)
    onehot = np.eye(K)[codes]
    penalised = np.append(np.ones(D - 1), 0.0)
    f = -C * np.sum(w * logp[np.arange(n), codes]) + 0.5 * np.sum(penalised * T**2)
    g = C * ((p - onehot) * w[:, None]).T @ A + penalised * T
    H = np.zeros((K, D, K, D))
    for a in range(K):
        for b in range(K):
            h = C * w * p[:, a] * ((a == b) - p[:, b])
            H[a, :, b, :] = A.T @ (A * h[:, None]) + (a == b) * np.diag(penalised)
    return f, g.ravel(), H.reshape(K * D, K * D), p


def polish(function, theta, *data):
    """Newton steps (least squares where the softmax's intercepts leave a direction free) while the gradient falls."""
    steps, g = 0, np.abs(function(theta, *data)[1]).max()
    while steps < 20:
        _, gradient, H, _ = function(theta, *data)
        trial = theta - np.linalg.lstsq(H, gradient, rcond=1e-13)[0]
        g_trial = np.abs(function(trial, *data)[1]).max()
        if g_trial >= g:
            break
        theta, g, steps = trial, g_trial, steps + 1
    return theta, steps


def fit(solver, Z, labels, w):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "line search failed" at the last bit; the polish below takes over
        return LogisticRegression(solver=solver, tol=1e-12, C=C, max_iter=1000).fit(Z, labels, sample_weight=w)


def solution(function, theta, peer, *data):
    theta, steps = polish(function, peer, *data)
    f, g, _, p = function(theta, *data)
    assert np.abs(g).max() <= 1e-8
    return theta, p, {
        "objective": f,
        "gradient_inf": np.abs(g).max(),
        "peer_gradient_inf": np.abs(function(peer, *data)[1]).max(),
        "peer_distance": np.abs(theta - peer).max(),
        "polish_steps": steps,
    }


def make_binary():
    X, labels, features, target = golden.table("breast_cancer")
    scaler = StandardScaler().fit(X)
    Z = scaler.transform(X)
    classes = ["benign", "malignant"]
    y = np.where(labels == "malignant", 1.0, -1.0)
    n = len(y)
    balanced = np.where(y > 0, n / (2 * np.sum(y > 0)), n / (2 * np.sum(y < 0)))
    weights = {
        "plain": (np.ones(n), "every weight 1"),
        "balanced": (balanced, "class_weight='balanced': n / (2 * rows of the class)"),
        "row_weights": (1.0 + np.arange(n) % 3, "sample_weight: row i (from 0) has weight 1 + i mod 3; standardised without weights"),
    }
    fits = {}
    for name, (w, what) in weights.items():
        if name == "balanced":  # the call a user makes; the same problem as passing the weights
            m = LogisticRegression(solver="newton-cholesky", tol=1e-12, C=C, max_iter=1000, class_weight="balanced").fit(Z, labels)
        else:
            m = fit("newton-cholesky", Z, labels, w)
        assert list(m.classes_) == classes
        theta, p, rest = solution(binary, None, np.append(m.coef_[0], m.intercept_[0]), Z, y, w)
        fits[name] = {"weights": what, "coefficients": theta[:-1], "intercept": theta[-1], **rest, "probability_of_positive_first_10": p[:10]}
    golden.write("logistic_breast_cancer.json", {
        "header": golden.header("scikit-learn", sklearn.__version__,
                                "LogisticRegression(solver='newton-cholesky', tol=1e-12, C=1, max_iter=1000).fit(StandardScaler().fit_transform(X), y)",
                                "make_logistic.py", TOLERANCE, FACTS),
        "dataset": "breast_cancer", "target": target, "C": C, "positive_class": "malignant", "classes": classes,
        "features": features, "mean": scaler.mean_, "sd": scaler.scale_, "fits": fits,
    })


def make_multinomial(name):
    X, labels, features, target = golden.table(name)
    scaler = StandardScaler().fit(X)
    Z = scaler.transform(X)
    classes = sorted(set(labels))
    codes = np.array([classes.index(c) for c in labels])
    w = np.ones(len(codes))
    m = fit("newton-cg", Z, labels, w)
    assert list(m.classes_) == classes
    peer = np.column_stack([m.coef_, m.intercept_ - m.intercept_.mean()]).ravel()
    theta, p, rest = solution(multinomial, None, peer, Z, codes, w)
    T = theta.reshape(len(classes), -1)
    T = T - T.mean(axis=0)
    f, g, _, p = multinomial(T.ravel(), Z, codes, w)
    rest["objective"], rest["gradient_inf"] = f, np.abs(g).max()
    assert rest["gradient_inf"] <= 1e-8
    golden.write(f"logistic_{name}.json", {
        "header": golden.header("scikit-learn", sklearn.__version__,
                                "LogisticRegression(solver='newton-cg', tol=1e-12, C=1, max_iter=1000).fit(StandardScaler().fit_transform(X), y)",
                                "make_logistic.py", TOLERANCE,
                                FACTS + ["multinomial, one weight vector a class; coefficients and intercepts are centred: they sum to 0 over the classes "
                                         "(the penalty forces it for the coefficients, for the free intercepts it is a choice)"]),
        "dataset": name, "target": target, "C": C, "classes": classes, "features": features, "mean": scaler.mean_, "sd": scaler.scale_,
        "coefficients": T[:, :-1], "intercepts": T[:, -1], **rest, "probabilities_first_10": p[:10],
    })


make_binary()
make_multinomial("iris")
make_multinomial("wine")
