// ml/neighbors/kd_partition.h: rows halved again and again, with the box around each part.
//
// Shapes     X: n x d by rows, finite, n >= 1
// Guarantees a node's rows are rows[begin .. begin + count); a leaf has 1 to `leaf` of them, most have exactly `leaf`; boxes
//            are tight; the depth is at most kDeepest, whatever the data
// Cost       O(n (log n + d))
// See        [Bentley1975], [Friedman1977]; who asks it: kd_tree.cpp, ml/cluster/density_tree.cpp
#pragma once
#include <vector>

#include "assay/core/linalg.h"

namespace assay::neighbors {

struct KdPartition {
  static constexpr size_t kDeepest = 200;
  struct Node {
    int right = -1;  ///< right child; the left one is the next node; -1: a leaf
    int begin = 0, count = 0;
    bool leaf() const { return right < 0; }
  };
  Eigen::Index d = 0;
  std::vector<int> rows;  ///< row numbers, leaf after leaf
  std::vector<Node> nodes;
  std::vector<double> boxes;  ///< low and high corner of each node

  const double* low(size_t node) const { return boxes.data() + 2 * node * static_cast<size_t>(d); }
  const double* high(size_t node) const { return low(node) + d; }
};

KdPartition kd_partition(const Matrix& X, int leaf);

}  // namespace assay::neighbors
