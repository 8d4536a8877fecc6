#!/usr/bin/python3
"""All image operators beside OpenCV, and what that comes to for each family of them; prints times and ratios.

    bench/vision/families.py [--assay ./assay] [--rounds 5] [--only erode] [--size 1920x1080] [--threads 1] [--cold]

The rows are those of against_opencv.py, geometry.py and other_operators.py, whose options and figures these are. A family counts as the
geometric mean of its rows, a row as 10 at most; the last line is the geometric mean of the families.
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


def family_of(title):
    return next((family for family, words in FAMILIES.items() if title.split()[0].rstrip(",") in words.split()), None)


def cases(grey, folder):
    pictures, table, seen = {}, [], set()
    for script in (against_opencv, geometry, other_operators):
        more_pictures, rows = script.cases(grey, folder)
        pictures.update(more_pictures)
        table += [row for row in rows if family_of(row[0]) and row[0] not in seen]
        seen.update(row[0] for row in rows)
    return pictures, table


if __name__ == "__main__":
    ratios = against_opencv.main(cases, __doc__)
    families = {}
    for title, ratio in (ratios or {}).items():
        families.setdefault(family_of(title), []).append(ratio)
    for family, rows in families.items():
        below = sum(r < 1 for r in rows)
        print(f"{family:30}{len(rows):4} rows, {below} below 1{against_opencv.mean_of(rows):8.2f}")
    if families:
        print(f"{'families':30}{'':18}{against_opencv.mean_of(against_opencv.mean_of(rows) for rows in families.values()):7.2f}")
