// ml/boosting/approximate.cpp
// Method     1 sketch every column, weights h   2 candidates at equal steps of rank   3 in a node, add every row to its bucket
//            4 walk the buckets
// Departures from the paper: the global variant only (candidates by tree, not by node). A sketch keeps ranks to a quarter of a
//            bucket.
#include "assay/ml/boosting/approximate.h"

#include <array>
#include <cmath>

#include "assay/core/grain.h"
#include "assay/ml/boosting/histogram_kernels.h"
#include "assay/ml/boosting/sketch.h"
#include "assay/ml/tree/split.h"

namespace assay::boosting {

std::vector<double> sketch_cuts(const double* x, const std::vector<int>& rows, const std::vector<Gradient>& gradients,
                                int max_bins) {
  QuantileSketch sketch(0.25 / max_bins, static_cast<double>(rows.size()));
  for (const int row : rows)
    if (!std::isnan(x[row]) && gradients[static_cast<size_t>(row)].h > 0)
      sketch.add(x[row], static_cast<double>(gradients[static_cast<size_t>(row)].h));
  sketch.finish();
  const std::vector<QuantileSketch::Entry>& s = sketch.summary();
  std::vector<double> cuts;
  if (s.size() <= static_cast<size_t>(max_bins)) {
    for (size_t i = 0; i + 1 < s.size(); ++i) cuts.push_back(tree::midpoint(s[i].value, s[i + 1].value));
    return cuts;
  }
  size_t last = s.size();
  for (int b = 1; b < max_bins; ++b) {
    const size_t at = sketch.query(sketch.weight() * b / max_bins);
    if (at != last && at + 1 < s.size()) cuts.push_back(tree::midpoint(s[at].value, s[at + 1].value));
    last = at;
  }
  return cuts;
}

void ApproximateFinder::begin_tree(const std::vector<Gradient>& gradients, const std::vector<int>& rows) {
  gradients_ = &gradients;
  rows_ = &rows;
  total_ = {};
  for (const int row : rows) {
    total_.G += static_cast<double>(gradients[static_cast<size_t>(row)].g);
    total_.H += static_cast<double>(gradients[static_cast<size_t>(row)].h);
  }
  std::vector<std::vector<double>> cuts(data_.columns.size());
  parallel_for(threads_, data_.X.cols(), grain_of(data_.X.rows()), [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f)
      if (!data_.columns[static_cast<size_t>(f)].categorical())
        cuts[static_cast<size_t>(f)] = sketch_cuts(data_.X.col(f).data(), rows, gradients, max_bins_);
  });
  table_.emplace(data_, std::move(cuts), false, threads_);
}

Buckets ApproximateFinder::buckets(const GrowingNode& node, int f) const {
  std::array<Sums, kBins> sums{};
  std::array<bool, kBins> seen{};
  const uint8_t* code = table_->codes() + f;
  for (int i = node.begin; i < node.begin + node.count; ++i) {
    const int row = (*rows_)[static_cast<size_t>(i)];
    const size_t b = code[static_cast<Index>(row) * table_->groups()];
    sums[b].G += static_cast<double>((*gradients_)[static_cast<size_t>(row)].g);
    sums[b].H += static_cast<double>((*gradients_)[static_cast<size_t>(row)].h);
    seen[b] = true;
  }
  Buckets b;
  const size_t bins = static_cast<size_t>(table_->bins(f));
  b.missing = sums[bins];
  b.any_missing = seen[bins];
  for (size_t i = 0; i < bins; ++i) {
    if (!seen[i]) continue;
    b.sums.push_back(sums[i]);
    if (data_.columns[static_cast<size_t>(f)].categorical())
      b.level.push_back(table_->level(f, static_cast<int>(i)));
    else
      b.upper.push_back(table_->upper(f, static_cast<int>(i)));
  }
  return b;
}

void ApproximateFinder::find(std::span<GrowingNode* const> nodes) {
  for (GrowingNode* node : nodes) {
    std::vector<BoostSplit> best(node->columns.size());
    parallel_for(threads_, static_cast<Index>(best.size()), grain_of(node->count), [&](Index begin, Index end) {
      for (size_t c = static_cast<size_t>(begin); c < static_cast<size_t>(end); ++c) {
        const int f = node->columns[c];
        const Buckets b = buckets(*node, f);
        if (data_.columns[static_cast<size_t>(f)].categorical()) {
          best[c] = best_subset(b, f, node->sums, r_);
          continue;
        }
        BoundaryScan scan(node->sums, b.missing, b.any_missing, r_);
        Sums left;
        for (size_t i = 0; i + (b.any_missing ? 0 : 1) < b.sums.size(); ++i) {
          left = left + b.sums[i];
          scan.add(left, static_cast<int>(i));
        }
        const Boundary boundary = scan.best();
        if (boundary.position >= 0)
          best[c] =
              numeric_split(f, boundary, b.upper[static_cast<size_t>(boundary.position)], node->sums, b.any_missing);
      }
    });
    for (const BoostSplit& split : best)
      if (better(split, node->best)) node->best = split;
  }
}

std::vector<Offer> ApproximateFinder::offers(const GrowingNode& node, int f) const {
  const Buckets b = buckets(node, f);
  return data_.columns[static_cast<size_t>(f)].categorical() ? walk_subsets(b, f, node.sums, r_)
                                                             : walk_boundaries(b, f, node.sums, r_);
}

}  // namespace assay::boosting
