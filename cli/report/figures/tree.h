// cli/report/figures/tree.h: a decision tree as a picture, and as a graph for Graphviz.
//
// Knows nothing of learners: whoever has a tree (a single one, one of a forest or of a boosted model) fills TreePicture.
#pragma once
#include <string>
#include <vector>

namespace assay::report {

struct TreePicture {
  struct Node {
    int left = -1, right = -1;   ///< a child's number is greater than its parent's
    std::string way;             ///< how one gets here from the parent: "<= 206.5 or missing"; the root: empty
    std::string text, note;      ///< inner: the column that is asked about; leaf: the answer. A second, smaller line
    double share = 1;            ///< of the tree's weight: the link to it is as thick
    std::vector<double> shares;  ///< of the classes; empty for values
    double value = 0;            ///< where there are no shares
    bool answers = true;         ///< a leaf of what is left after pruning
    bool pruned = false;         ///< was cut away; so is all below it
    int hidden = 0;              ///< inner nodes below it that are not shown
  };
  std::string title, subtitle;
  std::vector<std::string> classes;
  std::vector<Node> nodes;  ///< root first
};

/// A whole SVG file: boxes in layers; of pruned branches only their outline, in grey.
std::string tree_picture(const TreePicture& picture);

/// The same as text for `dot`.
std::string tree_dot(const TreePicture& picture);

}  // namespace assay::report
