#!/usr/bin/python3
"""corners.json and images/corners_*: Shi-Tomasi and FAST of OpenCV and scikit-image, on pictures of images/."""

import cv2
import numpy as np
import skimage
import skimage.feature

import golden

OUT = golden.HERE / "images"


def load(name):
    return np.load(OUT / name) if name.endswith(".npy") else cv2.imread(str(OUT / name), cv2.IMREAD_UNCHANGED)


def save(name, array):
    with open(OUT / name, "wb") as file:
        np.lib.format.write_array(file, np.ascontiguousarray(array), version=(1, 0))
    return name


def make():
    eigen_sk, eigen_cv, harris_cv, good, fast_cv, fast_sk = [], [], [], [], [], []
    for name in ("u8_37x29.png", "f32_37x29.npy"):
        stored = load(name)
        scale = 255 if stored.dtype == np.uint8 else 1
        for sigma in (1.0, 1.5):
            result = skimage.feature.corner_shi_tomasi(stored.astype(np.float64) / scale, sigma=sigma)
            eigen_sk.append({"input": name, "sigma": sigma, "greatest": np.abs(result).max(), "output": save(f"corners_eigen_skimage_{len(eigen_sk)}.npy", result)})
    for name, block in (("u8_37x29.png", 3), ("u8_64x65.png", 2), ("f32_37x29.npy", 5), ("smooth8_64x65.png", 3)):
        result = cv2.cornerMinEigenVal(load(name), block)
        eigen_cv.append({"input": name, "size": block, "greatest": float(np.abs(result).max()), "output": save(f"corners_eigen_opencv_{len(eigen_cv)}.npy", result)})
    for name in ("camera_128.png", "smooth8_64x65.png"):
        for distance, quality, at_most in ((5, 0.01, 100), (10, 0.05, 20)):
            points = cv2.goodFeaturesToTrack(load(name), at_most, quality, distance, blockSize=3).reshape(-1, 2)
            good.append({"input": name, "max-features": at_most, "threshold": quality, "min-distance": distance, "points": points.astype(int)})
    for name in ("u8_64x65.png", "camera_128.png", "smooth8_64x65.png"):
        for threshold in (10, 20, 60):
            for nms in (True, False):
                found = cv2.FastFeatureDetector_create(threshold, nms, cv2.FAST_FEATURE_DETECTOR_TYPE_9_16).detect(load(name))
                rows = sorted([int(p.pt[1]), int(p.pt[0]), int(p.response)] for p in found)
                if nms or name != "camera_128.png":
                    fast_cv.append({"input": name, "threshold": threshold, "nms": nms, "points": [[x, y, r] for y, x, r in rows]})
        image = load(name)
        result = skimage.feature.corner_fast(image, n=9, threshold=20.5 / 255)
        rows, columns = np.nonzero(result)
        fast_sk.append({"input": name, "threshold": 20, "points": np.stack([columns, rows], axis=1)})
    version = cv2.__version__
    golden.write("corners.json", {
        "eigen_skimage": {"header": golden.header("scikit-image", skimage.__version__, "skimage.feature.corner_shi_tomasi(input.astype(float64) / full scale, sigma)", "make_corners.py",
                                                  {"float64": (1e-10, "relative to the greatest response")}), "cases": eigen_sk},
        "eigen_opencv": {"header": golden.header("OpenCV", version, "cv2.cornerMinEigenVal(input, size)", "make_corners.py", {"response": (1e-5, "relative to the greatest: float32 on both sides")}), "cases": eigen_cv},
        "good": {"header": golden.header("OpenCV", version, "cv2.goodFeaturesToTrack(input, max-features, threshold, min-distance, blockSize=3)", "make_corners.py",
                                         {"points": (0, "the same points in the same order")}, ["pixels of the picture's rim are never among them"]), "cases": good},
        "fast_opencv": {"header": golden.header("OpenCV", version, "cv2.FastFeatureDetector_create(threshold, nms, TYPE_9_16).detect(input)", "make_corners.py",
                                                {"points": (0, "the same points, whole numbers")}, ["x, y, response, in reading order; without nms OpenCV gives the response 0"]), "cases": fast_cv},
        "fast_skimage": {"header": golden.header("scikit-image", skimage.__version__, "np.nonzero(skimage.feature.corner_fast(input, n=9, threshold=20.5 / 255))", "make_corners.py",
                                                 {"points": (0, "the same pixels")}, ["threshold 20.5: scikit-image compares in floating point, where a difference of 20 may be more than 20"]), "cases": fast_sk}})


make()
