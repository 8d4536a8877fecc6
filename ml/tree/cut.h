// ml/tree/cut.h: a tree without some of its branches.
#pragma once
#include <vector>

#include "assay/ml/tree/tree.h"

namespace assay::tree {

/// The nodes that remain when each inner node i with stop[i] becomes a leaf (empty: none does), numbered depth first,
/// left child first. `origin`, if wanted, receives the number each had before.
TreeNodes cut(const TreeNodes& nodes, const std::vector<bool>& stop, std::vector<int>* origin = nullptr);

/// Where `part` is `whole` with some branches cut: a flag for each node of `whole`, whether it is in `part`. Empty: it is
/// not.
std::vector<bool> kept_nodes(const TreeNodes& part, const TreeNodes& whole);

}  // namespace assay::tree
