#!/usr/bin/python3
"""lasso_diabetes.json: scikit-learn's lasso_path and enet_path on the standardised diabetes table, and glmnet's lambda."""

import golden
import numpy as np
import sklearn
from sklearn.linear_model import enet_path


def kkt(X, r, w, l1, l2):
    g = X.T @ r / len(r) - l2 * w
    return float(np.max(np.where(w != 0, np.abs(g - l1 * np.sign(w)), np.maximum(0, np.abs(g) - l1))))


def main():
    X, y, names, _ = golden.table("diabetes")
    y = y.astype(float)
    Z, t = (X - X.mean(0)) / X.std(0), y - y.mean()
    cases = []
    for rho in (1.0, 0.5):
        alphas = [30.0, 10.0, 3.0, 1.0, 0.1]
        _, W, gaps = enet_path(Z, t, l1_ratio=rho, alphas=alphas, tol=1e-15, max_iter=1000000)
        for k, a in enumerate(alphas):
            w = W[:, k]
            worst = kkt(Z, t - Z @ w, w, a * rho, a * (1 - rho))
            assert worst < 1e-9, worst
            cases.append({"l1_ratio": rho, "alpha": a, "w": w, "kkt": worst})
    golden.write("lasso_diabetes.json", {
        "header": golden.header("scikit-learn enet_path", sklearn.__version__, "enet_path(Z, y, l1_ratio, alphas, tol=1e-15)", "make_lasso.py",
                                {"w": (1e-8, "relative to the largest weight; the peer's own KKT residual is below 1e-9")},
                                ["Z: columns of diabetes.csv standardised with 1/n; y centred"]),
        "cases": cases})


if __name__ == "__main__":
    main()
