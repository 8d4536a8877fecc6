#!/usr/bin/python3
"""images/color.json and its pictures: colour spaces of whole pictures by OpenCV, scikit-image and Pillow.

Beside random pictures, color_hard_67x61.png holds greys and colours that OpenCV's tables and vectors treat unlike the plain
formulas. Results lie in the order of assay's memory: the channels in the order of the space's name, or B, G, R.
"""

import warnings

import cv2
import numpy as np
import PIL
import skimage
import skimage.color
from PIL import Image

import golden
from make_resize import load

golden.DATE = "2026-11-29"
OUT = golden.HERE / "images"
rng = np.random.default_rng(20261129)
TO = {"hsv": "RGB2HSV", "hsl": "RGB2HLS", "lab": "RGB2LAB", "xyz": "RGB2XYZ", "ycbcr": "RGB2YCrCb"}
BACK = {"hsv": "HSV2RGB", "hsl": "HLS2RGB", "lab": "LAB2RGB", "xyz": "XYZ2RGB", "ycbcr": "YCrCb2RGB"}
OPENCV_ORDER = {"hsl": [0, 2, 1], "ycbcr": [0, 2, 1]}


def save(name, memory):
    memory = np.ascontiguousarray(memory)
    if memory.dtype.kind == "f":
        with open(OUT / f"{name}.npy", "wb") as file:
            np.lib.format.write_array(file, memory.astype(np.float32).reshape(memory.shape[0], -1), version=(1, 0))
        return f"{name}.npy"
    assert cv2.imwrite(str(OUT / f"{name}.png"), memory, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return f"{name}.png"


def hard_colours():
    """Greys, hues at which two channels are equal, and the colours whose sums of light are 49 or 628 of 2040, where OpenCV's table
    of cube roots is not the nearest whole number."""
    every = np.stack(np.meshgrid(*[np.arange(256)] * 3, indexing="ij"), -1).reshape(-1, 3)[:: 7]
    light = np.rint(2040 * np.where(every <= 0.04045 * 255, every / 255 / 12.92, ((every / 255 + 0.055) / 1.055) ** 2.4))
    weights = np.rint(np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
                      / np.array([[0.950456], [1], [1.088754]]) * 4096)
    sums = np.floor((light @ weights.T + 2048) / 4096)
    rare = every[np.isin(sums, (49, 628)).any(1)]
    grey = np.arange(256)[:, None].repeat(3, 1)
    level = rng.integers(0, 256, (600, 2))
    equal = np.stack([level[:, [0, 0, 1]], level[:, [0, 1, 0]], level[:, [1, 0, 0]]]).reshape(-1, 3)
    rest = 67 * 61 - len(grey) - len(equal)
    picture = np.vstack([grey, equal, rng.permutation(rare)[:rest]])
    return rng.permutation(picture).reshape(61, 67, 3).astype(np.uint8)


def opencv(pictures):
    cases = []
    for name, a in pictures.items():
        spaces = {"uint8": TO, "uint16": ("xyz", "ycbcr"), "float32": ("hsv", "hsl", "xyz", "ycbcr")}[a.dtype.name]
        for space in spaces:
            order = OPENCV_ORDER.get(space, [0, 1, 2])
            there = cv2.cvtColor(a, getattr(cv2, "COLOR_" + TO[space]))
            file = save(f"color_opencv_{name[:-4]}_{space}", there[..., order])
            cases.append({"space": space, "input": name, "inverse": False, "output": file})
            # back: whole numbers from the picture itself, as if it were of that space, floats from the result above
            source = a[..., ::-1] if a.dtype.kind == "u" else there[..., order]
            back = cv2.cvtColor(np.ascontiguousarray(source[..., order]), getattr(cv2, "COLOR_" + BACK[space]))
            cases.append({"space": space, "input": name if a.dtype.kind == "u" else file, "inverse": True,
                          "output": save(f"color_opencv_{name[:-4]}_{space}_back", back[..., ::-1])})
    return {"header": golden.header("OpenCV", cv2.__version__, "cv2.cvtColor(input, cv2.COLOR_RGB2HSV, ...), one thread, on a processor with AVX2", "make_color_pictures.py", {
        "integers": (0, "whole-number rules"), "f32": (1e-6, "sums in another order at the ends of rows; hue, in degrees, 1e-4")}), "cases": cases}


def scikit_image(pictures):
    cases = []
    for name, a in pictures.items():
        for space in ("hsv", "lab", "xyz", "ycbcr") if "hard" not in name else ():
            there = getattr(skimage.color, "rgb2" + space)(a)
            file = save(f"color_skimage_{name[:-4]}_{space}", there.astype(np.float32))
            cases.append({"space": space, "input": name, "inverse": False, "output": file})
    wild = {"hsv": rng.random((29, 37, 3)), "xyz": rng.random((29, 37, 3)), "ycbcr": rng.random((29, 37, 3)) * 255,
            "lab": rng.random((29, 37, 3)) * [100, 220, 220] - [0, 110, 110]}
    for space, a in wild.items():
        a = a.astype(np.float32)
        file = save(f"color_skimage_{space}_37x29", a)
        back = getattr(skimage.color, space + "2rgb")(a.astype(np.float64))
        cases.append({"space": space, "input": file, "inverse": True, "output": save(f"color_skimage_{space}_back", back[..., ::-1])})
    return {"header": golden.header("scikit-image", skimage.__version__, "skimage.color.rgb2hsv(input), ...; back: hsv2rgb(input.astype(float64)), ...", "make_color_pictures.py", {
        "f32": (1e-6, "stored as f32, times the range of the channel: 1, 110 for lab, 255 for ycbcr; f32 inputs are computed in f32 there")}), "cases": cases}


def pillow(pictures):
    cases = []
    for name, a in pictures.items():
        if a.dtype != np.uint8:
            continue
        for space, mode in (("hsv", "HSV"), ("ycbcr", "YCbCr")):
            there = np.array(Image.fromarray(np.ascontiguousarray(a)).convert(mode))
            cases.append({"space": space, "input": name, "inverse": False, "output": save(f"color_pillow_{name[:-4]}_{space}", there)})
            back = np.array(Image.fromarray(np.ascontiguousarray(a[..., ::-1]), mode).convert("RGB"))
            cases.append({"space": space, "input": name, "inverse": True, "output": save(f"color_pillow_{name[:-4]}_{space}_back", back[..., ::-1])})
    return {"header": golden.header("Pillow", PIL.__version__, "Image.fromarray(input).convert('HSV'), ...", "make_color_pictures.py", {"integers": (0, "whole-number rules")}), "cases": cases}


if __name__ == "__main__":
    for old in OUT.glob("color_*"):
        old.unlink()
    warnings.simplefilter("ignore")
    cv2.setNumThreads(1)
    real = rng.random((29, 37, 3), dtype=np.float32)
    pictures = {"rgb8_37x29.png": load("rgb8_37x29.png"), save("color_hard_67x61", (hard := hard_colours())[..., ::-1]): hard,
                "rgb16_37x29.png": load("rgb16_37x29.png"), save("color_rgbf_37x29", real[..., ::-1]): real}
    pictures = {name: np.ascontiguousarray(a) for name, a in pictures.items()}
    golden.write("images/color.json", {"opencv": opencv(pictures), "skimage": scikit_image(pictures), "pillow": pillow(pictures)})
