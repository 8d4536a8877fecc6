#!/usr/bin/python3
"""images/gaussian.json and its pictures: OpenCV's GaussianBlur with its own radius and with others, on the inputs of make_images.py.

What is said of its whole numbers (in gaussian.h, and here in restate) is compared with it pixel by pixel.
"""

import cv2
import numpy as np

import golden
from make_resize import load

golden.DATE = "2026-11-29"
OUT = golden.HERE / "images"
BORDERS = {"reflect101": cv2.BORDER_REFLECT_101, "reflect": cv2.BORDER_REFLECT, "replicate": cv2.BORDER_REPLICATE, "constant": cv2.BORDER_CONSTANT}


def save(name, array):
    if array.dtype.kind == "f":
        with open(OUT / (name + ".npy"), "wb") as file:
            np.lib.format.write_array(file, np.ascontiguousarray(array), version=(1, 0))
        return name + ".npy"
    assert cv2.imwrite(str(OUT / (name + ".png")), array, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return name + ".png"


def whole_weights(sigma, radius, one):
    k = np.exp(-0.5 * (np.arange(-radius, 1) / sigma) ** 2)  # from the outermost to the centre
    k /= 2 * k.sum() - k[-1]
    weights, error = [], 0.0
    for v in k[:-1]:
        weights.append(int(np.rint(one * v + error)))
        error += one * v - weights[-1]
    return weights + [one - 2 * sum(weights)] + weights[::-1]


def restate(a, sigma, radius, border):
    bits = 8 if a.dtype == np.uint8 else 16
    if radius is None:
        radius = (int(np.rint((6 if bits == 8 else 8) * sigma + 1)) | 1) // 2
    w = whole_weights(sigma, radius, 1 << bits)

    def along(s):  # the first axis
        rows = [cv2.borderInterpolate(i, s.shape[0], border) for i in range(-radius, s.shape[0] + radius)]
        s = np.stack([s[i] if i >= 0 else np.zeros_like(s[0]) for i in rows])
        return sum(int(v) * s[i : i + s.shape[0] - 2 * radius] for i, v in enumerate(w))

    s = along(np.swapaxes(along(np.swapaxes(a.astype(np.int64), 0, 1)), 0, 1))
    return ((s + (1 << 2 * bits - 1)) >> 2 * bits).astype(a.dtype)


def opencv():
    colour = cv2.imread(str(OUT / "rgb8_37x29.png"))
    alpha = cv2.imread(str(OUT / "u8_37x29.png"), cv2.IMREAD_UNCHANGED)
    save("gaussian_bgra8_37x29", np.dstack([colour, alpha]))
    plan = [("u8_37x29.png", s, None, b) for s in (0.3, 0.8, 1.5, 5.0) for b in BORDERS]
    plan += [("u8_64x65.png", s, r, "reflect101") for s, r in ((1.5, 4), (1.0, 1), (5.0, 15), (3.0, 40), (30.0, 2))]
    plan += [(name, s, None, b) for name in ("rgb8_37x29.png", "gaussian_bgra8_37x29.png") for s, b in ((1.1, "reflect101"), (2.4, "constant"))]
    plan += [("u16_37x29.png", s, None, b) for s, b in ((0.7, "reflect"), (1.5, "reflect101"), (4.0, "constant"))] + [("rgb16_37x29.png", 1.2, 3, "replicate")]
    plan += [(name, 3.0, None, b) for name in ("u8_1x1.png", "u8_1x17.png", "u8_17x1.png", "u8_3x3.png") for b in ("reflect101", "constant")]
    plan += [("f32_37x29.npy", 1.5, None, "reflect101")]
    cases = []
    for number, (name, sigma, radius, border) in enumerate(plan):
        a = load(name) if name.endswith(".npy") else cv2.imread(str(OUT / name), cv2.IMREAD_UNCHANGED)
        side = 0 if radius is None else 2 * radius + 1
        result = cv2.GaussianBlur(a, (side, side), sigma, borderType=BORDERS[border])
        assert a.dtype == np.float32 or np.array_equal(result, restate(a, sigma, radius, BORDERS[border])), (name, sigma, radius, border)
        cases.append({"input": name, "sigma": sigma, "radius": radius, "border": border, "output": save(f"gaussian_own_{number:02}", result)})
    return {"header": golden.header("OpenCV", cv2.__version__, "cv2.GaussianBlur(input, (side, side), sigma, borderType=border), side 2 radius + 1, or 0 where the radius is null", "make_gaussian.py",
                                    {"u8, u16": (0, "whole numbers"), "f32": (1e-6, "f32 sums of values in [0, 1)")}), "cases": cases}


if __name__ == "__main__":
    for old in [*OUT.glob("gaussian_own_*"), *OUT.glob("gaussian_bgra*")]:
        old.unlink()
    golden.write("images/gaussian.json", {"opencv": opencv()})
