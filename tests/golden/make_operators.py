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
import skimage.exposure
import skimage.filters
import skimage.measure
import skimage.segmentation
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


def filters():
    family = Family("filters", [
        "OpenCV's blur anchors an even window at (width // 2, height // 2)",
        "scipy.ndimage.convolve turns the kernel and anchors an even side at side // 2",
        "OpenCV's bilateral filter: a circular window of diameter d, the sum of absolute differences in colour, weights from a table",
        "scikit-image's unsharp_mask: a Gaussian of radius floor(4 sigma + 0.5), mode reflect"])
    for name in GREY + ("rgb8_37x29.png",):
        a = load(name)
        for size, height in [(3, 3), (7, 5), (4, 6), (31, 31)]:
            if size != 7 and name == "u16_37x29.png":
                continue
            for border in ("reflect101", "replicate") if size == 7 else ("reflect101",):
                if size == 31 and a.shape[0] < 31:  # the window folds over twice
                    continue
                exact = cv2.boxFilter(a.astype(np.float64), -1, (size, height), borderType=BORDERS[border][1])
                if a.dtype != np.float32:
                    exact = np.rint(exact).astype(a.dtype)
                family.add(f"box:size={size}:height={height}:border={border}", name, f"numpy.rint(cv2.boxFilter(input.astype(float64), -1, ({size}, {height}), borderType={BORDERS[border][1]})) (f32: not rounded)",
                           exact, 1e-6 if a.dtype == np.float32 else 0, "one rounding to f32" if a.dtype == np.float32 else "exact")
        if a.ndim == 2:
            for size in (3, 5, 7, 11):
                for border in BORDERS if size == 5 else ("replicate",):
                    family.add(f"median:size={size}:border={border}", name, f"scipy.ndimage.median_filter(input, size={size}, mode={BORDERS[border][0]!r})", ndi.median_filter(a, size=size, mode=BORDERS[border][0]))
    for size in (3, 5, 7, 15):
        family.add(f"median:size={size}", "rgb8_37x29.png", f"cv2.medianBlur(input, {size})", cv2.medianBlur(load("rgb8_37x29.png"), size))
    kernels = ["1 2 -1; 0 3 5; -2 1 0.5; 1 1 1", "0.125 0.25; 0.3125 0.375", "1 0 -1"]
    for name in GREY:
        a = load(name).astype(np.float64)
        top = {"u8": 255, "u16": 65535}.get(name[:name.index("_")])
        for text in kernels:
            kernel = np.array([[float(v) for v in row.split()] for row in text.split(";")])
            for border in ("reflect101", "constant"):
                for orientation, call in (("convolve", ndi.convolve), ("correlate", ndi.correlate)):
                    result = call(a, kernel, mode=BORDERS[border][0], cval=0)
                    if top:
                        result = np.clip(np.rint(result), 0, top).astype(np.uint8 if top == 255 else np.uint16)
                    if border == "constant" and orientation == "correlate":
                        continue
                    family.add(f"convolve:kernel={text}:orientation={orientation}:border={border}", name,
                               f"scipy.ndimage.{call.__name__}(input.astype(float64), kernel, mode={BORDERS[border][0]!r}), rounded to the nearest and clipped", result,
                               0 if top else 5e-6, "exact" if top else "f32 sums of up to 12 terms up to 17")
        family.add("sharpen:amount=0.5", name, "scipy.ndimage.correlate(input, [[0, -.5, 0], [-.5, 3, -.5], [0, -.5, 0]], mode='mirror'), rounded to the nearest and clipped",
                   (lambda r: np.clip(np.rint(r), 0, top).astype(np.uint8 if top == 255 else np.uint16) if top else r)(ndi.correlate(a, np.array([[0, -.5, 0], [-.5, 3, -.5], [0, -.5, 0]]), mode="mirror")),
                   0 if top else 1e-6, "exact" if top else "f32 sums of five terms")
    f = load("f32_37x29.npy")
    family.add("unsharp:sigma=1.25:amount=1.5:border=reflect", "f32_37x29.npy", "skimage.filters.unsharp_mask(input.astype(float64), radius=1.25, amount=1.5, preserve_range=True)",
               skimage.filters.unsharp_mask(f.astype(np.float64), radius=1.25, amount=1.5, preserve_range=True), 1e-5, "f32 sums; values up to 3")
    u = load("u8_37x29.png")
    family.add("unsharp:sigma=1.25:amount=1.5:border=reflect", "u8_37x29.png", "the same on u8, rounded to the nearest and clipped",
               np.clip(np.rint(skimage.filters.unsharp_mask(u.astype(np.float64), radius=1.25, amount=1.5, preserve_range=True)), 0, 255).astype(np.uint8), 0, "no value lies within 1e-3 of a half")
    for name, d, c, s in [("f32_37x29.npy", 9, 0.1, 2), ("f32_37x29.npy", 5, 0.4, 1), ("smoothf_64x65.npy", 9, 0.1, 3)]:
        family.add(f"bilateral:radius={d // 2}:sigma-color={c * 255}:sigma-space={s}:convention=opencv", name, f"cv2.bilateralFilter(input, {d}, {c}, {s})", cv2.bilateralFilter(load(name), d, c, s), 1e-4, "OpenCV's weights come from a table with linear interpolation")
    for name in ("u8_37x29.png", "rgb8_37x29.png", "camera_128.png"):
        for d, c, s in [(9, 25, 2), (5, 75, 1.5)]:
            family.add(f"bilateral:radius={d // 2}:sigma-color={c}:sigma-space={s}:convention=opencv", name, f"cv2.bilateralFilter(input, {d}, {c}, {s})", cv2.bilateralFilter(load(name), d, c, s), 1, "a value next to a half may be rounded the other way")
    return family


