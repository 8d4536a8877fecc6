// cli/report/figures/strip.h: the leaderboard's picture: one row a learner, one dot a fold, all rows on one axis.
//
// The rows are fluid strips of equal width that stand in the cells of a table, so that numbers stay text and the dots
// keep their size on a narrow screen. A fold has the same height in every row: the eye can follow it down the page.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/report/figures/axis.h"

namespace assay::report {

struct StripScale {
  Axis axis;  ///< shares of the strip's width
  std::string metric;
  std::optional<double> dummy;  ///< the dummy's mean: a dashed line, or an arrow at the edge where it is far away
  std::optional<Point> band;    ///< from x to y: means in here cannot be told apart from the best
  bool dummy_is_outside = false;
};

struct StripRow {
  std::string name;
  std::vector<double> folds;
  double mean = 0;
  bool is_dummy = false;
  bool among_best = false;  ///< cannot be told apart from the best
};

/// The axis that shows every learner's folds. The dummy is inside if that costs the others at most half of the width.
StripScale strip_scale(const std::vector<StripRow>& rows, const std::string& metric, bool higher_is_better,
                       std::optional<double> detectable_difference);

Markup strip_row(const StripScale& scale, const StripRow& row);
/// Tick labels and the metric's name; goes below the rows.
Markup strip_axis(const StripScale& scale);
/// What the whole strip says, as one sentence.
std::string strip_sentence(const std::vector<StripRow>& rows, const std::string& metric);

}  // namespace assay::report
