// ml/tree/counted.h: columns of few distinct values, counted instead of sorted.
//
// Such a column keeps each row's rank. A table of counts, ranks x classes, says of a node all that a split by the column
// needs, and is had in one pass over the node's rows, in any order, with nothing to divide below; a child's table is the
// parent's less its sibling's. Where a node has fewer rows than the table has work, its rows are sorted by counting.
//
// Where values are grown, the sums of few ranks take the place of the table.
//
// Cost     n a node for each column, or ranks x classes / 8 where the sibling was counted; 3 bytes a cell
#pragma once
#include <cstdint>
#include <vector>

#include "assay/ml/tree/presort.h"

namespace assay::tree {

/// Ranks of a column by row; missing cells have rank `distinct`. Empty: there are more than kFewValues of them.
struct FewValues {
  std::vector<uint8_t> rank;
  std::vector<double> value;  ///< of each rank
  int distinct = 0;
  bool missing = false;
};
inline constexpr int kFewValues = 255;
inline constexpr int kFewSums = 16;  ///< measured: 64 and 200 gain nothing more

/// x: n cells; the ranks of `rows` are set. `most` is at most kFewValues.
FewValues few_values(const double* x, Index n, const std::vector<int>& rows, int most = kFewValues);

/// The columns of few values of a problem of classes without weights, and their tables; or those of a problem of values, where
/// there are no tables.
class CountedColumns {
 public:
  CountedColumns() = default;
  CountedColumns(const Problem& p, const std::vector<int>& rows, int threads);

  bool has(int f) const { return !columns_.empty() && columns_[static_cast<size_t>(f)].values.distinct > 0; }
  bool any() const { return cells_ > 0; }
  int distinct(int f) const { return at(f).values.distinct; }
  bool missing(int f) const { return at(f).values.missing; }
  int padded() const { return padded_; }  ///< classes of a row of a table: padded_classes(K)

  const uint8_t* ranks(int f) const { return at(f).values.rank.data(); }
  /// How many ranks go left of a threshold.
  int ranks_left(int f, double threshold) const;

  /// Numbers in the tables of all columns; where that of f begins. A table has a row a rank, and one of missing cells.
  size_t cells() const { return cells_; }
  size_t begin(int f) const { return at(f).begin; }
  size_t size(int f) const { return static_cast<size_t>((distinct(f) + 1) * padded_); }

  /// Whether a node of so many rows is cheaper by a table of `size` numbers than by sorting.
  static bool worth_a_table(size_t size, int count) { return static_cast<size_t>(count) * kTableShare >= size; }
  /// Whether it should keep the tables of all columns.
  bool worth_keeping(int count) const;

  /// The table of f, or of all columns, for these rows; `table` is zero before.
  void count_column(int f, const int* rows, int count, int* table) const;
  void count_all(const int* rows, int count, int* tables, int threads) const;

  /// The rows, ascending, as a sorted list of column f.
  void sort(int f, const int* rows, int count, std::vector<Entry>& list) const;

 private:
  static constexpr size_t kTableShare = 4;  // measured: a row sorted and walked costs as much as 8 numbers of a table
  struct Column {
    FewValues values;
    std::vector<uint16_t> cell;  ///< by row: place in the table
    size_t begin = 0;
  };
  const Column& at(int f) const { return columns_[static_cast<size_t>(f)]; }

  std::vector<Column> columns_;  ///< by column; no ranks where it has many values, or levels
  std::vector<int> counted_;     ///< those that have
  int padded_ = 0;
  size_t cells_ = 0;
};

}  // namespace assay::tree
