#!/usr/bin/python3
"""Geometry and quality beside OpenCV, the same picture, in turn within one run; prints times and ratios.

    bench/vision/geometry.py [--assay ./assay] [--rounds 5] [--only resize] [--size 1920x1080] [--threads 1] [--cold]

Options and figures are those of against_opencv.py, at the result that assay's defaults give (correctly rounded, true
sub-pixel weights).
"""

import cv2
import numpy as np

from against_opencv import main


def resize_cases(grey, bgr, wide):
    h, w = grey.shape
    pictures = {"u8": grey, "bgr": bgr, "u16": wide}
    up, down, half, quarter = ((int(w * f), int(h * f)) for f in (1.5, 0.6, 0.5, 0.25))
    CV = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4, "area": cv2.INTER_AREA,
          "nearest": cv2.INTER_NEAREST}
    plan = [("linear up", "bilinear", up, "u8"), ("linear down", "bilinear", down, "u8"), ("linear down c3", "bilinear", down, "bgr"),
            ("linear half", "bilinear", half, "u8"), ("linear half c3", "bilinear", half, "bgr"), ("linear up u16", "bilinear", up, "u16"),
            ("linear down u16", "bilinear", down, "u16"), ("cubic up", "bicubic", up, "u8"), ("cubic down", "bicubic", down, "u8"),
            ("area up", "area", up, "u8"), ("area down", "area", down, "u8"), ("area quarter", "area", quarter, "u8"),
            ("lanczos up", "lanczos", up, "u8"), ("nearest up", "nearest", up, "u8"), ("nearest down", "nearest", down, "u8")]
    for title, method, size, kind in plan:
        image = pictures[kind]
        out = np.empty(size[::-1] + image.shape[2:], image.dtype)
        note = "assay: 6 taps, OpenCV: 8" if method == "lanczos" else "assay: shares of squares" if title == "area up" else ""
        yield (f"resize {title}", [f"resize:width={size[0]}:height={size[1]}:method={method}"], kind,
               lambda image=image, out=out, size=size, m=CV[method]: cv2.resize(image, size, dst=out, interpolation=m), note)


def move_cases(grey, bgr, u8):
    for title, op, call in (("flip horizontal", "flip", lambda: cv2.flip(grey, 1, dst=u8)), ("flip vertical", "flip:direction=vertical", lambda: cv2.flip(grey, 0, dst=u8))):
        yield title, [op], "u8", call, ""
    colour = np.empty_like(bgr)
    yield "flip horizontal c3", ["flip"], "bgr", lambda: cv2.flip(bgr, 1, dst=colour), ""
    turned, turned_bgr = np.empty(grey.shape[::-1], np.uint8), np.empty((*grey.shape[::-1], 3), np.uint8)
    turn = cv2.ROTATE_90_COUNTERCLOCKWISE
    yield "quarter turn", ["rotate:angle=90"], "u8", lambda: cv2.rotate(grey, turn, dst=turned), ""
    yield "quarter turn c3", ["rotate:angle=90"], "bgr", lambda: cv2.rotate(bgr, turn, dst=turned_bgr), ""
    framed = np.empty((grey.shape[0] + 32, grey.shape[1] + 32), np.uint8)
    yield ("pad", ["pad:left=16:right=16:top=16:bottom=16:border=reflect101"], "u8",
           lambda: cv2.copyMakeBorder(grey, 16, 16, 16, 16, cv2.BORDER_REFLECT_101, dst=framed), "")


def matrix_text(H):
    return "; ".join(" ".join(repr(float(v)) for v in row) for row in H)


def warp_cases(grey, bgr, real, folder):
    """12 degrees, scale 1.1, about the centre; a quadrangle; maps of gentle waves."""
    h, w = grey.shape
    A = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), 12, 1.1)
    P = np.array([[0.8, 0.1, 100], [0.05, 0.85, 60], [0.00005, 0.00008, 1]])
    pictures = {"u8": grey, "bgr": bgr, "f32": real}
    out = {kind: np.empty_like(image) for kind, image in pictures.items()}
    coordinates = "assay: true places, OpenCV: 1/32 pixel"
    for title, kind, flag, method in (("linear", "u8", cv2.INTER_LINEAR, "bilinear"), ("linear c3", "bgr", cv2.INTER_LINEAR, "bilinear"),
                                      ("cubic", "u8", cv2.INTER_CUBIC, "bicubic"), ("cubic c3", "bgr", cv2.INTER_CUBIC, "bicubic"),
                                      ("nearest", "u8", cv2.INTER_NEAREST, "nearest")):
        yield (f"warpaffine {title}", [f"affine:matrix={matrix_text(A)}:method={method}"], kind,
               lambda kind=kind, flag=flag: cv2.warpAffine(pictures[kind], A, (w, h), dst=out[kind], flags=flag), coordinates)
    for title, kind in (("linear", "u8"), ("f32", "f32")):
        yield (f"warpperspective {title}", [f"perspective:matrix={matrix_text(P)}"], kind,
               lambda kind=kind: cv2.warpPerspective(pictures[kind], P, (w, h), dst=out[kind]), coordinates)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    mx, my = (x + 5 * np.sin(y * 0.01)).astype(np.float32), (y + 5 * np.cos(x * 0.01)).astype(np.float32)
    np.save(folder / "map_x.npy", mx)
    np.save(folder / "map_y.npy", my)
    for title, kind in (("remap", "u8"), ("remap c3", "bgr")):
        yield (title, ["remap:x=@map_x.npy:y=@map_y.npy"], kind,
               lambda kind=kind: cv2.remap(pictures[kind], mx, my, cv2.INTER_LINEAR, dst=out[kind]), coordinates)


def other_cases(grey, bgr, folder):
    h, w = grey.shape
    half, double = ((h + 1) // 2, (w + 1) // 2), (2 * h, 2 * w)
    down, up, small = np.empty(half, np.uint8), np.empty(double, np.uint8), np.empty((*half, 3), np.uint8)
    yield "pyrdown", ["pyramid"], "u8", lambda: cv2.pyrDown(grey, dst=down), "assay rounds halves to even"
    yield "pyrdown c3", ["pyramid"], "bgr", lambda: cv2.pyrDown(bgr, dst=small), "the same"
    yield "pyrup", ["pyramid:kind=expand"], "u8", lambda: cv2.pyrUp(grey, dst=up), "the same"
    blurred = cv2.GaussianBlur(grey, (0, 0), 1)
    np.save(folder / "blurred.npy", blurred)
    yield "psnr", ["quality", "@blurred.npy", "--metrics", "psnr"], "u8", lambda: cv2.PSNR(grey, blurred), ""
    if hasattr(cv2, "quality"):
        yield "ssim", ["quality", "@blurred.npy", "--metrics", "ssim"], "u8", lambda: cv2.quality.QualitySSIM_compute(grey, blurred), "assay: f64, equal to Wang's; OpenCV: f32, other borders"


def cases(grey, folder):
    bgr = np.ascontiguousarray(np.dstack([grey, 255 - grey, np.roll(grey, 7, 1)]))
    real = (grey / np.float32(255)).astype(np.float32)
    wide = (grey * np.uint16(257)).astype(np.uint16)
    u8 = np.empty_like(grey)
    pictures = {"u8": grey, "bgr": bgr, "f32": real, "u16": wide}
    return pictures, [*move_cases(grey, bgr, u8), *resize_cases(grey, bgr, wide), *warp_cases(grey, bgr, real, folder), *other_cases(grey, bgr, folder)]


if __name__ == "__main__":
    main(cases, __doc__)
