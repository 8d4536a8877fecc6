#!/usr/bin/python3
"""hough.json: skimage.transform.hough_line's accumulators of small random edge maps, and its angles."""

import numpy as np
import skimage
from skimage.transform import hough_line

import golden

golden.DATE = "2026-11-29"
rng = np.random.default_rng(1972)
cases = []
for height, width, density, theta in (
    (17, 24, 0.2, np.linspace(-np.pi / 2, np.pi / 2, 12, endpoint=False)),
    (40, 9, 0.5, np.linspace(-np.pi / 2, np.pi / 2, 18, endpoint=False)),
    (1, 13, 1.0, np.deg2rad([0, 30, 45, 60, 90, 120, 150])),
):
    edges = rng.random((height, width)) < density
    votes, angles, distances = hough_line(edges, theta=theta)
    assert votes.sum() == edges.sum() * len(theta)
    offset = int(-distances[0])
    rows, columns = np.nonzero(votes)
    cases.append({
        "width": width,
        "height": height,
        "edges": [[int(x), int(y)] for y, x in zip(*np.nonzero(edges))],
        "theta": angles,
        "offset": offset,
        "bins": votes.shape[0],
        "votes": [[int(c), int(r), int(votes[r, c])] for r, c in zip(rows, columns)],
    })

golden.write(
    "hough.json",
    {
        **golden.header("scikit-image", skimage.__version__, "skimage.transform.hough_line(edges, theta)", "make_hough.py",
                        {"votes": [0, "counts: exact"]}, ["votes: [angle, bin, count] of every cell that is not 0"]),
        "cases": cases,
    },
)
