// features/homography/closed_form.h: translation, rigid motion, similarity and affine map of point pairs by least squares.
//
//   min  sum_i |x'_i - M x_i|^2  over      translation  M x = x + t                                 1 pair at least
//                                          rigid        M x = R x + t,  R a rotation                2 pairs, no two equal
//                                          similarity   M x = s R x + t,  s > 0                     2 pairs, no two equal
//                                          affine       M x = A x + t                               3 pairs, not on a line
//
// Gives      the 3 x 3 matrix, third row (0, 0, 1); nullopt where the pairs determine none, or one that flattens the plane.
//            A mirror image is never taken for a rotation
// Guarantees the exact minimum: no iteration; exact pairs give the exact matrix
// Cost       O(n)
// Errors     DataError: a number that is not finite
// See        [Umeyama1991] eq. 40-43; [HartleyZisserman2004] table 2.1 (the groups)
#pragma once
#include <optional>

#include "assay/features/homography/point_pair.h"

namespace assay {

std::optional<Matrix3> translation_least_squares(PointPairs pairs);
std::optional<Matrix3> rigid_least_squares(PointPairs pairs);
std::optional<Matrix3> similarity_least_squares(PointPairs pairs);
std::optional<Matrix3> affine_least_squares(PointPairs pairs);

}  // namespace assay
