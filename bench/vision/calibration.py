#!/usr/bin/python3
"""Calibration, from points and from pictures, and undistortion beside OpenCV, in turn within one run; prints times and ratios.

    bench/vision/calibration.py [--assay ./assay] [--rounds 5]

A ratio above 1 says how many times faster assay is. Times are medians over the rounds of the best of each round's
repetitions, on one thread, without reading and writing. Needs python3-opencv.
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

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "datasets" / "chessboards"
REPEAT = 9


def best_of(call):
    best = float("inf")
    for _ in range(REPEAT):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return 1e3 * best


def assay_ms(assay, *args):
    run = subprocess.run([assay, *map(str, args), "--json", "--threads", "1", "--repeat", str(REPEAT)], check=True, capture_output=True, text=True)
    return json.loads(run.stdout)["run"]["timing"]["op_ms_min"]


def refined(image):
    found, corners = cv2.findChessboardCorners(image, (9, 6))
    return cv2.cornerSubPix(image, corners, (11, 11), (-1, -1), (3, 30, 1e-3)) if found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default=str(ROOT / "assay"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        board = np.zeros((54, 3), np.float32)
        board[:, :2] = np.mgrid[0:9, 0:6].T.reshape(-1, 2) * 25
        np.savetxt(folder / "model.csv", board[:, :2], delimiter=",", header="X,Y", comments="")
        photos = {p.stem: cv2.imread(str(p), 0) for p in sorted(PICTURES.glob("left*.jpg"))}
        corners = [refined(image) for image in photos.values()]
        views = [folder / f"{name}.csv" for name in photos]
        for view, c in zip(views, corners):
            np.savetxt(view, c.reshape(-1, 2).astype(np.float64), delimiter=",", header="u,v", comments="", fmt="%.9g")
        points = ["--points", folder / "model.csv", "--views", ",".join(map(str, views)), "--size", "640x480"]
        subprocess.run([options.assay, "calibrate", *map(str, points), "--out", folder / "cam.yml", "--quiet"], check=True, capture_output=True)
        _, K, D, _, _ = cv2.calibrateCamera([board] * len(corners), corners, (640, 480), None, None)
        photo = photos["left12"]

        def whole():
            found = [refined(image) for image in photos.values()]
            cv2.calibrateCamera([board] * len(found), found, (640, 480), None, None)

        out = np.empty_like(photo)
        rows = [
            ("13 pictures to a camera", ["calibrate", *sorted(PICTURES.glob("left*.jpg")), "--board", "9x6", "--square", "25mm"], whole, "both: corners and calibration"),
            ("calibrate, 13 views", ["calibrate", *points], lambda: cv2.calibrateCamera([board] * len(corners), corners, (640, 480), None, None), ""),
            ("undistort 640 x 480", ["undistort", folder / "cam.yml", PICTURES / "left12.jpg", folder / "out.png"], lambda: cv2.undistort(photo, K, D, out), "OpenCV: places rounded to 1/32 px"),
        ]
        print(f"{'what':26} {'OpenCV':>9} {'assay':>9} {'ratio':>6}")
        for name, args, peer, note in rows:
            ours, theirs = [], []
            for _ in range(options.rounds):
                theirs.append(best_of(peer))
                ours.append(assay_ms(options.assay, *args))
            a, b = statistics.median(theirs), statistics.median(ours)
            print(f"{name:26} {a:6.2f} ms {b:6.2f} ms {a / b:6.2f}  {note}", flush=True)


if __name__ == "__main__":
    main()
