#!/usr/bin/python3
"""operators/: results of OpenCV, scipy.ndimage and scikit-image for image operators; operators/index.json lists them.

Each case names an operator of assay with its parameters in the inline form, an input of images/ (made by make_images.py),
the peer's call and the greatest difference allowed. Run it alone; a family's name as argument makes that family only.
"""

import json
import sys

import cv2
import numpy as np
import scipy
import scipy.ndimage as ndi
import skimage
import skimage.morphology

import golden

golden.DATE = "2026-11-28"  # the day these numbers were frozen
IMAGES = golden.HERE / "images"
OUT = golden.HERE / "operators"
BORDERS = {  # ours: (scipy, OpenCV)
    "reflect101": ("mirror", cv2.BORDER_REFLECT_101),
    "reflect": ("reflect", cv2.BORDER_REFLECT),
    "replicate": ("nearest", cv2.BORDER_REPLICATE),
    "constant": ("constant", cv2.BORDER_CONSTANT),
    "wrap": ("wrap", cv2.BORDER_WRAP),
}
GREY = ("u8_37x29.png", "u16_37x29.png", "f32_37x29.npy")


def load(name):
    """Colour as OpenCV has it: B, G, R."""
    return np.load(IMAGES / name) if name.endswith(".npy") else cv2.imread(str(IMAGES / name), cv2.IMREAD_UNCHANGED)


class Family:
    def __init__(self, name, facts):
        self.name, self.facts, self.cases = name, facts, []

    def add(self, op, name, call, result, tolerance=0, reason="exact"):
        """op: "erode:size=5"; call: the peer's call in words; result: its array."""
        result = np.ascontiguousarray(result)
        stem = f"{self.name}_{len(self.cases):02}"
        if result.dtype in (np.uint8, np.uint16):
            file = stem + ".png"
            assert cv2.imwrite(str(OUT / file), result, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        else:
            file = stem + ".npy"
            assert result.dtype.str[0] in "<|" and result.ndim == 2
            with open(OUT / file, "wb") as out:
                np.lib.format.write_array(out, result, version=(1, 0))
        self.cases.append({"operator": op, "input": name, "call": call, "output": file, "tolerance": tolerance, "reason": reason})


def morphology():
    family = Family("morphology", [
        "OpenCV: a dilation does not reflect the element; the anchor is (width // 2, height // 2); border ignored is its default",
        "scipy: grey_erosion and grey_dilation with mode and a symmetric footprint"])
    rect, ellipse, cross = cv2.MORPH_RECT, cv2.MORPH_ELLIPSE, cv2.MORPH_CROSS
    words = {rect: "rect", ellipse: "ellipse", cross: "cross"}
    calls = {"erode": cv2.MORPH_ERODE, "dilate": cv2.MORPH_DILATE, "open": cv2.MORPH_OPEN, "close": cv2.MORPH_CLOSE, "gradient": cv2.MORPH_GRADIENT,
             "tophat": cv2.MORPH_TOPHAT, "blackhat": cv2.MORPH_BLACKHAT}
    for name in GREY:
        a = load(name)
        for op, code in calls.items():
            for shape, w, h in [(rect, 3, 3), (rect, 9, 4), (ellipse, 7, 7), (ellipse, 6, 9), (cross, 5, 5)]:
                if name != "u8_37x29.png" and (shape, w) not in [(rect, 9), (ellipse, 6)]:
                    continue
                element = cv2.getStructuringElement(shape, (w, h))
                family.add(f"{op}:size={w}:height={h}:shape={words[shape]}:convention=opencv", name,
                           f"cv2.morphologyEx(input, {code}, cv2.getStructuringElement({shape}, ({w}, {h})))", cv2.morphologyEx(a, code, element))
    for border, (mode, code) in BORDERS.items():
        for name in ("u8_37x29.png", "f32_37x29.npy"):
            a = load(name)
            for op, call in (("erode", ndi.grey_erosion), ("dilate", ndi.grey_dilation)):
                family.add(f"{op}:size=15:height=11:border={border}", name, f"scipy.ndimage.{call.__name__}(input, size=(11, 15), mode={mode!r}, cval=0)",
                           call(a, size=(11, 15), mode=mode, cval=0))
    for name in ("u8_1x17.png", "u8_17x1.png", "u8_1x1.png"):
        family.add("dilate:size=5:border=reflect101", name, "scipy.ndimage.grey_dilation(input, size=(5, 5), mode='mirror')", ndi.grey_dilation(load(name), size=(5, 5), mode="mirror"))
    a = load("u16_37x29.png")
    for op, call in (("open", skimage.morphology.opening), ("blackhat", skimage.morphology.black_tophat)):
        family.add(f"{op}:size=7:shape=ellipse:convention=skimage", "u16_37x29.png", f"skimage.morphology.{call.__name__}(input, disk(3))", call(a, skimage.morphology.disk(3)))
    family.add("erode:size=9", "rgb8_37x29.png", "cv2.erode(input, ones 9x9)", cv2.erode(load("rgb8_37x29.png"), np.ones((9, 9), np.uint8)))
    for name in ("smooth8_64x65.png", "u16_37x29.png"):
        a = load(name)
        seed = a.copy()
        seed[1:-1, 1:-1] = a.max()
        for n, footprint in ((4, ndi.generate_binary_structure(2, 1)), (8, np.ones((3, 3)))):
            family.add(f"fill-holes:connectivity={n}", name, "skimage.morphology.reconstruction(seed: the picture's edge, its maximum inside; input, 'erosion')",
                       skimage.morphology.reconstruction(seed, a, "erosion", footprint).astype(a.dtype))
    white = (load("u8_64x65.png") > 100).astype(np.uint8) * 255
    family.add("fill-holes", "above100:u8_64x65.png", "255 * scipy.ndimage.binary_fill_holes(input > 100); the operator's input is 255 * (input > 100)", ndi.binary_fill_holes(white > 0).astype(np.uint8) * 255)
    return family


FAMILIES = [morphology]


def main():
    OUT.mkdir(exist_ok=True)
    cv2.setNumThreads(1)
    path = OUT / "index.json"
    index = json.loads(path.read_text()) if path.exists() else {}
    for make in FAMILIES:
        if len(sys.argv) > 1 and make.__name__ not in sys.argv[1:]:
            continue
        for old in OUT.glob(make.__name__ + "_[0-9]*"):
            old.unlink()
        family = make()
        versions = f"OpenCV {cv2.__version__}; scipy {scipy.__version__}; scikit-image {skimage.__version__}"
        index[family.name] = {
            "header": golden.header("OpenCV; scipy; scikit-image", versions, "each case's `call`", "make_operators.py", {"each case": ("its `tolerance`", "its `reason`")}, family.facts),
            "cases": family.cases}
    golden.write("operators/index.json", index)


main()
