// ml/boosting/histogram.cpp
// Notation   p: gradient and hessian as one whole number (histogram_kernels.h);  unit: what a one of it stands for
// Method     1 round the gradients   2 the root's histogram from its rows   3 of two children the smaller from its rows, the larger
//            by difference   4 walk the bins of every column: sums to the left of every boundary
// Departures from the paper: see histogram.h
#include "assay/ml/boosting/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace assay::boosting {
namespace {

constexpr Index kGrain = 1 << 14;
constexpr Index kColumns = 4;          ///< walked together
constexpr Index kGroups = 8;           ///< added up together
constexpr Index kSums = 1 << 11;       ///< subtracted together
constexpr Index kLeastWork = 1 << 14;  ///< additions or so that are worth a second thread

/// The power of two of which `greatest` is less than 2^17: numbers with few bits, such as a hessian of 1, stay exact.
double unit_of(double greatest) {
  int exponent = 0;
  std::frexp(greatest, &exponent);
  return std::ldexp(1.0, exponent - (kGradientBits - 1));
}

}  // namespace

HistogramFinder::HistogramFinder(const BoostData& data, const BinTable& table, const Regularization& r, int threads)
    : data_(data), table_(table), r_(r), threads_(threads), packed_(static_cast<size_t>(table.rows())) {}

void HistogramFinder::begin_tree(const std::vector<Gradient>& gradients, const std::vector<int>& rows) {
  rows_ = &rows;
  const Index n = table_.rows();
  const Gradient greatest = parallel_reduce(
      threads_, n, kGrain, Gradient{},
      [&](Index begin, Index end) {
        Gradient most;
        for (Index i = begin; i < end; ++i) {
          most.g = std::max(most.g, std::abs(gradients[static_cast<size_t>(i)].g));
          most.h = std::max(most.h, gradients[static_cast<size_t>(i)].h);
        }
        return most;
      },
      [](Gradient& all, const Gradient& part) {
        all.g = std::max(all.g, part.g);
        all.h = std::max(all.h, part.h);
      });
  unit_g_ = unit_of(static_cast<double>(greatest.g));
  unit_h_ = unit_of(static_cast<double>(greatest.h));
  parallel_for(threads_, n, kGrain, [&](Index begin, Index end) {
    pack_gradients(gradients.data() + begin, static_cast<int>(end - begin), 1 / unit_g_, 1 / unit_h_,
                   packed_.data() + begin);
  });
  int64_t G = 0, H = 0;
  parallel_reduce(
      threads_, static_cast<Index>(rows.size()), kGrain, std::pair<int64_t, int64_t>{},
      [&](Index begin, Index end) {
        std::pair<int64_t, int64_t> part{};
        for (Index i = begin; i < end; ++i) {
          const int64_t p = packed_[static_cast<size_t>(rows[static_cast<size_t>(i)])];
          part.first += packed_g(p);
          part.second += packed_h(p);
        }
        return part;
      },
      [&](std::pair<int64_t, int64_t>&, const std::pair<int64_t, int64_t>& part) {
        G += part.first;
        H += part.second;
      });
  total_ = {static_cast<double>(G) * unit_g_, static_cast<double>(H) * unit_h_};
}

int HistogramFinder::threads_for(Index work) const { return work < kLeastWork ? 1 : threads_; }

int HistogramFinder::take_slot(Histogram h) {
  const std::lock_guard<std::mutex> lock(slot_);
  if (free_.empty()) {
    slots_.push_back(std::move(h));
    return static_cast<int>(slots_.size()) - 1;
  }
  const int slot = free_.back();
  free_.pop_back();
  slots_[static_cast<size_t>(slot)] = std::move(h);
  return slot;
}

HistogramFinder::Histogram& HistogramFinder::histogram(int slot) {
  const std::lock_guard<std::mutex> lock(slot_);
  return slots_[static_cast<size_t>(slot)];
}

const HistogramFinder::Histogram& HistogramFinder::histogram(int slot) const {
  const std::lock_guard<std::mutex> lock(slot_);
  return slots_[static_cast<size_t>(slot)];
}

