"""A table of prices, made up: few grades beside rounded measures."""

import numpy as np


def stones(n=53940):
    """Prices of stones: nine columns, three of few grades, six rounded to 0.01 or 0.1 as measured; prices in whole units."""
    rng = np.random.default_rng(12)
    carat = np.round(np.clip(rng.lognormal(-0.4, 0.55, n), 0.2, 5), 2)
    grades = [rng.integers(0, k, n) for k in (5, 7, 8)]
    depth, table = np.round(rng.normal(61.7, 1.4, n), 1), np.round(rng.normal(57.5, 2.2, n), 0)
    x = np.round(6.5 * carat ** (1 / 3) * rng.normal(1, 0.01, n), 2)
    y, z = np.round(x * rng.normal(1, 0.005, n), 2), np.round(x * depth / 100, 2)
    price = np.rint(np.exp(8.4 + 1.7 * np.log(carat) + 0.04 * grades[0] - 0.08 * grades[1] + 0.1 * grades[2] + rng.normal(0, 0.1, n)))
    return np.stack([carat, *grades, depth, table, x, y, z], 1).astype(float), price
