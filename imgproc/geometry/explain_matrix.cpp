// imgproc/geometry/explain_matrix.cpp
// Notation   A: upper left 2 x 2 block, t: its third column, (g, h, i): the third row
// Method     1 divide by h33   2 take the perspective off: A - t (g, h)   3 A = R [1 k; 0 1] diag(sx, sy) by the length and
//            direction of its first column   4 the smallest group   5 words
// Departures from the book: it splits a projective matrix as similarity, shear-and-scale, perspective [sec. 2.4.5]; we
//            split the similarity further, and let scale be two numbers, the sign of sy telling a mirror image.

#include "assay/imgproc/geometry/explain_matrix.h"

#include <cmath>
#include <numbers>

#include "assay/core/text.h"

namespace assay {

namespace {

constexpr double kTolerance = 1e-9;  // relative to the size of the numbers at hand

bool near(double a, double b, double scale = 1) { return std::abs(a - b) <= kTolerance * scale; }

std::string number(double v) {
  const double whole = std::nearbyint(v * 1e9) / 1e9;  // 1.2246e-16 is 0 to the reader
  return six_digits(whole == 0 ? 0.0 : whole);
}
std::string point(double x, double y) { return "(" + number(x) + ", " + number(y) + ")"; }

void factor(const Matrix3& m, MatrixStory& s) {
  s.g = m[6], s.h = m[7], s.tx = m[2], s.ty = m[5];
  const double a = m[0] - s.tx * s.g, b = m[1] - s.tx * s.h, d = m[3] - s.ty * s.g, e = m[4] - s.ty * s.h;
  s.sx = std::hypot(a, d);
  s.angle_deg = std::atan2(0 - d, a) * 180 / std::numbers::pi;
  const double det = a * e - b * d;
  s.sy = det / s.sx;
  s.shear = (a * b + d * e) / s.sx / s.sy;
  s.mirrors = det < 0;
  s.determinant = det;
  s.factored = true;
}

PlaneGroup smallest_group(const Matrix3& m, const MatrixStory& s) {
  const double size = std::max(std::abs(s.sx), std::abs(s.sy));
  if (!near(m[6], 0) || !near(m[7], 0)) return PlaneGroup::projective;
  if (!near(s.shear, 0) || !near(std::abs(s.sy), s.sx, size)) return PlaneGroup::affine;
  if (!near(s.sx, 1)) return PlaneGroup::similarity;
  if (s.mirrors || !near(s.angle_deg, 0)) return PlaneGroup::euclidean;
  return near(s.tx, 0) && near(s.ty, 0) ? PlaneGroup::identity : PlaneGroup::translation;
}

struct GroupFacts {
  const char* name;
  int degrees_of_freedom;
  std::vector<std::string> keeps, loses;
};

GroupFacts facts_of(PlaneGroup group) {
  switch (group) {
    case PlaneGroup::identity:
      return {"identity", 0, {"every point"}, {}};
    case PlaneGroup::translation:
      return {"translation", 2, {"lengths", "angles", "areas", "directions"}, {"positions"}};
    case PlaneGroup::euclidean:
      return {"rigid motion", 3, {"lengths", "angles", "areas"}, {"directions"}};
    case PlaneGroup::similarity:
      return {"similarity", 4, {"angles", "ratios of lengths", "circles", "parallel lines"}, {"lengths", "areas"}};
    case PlaneGroup::affine:
      return {"affine map",
              6,
              {"straight lines", "parallel lines", "ratios of areas", "ratios of lengths along a line", "midpoints"},
              {"angles", "circles (they become ellipses)", "lengths"}};
    case PlaneGroup::projective:
      return {"projective map (homography)",
              8,
              {"straight lines", "cross ratios", "conics", "tangency"},
              {"parallel lines", "midpoints", "ratios of areas", "angles"}};
    case PlaneGroup::singular:
      return {"singular matrix", 0, {}, {"the plane: it is flattened to a line or a point, and cannot be undone"}};
  }
  return {};
}

// The point with H x = x of an affine map without eigenvalue 1.
std::optional<std::pair<double, double>> fixed_point_of(const Matrix3& m) {
  const double a = 1 - m[0], b = -m[1], d = -m[3], e = 1 - m[4], det = a * e - b * d;
  if (near(det, 0)) return std::nullopt;
  return std::pair((m[2] * e - b * m[5]) / det, (a * m[5] - d * m[2]) / det);
}

void tell_perspective(const Matrix3& m, MatrixStory& s) {
  if (near(s.g, 0) && near(s.h, 0)) return;
  s.sentences.push_back("perspective (" + number(s.g) + ", " + number(s.h) + "): points of the line " + number(s.g) +
                        " x + " + number(s.h) + " y + 1 = 0 go to infinity; parallel lines meet");
  const auto vanishing = [&](double x, double y, double w, const char* name) {
    if (!near(w, 0))
      s.sentences.push_back(std::string("lines parallel to the ") + name + " axis meet at " + point(x / w, y / w));
  };
  vanishing(m[0], m[3], m[6], "x");
  vanishing(m[1], m[4], m[7], "y");
}

void tell_factors(MatrixStory& s) {
  if (s.mirrors) s.sentences.emplace_back("mirror image: left and right hands change places");
  const double size = std::max(s.sx, std::abs(s.sy));
  if (!near(s.sx, 1) || !near(std::abs(s.sy), 1)) {
    if (near(s.sx, std::abs(s.sy), size))
      s.sentences.push_back("scale by " + number(s.sx) + ": areas by " + number(std::abs(s.determinant)));
    else
      s.sentences.push_back("scale by " + number(s.sx) + " along x and " + number(s.sy) + " along y: areas by " +
                            number(std::abs(s.determinant)));
  }
  if (!near(s.shear, 0))
    s.sentences.push_back("shear by " + number(s.shear) +
                          ": each row slides that much for each row below, right angles become " +
                          number(90 - std::atan(s.shear) * 180 / std::numbers::pi) + " degrees");
  if (!near(s.angle_deg, 0)) {
    std::string turn = "rotation by " + number(std::abs(s.angle_deg)) + " degrees " +
                       (s.angle_deg > 0 ? "counter-clockwise" : "clockwise") + " as the picture is seen";
    if (s.fixed_point && s.group != PlaneGroup::affine)
      turn += ", about " + point(s.fixed_point->first, s.fixed_point->second);
    s.sentences.push_back(turn);
  }
  if (!near(s.tx, 0) || !near(s.ty, 0)) s.sentences.push_back("translation: the origin goes to " + point(s.tx, s.ty));
  if (s.fixed_point)
    s.sentences.push_back("one point stays in place: " + point(s.fixed_point->first, s.fixed_point->second));
}

}  // namespace

MatrixStory explain_matrix(const Matrix3& H) {
  MatrixStory s;
  const auto finish = [&] {
    GroupFacts facts = facts_of(s.group);
    s.name = facts.name, s.degrees_of_freedom = facts.degrees_of_freedom;
    s.keeps = std::move(facts.keeps), s.loses = std::move(facts.loses);
    if (s.mirrors) s.loses.emplace_back("orientation");
    return s;
  };
  if (!inverse(H)) {
    s.group = PlaneGroup::singular;
    s.determinant = 0;
    s.sentences.emplace_back("the determinant is 0: the plane is flattened, no inverse exists");
    return finish();
  }
  if (H[8] == 0) {
    s.group = PlaneGroup::projective;
    s.determinant = determinant(H);
    s.sentences.emplace_back("h33 is 0: the origin goes to infinity, so the matrix has no factors of the usual kind");
    return finish();
  }
  Matrix3 m = H;
  for (double& v : m) v /= H[8];
  factor(m, s);
  s.group = smallest_group(m, s);
  if (s.group != PlaneGroup::projective) s.fixed_point = fixed_point_of(m);
  tell_perspective(m, s);
  tell_factors(s);
  if (s.group == PlaneGroup::projective) s.determinant = determinant(m);
  if (s.sentences.empty()) s.sentences.emplace_back("nothing moves");
  return finish();
}

Matrix3 compose(const MatrixStory& s) {
  const Matrix3 P{1, 0, 0, 0, 1, 0, s.g, s.h, 1}, D{s.sx, 0, 0, 0, s.sy, 0, 0, 0, 1},
      K{1, s.shear, 0, 0, 1, 0, 0, 0, 1};
  const Matrix3 T{1, 0, s.tx, 0, 1, s.ty, 0, 0, 1};
  return product(T, product(rotation3(s.angle_deg), product(K, product(D, P))));
}

}  // namespace assay
