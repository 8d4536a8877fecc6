// ml/tree/node_list.cpp
#include "assay/ml/tree/node_list.h"

namespace assay::tree {

NodeList::NodeList(const Problem& p, size_t leaves) : p_(p) {
  nodes_.outputs = p.sums();
  const auto hold = [&](auto&... all) { (all.reserve(2 * leaves), ...); };
  hold(nodes_.feature, nodes_.threshold, nodes_.left, nodes_.right, nodes_.default_left, nodes_.cover, nodes_.impurity,
       nodes_.rows);
  nodes_.value.reserve(2 * leaves * static_cast<size_t>(nodes_.outputs));
}

int NodeList::add(const NodeStats& stats, int parent, bool is_left) {
  const int id = nodes_.size();
  if (parent >= 0) (is_left ? nodes_.left : nodes_.right)[static_cast<size_t>(parent)] = id;
  nodes_.feature.push_back(-1);
  nodes_.threshold.push_back(0);
  nodes_.left.push_back(-1);
  nodes_.right.push_back(-1);
  nodes_.default_left.push_back(false);
  const Sums& total = stats.total;
  if (p_.K > 0)
    for (const double w : total.s) nodes_.value.push_back(w / total.W);
  else
    nodes_.value.push_back(stats.mean + total.s[0] / total.W);
  nodes_.cover.push_back(total.W);
  nodes_.impurity.push_back(stats.impurity);
  nodes_.rows.push_back(total.rows);
  return id;
}

void NodeList::record(int id, const Split& split) {
  const size_t i = static_cast<size_t>(id);
  nodes_.feature[i] = split.feature;
  nodes_.threshold[i] = split.threshold;
  nodes_.default_left[i] = split.default_left;
  if (!split.against.empty()) against_[id] = split.against;
}

void NodeList::record(int id, int f, bool default_left, int below, int above) {
  nodes_.feature[static_cast<size_t>(id)] = f;
  nodes_.default_left[static_cast<size_t>(id)] = default_left;
  between_.push_back({id, below, above});
}

TreeNodes NodeList::take() {
  for (const Between& b : between_) {
    const int f = nodes_.feature[static_cast<size_t>(b.id)];
    nodes_.threshold[static_cast<size_t>(b.id)] = midpoint(p_.cell(b.below, f), p_.cell(b.above, f));
  }
  nodes_.level_begin.reserve(static_cast<size_t>(nodes_.size()) + 1);
  for (int id = 0; id < nodes_.size(); ++id) {  // the levels of all nodes, one after another
    if (const auto levels = against_.find(id); levels != against_.end())
      nodes_.level.insert(nodes_.level.end(), levels->second.begin(), levels->second.end());
    nodes_.level_begin.push_back(static_cast<int>(nodes_.level.size()));
  }
  return std::move(nodes_);
}

}  // namespace assay::tree
