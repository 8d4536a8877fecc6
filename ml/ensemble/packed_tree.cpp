// Method     1 copy a block of rows, cells of a row together   2 walk sixteen rows in turns until none moves   3 add up the
//            leaves' answers
#include "assay/ml/ensemble/packed_tree.h"

#include <algorithm>
#include <cmath>

namespace assay::ensemble {
namespace {

constexpr int kTogether = 32;

/// `together` rows from `first` on: a step for each of them, again and again.
template <int together>
void walk_together(const PackedNode* nodes, const RowBlock& rows, int first, uint32_t* leaf) {
  uint32_t at[together] = {};
  const double* cells[together];
  for (int r = 0; r < together; ++r) cells[r] = rows.cells + rows.row(first + r) * rows.d;
  uint32_t moved = 1;
  while (moved) {
    moved = 0;
    for (int r = 0; r < together; ++r) {
      const PackedNode& node = nodes[at[r]];
      const double x = cells[r][node.feature];
      const bool left = (x <= node.threshold) | ((x != x) & node.default_left);
      const uint32_t next = node.child + !left;
      moved |= next ^ at[r];
      at[r] = next;
    }
  }
  std::copy_n(at, together, leaf + first);
}

}  // namespace

int PackedTree::depth() const {
  std::vector<int> depth_of(nodes.size(), 0);
  int deepest = 0;
  for (int i = 0; i < size(); ++i) {
    const int here = depth_of[static_cast<size_t>(i)];
    deepest = std::max(deepest, here);
    if (leaf(i)) continue;
    const size_t child = nodes[static_cast<size_t>(i)].child;
    depth_of[child] = depth_of[child + 1] = here + 1;
  }
  return deepest;
}

int PackedTree::child(int i, double x, bool categorical) const {
  const PackedNode& node = nodes[static_cast<size_t>(i)];
  bool left = node.default_left;
  if (!std::isnan(x)) {
    if (categorical) {
      const size_t set = static_cast<size_t>(node.threshold);
      if (std::binary_search(level.begin() + set_begin[set], level.begin() + set_begin[set + 1], static_cast<int>(x)))
        left = !left;
    } else {
      left = x <= node.threshold;
    }
  }
  return static_cast<int>(node.child) + !left;
}

void PackedTree::add_answer(int leaf, int K, double* proba) const {
  const int a = answer[static_cast<size_t>(leaf)];
  if (K == 0) {
    proba[0] += values[static_cast<size_t>(a)];
  } else if (a < K) {
    proba[a] += 1;
  } else {
    const double* share = values.data() + static_cast<size_t>(a - K) * static_cast<size_t>(K);
    for (int k = 0; k < K; ++k) proba[k] += share[k];
  }
}

void find_leaves(const PackedTree& tree, const RowBlock& rows, const std::vector<bool>& categorical,
                 bool any_categorical, uint32_t* leaf) {
  int i = 0;
  if (!any_categorical) {
    for (; i + kTogether <= rows.count; i += kTogether) walk_together<kTogether>(tree.nodes.data(), rows, i, leaf);
    for (; i < rows.count; ++i) walk_together<1>(tree.nodes.data(), rows, i, leaf);
    return;
  }
  for (; i < rows.count; ++i) {
    int node = 0;
    while (!tree.leaf(node)) {
      const size_t f = tree.nodes[static_cast<size_t>(node)].feature;
      node = tree.child(node, rows.cells[rows.row(i) * rows.d + static_cast<Index>(f)], categorical[f]);
    }
    leaf[i] = static_cast<uint32_t>(node);
  }
}

void copy_rows(const Columns& X, Index begin, Index end, std::vector<double>& cells) {
  const Index d = X.cols(), count = end - begin;
  cells.resize(static_cast<size_t>(count * d));
  for (Index f = 0; f < d; ++f) {
    const double* x = X.col(f).data() + begin;
    for (Index i = 0; i < count; ++i) cells[static_cast<size_t>(i * d + f)] = x[i];
  }
}

void copy_rows(const Columns& X, const int* rows, int count, std::vector<double>& cells) {
  const Index d = X.cols();
  cells.resize(static_cast<size_t>(count * d));
  for (Index f = 0; f < d; ++f) {
    const double* x = X.col(f).data();
    for (int i = 0; i < count; ++i) cells[static_cast<size_t>(i * d + f)] = x[rows[i]];
  }
}

TreeNodes unpack(const PackedTree& tree, int K, const std::vector<bool>& categorical, bool entropy) {
  const size_t size = tree.nodes.size();
  TreeNodes out;
  out.outputs = std::max(K, 1);
  const size_t outputs = static_cast<size_t>(out.outputs);
  out.value.assign(size * outputs, 0.0);
  out.cover = tree.cover;
  out.impurity.assign(size, 0.0);
  out.rows.assign(size, 1);
  for (size_t i = 0; i < size; ++i) {
    const PackedNode& node = tree.nodes[i];
    const bool leaf = tree.leaf(static_cast<int>(i)), levels = !leaf && categorical[node.feature];
    out.feature.push_back(leaf ? -1 : static_cast<int>(node.feature));
    out.threshold.push_back(leaf || levels ? 0 : node.threshold);
    out.left.push_back(leaf ? -1 : static_cast<int>(node.child));
    out.right.push_back(leaf ? -1 : static_cast<int>(node.child) + 1);
    out.default_left.push_back(!leaf && node.default_left);
    if (levels) {
      const size_t set = static_cast<size_t>(node.threshold);
      out.level.insert(out.level.end(), tree.level.begin() + tree.set_begin[set],
                       tree.level.begin() + tree.set_begin[set + 1]);
    }
    out.level_begin.push_back(static_cast<int>(out.level.size()));
    if (leaf) tree.add_answer(static_cast<int>(i), K, out.value.data() + i * outputs);
  }
  for (size_t i = size; i-- > 0;) {  // a parent's value is its children's, by cover
    if (out.feature[i] < 0) continue;
    const size_t l = static_cast<size_t>(out.left[i]), r = static_cast<size_t>(out.right[i]);
    for (size_t k = 0; k < outputs; ++k)
      out.value[i * outputs + k] =
          (out.cover[l] * out.value[l * outputs + k] + out.cover[r] * out.value[r * outputs + k]) / out.cover[i];
  }
  for (size_t i = 0; K > 0 && i < size; ++i) {
    const double* share = out.value.data() + i * outputs;
    double sum = 0;
    for (size_t k = 0; k < outputs; ++k)
      sum += entropy ? (share[k] > 0 ? -share[k] * std::log2(share[k]) : 0) : share[k] * share[k];
    out.impurity[i] = std::max(0.0, entropy ? sum : 1 - sum);
  }
  return out;
}

}  // namespace assay::ensemble
