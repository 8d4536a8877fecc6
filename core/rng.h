// core/rng.h: counter-based random numbers, keyed by seed and stream (Philox4x32-10).
//
// Number i of stream s under seed k is a pure function of (k, s, i): tree t draws from stream t, and any thread count
// gives the same bytes. Distributions are our own, since those of <random> differ between libraries.
//
// See  [Salmon2011] sec. 3.3 and table 2 (10 rounds); [Lemire2019] for `below`; [BoxMuller1958] for `normal`.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace assay {

/// One block of Philox4x32-10: 128 bits of counter, 64 bits of key -> 128 random bits. [Salmon2011, sec. 3.3]
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

class Rng {
 public:
  explicit Rng(uint64_t seed, uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  uint64_t next();   ///< 64 random bits
  double uniform();  ///< [0, 1), 53 bits
  double uniform(double lo, double hi) { return lo + (hi - lo) * uniform(); }
  uint64_t below(uint64_t n);  ///< 0..n-1 without bias; n >= 1
  double normal();             ///< mean 0, variance 1

  /// Fisher and Yates.
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }
  /// 0..n-1 in random order.
  std::vector<int> permutation(int n);

 private:
  uint64_t seed_, stream_, block_ = 0;
  std::array<uint64_t, 2> buffer_{};
  int left_ = 0;
  double spare_ = 0;
  bool has_spare_ = false;
};

/// Mixes a word into a stream number: the streams of ctx.child("tree", 3) and ctx.child("fold", 3) differ.
uint64_t mix_stream(uint64_t stream, const char* name, uint64_t index);

}  // namespace assay
