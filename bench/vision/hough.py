#!/usr/bin/python3
"""Hough transforms beside OpenCV, one thread, the same edge map or picture, in turn within one run; prints milliseconds, ratios and quality.

    bench/vision/hough.py [--assay ./assay] [--rounds 5] [--only lines,segments]

A ratio above 1 says how many times faster assay is. Times are medians over the rounds of the best of each round's
repetitions, without reading and writing. They are taken on a photograph; quality on drawn scenes of known lines or discs,
and read off by one rule for both sides: a finding counts once, and only near a drawn thing. Needs python3-opencv.

assay's lines are suppressed, claimed and fitted; OpenCV's are all cells above the threshold that beat their four neighbours.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import cv2
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZE = (640, 480)
SCENES = 8
REPEAT = 11


def best_of(call):
    best = float("inf")
    for _ in range(REPEAT):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return 1e3 * best


def detect(assay, words, path):
    """What `assay detect` finds, as rows of numbers, and its best time in milliseconds."""
    command = [assay, "detect", words[0], str(path), *words[1:], "--repeat", str(REPEAT), "--threads", "1", "--json"]
    result = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return [list(row.values()) for row in result[words[0]]], result["run"]["timing"]["op_ms_min"]


def lines_scene(seed):
    """Six lines across an edge map, a third of their pixels missing, among strewn pixels; and (rho, theta) of each."""
    rng = np.random.default_rng(seed)
    edges = np.where(rng.random(SIZE[::-1]) < 0.005, 255, 0).astype(np.uint8)
    truth = []
    while len(truth) < 6:
        theta = rng.uniform(0, np.pi)
        c, s = np.cos(theta), np.sin(theta)
        rho = rng.uniform(150, 490) * c + rng.uniform(120, 360) * s
        if any(turn(theta, t) < 0.2 for _, t in truth):
            continue
        flat = abs(s) > abs(c)
        along = np.arange(SIZE[0] if flat else SIZE[1])
        across = np.rint((rho - along * c) / s if flat else (rho - along * s) / c).astype(int)
        keep = (across >= 0) & (across < (SIZE[1] if flat else SIZE[0])) & (rng.random(len(along)) > 0.33)
        x, y = (along[keep], across[keep]) if flat else (across[keep], along[keep])
        if len(x) < 150:
            continue
        edges[y, x] = 255
        truth.append((rho, theta))
    return edges, truth


def circles_scene(seed):
    """Six discs on grey with noise; and (x, y, r) of each."""
    rng = np.random.default_rng(seed)
    scale = 4
    fine = np.full((SIZE[1] * scale, SIZE[0] * scale), 90, np.float32)
    y, x = np.mgrid[0 : SIZE[1] * scale, 0 : SIZE[0] * scale]
    x, y = (x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5
    truth = []
    while len(truth) < 6:
        r = rng.uniform(14, 55)
        a, b = rng.uniform(r + 4, SIZE[0] - r - 4), rng.uniform(r + 4, SIZE[1] - r - 4)
        if any(np.hypot(a - u, b - v) < r + q + 12 for u, v, q in truth):
            continue
        fine[np.hypot(x - a, y - b) <= r] += rng.choice([-1, 1]) * rng.uniform(50, 80)
        truth.append((a, b, r))
    image = cv2.resize(fine, SIZE, interpolation=cv2.INTER_AREA) + rng.normal(0, 4, SIZE[::-1])
    return np.clip(np.rint(image), 0, 255).astype(np.uint8), truth


def turn(a, b):
    d = abs(a - b) % np.pi
    return min(d, np.pi - d)


def line_error(found, true):
    """Distance from the point of the true line nearest to the picture's middle; infinite where the angle is 2 degrees off."""
    (rho, theta), (r, t) = found[:2], true
    if turn(theta, t) > np.deg2rad(2):
        return float("inf")
    away = r - ((SIZE[0] - 1) / 2 * np.cos(t) + (SIZE[1] - 1) / 2 * np.sin(t))
    x, y = (SIZE[0] - 1) / 2 + away * np.cos(t), (SIZE[1] - 1) / 2 + away * np.sin(t)
    return abs(x * np.cos(theta) + y * np.sin(theta) - rho)


def segment_error(found, true):
    """Mean distance of a segment's ends from the true line."""
    x1, y1, x2, y2 = found
    return statistics.mean(abs(x * np.cos(true[1]) + y * np.sin(true[1]) - true[0]) for x, y in ((x1, y1), (x2, y2)))


