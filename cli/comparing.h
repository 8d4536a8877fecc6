// cli/comparing.h: what cv and compare share.
#pragma once
#include "assay/ml/selection/compare.h"
#include "cli/learning.h"

namespace assay::cli {

/// --folds --repeat --group --metric, with the options of reading, roles and scaling.
std::vector<Option> cv_options(std::vector<Option> more = {});
CvOptions read_cv_options(const Invocation& call, const Target& target);
/// One entry of `leaderboard`.
Json leaderboard_row(const CvResult& result);

}  // namespace assay::cli
