// ml/ensemble/out_of_bag.h: bootstrap samples, and what can be learned from the rows a tree has not drawn.
//
// Guarantees  the rows in a bag and those out of it are all rows of positive weight; the same for any number of threads
// Cost        score: a tree's out-of-bag rows are divided with those in its bag; n K sums; permutation importance: one more for each column the tree asks
// See         [Breiman2001] sec. 3.1 (out-of-bag estimates), sec. 10 (importance)
#pragma once
#include "assay/ml/ensemble/forest.h"
#include "assay/ml/ensemble/grow_packed.h"

namespace assay::ensemble {

/// One bit a row.
class RowSet {
 public:
  explicit RowSet(Index n = 0) : bits_(static_cast<size_t>(n + 63) / 64, 0) {}
  void add(Index i) { bits_[static_cast<size_t>(i) / 64] |= uint64_t{1} << (i % 64); }
  bool has(Index i) const { return bits_[static_cast<size_t>(i) / 64] >> (i % 64) & 1; }

 private:
  std::vector<uint64_t> bits_;
};

/// `draws` rows drawn with replacement from those of positive weight; draws == 0: all of them, once.
Bag draw_bag(const Samples& samples, Index draws, Rng rng);

/// The sums of what trees say of rows they have not drawn.
class OutOfBagVotes {
 public:
  OutOfBagVotes(const Samples& samples, const Target& target);
  /// Trees one after the other, in their order.
  void add(const PackedTree& tree, const std::vector<RowAtLeaf>& rows);
  double error(int threads) const;  ///< of the trees so far, on rows that one of them has not drawn
  int rows() const;

 private:
  const Samples& samples_;
  const Target& target_;
  size_t width_;
  std::vector<double> votes_;  ///< n x K, or n x 1
  std::vector<int> voters_;
};

/// For each column: how much the loss of one tree on its out-of-bag rows grows when the column's cells are shuffled among
/// them (0 where the tree does not ask about it, or has no such rows).
std::vector<double> shuffled_losses(const PackedTree& tree, const RowSet& out, const Samples& samples,
                                    const Target& target, const std::vector<bool>& categorical, Rng rng);

}  // namespace assay::ensemble
