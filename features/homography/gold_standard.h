// features/homography/gold_standard.h: the homography of least geometric error, with its covariance.
//
//   transfer      min_H     sum_i |x'_i - H x_i|^2                          noise in the second picture only             (1)
//   reprojection  min_{H,z} sum_i |x_i - z_i|^2 + |x'_i - H z_i|^2          noise in both: the gold standard             (2)
//
// From the normalised DLT (dlt.h), by Levenberg-Marquardt. For independent normal noise of equal variance sigma^2 in every
// coordinate these are maximum likelihood, and sigma^2 (J'J)^-1 is the covariance of H to first order.
//
// Requires   finite pairs; four at least, no three of four on one line
// Gives      H with h33 = 1 (with_unit_corner); nullopt where the DLT has no answer
// Guarantees cost <= that of the DLT. Four pairs are met exactly: cost 0, and nothing is left to tell sigma from
// Cost       O(n) a step, about ten steps
// Errors     DataError: a number that is not finite
// See        [HartleyZisserman2004] eq. 4.6 and 4.8, alg. 4.3, sec. 5.2 (covariance); trace kind "lm-step"
#pragma once
#include <optional>
#include <vector>

#include "assay/core/linalg.h"
#include "assay/core/parallel.h"
#include "assay/features/homography/dlt.h"

namespace assay {

enum class GeometricCost { transfer, reprojection };

struct HomographyFit {
  Matrix3 H;
  double cost = 0;    ///< the sum (1) or (2), in squared pixels
  double sigma = 0;   ///< estimate of the noise in a coordinate: sqrt(cost / (2n - 8)); 0 for four pairs
  Matrix covariance;  ///< of the 9 entries of H for noise `sigma`, 9 x 9 of rank 8 (h33 is fixed)
  bool converged = false;
  int iterations = 0;
};

std::optional<HomographyFit> homography_least_squares(PointPairs pairs, GeometricCost cost = GeometricCost::transfer,
                                                      const Context& ctx = {});

/// Pairs coordinate by coordinate: (x, y) in the first picture, (u, v) in the second.
struct PairColumns {
  std::vector<double> x, y, u, v;
  void reserve(size_t n) { x.reserve(n), y.reserve(n), u.reserve(n), v.reserve(n); }
  void add(const PointPair& p) { x.push_back(p.x1), y.push_back(p.y1), u.push_back(p.x2), v.push_back(p.y2); }
  Index size() const { return static_cast<Index>(x.size()); }
};
/// At most `steps` of Levenberg-Marquardt on (1) from `start`, in the coordinates as they are: for normalised ones.
Matrix3 refine_transfer(const PairColumns& pairs, const Matrix3& start, int steps);

/// Covariance (xx, xy, yy) of where H sends the exact point (x, y): J Sigma J' with J of map_point.
/// [HartleyZisserman2004, sec. 5.2.6]
std::array<double, 3> mapped_covariance(const HomographyFit& fit, double x, double y);

}  // namespace assay
