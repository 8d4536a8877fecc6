#!/usr/bin/python3
"""Geometry, colour and quality beside OpenCV, one thread, the same picture, in turn within one run; prints times and ratios.

    bench/vision/geometry.py [--assay ./assay] [--rounds 5] [--only resize] [--size 1920x1080]

Reads as against_opencv.py does: a ratio above 1 says how many times faster assay is, at the result that assay's defaults
give (correctly rounded, true sub-pixel weights).
"""

import argparse
import os
import pathlib
import statistics
import tempfile

import cv2
import numpy as np

from against_opencv import ROOT, assay_ms, best_of, full_hd


def resize_cases(grey, bgr, u8):
    h, w = grey.shape
    up, down, half, quarter = ((int(w * f), int(h * f)) for f in (1.5, 0.6, 0.5, 0.25))
    CV = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4, "area": cv2.INTER_AREA,
          "nearest": cv2.INTER_NEAREST}
    plan = [("linear up", "bilinear", up, "u8"), ("linear down", "bilinear", down, "u8"), ("linear down c3", "bilinear", down, "bgr"),
            ("linear half", "bilinear", half, "u8"), ("cubic up", "bicubic", up, "u8"), ("cubic down", "bicubic", down, "u8"),
            ("area up", "area", up, "u8"), ("area down", "area", down, "u8"), ("area quarter", "area", quarter, "u8"),
            ("lanczos up", "lanczos", up, "u8"), ("nearest up", "nearest", up, "u8")]
    for title, method, size, kind in plan:
        image = bgr if kind == "bgr" else grey
        out = np.empty(size[::-1] + image.shape[2:], np.uint8)
        note = "assay: 6 taps, OpenCV: 8" if method == "lanczos" else "assay: shares of squares" if title == "area up" else ""
        yield (f"resize {title}", [f"resize:width={size[0]}:height={size[1]}:method={method}"], kind,
               lambda image=image, out=out, size=size, m=CV[method]: cv2.resize(image, size, dst=out, interpolation=m), note)


def move_cases(grey, bgr, u8):
    for title, op, call in (("flip horizontal", "flip", lambda: cv2.flip(grey, 1, dst=u8)), ("flip vertical", "flip:direction=vertical", lambda: cv2.flip(grey, 0, dst=u8))):
        yield title, [op], "u8", call, ""
    colour = np.empty_like(bgr)
    yield "flip horizontal c3", ["flip"], "bgr", lambda: cv2.flip(bgr, 1, dst=colour), ""


def cases(grey):
    bgr = np.ascontiguousarray(np.dstack([grey, 255 - grey, np.roll(grey, 7, 1)]))
    u8 = np.empty_like(grey)
    pictures = {"u8": grey, "bgr": bgr}
    return pictures, [*move_cases(grey, bgr, u8), *resize_cases(grey, bgr, u8)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default=str(ROOT / "assay"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--size", default="1920x1080")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    width, height = map(int, options.size.split("x"))
    picture = full_hd() if (width, height) == (1920, 1080) else cv2.resize(full_hd(), (width, height), interpolation=cv2.INTER_CUBIC)
    pictures, table = cases(picture)
    print(f"OpenCV {cv2.__version__}, one thread, {options.size}, {os.uname().machine}; milliseconds")
    print(f"{'operator':28}{'assay':>9}{'OpenCV':>9}{'ratio':>7}  note")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = {}
        for kind, image in pictures.items():
            files[kind] = folder / f"{kind}.npy"
            np.save(files[kind], image[..., ::-1] if image.ndim == 3 else image)
        for title, chain, kind, peer, note in table:
            if options.only not in title:
                continue
            peer()  # warm-up
            ours, theirs = [], []
            for _ in range(options.rounds):
                theirs.append(best_of(peer))
                ours.append(assay_ms(options.assay, chain, files[kind], folder))
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"{title:28}{a:9.3f}{b:9.3f}{b / a:7.2f}  {note}", flush=True)


if __name__ == "__main__":
    main()
