#!/usr/bin/python3
"""Homographies of point pairs, and matching of descriptors, beside OpenCV; one thread, in turn within one run.

    bench/vision/pairs.py [--assay ./assay] [--rounds 7] [--trials 100]

Reads as against_opencv.py does: a ratio above 1 says how many times faster assay is. Pairs: 1000, noise 0.7 px, 30 and 60 %
wrong, threshold 3 px, confidence 0.995. Matching: the two nearest of 1000 and of 3000 descriptors of 128 numbers each, and
the ratio test; assay's is exact, ties by index. --trials N: success (mean corner error below 3 px) in N sets of 200 pairs a
level, both sides with confidence 0.999. Needs python3-opencv.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import cv2
import numpy as np

from against_opencv import ROOT

CORNERS = np.array([[0, 0, 1], [1000, 0, 1], [1000, 800, 1], [0, 800, 1]], float)


def corners_of(H):
    z = CORNERS @ np.asarray(H, float).reshape(3, 3).T
    return z[:, :2] / z[:, 2:]


def point_pairs(n, wrong, seed, H=None):
    r = np.random.default_rng(seed)
    if H is None:
        quad = (CORNERS[:, :2] + r.uniform(-150, 150, (4, 2))).astype(np.float32)
        H = cv2.getPerspectiveTransform(CORNERS[:, :2].astype(np.float32), quad)
    p = r.uniform([0, 0], [1000, 800], (n, 2))
    z = np.c_[p, np.ones(n)] @ H.T
    q = z[:, :2] / z[:, 2:] + r.normal(0, 0.7, (n, 2))
    k = r.permutation(n)[: round(n * wrong)]
    q[k] = r.uniform([-100, -100], [1100, 900], (len(k), 2))
    return p.astype(np.float32), q.astype(np.float32), H


def write_pairs(path, p, q):
    np.savetxt(path, np.c_[p, q].astype(float), delimiter=",", header="x1,y1,x2,y2", comments="", fmt="%.9g")


def run(assay, *words):
    done = subprocess.run([assay, *map(str, words), "--json", "--threads", "1"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def best_ms(call, repeat=15):
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - begin))
    return min(times)


def rows(name, ours, theirs, note):
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"{name:34} {a:9.3f} {b:9.3f} {b / a:8.2f}  {note}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--assay", default=str(ROOT / "assay"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--trials", type=int, default=0)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(f"{'':34} {'assay ms':>9} {'peer ms':>9} {'ratio':>8}  one thread")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        H = np.array([[0.9, -0.2, 50], [0.15, 1.05, -20], [1e-4, -5e-5, 1]])
        for wrong in (0.3, 0.6):
            p, q, _ = point_pairs(1000, wrong, 42, H)
            write_pairs(folder / "p.csv", p, q)
            for name, flag, method in (("RANSAC", cv2.RANSAC, "ransac"), ("LMEDS", cv2.LMEDS, "lmeds"), ("RHO", cv2.RHO, "ransac"),
                                       ("USAC_DEFAULT", cv2.USAC_DEFAULT, "ransac"), ("USAC_MAGSAC", cv2.USAC_MAGSAC, "ransac")):
                ours, theirs = [], []
                for _ in range(options.rounds):
                    theirs.append(best_ms(lambda: cv2.findHomography(p, q, flag, 3.0, maxIters=2000, confidence=0.995)))
                    done = run(options.assay, "geom", "estimate", folder / "p.csv", "--method", method, "--confidence", 0.995, "--repeat", 15)
                    ours.append(done["run"]["timing"]["op_ms_min"])
                rows(f"{method} {round(100 * wrong)} % wrong", ours, theirs, f"OpenCV {name}")
        for n in (1000, 3000):
            r = np.random.default_rng(n)
            a = np.clip(r.exponential(20, (n, 128)), 0, 255).astype(np.uint8).astype(np.float32)
            b = np.clip(a + r.normal(0, 8, a.shape), 0, 255).round().astype(np.float32)
            for side, d in (("a", a), ("b", b)):
                table = np.c_[r.uniform(0, 1000, (n, 2)), np.ones(n), np.zeros(n), d]
                np.savetxt(folder / f"{side}.csv", table, delimiter=",", fmt="%.9g", comments="",
                           header="x,y,sigma_px,angle_rad," + ",".join(f"d{i}" for i in range(128)))
            matcher, ours, theirs = cv2.BFMatcher(cv2.NORM_L2), [], []
            for _ in range(options.rounds):
                theirs.append(best_ms(lambda: matcher.knnMatch(a, b, 2), 5))
                done = run(options.assay, "match", folder / "a.csv", folder / "b.csv", "--model", "none", "--repeat", 5)
                ours.append(done["run"]["timing"]["op_ms_min"])
            rows(f"match {n} x {n}", ours, theirs, "OpenCV BFMatcher.knnMatch, k = 2")
        for percent in range(10, 90, 10) if options.trials else ():
            good = {"assay": 0, "RANSAC": 0, "USAC_DEFAULT": 0, "USAC_MAGSAC": 0}
            for seed in range(options.trials):
                p, q, H = point_pairs(200, percent / 100, (seed, percent))
                write_pairs(folder / "p.csv", p, q)
                found = {name: cv2.findHomography(p, q, getattr(cv2, name), 3.0, maxIters=5000, confidence=0.999)[0] for name in good if name != "assay"}
                found["assay"] = run(options.assay, "geom", "estimate", folder / "p.csv", "--confidence", 0.999)["homography"]
                for name, G in found.items():
                    good[name] += G is not None and np.hypot(*(corners_of(G) - corners_of(H)).T).mean() < 3
            print(f"{percent} % wrong, success of {options.trials}: " + ", ".join(f"{k} {v}" for k, v in good.items()), flush=True)


if __name__ == "__main__":
    main()
