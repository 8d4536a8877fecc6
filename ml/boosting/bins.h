// ml/boosting/bins.h: every column in at most 255 bins, one byte a cell, row by row.
//
//   A numeric column with no more distinct values than bins gets one bin a value; else bins of about equal weight, cut halfway
//   between neighbouring values. A level is a bin. Missing is the bin after a column's last one.
//
//   Columns that are never off their commonest bin together ("exclusive") can share one byte: bin 0 where all of them are at their
//   commonest, else the bin of the one that is not, moved up by what the others take [Ke2017, Alg. 3 and 4]. Nothing is lost: the sums
//   of a commonest bin are the node's sums less those of the others.
//
// Cost     O(d m log m) for the cuts, m = min(n, 2^18) rows drawn from all; O(n d log bins) for the codes; 1 byte a cell
// Departures from the paper: [Chen2016] bins by weighted quantiles with the hessians as weights, anew each round (approximate.h);
//          here once, by the rows' own weights, as [Ke2017] does. Of a column with more than 255 levels the rarest count as missing.
//          Bundles allow no conflict at all (the paper: a small share), and only columns that are at their commonest bin in at least
//          half of the rows are tried.
#pragma once
#include <cstdint>
#include <vector>

#include "assay/ml/boosting/boost_tree.h"

namespace assay::boosting {

/// Boundaries between the bins of one numeric column, ascending: x belongs to the first bin whose boundary is >= x, or the last.
/// `x` may hold NaN, which is left out; `weight` may be null.
std::vector<double> quantile_cuts(const double* x, const std::vector<int>& rows, const double* weight, int max_bins);
/// The same for every numeric column (empty for the others), on some of `rows`, drawn by `rng`, where they are many.
std::vector<std::vector<double>> quantile_cuts(const BoostData& data, const std::vector<int>& rows,
                                               const Vector& weight, int max_bins, Rng rng, int threads);

class BinTable {
 public:
  /// `cuts`: at most 254 for every numeric column.
  BinTable(const BoostData& data, std::vector<std::vector<double>> cuts, bool bundle, int threads);

  Index rows() const { return rows_; }
  int groups() const { return groups_; }                           ///< bytes a row: columns, or bundles of columns
  int bins(int f) const { return bins_[static_cast<size_t>(f)]; }  ///< present ones; bin number bins(f): missing
  double upper(int f, int bin) const { return cuts_[static_cast<size_t>(f)][static_cast<size_t>(bin)]; }
  int level(int f, int bin) const { return level_of_[static_cast<size_t>(f)][static_cast<size_t>(bin)]; }
  const uint8_t* codes() const { return codes_.data(); }  ///< rows() x groups(), by rows
  int group(int f) const { return group_[static_cast<size_t>(f)]; }
  bool bundled(int f) const { return commonest_[static_cast<size_t>(f)] >= 0; }
  /// Where bin b of column f, or its missing bin, is counted in its group; -1: the commonest bin of a bundled column.
  int slot(int f, int b) const {
    const size_t i = static_cast<size_t>(f);
    if (commonest_[i] < 0) return b;
    return b == commonest_[i] ? -1 : first_slot_[i] + b - (b > commonest_[i]);
  }

 private:
  void find_bundles(const BoostData& data, int threads);
  void code_rows(const BoostData& data, Index begin, Index end, Index f, uint8_t* code, Index stride) const;
  Index rows_;
  int groups_ = 0;
  std::vector<int> bins_;
  std::vector<int> group_, commonest_, first_slot_;  ///< of each column; commonest_ -1: alone in its group
  std::vector<std::vector<double>> cuts_;            ///< numeric: the last is the greatest number
  std::vector<std::vector<int>> level_of_;           ///< categorical: level of each bin
  std::vector<std::vector<uint8_t>> bin_of_level_;
  std::vector<uint8_t> codes_;
};

}  // namespace assay::boosting
