#!/usr/bin/python3
"""Image operators beside OpenCV, the same picture, in turn within one run; prints times and ratios.

    bench/vision/against_opencv.py [--assay ./assay] [--rounds 5] [--only canny] [--size 1920x1080] [--threads 1] [--cold]

A ratio above 1 says how many times faster assay is. Times are medians over the rounds of the best of each round's
repetitions, and exclude reading and writing; both sides reuse their output. With --cold each round is the first call of a
new process on both sides. --only takes several parts of names, separated by commas. What is not the same on both sides is
said in the last column; the last line is the geometric mean of the ratios, each counted as 10 at most. Needs
python3-opencv.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
REPEAT = 15


def photograph(width, height):
    """From bundled photographs: texture on the left third, a portrait on the right, and a little noise."""
    read = lambda name: cv2.imread(str(ROOT / "datasets" / "pictures" / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    picture = cv2.resize(read("astronaut"), (width, height), interpolation=cv2.INTER_CUBIC)
    picture[:, : width // 3] = cv2.resize(read("gravel"), (width // 3, height))
    noise = np.random.default_rng(1).normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def cases(grey, _):
    """name, assay's chain, the picture's kind, the peer's call, what differs."""
    real = (grey / np.float32(255)).astype(np.float32)
    wide = (grey * np.uint16(257)).astype(np.uint16)
    colour = np.dstack([grey, 255 - grey, np.roll(grey, 7, 1)])
    blurred = cv2.GaussianBlur(grey, (0, 0), 1.4)
    u8, u16, f32, bgr = np.empty_like(grey), np.empty_like(wide), np.empty_like(real), np.empty_like(colour)
    s16 = np.empty(grey.shape, np.int16)
    gauss = lambda image, out, r, s: lambda: cv2.GaussianBlur(image, (2 * r + 1, 2 * r + 1), s, dst=out)
    canny = lambda image, l2: lambda: cv2.Canny(image, 50, 150, edges=u8, apertureSize=3, L2gradient=l2)
    weights7 = np.random.default_rng(3).random((7, 7)) / 25
    kernel7 = "; ".join(" ".join(repr(float(w)) for w in row) for row in weights7)
    sift = cv2.SIFT_create()
    element = lambda shape, side: cv2.getStructuringElement(shape, (side, side))
    white = cv2.threshold(cv2.GaussianBlur(grey, (0, 0), 2), 0, 255, cv2.THRESH_OTSU)[1]
    markers = np.zeros(grey.shape, np.int32)
    for label, (y, x) in enumerate(np.random.default_rng(7).integers(5, min(grey.shape) - 5, (200, 2)), 1):
        markers[y - 1 : y + 2, x - 1 : x + 2] = label
    lab = cv2.cvtColor(colour, cv2.COLOR_BGR2LAB)
    pictures = {"lab": lab, "markers": markers.astype(np.uint16), "white": white, "u8": grey, "u16": wide, "f32": real, "bgr": colour, "blurred": blurred}
    fast = cv2.FastFeatureDetector_create(10)
    same = "the same pixels"
    rounding = "assay rounds correctly, OpenCV in 8.8 fixed point"
    return pictures, [
        ("gray", ["gray"], "bgr", lambda: cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY, dst=u8),
         "assay rounds correctly, OpenCV in 15-bit fixed point"),
        ("gaussian u8 sigma 1.5", ["gaussian:sigma=1.5:radius=4"], "u8", gauss(grey, u8, 4, 1.5), rounding),
        ("gaussian u8 sigma 5", ["gaussian:sigma=5:radius=15"], "u8", gauss(grey, u8, 15, 5), rounding),
        ("gaussian bgr sigma 1.5", ["gaussian:sigma=1.5:radius=4"], "bgr", gauss(colour, bgr, 4, 1.5), rounding),
        ("gaussian u8 sigma 1.5 opencv", ["gaussian:sigma=1.5:radius=4:convention=opencv"], "u8", gauss(grey, u8, 4, 1.5), same),
        ("gaussian u8 sigma 5 opencv", ["gaussian:sigma=5:radius=15:convention=opencv"], "u8", gauss(grey, u8, 15, 5), same),
        ("gaussian bgr sigma 1.5 opencv", ["gaussian:sigma=1.5:radius=4:convention=opencv"], "bgr", gauss(colour, bgr, 4, 1.5),
         same),
        ("gaussian f32 sigma 1.5", ["gaussian:sigma=1.5:radius=4"], "f32", gauss(real, f32, 4, 1.5), ""),
        ("gaussian f32 sigma 5", ["gaussian:sigma=5:radius=15"], "f32", gauss(real, f32, 15, 5), ""),
        ("gaussian u8 sigma 20", ["gaussian:sigma=20"], "u8", gauss(grey, u8, 80, 20), rounding),
        ("gaussian u8 sigma 20 opencv", ["gaussian:sigma=20:radius=80:convention=opencv"], "u8", gauss(grey, u8, 80, 20), same),
        ("gaussian recursive sigma 20", ["gaussian:sigma=20:method=recursive"], "u8", gauss(grey, u8, 80, 20),
         "assay to 0.0006 of the range, OpenCV in 8.8 fixed point"),
        ("sobel u8 to f32", ["sobel:direction=x"], "u8", lambda: cv2.Sobel(grey, cv2.CV_32F, 1, 0, dst=f32, ksize=3), ""),
        ("sobel u8 to s16", ["sobel:direction=x"], "u8", lambda: cv2.Sobel(grey, cv2.CV_16S, 1, 0, dst=s16, ksize=3),
         "assay's result is f32: twice the bytes"),
        ("sobel f32", ["sobel:direction=x"], "f32", lambda: cv2.Sobel(real, cv2.CV_32F, 1, 0, dst=f32, ksize=3), ""),
        ("canny l1", ["canny:convention=opencv:norm=l1"], "u8", canny(grey, False), "same edges"),
        ("canny l2", ["canny:convention=opencv"], "u8", canny(grey, True), "same edges"),
        ("canny l2, blurred picture", ["canny:convention=opencv"], "blurred", canny(blurred, True), "same edges"),
        ("canny exact", ["canny"], "u8", canny(grey, True), "assay interpolates, OpenCV takes the nearest"),
        ("box 3", ["box"], "u8", lambda: cv2.blur(grey, (3, 3), dst=u8), ""),
        ("box 31", ["box:size=31"], "u8", lambda: cv2.blur(grey, (31, 31), dst=u8), ""),
        ("box 31 f32", ["box:size=31"], "f32", lambda: cv2.blur(real, (31, 31), dst=f32), ""),
        ("box 31 u16", ["box:size=31"], "u16", lambda: cv2.blur(wide, (31, 31), dst=u16), ""),
        ("median 3", ["median"], "u8", lambda: cv2.medianBlur(grey, 3, dst=u8), ""),
        ("median 5", ["median:size=5"], "u8", lambda: cv2.medianBlur(grey, 5, dst=u8), ""),
        ("median 3 f32", ["median"], "f32", lambda: cv2.medianBlur(real, 3, dst=f32), ""),
        ("median 5 f32", ["median:size=5"], "f32", lambda: cv2.medianBlur(real, 5, dst=f32), ""),
        ("median 15", ["median:size=15"], "u8", lambda: cv2.medianBlur(grey, 15, dst=u8), ""),
        ("median 31", ["median:size=31"], "u8", lambda: cv2.medianBlur(grey, 31, dst=u8), ""),
        ("bilateral 9", ["bilateral:radius=4:sigma-color=25:sigma-space=3"], "u8",
         lambda: cv2.bilateralFilter(grey, 9, 25, 3, dst=u8), "assay computes the weights, OpenCV looks them up"),
        ("bilateral 9 f32", ["bilateral:radius=4:sigma-color=25:sigma-space=3"], "f32",
         lambda: cv2.bilateralFilter(real, 9, 25 / 255, 3, dst=f32), "assay computes the weights, OpenCV looks them up"),
        ("bilateral 9 bgr", ["bilateral:radius=4:sigma-color=25:sigma-space=3:convention=opencv"], "bgr",
         lambda: cv2.bilateralFilter(colour, 9, 25, 3, dst=bgr), "the same"),
        ("convolve 7", ["convolve:kernel=" + kernel7 + ":orientation=correlate"], "u8",
         lambda: cv2.filter2D(grey, -1, weights7, dst=u8), "assay rounds correctly"),
        ("convolve 7 f32", ["convolve:kernel=" + kernel7 + ":orientation=correlate"], "f32",
         lambda: cv2.filter2D(real, -1, weights7, dst=f32), ""),
        ("erode 3", ["erode"], "u8", lambda: cv2.erode(grey, element(cv2.MORPH_RECT, 3), dst=u8), ""),
        ("erode 15", ["erode:size=15"], "u8", lambda: cv2.erode(grey, element(cv2.MORPH_RECT, 15), dst=u8), ""),
        ("erode 15 f32", ["erode:size=15"], "f32", lambda: cv2.erode(real, element(cv2.MORPH_RECT, 15), dst=f32), ""),
        ("dilate ellipse 15", ["dilate:size=15:shape=ellipse:convention=opencv"], "u8",
         lambda: cv2.dilate(grey, element(cv2.MORPH_ELLIPSE, 15), dst=u8), ""),
        ("tophat 15", ["tophat:size=15"], "u8",
         lambda: cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, element(cv2.MORPH_RECT, 15), dst=u8), ""),
        ("scharr u8 to f32", ["scharr:direction=x"], "u8", lambda: cv2.Scharr(grey, cv2.CV_32F, 1, 0, dst=f32), ""),
        ("laplacian u8 to f32", ["laplacian"], "u8", lambda: cv2.Laplacian(grey, cv2.CV_32F, dst=f32, ksize=1), ""),
        ("laplacian f32", ["laplacian"], "f32", lambda: cv2.Laplacian(real, cv2.CV_32F, dst=f32, ksize=1), ""),
        ("equalize", ["equalize"], "u8", lambda: cv2.equalizeHist(grey, dst=u8), ""),
        ("clahe", ["clahe"], "u8", lambda: cv2.createCLAHE(2, (8, 8)).apply(grey, dst=u8), ""),
        ("otsu", ["otsu"], "u8", lambda: cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU, dst=u8), ""),
        ("adaptive 11", ["adaptive"], "u8",
         lambda: cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 11, 2, dst=u8),
         "OpenCV rounds the mean"),
        ("adaptive 11 gaussian", ["adaptive:method=gaussian"], "u8",
         lambda: cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 11, 2, dst=u8),
         "OpenCV rounds the mean"),
        ("histogram", ["histogram:output=counts"], "u8", lambda: cv2.calcHist([grey], [0], None, [256], [0, 256]), ""),
        ("ycbcr", ["ycbcr"], "bgr", lambda: cv2.cvtColor(colour, cv2.COLOR_BGR2YCrCb, dst=bgr), "assay rounds correctly"),
        ("hsv", ["hsv"], "bgr", lambda: cv2.cvtColor(colour, cv2.COLOR_BGR2HSV, dst=bgr), "assay rounds correctly"),
        ("lab", ["lab"], "bgr", lambda: cv2.cvtColor(colour, cv2.COLOR_BGR2LAB, dst=bgr), "assay rounds correctly"),
        ("lab back", ["lab:inverse=true"], "lab", lambda: cv2.cvtColor(lab, cv2.COLOR_LAB2BGR, dst=bgr),
         "assay rounds correctly"),
        ("spectrum", ["spectrum"], "f32",
         lambda: cv2.log(1 + cv2.magnitude(*cv2.split(cv2.dft(real, flags=cv2.DFT_COMPLEX_OUTPUT)))),
         "assay in f64, OpenCV in f32"),
        ("spectrum beside dft", ["spectrum"], "f32", lambda: cv2.dft(real, dst=f32),
         "assay in f64 and with the logarithm, OpenCV the transform alone in f32"),
        ("contours", ["contours"], "white", lambda: cv2.findContours(white, cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE),
         "assay draws them, too"),
        ("watershed", ["watershed:markers=@markers.npy:lines=true:connectivity=4"], "u8",
         lambda: cv2.watershed(np.dstack([grey] * 3), markers.copy()), "OpenCV floods by differences of colours"),
        ("components", ["components"], "white", lambda: cv2.connectedComponentsWithStats(white, 8, cv2.CV_32S), ""),
        ("distance", ["distance"], "white", lambda: cv2.distanceTransform(white, cv2.DIST_L2, cv2.DIST_MASK_PRECISE, dst=f32), ""),
        ("harris box 2", ["features", "harris", "--convention", "opencv", "--size", "2", "--k", "0.04", "--sub-pixel", "none",
                          "--threshold", "1"], "u8",
         lambda: cv2.cornerHarris(grey, 2, 3, 0.04, dst=f32, borderType=cv2.BORDER_REFLECT_101),
         "the same response; assay's time includes the list of maxima"),
        ("good features", ["features", "shi-tomasi", "--convention", "opencv", "--suppression", "radius", "--min-distance", "5",
                           "--max-features", "1000", "--sub-pixel", "none"], "u8",
         lambda: cv2.goodFeaturesToTrack(grey, 1000, 0.01, 5), "the same corners"),
        ("fast", ["features", "fast"], "u8", lambda: fast.detect(grey), "the same corners; assay's are sorted"),
        ("harris", ["features", "harris", "--sub-pixel", "none", "--threshold", "1"], "u8",
         lambda: cv2.cornerHarris(grey, 2, 3, 0.04, dst=f32, borderType=cv2.BORDER_REFLECT_101),
         "assay's window is a Gaussian of 9 taps, OpenCV's a box of 2; assay's time includes the list of maxima"),
        ("sift", ["features", "sift", "--preset", "opencv"], "u8", lambda: sift.detectAndCompute(grey, None),
         "the same points"),
        ("sift, no descriptors", ["features", "sift", "--preset", "opencv", "--no-descriptors"], "u8",
         lambda: sift.detect(grey), "the same points"),
    ]


