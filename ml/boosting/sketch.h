// ml/boosting/sketch.h: quantiles of a stream of weighted values, in little memory.
//
//   A summary holds some of the values x_1 < ... < x_k, with bounds of their ranks: r_lo(x_i) is at most the weight of all values
//   below x_i, r_hi(x_i) at least the weight of all values up to x_i, w(x_i) at most the weight of x_i itself. Two summaries can be
//   merged without loss; one can be pruned to b + 1 values, which adds W / b to the error of a rank, W the total weight.
//
// Guarantees the rank of a value that `query(d)` gives is within `error` * W of d
// Cost       O(log b) a value; memory O(b log(n / b))
// See        [Chen2016] appendix A (weighted quantile sketch, merge and prune); [Greenwald2001]
#pragma once
#include <cstddef>
#include <vector>

namespace assay::boosting {

class QuantileSketch {
 public:
  /// For up to `n` values.
  QuantileSketch(double error, double n);

  void add(double value, double weight);  ///< weight > 0
  /// No more values come.
  void finish();

  struct Entry {
    double value, r_lo, r_hi, w;
  };
  const std::vector<Entry>& summary() const { return summary_; }
  double weight() const { return summary_.empty() ? 0 : summary_.back().r_hi; }
  /// The place in the summary of a value whose rank is near d. [Chen2016, appendix A.2, Alg. 4]
  size_t query(double d) const;

 private:
  void flush();

  size_t size_;  ///< b of a prune, and the values that are gathered before they become a summary
  std::vector<std::pair<double, double>> gathered_;
  std::vector<std::vector<Entry>> level_;  ///< level_[l]: of 2^l batches, or empty
  std::vector<Entry> summary_;
};

}  // namespace assay::boosting
