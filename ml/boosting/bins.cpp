// ml/boosting/bins.cpp
// Method     1 draw rows   2 sort their values   3 close a bin when it holds its share of what is left   4 bundles   5 code of each cell by halving
// Departures from the paper: see bins.h
#include "assay/ml/boosting/bins.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "assay/core/grain.h"
#include "assay/ml/boosting/histogram_kernels.h"
#include "assay/ml/tree/presort.h"
#include "assay/ml/tree/split.h"

namespace assay::boosting {
namespace {

constexpr int kDrawn = 1 << 18;        ///< rows that decide the cuts
constexpr Index kRows = 1024;          ///< coded together
constexpr int kMostBundledBins = 127;  ///< of a column in a bundle: two of them must fit
constexpr size_t kTriedBundles = 100;  ///< that a column is compared with

/// The levels that get a bin, ascending: all, or the most frequent ones.
std::vector<int> kept_levels(const double* x, Index n, size_t levels, size_t max_bins) {
  std::vector<int> kept(levels);
  std::iota(kept.begin(), kept.end(), 0);
  if (levels <= max_bins) return kept;
  std::vector<Index> rows(levels, 0);
  for (Index i = 0; i < n; ++i)
    if (!std::isnan(x[i])) ++rows[static_cast<size_t>(x[i])];
  std::stable_sort(kept.begin(), kept.end(),
                   [&](int a, int b) { return rows[static_cast<size_t>(a)] > rows[static_cast<size_t>(b)]; });
  kept.resize(max_bins);
  std::sort(kept.begin(), kept.end());
  return kept;
}

}  // namespace

std::vector<double> quantile_cuts(const double* x, const std::vector<int>& rows, const double* weight, int max_bins) {
  const std::vector<tree::Entry> sorted = tree::sort_column(x, rows);
  std::vector<double> value, mass;
  double left = 0;
  for (size_t i = 0; i < sorted.size() && sorted[i].rank != tree::kMissing; ++i) {
    if (i == 0 || sorted[i].rank != sorted[i - 1].rank) {
      value.push_back(x[sorted[i].row]);
      mass.push_back(0);
    }
    const double w = weight ? weight[sorted[i].row] : 1.0;
    mass.back() += w;
    left += w;
  }
  std::vector<double> cuts;
  const bool all = value.size() <= static_cast<size_t>(max_bins);
  double held = 0;
  for (size_t v = 0; v + 1 < value.size(); ++v) {
    const int bins_left = max_bins - static_cast<int>(cuts.size());
    if (!all && bins_left <= 1) break;
    held += mass[v];
    if (!all && held < left / bins_left) continue;
    cuts.push_back(tree::midpoint(value[v], value[v + 1]));
    left -= held;
    held = 0;
  }
  return cuts;
}

std::vector<std::vector<double>> quantile_cuts(const BoostData& data, const std::vector<int>& rows,
                                               const Vector& weight, int max_bins, Rng rng, int threads) {
  const std::vector<int> drawn = draw(rows, static_cast<double>(kDrawn) / static_cast<double>(rows.size()), rng);
  std::vector<std::vector<double>> cuts(data.columns.size());
  parallel_for(threads, data.X.cols(), grain_of(data.X.rows()), [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f)
      if (!data.columns[static_cast<size_t>(f)].categorical())
        cuts[static_cast<size_t>(f)] =
            quantile_cuts(data.X.col(f).data(), drawn, weight.size() ? weight.data() : nullptr, max_bins);
  });
  return cuts;
}

BinTable::BinTable(const BoostData& data, std::vector<std::vector<double>> cuts, bool bundle, int threads)
    : rows_(data.X.rows()),
      bins_(static_cast<size_t>(data.X.cols())),
      group_(bins_.size()),
      commonest_(bins_.size(), -1),
      first_slot_(bins_.size(), 0),
      cuts_(std::move(cuts)),
      level_of_(bins_.size()),
      bin_of_level_(bins_.size()) {
  for (size_t f = 0; f < bins_.size(); ++f) {
    const size_t levels = data.columns[f].levels.size();
    if (levels == 0) {
      bins_[f] = static_cast<int>(cuts_[f].size()) + 1;
      cuts_[f].push_back(std::numeric_limits<double>::max());
      continue;
    }
    level_of_[f] = kept_levels(data.X.col(static_cast<Index>(f)).data(), rows_, levels, kBins - 1);
    bins_[f] = static_cast<int>(level_of_[f].size());
    bin_of_level_[f].assign(levels, static_cast<uint8_t>(bins_[f]));
    for (size_t b = 0; b < level_of_[f].size(); ++b)
      bin_of_level_[f][static_cast<size_t>(level_of_[f][b])] = static_cast<uint8_t>(b);
  }
  groups_ = static_cast<int>(bins_.size());
  std::iota(group_.begin(), group_.end(), 0);
  if (bundle) find_bundles(data, threads);
  const Index stride = groups_;
  codes_.assign(static_cast<size_t>(rows_ * stride), 0);
  parallel_for(threads, rows_, kRows, [&](Index begin, Index end) {
    std::array<uint8_t, kRows> own;
    for (int f = 0; f < static_cast<int>(bins_.size()); ++f) {
      uint8_t* code = codes_.data() + begin * stride + group(f);
      if (!bundled(f)) {
        code_rows(data, begin, end, f, code, stride);
        continue;
      }
      code_rows(data, begin, end, f, own.data(), 1);
      for (Index i = 0; i < end - begin; ++i)
        if (const int at = slot(f, own[static_cast<size_t>(i)]); at >= 0) code[i * stride] = static_cast<uint8_t>(at);
    }
  });
}

