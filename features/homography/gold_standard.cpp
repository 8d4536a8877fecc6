// features/homography/gold_standard.cpp
// Notation   m = (x, y, 1);  (u, v) = H m / w;  z a point's true place in the first picture;  s1, s2 scales of the
//            normalisation;  A = d(u, v)/dh;  B = d(u, v)/dz;  N = J'J, g = J'r
// Method     1 start: normalised DLT   2 fix the largest entry of H: eight unknowns are left   3 Levenberg-Marquardt on (1)
//            or (2)   4 covariance (J'J)^-1   5 take the normalisation back, of H and of its covariance
// Departures from the paper: alg. 4.3 moves the points z_i together with H, and solves by the blocks of its normal
//            equations (A6.3). Here each z_i is at its own minimum for every H (variable projection): N is the same Schur
//            complement sum A' (I + B B')^-1 A, g that of the second picture's residuals alone, and only H is unknown.

#include "assay/features/homography/gold_standard.h"

#include <array>

#include "assay/core/levenberg_marquardt.h"
#include "assay/features/homography/homography_kernels.h"

namespace assay {

namespace {

// Pairs in normalised coordinates, coordinate by coordinate; residuals are multiplied back to pixels.
struct Problem {
  PairColumns pairs;
  double s1 = 1, s2 = 1;
  size_t fixed = 0;  // the entry of h that stays
  double fixed_value = 0;

  void fix_largest(const Matrix3& start) {
    for (size_t i = 1; i < 9; ++i)
      if (std::abs(start[i]) > std::abs(start[fixed])) fixed = i;
    fixed_value = start[fixed];
  }

