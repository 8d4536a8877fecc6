// ml/boosting/approximate.h: approximate search: the candidates are quantiles of the columns, the rows weighted by their hessians,
// proposed anew for every tree.
//
//   Between two candidates lies about eps of a column's weight: a row counts by its hessian, since the loss of a round is a
//   weighted squared error with weights h_i and targets -g_i / h_i [Chen2016, sec. 3.3].
//
// Cost     O(n d log(1 / eps)) a tree for the candidates, O(n d) a level; 1 byte a cell
// See      [Chen2016] Alg. 2, appendix A; sketch.h
#pragma once
#include <optional>

#include "assay/ml/boosting/bins.h"
#include "assay/ml/boosting/scan.h"

namespace assay::boosting {

/// Candidates of one column: boundaries between neighbouring values of its sketch.
std::vector<double> sketch_cuts(const double* x, const std::vector<int>& rows, const std::vector<Gradient>& gradients,
                                int max_bins);

class ApproximateFinder final : public SplitFinder {
 public:
  ApproximateFinder(const BoostData& data, int max_bins, const Regularization& r, int threads)
      : data_(data), max_bins_(max_bins), r_(r), threads_(threads) {}
  void begin_tree(const std::vector<Gradient>& gradients, const std::vector<int>& rows) override;
  Sums total() const override { return total_; }
  void open(GrowingNode&) override {}
  void divide(GrowingNode&, const GrowingNode&, const GrowingNode&, GrowingNode*, GrowingNode*,
              const uint8_t*) override {}
  void find(std::span<GrowingNode* const> nodes) override;
  std::vector<Offer> offers(const GrowingNode& node, int f) const override;

 private:
  Buckets buckets(const GrowingNode& node, int f) const;

  const BoostData& data_;
  int max_bins_;
  const Regularization& r_;
  int threads_;
  std::optional<BinTable> table_;
  const std::vector<Gradient>* gradients_ = nullptr;
  const std::vector<int>* rows_ = nullptr;
  Sums total_;
};

}  // namespace assay::boosting
