#!/usr/bin/python3
"""linear_svm.json: LIBLINEAR (through scikit-learn's LinearSVC) where the intercept is penalised, LIBSVM (through SVC) where it is free."""

import warnings

import numpy as np
import sklearn
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

import golden

TOLERANCE = {
    "objective": (1e-8, "relative; LIBLINEAR was run to 1e-9, LIBSVM to 1e-10 and, with the hinge, polished"),
    "coefficients": (1e-5, "absolute, intercepts too: the objective's curvature is at least 1 in w, so that 1e-8 of it leaves 1e-4 sqrt(objective) at worst"),
}
FACTS = [
    "objective = |w|^2 / 2 (+ b^2 / 2) + C sum l(1 - y f), l the hinge or its square, columns standardised with 1/n, summed over one-versus-rest",
    "free intercept, hinge: LIBSVM's answer, its conditions solved again in double precision on its own sets of free and bounded rows, and checked",
    "free intercept, squared hinge: SVC on the precomputed kernel X X' + I / (2 C) with a box of 1e12; coefficients are X' of its dual ones",
]


def objective(w, b, X, y, C, loss, penalised):
    inside = np.maximum(0, 1 - y * (X @ w + b))
    return float(C * (inside if loss == "hinge" else inside ** 2).sum() + .5 * w @ w + (.5 * b * b if penalised else 0))


def polished(X, y, C, alpha):
    """The optimality conditions solved in double precision on LIBSVM's sets of free and bounded rows (its kernel values are floats)."""
    free, bounded = (alpha > 1e-9 * C) & (alpha < C * (1 - 1e-9)), alpha >= C * (1 - 1e-9)
    F = X[free] * y[free, None]
    held = C * (X[bounded] * y[bounded, None]).sum(0)
    A = np.block([[F @ F.T, y[free, None]], [y[None, free], np.zeros((1, 1))]])
    answer = np.linalg.solve(A, np.append(1 - F @ held, -C * y[bounded].sum()))
    a, b = answer[:-1], float(answer[-1])
    w = F.T @ a + held
    margin = y * (X @ w + b)
    assert (a >= 0).all() and (a <= C).all() and (margin[bounded] <= 1 + 1e-12).all() and (margin[~free & ~bounded] >= 1 - 1e-12).all()
    return w, b


def machine(X, y, C, loss, penalised):
    if penalised:
        m = LinearSVC(C=C, loss="hinge" if loss == "hinge" else "squared_hinge", dual=True, tol=1e-9, max_iter=10_000_000, random_state=0).fit(X, y)
        return m.coef_[0], float(m.intercept_[0])
    if loss == "hinge":
        m = SVC(C=C, kernel="linear", tol=1e-10).fit(X, y)
        alpha = np.zeros(len(X))
        alpha[m.support_] = np.abs(m.dual_coef_[0])
        return polished(X, y, C, alpha)
    m = SVC(C=1e12, kernel="precomputed", tol=1e-11).fit(X @ X.T + np.eye(len(X)) / (2 * C), y)
    return X[m.support_].T @ m.dual_coef_[0], float(m.intercept_[0])


def main():
    warnings.simplefilter("error")
    cases = []
    for dataset, target, C in (("breast_cancer", "diagnosis", 1.0), ("wine", "cultivar", 0.1)):
        rows, labels, _, named = golden.table(dataset)
        assert named == target
        X = StandardScaler().fit_transform(rows)
        classes = sorted(set(labels))
        for loss in ("hinge", "squared-hinge"):
            for penalised in (False, True):
                W, b, F = [], [], 0.0
                for k in ([classes[1]] if len(classes) == 2 else classes):
                    y = np.where(labels == k, 1, -1)
                    w, c = machine(X, y, C, loss, penalised)
                    W.append(w.tolist())
                    b.append(c)
                    F += objective(w, c, X, y, C, loss, penalised)
                cases.append({"dataset": dataset, "target": target, "C": C, "loss": loss, "penalize_intercept": penalised, "objective": F, "coefficients": W, "intercepts": b})
    golden.write("linear_svm.json", {
        "header": golden.header("scikit-learn (LIBLINEAR, LIBSVM)", sklearn.__version__, "LinearSVC(dual=True, tol=1e-9); SVC(kernel='linear', tol=1e-10); SVC(kernel='precomputed', tol=1e-11)",
                                "make_linear_svm.py", TOLERANCE, FACTS),
        "cases": cases})


main()