def circle_error(found, true):
    return np.hypot(found[0] - true[0], found[1] - true[1]) + abs(found[2] - true[2])


def quality(findings, truths, error):
    """Share of drawn things that are found, findings for each drawn thing, mean error of those nearer than 4 pixels."""
    hit = all_found = drawn = 0
    errors = []
    for found, truth in zip(findings, truths):
        all_found += len(found)
        drawn += len(truth)
        for true in truth:
            best = min((error(f, true) for f in found), default=float("inf"))
            if best < 4:
                hit += 1
                errors.append(best)
    return f"{100 * hit / drawn:4.0f} %{all_found / drawn:6.2f}{statistics.mean(errors) if errors else float('nan'):8.3f}"


def rows_of(result):
    return [] if result is None else result.reshape(-1, result.shape[-1]).tolist()


def peer_lines(step):
    return lambda image, votes: rows_of(cv2.HoughLines(image, 1, np.pi / 180 * step, votes))


def peer_segments(image, votes):
    cv2.setRNGSeed(1)
    return rows_of(cv2.HoughLinesP(image, 1, np.pi / 180, votes, minLineLength=50, maxLineGap=8))


def peer_circles(image, votes):
    return rows_of(cv2.HoughCircles(image, cv2.HOUGH_GRADIENT, 1, 20, param1=150, param2=votes, minRadius=10, maxRadius=60))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default=str(ROOT / "assay"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="rows, by name, with commas between")
    options = parser.parse_args()
    assay = str(pathlib.Path(options.assay).resolve())
    cv2.setNumThreads(1)
    grey = cv2.resize(cv2.imread(str(ROOT / "datasets/pictures/camera.png"), 0), SIZE)
    edges = cv2.Canny(grey, 50, 150)
    # name, picture for the times, scenes for quality, error, words for assay, peer, votes for the times and for quality
    of_edges = ["--edges", "none"]
    rows = (
        ("lines", edges, lines_scene, line_error, ["lines", *of_edges], peer_lines(1), 120, 80),
        ("lines-fine", edges, lines_scene, line_error, ["lines", *of_edges, "--angle-step", "0.25"], peer_lines(0.25), 120, 80),
        ("segments", edges, lines_scene, segment_error, ["segments", *of_edges, "--min-length", "50", "--max-gap", "8"], peer_segments, 80, 50),
        ("circles", grey, circles_scene, circle_error,
         ["circles", "--min-radius", "10", "--max-radius", "60", "--low", "75", "--high", "150"], peer_circles, 40, 20),
    )
    known = [row[0] for row in rows]
    wanted = options.only.split(",") if options.only else known
    for name in wanted:
        if name not in known:
            parser.error(f"--only: no row '{name}'; there are {', '.join(known)}")
    print(f"OpenCV {cv2.__version__}, one thread, {SIZE[0]}x{SIZE[1]}, {cv2.countNonZero(edges)} edge pixels, {os.uname().machine}; milliseconds")
    print(f"quality on {SCENES} drawn scenes: share found, findings for each thing drawn, error in pixels")
    print(f"{'':12}{'assay':>9}{'OpenCV':>9}{'ratio':>7}   {'assay':>20}   {'OpenCV':>20}")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "picture.png"
        for name, image, scene, error, words, peer, votes, few in rows:
            if name not in wanted:
                continue
            voting = [] if name == "circles" else ["--votes", str(votes)]
            ours, theirs = [], []
            cv2.imwrite(str(path), image)
            for _ in range(options.rounds):
                theirs.append(best_of(lambda: peer(image, votes)))
                ours.append(detect(assay, [*words, *voting], path)[1])
            a, b = statistics.median(ours), statistics.median(theirs)
            found, peers, truths = [], [], []
            for seed in range(SCENES):
                drawn, truth = scene(seed)
                cv2.imwrite(str(path), drawn)
                plain = ["circles", "--min-radius", "10", "--max-radius", "60"] if name == "circles" else [*words, "--votes", str(few)]
                found.append(detect(assay, plain, path)[0])
                peers.append(peer(drawn, few))
                truths.append(truth)
            print(f"{name:12}{a:9.2f}{b:9.2f}{b / a:7.2f}   {quality(found, truths, error)}   {quality(peers, truths, error)}", flush=True)


if __name__ == "__main__":
    main()
