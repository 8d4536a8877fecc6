#!/usr/bin/python3
"""tree_diabetes.json, tree_breast_cancer_gini.json, tree_breast_cancer_entropy.json: CART trees of scikit-learn."""

from fractions import Fraction

import numpy as np
import sklearn
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import golden

FACTS = [
    "every feature cell is first rounded to float32 (scikit-learn stores float32) and widened again; a row goes left if x <= threshold in doubles",
    "nodes is a table in scikit-learn's depth-first order, left child first; node 0 is the root; feature -1, left -1 and right -1 mark a leaf",
    "gain = impurity(node) - n_left/n * impurity(left) - n_right/n * impurity(right), n the rows of the node; computed here from the node's rows, "
    "and checked against the impurities scikit-learn stores to 1e-12 relative to the node's impurity (its own sums of squares for mse carry that error)",
    "best_splits of an inner node lists every split whose gain is within 1e-12 (relative to the node's impurity) of the greatest, found by "
    "trying all features and all gaps between different values that leave min_samples_leaf rows on both sides; low is the greatest value that "
    "goes left, high the least that goes right, threshold their midpoint in doubles; the split scikit-learn took is among them",
    "where best_splits has more than one entry scikit-learn chooses by its random feature order: seeds_disagree counts those nodes for which 20 "
    "seeds (random_state 0-19) did not all take the same split",
    "how to compare: a node's rows follow from the table. Fit a tree of depth 1 (same criterion, same min_samples_leaf) on these rows; its gain "
    "must equal gain, and if best_splits has one entry its feature and threshold must equal that entry",
    "feature values closer than 1e-7 count as equal for scikit-learn; no gap in these data at a best split is that small",
]


def impurity(y, criterion, K):
    n = len(y)
    if criterion == "squared_error":
        s, q = int(y.sum()), int((y * y).sum())  # whole-number targets: exact
        return float(Fraction(q, n) - Fraction(s, n) ** 2)
    counts = np.bincount(y, minlength=K)
    if criterion == "gini":
        return float(1 - sum(Fraction(int(c), n) ** 2 for c in counts))
    p = counts[counts > 0] / n
    return float(-np.sum(p * np.log2(p)))


def gain_of(y_left, y_right, criterion, K):
    n, a, b = len(y_left) + len(y_right), len(y_left), len(y_right)
    if criterion == "squared_error":  # gain = n_l n_r / n^2 (mean_l - mean_r)^2
        return float(Fraction(a * b, n * n) * (Fraction(int(y_left.sum()), a) - Fraction(int(y_right.sum()), b)) ** 2)
    both = np.concatenate([y_left, y_right])
    if criterion == "gini":
        def g(y):
            m = len(y)
            return 1 - sum(Fraction(int(c), m) ** 2 for c in np.bincount(y, minlength=K))
        return float(g(both) - Fraction(a, n) * g(y_left) - Fraction(b, n) * g(y_right))
    return impurity(both, criterion, K) - a / n * impurity(y_left, criterion, K) - b / n * impurity(y_right, criterion, K)


def quick_gains(y, order, criterion, K):
    """Gains of the splits after place 1 ... n - 1 of the sorted rows, in plain float64: a filter before the exact formula."""
    n = len(y)
    ys = y[order]
    a = np.arange(1, n)
    b = n - a
    if criterion == "squared_error":
        s = np.cumsum(ys.astype(float))
        return a * b / n**2 * (s[:-1] / a - (s[-1] - s[:-1]) / b) ** 2
    c = np.cumsum(np.eye(K)[ys], axis=0)
    left, right, total = c[:-1] / a[:, None], (c[-1] - c[:-1]) / b[:, None], c[-1] / n

    def h(p):
        if criterion == "gini":
            return 1 - (p**2).sum(axis=-1)
        return -(p * np.log2(np.where(p > 0, p, 1))).sum(axis=-1)

    return h(total) - a / n * h(left) - b / n * h(right)


def best_splits(X, y, criterion, K, min_leaf):
    scale = impurity(y, criterion, K)
    candidates = []
    for f in range(X.shape[1]):
        order = np.argsort(X[:, f], kind="stable")
        xs = X[order, f]
        gains = quick_gains(y, order, criterion, K)
        for i in np.flatnonzero(xs[1:] > xs[:-1]):
            if i + 1 >= min_leaf and len(y) - i - 1 >= min_leaf:
                candidates.append((gains[i], f, i, order, xs))
    top = max(c[0] for c in candidates)
    exact = []
    for quick, f, i, order, xs in candidates:
        if quick >= top - 1e-9 * scale:
            g = gain_of(y[order[: i + 1]], y[order[i + 1 :]], criterion, K)
            exact.append((g, f, float(xs[i]), float(xs[i + 1]), int(i + 1)))
    top = max(e[0] for e in exact)
    second = max([e[0] for e in exact if e[0] < top - 1e-12 * scale], default=None)
    assert second is None or second < top - 1e-11 * scale  # nothing lies near the border of the tolerance
    return [
        {"feature": f, "low": lo, "high": hi, "threshold": lo / 2 + hi / 2, "n_left": n_left, "gain": g}
        for g, f, lo, hi, n_left in exact if g >= top - 1e-12 * scale
    ]


