// ml/cluster/leaf_tree.cpp
// Method     1 kd-tree of the rows   2 number its leaves and bunches   3 corners of the leaves of a bunch, then points of a leaf, side
//            by side, as the vector registers take them
// Departures from the paper: [Bentley1975] go down to single points.
#include "assay/ml/cluster/leaf_tree.h"

#include <limits>

namespace assay::density {
namespace {

constexpr double kNowhere = std::numeric_limits<double>::infinity();  // where a leaf or point is that does not exist

}  // namespace

LeafTree::LeafTree(const Question& question)
    : question_(question), d_(question.X.cols()), tree_(neighbors::kd_partition(question.X, kBlock)) {
  for (double& corner : tree_.boxes) corner *= question.scale;
  number_leaves();
  place_corners();
  points_.assign(leaves_.size() * static_cast<size_t>(d_) * kBlock, kNowhere);
  for (size_t leaf = 0; leaf < leaves_.size(); ++leaf)
    for (int j = 0; j < node_of(leaf).count; ++j)
      for (Index f = 0; f < d_; ++f) block(leaf)[f * kBlock + j] = question.at(row(leaf, j), f);
}

// Bunches are the largest parts of at most kBlock leaves.
void LeafTree::number_leaves() {
  std::vector<int> under(tree_.nodes.size(), 1);  // leaves of each part; children stand behind their parents
  for (size_t node = tree_.nodes.size(); node-- > 0;)
    if (const KdPartition::Node& here = tree_.nodes[node]; !here.leaf())
      under[node] = under[node + 1] + under[static_cast<size_t>(here.right)];
  bunch_.assign(tree_.nodes.size(), -1);
  for (size_t node = 0; node < tree_.nodes.size();) {
    if (under[node] > kBlock) {
      ++node;
      continue;
    }
    bunch_[node] = static_cast<int>(bunch_leaf_.size());
    bunch_leaf_.push_back(static_cast<int>(leaves_.size()));
    const size_t end = node + 2 * static_cast<size_t>(under[node]) - 1;
    for (; node < end; ++node)
      if (tree_.nodes[node].leaf()) leaves_.push_back(static_cast<int>(node));
  }
  bunch_leaf_.push_back(static_cast<int>(leaves_.size()));
}

void LeafTree::place_corners() {
  corners_.assign((bunch_leaf_.size() - 1) * 2 * static_cast<size_t>(d_) * kBlock, kNowhere);
  for (size_t bunch = 0; bunch + 1 < bunch_leaf_.size(); ++bunch)
    for (int leaf = bunch_leaf_[bunch]; leaf < bunch_leaf_[bunch + 1]; ++leaf)
      for (Index c = 0; c < 2 * d_; ++c)  // low corner, then high
        corners_of(bunch)[c * kBlock + leaf - bunch_leaf_[bunch]] =
            tree_.low(static_cast<size_t>(leaves_[static_cast<size_t>(leaf)]))[c];
}

}  // namespace assay::density
