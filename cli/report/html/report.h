// cli/report/html/report.h: a comparison as one self-contained page: what to conclude first, then what it rests on.
//
// Without scripts and without requests; every name from the data is escaped; under 400 KB whatever the table, since
// long lists are cut and say so. Equal inputs give equal bytes.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "assay/ml/selection/compare.h"
#include "cli/report/html/data_card.h"

namespace assay::report {

/// What a learner leans on: one number a feature, in any order.
struct Importance {
  std::string label;  ///< as in the leaderboard
  std::string what;   ///< what the numbers are: "mean decrease of impurity"
  std::vector<std::pair<std::string, double>> features;
};

struct ReportInput {
  const Comparison& comparison;
  const DataCard& card;
  const Samples& samples;  ///< as the table gave them: for the rows predicted worst
  const Target& target;
  std::string command;  ///< as it can be typed again
  std::string version;
  uint64_t seed = 0;
  std::vector<Importance> importances;          ///< of the learners shown closely; others are ignored
  std::function<int64_t(int row)> line_of_row;  ///< line in the file; empty: rows are numbered from 1
};

/// The learners the report shows closely: the first three of the leaderboard that are not the dummy.
std::vector<const CvResult*> closely_shown(const Comparison& comparison);

std::string render_report(const ReportInput& input);

}  // namespace assay::report
