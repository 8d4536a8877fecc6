// cli/report/figures/tidy_tree.h: where the nodes of a binary tree stand in a layered drawing.
//
//   Nodes of a level share a row; no two of a row come nearer than `gap`; a parent stands midway over its children; equal
//   branches are drawn equally wherever they hang, and the mirrored tree is the mirrored drawing.
//
// Cost  O(nodes x height)
// See   [Reingold1981] (aesthetics 1-4 and the contours)
#pragma once
#include <vector>

namespace assay::report {

/// A node's children: both, or -1 and -1. A child's number is greater than its parent's; node 0 is the root.
struct TidyNode {
  int left = -1, right = -1;
  double width = 0;
  int rows = 1;  ///< a leaf may need the rows below it too
};

/// The middle of every node; the least edge of any is at 0.
std::vector<double> tidy_tree(const std::vector<TidyNode>& nodes, double gap);

/// The row of every node.
std::vector<int> tree_levels(const std::vector<TidyNode>& nodes);

/// The edge of the drawing on the right.
double tidy_width(const std::vector<TidyNode>& nodes, const std::vector<double>& x);

}  // namespace assay::report
