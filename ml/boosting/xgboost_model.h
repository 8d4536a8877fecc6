// ml/boosting/xgboost_model.h: XGBoost's JSON model file, both ways.
//
//   A node goes left iff float(x) < c; ours goes left iff x <= t. Written: c is the float after the greatest float <= t, so that both
//   agree on every cell that is a float. Read: t is the greatest double whose float is below c, so that both agree on every cell.
//
//   What               written as                                   margin
//   gbdt               its objective, base_score in output space    F
//   forest, tree       values: reg:squarederror; two classes: reg:squarederror, the share of the second; more:
//                      multi:softprob, whose margins are the shares; leaves divided by the number of trees
//
// Guarantees predictions equal to 1e-5 max(1, |margin|) on cells that float32 holds: leaves are float32 there
// Errors     UsageError: a split by levels, a learner that has no trees. ModelError: nothing of a file is believed: kinds and lengths of
//            arrays, numbers, links (every node reached once), the number of trees
// See        [Chen2016]; the JSON of XGBoost 1.7, read also where a newer one writes base_score "[5E-1]"
#pragma once
#include <string>
#include <string_view>

#include "assay/core/input.h"
#include "assay/ml/model.h"

namespace assay {

/// The file's text.
std::string write_xgboost_model(const Model& model);
/// A whole `gbdt` model: columns and classes by the names in the file, else f0, f1, ... and 0, 1, ...
Model parse_xgboost_model(std::string_view bytes, const std::string& name, const InputBudget& budget = {});

/// c of t, and t of c.
float xgboost_condition(double threshold);
double threshold_of_condition(float condition);

}  // namespace assay
