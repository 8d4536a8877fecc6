#!/usr/bin/python3
"""How time grows with rows: k-means (16 columns, 64 clusters, 25 iterations from given centres) and dbscan (2, 3 and 5 columns, as
many neighbours a row at every size), from 20 000 to 1 000 000 rows, one thread, processor seconds, medians. The slope is that of the
line fitted to log time against log rows; at most 1.15 is wanted. `--plot FILE` draws the lines (python3-matplotlib).

usage: scaling.py build/release/bench [--repeats 3] [--plot scaling.png]
"""

import argparse
import os
import statistics
import struct
import subprocess
import tempfile

import numpy as np
from scipy.spatial import cKDTree

from dbscan import blobs, moons
from kmeans import blobs as blobs16

SIZES = [20000, 50000, 100000, 200000, 500000, 1000000]


def write(file, head, *arrays):
    with open(file, "wb") as f:
        f.write(struct.pack(f"{len(head)}d", *head) + b"".join(np.ascontiguousarray(a).tobytes() for a in arrays))


def kmeans(n, file):
    def table(rows):
        return blobs16(rows, 16, 80, 64, 41, 3.0)

    write(file, (n, 16, 64), table(n)[0], table(SIZES[0])[1])  # the same start at every size
    return ["kmeans", file, "{repeats}", "1", "auto", "25"]


def dbscan(make, d, neighbors):
    """eps: the median distance to that many neighbours, so that a row has as many of them at every size."""

    def case(n, file):
        X = make(n)
        distance, _ = cKDTree(X).query(X[:: n // 2000], [neighbors + 1])  # a row is its own first neighbour
        write(file, (n, d, np.median(distance), 10), X)
        return ["dbscan", file, "{repeats}", "1", os.devnull]

    return case


CASES = {
    "kmeans, 16 columns, 64 clusters": kmeans,
    "dbscan, 2 columns": dbscan(lambda n: moons(n, 51), 2, 40),
    "dbscan, 3 columns": dbscan(lambda n: blobs(n, 3, 20, 52, 0.8, 0.1), 3, 40),
    "dbscan, 5 columns": dbscan(lambda n: blobs(n, 5, 12, 53, 0.9, 0.1), 5, 40),
}


def seconds(folder, case, n, repeats):
    with tempfile.TemporaryDirectory() as scratch:
        program, *arguments = case(n, os.path.join(scratch, "x"))
        command = [os.path.join(folder, program)] + [a.format(repeats=repeats) for a in arguments]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return statistics.median(float(line.split()[0]) for line in lines)


def plot(file, lines):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5))
    for (name, (times, slope)), color, marker in zip(lines.items(), ["#0072b2", "#d55e00", "#009e73", "#cc79a7"], "os^D"):
        axes.loglog(SIZES, times, color=color, marker=marker, label=f"{name}: slope {slope:.2f}")
    low = min(times[0] for times, _ in lines.values())
    axes.loglog(SIZES, [0.6 * low * n / SIZES[0] for n in SIZES], color="0.6", linestyle="--", label="slope 1")
    axes.set_xticks(SIZES, [f"{n:,}".replace(",", " ") for n in SIZES])
    axes.minorticks_off()
    axes.set_xlabel("rows")
    axes.set_ylabel("processor seconds")
    axes.grid(True, color="0.9")
    axes.legend(frameon=False)
    for side in "top", "right":
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--plot")
    a = arguments.parse_args()
    lines = {}
    for name, case in CASES.items():
        times = [seconds(a.folder, case, n, a.repeats) for n in SIZES]
        slope = np.polyfit(np.log(SIZES), np.log(times), 1)[0]
        lines[name] = times, slope
        print(f"{name}: " + "  ".join(f"{t:.4f}" for t in times) + f" s   slope {slope:.3f}", flush=True)
    if a.plot:
        plot(a.plot, lines)


if __name__ == "__main__":
    main()