def edges():
    family = Family("edges", [
        "scipy.ndimage.prewitt is not normalised",
        "log: weights (i^2 / s^4 - 1 / s^2) g_i less their mean, g the Gaussian of radius ceil(4 s) divided by its sum"])
    for name in GREY + ("u8_1x17.png",):
        a = load(name)
        f = a.astype(np.float64)
        tol, why = (1e-5, "f32 sums of values below 1 times 32") if a.dtype == np.float32 else (0, "whole numbers below 2^24")
        for border in ("reflect101", "replicate"):
            for axis, dx in (("x", 1), ("y", 0)):
                family.add(f"scharr:direction={axis}:border={border}", name, f"cv2.Scharr(input.astype(float64), CV_64F, {dx}, {1 - dx}, borderType={BORDERS[border][1]})", cv2.Scharr(f, cv2.CV_64F, dx, 1 - dx, borderType=BORDERS[border][1]), tol, why)
                family.add(f"prewitt:direction={axis}:border={border}", name, f"scipy.ndimage.prewitt(input.astype(float64), axis={dx}, mode={BORDERS[border][0]!r})", ndi.prewitt(f, axis=dx, mode=BORDERS[border][0]), tol, why)
            family.add(f"laplacian:border={border}", name, f"cv2.Laplacian(input.astype(float64), CV_64F, ksize=1, borderType={BORDERS[border][1]})", cv2.Laplacian(f, cv2.CV_64F, ksize=1, borderType=BORDERS[border][1]), tol, why)
        s = 1.5
        r = int(np.ceil(4 * s))
        i = np.arange(-r, r + 1)
        g = np.exp(-i * i / (2 * s * s))
        g /= g.sum()
        h = g * (i * i / s**4 - 1 / s**2)
        h -= h.mean()
        line = lambda image, w, axis: ndi.correlate1d(image, w, axis=axis, mode="mirror")
        result = line(line(f, g, 1), h, 0) + line(line(f, h, 1), g, 0)
        peer = ndi.gaussian_laplace(f, s, mode="mirror", truncate=4)
        assert np.abs(result - peer).max() <= 2e-3 * f.max()
        family.add("log:sigma=1.5", name, "scipy.ndimage.correlate1d twice with the weights stated; scipy.ndimage.gaussian_laplace, whose weights do not sum to 0, differs by 2e-3 of the maximum at most", result, 2e-6 * float(f.max()), "f32 sums")
        if name != "u8_1x17.png":
            family.add("dog:sigma=1:ratio=1.5", name, "skimage.filters.difference_of_gaussians' definition: scipy.ndimage.gaussian_filter(input, 1) - gaussian_filter(input, 1.5), mode='mirror', truncate=4",
                       ndi.gaussian_filter(f, 1, mode="mirror") - ndi.gaussian_filter(f, 1.5, mode="mirror"), 2e-6 * float(f.max()), "f32 sums")
        if min(a.shape) > 1:
            inner = np.s_[:-1, :-1]
            down = np.roll(f, -1, 0)
            down[-1] = f[-2]
            right = np.hstack([f[:, 1:], f[:, -2:-1]])
            both = np.vstack([right[1:], right[-2:-1]])
            for axis, result, call in (("x", f - both, skimage.filters.roberts_pos_diag), ("y", right - down, skimage.filters.roberts_neg_diag)):
                assert np.allclose(call(f)[1:-1, 1:-1], -result[1:-1, 1:-1], rtol=0, atol=1e-9 * max(1, f.max())), axis
                family.add(f"roberts:direction={axis}", name, f"minus skimage.filters.{call.__name__}, which convolves; its frame, which is 0, by border reflect101", result, tol, why)
    return family


