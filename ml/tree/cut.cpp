#include "assay/ml/tree/cut.h"

#include <algorithm>

namespace assay::tree {
namespace {

struct Branch {
  int node, parent;
  bool is_left;
};

/// Copies node `from` to the end of `to`, as a leaf.
void append(const TreeNodes& nodes, size_t from, TreeNodes& to) {
  const size_t K = static_cast<size_t>(nodes.outputs);
  to.feature.push_back(-1);
  to.threshold.push_back(0);
  to.left.push_back(-1);
  to.right.push_back(-1);
  to.default_left.push_back(false);
  for (size_t k = 0; k < K; ++k) to.value.push_back(nodes.value[from * K + k]);
  to.cover.push_back(nodes.cover[from]);
  to.impurity.push_back(nodes.impurity[from]);
  to.rows.push_back(nodes.rows[from]);
  to.level_begin.push_back(to.level_begin.back());
}

/// Gives the last node of `to` the question of node `from`.
void ask(const TreeNodes& nodes, size_t from, TreeNodes& to) {
  to.feature.back() = nodes.feature[from];
  to.threshold.back() = nodes.threshold[from];
  to.default_left.back() = nodes.default_left[from];
  to.level.insert(to.level.end(), nodes.level.begin() + nodes.level_begin[from],
                  nodes.level.begin() + nodes.level_begin[from + 1]);
  to.level_begin.back() = static_cast<int>(to.level.size());
}

}  // namespace

TreeNodes cut(const TreeNodes& nodes, const std::vector<bool>& stop, std::vector<int>* origin) {
  TreeNodes kept;
  kept.outputs = nodes.outputs;
  if (origin) origin->clear();
  std::vector<Branch> open{{0, -1, false}};
  while (!open.empty()) {
    const Branch b = open.back();
    open.pop_back();
    const size_t i = static_cast<size_t>(b.node);
    const int id = kept.size();
    append(nodes, i, kept);
    if (origin) origin->push_back(b.node);
    if (b.parent >= 0) (b.is_left ? kept.left : kept.right)[static_cast<size_t>(b.parent)] = id;
    if (nodes.leaf(b.node) || (!stop.empty() && stop[i])) continue;
    ask(nodes, i, kept);
    open.push_back({nodes.right[i], id, false});
    open.push_back({nodes.left[i], id, true});
  }
  return kept;
}

std::vector<bool> kept_nodes(const TreeNodes& part, const TreeNodes& whole) {
  std::vector<bool> kept(whole.feature.size(), false);
  std::vector<std::pair<int, int>> open{{0, 0}};  // the same node in part and whole
  while (!open.empty()) {
    const auto [a, b] = open.back();
    open.pop_back();
    const size_t i = static_cast<size_t>(a), j = static_cast<size_t>(b);
    kept[j] = true;
    if (part.leaf(a)) continue;
    if (part.feature[i] != whole.feature[j] || part.threshold[i] != whole.threshold[j]) return {};
    open.emplace_back(part.left[i], whole.left[j]);
    open.emplace_back(part.right[i], whole.right[j]);
  }
  return kept;
}

}  // namespace assay::tree