  Matrix3 full(const Vector& h) const {
    Matrix3 H;
    for (size_t i = 0, k = 0; i < 9; ++i) H[i] = i == fixed ? fixed_value : h[static_cast<Index>(k++)];
    return H;
  }
  Vector free(const Matrix3& H) const {
    Vector h(8);
    for (size_t i = 0, k = 0; i < 9; ++i)
      if (i != fixed) h[static_cast<Index>(k++)] = H[i];
    return h;
  }
  // Rows and columns of the eight unknowns.
  void reduce(const Matrix& N9, const Vector& g9, Matrix& N, Vector& g) const {
    const auto f = static_cast<Index>(fixed);
    const auto at = [&](Index k) { return k < f ? k : k + 1; };
    for (Index i = 0; i < 8; ++i) {
      g[i] = g9[at(i)];
      for (Index j = 0; j < 8; ++j) N(i, j) = N9(at(i), at(j));
    }
  }
};

Problem problem_of(PointPairs pairs, const Normalisation& n, const Matrix3& start) {
  Problem p;
  p.pairs.reserve(pairs.size());
  for (const PointPair& q : normalised(pairs, n)) p.pairs.add(q);
  p.s1 = n.T1[0], p.s2 = n.T2[0];
  p.fix_largest(start);
  return p;
}

// --- (1) transfer ----------------------------------------------------------------------------------------------------

double transfer_equations(const Problem& p, const Vector& h, Matrix* N, Vector* g) {
  const Matrix3 H = p.full(h);
  const PairColumns& q = p.pairs;
  const double unit = 1 / (p.s2 * p.s2);
  if (!N) return unit * transfer_cost(q.x.data(), q.y.data(), q.u.data(), q.v.data(), q.size(), H.data());
  const TransferSums s = transfer_sums(q.x.data(), q.y.data(), q.u.data(), q.v.data(), q.size(), H.data());
  Matrix N9 = Matrix::Zero(9, 9);
  Vector g9(9);
  for (Index i = 0; i < 3; ++i)
    for (Index j = 0; j < 3; ++j) {
      constexpr int entry[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
      const int k = entry[i][j];
      N9(i, j) = N9(3 + i, 3 + j) = s.mm[k];
      N9(i, 6 + j) = N9(6 + i, j) = -s.umm[k];
      N9(3 + i, 6 + j) = N9(6 + i, 3 + j) = -s.vmm[k];
      N9(6 + i, 6 + j) = s.dmm[k];
    }
  for (Index i = 0; i < 9; ++i) g9[i] = s.g[i];
  p.reduce(unit * N9, unit * g9, *N, *g);
  return unit * s.cost;
}

// --- (2) reprojection ------------------------------------------------------------------------------------------------

using Two = Eigen::Vector2d;
using TwoByTwo = Eigen::Matrix2d;

// Where H sends z, and the derivatives of that by z and by h.
struct Image {
  Two at;
  TwoByTwo B;
  double w;
};
Image image_of(const Matrix3& H, const Two& z) {
  const double w = H[6] * z[0] + H[7] * z[1] + H[8];
  const Two at((H[0] * z[0] + H[1] * z[1] + H[2]) / w, (H[3] * z[0] + H[4] * z[1] + H[5]) / w);
  TwoByTwo B;
  B << H[0] - at[0] * H[6], H[1] - at[0] * H[7], H[3] - at[1] * H[6], H[4] - at[1] * H[7];
  return {at, B / w, w};
}

// argmin_z |x - z|^2 / s1^2 + |x' - H z|^2 / s2^2, by Gauss-Newton from x. Its steps shrink by the residual times the
// curvature of H each time.
Two true_place(const Problem& p, const Matrix3& H, Index i) {
  const auto at = static_cast<size_t>(i);
  const Two x(p.pairs.x[at], p.pairs.y[at]), x2(p.pairs.u[at], p.pairs.v[at]);
  const double w1 = 1 / (p.s1 * p.s1), w2 = 1 / (p.s2 * p.s2);
  Two z = x;
  for (int t = 0; t < 30; ++t) {
    const Image image = image_of(H, z);
    const TwoByTwo C = w1 * TwoByTwo::Identity() + w2 * image.B.transpose() * image.B;
    const Two b = w1 * (z - x) + w2 * image.B.transpose() * (image.at - x2);
    const double det = C(0, 0) * C(1, 1) - C(0, 1) * C(1, 0);
    const Two d((C(1, 1) * b[0] - C(0, 1) * b[1]) / det, (C(0, 0) * b[1] - C(1, 0) * b[0]) / det);
    z -= d;
    if (!(d.squaredNorm() > 1e-30)) break;
  }
  return z;
}

double reprojection_equations(const Problem& p, const Vector& h, Matrix* N, Vector* g) {
  const Matrix3 H = p.full(h);
  const double w1 = 1 / (p.s1 * p.s1), w2 = 1 / (p.s2 * p.s2);
  Matrix N9 = Matrix::Zero(9, 9);
  Vector g9 = Vector::Zero(9);
  double cost = 0;
  for (Index i = 0; i < p.pairs.size(); ++i) {
    const auto at = static_cast<size_t>(i);
    const Two z = true_place(p, H, i);
    const Image image = image_of(H, z);
    const Two r1 = z - Two(p.pairs.x[at], p.pairs.y[at]), r2 = image.at - Two(p.pairs.u[at], p.pairs.v[at]);
    cost += w1 * r1.squaredNorm() + w2 * r2.squaredNorm();
    if (!N) continue;
    Eigen::Matrix<double, 2, 9> A;
    A << z[0], z[1], 1, 0, 0, 0, -image.at[0] * z[0], -image.at[0] * z[1], -image.at[0],  //
        0, 0, 0, z[0], z[1], 1, -image.at[1] * z[0], -image.at[1] * z[1], -image.at[1];
    A /= image.w;
    const TwoByTwo S = TwoByTwo::Identity() / w2 + image.B * image.B.transpose() / w1;  // (I + B B')^-1 in these units
    const double det = S(0, 0) * S(1, 1) - S(0, 1) * S(1, 0);
    TwoByTwo W;
    W << S(1, 1), -S(0, 1), -S(1, 0), S(0, 0);
    N9 += A.transpose() * (W / det) * A;
    g9 += w2 * (A.transpose() * r2);
  }
  if (N) p.reduce(N9, g9, *N, *g);
  return cost;
}

// --- 5 back to pixels ------------------------------------------------------------------------------------------------

// Covariance of the entries of `scaled(T2^-1 H T1)` from that of the eight unknowns: both maps are linear in H, but for the
// division by h33 (or the length), whose derivative is (I - h e') / h33 with e = e_9 (or h / |h|).
Matrix covariance_in_pixels(const Problem& p, const Normalisation& n, const Matrix3& raw, const Matrix& C8) {
  const double s = 1 / n.T2[0];
  const Matrix3 back{s, 0, -n.T2[2] * s, 0, s, -n.T2[5] * s, 0, 0, 1};
  const Matrix3 H = product(back, product(raw, n.T1)), scaled = with_unit_corner(H);
  const Eigen::Map<const Vector> h(scaled.data(), 9);
  Matrix L(9, 8);
  for (size_t k = 0, column = 0; k < 9; ++k) {
    if (k == p.fixed) continue;
    Matrix3 E{};
    E[k] = 1;
    const Matrix3 image = product(back, product(E, n.T1));
    L.col(static_cast<Index>(column++)) = Eigen::Map<const Vector>(image.data(), 9);
  }
  Vector e = Vector::Zero(9);
  if (scaled[8] == 1)
    e[8] = 1;
  else
    e = h;
  double unit = 0;  // H = unit * scaled
  for (size_t i = 0; i < 9; ++i) unit += H[i] * scaled[i] / h.squaredNorm();
  const Matrix J = (L - h * (e.transpose() * L)) / unit;
  return J * C8 * J.transpose();
}

}  // namespace

std::optional<HomographyFit> homography_least_squares(PointPairs pairs, GeometricCost cost, const Context& ctx) {
  const std::optional<Matrix3> dlt = homography_dlt(pairs, ctx);
  if (!dlt) return std::nullopt;
  const Normalisation n = *normalise(pairs);
  const double s = n.T1[0];
  const Matrix3 forth{1 / s, 0, -n.T1[2] / s, 0, 1 / s, -n.T1[5] / s, 0, 0, 1};  // T1^-1
  const Matrix3 start = product(n.T2, product(*dlt, forth));
  const Problem p = problem_of(pairs, n, start);
  const auto equations = [&](const Vector& h, Matrix* N, Vector* g) {
    return cost == GeometricCost::transfer ? transfer_equations(p, h, N, g) : reprojection_equations(p, h, N, g);
  };
  const LevenbergMarquardtResult best = levenberg_marquardt(equations, p.free(start), {}, ctx);

  HomographyFit fit;
  const Matrix3 raw = p.full(best.x);
  fit.H = denormalised(raw, n);
  fit.cost = best.cost;
  fit.converged = best.converged;
  fit.iterations = best.iterations;
  if (pairs.size() > 4) fit.sigma = std::sqrt(best.cost / static_cast<double>(2 * pairs.size() - 8));
  if (const std::optional<Matrix> C = inverse_cholesky(best.N))
    fit.covariance = covariance_in_pixels(p, n, raw, fit.sigma * fit.sigma * *C);
  else
    return std::nullopt;
  return fit;
}

Matrix3 refine_transfer(const PairColumns& pairs, const Matrix3& start, int steps) {
  Problem p;
  p.pairs = pairs;
  p.fix_largest(start);
  const auto equations = [&](const Vector& h, Matrix* N, Vector* g) { return transfer_equations(p, h, N, g); };
  LevenbergMarquardtOptions options;
  options.max_iter = steps;
  return p.full(levenberg_marquardt(equations, p.free(start), options).x);
}

std::array<double, 3> mapped_covariance(const HomographyFit& fit, double x, double y) {
  const double w = fit.H[6] * x + fit.H[7] * y + fit.H[8];
  const cv::Point2d q = map_point(fit.H, x, y);
  Matrix J(2, 9);
  J << x, y, 1, 0, 0, 0, -q.x * x, -q.x * y, -q.x,  //
      0, 0, 0, x, y, 1, -q.y * x, -q.y * y, -q.y;
  J /= w;
  const Matrix C = J * fit.covariance * J.transpose();
  return {C(0, 0), C(0, 1), C(1, 1)};
}

}  // namespace assay
