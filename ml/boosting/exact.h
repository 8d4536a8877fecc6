// ml/boosting/exact.h: exact greedy search: every boundary between two values that the node has.
//
// Cost     O(d n log n) to sort once for all trees, O(d n) a level; 16 bytes a cell
// See      [Chen2016] Alg. 1 and 3; [Mehta1996] sec. 3 (presorted lists)
#pragma once
#include "assay/ml/boosting/scan.h"
#include "assay/ml/tree/presort.h"

namespace assay::boosting {

class ExactFinder final : public SplitFinder {
 public:
  ExactFinder(const BoostData& data, const Regularization& r, int threads);
  void begin_tree(const std::vector<Gradient>& gradients, const std::vector<int>& rows) override;
  Sums total() const override { return total_; }
  void open(GrowingNode&) override {}
  void divide(GrowingNode& parent, const GrowingNode& l, const GrowingNode& r, GrowingNode* left, GrowingNode* right,
              const uint8_t* side) override;
  void find(std::span<GrowingNode* const> nodes) override;
  std::vector<Offer> offers(const GrowingNode& node, int f) const override;

 private:
  bool categorical(int f) const { return data_.columns[static_cast<size_t>(f)].categorical(); }
  /// The readable form: one bucket a value (or level) of the node.
  Buckets buckets(const GrowingNode& node, int f) const;
  BoostSplit best_threshold(const GrowingNode& node, int f) const;

  const BoostData& data_;
  const Regularization& r_;
  int threads_;
  std::vector<std::vector<tree::Entry>> sorted_;  ///< every column's rows by value, of the whole table
  std::vector<std::vector<tree::Entry>> lists_;   ///< the tree's rows; a node has the same range in all of them
  const std::vector<Gradient>* gradients_ = nullptr;
  const std::vector<int>* rows_ = nullptr;
  Sums total_;
};

}  // namespace assay::boosting
