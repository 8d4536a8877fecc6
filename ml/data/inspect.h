// ml/data/inspect.h: what a table holds, and what in it would mislead a learner.
//
// Findings   constant      one value in every row (missing aside)
//            duplicate     equal, cell by cell, to an earlier column
//            identifier    every row has its own value: text, or whole numbers that lie closely (max - min < 10 n)
//            leak          one column alone tells the target: each level, or each stretch between K - 1 thresholds, holds
//                          one class; for numbers |correlation| >= 0.9999
//            missing       more than half of the cells
//            rare class    fewer rows than five folds need
// Cost       O(n log n) a column
// Errors     none; a column without a value has no range
#pragma once
#include <string>
#include <vector>

#include "assay/ml/data/samples.h"

namespace assay {

struct ColumnSummary {
  std::string name;
  bool categorical = false;
  Index missing = 0, distinct = 0;
  double min = 0, max = 0, mean = 0, median = 0;      ///< numeric columns with a value
  std::vector<std::pair<std::string, Index>> levels;  ///< text columns: most frequent first
};

struct Finding {
  std::string kind, column, text;  ///< text: a sentence that names the column
};

/// One a column. `X` in Columns layout.
std::vector<ColumnSummary> summarize(const Samples& samples, int threads);

/// In the order of the columns; `target` without rows: not looked at.
std::vector<Finding> find_problems(const Samples& samples, const Target& target, int threads);

}  // namespace assay
