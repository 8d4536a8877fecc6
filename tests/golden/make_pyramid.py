#!/usr/bin/python3
"""images/pyramid.json and its pictures: OpenCV's pyrDown and pyrUp on the inputs of make_images.py."""

import cv2
import numpy as np

import golden
from make_resize import load

golden.DATE = "2026-11-28"
OUT = golden.HERE / "images"


def save(name, array):
    if array.dtype.kind == "f":
        with open(OUT / (name + ".npy"), "wb") as file:
            np.lib.format.write_array(file, np.ascontiguousarray(array.reshape(array.shape[0], -1)), version=(1, 0))
        return name + ".npy"
    assert cv2.imwrite(str(OUT / (name + ".png")), array[..., ::-1] if array.ndim == 3 else array, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return name + ".png"


def opencv():
    cases = []
    for name in ("u8_37x29.png", "u8_64x65.png", "u16_37x29.png", "u16_64x65.png", "f32_37x29.npy", "rgb8_37x29.png", "u8_3x3.png"):
        a = np.ascontiguousarray(load(name))
        h, w = a.shape[:2]
        cases.append({"kind": "gaussian", "input": name, "output": save(f"pyramid_down_{name[:-4]}", cv2.pyrDown(a))})
        # At odd heights OpenCV 4.6 writes the last row of integer pictures twice, the second time with the next row's value.
        for size in [(2 * w, 2 * h), (2 * w - 1, 2 * h - 1 if a.dtype == np.float32 else 2 * h)]:
            result = cv2.pyrUp(a, dstsize=size)
            cases.append({"kind": "expand", "input": name, "width": size[0], "height": size[1], "output": save(f"pyramid_up_{name[:-4]}_{size[0]}x{size[1]}", result)})
    return {"header": golden.header("OpenCV", cv2.__version__, "cv2.pyrDown(input); cv2.pyrUp(input, dstsize=(width, height))", "make_pyramid.py",
                                    {"integers": (0, "whole numbers, halves rounded up"), "f32": (1e-6, "f32 sums of values in [0, 1)")}), "cases": cases}


if __name__ == "__main__":
    for old in OUT.glob("pyramid_*"):
        old.unlink()
    golden.write("images/pyramid.json", {"opencv": opencv()})
