// ml/tree/compiled.cpp
// Method     1 collect every column's thresholds   2 number the nodes so that children are neighbours   3 ranks of a block of rows
//            4 every tree over the block, some rows at once
// Departures from the paper: [Asadi2014] compares the values themselves.
#include "assay/ml/tree/compiled.h"

#include <algorithm>
#include <cmath>

#include "assay/ml/tree/compiled_kernels.h"

namespace assay::tree {
namespace {

constexpr uint16_t kAlwaysRight = 0xffff;
constexpr Index kBlock = 64;  ///< rows whose ranks are made together

}  // namespace

CompiledTrees::CompiledTrees(std::vector<const TreeNodes*> trees, int columns)
    : thresholds_(static_cast<size_t>(columns)), cell_of_(2 * static_cast<size_t>(columns), -1) {
  for (const TreeNodes* tree : trees) {
    if (!tree->level.empty()) fits_ = false;
    for (size_t i = 0; i < tree->feature.size(); ++i)
      if (tree->feature[i] >= 0) thresholds_[static_cast<size_t>(tree->feature[i])].push_back(tree->threshold[i]);
  }
  for (std::vector<double>& t : thresholds_) {
    std::sort(t.begin(), t.end());
    t.erase(std::unique(t.begin(), t.end()), t.end());
    if (t.size() >= kAlwaysRight) fits_ = false;
  }
  for (const TreeNodes* tree : trees)
    for (size_t i = 0; i < tree->feature.size(); ++i)
      if (tree->feature[i] >= 0)
        cell_of_[2 * static_cast<size_t>(tree->feature[i]) + (tree->default_left[i] ? 1 : 0)] = 0;
  for (size_t c = 0; c < cell_of_.size(); ++c)
    if (cell_of_[c] == 0) {
      cell_of_[c] = static_cast<int>(cells_.size());
      cells_.push_back({static_cast<int>(c / 2), c % 2 == 1});
    }
  if (cells_.size() > kAlwaysRight) fits_ = false;
  if (fits_)
    for (const TreeNodes* tree : trees) compile(*tree);
}

void CompiledTrees::compile(const TreeNodes& tree) {
  const size_t first = nodes_.size();
  begin_.push_back(first);
  depth_.push_back(tree.depth());
  nodes_.resize(first + tree.feature.size());
  value_.resize(nodes_.size());
  uint32_t next = 1;
  std::vector<std::pair<int, uint32_t>> open{{0, 0}};  // node of the tree, place here
  while (!open.empty()) {
    const auto [node, place] = open.back();
    open.pop_back();
    const size_t i = static_cast<size_t>(node);
    CompiledNode& out = nodes_[first + place];
    if (tree.leaf(node)) {
      out = {0, kAlwaysRight, place};
      value_[first + place] = tree.value[i];
      continue;
    }
    const size_t f = static_cast<size_t>(tree.feature[i]);
    const int cell = cell_of_[2 * f + (tree.default_left[i] ? 1 : 0)];
    const auto rank = std::lower_bound(thresholds_[f].begin(), thresholds_[f].end(), tree.threshold[i]);
    out = {static_cast<uint16_t>(cell), static_cast<uint16_t>(rank - thresholds_[f].begin()), next};
    open.emplace_back(tree.right[i], next + 1);
    open.emplace_back(tree.left[i], next);
    next += 2;
  }
}

void CompiledTrees::rank_cells(const Columns& X, Index begin, Index end, std::vector<uint16_t>& ranks) const {
  const Index stride = static_cast<Index>(cells_.size());
  for (Index c = 0; c < stride; ++c) {
    const Cells& cell = cells_[static_cast<size_t>(c)];
    const double* x = X.col(cell.column).data();
    uint16_t* rank = ranks.data() + c;
    const Cells* before = c > 0 ? &cells_[static_cast<size_t>(c) - 1] : nullptr;
    if (before && before->column == cell.column)
      for (Index i = 0; i < end - begin; ++i) rank[i * stride] = rank[i * stride - 1];
    else
      rank_values(x + begin, end - begin, thresholds_[static_cast<size_t>(cell.column)], rank, stride);
    for (Index i = begin; i < end; ++i)
      if (std::isnan(x[i])) rank[(i - begin) * stride] = cell.missing_left ? 0 : kAlwaysRight;
  }
}

void CompiledTrees::add(const Columns& X, Index begin, Index end, int K, double* out) const {
  const size_t width = std::max<size_t>(1, cells_.size());
  std::vector<uint16_t> ranks(static_cast<size_t>(kBlock) * width);
  uint32_t leaf[kWalkers];
  for (Index b = begin; b < end; b += kBlock) {
    const Index e = std::min(end, b + kBlock);
    rank_cells(X, b, e, ranks);
    for (size_t t = 0; t < begin_.size(); ++t)
      for (Index r = b; r < e;
           r += kWalkers) {  // the last rows of a block may be those of an older one: their answers are dropped
        walk_down(nodes_.data() + begin_[t], depth_[t], ranks.data() + static_cast<size_t>(r - b) * width,
                  static_cast<int>(width), leaf);
        for (Index i = 0; i < std::min<Index>(kWalkers, e - r); ++i)
          out[(r + i) * K + static_cast<Index>(t) % K] += value_[begin_[t] + leaf[i]];
      }
  }
}

}  // namespace assay::tree
