// features/calibration/undistort.h: the picture a camera without lens would have taken.
//
//   out(u, v) = in(to_pixel(camera, K'^-1 (u, v, 1)))       K': matrix of the camera that is shown                      (1)
//
// Takes      u8, u16, f32; 1, 3, 4 channels; the camera's own size (DataError otherwise)
// Gives      the same depth and channels, of the shown camera's size; `value` where nothing was seen
// Guarantees a camera whose lens is 0, shown by its own matrix, gives the picture back, bit for bit
// Cost       O(pixels): the polynomial and the sampling row by row, no maps in memory
// See        [Zhang2000] sec. 2.1, 3.3; [Brown1971]; alpha as OpenCV's getOptimalNewCameraMatrix
#pragma once
#include "assay/features/calibration/camera.h"
#include "assay/imgproc/geometry/sampling.h"
#include "assay/imgproc/op.h"

namespace assay {

/// The camera without lens that shows `size` pixels of what `camera` saw. alpha 0: a rectangle in which every pixel was
/// seen; 1: every pixel that was seen; between: in between. DataError where the lens folds inside the picture.
Camera shown_camera(const Camera& camera, double alpha, const cv::Size& size);

/// `shown`: its size and fx, fy, cx, cy, skew count. `method` etc. as for warps.
void undistort(const Camera& camera, const Camera& shown, const Sampling& how, const cv::Mat& image, cv::Mat& out,
               const Context& ctx = {});

}  // namespace assay