def describe(model, X, y, criterion, K, min_leaf):
    t = model.tree_
    rows_of = {0: np.arange(len(y))}
    nodes, splits = [], []
    for i in range(t.node_count):
        rows = rows_of[i]
        own = impurity(y[rows], criterion, K)
        assert len(rows) == t.n_node_samples[i] and abs(own - t.impurity[i]) <= 1e-12 * max(1, impurity(y, criterion, K))
        leaf = t.children_left[i] < 0
        value = t.value[i, 0, 0] if K == 0 else t.value[i, 0]
        node = {"feature": -1 if leaf else t.feature[i], "threshold": None if leaf else t.threshold[i], "left": t.children_left[i],
                "right": t.children_right[i], "n": t.n_node_samples[i], "impurity": t.impurity[i], "value": value}
        if not leaf:
            goes_left = X[rows, t.feature[i]] <= t.threshold[i]
            rows_of[t.children_left[i]], rows_of[t.children_right[i]] = rows[goes_left], rows[~goes_left]
            best = best_splits(X[rows], y[rows], criterion, K, min_leaf)
            taken = [s for s in best if s["feature"] == t.feature[i] and s["threshold"] == t.threshold[i]]
            assert len(taken) == 1, (i, t.feature[i], t.threshold[i], best)
            node["gain"] = taken[0]["gain"]
            splits.append({"node": i, "gain": max(s["gain"] for s in best), "best_splits": best})
        nodes.append(node)
    return nodes, splits


def paths(model, X):
    """Every inner node as (its rows, feature, threshold), to compare seeds."""
    t = model.tree_
    reached = model.decision_path(X.astype(np.float32)).toarray().astype(bool)
    return {reached[:, i].tobytes(): (int(t.feature[i]), float(t.threshold[i])) for i in range(t.node_count) if t.children_left[i] >= 0}


def disagreeing(make, X, y):
    seen = {}
    for seed in range(20):
        for rows, split in paths(make(seed).fit(X, y), X).items():
            seen.setdefault(rows, set()).add(split)
    return sum(len(s) > 1 for s in seen.values())


def rounded(name):
    X, y, features, target = golden.table(name)
    return X.astype(np.float32).astype(np.float64), y, features, target


TOLERANCE = {
    "gain": (1e-12, "relative to the node's impurity: two float64 evaluations of the same sums"),
    "threshold": (0, "the midpoint of two float32 values is exact in float64"),
    "impurity": (1e-12, "relative to the root's impurity"),
    "value": (1e-12, "relative"),
}


LEAVES = 20


def depth_first(model):
    t = model.tree_
    nodes, open_nodes = [], [0]
    while open_nodes:
        i = open_nodes.pop()
        leaf = t.children_left[i] < 0
        nodes.append({"feature": -1 if leaf else t.feature[i], "threshold": None if leaf else t.threshold[i], "n": t.n_node_samples[i],
                      "value": t.value[i, 0, 0]})
        if not leaf:
            open_nodes += [t.children_right[i], t.children_left[i]]
    return nodes


def make_regression():
    X, y, features, target = rounded("diabetes")
    y = np.array([int(v) for v in y])

    def make(seed):
        return DecisionTreeRegressor(min_samples_leaf=5, random_state=seed)

    model = make(0).fit(X, y)
    nodes, splits = describe(model, X, y, "squared_error", 0, 5)
    path = model.cost_complexity_pruning_path(X, y)
    best_first = DecisionTreeRegressor(min_samples_leaf=5, max_leaf_nodes=LEAVES, random_state=0).fit(X, y)
    golden.write("tree_diabetes.json", {
        "header": golden.header("scikit-learn", sklearn.__version__, "DecisionTreeRegressor(min_samples_leaf=5, random_state=0).fit(float32(X), y)",
                                "make_tree.py", TOLERANCE, FACTS + [
                                    "impurity is the mean squared deviation from the node's mean (divided by n), value the mean",
                                    f"best_first is the tree of max_leaf_nodes={LEAVES}, its nodes in depth-first order, left child first (scikit-learn numbers them as they are made)",
                                    "pruning.alphas and pruning.impurities are cost_complexity_pruning_path(X, y): R(T) with R divided by the rows of the root"]),
        "dataset": "diabetes", "target": target, "features": features, "criterion": "squared_error", "min_samples_leaf": 5, "max_depth": None,
        "seeds_disagree": disagreeing(make, X, y), "tied_nodes": [s["node"] for s in splits if len(s["best_splits"]) > 1],
        "nodes": nodes, "splits": splits,
        "best_first": {"max_leaf_nodes": LEAVES, "nodes": depth_first(best_first)},
        "pruning": {"alphas": path.ccp_alphas, "impurities": path.impurities},
    })


def make_classification(criterion):
    X, labels, features, target = rounded("breast_cancer")
    classes = sorted(set(labels))
    y = np.array([classes.index(c) for c in labels])

    def make(seed):
        return DecisionTreeClassifier(criterion=criterion, max_depth=4, random_state=seed)

    nodes, splits = describe(make(0).fit(X, y), X, y, criterion, len(classes), 1)
    golden.write(f"tree_breast_cancer_{criterion}.json", {
        "header": golden.header("scikit-learn", sklearn.__version__,
                                f"DecisionTreeClassifier(criterion='{criterion}', max_depth=4, random_state=0).fit(float32(X), y)",
                                "make_tree.py", TOLERANCE, FACTS + [
                                    "entropy is in bits (log2)" if criterion == "entropy" else "Gini impurity is 1 - sum p^2",
                                    "value holds the rows of each class, in the order of classes"]),
        "dataset": "breast_cancer", "target": target, "classes": classes, "features": features, "criterion": criterion, "min_samples_leaf": 1,
        "max_depth": 4, "seeds_disagree": disagreeing(make, X, y), "tied_nodes": [s["node"] for s in splits if len(s["best_splits"]) > 1],
        "nodes": nodes, "splits": splits,
    })


make_regression()
make_classification("gini")
make_classification("entropy")
