#!/usr/bin/python3
"""Fit time of the lasso at one alpha: assay against glmnet and scikit-learn, in turn on the same data, one thread each, processor
seconds, medians after a warm-up. glmnet is given the path it wants: down to alpha in 20 steps is its fastest that reaches it.

usage: lasso.py build/release/bench/linear_models
"""

import subprocess
import sys

import linear_data as data
import numpy as np
from sklearn.linear_model import Lasso

GLMNET = """
suppressMessages(library(glmnet)); rd <- function(f, n) readBin(f, "double", n)
f <- file("%s", "rb"); h <- rd(f, 4); X <- matrix(rd(f, h[1] * h[2]), h[1]); y <- rd(f, h[1]); a <- %r
t <- c(); for (i in 1:4) { s <- proc.time(); m <- glmnet(X, y, lambda = a, standardize = FALSE, thresh = %g); t <- c(t, sum((proc.time() - s)[1:2])) }
w <- as.numeric(m$beta[, 1]); r <- as.numeric(y - X %%*%% w - m$a0)
cat(median(t[-1]), format(sum(r^2) / (2 * length(y)) + a * sum(abs(w)), digits = 17))
"""


def objective(X, y, alpha, w, b):
    r = y - X @ w - b
    return float(r @ r / (2 * len(y)) + alpha * np.abs(w).sum())


def compare(name, X, y, alpha):
    with data.written(X, y, 0) as file:
        ours = data.assay(sys.argv[1], file, "lasso", 3, f"alpha={alpha}")
        theirs = []
        for threshold in (1e-7, 1e-10):
            out = subprocess.run(["Rscript", "-e", GLMNET % (file.name, alpha, threshold)], check=True, capture_output=True, text=True).stdout.split()
            theirs.append((f"glmnet, thresh {threshold:g}", float(out[0]), float(out[1])))
    X = np.asfortranarray(X)
    seconds, model = data.peer(lambda: Lasso(alpha=alpha, tol=1e-4, max_iter=10000).fit(X, y), 2)
    theirs.append(("Lasso", seconds, objective(X, y, alpha, model.coef_, model.intercept_)))
    seconds, model = data.peer(lambda: Lasso(alpha=alpha, tol=1e-4, max_iter=10000, precompute=True).fit(X, y), 2) if len(y) > X.shape[1] else (0, None)
    if model:
        theirs.append(("Lasso(precompute)", seconds, objective(X, y, alpha, model.coef_, model.intercept_)))
    data.line(name, ours, theirs)


def main():
    compare("tall, 500 000 x 30, alpha 0.02", *data.friedman(), 0.02)
    compare("wide, 2 000 x 20 000, alpha 0.5", *data.wide(), 0.5)


main()
