// cli/shap.h: what each column of one row adds to a model's answer: `explain MODEL DATA --shap --row N`.
#pragma once
#include "cli/tree_models.h"

namespace assay::cli {

/// Base and values, (1 + d) x outputs (ml/tree/shap.h): Shapley's values of a sum are the sums of its parts'.
Matrix shap_values(const SumOfTrees& sum, const Samples& samples, Index row);

/// Prints the values of row --row of a table, and sets "shap" in the JSON.
void print_shap(Invocation& call, const Model& model, const Dataset& data);

}  // namespace assay::cli
