// ml/cluster/exact_sums.h: the sums of the rows of each cluster, whose bits do not depend on the order of the rows.
//
//   v = hi + lo + r,   hi a multiple of q1,   lo a multiple of q2,   |r| <= q2 / 2                                  (1)
//
// Every number v = w_i x_if is cut in two on grids so coarse that adding up all the hi, and all the lo, is exact. So rows
// may come and go in any order, one by one or in parts: the sum is a function of the set of rows alone. It is closer to
// the true sum than adding one after the other: r is below 2^-(104 - 2 log2 n) of the column's sum of absolute values.
//
// Requires  |x| <= 1e150; at most n rows at a time, each at most once (the rows the grid was made from)
// See       [Demmel2013] sec. 4 (pre-rounding with two bins)
#pragma once
#include <vector>

#include "assay/ml/data/samples.h"

namespace assay::kmeans {

/// The rounding constants of each column, and of the weights in the last place.
struct SumGrid {
  std::vector<double> coarse, fine;  ///< adding and subtracting one rounds to a multiple of q1, q2
  SumGrid(const Samples& samples, int threads);
};

class ExactSums {
 public:
  ExactSums(const SumGrid& grid, Index clusters);
  void add(Index c, const double* x, double w) { accumulate(c, x, w); }
  void remove(Index c, const double* x, double w) { accumulate(c, x, -w); }
  void merge(const ExactSums& other);
  double weight(Index c) const { return total(c, d_); }
  /// Requires weight(c) > 0.
  void mean(Index c, double* out) const;

 private:
  void accumulate(Index c, const double* x, double w);
  double total(Index c, Index f) const {
    const size_t at = static_cast<size_t>(c * (d_ + 1) + f);
    return hi_[at] + lo_[at];
  }
  const SumGrid* grid_;
  Index d_;
  std::vector<double> hi_, lo_;  ///< k x (d + 1), the weight last
};

}  // namespace assay::kmeans
