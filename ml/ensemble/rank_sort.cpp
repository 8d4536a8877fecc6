#include "assay/ml/ensemble/rank_sort.h"

#include <algorithm>
#include <bit>

namespace assay::ensemble {
namespace {

constexpr size_t kInsertion = 24;  ///< so many keys are sorted by insertion
constexpr uint32_t kDeepBucket = 32;

void insertion_sort(uint64_t* keys, size_t n) {
  for (size_t i = 1; i < n; ++i) {
    const uint64_t key = keys[i];
    size_t j = i;
    for (; j > 0 && keys[j - 1] > key; --j) keys[j] = keys[j - 1];
    keys[j] = key;
  }
}

}  // namespace

void sort_keys(std::vector<uint64_t>& keys, size_t n, uint32_t lo, uint32_t hi, std::vector<uint64_t>& spare,
               std::vector<uint32_t>& start) {
  if (n <= kInsertion) return insertion_sort(keys.data(), n);
  const uint32_t range = hi - lo;
  const int shift = std::max(0, static_cast<int>(std::bit_width(range)) - static_cast<int>(std::bit_width(n)) - 1);
  const size_t buckets = (range >> shift) + 1;
  start.assign(buckets + 1, 0);
  const auto bucket = [&](uint64_t key) { return (rank_of(key) - lo) >> shift; };
  for (size_t i = 0; i < n; ++i) ++start[bucket(keys[i]) + 1];
  uint32_t deepest = 0;
  for (size_t b = 1; b <= buckets; ++b) {
    deepest = std::max(deepest, start[b]);
    start[b] += start[b - 1];
  }
  if (spare.size() < n) spare.resize(n);
  for (size_t i = 0; i < n; ++i) spare[start[bucket(keys[i])]++] = keys[i];
  keys.swap(spare);
  if (shift == 0) return;  // start[b] is now where bucket b ends; keys of equal rank stand in the order of the rows
  if (deepest <= kDeepBucket) return insertion_sort(keys.data(), n);
  for (size_t b = 0; b < buckets; ++b) {
    const size_t begin = b == 0 ? 0 : start[b - 1];
    if (start[b] - begin > 1)
      std::sort(keys.begin() + static_cast<ptrdiff_t>(begin), keys.begin() + static_cast<ptrdiff_t>(start[b]));
  }
}

}  // namespace assay::ensemble
