#!/usr/bin/python3
"""The operators and depths that against_opencv.py and geometry.py leave out, beside OpenCV, in turn within one run; prints times and ratios.

    bench/vision/other_operators.py [--assay ./assay] [--rounds 5] [--only gamma] [--size 1920x1080] [--threads 1] [--cold]

Options and figures are those of against_opencv.py. Where OpenCV has no operator of that name, the calls stand beside assay's
that its users write for it.
"""

import cv2
import numpy as np

from against_opencv import main


def point_cases(p, out):
    grey, bgr, f32 = p["u8"], p["bgr"], p["f32"]
    gamma = np.clip(np.rint(255 * (np.arange(256) / 255) ** 2.2), 0, 255).astype(np.uint8)
    yield "gamma", ["gamma:gamma=2.2"], "u8", lambda: cv2.LUT(grey, gamma, dst=out["u8"])
    yield "gamma bgr", ["gamma:gamma=2.2"], "bgr", lambda: cv2.LUT(bgr, gamma, dst=out["bgr"])
    yield "gamma f32", ["gamma:gamma=2.2"], "f32", lambda: cv2.pow(f32, 2.2, dst=out["f32"])
    yield "brightness", ["brightness:amount=0.1"], "u8", lambda: cv2.convertScaleAbs(grey, dst=out["u8"], alpha=1, beta=25.5)
    yield "contrast", ["contrast:factor=1.5"], "u8", lambda: cv2.convertScaleAbs(grey, dst=out["u8"], alpha=1.5, beta=-64)
    yield "stretch", ["stretch:low=0:high=0"], "u8", lambda: cv2.normalize(grey, out["u8"], 0, 255, cv2.NORM_MINMAX)
    yield "threshold", ["threshold:value=128"], "u8", lambda: cv2.threshold(grey, 128, 255, cv2.THRESH_BINARY, dst=out["u8"])
    yield "threshold f32", ["threshold:value=0.5"], "f32", lambda: cv2.threshold(f32, 0.5, 1, cv2.THRESH_BINARY, dst=out["f32"])
    yield "triangle", ["triangle"], "u8", lambda: cv2.threshold(grey, 0, 255, cv2.THRESH_TRIANGLE, dst=out["u8"])


def morphology_cases(p, out):
    square = lambda side: cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    for kind in ("u16", "f32", "bgr"):
        yield f"erode 3 {kind}", ["erode"], kind, lambda kind=kind: cv2.erode(p[kind], square(3), dst=out[kind])
    yield "dilate 3", ["dilate"], "u8", lambda: cv2.dilate(p["u8"], square(3), dst=out["u8"])
    yield "dilate 15", ["dilate:size=15"], "u8", lambda: cv2.dilate(p["u8"], square(15), dst=out["u8"])
    for name, op in (("open", cv2.MORPH_OPEN), ("close", cv2.MORPH_CLOSE), ("gradient", cv2.MORPH_GRADIENT), ("blackhat", cv2.MORPH_BLACKHAT)):
        for side in (3, 15):
            yield (f"{name} {side}", [f"{name}:size={side}"], "u8",
                   lambda op=op, side=side: cv2.morphologyEx(p["u8"], op, square(side), dst=out["u8"]))


def filter_cases(p, out):
    grey = p["u8"]
    for kind in ("u16", "f32", "bgr"):
        yield f"box 3 {kind}", ["box"], kind, lambda kind=kind: cv2.blur(p[kind], (3, 3), dst=out[kind])
    yield "median 3 u16", ["median"], "u16", lambda: cv2.medianBlur(p["u16"], 3, dst=out["u16"])
    for side in (3, 5):
        yield f"median {side} bgr", [f"median:size={side}"], "bgr", lambda side=side: cv2.medianBlur(p["bgr"], side, dst=out["bgr"])
    yield "gaussian u16 sigma 1.5", ["gaussian:sigma=1.5:radius=4"], "u16", lambda: cv2.GaussianBlur(p["u16"], (9, 9), 1.5, dst=out["u16"])
    yield ("unsharp", ["unsharp:sigma=2:amount=1"], "u8",
           lambda: cv2.addWeighted(grey, 2, cv2.GaussianBlur(grey, (17, 17), 2), -1, 0, dst=out["u8"]))
    sharp = np.array([[0, -0.25, 0], [-0.25, 2, -0.25], [0, -0.25, 0]])
    yield "sharpen", ["sharpen"], "u8", lambda: cv2.filter2D(grey, -1, sharp, dst=out["u8"])


def edge_cases(p, out):
    grey = p["u8"]
    derivative = lambda kernel: lambda: cv2.filter2D(grey, cv2.CV_32F, kernel, dst=out["f32"])
    yield "prewitt", ["prewitt:direction=x"], "u8", derivative(np.array([[-1, 0, 1]] * 3, float))
    yield ("sobel magnitude", ["sobel"], "u8",
           lambda: cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1), out["f32"]))
    yield ("log", ["log:sigma=2"], "u8", lambda: cv2.Laplacian(cv2.GaussianBlur(p["f32"], (17, 17), 2), cv2.CV_32F, dst=out["f32"]))
    yield ("dog", ["dog:sigma=1.5"], "f32",
           lambda: cv2.subtract(cv2.GaussianBlur(p["f32"], (0, 0), 1.5), cv2.GaussianBlur(p["f32"], (0, 0), 2.4), dst=out["f32"]))


