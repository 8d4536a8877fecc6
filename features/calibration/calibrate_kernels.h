// features/calibration/calibrate_kernels.h: the residuals of one view and their normal equations.
#pragma once
#include <cstddef>

namespace assay {

constexpr int kIntrinsics = 10, kPose = 6, kUnknowns = kIntrinsics + kPose;

/// J'J and J'r of a view, columns: the camera's ten parameters (kCameraNames), a turn w (R becomes exp(w) R) and t.
struct ViewEquations {
  alignas(64) double N[kUnknowns][kUnknowns];
  alignas(64) double g[kUnknowns];
};

/// Sum of squared distances of n points; infinite where one lies behind the camera. `equations` may be null.
/// camera: fx fy cx cy k1 k2 p1 p2 k3 skew; R row by row; board and pixels: x, y, x, y, ...
double view_equations(const double* camera, const double* R, const double* t, const double* board, const double* pixels,
                      ptrdiff_t n, ViewEquations* equations);

}  // namespace assay
