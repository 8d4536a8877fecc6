// ml/tree/counted.cpp
// Method   ranks: 1 number the distinct values as they come, in a small hash table   2 order the numbers by value
//          table: one increment a row
#include "assay/ml/tree/counted.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "assay/core/grain.h"
#include "assay/ml/tree/count_kernels.h"
#include "assay/ml/tree/numbering.h"

namespace assay::tree {
FewValues few_values(const double* x, Index n, const std::vector<int>& rows, int most) {
  constexpr uint8_t kNone = kFewValues;  // of a missing cell, for now
  FewValues out;
  out.rank.assign(static_cast<size_t>(n), 0);
  Numbering numbering(most);
  for (const int row : rows) {
    const int number = std::isnan(x[row]) ? kNone : numbering.of(x[row]);
    if (number < 0) return {};
    out.rank[static_cast<size_t>(row)] = static_cast<uint8_t>(number);
  }
  const std::vector<double>& values = numbering.values();
  if (values.empty()) return {};  // nothing but missing cells
  out.distinct = static_cast<int>(values.size());
  out.value = values;
  std::sort(out.value.begin(), out.value.end());
  std::array<uint8_t, kFewValues + 1> rank;  // of each number
  rank.fill(static_cast<uint8_t>(out.distinct));
  for (size_t j = 0; j < values.size(); ++j)
    rank[j] = static_cast<uint8_t>(std::lower_bound(out.value.begin(), out.value.end(), values[j]) - out.value.begin());
  for (const int row : rows) {
    uint8_t& r = out.rank[static_cast<size_t>(row)];
    out.missing |= r == kNone;
    r = rank[r];
  }
  return out;
}

CountedColumns::CountedColumns(const Problem& p, const std::vector<int>& rows, int threads)
    : padded_(padded_classes(p.K)) {
  columns_.resize(p.columns.size());
  parallel_for(threads, static_cast<Index>(columns_.size()), grain_of(p.X.rows()), [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f) {
      if (p.columns[static_cast<size_t>(f)].categorical()) continue;
      Column& c = columns_[static_cast<size_t>(f)];
      c.values = few_values(p.X.col(f).data(), p.X.rows(), rows, p.K > 0 ? kFewValues : kFewSums);
      if (p.K == 0) continue;
      if ((c.values.distinct + 1) * padded_ > std::numeric_limits<uint16_t>::max()) c.values = {};
      if (c.values.distinct == 0) continue;
      c.cell.resize(c.values.rank.size());
      for (const int row : rows)
        c.cell[static_cast<size_t>(row)] =
            static_cast<uint16_t>(c.values.rank[static_cast<size_t>(row)] * padded_ + p.code[row]);
    }
  });
  for (size_t f = 0; f < columns_.size(); ++f) {
    if (p.K == 0 || columns_[f].values.distinct == 0) continue;
    counted_.push_back(static_cast<int>(f));
    columns_[f].begin = cells_;
    cells_ += size(static_cast<int>(f));
  }
}

int CountedColumns::ranks_left(int f, double threshold) const {
  const std::vector<double>& value = at(f).values.value;
  return static_cast<int>(std::upper_bound(value.begin(), value.end(), threshold) - value.begin());
}

bool CountedColumns::worth_keeping(int count) const {
  return any() && static_cast<size_t>(count) * kTableShare * counted_.size() >= cells_;
}

void CountedColumns::count_column(int f, const int* rows, int count, int* table) const {
  const uint16_t* cell = at(f).cell.data();
  for (int i = 0; i < count; ++i) ++table[cell[rows[i]]];
}

void CountedColumns::count_all(const int* rows, int count, int* tables, int threads) const {
  const Index columns = static_cast<Index>(counted_.size());
  parallel_for(threads_for_steps(threads, static_cast<Index>(count) * columns), columns, 1,
               [&](Index begin, Index end) {
                 for (Index j = begin; j < end; ++j) {
                   const int f = counted_[static_cast<size_t>(j)];
                   count_column(f, rows, count, tables + this->begin(f));
                 }
               });
}

void CountedColumns::sort(int f, const int* rows, int count, std::vector<Entry>& list) const {
  const Column& c = at(f);
  const uint8_t* rank = c.values.rank.data();
  std::array<uint32_t, kFewValues + 2> start;
  std::fill_n(start.begin(), c.values.distinct + 2, 0u);
  for (int i = 0; i < count; ++i) ++start[static_cast<size_t>(rank[rows[i]]) + 1];
  for (int r = 0; r < c.values.distinct; ++r) start[static_cast<size_t>(r) + 1] += start[static_cast<size_t>(r)];
  list.resize(static_cast<size_t>(count));
  const uint32_t missing = static_cast<uint32_t>(c.values.distinct);
  for (int i = 0; i < count; ++i) {
    const uint32_t r = rank[rows[i]];
    list[start[r]++] = {r == missing ? kMissing : r, static_cast<uint32_t>(rows[i])};
  }
}

}  // namespace assay::tree
