#!/usr/bin/python3
"""quality.json and images/quality_*: SSIM by scikit-image, MSE and PSNR in whole numbers, MS-SSIM restated in numpy from Wang's words."""

import cv2
import numpy as np
import skimage
import skimage.metrics

import golden

golden.DATE = "2026-11-28"
OUT = golden.HERE / "images"
rng = np.random.default_rng(20261129)
SCALE = {"uint8": 255, "uint16": 65535}


def filtered(a):
    """11 x 11 Gaussian of sigma 1.5, windows inside only."""
    k = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    k /= k.sum()
    a = sum(k[i] * a[i : a.shape[0] - 10 + i] for i in range(11))
    return sum(k[i] * a[:, i : a.shape[1] - 10 + i] for i in range(11))


def means(a, b, L):
    ma, mb = filtered(a), filtered(b)
    saa, sbb, sab = filtered(a * a) - ma * ma, filtered(b * b) - mb * mb, filtered(a * b) - ma * mb
    c1, c2 = (0.01 * L) ** 2, (0.03 * L) ** 2
    cs = (2 * sab + c2) / (saa + sbb + c2)
    return (cs * (2 * ma * mb + c1) / (ma * ma + mb * mb + c1)).mean(), cs.mean()


def halved(a):
    a = np.pad(a, [(0, a.shape[0] % 2), (0, a.shape[1] % 2)], mode="edge")
    return (a[::2, ::2] + a[1::2, ::2] + a[::2, 1::2] + a[1::2, 1::2]) / 4


def ms_ssim(a, b, L):
    value = 1.0
    for scale, w in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        if scale:
            a, b = halved(a), halved(b)
        s, cs = means(a, b, L)
        value *= max(s if scale == 4 else cs, 0) ** w
    return value


def save(name, a):
    assert cv2.imwrite(str(OUT / name), a[..., ::-1] if a.ndim == 3 else a, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return name


def pairs():
    small = rng.integers(0, 256, (29, 37)).astype(np.uint8)
    yield "noise8", small, np.clip(small + rng.normal(0, 12, small.shape), 0, 255).astype(np.uint8)
    words = rng.integers(0, 65536, (31, 23)).astype(np.uint16)
    yield "noise16", words, cv2.GaussianBlur(words, (0, 0), 0.8)
    colour = rng.integers(0, 256, (24, 33, 3)).astype(np.uint8)
    yield "colour", colour, cv2.GaussianBlur(colour, (0, 0), 0.6)
    yield "window", small[:11, :11].copy(), small[1:12, :11].copy()
    camera = cv2.imread(str(golden.DATASETS / "pictures" / "camera.png"), cv2.IMREAD_UNCHANGED)[100:293, 60:260].copy()
    yield "camera", camera, cv2.GaussianBlur(camera, (0, 0), 1.2)
    yield "lifted", camera, np.clip(camera.astype(int) + 10, 0, 255).astype(np.uint8)


def main():
    cases = []
    for name, a, b in pairs():
        L = SCALE[a.dtype.name]
        a64, b64 = a.astype(np.float64), b.astype(np.float64)
        axis = {"channel_axis": 2} if a.ndim == 3 else {}
        value = skimage.metrics.structural_similarity(a64, b64, data_range=L, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, **axis)
        planes = [(a64[..., c], b64[..., c]) for c in range(3)] if a.ndim == 3 else [(a64, b64)]
        assert abs(np.mean([means(p, q, L)[0] for p, q in planes]) - value) < 1e-12
        case = {"a": save(f"quality_{name}_a.png", a), "b": save(f"quality_{name}_b.png", b), "ssim": value, "mse": ((a64 - b64) ** 2).mean(),
                "psnr": float(skimage.metrics.peak_signal_noise_ratio(a, b, data_range=L))}
        if min(a.shape[:2]) >= 176:
            case["ms_ssim"] = np.mean([ms_ssim(p, q, L) for p, q in planes])
        cases.append(case)
    golden.write("quality.json", {
        "header": golden.header("scikit-image; numpy", f"scikit-image {skimage.__version__}; numpy {np.__version__}",
                                "structural_similarity(a64, b64, data_range=L, gaussian_weights=True, sigma=1.5, use_sample_covariance=False), L = 255 or 65535; "
                                "peak_signal_noise_ratio(a, b, data_range=L); ms_ssim: numpy, from Wang, Simoncelli, Bovik 2003, eq. 7", "make_quality.py", {
            "ssim": (1e-9, "f64 on both sides, another order of sums"), "ms_ssim": (1e-9, "the same"), "mse, psnr": (1e-12, "relative")}, [
            "colour: the mean over channels; windows inside the picture only; a scale is the one before averaged over 2 x 2 pixels, an odd last row or column repeated"]),
        "cases": cases})


if __name__ == "__main__":
    main()
