#include "assay/imgproc/geometry/matrix3.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {

Matrix3 parse_matrix3(std::string_view op, std::string_view text) {
  const auto refuse = [&](const std::string& what) {
    throw ParameterError(std::string(op) + ": the matrix " + quoted(text) + " " + what,
                         "write \"a b c; d e f\" or \"a b c; d e f; g h i\"");
  };
  Matrix3 h = identity3;
  const std::vector<std::string> rows = split(text, ';');
  if (rows.size() != 2 && rows.size() != 3) refuse("has " + std::to_string(rows.size()) + " rows, not 2 or 3");
  for (size_t r = 0; r < rows.size(); ++r) {
    size_t column = 0;
    for (const std::string& word : split(rows[r], ' ')) {
      if (trim(word).empty()) continue;
      const std::optional<double> value = parse_double(trim(word));
      if (!value || !std::isfinite(*value)) refuse("holds " + quoted(trim(word)) + ", which is not a number");
      if (column < 3) h[3 * r + column] = *value;
      ++column;
    }
    if (column != 3) refuse("has " + std::to_string(column) + " numbers in row " + std::to_string(r + 1) + ", not 3");
  }
  return h;
}

Matrix3 product(const Matrix3& a, const Matrix3& b) {
  Matrix3 c{};
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j) c[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
  return c;
}

double determinant(const Matrix3& h) {
  return h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) + h[2] * (h[3] * h[7] - h[4] * h[6]);
}

std::optional<Matrix3> inverse(const Matrix3& h) {
  double lengths = 1;
  for (size_t i = 0; i < 9; i += 3) lengths *= std::hypot(h[i], h[i + 1], h[i + 2]);
  const double det = determinant(h);
  if (!(std::abs(det) > 1e-12 * lengths)) return std::nullopt;
  Matrix3 v;
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j) {  // cofactors, transposed
      const size_t a = (i + 1) % 3, b = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
      v[3 * j + i] = (h[3 * a + c] * h[3 * b + d] - h[3 * a + d] * h[3 * b + c]) / det;
    }
  return v;
}

Matrix3 about(const Matrix3& h, double x, double y) {
  return product({1, 0, x, 0, 1, y, 0, 0, 1}, product(h, {1, 0, -x, 0, 1, -y, 0, 0, 1}));
}

Matrix3 rotation3(double degrees) {
  const double turn = std::remainder(degrees, 360.0);
  double c = std::cos(turn * std::numbers::pi / 180), s = std::sin(turn * std::numbers::pi / 180);
  if (std::remainder(turn, 90.0) == 0) c = std::nearbyint(c), s = std::nearbyint(s);
  return {c, s, 0, -s, c, 0, 0, 0, 1};
}

}  // namespace assay
