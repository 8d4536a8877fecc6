#!/usr/bin/python3
"""images/warp.json and its pictures: warps by OpenCV and scikit-image, and the exact bilinear result in rational numbers.

Inputs are those of make_images.py, as they lie in images/.
"""

from fractions import Fraction

import cv2
import numpy as np
import skimage
import skimage.transform

import golden
from make_resize import load

golden.DATE = "2026-11-29"
OUT = golden.HERE / "images"
BORDERS = {"constant": cv2.BORDER_CONSTANT, "replicate": cv2.BORDER_REPLICATE, "reflect101": cv2.BORDER_REFLECT_101, "reflect": cv2.BORDER_REFLECT, "wrap": cv2.BORDER_WRAP}
METHODS = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4}
AFFINE = [[0.9063, 0.4226, -3.25], [-0.4226, 0.9063, 7.5], [0, 0, 1]]
PROJECTIVE = [[1.05, 0.12, -2.5], [-0.08, 0.93, 1.75], [0.004, -0.0025, 1]]


def save(name, array):
    if array.dtype.kind == "f":
        with open(OUT / (name + ".npy"), "wb") as file:
            np.lib.format.write_array(file, np.ascontiguousarray(array.reshape(array.shape[0], -1)), version=(1, 0))
        return name + ".npy"
    assert cv2.imwrite(str(OUT / (name + ".png")), array[..., ::-1] if array.ndim == 3 else array, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return name + ".png"


def text(H):
    return "; ".join(" ".join(repr(float(v)) for v in row) for row in H)


def maps():
    y, x = np.mgrid[0:31, 0:33].astype(np.float32)
    mx, my = (x + 3 * np.sin(y / 4) + np.float32(0.3)).astype(np.float32), (y - 2 * np.cos(x / 5)).astype(np.float32)
    return mx, my


def opencv():
    cases = []
    mx, my = maps()
    map_files = {"map_x": save("warp_map_x", mx), "map_y": save("warp_map_y", my)}
    for name in ("u8_37x29.png", "u16_37x29.png", "f32_37x29.npy", "rgb8_37x29.png"):
        a = np.ascontiguousarray(load(name))
        for method, flag in METHODS.items():
            for kind, H in (("affine", AFFINE), ("perspective", PROJECTIVE), ("remap", None)):
                every_border = (name, method) == ("u8_37x29.png", "bilinear") and kind != "remap" or (method, kind) in (("bicubic", "affine"), ("lanczos", "perspective"))
                for border in BORDERS if every_border else ("constant",):
                    options = dict(flags=flag, borderMode=BORDERS[border], borderValue=[0] * 4)
                    size = (41, 33)
                    if kind == "affine":
                        result = cv2.warpAffine(a, np.array(H[:2]), size, **options)
                    elif kind == "perspective":
                        result = cv2.warpPerspective(a, np.array(H), size, **options)
                    else:
                        result = cv2.remap(a, mx, my, flag, borderMode=BORDERS[border], borderValue=[0] * 4)
                    case = {"kind": kind, "input": name, "method": method, "border": border,
                            "output": save(f"warp_opencv_{name[:-4]}_{kind}_{method}_{border}", result)}
                    case.update({"matrix": text(H), "width": 41, "height": 33} if H else map_files)
                    cases.append(case)
    return {"header": golden.header("OpenCV", cv2.__version__, "cv2.warpAffine / warpPerspective(input, matrix, (width, height), flags=method, borderMode=border, borderValue=0); cv2.remap(input, map_x, map_y, method, ...)",
                                    "make_warp.py", {"integers": (0, "whole numbers after the places are rounded to 1/32"), "f32": (1e-6, "f32 sums of 4, 16 or 64 products on values in [0, 1)")}), "cases": cases}


def scikit_image():
    cases = []
    for kind, H in (("affine", AFFINE), ("perspective", PROJECTIVE)):
        a = load("f32_37x29.npy").astype(np.float64)
        result = skimage.transform.warp(a, np.linalg.inv(np.array(H)), output_shape=(33, 41), order=1, mode="constant", cval=0.25)
        # scikit-image lets pixels beyond the edge weigh in with cval, as we do
        cases.append({"kind": kind, "input": "f32_37x29.npy", "matrix": text(H), "width": 41, "height": 33, "value": 0.25,
                      "output": save(f"warp_skimage_f32_{kind}", result)})
    return {"header": golden.header("scikit-image", skimage.__version__, "skimage.transform.warp(input.astype(float64), inverse(matrix), output_shape=(height, width), order=1, mode='constant', cval=0.25)",
                                    "make_warp.py", {"f32": (1e-6, "our sums are f32 on values in [0, 1), theirs f64")}), "cases": cases}


def exact():
    """Bilinear, border replicate, affine of fractions: rounded to the nearest, ties to even, no floating point anywhere."""
    cases = []
    V = [[Fraction(7, 8), Fraction(3, 16), Fraction(-9, 4)], [Fraction(-1, 4), Fraction(9, 8), Fraction(5, 2)]]  # output to input
    H = np.linalg.inv(np.array([[float(v) for v in row] for row in V] + [[0, 0, 1]]))
    for name in ("u8_37x29.png", "u16_37x29.png"):
        a = load(name)
        h, w = a.shape
        result, ties = np.empty((33, 41), a.dtype), 0
        for y in range(33):
            for x in range(41):
                u, v = (row[0] * x + row[1] * y + row[2] for row in V)
                i, j = u.numerator // u.denominator, v.numerator // v.denominator
                p, q = u - i, v - j
                at = lambda k, l: int(a[min(max(l, 0), h - 1), min(max(k, 0), w - 1)])
                s = (1 - q) * ((1 - p) * at(i, j) + p * at(i + 1, j)) + q * ((1 - p) * at(i, j + 1) + p * at(i + 1, j + 1))
                ties += (2 * s).denominator == 1 and (2 * s).numerator % 2 == 1
                result[y, x] = round(s)
        cases.append({"kind": "affine", "input": name, "matrix": text(H), "width": 41, "height": 33, "ties": ties, "output": save(f"warp_exact_{name[:-4]}", result)})
    return {"header": golden.header("Python fractions", "3.11", "rational bilinear interpolation at [7/8 3/16 -9/4; -1/4 9/8 5/2] (x, y, 1); border replicate", "make_warp.py",
                                    {"levels": (0, "exact: ties are decided to even though the inverse of the stored matrix is off by some 1e-16")}), "cases": cases}


if __name__ == "__main__":
    for old in OUT.glob("warp_*"):
        old.unlink()
    golden.write("images/warp.json", {"opencv": opencv(), "skimage": scikit_image(), "exact": exact()})