void HistogramFinder::close(GrowingNode& node) {
  if (node.slot < 0) return;
  const std::lock_guard<std::mutex> lock(slot_);
  slots_[static_cast<size_t>(node.slot)] = {};
  free_.push_back(node.slot);
  node.slot = -1;
}

void HistogramFinder::open(GrowingNode& root) { root.slot = take_slot(make(root)); }

HistogramFinder::Histogram HistogramFinder::make(const GrowingNode& node) {
  const size_t size = static_cast<size_t>(table_.groups()) * kBins;
  const int* rows = rows_->data() + node.begin;
  Histogram h;
  h.G.assign(size, 0);
  if (node.count <= kPackedRows) {
    const int groups = table_.groups();
    parallel_for(threads_for(node.count * static_cast<Index>(groups)), groups, kGroups, [&](Index begin, Index end) {
      add_to_histogram(table_.codes(), groups, static_cast<int>(begin), static_cast<int>(end), rows, node.count,
                       packed_.data(), h.G.data());
    });
    return h;
  }
  h.H.assign(size, 0);
  std::mutex adding;  // whole numbers: the parts may be added in any order
  parallel_for(threads_, node.count, kPackedRows, [&](Index begin, Index end) {
    std::vector<int64_t> part(size, 0);
    add_to_histogram(table_.codes(), table_.groups(), 0, table_.groups(), rows + begin, static_cast<int>(end - begin),
                     packed_.data(), part.data());
    const std::lock_guard<std::mutex> lock(adding);
    add_unpacked(part.data(), static_cast<int>(size), h.G.data(), h.H.data());
  });
  return h;
}

HistogramFinder::Histogram HistogramFinder::difference(Histogram parent, const Histogram& child, int count) const {
  const size_t size = parent.G.size();
  if (!parent.packed() &&
      count <= kPackedRows) {  // modulo 2^64, so the parent's hessians may be too great to be packed
    for (size_t i = 0; i < size; ++i)
      parent.G[i] =
          static_cast<int64_t>((static_cast<uint64_t>(parent.G[i]) << 32) + static_cast<uint64_t>(parent.H[i]));
    parent.H = {};
  }
  parallel_for(threads_for(static_cast<Index>(size)), static_cast<Index>(size), kSums, [&](Index begin, Index end) {
    for (size_t i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      if (parent.packed()) {
        parent.G[i] = static_cast<int64_t>(static_cast<uint64_t>(parent.G[i]) - static_cast<uint64_t>(child.G[i]));
        continue;
      }
      parent.G[i] -= child.packed() ? packed_g(child.G[i]) : child.G[i];
      parent.H[i] -= child.packed() ? packed_h(child.G[i]) : child.H[i];
    }
  });
  return parent;
}

void HistogramFinder::divide(GrowingNode& parent, const GrowingNode& l, const GrowingNode& r, GrowingNode* left,
                             GrowingNode* right, const uint8_t*) {
  if (!left && !right) return close(parent);
  const bool left_is_smaller = l.count <= r.count;
  const GrowingNode& smaller = left_is_smaller ? l : r;
  const GrowingNode& larger = left_is_smaller ? r : l;
  GrowingNode* smaller_goes_on = left_is_smaller ? left : right;
  GrowingNode* larger_goes_on = left_is_smaller ? right : left;
  Histogram own = make(smaller);
  if (larger_goes_on) {
    larger_goes_on->slot = parent.slot;
    Histogram& h = histogram(parent.slot);
    h = difference(std::move(h), own, larger.count);
    parent.slot = -1;
  } else {
    close(parent);
  }
  if (!smaller_goes_on) return;
  smaller_goes_on->slot = take_slot(std::move(own));
}

