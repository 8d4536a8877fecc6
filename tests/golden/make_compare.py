#!/usr/bin/python3
"""compare_corrected_t.json: the corrected resampled t test, Holm's adjustment, Student's t; scipy and R, checked with mpmath."""

import math
import subprocess

import mpmath
import numpy as np
import scipy
from scipy import stats

import golden

mpmath.mp.dps = 40


def t_cdf_exact(t, dof):
    """The regularised incomplete beta function at 40 digits."""
    t, dof = mpmath.mpf(t), mpmath.mpf(dof)
    tail = mpmath.betainc(dof / 2, mpmath.mpf(1) / 2, 0, dof / (dof + t * t), regularized=True) / 2
    return 1 - tail if t > 0 else tail


def two_sided_exact(t, dof):
    t, dof = mpmath.mpf(abs(t)), mpmath.mpf(dof)
    return mpmath.betainc(dof / 2, mpmath.mpf(1) / 2, 0, dof / (dof + t * t), regularized=True)


def t_quantile_exact(p, dof):
    return float(mpmath.findroot(lambda t: t_cdf_exact(t, dof) - mpmath.mpf(p), stats.t.ppf(p, dof))) if p != 0.5 else 0.0


def r_vector(expression):
    out = subprocess.run(["Rscript", "--vanilla", "-e", f"cat(format({expression}, digits = 17), sep = '\\n')"],
                         check=True, capture_output=True, text=True).stdout
    return [float(x) for x in out.split()]


def corrected_t(name, d, n_train, n_test):
    d = np.asarray(d, dtype=float)
    J, ratio = len(d), n_test / n_train
    variance = math.fsum((d - d.mean()) ** 2) / (J - 1)
    se = math.sqrt(variance * (1 / J + ratio))
    t, dof = d.mean() / se, J - 1
    p = 2 * stats.t.sf(abs(t), dof)
    assert abs(p - float(two_sided_exact(t, dof))) <= 1e-11 * p
    critical = t_quantile_exact(0.975, dof)
    return {"name": name, "difference": d, "n_train": n_train, "n_test": n_test, "ratio": ratio, "mean": d.mean(), "variance": variance,
            "standard_error": se, "t": t, "dof": dof, "p": p, "critical_95": critical, "smallest_detectable": critical * se}


rng = np.random.default_rng(20261121)
tests = [
    corrected_t("five folds of 150, one learner clearly ahead", [0.1, 0.0666015625, 0.0333984375, 0.1, 0.0666015625], 120, 30),
    corrected_t("five folds, nothing to tell apart", [0.03125, -0.03125, 0.0, 0.015625, -0.03125], 120, 30),
    corrected_t("ten times five folds", rng.integers(-20, 45, size=50) / 512, 1047, 262),
    corrected_t("ten times ten folds, tiny differences", (rng.integers(-64, 96, size=100)) / 65536, 512, 57),
    corrected_t("two folds: one degree of freedom", [0.25, 0.125], 50, 50),
    corrected_t("a negative mean in rmse units", [-3.5, -1.25, -2.0, -4.75, -0.5], 353, 89),
]

ps = {
    "no ties": [0.01, 0.04, 0.03, 0.005],
    "ties and a cap at one": [0.5, 0.5, 0.02, 0.9, 0.02],
    "monotone after the step": [0.011, 0.02, 0.021, 0.022, 0.8, 0.0001],
    "one": [0.2],
    "equal p": [0.05, 0.05, 0.05],
    "zero and one": [0.0, 1.0, 0.25],
}
holm = [{"name": k, "p": v, "adjusted": r_vector(f"p.adjust(c({', '.join(map(repr, v))}), method = 'holm')")} for k, v in ps.items()]

dofs = [1, 2, 3, 4, 5, 9, 10, 19, 24, 49, 99, 499, 9999, 0.5, 2.5]
probabilities = [0.5, 0.6, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9995, 0.025, 0.001, 1e-6]
quantiles = []
for dof in dofs:
    q = [t_quantile_exact(p, dof) for p in probabilities]
    peer = stats.t.ppf(probabilities, dof)
    r = r_vector(f"qt(c({', '.join(map(repr, probabilities))}), {dof})")
    for a, b, c in zip(q, peer, r):  # R agrees to the last digits, scipy 1.10's stdtrit is off by up to 3e-9
        assert abs(a - b) <= 1e-8 * abs(a) + 1e-15 and abs(a - c) <= 1e-12 * abs(a) + 1e-15, (dof, a, b, c)
    quantiles.append({"dof": dof, "probability": probabilities, "quantile": q})

ts = [0.0, 1e-8, 0.1, 0.5, 1.0, 1.5, 2.0, 2.776445105197799, 4.0, 8.0, 20.0, 100.0, 1e4, -0.1, -1.0, -3.0, -30.0]
cdf = []
for dof in dofs:
    exact = [0.5 if t == 0 else float(t_cdf_exact(t, dof)) for t in ts]
    p2 = [1.0 if t == 0 else float(two_sided_exact(t, dof)) for t in ts]
    assert np.allclose(exact, stats.t.cdf(ts, dof), rtol=1e-11, atol=1e-300), dof
    cdf.append({"dof": dof, "t": ts, "cdf": exact, "two_sided_p": p2})

golden.write("compare_corrected_t.json", {
    "header": golden.header(
        "scipy; R for Holm; mpmath for Student's t",
        f"scipy {scipy.__version__}; R {r_vector('as.numeric(R.version$major)')[0]:.0f}.{subprocess.run(['Rscript', '--vanilla', '-e', 'cat(R.version$minor)'], capture_output=True, text=True).stdout}; mpmath {mpmath.__version__}",
        "2 * scipy.stats.t.sf(abs(t), J - 1); p.adjust(p, method = 'holm'); mpmath.betainc at 40 digits",
        "make_compare.py",
        {"p": (1e-10, "relative; continued fraction or series of the incomplete beta function in float64"),
         "quantile": (1e-9, "relative; mpmath's value, with which R agrees to 1e-12 and scipy 1.10 only to 3e-9"),
         "cdf": (1e-12, "absolute, and two_sided_p to 1e-10 relative even in the far tail"),
         "adjusted": (1e-15, "relative; products of a p value and a small whole number")},
        ["d_j are the J = k * r differences of k folds and r repeats; standard_error^2 = variance * (1/J + n_test/n_train) with variance = "
         "sum (d - mean)^2 / (J - 1); t = mean / standard_error; J - 1 degrees of freedom; two sided p (Nadeau and Bengio 2003)",
         "smallest_detectable = critical_95 * standard_error: the least mean difference with p <= 0.05",
         "Holm: sort ascending, multiply the i-th (from 1) of m by m - i + 1, take the running maximum, cap at 1",
         "student_t.quantiles and student_t.cdf are mpmath's, rounded to double; scipy's cdf (1e-11) and R's quantiles (1e-12) were asserted to agree"]),
    "corrected_t": tests, "holm": holm, "student_t": {"quantiles": quantiles, "cdf": cdf},
})
