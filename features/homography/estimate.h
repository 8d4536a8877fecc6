// features/homography/estimate.h: the plane transformation between point pairs, some or most of which may be wrong.
//
//   ransac         max over models M of samples:  sum_i max(0, t^2 - |x'_i - M x_i|^2)       t: threshold               (1)
//   lmeds          min over models M of samples:  median_i |x'_i - M x_i|^2                                             (2)
//   least-squares  min over all M:                sum_i |x'_i - M x_i|^2                    no pair may be wrong
//   then           least squares over the inliers of the best: the pairs within t (ransac), or within what the median says
//                  of the noise (lmeds), until that set rests
//
// Models     translation, rigid, similarity, affine, homography: 1, 2, 2, 3, 4 pairs determine one
// Requires   finite pairs. Homographies: all right pairs on one side of the horizon, as in every picture
// Gives      H with h33 = 1 and its inliers; nullopt where no sample determines a model (why_no_model says it in words)
// Guarantees ransac: with probability `confidence` a sample without wrong pairs was among the trials, unless max_trials came
//            first (converged == false). lmeds: bounded for less than half wrong pairs, whatever they are; not beyond.
//            The same bits for the same seed, whatever the number of threads
// Cost       trials times n, most trials abandoned early; ransac: log(1 - confidence) / log(1 - w^m) trials, w the share
//            of inliers, m the pairs of a sample
// Errors     ParameterError (ranges), DataError (a number that is not finite)
// See        [FischlerBolles1981]; [TorrZisserman2000] sec. 3 for (1); [ChumMatasKittler2003] (local optimisation);
//            [Rousseeuw1984] for (2); [HartleyZisserman2004] alg. 4.5, 4.6; trace kinds "best", "refined"
#pragma once
#include <vector>

#include "assay/core/context.h"
#include "assay/features/homography/sample_models.h"

namespace assay {

enum class RobustMethod { ransac, lmeds, least_squares };
inline constexpr EnumNames<RobustMethod, 3> robust_method_names{
    {{"ransac", RobustMethod::ransac}, {"lmeds", RobustMethod::lmeds}, {"least-squares", RobustMethod::least_squares}}};

struct PlaneParams {
  PlaneModel model = PlaneModel::homography;
  RobustMethod method = RobustMethod::ransac;
  double threshold = 3;
  double confidence = 0.99999;
  int max_trials = 20000;
  static void fields(auto& p, auto&& field) {
    field("model", p.model, plane_model_names, "what the second picture may be of the first");
    field("method", p.method, robust_method_names, "ransac: any share of wrong pairs; lmeds: below half, no threshold");
    field("threshold", p.threshold, positive, "ransac: a pair within this many pixels agrees", {"ransac-threshold"});
    field("confidence", p.confidence, Rule{0, 1, true, true},
          "probability that a sample without wrong pairs was tried");
    field("max-trials", p.max_trials, between(1, 10000000), "samples drawn at most", {"max-iters"});
  }
};

struct PlaneEstimate {
  Matrix3 H;
  std::vector<int> inliers;  ///< indices of pairs, ascending; least-squares: all
  double threshold = 0;      ///< pairs within this many pixels are inliers; 0 for least-squares
  double rms = 0;            ///< of the transfer error over the inliers
  int trials = 0;
  bool converged = true;
};

std::optional<PlaneEstimate> estimate_plane(PointPairs pairs, const PlaneParams& params = {}, const Context& ctx = {});

/// Least squares over all pairs: closed_form.h, or the transfer error of gold_standard.h.
std::optional<Matrix3> plane_least_squares(PlaneModel model, PointPairs pairs, const Context& ctx = {});

/// One sentence: too few pairs, all points equal, all on a line, ...
std::string why_no_model(PlaneModel model, PointPairs pairs);

}  // namespace assay