def histogram():
    family = Family("histogram", [
        "OpenCV's equalizeHist and skimage's match_histograms as they are; match-histogram's reference is a picture of images/",
        "thresholds: the operator's result is 255 where the input is above the peer's threshold",
        "multi-otsu: class j of k as 255 j / (k - 1)"])
    for name in ("u8_37x29.png", "u8_64x65.png", "smooth8_64x65.png", "camera_128.png", "u8_1x17.png"):
        a = load(name)
        result = cv2.equalizeHist(a)
        family.add("equalize", name, "cv2.equalizeHist(input)", result, 0, "a rising map, rounded; no value of these lies within rounding of a half")
        t, black = cv2.threshold(a, 0, 255, cv2.THRESH_OTSU)
        assert name == "u8_1x17.png" or t == skimage.filters.threshold_otsu(a)
        family.add("otsu", name, f"cv2.threshold(input, 0, 255, cv2.THRESH_OTSU): {t}", black)
        t = skimage.filters.threshold_triangle(a)
        family.add("triangle", name, f"skimage.filters.threshold_triangle(input): {t}", ((a > t) * 255).astype(np.uint8))
        if name != "u8_1x17.png":
            for k in (3, 4):
                ts = skimage.filters.threshold_multiotsu(a, classes=k, nbins=256) if a.max() - a.min() == 255 else None
                if ts is None:
                    continue
                family.add(f"multi-otsu:classes={k}", name, f"skimage.filters.threshold_multiotsu(input, classes={k}): {ts.tolist()}",
                           np.rint(255 * np.digitize(a, ts, right=True) / (k - 1)).astype(np.uint8))
            for size, c in ((11, 2), (7, -3)):
                family.add(f"adaptive:size={size}:offset={c + 0.5}", name, f"input > scipy.ndimage.uniform_filter(input.astype(float64), {size}, mode='nearest') - {c + 0.5}",
                           ((a > ndi.uniform_filter(a.astype(np.float64), size, mode="nearest") - (c + 0.5)) * 255).astype(np.uint8))
        family.add("threshold:value=100", name, "cv2.threshold(input, 100, 255, THRESH_BINARY)", cv2.threshold(a, 100, 255, cv2.THRESH_BINARY)[1])
    f = load("f32_37x29.npy")
    t = skimage.filters.threshold_otsu(f)
    family.add("otsu", "f32_37x29.npy", f"skimage.filters.threshold_otsu(input): {t}", ((f > t) * 255).astype(np.uint8))
    u = load("u16_37x29.png")
    t = skimage.filters.threshold_otsu(u)
    family.add("otsu", "u16_37x29.png", f"skimage.filters.threshold_otsu(input): {t}", ((u > t) * 255).astype(np.uint8))
    for name, clip, tiles in [("camera_128.png", 2, 8), ("camera_128.png", 40, 4), ("u8_64x65.png", 3, 8), ("u8_37x29.png", 2, 5), ("u16_37x29.png", 2, 4), ("smooth8_64x65.png", 1, 3)]:
        family.add(f"clahe:clip={clip}:tiles={tiles}", name, f"cv2.createCLAHE({clip}, ({tiles}, {tiles})).apply(input)", cv2.createCLAHE(clip, (tiles, tiles)).apply(load(name)), 1, "f32 interpolation on both sides: a value next to a half may be rounded the other way")
    for name, power in (("u8_37x29.png", 2.2), ("u16_37x29.png", 0.45)):
        a = load(name)
        top = np.iinfo(a.dtype).max
        family.add(f"gamma:gamma={power}", name, "numpy.rint(skimage.exposure.adjust_gamma(input / full scale, gamma) * full scale)", np.rint(skimage.exposure.adjust_gamma(a / top, power) * top).astype(a.dtype))
    return family


