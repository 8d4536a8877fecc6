#!/usr/bin/python3
"""metrics.json: scikit-learn's metrics on small seeded data with ties, weights and a class that is never predicted."""

import numpy as np
import sklearn
from sklearn import metrics as m

import golden

FACTS = [
    "probabilities are multiples of 1/64, so that every row sums to exactly 1 and ties are exact",
    "the predicted class is the first of the most probable ones",
    "precision and F1 of a class that is never predicted are 0 here (zero_division=0), recall of a class that never occurs likewise; macro means "
    "are unweighted means over all classes that occur in truth or prediction",
    "balanced accuracy is the mean recall over the classes that occur in truth",
    "log_loss is the mean of -ln(probability of the true class), in nats, weighted where weights are given",
    "roc_auc of two classes is that of the last class; ties count one half. roc_auc_ovr_macro is the unweighted mean over classes of one "
    "class against the rest, on the columns of the probabilities",
    "confusion[i][j] counts (sums the weights of) rows of true class i predicted as j",
    "r2 = 1 - sum w (y - p)^2 / sum w (y - mean_w y)^2; rmse = sqrt(sum w (y - p)^2 / sum w)",
    "the weighted values use the file's weights, which include a 0 and are not normalised",
]
TOLERANCE = {"every metric": (1e-12, "relative, absolute below 1: float64 sums of at most 60 terms in another order")}


def classification(name, n, K, rng, absent=None, classes=None):
    raw = rng.integers(0, 9, size=(n, K)) + 1
    codes = rng.integers(0, K, size=n)
    raw[np.arange(n), codes] += rng.integers(0, 8, size=n)  # some signal
    p = np.floor(raw / raw.sum(axis=1, keepdims=True) * 64).astype(int)
    p[:, 0] += 64 - p.sum(axis=1)
    if absent is not None:  # this class never wins
        give = np.maximum(p[:, absent] - 2, 0)
        p[:, absent] -= give
        p[:, (absent + 1) % K] += give
    assert (p.sum(axis=1) == 64).all() and p.min() >= 1
    p = p / 64
    predicted = p.argmax(axis=1)
    assert absent is None or absent not in predicted
    assert set(codes) == set(range(K))
    w = rng.integers(0, 9, size=n) / 4
    w[0] = 0.0
    out = {"name": name, "classes": classes, "truth": codes, "probability": p, "predicted": predicted, "weights": w}
    for key, sw in (("unweighted", None), ("weighted", w)):
        labels = list(range(K))
        pr, rc, f1, _ = m.precision_recall_fscore_support(codes, predicted, labels=labels, sample_weight=sw, zero_division=0)
        values = {
            "accuracy": m.accuracy_score(codes, predicted, sample_weight=sw),
            "balanced_accuracy": m.balanced_accuracy_score(codes, predicted, sample_weight=sw),
            "precision": pr, "recall": rc, "f1": f1,
            "precision_macro": m.precision_score(codes, predicted, average="macro", sample_weight=sw, zero_division=0),
            "recall_macro": m.recall_score(codes, predicted, average="macro", sample_weight=sw, zero_division=0),
            "f1_macro": m.f1_score(codes, predicted, average="macro", sample_weight=sw, zero_division=0),
            "log_loss": m.log_loss(codes, p, sample_weight=sw, labels=labels),
            "confusion": m.confusion_matrix(codes, predicted, labels=labels, sample_weight=sw),
        }
        if K == 2:
            values["roc_auc"] = m.roc_auc_score(codes, p[:, 1], sample_weight=sw)
        values["roc_auc_ovr"] = [m.roc_auc_score(codes == k, p[:, k], sample_weight=sw) for k in labels]
        values["roc_auc_ovr_macro"] = float(np.mean(values["roc_auc_ovr"]))
        if K > 2 and sw is None:
            assert abs(values["roc_auc_ovr_macro"] - m.roc_auc_score(codes, p, multi_class="ovr", average="macro")) < 1e-15
        out[key] = values
    return out


def regression(name, y, p, w):
    out = {"name": name, "truth": y, "predicted": p, "weights": w}
    for key, sw in (("unweighted", None), ("weighted", w)):
        out[key] = {
            "rmse": m.mean_squared_error(y, p, sample_weight=sw, squared=False),
            "mae": m.mean_absolute_error(y, p, sample_weight=sw),
            "r2": m.r2_score(y, p, sample_weight=sw),
        }
    return out


rng = np.random.default_rng(20261121)
cases = [
    classification("two classes, tied scores", 60, 2, rng, classes=["no", "yes"]),
    classification("three classes", 60, 3, rng, classes=["a", "b", "c"]),
    classification("four classes, the third is never predicted", 50, 4, rng, absent=2, classes=["a", "b", "c", "d"]),
]
assert len(set(cases[0]["probability"][:, 1])) < 40
n = 40
y = rng.integers(-40, 41, size=n) / 8
p = y + rng.integers(-12, 13, size=n) / 16
w = rng.integers(0, 9, size=n) / 4
regressions = [
    regression("noise around the truth", y, p, w),
    regression("worse than the mean: negative r2", y, -p, w),
    regression("offset 1e6: sums must not cancel", y + 1e6, p + 1e6, w),
]
golden.write("metrics.json", {
    "header": golden.header("scikit-learn", sklearn.__version__,
                            "accuracy_score, balanced_accuracy_score, precision_recall_fscore_support(zero_division=0), log_loss, roc_auc_score, "
                            "confusion_matrix, mean_squared_error(squared=False), mean_absolute_error, r2_score of sklearn.metrics",
                            "make_metrics.py", TOLERANCE, FACTS + ["data: numpy.random.default_rng(20261121), stored here in full"]),
    "classification": cases, "regression": regressions,
    "conventions": {
        "what": "where the definition fails; scikit-learn's choice, not necessarily ours",
        "r2_of_constant_truth": m.r2_score([2.0, 2, 2], [1.0, 2, 3]),
        "r2_of_constant_truth_predicted_exactly": m.r2_score([2.0, 2, 2], [2.0, 2, 2]),
        "log_loss_of_probability_zero": m.log_loss([0, 1], [[0.0, 1.0], [0.25, 0.75]]),
        "log_loss_clip": float(np.finfo(float).eps),
    },
})
