// ml/tree/words.h: the questions of a tree as text.
#pragma once
#include <string>

#include "assay/ml/tree/tree.h"

namespace assay::tree {

/// What a row of the left (right) child answers to inner node `node`, without the column's name: "<= 206.5 or missing",
/// "in {Dream, Torgersen}".
std::string way_words(const TreeNodes& nodes, int node, const Column& column, bool to_left);

/// "1 row", "12 rows".
std::string rows_words(int rows);

}  // namespace assay::tree
