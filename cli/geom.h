// cli/geom.h: the parts of the verb geom, and what match shares with it.
#pragma once
#include "assay/features/homography/estimate.h"
#include "cli/verb.h"

namespace assay::cli {

void run_estimate(Invocation& call);
void run_warp(Invocation& call);
void run_simulate(Invocation& call);
std::vector<Option> estimate_options();
/// Of PlaneParams.
std::vector<Option> parameter_options_of_plane();

/// "a b c; d e f; g h i" as parse_matrix3 reads it: nine digits place a point to a hundred-thousandth of a pixel, 17 exactly.
std::string matrix_text(const Matrix3& H, int digits = 9);
/// inliers, homography, trials, converged and rms_px of the result; warnings where trials or inliers are too few.
void report_estimate(Invocation& call, const PlaneParams& params, const PlaneEstimate& found, size_t pairs);

}  // namespace assay::cli
