#!/usr/bin/python3
"""Hough transforms beside OpenCV, one thread, the same edge map or picture, in turn within one run; prints milliseconds and ratios.

    bench/vision/hough.py [--assay ./assay] [--rounds 3]

A ratio above 1 says how many times faster assay is. assay's lines are suppressed, claimed and fitted; OpenCV's are all cells above the threshold.
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


def milliseconds(call, times=15):
    best = 1e9
    for _ in range(times):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return 1e3 * best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default=str(ROOT / "assay"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    grey = cv2.resize(cv2.imread(str(ROOT / "datasets/pictures/camera.png"), 0), (640, 480))
    edges = cv2.Canny(grey, 50, 150)

    def segments():
        cv2.setRNGSeed(1)
        return cv2.HoughLinesP(edges, 1, np.pi / 180, 80, minLineLength=50, maxLineGap=5)

    rows = (
        ("lines", ["lines", "edges.png", "--edges", "none", "--votes", "120"], lambda: cv2.HoughLines(edges, 1, np.pi / 180, 120)),
        ("lines, 0.25 degrees", ["lines", "edges.png", "--edges", "none", "--votes", "120", "--angle-step", "0.25"], lambda: cv2.HoughLines(edges, 1, np.pi / 720, 120)),
        ("segments", ["segments", "edges.png", "--edges", "none", "--votes", "80", "--min-length", "50", "--max-gap", "5"], segments),
        ("circles", ["circles", "grey.png", "--min-radius", "10", "--max-radius", "60", "--low", "75", "--high", "150"],
         lambda: cv2.HoughCircles(grey, cv2.HOUGH_GRADIENT, 1, 20, param1=150, param2=40, minRadius=10, maxRadius=60)),
    )
    print(f"OpenCV {cv2.__version__}, one thread, 640x480, {cv2.countNonZero(edges)} edge pixels, {os.uname().machine}; milliseconds")
    print(f"{'detector':24}{'assay':>9}{'OpenCV':>9}{'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        cv2.imwrite(f"{folder}/edges.png", edges)
        cv2.imwrite(f"{folder}/grey.png", grey)
        for title, words, peer in rows:
            ours, theirs = [], []
            for _ in range(options.rounds):
                theirs.append(milliseconds(peer))
                command = [options.assay, "detect", *words, "--repeat", "25", "--threads", "1", "--json"]
                ours.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout)["run"]["timing"]["op_ms_min"])
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"{title:24}{a:9.2f}{b:9.2f}{b / a:7.2f}", flush=True)


if __name__ == "__main__":
    main()
