// ml/svm/cache.h: the rows of the kernel matrix asked for last, within a budget of memory.
//
// Shapes     a row holds k(x_i, x_j) for the active positions j = 0 .. active-1, padded to kLanes, as float
// Guarantees values do not depend on the budget, nor on which rows were asked for before
// Cost       `bytes` of memory at most (but room for three rows), touched only when used; asking O(1), or one row of the matrix
// See        [Joachims1998] sec. 11.4 (caching, least recently used first out); [Chang2011] sec. 5.2
#pragma once
#include <memory>
#include <vector>

#include "assay/ml/svm/kernel.h"

namespace assay::svm {

/// Memory for rows that one problem after another may use, so that its pages are fetched once.
class CacheMemory {
 public:
  /// At least so many floats; what they hold is lost.
  float* get(size_t floats);

 private:
  std::unique_ptr<float[]> floats_;
  size_t size_ = 0;
};

class KernelCache {
 public:
  KernelCache(KernelRows& rows, double bytes, CacheMemory& memory);
  /// Row i; it stays where it is until the next call but one. Where it has to be computed and so has `companion` (-1: none),
  /// both are, in one pass over the table.
  const float* row(Index i, Index companion = -1);
  /// Position t is now what order[t] was, and only the first `active` count from now on; order swaps pairs of
  /// positions, one of each pair below `active` and the other above.
  /// Also reorders the kernel rows.
  void shrink(const std::vector<int>& order, Index active);
  /// All positions count again; what is known of a row is kept.
  void restore();
  Index active() const { return active_; }
  long computed() const { return computed_; }  ///< rows, counted by their length in `n`

 private:
  float* slot(Index s) { return memory_ + s * stride_; }
  bool complete(Index i) const;
  Index take_slot(Index i);
  void unlink(Index s);
  void make_recent(Index s);
  void set_stride();
  void exchange(const std::vector<int>& order, Index active);
  void squeeze(const std::vector<int>& order, Index active);
  void compute(const Index* i, int count);

  KernelRows& rows_;
  float* memory_ = nullptr;
  size_t floats_ = 0;
  Index n_, active_, stride_ = 0, slots_ = 0;
  std::vector<Index> slot_of_;          ///< of each position; -1
  std::vector<Index> row_in_, valid_;   ///< of each slot: its position (-1: free), how many values are known
  std::vector<Index> previous_, next_;  ///< slots by age; slot count_ is the ring's head: next_ of it is the oldest
  Index head_ = 0;
  long computed_ = 0;
};

}  // namespace assay::svm
