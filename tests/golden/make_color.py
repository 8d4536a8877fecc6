#!/usr/bin/python3
"""color.json: colours in other spaces by scikit-image and OpenCV, and the 34 pairs of Sharma, Wu and Dalal 2005, table 1 (as stored with
scikit-image's own tests)."""

import pathlib

import cv2
import numpy as np
import skimage
import skimage.color

import golden

golden.DATE = "2026-11-28"
rng = np.random.default_rng(20261128)


def colours():
    corners = np.array([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)], float)
    return np.vstack([corners, [[0.5] * 3, [0.03, 0.04, 0.05], [0.04045] * 3], rng.random((40, 3))])


def main():
    rgb = colours().astype(np.float32).astype(np.float64)
    picture = rgb[None]
    single = picture.astype(np.float32)
    cv_hls = cv2.cvtColor(single, cv2.COLOR_RGB2HLS)[0].astype(float)
    cv_ycc = cv2.cvtColor(single, cv2.COLOR_RGB2YCrCb)[0].astype(float)
    data = pathlib.Path(skimage.__file__).parent / "color" / "tests" / "ciede2000_test_data.txt"
    pairs = []
    for line in data.read_text().splitlines():
        words = line.split()
        if not line.startswith("#") and len(words) > 20:
            row = [float(v) for v in words]
            pairs.append(row[2:5] + row[17:20] + [row[15]])
    assert len(pairs) == 34 and pairs[0][-1] == 2.0425
    golden.write("color.json", {
        "header": golden.header("scikit-image; OpenCV", f"scikit-image {skimage.__version__}; OpenCV {cv2.__version__}",
                                "skimage.color.rgb2hsv, rgb2xyz, rgb2lab, deltaE_ciede2000 on float64; cv2.cvtColor(float32, COLOR_RGB2HLS, COLOR_RGB2Lab, COLOR_RGB2YCrCb)", "make_color.py", {
            "hsv, xyz": (1e-6, "f64 on both sides, inputs exact in float32"),
            "hsl, ycbcr": (2e-6, "OpenCV's result is float32; hue in degrees 1e-3"),
            "lab": (5e-3, "scikit-image's white is D65 rounded to five digits, ours the matrix's own"),
            "ciede2000": (5e-5, "the table prints four decimals")}, [
            "colours are R, G, B in [0, 1]; scikit-image's hue is a fraction of a turn, here times 360; OpenCV's order H, L, S is turned to H, S, L and Y, Cr, Cb to Y, Cb - 1/2, Cr - 1/2",
            "pairs: L1 a1 b1 L2 a2 b2 and the difference, from Sharma, Wu, Dalal 2005, table 1"]),
        "rgb": rgb, "hsv": skimage.color.rgb2hsv(picture)[0] * [360, 1, 1], "xyz": skimage.color.rgb2xyz(picture)[0], "lab": skimage.color.rgb2lab(picture)[0],
        "hsl": cv_hls[:, [0, 2, 1]], "ycbcr": cv_ycc[:, [0, 2, 1]] - [0, 0.5, 0.5], "pairs": pairs,
    })


if __name__ == "__main__":
    main()
