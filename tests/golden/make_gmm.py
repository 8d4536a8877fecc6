#!/usr/bin/python3
"""gmm_iris.json: Gaussian mixtures of scikit-learn from given responsibilities, iteration by iteration."""

import warnings

import numpy as np
import sklearn
from sklearn.mixture import GaussianMixture

import golden

TOLERANCE = {
    "lower_bounds": (1e-8, "absolute, a row; both add regularization to the same sums, which differ by rounding alone"),
    "parameters": (1e-6, "absolute, after the same number of iterations; the log-likelihood is flat at its maximum, so rounding moves it further than its value"),
    "log_densities": (1e-6, "absolute, after convergence"),
}
FACTS = [
    "start: row i (from 0) belongs wholly to the species of row (i + 20) mod 150, in the order of their names; M comes first",
    "lower_bounds[t] is the mean log-likelihood of the mixture before M of iteration t + 1, as lower_bound_ is after max_iter = t + 1",
    "covariances are variances for diag and spherical (as reg_covar = 1e-6 leaves them)",
]
STEPS, LAST = 25, 3000

X, labels, features, _ = golden.table("iris")
names = sorted(set(labels))
start = np.array([names.index(labels[(i + 20) % 150]) for i in range(150)])


class Given(GaussianMixture):
    def _initialize_parameters(self, X, random_state):
        self._initialize(X, np.eye(3)[start])


def fit(kind, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Given(3, covariance_type=kind, **settings).fit(X)


fits = {}
for kind, ours in (("full", "full"), ("tied", "tied"), ("diag", "diagonal"), ("spherical", "spherical")):
    m = fit(kind, tol=0, max_iter=LAST)
    assert abs(m.lower_bound_ - fit(kind, tol=0, max_iter=LAST - 1).lower_bound_) < 1e-13
    fits[ours] = {
        "lower_bounds": [fit(kind, tol=0, max_iter=t).lower_bound_ for t in range(1, STEPS + 1)],
        "weights": m.weights_, "means": m.means_, "covariances": m.covariances_,
        "log_density_first_10": m.score_samples(X[:10]), "labels": m.predict(X), "bic": m.bic(X), "aic": m.aic(X),
    }
golden.write("gmm_iris.json", {
    "header": {**golden.header("scikit-learn", sklearn.__version__,
                               "GaussianMixture(3, covariance_type=kind, tol=0, max_iter=t).fit(X), _initialize(X, start)", "make_gmm.py", TOLERANCE, FACTS),
               "date": "2026-11-25"},
    "dataset": "iris", "features": features, "iterations": LAST, "start": start, "regularization": 1e-6, "fits": fits,
})