HistogramFinder::ColumnSums HistogramFinder::column_sums(const GrowingNode& node, int f) const {
  const Histogram& h = histogram(node.slot);
  const size_t at = static_cast<size_t>(table_.group(f)) * kBins;
  ColumnSums group{};
  const int used = table_.bundled(f) ? kBins : table_.bins(f) + 1;
  if (h.packed()) {
    add_unpacked(h.G.data() + at, used, group.G.data(), group.H.data());
  } else {
    std::copy_n(h.G.data() + at, used, group.G.data());
    std::copy_n(h.H.data() + at, used, group.H.data());
  }
  if (!table_.bundled(f)) return group;
  ColumnSums own{};
  int64_t G = 0, H = 0;  // of rows off the commonest bin
  size_t commonest = 0;
  for (int b = 0; b <= table_.bins(f); ++b) {
    const int slot = table_.slot(f, b);
    if (slot < 0) {
      commonest = static_cast<size_t>(b);
      continue;
    }
    G += own.G[static_cast<size_t>(b)] = group.G[static_cast<size_t>(slot)];
    H += own.H[static_cast<size_t>(b)] = group.H[static_cast<size_t>(slot)];
  }
  own.G[commonest] = std::accumulate(group.G.begin(), group.G.end(), int64_t{0}) - G;
  own.H[commonest] = std::accumulate(group.H.begin(), group.H.end(), int64_t{0}) - H;
  return own;
}

void HistogramFinder::find(std::span<GrowingNode* const> nodes) {
  struct Task {
    GrowingNode* node;
    int f;
  };
  std::vector<Task> tasks;
  for (GrowingNode* node : nodes)
    for (const int f : node->columns) tasks.push_back({node, f});
  std::vector<BoostSplit> best(tasks.size());
  const Index count = static_cast<Index>(tasks.size());
  parallel_for(
      threads_for(count * std::min<Index>(kBins, table_.rows()) * 8), count, kColumns, [&](Index begin, Index end) {
        for (size_t t = static_cast<size_t>(begin); t < static_cast<size_t>(end); ++t) {
          const auto& [node, f] = tasks[t];
          best[t] = categorical(f) ? best_subset(buckets(*node, f), f, node->sums, r_) : best_threshold(*node, f);
        }
      });
  for (size_t t = 0; t < tasks.size(); ++t)
    if (better(best[t], tasks[t].node->best)) tasks[t].node->best = best[t];
}

BoostSplit HistogramFinder::best_threshold(const GrowingNode& node, int f) const {
  const ColumnSums sums = column_sums(node, f);
  const int bins = table_.bins(f);
  const bool any_missing = !sums.empty(bins);
  const size_t last = static_cast<size_t>(bins);
  BoundaryScan scan(node.sums, real(sums.G[last], sums.H[last]), any_missing, r_);
  int64_t G = 0, H = 0;
  for (int b = 0; b < bins - (any_missing ? 0 : 1); ++b) {
    if (sums.empty(b)) continue;  // no row: the same boundary as before
    G += sums.G[static_cast<size_t>(b)];
    H += sums.H[static_cast<size_t>(b)];
    scan.add(real(G, H), b);
  }
  const Boundary& best = scan.best();
  if (best.position < 0) return {};
  return numeric_split(f, best, table_.upper(f, best.position), node.sums, any_missing);
}

Buckets HistogramFinder::buckets(const GrowingNode& node, int f) const {
  const ColumnSums sums = column_sums(node, f);
  const int bins = table_.bins(f);
  const auto at = [&](int b) { return real(sums.G[static_cast<size_t>(b)], sums.H[static_cast<size_t>(b)]); };
  Buckets b;
  b.missing = at(bins);
  b.any_missing = !sums.empty(bins);
  for (int i = 0; i < bins; ++i) {
    if (sums.empty(i)) continue;
    b.sums.push_back(at(i));
    if (categorical(f))
      b.level.push_back(table_.level(f, i));
    else
      b.upper.push_back(table_.upper(f, i));
  }
  return b;
}

std::vector<Offer> HistogramFinder::offers(const GrowingNode& node, int f) const {
  const Buckets b = buckets(node, f);
  return categorical(f) ? walk_subsets(b, f, node.sums, r_) : walk_boundaries(b, f, node.sums, r_);
}

}  // namespace assay::boosting
