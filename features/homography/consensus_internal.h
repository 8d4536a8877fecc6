// features/homography/consensus_internal.h: the pairs of a robust estimation in normalised coordinates, what a model costs on
// them, and least squares over some of them.
#pragma once
#include <vector>

#include "assay/features/homography/dlt.h"
#include "assay/features/homography/estimate.h"
#include "assay/features/homography/score_kernels.h"

namespace assay::detail {

class Pairs {
 public:
  /// pairs.size() >= 1; where the points of a picture are all equal they are centred only. Models that keep lengths
  /// (translation, rigid) get one scale for both pictures.
  Pairs(PointPairs pairs, PlaneModel model);

  size_t size() const { return pairs_.size(); }
  const PointPair& operator[](size_t i) const { return pairs_[i]; }
  /// Length in the second picture, pixels to normalised.
  double unit() const { return n_.T2[0]; }
  Matrix3 in_pixels(const Matrix3& H) const { return denormalised(H, n_); }

  const PairsOfFloat& floats() const { return view_; }

  /// Indices of the pairs whose squared transfer error is at most `limit` (normalised), in double precision.
  std::vector<int> within(const Matrix3& H, double limit) const;
  std::vector<double> squared_errors(const Matrix3& H) const;
  /// Least squares over some pairs; homographies: `steps` of Levenberg-Marquardt from H.
  std::optional<Matrix3> refit(PlaneModel model, const Matrix3& H, const std::vector<int>& some, int steps) const;

 private:
  Normalisation n_;
  std::vector<PointPair> pairs_;
  std::vector<float> x_, y_, u_, v_;
  PairsOfFloat view_;
};

/// Divided by its largest entry.
std::array<float, 9> in_float(const Matrix3& H);

/// Draws `count` distinct numbers below n >= count.
void draw_sample(Rng& rng, size_t n, int count, int* out);

/// log(1 - confidence) / log(1 - share^m), rounded up: trials until one sample of m is clean. At most `limit`.
int trials_needed(double confidence, double share, int m, int limit);

struct Found {
  Matrix3 H;         // normalised coordinates
  double limit = 0;  // squared, normalised
  std::vector<int> inliers;
  int trials = 0;
  bool converged = true;
};
std::optional<Found> ransac(const Pairs& pairs, const PlaneParams& params, const Context& ctx);
std::optional<Found> least_median(const Pairs& pairs, const PlaneParams& params, const Context& ctx);

}  // namespace assay::detail
