#!/usr/bin/python3
"""calibration.json: corners of the bundled chessboards, and OpenCV's calibration of them.

The corners are cv2.cornerSubPix's, rounded to 4 decimals: input of everything else. `optimum` is found from OpenCV's
answer by Gauss-Newton on the same model (cv2.projectPoints and its Jacobian), until no step is left; `gradient` is the
largest cosine between the residuals and a column of J; its standard deviations are sqrt(diag((J'J)^-1) r'r / (2N - p))."""

import cv2
import numpy as np

import golden

golden.DATE = "2026-11-29"
BOARD = np.zeros((54, 3), np.float32)
BOARD[:, :2] = np.mgrid[0:9, 0:6].T.reshape(-1, 2) * 25.0
NAMES = ["fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2", "k3"]


def photographs():
    for path in sorted((golden.DATASETS / "chessboards").glob("left*.jpg")):
        yield path.stem, cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)


def corners():
    cases = []
    for name, image in photographs():
        found, start = cv2.findChessboardCorners(image, (9, 6))
        assert found, name
        start = np.round(start)
        place = cv2.cornerSubPix(image, start.astype(np.float32), (11, 11), (-1, -1), (3, 30, 1e-3)).reshape(-1, 2)
        small = cv2.cornerSubPix(image, start.astype(np.float32), (5, 5), (-1, -1), (3, 30, 1e-3)).reshape(-1, 2)
        cases.append({"name": name, "start": start.ravel(), "window_5": np.round(small.astype(np.float64), 4).ravel(), "window_11": np.round(place.astype(np.float64), 4).ravel()})
    return cases


def residuals(p, views, free):
    K = np.array([[p[0], 0, p[2]], [0, p[1], p[3]], [0, 0, 1]])
    J = np.zeros((len(views) * 108, len(p)))
    r = np.zeros(len(views) * 108)
    for v, place in enumerate(views):
        o, rows = 9 + 6 * v, slice(108 * v, 108 * v + 108)
        at, jac = cv2.projectPoints(BOARD, p[o:o + 3], p[o + 3:o + 6], K, p[4:9])
        r[rows] = at.reshape(-1) - place.reshape(-1)
        J[rows, o:o + 6], J[rows, :9] = jac[:, :6], jac[:, 6:15]
    return r, J[:, free]


def calibrate(views, flags, free_names):
    views32 = [v.astype(np.float32).reshape(-1, 1, 2) for v in views]
    rms, K, D, rv, tv, sd, _, _ = cv2.calibrateCameraExtended([BOARD] * len(views), views32, (640, 480), None, None, flags=flags)
    D = np.r_[D.ravel(), np.zeros(5)][:5]
    p = np.r_[K[0, 0], K[1, 1], K[0, 2], K[1, 2], D, np.concatenate([np.r_[a.ravel(), b.ravel()] for a, b in zip(rv, tv)])]
    free = np.r_[[NAMES.index(n) for n in free_names], np.arange(9, len(p))]
    r, J = residuals(p, [v.astype(np.float64) for v in views32], free)
    for _ in range(50):
        step = -np.linalg.lstsq(J, r, rcond=None)[0]
        p[free] += step
        r, J = residuals(p, [v.astype(np.float64) for v in views32], free)
        if np.abs(step / (1e-9 + np.abs(p[free]))).max() < 1e-12:
            break
    C = np.linalg.inv(J.T @ J) * (r @ r) / (len(r) - len(free))
    k = len(free_names)
    return {
        "free": free_names,
        "opencv": {"rms": rms, **dict(zip(NAMES, np.r_[K[0, 0], K[1, 1], K[0, 2], K[1, 2], D])), "sd": dict(zip(NAMES, sd.ravel()[:9]))},
        "optimum": {"rms": np.sqrt(r @ r / (len(r) / 2)), **dict(zip(NAMES, p[:9])), "sd": dict(zip(free_names, np.sqrt(np.diag(C))[:k])),
                    "view_rms": [float(np.sqrt((q ** 2).sum() / 54)) for q in r.reshape(len(views), -1)], "gradient": float(np.abs(J.T @ r / (np.linalg.norm(J, axis=0) * np.linalg.norm(r))).max())},
    }


def undistortion():
    K = np.array([[536.07, 0, 342.37], [0, 536.02, 235.54], [0, 0, 1]])
    D = np.array([-0.2651, -0.0468, 0.0018, -0.0003, 0.252])
    seen = np.random.default_rng(5).uniform([0, 0], [640, 480], (40, 2))
    ideal = cv2.undistortPointsIter(seen.reshape(-1, 1, 2), K, D, None, None, (3, 200, 1e-14)).reshape(-1, 2)
    return {"camera": [536.07, 536.02, 342.37, 235.54], "distortion": D, "seen": seen.ravel(), "ideal": ideal.ravel()}


if __name__ == "__main__":
    photos = corners()
    views = [c["window_11"].reshape(-1, 2) for c in photos]
    golden.write("calibration.json", {
        "header": golden.header("OpenCV", cv2.__version__, "cv2.cornerSubPix(image, start, (w, w), (-1, -1), (3, 30, 1e-3)); "
                                "cv2.calibrateCameraExtended(board, corners, (640, 480)); cv2.undistortPointsIter", "make_calibration.py",
                                {"corners": (2e-3, "the stopping rule: a step below 1e-3 px"), "rms": (1e-6, "the optimum of one model is one"),
                                 "ideal": (1e-9, "both iterate until nothing moves")},
                                ["board: 9 x 6 inner corners, squares of 25, row by row", "rms: sqrt(sum of squared distances / points)"]),
        "photographs": photos,
        "full": calibrate(views, 0, NAMES),
        "without_k3": calibrate(views, cv2.CALIB_FIX_K3, NAMES[:8]),
        "undistortion": undistortion(),
    })
