#!/usr/bin/python3
"""linear_diabetes.json: R's lm on forty rows of the diabetes table: estimates, standard errors, R2."""

import json
import subprocess

import golden

R = """
d <- read.csv("%s", header = FALSE)
m <- summary(lm(V6 ~ ., data = d))
cat(paste(format(c(m$coefficients[, 1:2], m$r.squared), digits = 17), collapse = " "))
"""


def main():
    X, y, names, _ = golden.table("diabetes")
    X, y = X[:40, [0, 2, 3, 4, 8]], [float(v) for v in y[:40]]
    path = golden.HERE / "linear.csv"
    path.write_text("\n".join(",".join(map(repr, [*map(float, r), t])) for r, t in zip(X, y)) + "\n")
    out = subprocess.run(["Rscript", "-e", R % path], check=True, capture_output=True, text=True).stdout.split()
    version = subprocess.run(["Rscript", "-e", "cat(as.character(getRversion()))"], check=True, capture_output=True, text=True).stdout
    path.unlink()
    v = [float(x) for x in out]
    golden.write("linear_diabetes.json", {
        "header": golden.header("R lm", version, "summary(lm(y ~ .))", "make_linear.py",
                                {"estimate, standard_error": (1e-9, "relative; both solve by QR")},
                                ["rows 1 to 40 of diabetes.csv, five columns", "the intercept first"]),
        "X": X, "y": y, "estimate": v[:6], "standard_error": v[6:12], "r2": v[12]})


if __name__ == "__main__":
    main()
