#!/usr/bin/python3
"""images/resize.json and its pictures: resizing by OpenCV, Pillow and scikit-image, and the exact result in whole numbers.

Inputs are those of make_images.py, as they lie in images/.
"""

import pathlib
from fractions import Fraction

import cv2
import numpy as np
import PIL
import PIL.Image
import skimage
import skimage.transform

import golden

golden.DATE = "2026-11-28"
OUT = golden.HERE / "images"
CV = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4, "area": cv2.INTER_AREA}
PIL_METHODS = {"nearest": PIL.Image.Resampling.NEAREST, "bilinear": PIL.Image.Resampling.BILINEAR, "bicubic": PIL.Image.Resampling.BICUBIC,
               "lanczos": PIL.Image.Resampling.LANCZOS, "area": PIL.Image.Resampling.BOX}
SIZES = [(56, 44), (25, 19), (18, 40), (37, 29 * 2)]  # width, height; the inputs are 37 x 29


def load(name):
    if name.endswith(".npy"):
        return np.load(OUT / name)
    picture = cv2.imread(str(OUT / name), cv2.IMREAD_UNCHANGED)
    return picture[..., ::-1] if picture.ndim == 3 else picture


def save(name, array):
    if array.dtype.kind == "f":
        name += ".npy"
        flat = np.ascontiguousarray(array.reshape(array.shape[0], -1))
        with open(OUT / name, "wb") as file:
            np.lib.format.write_array(file, flat, version=(1, 0))
    else:
        name += ".png"
        assert cv2.imwrite(str(OUT / name), array[..., ::-1] if array.ndim == 3 else array, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return name


def opencv():
    cases = []
    for name in ("u8_37x29.png", "u16_37x29.png", "f32_37x29.npy", "rgb8_37x29.png"):
        a = load(name)
        for method in CV:
            for size in SIZES if name != "rgb8_37x29.png" else SIZES[:2]:
                result = cv2.resize(np.ascontiguousarray(a), size, interpolation=CV[method])
                cases.append({"input": name, "method": method, "width": size[0], "height": size[1],
                              "output": save(f"resize_opencv_{name[:-4]}_{method}_{size[0]}x{size[1]}", result)})
    a = load("u8_64x65.png")[:64]
    for method, size in (("bilinear", (32, 32)), ("area", (32, 32)), ("area", (16, 8))):
        cases.append({"input": "u8_64x65.png", "rows": 64, "method": method, "width": size[0], "height": size[1],
                      "output": save(f"resize_opencv_u8_64x64_{method}_{size[0]}x{size[1]}", cv2.resize(a, size, interpolation=CV[method]))})
    return {"header": golden.header("OpenCV", cv2.__version__, "cv2.resize(input[:rows], (width, height), interpolation=method)", "make_resize.py", {
                "nearest": (0, "pixels are copied"), "u8 bilinear": (0, "whole numbers throughout"),
                "u8 others, u16": (1, "levels: OpenCV rounds f32 sums, in an order that depends on the machine's vectors"),
                "f32": (2e-6, "absolute on values in [0, 1): f32 sums of up to 64 products, the order not ours")}), "cases": cases}


def pillow():
    cases = []
    for name in ("u8_37x29.png", "f32_37x29.npy", "rgb8_37x29.png"):
        image = PIL.Image.fromarray(np.ascontiguousarray(load(name)))
        for method in PIL_METHODS:
            for size in SIZES if name != "rgb8_37x29.png" else SIZES[:2]:
                result = np.asarray(image.resize(size, PIL_METHODS[method]))
                cases.append({"input": name, "method": method, "width": size[0], "height": size[1],
                              "output": save(f"resize_pillow_{name[:-4]}_{method}_{size[0]}x{size[1]}", result)})
    return {"header": golden.header("Pillow", PIL.__version__, "PIL.Image.fromarray(input).resize((width, height), method); area is BOX", "make_resize.py", {
                "u8": (0, "whole numbers throughout; the 22-bit weights come from the same f64 formula"),
                "f32": (1e-6, "f64 sums rounded once; weights may differ in the last bit of f64")}), "cases": cases}


def scikit_image():
    cases = []
    for name in ("u8_37x29.png", "u16_37x29.png", "f32_37x29.npy"):
        for order, method in ((0, "nearest"), (1, "bilinear")):
            for size in SIZES:
                result = skimage.transform.resize(load(name), size[::-1], order=order, anti_aliasing=False)
                cases.append({"input": name, "method": method, "width": size[0], "height": size[1],
                              "output": save(f"resize_skimage_{name[:-4]}_{method}_{size[0]}x{size[1]}", result.astype(np.float32))})
    return {"header": golden.header("scikit-image", skimage.__version__, "skimage.transform.resize(input, (height, width), order=order, anti_aliasing=False).astype(float32)",
                                    "make_resize.py", {"float": (1.2e-7, "f64 on both sides, stored in float32: a unit in its last place below 1")}), "cases": cases}


def exact_weights(n_in, n_out, method):
    """The weights of imgproc/geometry/taps.h as fractions, from its words alone: rows of outputs, columns of inputs."""
    W = [[Fraction(0)] * n_in for _ in range(n_out)]
    for x in range(n_out):
        c = (Fraction(2 * x + 1, 2)) * n_in / n_out - Fraction(1, 2)
        if method == "area":
            for i in range(n_in):
                overlap = min(Fraction((x + 1) * n_in, n_out), Fraction(i + 1)) - max(Fraction(x * n_in, n_out), Fraction(i))
                W[x][i] = max(Fraction(0), overlap) * n_out / n_in
            continue
        floor = c.numerator // c.denominator
        for i in range(floor - 3, floor + 5):
            t = abs(i - c)
            if method == "bilinear":
                k = max(Fraction(0), 1 - t)
            else:
                k = (3 * t - 5) * t * t / 2 + 1 if t < 1 else -(((t - 5) * t + 8) * t - 4) / 2 if t < 2 else Fraction(0)
            W[x][min(max(i, 0), n_in - 1)] += k
        assert sum(W[x]) == 1
    return W


def exact():
    """Rounded to the nearest, ties to even, in rational numbers: no floating point anywhere."""
    cases = []
    for name in ("u8_37x29.png", "u16_37x29.png"):
        a = load(name)
        h, w = a.shape
        full = 255 if a.dtype == np.uint8 else 65535
        for method in ("bilinear", "bicubic", "area"):
            for size in ((56, 44), (25, 19), (37 * 2, 29 * 2)):
                wx, wy = exact_weights(w, size[0], method), exact_weights(h, size[1], method)
                rows = [[sum(wx[x][i] * int(a[y, i]) for i in range(w) if wx[x][i]) for x in range(size[0])] for y in range(h)]
                result, ties = np.empty(size[::-1], a.dtype), 0
                for y in range(size[1]):
                    for x in range(size[0]):
                        v = sum(wy[y][j] * rows[j][x] for j in range(h) if wy[y][j])
                        ties += (2 * v).denominator == 1 and (2 * v).numerator % 2 == 1
                        result[y, x] = min(max(round(v), 0), full)  # Fraction rounds ties to even
                cases.append({"input": name, "method": method, "width": size[0], "height": size[1], "ties": ties,
                              "output": save(f"resize_exact_{name[:-4]}_{method}_{size[0]}x{size[1]}", result)})
    return {"header": golden.header("Python fractions", "3.11", "rational arithmetic on the formulas of imgproc/geometry/taps.h; border replicate, Keys a = -1/2", "make_resize.py",
                                    {"levels": (0, "exact")}), "cases": cases}


if __name__ == "__main__":
    for old in OUT.glob("resize_*"):
        old.unlink()
    golden.write("images/resize.json", {"opencv": opencv(), "pillow": pillow(), "skimage": scikit_image(), "exact": exact()})