void BinTable::code_rows(const BoostData& data, Index begin, Index end, Index f, uint8_t* code, Index stride) const {
  const double* x = data.X.col(f).data();
  const std::vector<uint8_t>& of_level = bin_of_level_[static_cast<size_t>(f)];
  const int bins = bins_[static_cast<size_t>(f)];
  if (of_level.empty())
    return find_bins(x + begin, end - begin, cuts_[static_cast<size_t>(f)].data(), bins, code, stride);
  for (Index i = begin; i < end; ++i, code += stride)
    *code = std::isnan(x[i]) ? static_cast<uint8_t>(bins) : of_level[static_cast<size_t>(x[i])];
}

/// Greedily, columns of most rows off their commonest bin first, each into the first bundle it does not meet [Ke2017, Alg. 3].
void BinTable::find_bundles(const BoostData& data, int threads) {
  const size_t d = bins_.size();
  std::vector<int> commonest(d, -1);
  std::vector<Index> off(d, 0);
  std::vector<std::vector<uint64_t>> is_off(d);  // a bit a row
  parallel_for(threads, static_cast<Index>(d), grain_of(rows_), [&](Index begin, Index end) {
    std::vector<uint8_t> code;
    for (size_t f = static_cast<size_t>(begin); f < static_cast<size_t>(end); ++f) {
      if (bins_[f] > kMostBundledBins) continue;
      code.resize(static_cast<size_t>(rows_));
      code_rows(data, 0, rows_, static_cast<Index>(f), code.data(), 1);
      std::array<Index, kBins> count{};
      for (const uint8_t c : code) ++count[c];
      const auto most = std::max_element(count.begin(), count.end());
      off[f] = rows_ - *most;
      if (2 * off[f] > rows_) continue;
      commonest[f] = static_cast<int>(most - count.begin());
      is_off[f].assign(static_cast<size_t>(rows_ + 63) / 64, 0);
      for (size_t i = 0; i < code.size(); ++i)
        is_off[f][i / 64] |= static_cast<uint64_t>(code[i] != commonest[f]) << (i % 64);
    }
  });
  std::vector<size_t> order(d);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return off[a] > off[b]; });
  struct Bundle {
    std::vector<size_t> columns;
    std::vector<uint64_t> is_off;
    int slots = 1;
  };
  std::vector<Bundle> bundles;
  for (const size_t f : order) {
    if (commonest[f] < 0) continue;
    const auto meets = [&](const Bundle& b) {
      if (b.slots + bins_[f] > kBins) return true;
      for (size_t w = 0; w < b.is_off.size(); ++w)
        if (b.is_off[w] & is_off[f][w]) return true;
      return false;
    };
    size_t to = bundles.size() > kTriedBundles ? bundles.size() - kTriedBundles : 0;
    while (to < bundles.size() && meets(bundles[to])) ++to;
    if (to == bundles.size()) bundles.push_back({{}, std::vector<uint64_t>(is_off[f].size(), 0), 1});
    Bundle& bundle = bundles[to];
    bundle.columns.push_back(f);
    first_slot_[f] = bundle.slots;
    bundle.slots += bins_[f];  // all but the commonest, and the missing one
    for (size_t w = 0; w < is_off[f].size(); ++w) bundle.is_off[w] |= is_off[f][w];
  }
  groups_ = 0;
  std::fill(group_.begin(), group_.end(), -1);
  for (const Bundle& bundle : bundles) {
    if (bundle.columns.size() < 2) continue;
    for (const size_t f : bundle.columns) {
      group_[f] = groups_;
      commonest_[f] = commonest[f];
    }
    ++groups_;
  }
  for (int& group : group_)
    if (group < 0) group = groups_++;
}

}  // namespace assay::boosting
