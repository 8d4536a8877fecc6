// ml/boosting/histogram.h: histogram search: every boundary between two bins.
//
//   A node's histogram holds, for every bin of every column, the sums of its rows' gradients and hessians. The smaller child's is
//   made from its rows, the larger one's is the parent's less that [Ke2017, sec. 2.1]. Gradients are rounded to 18 bits of the
//   greatest one, in steps of a power of two, so that sums are whole numbers: the difference is exact, and any order of the rows gives the same histogram.
//
// Cost     O(n d) to make the root's, less than half of that a level; 2 KB a column, or bundle, of every open node (4 KB above 16 384 rows)
// See      [Ke2017] sec. 2.1; [Shi2022] (gradients of few bits)
#pragma once
#include <array>
#include <deque>
#include <mutex>

#include "assay/ml/boosting/bins.h"
#include "assay/ml/boosting/histogram_kernels.h"
#include "assay/ml/boosting/scan.h"

namespace assay::boosting {

class HistogramFinder final : public SplitFinder {
 public:
  HistogramFinder(const BoostData& data, const BinTable& table, const Regularization& r, int threads);
  void begin_tree(const std::vector<Gradient>& gradients, const std::vector<int>& rows) override;
  Sums total() const override { return total_; }
  void open(GrowingNode& root) override;
  void divide(GrowingNode& parent, const GrowingNode& l, const GrowingNode& r, GrowingNode* left, GrowingNode* right,
              const uint8_t* side) override;
  void find(std::span<GrowingNode* const> nodes) override;
  void close(GrowingNode& node) override;
  std::vector<Offer> offers(const GrowingNode& node, int f) const override;

 private:
  /// `G` alone, packed, where the node has at most kPackedRows rows; else both.
  struct Histogram {
    std::vector<int64_t> G, H;
    bool packed() const { return H.empty(); }
  };
  int take_slot(Histogram h);
  Histogram& histogram(int slot);
  const Histogram& histogram(int slot) const;
  int threads_for(Index work) const;
  Histogram make(const GrowingNode& node);
  Histogram difference(Histogram parent, const Histogram& child, int count) const;
  /// The sums of a node's rows by the bins of one column, the missing one last.
  struct ColumnSums {
    std::array<int64_t, kBins> G, H;
    bool empty(int b) const { return G[static_cast<size_t>(b)] == 0 && H[static_cast<size_t>(b)] == 0; }
  };
  ColumnSums column_sums(const GrowingNode& node, int f) const;
  Sums real(int64_t G, int64_t H) const { return {static_cast<double>(G) * unit_g_, static_cast<double>(H) * unit_h_}; }
  Buckets buckets(const GrowingNode& node, int f) const;
  BoostSplit best_threshold(const GrowingNode& node, int f) const;
  bool categorical(int f) const { return data_.columns[static_cast<size_t>(f)].categorical(); }

  const BoostData& data_;
  const BinTable& table_;
  const Regularization& r_;
  int threads_;
  std::vector<int64_t> packed_;  ///< of every row
  double unit_g_ = 1, unit_h_ = 1;
  const std::vector<int>* rows_ = nullptr;
  Sums total_;
  std::deque<Histogram> slots_;
  std::vector<int> free_;
  mutable std::mutex slot_;  ///< guards the two
};

}  // namespace assay::boosting