def geometry_cases(p, out):
    grey = p["u8"]
    h, w = grey.shape
    yield "crop", [f"crop:x=8:y=8:width={w - 16}:height={h - 16}"], "u8", lambda: grey[8 : h - 8, 8 : w - 8].copy()
    yield "half turn", ["rotate:angle=180"], "u8", lambda: cv2.rotate(grey, cv2.ROTATE_180, dst=out["u8"])
    turn = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), 10, 1)
    yield "rotate by 10", ["rotate:angle=10"], "u8", lambda: cv2.warpAffine(grey, turn, (w, h), dst=out["u8"])
    lean = np.array([[1, 0.2, -0.1 * (h - 1)], [0, 1, 0]])
    yield "shear", ["shear:x=0.2"], "u8", lambda: cv2.warpAffine(grey, lean, (w, h), dst=out["u8"])
    for kind in ("u16", "f32"):
        yield f"affine {kind}", ["rotate:angle=10"], kind, lambda kind=kind: cv2.warpAffine(p[kind], turn, (w, h), dst=out[kind])
        for factor in (1.5, 0.6, 0.5):
            size = (int(w * factor), int(h * factor))
            result = np.empty(size[::-1], p[kind].dtype)
            yield (f"resize linear {factor} {kind}", [f"resize:width={size[0]}:height={size[1]}:method=bilinear"], kind,
                   lambda kind=kind, size=size, result=result: cv2.resize(p[kind], size, dst=result))
    half = np.empty((h // 2, w // 2, 3), np.uint8)
    yield ("resize linear 0.5 bgr", [f"resize:width={w // 2}:height={h // 2}:method=bilinear"], "bgr",
           lambda: cv2.resize(p["bgr"], (w // 2, h // 2), dst=half))
    yield ("affine cubic bgr", ["rotate:angle=10:method=bicubic"], "bgr",
           lambda: cv2.warpAffine(p["bgr"], turn, (w, h), dst=out["bgr"], flags=cv2.INTER_CUBIC))
    small = np.empty(((h + 1) // 2, (w + 1) // 2), np.float32)
    yield "pyrdown f32", ["pyramid"], "f32", lambda: cv2.pyrDown(p["f32"], dst=small)
    framed = np.empty((h + 32, w + 32), np.uint8)
    for border, code in (("constant", cv2.BORDER_CONSTANT), ("replicate", cv2.BORDER_REPLICATE)):
        yield (f"pad {border}", [f"pad:left=16:right=16:top=16:bottom=16:border={border}"], "u8",
               lambda code=code: cv2.copyMakeBorder(grey, 16, 16, 16, 16, code, dst=framed))


def colour_cases(p, out):
    """OpenCV's rounding is measured like with like; the default, correctly rounded, beside the same call."""
    codes = {"hsv": (cv2.COLOR_BGR2HSV, cv2.COLOR_HSV2BGR), "hsl": (cv2.COLOR_BGR2HLS, cv2.COLOR_HLS2BGR),
             "xyz": (cv2.COLOR_BGR2XYZ, cv2.COLOR_XYZ2BGR), "ycbcr": (cv2.COLOR_BGR2YCrCb, cv2.COLOR_YCrCb2BGR),
             "lab": (cv2.COLOR_BGR2LAB, cv2.COLOR_LAB2BGR)}
    for space, both in codes.items():
        for way, code, inverse in zip(("", " back"), both, ("", ":inverse=true")):
            for kind in ("bgr", "u16 bgr", "f32 bgr"):
                if kind == "u16 bgr" and space not in ("xyz", "ycbcr"):
                    continue  # OpenCV has them in 8 bits and float alone
                call = lambda kind=kind, code=code: cv2.cvtColor(p[kind], code, dst=out[kind])
                for convention in ("", ":convention=opencv"):
                    if space == "lab" and convention:
                        continue
                    title = f"{space}{way} {kind.removesuffix('bgr') or 'u8 '}{'as OpenCV' if convention else 'exact'}"
                    yield title, [f"{space}{inverse}{convention}"], kind, call
    for kind, grey in (("bgr", "u8"), ("u16 bgr", "u16"), ("f32 bgr", "f32")):
        call = lambda kind=kind, grey=grey: cv2.cvtColor(p[kind], cv2.COLOR_BGR2GRAY, dst=out[grey])
        yield f"gray {grey} exact", ["gray"], kind, call
        yield f"gray {grey} as OpenCV", ["gray:convention=opencv"], kind, call


def frequency_cases(p, out):
    f32 = p["f32"]
    h, w = f32.shape
    gain = np.random.default_rng(1).random((h, w)).astype(np.float32)
    yield ("lowpass", ["lowpass:shape=gaussian:cutoff=0.1:border=wrap"], "f32",
           lambda: cv2.dft(cv2.mulSpectrums(cv2.dft(f32), gain, 0), dst=out["f32"], flags=cv2.DFT_INVERSE | cv2.DFT_SCALE))


def cases(grey, _):
    bgr = np.ascontiguousarray(np.dstack([grey, 255 - grey, np.roll(grey, 7, 1)]))
    pictures = {"u8": grey, "u16": grey * np.uint16(257), "f32": grey / np.float32(255), "bgr": bgr, "u16 bgr": bgr * np.uint16(257),
                "f32 bgr": bgr / np.float32(255)}
    out = {kind: np.empty_like(image) for kind, image in pictures.items()}
    families = (point_cases, morphology_cases, filter_cases, edge_cases, geometry_cases, colour_cases, frequency_cases)
    return pictures, [(*row, "") for family in families for row in family(pictures, out)]


if __name__ == "__main__":
    main(cases, __doc__)
