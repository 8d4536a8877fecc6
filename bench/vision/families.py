#!/usr/bin/python3
"""All image operators beside OpenCV, and what that comes to for each family of them; prints times and ratios.

    bench/vision/families.py [--assay ./assay] [--rounds 5] [--only erode] [--size 1920x1080] [--threads 1] [--cold]

The rows are those of against_opencv.py, geometry.py and other_operators.py, whose options and figures these are. A family counts as the
geometric mean of its rows, a row as 10 at most; the last line is the geometric mean of the families. Two such means are printed: of
the rows for which a ratio is aimed at (bench/README.md), and of all. Where assay has OpenCV's rounding as a convention, the aimed
row is that one, the same pixels on both sides; the price of the exact default stands beside it. xyz counts only with OpenCV's
convention: it is another operator there, without the curve of sRGB.
"""

import against_opencv
import geometry
import other_operators

FAMILIES = {
    "filters": "gaussian box median bilateral convolve unsharp sharpen spectrum lowpass",
    "edges": "sobel scharr laplacian canny prewitt log dog",
    "morphology": "erode dilate tophat open close gradient blackhat",
    "histogram and point": "equalize clahe histogram otsu triangle adaptive threshold gamma brightness contrast stretch",
    "objects": "contours components distance watershed",
    "geometry": "flip quarter half pad crop resize warpaffine warpperspective affine rotate shear remap pyrdown pyrup",
    "colour and quality": "gray hsv hsl xyz ycbcr lab psnr ssim",
}

AIMED = """gaussian u8 sigma 1.5 opencv, gaussian u8 sigma 5 opencv, gaussian bgr sigma 1.5 opencv, gaussian f32 sigma 1.5,
gaussian f32 sigma 5, box 3, box 31, median 3, median 5, median 15, median 31, median 5 f32, bilateral 9, bilateral 9 bgr, convolve 7,
convolve 7 f32, spectrum beside dft, sobel u8 to s16, sobel f32, laplacian u8 to f32, canny l1, canny l2, erode 3, dilate 3, erode 15,
dilate 15, dilate ellipse 15, tophat 15, equalize, clahe, histogram, otsu, adaptive 11, contours, components, distance, watershed,
resize linear up, resize linear down, resize linear down c3, resize linear half, resize cubic up, resize cubic down, resize area up,
resize area down, resize area quarter, resize lanczos up, warpaffine linear, warpaffine linear c3, warpaffine cubic, warpperspective linear,
warpperspective f32, remap, pyrdown, pyrup, gray, hsv, lab, lab back, psnr, ssim"""
AIMED = {" ".join(title.split()) for title in AIMED.split(",")}


def family_of(title):
    return next((family for family, words in FAMILIES.items() if title.split()[0].rstrip(",") in words.split()), None)


def counts(title):
    return family_of(title) and not (title.startswith("xyz") and title.endswith("exact"))


def print_means(ratios, which):
    families = {}
    for title, ratio in ratios.items():
        families.setdefault(family_of(title), []).append(ratio)
    for family, rows in families.items():
        print(f"{family:24}{len(rows):4} rows, {sum(r < 1 for r in rows):2} below 1{against_opencv.mean_of(rows):8.2f}")
    if families:
        means = [against_opencv.mean_of(rows) for rows in families.values()]
        print(f"{'families, ' + which:40}{against_opencv.mean_of(means):8.2f}")


def cases(grey, folder):
    pictures, table, seen = {}, [], set()
    for script in (against_opencv, geometry, other_operators):
        more_pictures, rows = script.cases(grey, folder)
        pictures.update(more_pictures)
        table += [row for row in rows if counts(row[0]) and row[0] not in seen]
        seen.update(row[0] for row in rows)
    return pictures, table


if __name__ == "__main__":
    ratios = against_opencv.main(cases, __doc__) or {}
    print_means({title: ratio for title, ratio in ratios.items() if title in AIMED}, "rows with an aim")
    print_means(ratios, "all rows")
