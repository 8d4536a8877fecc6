#!/usr/bin/python3
"""images/: results of OpenCV, scipy.ndimage and scikit-image on stored pictures; images/index.json lists them.

Each convention stated in the index is written out a second time below (restate_*), in plain numpy from the words alone, and compared with
the peer: the words are therefore known to be complete.
"""

import pathlib
import shutil

import cv2
import numpy as np
import scipy
import scipy.ndimage as ndi
import skimage
import skimage.color
import skimage.feature

import golden

OUT = golden.HERE / "images"
rng = np.random.default_rng(20261121)
inputs = {}
# our name of a border: (scipy, OpenCV, numpy.pad)
BORDERS = {
    "reflect101": ("mirror", cv2.BORDER_REFLECT_101, "reflect"),
    "reflect": ("reflect", cv2.BORDER_REFLECT, "symmetric"),
    "replicate": ("nearest", cv2.BORDER_REPLICATE, "edge"),
    "constant": ("constant", cv2.BORDER_CONSTANT, "constant"),
    "wrap": ("wrap", cv2.BORDER_WRAP, "wrap"),
}


def save(name, array):
    if name.endswith(".npy"):
        array = np.ascontiguousarray(array)
        assert array.dtype.str[0] in "<|" and array.ndim == 2
        with open(OUT / name, "wb") as file:
            np.lib.format.write_array(file, array, version=(1, 0))
    else:
        assert array.dtype in (np.uint8, np.uint16)
        picture = array[..., ::-1] if array.ndim == 3 else array  # files hold RGB
        assert cv2.imwrite(str(OUT / name), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        back = cv2.imread(str(OUT / name), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(back, picture) and back.dtype == picture.dtype
    return name


def add_input(name, array, what):
    save(name, array)
    inputs[name] = (array, what)


def pad(a, r, border):
    """Borders of any width, the picture folded as often as needed; numpy.pad does that, except for a side of one pixel."""
    mode = BORDERS[border][2]
    for axis in (0, 1):
        width = [(0, 0), (0, 0)]
        width[axis] = (r, r)
        if mode == "constant":
            a = np.pad(a, width, mode="constant")
        else:
            a = np.pad(a, width, mode="edge" if a.shape[axis] == 1 else mode)
    return a


# ---------------------------------------------------------------------------------------------------------------- inputs
def make_inputs():
    sizes = [(37, 29), (64, 65), (1, 1), (1, 17), (17, 1), (3, 3)]  # width, height
    for w, h in sizes:
        add_input(f"u8_{w}x{h}.png", rng.integers(0, 256, (h, w)).astype(np.uint8), "random, every level equally likely")
    for w, h in sizes[:2] + [(1, 17)]:
        add_input(f"u16_{w}x{h}.png", rng.integers(0, 65536, (h, w)).astype(np.uint16), "random, every level equally likely")
        add_input(f"f32_{w}x{h}.npy", rng.random((h, w), dtype=np.float32), "random in [0, 1), float32")
    add_input("rgb8_37x29.png", rng.integers(0, 256, (29, 37, 3)).astype(np.uint8), "random colour")
    add_input("rgb16_37x29.png", rng.integers(0, 65536, (29, 37, 3)).astype(np.uint16), "random colour")
    # Structure without a photograph: random values blurred, so that edges are long and thin.
    smooth = cv2.GaussianBlur(rng.integers(0, 256, (65, 64)).astype(np.uint8), (0, 0), 2.0)
    smooth = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX)
    add_input("smooth8_64x65.png", smooth, "random, blurred (sigma 2) and stretched to 0-255 by OpenCV")
    f = ndi.gaussian_filter(rng.random((65, 64)), 2.0)
    f = ((f - f.min()) / (f.max() - f.min())).astype(np.float32)
    add_input("smoothf_64x65.npy", f, "random, blurred (sigma 2) and stretched to 0-1, float32")
    camera = cv2.imread(str(golden.DATASETS / "pictures" / "camera.png"), cv2.IMREAD_UNCHANGED)
    assert camera.shape == (512, 512) and camera.dtype == np.uint8
    add_input("camera_blurred.png", cv2.GaussianBlur(camera, (0, 0), 1.4), "@camera after cv2.GaussianBlur(camera, (0, 0), 1.4), so that no blur can differ")
    add_input("camera_128.png", camera[70:198, 150:278], "@camera, rows 70-197, columns 150-277")


# ---------------------------------------------------------------------------------------------------------- OpenCV's Canny
def link(weak, strong):
    labels, count = ndi.label(weak, np.ones((3, 3)))
    good = np.zeros(count + 1, bool)
    good[np.unique(labels[strong & weak])] = True
    good[0] = False
    return good[labels]


def restate_canny_opencv(image, low, high, l2):
    p = pad(image.astype(np.int64), 1, "replicate")
    h, w = image.shape

    def at(a, dy, dx):
        return a[1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w]

    gx = sum(c * (at(p, d, 1) - at(p, d, -1)) for d, c in ((-1, 1), (0, 2), (1, 1)))
    gy = sum(c * (at(p, 1, d) - at(p, -1, d)) for d, c in ((-1, 1), (0, 2), (1, 1)))
    m = gx**2 + gy**2 if l2 else np.abs(gx) + np.abs(gy)
    if l2:
        low, high = low * low, high * high
    low, high = int(np.floor(low)), int(np.floor(high))
    M = np.pad(m, 1)
    x, y = np.abs(gx), np.abs(gy) << 15
    horizontal = y < x * 13573
    vertical = ~horizontal & (y > x * 13573 + (x << 16))
    opposite = (gx < 0) != (gy < 0)  # the sign bit of gx xor gy
    diagonal_keep = np.where(opposite, (m > at(M, -1, 1)) & (m > at(M, 1, -1)), (m > at(M, -1, -1)) & (m > at(M, 1, 1)))
    keep = np.where(horizontal, (m > at(M, 0, -1)) & (m >= at(M, 0, 1)), np.where(vertical, (m > at(M, -1, 0)) & (m >= at(M, 1, 0)), diagonal_keep))
    weak = keep & (m > low)
    return link(weak, m > high)


def canny_opencv():
    cases = []
    plan = [(name, low, high) for name in ("u8_37x29.png", "u8_64x65.png", "smooth8_64x65.png") for low, high in ((50, 150), (200, 400))]
    plan += [(f"u8_{s}.png", 50, 150) for s in ("1x1", "1x17", "17x1", "3x3")]
    plan += [("u8_37x29.png", 0, 0), ("u8_37x29.png", 100.5, 300.75), ("smooth8_64x65.png", 20, 60)]
    plan += [("camera_blurred.png", 50, 150), ("camera_blurred.png", 20, 80)]
    for name, low, high in plan:
        image = inputs[name][0]
        for l2 in (False, True):
            edges = cv2.Canny(image, low, high, apertureSize=3, L2gradient=l2)
            assert np.array_equal(edges > 0, restate_canny_opencv(image, low, high, l2)), (name, low, high, l2)
            out = f"canny_opencv_{name[:-4]}_{low}_{high}_{'l2' if l2 else 'l1'}.png"
            cases.append({"input": name, "output": save(out, edges), "low": low, "high": high, "norm": "l2" if l2 else "l1", "edge_pixels": int((edges > 0).sum())})
    return {
        "header": golden.header("OpenCV", cv2.__version__, "cv2.Canny(input, low, high, apertureSize=3, L2gradient=(norm == 'l2'))", "make_images.py",
                                {"edges": (0, "integer arithmetic throughout: the same set of pixels")}, [
            "no blur; u8 input; gx, gy: unnormalised 3x3 Sobel in whole numbers, border replicate",
            "magnitude |gx| + |gy| (l1) or gx^2 + gy^2 (l2, both thresholds squared); both thresholds are then rounded down to a whole number "
            "(l2: after squaring); a pixel is weak if magnitude > low and strong if magnitude > high, both strict",
            "the magnitude outside the picture is 0; pixels on the border of the picture may be edges",
            "non-maximum suppression against two nearest neighbours, with T = 13573 = round(tan(22.5 deg) * 2^15), x = |gx|, y = |gy| * 2^15: "
            "if y < x T: keep if m > left and m >= right; else if y > x T + x 2^16: keep if m > above and m >= below; else diagonal: "
            "with s = -1 if exactly one of gx, gy is negative, else 1, keep if m > (row above, column - s) and m > (row below, column + s)",
            "hysteresis: every weak kept pixel that is 8-connected through weak kept pixels with a strong kept one; output 255 or 0",
        ]),
        "cases": cases,
    }


# ----------------------------------------------------------------------------------------------------- scikit-image's Canny
def canny_skimage_parts(image, sigma, mode):
    """Smoothed picture, gradient and interpolated neighbours, from the words of the header."""
    if sigma > 0:
        r = int(4 * sigma + 0.5)
        t = np.arange(-r, r + 1)
        k = np.exp(-0.5 * t**2 / sigma**2)
        k /= k.sum()

        def blur(a):
            a = pad(a, r, {"constant": "constant", "nearest": "replicate"}[mode])
            a = sum(c * a[i : i + a.shape[0] - 2 * r] for i, c in enumerate(k))
            return sum(c * a[:, i : i + a.shape[1] - 2 * r] for i, c in enumerate(k))

        smoothed = blur(image) / (blur(np.ones(image.shape)) + np.finfo(float).eps)
    else:
        smoothed = image / (1 + np.finfo(float).eps)
    h, w = image.shape
    p = pad(smoothed, 1, "reflect")

    def at(a, dy, dx):
        return a[1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w]

    gx = sum(c * (at(p, d, 1) - at(p, d, -1)) for d, c in ((-1, 1), (0, 2), (1, 1)))
    gy = sum(c * (at(p, 1, d) - at(p, -1, d)) for d, c in ((-1, 1), (0, 2), (1, 1)))
    m = np.hypot(gy, gx)
    M = np.pad(m, 1)
    rows = np.abs(gy) >= np.abs(gx)  # the gradient points mostly along the rows' axis
    same = (gx >= 0) == (gy >= 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(rows, np.abs(gx) / np.abs(gy), np.abs(gy) / np.abs(gx))
    weight = np.where(m > 0, weight, 0)
    plus_near = np.where(rows, at(M, 1, 0), at(M, 0, 1))
    minus_near = np.where(rows, at(M, -1, 0), at(M, 0, -1))
    plus_far = np.where(same, at(M, 1, 1), np.where(rows, at(M, 1, -1), at(M, -1, 1)))
    minus_far = np.where(same, at(M, -1, -1), np.where(rows, at(M, -1, 1), at(M, 1, -1)))
    return m, plus_far * weight + plus_near * (1 - weight), minus_far * weight + minus_near * (1 - weight)


def restate_canny_skimage(image, sigma, low, high, mode):
    m, plus, minus = canny_skimage_parts(image, sigma, mode)
    inside = np.zeros(image.shape, bool)
    inside[1:-1, 1:-1] = True
    keep = inside & (m > 0) & (plus <= m) & (minus <= m)
    return link(keep & (m >= low), keep & (m >= high)), (m, plus, minus, inside)


def near_decisions(parts, low, high, margin):
    """Pixels some decision of which turns if a compared number moves by this relative amount."""
    m, plus, minus, inside = parts
    close = np.minimum(np.abs(plus - m), np.abs(minus - m)) <= margin * m
    close |= np.minimum(np.abs(m - low), np.abs(m - high)) <= margin * m
    return np.argwhere(inside & (m >= low * (1 - margin)) & close)


def canny_skimage():
    cases = []
    plan = [("f32_37x29.npy", 0, 0.5, 1.5, "constant"), ("f32_64x65.npy", 0, 0.8, 2.0, "constant"), ("smoothf_64x65.npy", 0, 0.2, 0.5, "constant")]
    plan += [("f32_37x29.npy", 1, 0.1, 0.4, mode) for mode in ("constant", "nearest")]
    plan += [("u8_37x29.png", 1, 0.1, 0.4, "constant"), ("u16_37x29.png", 1, 0.1, 0.4, "nearest"), ("smoothf_64x65.npy", 1, 0.1, 0.4, "nearest")]
    plan += [("f32_1x17.npy", 1, 0.1, 0.4, "constant"), ("camera_128.png", 1, 0.1, 0.4, "constant"), ("camera_128.png", 2, 0.1, 0.2, "nearest")]
    for name, sigma, low, high, mode in plan:
        stored = inputs[name][0]
        scale = {"uint8": 255, "uint16": 65535, "float32": 1}[stored.dtype.name]
        image = stored.astype(np.float64) / scale
        edges = skimage.feature.canny(image, sigma=sigma, low_threshold=low, high_threshold=high, use_quantiles=False, mode=mode)
        again, parts = restate_canny_skimage(image, sigma, low, high, mode)
        near = near_decisions(parts, low, high, 1e-9)
        different = np.argwhere(again != edges)
        assert len(different) == 0, (name, sigma, different)
        out = f"canny_skimage_{name[:-4]}_sigma{sigma}_{low}_{high}_{mode}.png"
        cases.append({"input": name, "divide_by": scale, "sigma": sigma, "low": low, "high": high, "mode": mode, "border": {"constant": "constant", "nearest": "replicate"}[mode],
                      "output": save(out, edges.astype(np.uint8) * 255), "edge_pixels": int(edges.sum()),
                      "near_1e-9": near.tolist(), "near_1e-5": near_decisions(parts, low, high, 1e-5).tolist()})
    return {
        "header": golden.header("scikit-image", skimage.__version__,
                                "skimage.feature.canny(input.astype(float64) / divide_by, sigma=sigma, low_threshold=low, high_threshold=high, use_quantiles=False, mode=mode)",
                                "make_images.py",
                                {"edges": (0, "float64 throughout: the same set of pixels, except where a decision hangs on rounding; near_1e-9 lists the "
                                              "[row, column] of pixels that compare numbers within 1e-9 (relative) of each other, near_1e-5 those within 1e-5, "
                                              "for an implementation that computes in float32")}, [
            "thresholds are on the unnormalised 3x3 Sobel scale of a picture whose values run from 0 to 1 (u8: times 255 for 8-bit levels)",
            "1 smoothing: Gaussian of radius floor(4 sigma + 0.5), taps normalised, border as given; divided by the same Gaussian of an all-ones picture plus "
            "2.2e-16, so that with border constant the lost weight is made up for; sigma 0 leaves the picture as it is (divided by 1 + 2.2e-16)",
            "2 gradient: 3x3 Sobel (1 2 1) x (-1 0 1), not normalised, border reflect (edge pixel repeated); magnitude = hypot",
            "3 suppression: the outermost ring of pixels is never an edge, nor is a pixel of magnitude 0. If |gy| >= |gx|: weight = |gx| / |gy|, the near neighbours are those "
            "above and below; else weight = |gy| / |gx| and the near ones left and right. The far neighbours are the diagonal ones on the gradient's diagonal: (+1, +1) and "
            "(-1, -1) if gx and gy have the same sign, else (+1, -1) and (-1, +1). Interpolated = far * weight + near * (1 - weight); keep if both "
            "interpolated values are <= the magnitude (not strict)",
            "4 hysteresis: kept pixels with magnitude >= low, 8-connected to a kept one with magnitude >= high",
        ]),
        "cases": cases,
    }


# ------------------------------------------------------------------------------------------------------------------- Gauss
def restate_gaussian(a, sigma, radius, border):
    t = np.arange(-radius, radius + 1)
    k = np.exp(-0.5 * t**2 / sigma**2)
    k /= k.sum()
    a = pad(a.astype(np.float64), radius, border)
    a = sum(c * a[i : i + a.shape[0] - 2 * radius] for i, c in enumerate(k))
    return sum(c * a[:, i : i + a.shape[1] - 2 * radius] for i, c in enumerate(k))


def radius_of(sigma):
    r = int(np.ceil(4 * sigma))
    assert r == int(4 * sigma + 0.5)  # scipy's rule gives the same radius for the sigmas used here
    return r


def gaussian_scipy():
    cases = []
    plan = [("f32_37x29.npy", s, b) for s in (0.75, 1.4, 2.5) for b in BORDERS]
    plan += [("f32_1x17.npy", 5.0, b) for b in BORDERS] + [("f32_64x65.npy", 1.0, "reflect101"), ("u16_37x29.png", 1.4, "reflect101"), ("camera_128.png", 1.4, "reflect101")]
    for name, sigma, border in plan:
        r = radius_of(sigma)
        a = inputs[name][0].astype(np.float64)
        result = ndi.gaussian_filter(a, sigma, mode=BORDERS[border][0], cval=0.0, truncate=4.0)
        assert np.allclose(result, restate_gaussian(a, sigma, r, border), rtol=1e-13, atol=1e-13 * a.max()), (name, sigma, border)
        cases.append({"input": name, "sigma": sigma, "radius": r, "border": border, "mode": BORDERS[border][0],
                      "output": save(f"gaussian_scipy_{name[:-4]}_{sigma}_{border}.npy", result)})
    rounded = []
    for name, sigma, border in [("u8_37x29.png", 1.4, "reflect101"), ("u8_64x65.png", 2.5, "replicate"), ("camera_128.png", 0.75, "reflect101"), ("u16_64x65.png", 1.4, "reflect")]:
        stored = inputs[name][0]
        result = ndi.gaussian_filter(stored.astype(np.float64), sigma, mode=BORDERS[border][0], truncate=4.0)
        distance = np.abs(result - np.floor(result) - 0.5).min()
        rounded.append({"input": name, "sigma": sigma, "radius": radius_of(sigma), "border": border, "nearest_to_a_half": distance,
                        "output": save(f"gaussian_rounded_{name[:-4]}_{sigma}_{border}.png", np.rint(result).astype(stored.dtype))})
        assert distance > 1e-9
    return {
        "header": golden.header("scipy", scipy.__version__, "scipy.ndimage.gaussian_filter(input.astype(float64), sigma, mode=mode, cval=0, truncate=4)", "make_images.py",
                                {"float64": (1e-12, "relative to the greatest input value: two orders of a sum of at most 41 x 41 products"),
                                 "float32": (1e-6, "relative to the greatest input value, for a float32 result computed in float32"),
                                 "rounded": (0, "levels: the exact result rounded to the nearest; nearest_to_a_half says how far the closest value is from a tie")}, [
            "radius = ceil(4 sigma) = floor(4 sigma + 0.5) for every sigma used here; taps exp(-t^2 / (2 sigma^2)) divided by their sum; values are not scaled",
            "the radius may exceed the picture's side (1x17 with radius 20): it is folded as often as needed; a side of one pixel repeats that pixel (constant: zeros)",
        ]),
        "cases": cases, "rounded": rounded,
    }


def gaussian_opencv():
    cases = []
    plan = [("f32_37x29.npy", s, b) for s in (0.75, 1.4, 2.5) for b in ("reflect101", "reflect", "replicate", "constant")]
    plan += [("u8_37x29.png", 1.4, "reflect101"), ("u8_64x65.png", 2.5, "reflect101"), ("camera_128.png", 1.4, "reflect101")]
    for name, sigma, border in plan:
        r = radius_of(sigma)
        a = inputs[name][0]
        result = cv2.GaussianBlur(a, (2 * r + 1, 2 * r + 1), sigma, borderType=BORDERS[border][1])
        again = restate_gaussian(a, sigma, r, border)
        worst = float(np.abs(result.astype(np.float64) - (again if a.dtype == np.float32 else np.rint(again))).max())
        assert worst <= (1e-6 if a.dtype == np.float32 else 1.0), (name, sigma, border, worst)
        out = f"gaussian_opencv_{name[:-4]}_{sigma}_{border}" + (".npy" if a.dtype == np.float32 else ".png")
        cases.append({"input": name, "sigma": sigma, "radius": r, "border": border, "peer_error": worst, "output": save(out, result)})
    return {
        "header": golden.header("OpenCV", cv2.__version__, "cv2.GaussianBlur(input, (2 * radius + 1, 2 * radius + 1), sigma, borderType=border)", "make_images.py",
                                {"f32": (1e-5, "absolute on values in [0, 1): float32 sums on both sides; peer_error is OpenCV's own distance from float64"),
                                 "u8": (1, "levels: OpenCV's 8-bit path has fixed-point taps of 8 bits, ours rounds the exact result")}, [
            "the Gaussian of gaussian_scipy; borders under our names (OpenCV has no wrap here)"]),
        "cases": cases,
    }


# ------------------------------------------------------------------------------------------------------------------- Sobel
def restate_sobel(a, border):
    p = pad(a.astype(np.float64), 1, border)
    h, w = a.shape

    def at(dy, dx):
        return p[1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w]

    gx = sum(c * (at(d, 1) - at(d, -1)) for d, c in ((-1, 1), (0, 2), (1, 1)))
    gy = sum(c * (at(1, d) - at(-1, d)) for d, c in ((-1, 1), (0, 2), (1, 1)))
    return gx, gy


def sobel():
    cases = []
    plan = [(n, b, "opencv") for n in ("u8_37x29.png", "f32_37x29.npy") for b in ("reflect101", "reflect", "replicate", "constant")]
    plan += [(f"u8_{s}.png", "reflect101", "opencv") for s in ("1x1", "1x17", "17x1", "3x3")] + [("u16_37x29.png", "reflect101", "opencv")]
    plan += [("f32_37x29.npy", b, "scipy") for b in BORDERS] + [("camera_128.png", "reflect", "scipy")]
    for name, border, peer in plan:
        a = inputs[name][0]
        if peer == "opencv":
            depth = cv2.CV_16S if a.dtype == np.uint8 else cv2.CV_32F
            results = [cv2.Sobel(a, depth, dx, 1 - dx, ksize=3, borderType=BORDERS[border][1]) for dx in (1, 0)]
        else:
            results = [ndi.sobel(a.astype(np.float64), axis=axis, mode=BORDERS[border][0], cval=0.0) for axis in (1, 0)]
            if a.dtype == np.uint8:
                results = [r.astype(np.int16) for r in results]
        for result, again in zip(results, restate_sobel(a, border)):
            exact = a.dtype != np.float32
            assert np.array_equal(result, again) if exact else np.allclose(result, again, rtol=0, atol=1e-6), (name, border, peer)
        stem = f"sobel_{peer}_{name[:-4]}_{border}"
        cases.append({"peer": peer, "input": name, "border": border, "gx": save(stem + "_gx.npy", results[0]), "gy": save(stem + "_gy.npy", results[1]),
                      "dtype": results[0].dtype.name})
    return {
        "header": golden.header("OpenCV; scipy", f"OpenCV {cv2.__version__}; scipy {scipy.__version__}",
                                "cv2.Sobel(input, CV_16S (u8) or CV_32F, 1, 0 / 0, 1, ksize=3, borderType=border); "
                                "scipy.ndimage.sobel(input.astype(float64), axis=1 / 0, mode=border, cval=0)", "make_images.py",
                                {"integer inputs": (0, "whole numbers below 2^24 are exact in float32 and float64"),
                                 "f32, float32 result": (1e-6, "absolute on values in [0, 1)"), "f32, float64 result": (1e-14, "absolute on values in [0, 1)")}, [
            "gx = (1 2 1)^T x (-1 0 1): positive where the picture grows to the right; gy = (-1 0 1)^T x (1 2 1): positive downwards; not normalised"]),
        "cases": cases,
    }


# ------------------------------------------------------------------------------------------------------------------ Harris
def harris():
    ours_sk, ours_cv = [], []
    for name in ("camera_128.png", "f32_37x29.npy"):
        stored = inputs[name][0]
        scale = 255 if stored.dtype == np.uint8 else 1
        a = stored.astype(np.float64) / scale
        result = skimage.feature.corner_harris(a, method="k", k=0.05, sigma=1)
        gx, gy = restate_sobel(a, "constant")
        xx, xy, yy = (restate_gaussian(p, 1.0, 4, "constant") for p in (gx * gx, gx * gy, gy * gy))
        again = xx * yy - xy * xy - 0.05 * (xx + yy) ** 2
        assert np.allclose(result, again, rtol=0, atol=1e-12 * np.abs(result).max())
        ours_sk.append({"input": name, "divide_by": scale, "k": 0.05, "sigma": 1.0, "radius": 4, "border": "constant",
                        "greatest": np.abs(result).max(), "output": save(f"harris_skimage_{name[:-4]}.npy", result)})
    for name, block, border in [("camera_128.png", 2, "reflect101"), ("camera_128.png", 3, "reflect101"), ("f32_37x29.npy", 3, "reflect101"), ("f32_37x29.npy", 2, "replicate"),
                                ("u8_37x29.png", 5, "reflect101")]:
        a = inputs[name][0]
        result = cv2.cornerHarris(a, block, 3, 0.04, borderType=BORDERS[border][1])
        scale = 1 / (4 * block * (255 if a.dtype == np.uint8 else 1))
        gx, gy = (g * scale for g in restate_sobel(a, border))

        def box(p):
            before, h, w = block // 2, *p.shape
            q = pad(p, block, border)
            return sum(q[block - before + i : block - before + i + h, block - before + j : block - before + j + w] for i in range(block) for j in range(block))

        xx, xy, yy = box(gx * gx), box(gx * gy), box(gy * gy)
        again = xx * yy - xy * xy - 0.04 * (xx + yy) ** 2
        worst = np.abs(result - again).max() / np.abs(again).max()
        assert worst < 1e-5, (name, block, border, worst)
        ours_cv.append({"input": name, "block": block, "ksize": 3, "k": 0.04, "border": border, "greatest": float(np.abs(result).max()), "peer_error": worst,
                        "output": save(f"harris_opencv_{name[:-4]}_{block}_{border}.npy", result)})
    return {
        "harris_skimage": {
            "header": golden.header("scikit-image", skimage.__version__, "skimage.feature.corner_harris(input.astype(float64) / divide_by, method='k', k=0.05, sigma=1)", "make_images.py",
                                    {"float64": (1e-10, "relative to the greatest response"), "float32": (1e-5, "relative to the greatest response, for a float32 computation")}, [
                "gx, gy: unnormalised 3x3 Sobel, border constant 0; A = Gaussian (sigma 1, radius 4, border constant 0, normalised taps) of gx^2, gx gy, gy^2; response = det A - k trace(A)^2"]),
            "cases": ours_sk},
        "harris_opencv": {
            "header": golden.header("OpenCV", cv2.__version__, "cv2.cornerHarris(input, block, ksize=3, k=0.04, borderType=border)", "make_images.py",
                                    {"response": (1e-5, "relative to the greatest response: float32 on both sides; peer_error is OpenCV's own distance from float64")}, [
                "gx, gy: 3x3 Sobel times 1 / (4 block), for u8 input divided by 255 too; A = plain sums (no division) of gx^2, gx gy, gy^2 over block x block pixels, the window "
                "reaching block // 2 pixels up and left (for block 2: the pixel itself and the one before it); both steps with the given border, the second one "
                "applied to the products; response = det A - k trace(A)^2"]),
            "cases": ours_cv},
    }


# -------------------------------------------------------------------------------------------------------------------- grey
def gray():
    cases = []
    for name in ("rgb8_37x29.png", "rgb16_37x29.png"):
        a = inputs[name][0]
        result = cv2.cvtColor(a, cv2.COLOR_RGB2GRAY)
        r, g, b = (a[..., i].astype(np.int64) for i in range(3))
        again = (r * 9798 + g * 19235 + b * 3735 + 16384) >> 15
        worst = int(np.abs(result.astype(np.int64) - again).max())
        print(name, "fixed point differs by", worst)
        exact = np.rint(0.299 * r + 0.587 * g + 0.114 * b)
        cases.append({"peer": "opencv", "input": name, "output": save(f"gray_opencv_{name[:-4]}.png", result),
                      "greatest_distance_from_exact_rounding": int(np.abs(result - exact).max())})
        assert worst == 0
        sk = skimage.color.rgb2gray(a)
        top = np.iinfo(a.dtype).max
        assert np.allclose(sk, (0.2125 * r + 0.7154 * g + 0.0721 * b) / top, rtol=1e-14, atol=0)
        cases.append({"peer": "skimage", "input": name, "divide_by": top, "output": save(f"gray_skimage_{name[:-4]}.npy", sk)})
    f = inputs["rgb8_37x29.png"][0].astype(np.float32) / np.float32(255)
    cases.append({"peer": "opencv", "input": "rgb8_37x29.png", "divide_by_in_float32": 255, "output": save("gray_opencv_rgbf_37x29.npy", cv2.cvtColor(f, cv2.COLOR_RGB2GRAY))})
    return {
        "header": golden.header("OpenCV; scikit-image", f"OpenCV {cv2.__version__}; scikit-image {skimage.__version__}", "cv2.cvtColor(input, cv2.COLOR_RGB2GRAY); skimage.color.rgb2gray(input)", "make_images.py",
                                {"opencv u8, u16": (0, "levels, in the convention stated; 1 level for an implementation that rounds the exact sum"),
                                 "opencv f32": (1e-6, "absolute on values in [0, 1]"), "skimage": (1e-14, "relative, float64")}, [
            "files hold RGB", "OpenCV: 0.299 R + 0.587 G + 0.114 B; u8 and u16: (9798 R + 19235 G + 3735 B + 16384) >> 15",
            "scikit-image: (0.2125 R + 0.7154 G + 0.0721 B) / divide_by in float64"]),
        "cases": cases,
    }


def main():
    if OUT.exists():
        shutil.rmtree(OUT)
    OUT.mkdir()
    cv2.setNumThreads(1)
    make_inputs()
    groups = {"canny_opencv": canny_opencv(), "canny_skimage": canny_skimage(), "gaussian_scipy": gaussian_scipy(), "gaussian_opencv": gaussian_opencv(),
              "sobel": sobel(), **harris(), "gray": gray()}
    listed = {name: {"width": a.shape[1], "height": a.shape[0], "channels": 1 if a.ndim == 2 else a.shape[2], "dtype": a.dtype.name, "what": what} for name, (a, what) in inputs.items()}
    golden.write("images/index.json", {
        "about": "paths are relative to this folder; sizes are width x height; .npy files are version 1.0, little-endian, C order, two dimensions (rows, columns)",
        "random": "numpy.random.default_rng(20261121)", "numpy": np.__version__, "inputs": listed, **groups})


main()
