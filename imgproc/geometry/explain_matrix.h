// imgproc/geometry/explain_matrix.h: what a 3 x 3 matrix does to the plane, in numbers and in words.
//
//   H ~ T(tx, ty) R(angle) [1 k; 0 1] diag(sx, sy) P(g, h)      P = [1 0 0; 0 1 0; g h 1]               (1)
//
// read from the right: perspective, scale, shear along x, rotation, translation. The smallest group of transformations that
// H lies in says what it keeps and how many numbers it takes [HartleyZisserman2004, table 2.1].
//
// Requires   finite numbers
// Guarantees the product (1) is H up to a factor, to rounding, for every H that can be inverted and whose h33 is not 0
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "assay/imgproc/geometry/matrix3.h"

namespace assay {

enum class PlaneGroup { identity, translation, euclidean, similarity, affine, projective, singular };

struct MatrixStory {
  PlaneGroup group = PlaneGroup::identity;
  std::string name;            ///< "rigid motion", "similarity" ...
  int degrees_of_freedom = 0;  ///< of that group
  bool mirrors = false;        ///< turns left hands into right ones
  double determinant = 1;  ///< of the upper left 2 x 2 block (affine) or of all (projective), h33 = 1 where it is not 0
  std::vector<std::string> keeps, loses;

  // The factors of (1); meaningless where `factored` is false.
  bool factored = false;
  double tx = 0, ty = 0, angle_deg = 0, shear = 0, sx = 1, sy = 1, g = 0, h = 0;

  std::optional<std::pair<double, double>> fixed_point;  ///< the only point of an affine map that stays in place
  std::vector<std::string> sentences;                    ///< the whole story, one sentence each
};

MatrixStory explain_matrix(const Matrix3& H);
/// The product (1).
Matrix3 compose(const MatrixStory& story);

}  // namespace assay
