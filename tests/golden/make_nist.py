#!/usr/bin/python3
"""nist_linear.json: NIST's linear reference sets with their exact least-squares solutions.

The tables are NIST's Statistical Reference Datasets (https://www.itl.nist.gov/div898/strd/, a work of the United States
government, in the public domain), as they stand in nist_linear.json; this script reads them from there, solves the normal
equations in exact rational arithmetic and writes the solutions again. They agree with NIST's certified values.
"""

import json
from fractions import Fraction as F

import golden


def solve(A, b):
    """Gauss's elimination, exact."""
    n = len(A)
    M = [row[:] + [b[i]] for i, row in enumerate(A)]
    for c in range(n):
        pivot = next(r for r in range(c, n) if M[r][c] != 0)
        M[c], M[pivot] = M[pivot], M[c]
        for r in range(n):
            if r != c and M[r][c] != 0:
                factor = M[r][c] / M[c][c]
                M[r] = [x - factor * y for x, y in zip(M[r], M[c])]
    return [M[i][n] / M[i][i] for i in range(n)]


def exact(data):
    rows = []
    for cells in data["X"]:
        x = [F(c) for c in cells]
        if data["degree"] > 1:
            x = [x[0] ** k for k in range(1, data["degree"] + 1)]
        rows.append(([F(1)] if data["intercept"] else []) + x)
    y = [F(c) for c in data["y"]]
    p = len(rows[0])
    w = solve([[sum(r[a] * r[b] for r in rows) for b in range(p)] for a in range(p)],
              [sum(r[a] * t for r, t in zip(rows, y)) for a in range(p)])
    rss = sum((t - sum(a * b for a, b in zip(r, w))) ** 2 for r, t in zip(rows, y))
    return [float(v) for v in w], float(rss / (len(y) - p)) ** 0.5


def main():
    path = golden.HERE / "nist_linear.json"
    sets = json.loads(path.read_text(encoding="utf-8"))["sets"]
    for data in sets.values():
        data["coefficients"], data["residual_sd"] = exact(data)
    golden.write(path.name, {
        "header": golden.header(
            "Python fractions", "CPython 3.11", "normal equations in exact rational arithmetic", "make_nist.py",
            {"norris": (11, "decimal digits"), "longley": (9, "decimal digits"), "wampler": (9, "decimal digits"),
             "filip": (7, "decimal digits: the condition number is about 1e15")},
            ["data: NIST Statistical Reference Datasets, linear regression, public domain, https://www.itl.nist.gov/div898/strd/",
             "cells are text, as published, so that they can be read exactly",
             "coefficients: the constant first where there is one, then the columns, or the powers of the one column"]),
        "sets": sets})


if __name__ == "__main__":
    main()
