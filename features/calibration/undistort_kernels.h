// features/calibration/undistort_kernels.h: where the pixels of a row come from.
#pragma once
#include <cstddef>

namespace assay {

/// The lens of a row: camera holds fx fy cx cy k1 k2 p1 p2 k3 skew. On the plane Z = 1, output i lies at
/// (x0 + i dx, y); u[i], v[i]: the pixel it is seen at.
void lens_row(const double* camera, double x0, double dx, double y, ptrdiff_t n, float* u, float* v);

}  // namespace assay
