// ml/selection/importance.h: how much does a trained model rely on each column?
//
//   importance_f = score - mean over repeats of the score after column f was shuffled among the rows
//
// Guarantees  positive: the model is worse without the column, whatever the direction of the metric; the same seed gives
//             the same numbers. Columns that say the same stand in for each other: both may come out low.
// Cost        1 + d * repeats predictions
// Errors      DataError where the metric has no value on these rows; UsageError for sparse samples
// See         [Breiman2001, sec. 10]; there on out-of-bag rows, here on the rows the caller gives: best some that the
//             model has not seen
#pragma once
#include <string>
#include <vector>

#include "assay/ml/model.h"

namespace assay {

struct ColumnImportance {
  std::string column;
  double mean = 0, sd = 0;  ///< over the repeats, in units of the metric
};

struct PermutationImportance {
  std::string metric;
  double score = 0;                       ///< with all columns in place
  std::vector<ColumnImportance> columns;  ///< in the order of the model's
};

/// `raw` in the model's columns (match_columns), Columns layout.
PermutationImportance permutation_importance(const Model& model, const Samples& raw, const Target& target,
                                             const std::string& metric, int repeats, const Context& ctx);

}  // namespace assay
