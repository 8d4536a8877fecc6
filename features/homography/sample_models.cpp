// features/homography/sample_models.cpp
// Notation   p1 .. p4 points of one picture, (x, y, 1);  D_ijk = det(p_i, p_j, p_k), twice the area of a triangle;
//            P = (p1 p2 p3);  primes: the second picture
// Method     p4 = (D_423 p1 + D_143 p2 + D_124 p3) / D_123 by Cramer's rule, so H = P' diag(l'_i / l_i) P^-1 with
//            l = (D_423, D_143, D_124) sends p_i to p'_i for i = 1 .. 4, up to factors
// Departures from the paper: [HartleyZisserman2004, sec. 4.1] takes the null vector of an 8 x 9 matrix; this is the same
//            matrix in closed form.

#include "assay/features/homography/sample_models.h"

#include <algorithm>
#include <array>

#include "assay/features/homography/closed_form.h"

namespace assay {

namespace {

constexpr double kFlat = 1e-7;  // points on a line, rounded to single precision, make triangles of 6e-8 of their square

// Twice the areas of the triangles 423, 143, 124, 123; the first three sum to the last.
std::array<double, 4> triangles(double x1, double y1, double x2, double y2, double x3, double y3, double x4,
                                double y4) {
  const auto area = [](double ax, double ay, double bx, double by, double cx, double cy) {
    return (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
  };
  return {area(x4, y4, x2, y2, x3, y3), area(x1, y1, x4, y4, x3, y3), area(x1, y1, x2, y2, x4, y4),
          area(x1, y1, x2, y2, x3, y3)};
}

}  // namespace

int sample_size(PlaneModel model) {
  constexpr int size[] = {1, 2, 2, 3, 4};
  return size[static_cast<int>(model)];
}

std::optional<Matrix3> homography_of_four(const PointPair* s) {
  const std::array<double, 4> D = triangles(s[0].x1, s[0].y1, s[1].x1, s[1].y1, s[2].x1, s[2].y1, s[3].x1, s[3].y1);
  const std::array<double, 4> E = triangles(s[0].x2, s[0].y2, s[1].x2, s[1].y2, s[2].x2, s[2].y2, s[3].x2, s[3].y2);
  // det H = E_ijk w_i w_j w_k / D_ijk: where all w have one sign, so have the four quotients
  const bool keeps = D[3] * E[3] > 0;
  double extent1 = 0, extent2 = 0;
  for (size_t i = 0; i < 4; ++i) {
    if ((D[i] * E[i] > 0) != keeps) return std::nullopt;
    extent1 = std::max({extent1, std::abs(s[i].x1 - s[0].x1), std::abs(s[i].y1 - s[0].y1)});
    extent2 = std::max({extent2, std::abs(s[i].x2 - s[0].x2), std::abs(s[i].y2 - s[0].y2)});
  }
  for (size_t i = 0; i < 4; ++i)  // thinner than that, a triangle is a line
    if (!(std::abs(D[i]) > kFlat * extent1 * extent1) || !(std::abs(E[i]) > kFlat * extent2 * extent2))
      return std::nullopt;
  // rows of P^-1 D_123: p2 x p3, p3 x p1, p1 x p2
  Matrix3 H{};
  for (size_t i = 0; i < 3; ++i) {
    const PointPair &a = s[(i + 1) % 3], &b = s[(i + 2) % 3];
    const double scale = E[i] / D[i], row[3] = {a.y1 - b.y1, b.x1 - a.x1, a.x1 * b.y1 - b.x1 * a.y1};
    for (size_t j = 0; j < 3; ++j) {
      H[j] += scale * s[i].x2 * row[j];
      H[3 + j] += scale * s[i].y2 * row[j];
      H[6 + j] += scale * row[j];
    }
  }
  return H;
}

std::optional<Matrix3> model_of_sample(PlaneModel model, PointPairs sample) {
  switch (model) {
    case PlaneModel::translation:
      return translation_least_squares(sample);
    case PlaneModel::rigid:
      return rigid_least_squares(sample);
    case PlaneModel::similarity:
      return similarity_least_squares(sample);
    case PlaneModel::affine:
      return affine_least_squares(sample);
    case PlaneModel::homography:
      return homography_of_four(sample.data());
  }
  return std::nullopt;
}

}  // namespace assay
