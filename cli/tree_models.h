// cli/tree_models.h: the models made of trees, seen as what they are: a sum of trees. The only place that lists them.
#pragma once
#include "assay/ml/tree/tree.h"
#include "cli/learning.h"

namespace assay::cli {

/// F_k(x) = base_k + sum over the trees of output k of scale * tree(x). A tree with as many outputs as F adds to all.
struct SumOfTrees {
  struct Part {
    TreeNodes nodes;
    double scale = 1;
    int output = -1;  ///< -1: all
  };
  std::vector<Part> trees;
  std::vector<double> base;       ///< one an output
  std::vector<bool> categorical;  ///< a column
  std::string what;               ///< F: "the share of", "the margin of"; empty: the value
  std::string weight;             ///< what cover is called: "weight", "H"; empty: rows are known
};

/// None where the model is not made of trees.
std::optional<SumOfTrees> sum_of_trees(const Model& model);
/// What `explain` says where one is needed.
[[noreturn]] void refuse_without_trees(const Model& model, const std::string& option);

}  // namespace assay::cli
