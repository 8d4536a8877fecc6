// features/homography/dlt.cpp
// Notation   x = (x, y, 1), x' = (x', y', 1) a pair;  T1, T2: normalising similarities;  A: 2n x 9;  h: H row by row
// Method     1 normalise both point sets   2 write A   3 h: right singular vector of the smallest singular value
//            4 take the normalisation back
// Departures from the paper: alg. 4.2 asks for a mean distance of sqrt(2), this for a mean square distance of 2 (the book's
//            own wording in sec. 11.2, and that of scikit-image). Where A has not rank 8, or H none of 3, there is no answer.

#include "assay/features/homography/dlt.h"

#include "assay/core/svd.h"

namespace assay {

namespace {

// A singular value below this share of the largest is 0: points in a strip as wide as 1e-6 of its length leave 4e-7, points
// on a line, rounded to single precision, 1e-8.
constexpr double kNoRank = 1e-7;

// x -> s (x - centroid), s so that the mean square length is 2.
std::optional<Matrix3> normalising(PointPairs pairs, double PointPair::*x, double PointPair::*y) {
  const auto n = static_cast<double>(pairs.size());
  double cx = 0, cy = 0, largest = 0, squares = 0;
  for (const PointPair& p : pairs) cx += p.*x / n, cy += p.*y / n;
  for (const PointPair& p : pairs) {
    largest = std::max({largest, std::abs(p.*x), std::abs(p.*y)});
    squares += ((p.*x - cx) * (p.*x - cx) + (p.*y - cy) * (p.*y - cy)) / n;
  }
  if (!(std::sqrt(squares) > 1e-14 * largest)) return std::nullopt;
  const double s = std::sqrt(2 / squares);
  return Matrix3{s, 0, -s * cx, 0, s, -s * cy, 0, 0, 1};
}

// The two rows of a pair, [HartleyZisserman2004, eq. 4.3] with w' = 1:  (0, -x, y' x) and (x, 0, -x' x). At least nine
// rows, so that the decomposition has the ninth vector also for four pairs (the added row is 0).
Matrix design_matrix(const std::vector<PointPair>& pairs) {
  Matrix A = Matrix::Zero(std::max<Index>(9, 2 * static_cast<Index>(pairs.size())), 9);
  Index row = 0;
  for (const PointPair& p : pairs) {
    A.row(row++) << 0, 0, 0, -p.x1, -p.y1, -1, p.y2 * p.x1, p.y2 * p.y1, p.y2;
    A.row(row++) << p.x1, p.y1, 1, 0, 0, 0, -p.x2 * p.x1, -p.x2 * p.y1, -p.x2;
  }
  return A;
}

}  // namespace

std::optional<Normalisation> normalise(PointPairs pairs) {
  const std::optional<Matrix3> T1 = normalising(pairs, &PointPair::x1, &PointPair::y1);
  const std::optional<Matrix3> T2 = normalising(pairs, &PointPair::x2, &PointPair::y2);
  if (!T1 || !T2) return std::nullopt;
  return Normalisation{*T1, *T2};
}

std::vector<PointPair> normalised(PointPairs pairs, const Normalisation& n) {
  std::vector<PointPair> out(pairs.begin(), pairs.end());
  for (PointPair& p : out)
    p = {n.T1[0] * p.x1 + n.T1[2], n.T1[4] * p.y1 + n.T1[5], n.T2[0] * p.x2 + n.T2[2], n.T2[4] * p.y2 + n.T2[5]};
  return out;
}

Matrix3 denormalised(const Matrix3& H, const Normalisation& n) {
  const double s = 1 / n.T2[0];
  const Matrix3 back{s, 0, -n.T2[2] * s, 0, s, -n.T2[5] * s, 0, 0, 1};
  return with_unit_corner(product(back, product(H, n.T1)));
}

std::optional<Matrix3> homography_dlt(PointPairs pairs, const Context& ctx) {
  check_finite("homography", pairs);
  if (pairs.size() < 4) return std::nullopt;
  const std::optional<Normalisation> n = normalise(pairs);
  if (!n) return std::nullopt;
  const Svd d = svd(design_matrix(normalised(pairs, *n)), ctx);
  if (!(d.S[7] > kNoRank * d.S[0])) return std::nullopt;
  Matrix3 H;
  for (size_t i = 0; i < 9; ++i) H[i] = d.V(static_cast<Index>(i), 8);
  if (!inverse(H)) return std::nullopt;
  return denormalised(H, *n);
}

}  // namespace assay
