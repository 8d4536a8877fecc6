// ml/boosting/exact.cpp
// Notation   a list holds a column's rows in ascending order of their values, missing last
// Method     1 sort every column once   2 a tree begins with the lists of its rows   3 walk a node's part of a list: sums of
//            gradients to the left of every boundary   4 divide the lists as the node is divided, keeping their order
// Departures from the paper: the lists are divided with the nodes, so that a node's scan touches its own rows only; the paper's
//            blocks hold all rows and are scanned once a level.
#include "assay/ml/boosting/exact.h"

#include <cmath>
#include <numeric>

#include "assay/core/grain.h"
#include "assay/ml/tree/split.h"

namespace assay::boosting {
namespace {}  // namespace

ExactFinder::ExactFinder(const BoostData& data, const Regularization& r, int threads)
    : data_(data), r_(r), threads_(threads), sorted_(static_cast<size_t>(data.X.cols())) {
  std::vector<int> all(static_cast<size_t>(data.X.rows()));
  std::iota(all.begin(), all.end(), 0);
  parallel_for(threads, data.X.cols(), grain_of(data.X.rows()), [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f)
      if (!categorical(static_cast<int>(f)))
        sorted_[static_cast<size_t>(f)] = tree::sort_column(data_.X.col(f).data(), all);
  });
}

void ExactFinder::begin_tree(const std::vector<Gradient>& gradients, const std::vector<int>& rows) {
  gradients_ = &gradients;
  rows_ = &rows;
  total_ = {};
  for (const int row : rows) {
    total_.G += static_cast<double>(gradients[static_cast<size_t>(row)].g);
    total_.H += static_cast<double>(gradients[static_cast<size_t>(row)].h);
  }
  lists_.resize(sorted_.size());
  const bool all = static_cast<Index>(rows.size()) == data_.X.rows();
  std::vector<uint8_t> drawn;
  if (!all) {
    drawn.assign(static_cast<size_t>(data_.X.rows()), 0);
    for (const int row : rows) drawn[static_cast<size_t>(row)] = 1;
  }
  parallel_for(threads_, static_cast<Index>(sorted_.size()), grain_of(data_.X.rows()), [&](Index begin, Index end) {
    for (size_t f = static_cast<size_t>(begin); f < static_cast<size_t>(end); ++f) {
      lists_[f].clear();
      if (all)
        lists_[f] = sorted_[f];
      else
        for (const tree::Entry& e : sorted_[f])
          if (drawn[e.row]) lists_[f].push_back(e);
    }
  });
}

void ExactFinder::divide(GrowingNode& parent, const GrowingNode&, const GrowingNode&, GrowingNode* left,
                         GrowingNode* right, const uint8_t* side) {
  if (!left && !right) return;
  const Index d = static_cast<Index>(lists_.size());
  const int threads = threads_for_steps(threads_, parent.count * d);
  parallel_for(threads, d, 1, [&](Index begin, Index end) {
    std::vector<tree::Entry> spare;
    for (Index f = begin; f < end; ++f) {
      if (lists_[static_cast<size_t>(f)].empty()) continue;
      tree::Entry* list = lists_[static_cast<size_t>(f)].data() + parent.begin;
      tree::divide(list, parent.count, side, tree::Keep::both, spare, [](const tree::Entry& e) { return e.row; });
    }
  });
}

void ExactFinder::find(std::span<GrowingNode* const> nodes) {
  for (GrowingNode* node : nodes) {
    std::vector<BoostSplit> best(node->columns.size());
    const Index d = static_cast<Index>(node->columns.size());
    parallel_for(threads_for_steps(threads_, node->count * d), d, 1, [&](Index begin, Index end) {
      for (size_t c = static_cast<size_t>(begin); c < static_cast<size_t>(end); ++c) {
        const int f = node->columns[c];
        best[c] = categorical(f) ? best_subset(buckets(*node, f), f, node->sums, r_) : best_threshold(*node, f);
      }
    });
    for (const BoostSplit& split : best)
      if (better(split, node->best)) node->best = split;
  }
}

BoostSplit ExactFinder::best_threshold(const GrowingNode& node, int f) const {
  const tree::Entry* list = lists_[static_cast<size_t>(f)].data() + node.begin;
  const Gradient* gradient = gradients_->data();
  const auto plus = [&](Sums& s, const tree::Entry& e) {
    s.G += static_cast<double>(gradient[e.row].g);
    s.H += static_cast<double>(gradient[e.row].h);
  };
  int present = node.count;
  while (present > 0 && list[present - 1].rank == tree::kMissing) --present;
  if (present == 0 || (present == node.count && list[0].rank == list[present - 1].rank)) return {};
  Sums missing, left;
  for (int i = present; i < node.count; ++i) plus(missing, list[i]);
  const bool any_missing = present < node.count;
  BoundaryScan scan(node.sums, missing, any_missing, r_);
  for (int i = 0; i + 1 < present; ++i) {
    plus(left, list[i]);
    if (list[i].rank != list[i + 1].rank) scan.add(left, i);
  }
  if (any_missing) {
    plus(left, list[present - 1]);
    scan.add(left, present - 1);
  }
  const Boundary& best = scan.best();
  if (best.position < 0) return {};
  const double* x = data_.X.col(f).data();
  const double below = x[list[best.position].row];
  const double threshold = best.position + 1 < present ? tree::midpoint(below, x[list[best.position + 1].row]) : below;
  return numeric_split(f, best, threshold, node.sums, any_missing);
}

Buckets ExactFinder::buckets(const GrowingNode& node, int f) const {
  Buckets b;
  const double* x = data_.X.col(f).data();
  const auto plus = [&](Sums& s, int row) {
    s.G += static_cast<double>((*gradients_)[static_cast<size_t>(row)].g);
    s.H += static_cast<double>((*gradients_)[static_cast<size_t>(row)].h);
  };
  if (categorical(f)) {
    const size_t levels = data_.columns[static_cast<size_t>(f)].levels.size();
    std::vector<Sums> sums(levels);
    std::vector<bool> seen(levels, false);
    for (int i = node.begin; i < node.begin + node.count; ++i) {
      const int row = (*rows_)[static_cast<size_t>(i)];
      if (std::isnan(x[row])) {
        plus(b.missing, row);
        b.any_missing = true;
      } else {
        plus(sums[static_cast<size_t>(x[row])], row);
        seen[static_cast<size_t>(x[row])] = true;
      }
    }
    for (size_t l = 0; l < levels; ++l)
      if (seen[l]) {
        b.level.push_back(static_cast<int>(l));
        b.sums.push_back(sums[l]);
      }
    return b;
  }
  const tree::Entry* list = lists_[static_cast<size_t>(f)].data() + node.begin;
  for (int i = 0; i < node.count; ++i) {
    const int row = static_cast<int>(list[i].row);
    if (list[i].rank == tree::kMissing) {
      plus(b.missing, row);
      b.any_missing = true;
      continue;
    }
    const bool fresh = i == 0 || list[i].rank != list[i - 1].rank;
    if (fresh) {
      if (i > 0) b.upper.back() = tree::midpoint(b.upper.back(), x[row]);
      b.sums.emplace_back();
      b.upper.push_back(x[row]);
    }
    plus(b.sums.back(), row);
  }
  return b;
}

std::vector<Offer> ExactFinder::offers(const GrowingNode& node, int f) const {
  const Buckets b = buckets(node, f);
  return categorical(f) ? walk_subsets(b, f, node.sums, r_) : walk_boundaries(b, f, node.sums, r_);
}

}  // namespace assay::boosting
