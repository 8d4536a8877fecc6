#!/usr/bin/python3
"""hog.json and images/hog_*: descriptors of OpenCV's HOGDescriptor and scikit-image's hog."""

import cv2
import numpy as np
import skimage
import skimage.feature

import golden

OUT = golden.HERE / "images"


def save(name, array):
    if name.endswith(".npy"):
        with open(OUT / name, "wb") as file:
            np.lib.format.write_array(file, np.atleast_2d(np.ascontiguousarray(array)), version=(1, 0))
    else:
        assert cv2.imwrite(str(OUT / name), array, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return name


def picture(name):
    return cv2.imread(str(golden.DATASETS / "pictures" / name), cv2.IMREAD_COLOR)


def make():
    rng = np.random.default_rng(20261129)
    astronaut = picture("astronaut.png")
    colour = astronaut[40:168, 190:254].copy()
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    digit = cv2.resize(cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY)[50:110, 190:250], (20, 20), interpolation=cv2.INTER_AREA)
    noise = rng.integers(0, 256, (140, 91)).astype(np.uint8)
    for name, image in (("colour", colour), ("grey", grey), ("digit", digit), ("noise", noise)):
        save(f"hog_{name}.png", image)
    opencv = []

    def hog(name, image, window, block=16, stride=8, cell=8, bins=9, gamma=True, signed=False, sliding=False):
        descriptor = cv2.HOGDescriptor(window, (block, block), (stride, stride), (cell, cell), bins, 1, -1.0, 0, 0.2, gamma, 64, signed)
        values = descriptor.compute(image, (stride, stride)).reshape(-1, descriptor.getDescriptorSize())
        assert sliding or len(values) == 1
        opencv.append({"input": f"hog_{name}.png", "window": f"{window[0]}x{window[1]}", "block": block, "stride": stride, "cell": cell, "bins": bins,
                       "gamma": "sqrt" if gamma else "none", "full-circle": signed, "sliding": sliding,
                       "output": save(f"hog_opencv_{len(opencv)}.npy", values.astype(np.float32))})

    hog("grey", grey, (64, 128))
    hog("colour", colour, (64, 128))
    hog("digit", digit, (20, 20), 10, 5, 5, gamma=False)
    hog("digit", digit, (20, 20), 10, 10, 5, gamma=False, signed=True)
    hog("digit", digit, (20, 20), 8, 4, 4, signed=True, bins=12)
    hog("grey", grey, (64, 128), 24, 8, 8)
    hog("grey", grey, (64, 128), 16, 16, 16, gamma=False)
    hog("noise", noise, (64, 128), 32, 16, 16, sliding=True)
    sk = []

    def skhog(name, image, cell=8, block=3, bins=9, divide_by=1):
        values = skimage.feature.hog(image / np.float32(divide_by) if divide_by != 1 else image, bins, (cell, cell), (block, block), "L2-Hys", channel_axis=-1 if image.ndim == 3 else None)
        sk.append({"input": f"hog_{name}.png", "cell": cell, "block": cell * block, "bins": bins, "output": save(f"hog_skimage_{len(sk)}.npy", values)})

    rgb = colour[..., ::-1]
    skhog("grey", grey)
    skhog("grey", grey, block=2)
    skhog("colour", rgb)
    skhog("noise", noise, cell=14, bins=7)
    skhog("digit", digit, cell=5, block=2, bins=8)
    golden.write("hog.json", {
        "opencv": {
            "header": golden.header("OpenCV", cv2.__version__, "cv2.HOGDescriptor(window, block, stride, cell, bins, 1, -1, 0, 0.2, gamma, 64, full-circle).compute(input, stride)", "make_hog.py",
                                    {"opencv angle": (5e-6, "float32 on both sides"),
                                     "exact angle": (5e-4, "OpenCV's angle polynomial is up to 0.011 degrees off: that share of a vote goes to the neighbouring bin")},
                                    ["a row a window; blocks column by column, cells column by column"]),
            "cases": opencv},
        "skimage": {
            "header": golden.header("scikit-image", skimage.__version__, "skimage.feature.hog(input, bins, (cell, cell), (block / cell, block / cell), 'L2-Hys', channel_axis=-1 if colour else None)",
                                    "make_hog.py", {"float64": (1e-10, "float64 on both sides")}, ["blocks row by row, cells row by row; colour pictures in R, G, B order"]),
            "cases": sk}})


make()