def best_of(call):
    times = []
    for _ in range(REPEAT):
        start = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - start))
    return min(times)


def first_of(title, options):
    """OpenCV's first call in a new process, as this script's own time of it. Its result lies in new memory of small pages, as assay's
    does: malloc is told to give no block of a picture's size twice, and numpy not to ask for huge pages."""
    command = [sys.executable, sys.argv[0], "--first", title, "--size", options.size, "--threads", str(options.threads)]
    new_memory = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "131072", "NUMPY_MADVISE_HUGEPAGE": "0"}
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=new_memory).stdout)


def assay_ms(options, chain, picture, folder):
    verb = chain[0] if chain[0] in ("features", "quality") else "image"
    words = [word.replace("@", str(folder) + "/") for word in chain if word != verb]
    out = [str(folder / "out.npy")] if verb == "image" else []
    if verb == "features":
        words.insert(1, str(picture))
    else:
        words.insert(0 if verb == "quality" else len(words), str(picture))
    repeat = 1 if options.cold else REPEAT
    command = [options.assay, verb, *words, *out, "--repeat", str(repeat), "--threads", str(options.threads), "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(result.stdout)["run"]["timing"]["op_ms_min"]


def main(cases, description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default=str(ROOT / "assay"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--size", default="1920x1080", help="width x height of the picture: 868x600, 3840x2160")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cold", action="store_true", help="the first call of a process, on both sides")
    parser.add_argument("--first", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pictures, table = cases(photograph(*map(int, options.size.split("x"))), folder)
        return measure(options, pictures, table, folder)


def measure(options, pictures, table, folder):
    """The ratio of each row."""
    if options.first:  # no result of the table's calls has been touched: they are made by np.empty
        peer = next(row[3] for row in table if row[0] == options.first)
        start = time.perf_counter()
        peer()
        print(1e3 * (time.perf_counter() - start))
        return
    how = "the first call of a process" if options.cold else "warm"
    print(f"OpenCV {cv2.__version__}, threads: {options.threads}, {options.size}, {how}, {os.uname().machine}; milliseconds")
    print(f"{'operator':30}{'assay':>9}{'OpenCV':>9}{'ratio':>7}  note")
    ratios, files = {}, {}
    for kind, image in pictures.items():
        files[kind] = folder / f"{kind}.npy"
        np.save(files[kind], image[..., ::-1] if image.ndim == 3 else image)
    for title, chain, kind, peer, note in table:
        if not any(part in title for part in options.only.split(",")):
            continue
        peer()  # warm-up
        ours, theirs = [], []
        for _ in range(options.rounds):
            theirs.append(first_of(title, options) if options.cold else best_of(peer))
            ours.append(assay_ms(options, chain, files[kind], folder))
        a, b = statistics.median(ours), statistics.median(theirs)
        ratios[title] = b / a
        print(f"{title:30}{a:9.3f}{b:9.3f}{b / a:7.2f}  {note}", flush=True)
    if ratios:
        print(f"{'geometric mean':30}{'':18}{mean_of(ratios.values()):7.2f}")
    return ratios


def mean_of(ratios):
    """The geometric mean, each counted as 10 at most."""
    return statistics.geometric_mean([min(r, 10) for r in ratios])


if __name__ == "__main__":
    main(cases, __doc__)
