// cli/report/html/leaderboard.h: the ranked learners, fold dots and numbers in one table.
#pragma once
#include "assay/ml/selection/compare.h"
#include "cli/report/html/parts.h"

namespace assay::report {

Markup render_leaderboard(const Comparison& comparison);
/// "macro_f1" -> "macro F1": a metric's name for people.
std::string metric_words(const std::string& name);

}  // namespace assay::report
