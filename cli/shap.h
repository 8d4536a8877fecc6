// cli/shap.h: what each column of one row adds to a model's answer: `explain MODEL DATA --shap --row N`.
#pragma once
#include "cli/tree_models.h"

namespace assay::cli {

/// Base and values, (1 + d) x outputs (ml/tree/shap.h): Shapley's values of a sum are the sums of its parts'.
Matrix shap_values(const SumOfTrees& sum, const Samples& samples, Index row);

/// Prints the values of a row of a table, counted from 1, and sets "shap" in the JSON. `trees` is the model's sum_of_trees.
void print_shap(Invocation& call, const Model& model, const SumOfTrees& trees, const Dataset& data, int row);

}  // namespace assay::cli
