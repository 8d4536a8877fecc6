#!/usr/bin/python3
"""homography.json: plane transformations from point pairs by scikit-image, OpenCV and scipy."""

import cv2
import numpy as np
import scipy
import scipy.optimize
import skimage
import skimage.transform

import golden

golden.DATE = "2026-11-29"
rng = np.random.default_rng(20261129)
H_TRUE = np.array([[0.93, -0.21, 41.5], [0.18, 1.07, -23.25], [1.2e-4, -7e-5, 1]])


def pairs(n, noise, H=H_TRUE):
    a = rng.uniform([0, 0], [1000, 800], (n, 2)).astype(np.float32).astype(float)
    z = np.c_[a, np.ones(n)] @ H.T
    b = z[:, :2] / z[:, 2:] + rng.normal(0, noise, (n, 2))
    return a, b.astype(np.float32).astype(float)


def apply(h, a):
    z = np.c_[a, np.ones(len(a))] @ np.append(h, 1).reshape(3, 3).T
    return z[:, :2] / z[:, 2:]


def least_squares(residual, start):
    scale = np.maximum(np.abs(start), 1e-6)
    return scipy.optimize.least_squares(residual, start, x_scale=scale, method="lm", ftol=1e-15, xtol=1e-15, gtol=1e-15, max_nfev=100000)


def main():
    cases = []
    for n, noise in ((4, 0.7), (5, 0.7), (12, 0.7), (60, 1.5), (300, 0.3)):
        a, b = pairs(n, noise)
        case = {"pairs": np.c_[a, b]}
        for name in ("projective", "similarity", "euclidean"):
            case[name] = skimage.transform.estimate_transform(name, a, b).params.ravel()
        case["affine"] = np.append(np.linalg.lstsq(np.c_[a, np.ones(n)], b, rcond=None)[0].T.ravel(), [0, 0, 1])
        h0 = case["projective"][:8]
        t = least_squares(lambda h: (apply(h, a) - b).ravel(), h0)
        case["transfer"] = np.append(t.x, 1)
        case["transfer_cost"] = 2 * t.cost
        case["opencv"] = cv2.findHomography(a, b, 0)[0].ravel()
        if 4 < n < 100:
            r = least_squares(lambda v: np.r_[(v[8:].reshape(-1, 2) - a).ravel(), (apply(v[:8], v[8:].reshape(-1, 2)) - b).ravel()], np.r_[t.x, a.ravel()])
            case["reprojection"] = np.append(r.x[:8], 1)
            case["reprojection_cost"] = 2 * r.cost
        cases.append(case)
    golden.write("homography.json", {
        "header": golden.header("scikit-image; OpenCV; scipy; numpy", f"scikit-image {skimage.__version__}; OpenCV {cv2.__version__}; scipy {scipy.__version__}; numpy {np.__version__}",
                                "skimage.transform.estimate_transform(name, a, b); cv2.findHomography(a, b, 0); scipy.optimize.least_squares(method='lm', ftol=xtol=gtol=1e-15); numpy.linalg.lstsq", "make_homography.py", {
            "projective, similarity, euclidean, affine": (1e-10, "the same closed form; entries relative to the largest, points on the picture to 1e-10 of its size"),
            "opencv": (1e-6, "ten steps of its LM on the transfer error"),
            "transfer, reprojection": (1e-7, "derivatives by differences")}, [
            "pairs: x1, y1, x2, y2, exact in float32; matrices row by row, h33 = 1",
            "transfer: least squares of |x' - H x|; reprojection: of |x - z|^2 + |x' - H z|^2 over H and all z"]),
        "cases": cases,
    })


if __name__ == "__main__":
    main()
