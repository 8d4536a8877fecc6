// cli/tree_figure.h: a tree of a model as a picture: `explain --svg` and `--dot`.
#pragma once
#include "cli/report/figures/tree.h"
#include "cli/tree_models.h"

namespace assay::cli {

/// Nodes, columns and target as boxes; `kept` (empty: all) says which nodes of it remain after pruning. Of a large tree the
/// branches of most weight. `weight`: what a node's cover is called; empty: its rows are told. The caller sets title and
/// subtitle.
report::TreePicture tree_boxes(const TreeNodes& nodes, const std::vector<bool>& kept,
                               const std::vector<Column>& columns, const Target& target,
                               const std::string& weight = "");

/// Tree `number` (from 1) of the model, as --svg or --dot (`option`) asks; UsageError where there is none.
report::TreePicture tree_figure(const Model& model, int number, const std::string& option);

}  // namespace assay::cli
