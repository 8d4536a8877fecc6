// ml/cluster/leaf_tree.h: rows in leaves of sixteen, and which leaves and points are within eps of each other.
//
// Notation   leaf: up to kBlock points near each other; bunch: up to kBlock leaves; gap: squared distance of two boxes; span: that
//            of a box's far corners
// Guarantees exact: rounding is monotone, so a gap, as computed, is not above any distance computed between points of the two
//            boxes, and a span is not below
// Cost       one box is measured against sixteen points, or sixteen boxes, at a time; memory: about 5 d / 4 numbers a row
// Used by    density_tree.cpp
// See        [Bentley1975]; ml/neighbors/kd_partition.h
#pragma once
#include <array>
#include <bit>
#include <vector>

#include "assay/ml/cluster/density.h"
#include "assay/ml/neighbors/distance.h"
#include "assay/ml/neighbors/kd_partition.h"

namespace assay::density {

using neighbors::BlockDistances;
using neighbors::kBlock;
using neighbors::KdPartition;

/// Some of the points of a leaf, or some leaves of a bunch: bit j stands for number j.
using Points = uint32_t;
constexpr Points first_points(int count) { return (Points{1} << count) - 1; }

class LeafTree {
 protected:
  explicit LeafTree(const Question& question);

  const KdPartition::Node& node_of(size_t leaf) const { return tree_.nodes[static_cast<size_t>(leaves_[leaf])]; }
  double* block(size_t leaf) { return points_.data() + leaf * static_cast<size_t>(d_) * kBlock; }
  const double* block(size_t leaf) const { return points_.data() + leaf * static_cast<size_t>(d_) * kBlock; }
  int& row(size_t leaf, int j) { return tree_.rows[static_cast<size_t>(node_of(leaf).begin + j)]; }
  int row(size_t leaf, int j) const { return tree_.rows[static_cast<size_t>(node_of(leaf).begin + j)]; }
  int item(size_t leaf, int j) const { return node_of(leaf).begin + j; }  ///< its number among the sets
  void take_point(size_t leaf, int j, std::vector<double>& p) const {
    p.resize(static_cast<size_t>(d_));
    for (Index f = 0; f < d_; ++f) p[static_cast<size_t>(f)] = block(leaf)[f * kBlock + j];
  }

  double gap(const double* low, const double* high, size_t node) const {
    const double *lo = tree_.low(node), *hi = tree_.high(node);
    double total = 0;
    for (Index f = 0; f < d_; ++f) {
      const double between = std::max({lo[f] - high[f], low[f] - hi[f], 0.0});  // without a branch
      total += between * between;
    }
    return total;
  }
  /// The points of `leaf` within eps of the box of `other`.
  Points within(size_t leaf, size_t other) const {
    const auto node = static_cast<size_t>(leaves_[other]);
    const double *lo = tree_.low(node), *hi = tree_.high(node);
    BlockDistances total = BlockDistances::Zero();
    for (Index f = 0; f < d_; ++f) {
      const Eigen::Map<const BlockDistances> x(block(leaf) + f * kBlock);
      total += (lo[f] - x).max(x - hi[f]).max(0.0).square();
    }
    return within_reach(total);
  }
  /// The leaves of a bunch whose box is within eps of this one: bit j is leaf j of the bunch.
  Points leaves_within(const double* low, const double* high, size_t bunch) const {
    BlockDistances total = BlockDistances::Zero();
    for (Index f = 0; f < d_; ++f) {
      const Eigen::Map<const BlockDistances> lo(corners_of(bunch) + f * kBlock),
          hi(corners_of(bunch) + (d_ + f) * kBlock);
      total += (lo - high[f]).max(low[f] - hi).max(0.0).square();
    }
    return within_reach(total);
  }
  Points within_reach(const BlockDistances& distance) const { return neighbors::within(distance, question_.reach); }
  double span(size_t leaf) const {
    const double *lo = tree_.low(static_cast<size_t>(leaves_[leaf])), *hi = lo + d_;
    double total = 0;
    for (Index f = 0; f < d_; ++f) total += (hi[f] - lo[f]) * (hi[f] - lo[f]);
    return total;
  }
  BlockDistances distances(const std::vector<double>& p, size_t leaf) const {
    return neighbors::distances_to_block(neighbors::Euclidean{}, p.data(), block(leaf), d_);
  }

  /// Calls visit(leaf) for the leaves whose box is within eps of `home`'s, itself first, then roughly the nearest, until it
  /// returns false; without the parts that `skip` names.
  template <class Skip, class Visit>
  void visit_near(size_t home_leaf, const Skip& skip, const Visit& visit) const {
    const int home = leaves_[home_leaf];
    const double *low = tree_.low(static_cast<size_t>(home)), *high = tree_.high(static_cast<size_t>(home));
    if (!skip(home) && !visit(home_leaf)) return;
    std::array<int, KdPartition::kDeepest + 2> open;
    size_t waiting = 0;
    open[waiting++] = 0;
    while (waiting > 0) {
      const int node = open[--waiting];
      const KdPartition::Node& here = tree_.nodes[static_cast<size_t>(node)];
      if (skip(node)) continue;
      if (const int bunch = bunch_[static_cast<size_t>(node)]; bunch >= 0) {
        const auto first = static_cast<size_t>(bunch_leaf_[static_cast<size_t>(bunch)]);
        for (Points near = leaves_within(low, high, static_cast<size_t>(bunch)); near != 0; near &= near - 1) {
          const size_t leaf = first + static_cast<size_t>(std::countr_zero(near));
          if (leaf != home_leaf && !skip(leaves_[leaf]) && !visit(leaf)) return;
        }
        continue;
      }
      const double left = gap(low, high, static_cast<size_t>(node) + 1);
      const double right = gap(low, high, static_cast<size_t>(here.right));
      const bool right_first = right < left || (right == left && home >= here.right);
      if (right_first && left <= question_.reach) open[waiting++] = node + 1;
      if (right <= question_.reach) open[waiting++] = here.right;
      if (!right_first && left <= question_.reach) open[waiting++] = node + 1;
    }
  }
  template <class Skip>
  void near_leaves(size_t home, const Skip& skip, std::vector<size_t>& out) const {
    out.clear();
    visit_near(home, skip, [&](size_t leaf) {
      out.push_back(leaf);
      return true;
    });
  }

  const Question& question_;
  Index d_;
  KdPartition tree_;
  std::vector<int> leaves_;  ///< their nodes, ascending

 private:
  void number_leaves();
  void place_corners();
  double* corners_of(size_t bunch) { return corners_.data() + bunch * 2 * static_cast<size_t>(d_) * kBlock; }
  const double* corners_of(size_t bunch) const {
    return corners_.data() + bunch * 2 * static_cast<size_t>(d_) * kBlock;
  }

  std::vector<int> bunch_;       ///< of each node: the bunch it is, or -1
  std::vector<int> bunch_leaf_;  ///< of each bunch: its first leaf; behind the last one, the number of leaves
  std::vector<double> corners_;  ///< of each bunch: low and high corners of its leaves, coordinate by coordinate
  std::vector<double>
      points_;  ///< of each leaf, coordinate by coordinate, scaled; beyond its count infinitely far away
};

}  // namespace assay::density
