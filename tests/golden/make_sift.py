#!/usr/bin/python3
"""sift.json: key points of cv2.SIFT and of VLFeat on a small picture, in our units and order.

A point is [[x, y, sigma, angle], descriptor as 128 bytes in hexadecimal]. VLFeat is called through its C library (package
libvlfeat-dev) by a program of a few lines that this script compiles.
"""

import pathlib
import subprocess
import tempfile

import cv2
import numpy as np

import golden

golden.DATE = "2026-11-29"
PICTURE = "images/camera_128.png"
PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <vl/sift.h>
int main(int n, char** v) {
  int w = atoi(v[1]), h = atoi(v[2]), more, i, j, k;
  float* image = malloc(sizeof(float) * w * h);
  if (fread(image, sizeof(float), w * h, stdin) != (size_t)(w * h)) return 1;
  VlSiftFilt* f = vl_sift_new(w, h, -1, 3, -1);
  vl_sift_set_peak_thresh(f, 3.4);
  vl_sift_set_edge_thresh(f, 10);
  for (more = vl_sift_process_first_octave(f, image); !more; more = vl_sift_process_next_octave(f)) {
    vl_sift_detect(f);
    const VlSiftKeypoint* p = vl_sift_get_keypoints(f);
    for (i = 0; i < vl_sift_get_nkeypoints(f); i++) {
      double angles[4];
      int count = vl_sift_calc_keypoint_orientations(f, angles, p + i);
      for (j = 0; j < count; j++) {
        float d[128];
        vl_sift_calc_keypoint_descriptor(f, d, p + i, angles[j]);
        printf("%.9g %.9g %.9g %.9g", p[i].x, p[i].y, p[i].sigma, angles[j]);
        for (k = 0; k < 128; k++) printf(" %.9g", d[k]);
        printf("\n");
      }
    }
  }
  return 0;
}
"""


def opencv(image):
    points, descriptors = cv2.SIFT_create().detectAndCompute(image, None)
    heads = [[p.pt[0], p.pt[1], p.size / 2, np.deg2rad(p.angle)] for p in points]
    return np.array(heads), descriptors


def vlfeat(image):
    with tempfile.TemporaryDirectory() as name:
        source, program = pathlib.Path(name) / "v.c", pathlib.Path(name) / "v"
        source.write_text(PROGRAM)
        subprocess.run(["cc", "-O2", str(source), "-o", str(program), "-lvl"], check=True)
        out = subprocess.run([program, str(image.shape[1]), str(image.shape[0])], input=image.astype(np.float32).tobytes(),
                             capture_output=True, check=True).stdout
    rows = np.array(out.split(), float).reshape(-1, 132)
    cells = rows[:, 4:].reshape(-1, 16, 8)[:, :, [0, 7, 6, 5, 4, 3, 2, 1]].reshape(-1, 128)
    return rows[:, :4], np.minimum(255, np.floor(512 * cells + 0.5))


def main():
    image = cv2.imread(str(golden.HERE / PICTURE), cv2.IMREAD_GRAYSCALE)
    cases = []
    for name, call, peer in (("opencv", "cv2.SIFT_create().detectAndCompute", opencv),
                             ("vlfeat", "vl_sift, 3 levels, first octave -1, peak 3.4, edge 10", vlfeat)):
        heads, descriptors = peer(image)
        points = [[[round(float(v), 5) for v in h], bytes(d.astype(np.uint8)).hex()] for h, d in zip(heads, descriptors)]
        cases.append({"peer": name, "call": call, "picture": PICTURE, "points": points})
    golden.write("sift.json", {
        "header": golden.header("OpenCV; VLFeat", f"OpenCV {cv2.__version__}; VLFeat 0.9.21", "see each case", "make_sift.py", {
            "matched": (0.98, "share of the points with a partner within 0.5 px, 10 % of the scale and 5 degrees, both ways: rounding decides which weak points are kept"),
            "cosine": (0.98, "of the descriptors of partners; both round to bytes")}, [
            "a point is [x, y, sigma, angle in radians from x towards y] and 128 bytes in hexadecimal, in OpenCV's order; VLFeat's eight directions run the other way and are turned here"]),
        "cases": cases})


if __name__ == "__main__":
    main()
