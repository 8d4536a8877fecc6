// cli/tree_figure.h: the tree of a model as a picture: `explain --svg` and `--dot`.
#pragma once
#include <optional>

#include "assay/ml/tree/tree.h"
#include "cli/learning.h"
#include "cli/report/figures/tree.h"

namespace assay::cli {

/// Nodes, columns and target as boxes; `kept` (empty: all) says which nodes of it remain after pruning. Of a large tree the
/// branches of most weight. The caller sets title and subtitle, which may mention what `hidden` says.
report::TreePicture tree_boxes(const TreeNodes& nodes, const std::vector<bool>& kept,
                               const std::vector<Column>& columns, const Target& target);

/// The model's tree; none where it is not a tree.
std::optional<report::TreePicture> tree_figure(const Model& model);

}  // namespace assay::cli
