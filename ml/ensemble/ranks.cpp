#include "assay/ml/ensemble/ranks.h"

#include <numeric>

#include "assay/core/grain.h"
#include "assay/ml/tree/presort.h"

namespace assay::ensemble {
namespace {

RankedColumn rank_column(const double* x, const std::vector<int>& rows) {
  const std::vector<tree::Entry> sorted = tree::sort_column(x, rows);
  RankedColumn column;
  for (size_t i = 0; i < sorted.size() && sorted[i].rank != tree::kMissing; ++i)
    if (i == 0 || sorted[i].rank != sorted[i - 1].rank) column.value.push_back(x[sorted[i].row]);
  const auto fill = [&](auto& ranks) {
    using Rank = typename std::decay_t<decltype(ranks)>::value_type;
    ranks.resize(rows.size());
    for (const tree::Entry& e : sorted)
      ranks[e.row] = static_cast<Rank>(e.rank == tree::kMissing ? column.value.size() : e.rank);
  };
  column.missing = !sorted.empty() && sorted.back().rank == tree::kMissing;
  if (column.value.size() < 256)
    fill(column.tiny);
  else if (column.value.size() < 65536)
    fill(column.narrow);
  else
    fill(column.wide);
  return column;
}

}  // namespace

void RankedColumn::sort_rows() {
  order.clear();
  if (missing || value.empty()) return;
  with_ranks([&](const auto* ranks) {
    const size_t n = std::max({tiny.size(), narrow.size(), wide.size()});
    std::vector<uint32_t> start(value.size() + 1, 0);
    for (size_t i = 0; i < n; ++i) ++start[ranks[i] + 1];
    for (size_t r = 1; r <= value.size(); ++r) start[r] += start[r - 1];
    order.resize(n);
    for (size_t i = 0; i < n; ++i) order[start[ranks[i]]++] = static_cast<uint64_t>(ranks[i]) << 32 | i;
  });
}

std::vector<RankedColumn> rank_columns(const Columns& X, const std::vector<Column>& columns, int threads) {
  std::vector<int> rows(static_cast<size_t>(X.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  std::vector<RankedColumn> ranked(columns.size());
  parallel_for(threads, X.cols(), grain_of(X.rows()), [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f)
      if (!columns[static_cast<size_t>(f)].categorical())
        ranked[static_cast<size_t>(f)] = rank_column(X.col(f).data(), rows);
  });
  return ranked;
}

}  // namespace assay::ensemble
