// features/calibration/zhang.cpp
// Notation   h_i columns of H;  B = K^-T K^-1, b = (B11, B12, B22, B13, B23, B33);  v_ij with h_i' B h_j = v_ij' b
// Method     1 two rows v12' and (v11 - v22)' a view   2 b: the right singular vector of the least singular value
//            3 K from b (appendix B)   4 pose of a view: K^-1 H, made a rotation (appendix C)
// Departures from the paper: pixels are moved and scaled to about [-1, 1] first, as the paper's authors advise for H; H is
//            divided by the lengths of its columns, so that views weigh alike. Without skew, B12 = 0 leaves five unknowns
//            (the paper adds a row). The pose is made a rotation by symmetric orthogonalisation of r1 and r2, exact for
//            vectors of equal length; refinement follows.

#include "assay/features/calibration/zhang.h"

#include <cmath>

#include "assay/core/svd.h"

namespace assay {

namespace {

using Row = std::array<double, 6>;

// v_ij of [Zhang2000, eq. 7]; columns are numbered from 0.
Row v(const Matrix3& H, size_t i, size_t j) {
  const auto h = [&](size_t column, size_t row) { return H[3 * row + column]; };
  return {h(i, 0) * h(j, 0),
          h(i, 0) * h(j, 1) + h(i, 1) * h(j, 0),
          h(i, 1) * h(j, 1),
          h(i, 2) * h(j, 0) + h(i, 0) * h(j, 2),
          h(i, 2) * h(j, 1) + h(i, 1) * h(j, 2),
          h(i, 2) * h(j, 2)};
}

// The pixels moved and scaled: N H, its first two columns of mean length 1.
Matrix3 scaled(const Matrix3& H, const cv::Size& size) {
  const double s = 2.0 / (size.width + size.height), cx = (size.width - 1) / 2.0, cy = (size.height - 1) / 2.0;
  Matrix3 N = product({s, 0, -s * cx, 0, s, -s * cy, 0, 0, 1}, H);
  const double length = (std::hypot(N[0], N[3], N[6]) + std::hypot(N[1], N[4], N[7])) / 2;
  for (double& x : N) x /= length;
  return N;
}

Camera unscaled(Camera camera, const cv::Size& size) {
  const double s = 2.0 / (size.width + size.height);
  camera.size = size;
  camera.fx /= s, camera.fy /= s, camera.skew /= s;
  camera.cx = camera.cx / s + (size.width - 1) / 2.0, camera.cy = camera.cy / s + (size.height - 1) / 2.0;
  return camera;
}

// [Zhang2000, appendix B]
std::optional<Camera> camera_of(double B11, double B12, double B22, double B13, double B23, double B33) {
  if (B11 < 0) B11 = -B11, B12 = -B12, B22 = -B22, B13 = -B13, B23 = -B23, B33 = -B33;
  const double det = B11 * B22 - B12 * B12;
  if (!(B11 > 0 && det > 0)) return std::nullopt;
  Camera c;
  c.cy = (B12 * B13 - B11 * B23) / det;
  const double lambda = B33 - (B13 * B13 + c.cy * (B12 * B13 - B11 * B23)) / B11;
  if (!(lambda > 0)) return std::nullopt;
  c.fx = std::sqrt(lambda / B11);
  c.fy = std::sqrt(lambda * B11 / det);
  c.skew = -B12 * c.fx * c.fx * c.fy / lambda;
  c.cx = c.skew * c.cy / c.fy - B13 * c.fx * c.fx / lambda;
  if (!std::isfinite(c.fx + c.fy + c.cx + c.cy + c.skew)) return std::nullopt;
  return c;
}

// The rows v12' and (v11 - v22)' of all views; without skew the column of B12 is left out.
Matrix constraints(std::span<const Matrix3> homographies, const cv::Size& size, bool skew) {
  const int unknowns = skew ? 6 : 5;
  Matrix V = Matrix::Zero(std::max<Index>(unknowns, static_cast<Index>(2 * homographies.size())), unknowns);
  for (size_t k = 0; k < homographies.size(); ++k) {
    const Matrix3 H = scaled(homographies[k], size);
    const Row v12 = v(H, 0, 1), v11 = v(H, 0, 0), v22 = v(H, 1, 1);
    for (size_t i = 0, to = 0; i < 6; ++i) {
      if (!skew && i == 1) continue;
      V(static_cast<Index>(2 * k), static_cast<Index>(to)) = v12[i];
      V(static_cast<Index>(2 * k + 1), static_cast<Index>(to++)) = v11[i] - v22[i];
    }
  }
  return V;
}

}  // namespace

double determinacy(std::span<const Matrix3> homographies, const cv::Size& size) {
  const Svd s = svd_jacobi(constraints(homographies, size, false), {});
  return s.S[0] > 0 ? s.S[3] / s.S[0] : 0;
}

std::optional<Camera> closed_form(std::span<const Matrix3> homographies, const cv::Size& size, bool skew) {
  const int unknowns = skew ? 6 : 5;
  if (static_cast<int>(2 * homographies.size()) < unknowns - 1) return std::nullopt;
  const Svd s = svd_jacobi(constraints(homographies, size, skew), {});
  if (!(s.S[unknowns - 2] > 1e-9 * s.S[0])) return std::nullopt;  // more than one B
  const auto b = s.V.col(unknowns - 1);
  const std::optional<Camera> camera =
      skew ? camera_of(b[0], b[1], b[2], b[3], b[4], b[5]) : camera_of(b[0], 0, b[1], b[2], b[3], b[4]);
  if (!camera) return std::nullopt;
  return unscaled(*camera, size);
}

std::optional<Camera> closed_form_centred(std::span<const Matrix3> homographies, const cv::Size& size) {
  Matrix A(static_cast<Index>(2 * homographies.size()), 2);
  Vector b(A.rows());
  for (size_t k = 0; k < homographies.size(); ++k) {  // B = diag(1 / fx^2, 1 / fy^2, 1)
    const Matrix3 H = scaled(homographies[k], size);
    const Row v12 = v(H, 0, 1), v11 = v(H, 0, 0), v22 = v(H, 1, 1);
    const Index row = static_cast<Index>(2 * k);
    A(row, 0) = v12[0], A(row, 1) = v12[2], b[row] = -v12[5];
    A(row + 1, 0) = v11[0] - v22[0], A(row + 1, 1) = v11[2] - v22[2], b[row + 1] = v22[5] - v11[5];
  }
  const Vector x = solve_qr(A, b);
  Camera c;
  if (!(x[0] > 0 && x[1] > 0)) return std::nullopt;
  c.fx = 1 / std::sqrt(x[0]), c.fy = 1 / std::sqrt(x[1]);
  return unscaled(c, size);
}

Pose pose_of(const Camera& camera, const Matrix3& homography) {
  const std::optional<Matrix3> inverse_K = inverse(camera.matrix());
  const Matrix3 M = product(*inverse_K, homography);
  using Vec = std::array<double, 3>;
  const auto column = [&](size_t i) { return Vec{M[i], M[3 + i], M[6 + i]}; };
  const auto length = [](const Vec& a) { return std::hypot(a[0], a[1], a[2]); };
  Vec a = column(0), b = column(1), t = column(2);
  const double scale = (t[2] < 0 ? -2 : 2) / (length(a) + length(b));
  for (double& x : t) x *= scale;
  const double la = (scale < 0 ? -1 : 1) / length(a), lb = (scale < 0 ? -1 : 1) / length(b);
  Vec sum, difference;
  for (size_t i = 0; i < 3; ++i) {
    a[i] *= la, b[i] *= lb;
    sum[i] = a[i] + b[i], difference[i] = a[i] - b[i];  // perpendicular, for unit vectors
  }
  const double ls = length(sum), ld = length(difference);
  Vec r1, r2;
  for (size_t i = 0; i < 3; ++i) {
    r1[i] = (sum[i] / ls + difference[i] / ld) * M_SQRT1_2;
    r2[i] = (sum[i] / ls - difference[i] / ld) * M_SQRT1_2;
  }
  const Vec r3{r1[1] * r2[2] - r1[2] * r2[1], r1[2] * r2[0] - r1[0] * r2[2], r1[0] * r2[1] - r1[1] * r2[0]};
  return {{r1[0], r2[0], r3[0], r1[1], r2[1], r3[1], r1[2], r2[2], r3[2]}, t};
}

}  // namespace assay