def objects():
    family = Family("objects", ["components: labels in the order of first pixels, as scikit-image's and scipy's; distance: squares of scipy's, whole numbers"])
    for name in ("u8_37x29.png", "u8_64x65.png", "smooth8_64x65.png", "u8_1x17.png"):
        white = load(name) > 100
        for n, structure in ((4, None), (8, np.ones((3, 3)))):
            labels = skimage.measure.label(white, connectivity=1 if n == 4 else 2)
            assert np.array_equal(labels, ndi.label(white, structure)[0])
            family.add(f"components:connectivity={n}", "above100:" + name, f"skimage.measure.label(input > 100, connectivity={1 if n == 4 else 2})", labels.astype(np.uint16))
        d = ndi.distance_transform_edt(white)
        family.add("distance:squared=true", "above100:" + name, "scipy.ndimage.distance_transform_edt(input > 100) ** 2, to the nearest whole number", np.rint(d * d))
        family.add("distance", "above100:" + name, "scipy.ndimage.distance_transform_edt(input > 100)", d, 4e-6, "one rounding to f32 of values up to 64")
    for name in ("u8_37x29.png", "u16_37x29.png", "smooth8_64x65.png", "u8_1x17.png"):
        for n in (4, 8):
            basins = skimage.segmentation.watershed(load(name), connectivity=n // 4, watershed_line=True)
            family.add(f"watershed:connectivity={n}:lines=true", name, f"skimage.segmentation.watershed(input, connectivity={n // 4}, watershed_line=True)", basins.astype(np.uint16))
    return family


def frequency():
    family = Family("frequency", ["H is a function of sqrt(fftfreq(w)^2 + fftfreq(h)^2); border reflect: the transform of the picture beside its mirror images, twice as wide and high"])
    for name in GREY:
        a = load(name)
        f = a.astype(np.float64)
        top = {"u8": 255, "u16": 65535}.get(name[:name.index("_")])
        F = np.fft.fft2(f)
        family.add("spectrum", name, "numpy.fft.fftshift(numpy.log1p(abs(numpy.fft.fft2(input))))", np.fft.fftshift(np.log1p(np.abs(F))), 2e-6, "one rounding to f32 of values up to 20")
        for border in ("wrap", "reflect"):
            g = f if border == "wrap" else np.pad(f, ((0, f.shape[0]), (0, f.shape[1])), mode="symmetric")
            r = np.hypot(np.fft.fftfreq(g.shape[1])[None, :], np.fft.fftfreq(g.shape[0])[:, None])
            for shape, H in (("gaussian", np.exp(-r * r / (2 * 0.1**2))), ("butterworth:order=3", 1 / (1 + (r / 0.1) ** 6)), ("ideal", (r <= 0.1) * 1.0)):
                low = np.fft.ifft2(np.fft.fft2(g) * H).real[:f.shape[0], :f.shape[1]]
                if shape != "ideal":
                    family.add(f"highpass:cutoff=0.1:border={border}:shape={shape}", name, "input - numpy.fft.ifft2(numpy.fft.fft2(input) * H)", f - low, 2e-7 * float(f.max()), "one rounding to f32")
                if top:
                    low = np.clip(np.rint(low), 0, top).astype(a.dtype)
                family.add(f"lowpass:cutoff=0.1:border={border}:shape={shape}", name, "numpy.fft.ifft2(numpy.fft.fft2(input) * H), rounded to the nearest and clipped", low, 0 if top else 1e-7, "exact" if top else "one rounding to f32")
    return family


FAMILIES = [morphology, filters, edges, histogram, objects, frequency]


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
