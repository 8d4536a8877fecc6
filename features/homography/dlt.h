// features/homography/dlt.h: the homography of point pairs by the normalised direct linear transformation.
//
//   x'_i ~ H x_i:   x'_i x H x_i = 0      two equations a pair, linear in the 9 entries h of H:   A h = 0                (1)
//   min_h |A h|     s.t. |h| = 1          in coordinates whose centroid is 0 and whose mean square distance from it is 2
//
// Requires   finite pairs; four of them at least, no three of four on one line
// Gives      H with h33 = 1 (with_unit_corner); nullopt where the pairs determine none: fewer than four, A of rank below 8
//            (points on a line, too many equal ones), or an H that flattens the plane
// Guarantees exact pairs give the exact H, to 1e-12 of its length in normalised coordinates; the result goes along with any
//            similarity of either picture
// Cost       O(n): an SVD of 2n x 9
// Errors     DataError: a number that is not finite
// See        [HartleyZisserman2004] alg. 4.1 and 4.2
#pragma once
#include <optional>

#include "assay/core/context.h"
#include "assay/features/homography/point_pair.h"

namespace assay {

std::optional<Matrix3> homography_dlt(PointPairs pairs, const Context& ctx = {});

/// The similarities that bring both point sets to centroid 0 and mean square distance 2.
struct Normalisation {
  Matrix3 T1, T2;
};
/// nullopt where all points of one picture are equal.
std::optional<Normalisation> normalise(PointPairs pairs);
/// The pairs in those coordinates.
std::vector<PointPair> normalised(PointPairs pairs, const Normalisation& n);
/// H of the pictures from that between normalised coordinates: T2^-1 H T1, h33 = 1.
Matrix3 denormalised(const Matrix3& H, const Normalisation& n);

}  // namespace assay
