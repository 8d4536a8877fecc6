// cli/report/figures/scatter.h: what regression has instead of a confusion matrix and ROC.
#pragma once
#include <string>
#include <vector>

#include "cli/report/figures/axis.h"

namespace assay::report {

/// At most this many dots are drawn, evenly spaced over the rows; the caption says so where rows were left out.
inline constexpr size_t kMostDots = 1500;

/// Predicted (y) against actual (x) on one scale; the diagonal is a perfect prediction.
Markup predicted_against_actual(const std::vector<double>& actual, const std::vector<double>& predicted,
                                const std::string& target);
/// Residual actual - predicted (y) over the prediction (x), with the zero line.
Markup residual_figure(const std::vector<double>& actual, const std::vector<double>& predicted,
                       const std::string& target);

}  // namespace assay::report
