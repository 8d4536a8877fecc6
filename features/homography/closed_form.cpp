// features/homography/closed_form.cpp
// Notation   x, x' pairs, m, m' their means;  a = x - m, b = x' - m';  R rotation, s scale, t translation
// Method     1 centre both point sets: t = m' - M m then   2 the linear part from sums of products of a and b
// Departures from the paper: [Umeyama1991] takes R from an SVD of sum b a' in any dimension. In the plane
//            tr(R' sum b a') = c sum a.b + d sum a x b for R = (c -d; d c), whose maximum has (c, d) along these two sums:
//            the same R, also where the SVD's is a reflection that eq. 39 turns back.

#include "assay/features/homography/closed_form.h"

#include <algorithm>
#include <vector>

namespace assay {

namespace {

constexpr double kZero = 1e-13;  // below this share of what was summed a sum is 0: rounding alone

struct Means {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

Means means(PointPairs pairs) {
  Means m;
  const auto n = static_cast<double>(pairs.size());
  for (const PointPair& p : pairs) m.x1 += p.x1 / n, m.y1 += p.y1 / n, m.x2 += p.x2 / n, m.y2 += p.y2 / n;
  return m;
}

std::vector<PointPair> centred(PointPairs pairs, const Means& m) {
  std::vector<PointPair> out(pairs.begin(), pairs.end());
  for (PointPair& p : out) p = {p.x1 - m.x1, p.y1 - m.y1, p.x2 - m.x2, p.y2 - m.y2};
  return out;
}

// The map with linear part (a b; c d) that sends the first mean to the second.
Matrix3 about_means(double a, double b, double c, double d, const Means& m) {
  return {a, b, m.x2 - (a * m.x1 + b * m.y1), c, d, m.y2 - (c * m.x1 + d * m.y1), 0, 0, 1};
}

// sum a.b, sum a x b, sum a.a, sum b.b of centred points
struct Products {
  double dot = 0, cross = 0, first = 0, second = 0;
};

// nullopt where no rotation is nearest: all points of one set equal, or the two sums 0.
std::optional<Products> products(PointPairs pairs, const Means& m) {
  Products s;
  for (const PointPair& p : centred(pairs, m)) {
    s.dot += p.x1 * p.x2 + p.y1 * p.y2;
    s.cross += p.x1 * p.y2 - p.y1 * p.x2;
    s.first += p.x1 * p.x1 + p.y1 * p.y1;
    s.second += p.x2 * p.x2 + p.y2 * p.y2;
  }
  const auto n = static_cast<double>(pairs.size());
  const bool spread1 = s.first > n * kZero * kZero * (m.x1 * m.x1 + m.y1 * m.y1);
  const bool spread2 = s.second > n * kZero * kZero * (m.x2 * m.x2 + m.y2 * m.y2);
  if (!spread1 || !spread2 || !(std::hypot(s.dot, s.cross) > kZero * std::sqrt(s.first * s.second)))
    return std::nullopt;
  return s;
}

}  // namespace

std::optional<Matrix3> translation_least_squares(PointPairs pairs) {
  check_finite("translation", pairs);
  if (pairs.empty()) return std::nullopt;
  return about_means(1, 0, 0, 1, means(pairs));
}

std::optional<Matrix3> rigid_least_squares(PointPairs pairs) {
  check_finite("rigid motion", pairs);
  if (pairs.size() < 2) return std::nullopt;
  const Means m = means(pairs);
  const std::optional<Products> s = products(pairs, m);
  if (!s) return std::nullopt;
  const double length = std::hypot(s->dot, s->cross), c = s->dot / length, d = s->cross / length;
  return about_means(c, -d, d, c, m);
}

std::optional<Matrix3> similarity_least_squares(PointPairs pairs) {
  check_finite("similarity", pairs);
  if (pairs.size() < 2) return std::nullopt;
  const Means m = means(pairs);
  const std::optional<Products> s = products(pairs, m);
  if (!s) return std::nullopt;
  const double c = s->dot / s->first,
               d = s->cross / s->first;  // s R: the scale is |sum| / sum a.a [Umeyama1991, eq. 42]
  return about_means(c, -d, d, c, m);
}

// Columns of the centred first points: p = x, q = y - p (p.y / p.p), orthogonal (Gram and Schmidt); the larger column first.
std::optional<Matrix3> affine_least_squares(PointPairs pairs) {
  check_finite("affine map", pairs);
  if (pairs.size() < 3) return std::nullopt;
  const Means m = means(pairs);
  const std::vector<PointPair> points = centred(pairs, m);
  double xx = 0, yy = 0, xy = 0;
  for (const PointPair& p : points) xx += p.x1 * p.x1, yy += p.y1 * p.y1, xy += p.x1 * p.y1;
  const bool swap = yy > xx;
  const double pp = swap ? yy : xx, share = xy / pp;
  if (!(pp > 0)) return std::nullopt;
  double qq = 0, pu = 0, pv = 0, qu = 0, qv = 0;
  for (const PointPair& a : points) {
    const double p = swap ? a.y1 : a.x1, q = (swap ? a.x1 : a.y1) - share * p;
    qq += q * q, pu += p * a.x2, pv += p * a.y2, qu += q * a.x2, qv += q * a.y2;
  }
  // as wide as 1e-7 of its length: single precision's rounding of points on a line is narrower
  if (!(qq > 1e-14 * pp)) return std::nullopt;
  const double u_q = qu / qq, v_q = qv / qq, u_p = pu / pp - share * u_q, v_p = pv / pp - share * v_q;
  const double det = std::abs(u_p * v_q - u_q * v_p), size = u_p * u_p + u_q * u_q + v_p * v_p + v_q * v_q;
  if (!(det > kZero * size)) return std::nullopt;
  return swap ? about_means(u_q, u_p, v_q, v_p, m) : about_means(u_p, u_q, v_p, v_q, m);
}

}  // namespace assay
