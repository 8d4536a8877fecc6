#include "assay/imgproc/histogram/count_kernels.h"

#include <cstring>

namespace assay {

void count_pairs(const uint8_t* a, const uint8_t* b, int n, uint32_t* __restrict pairs, uint32_t* __restrict counts) {
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t eight_a, eight_b;
    std::memcpy(&eight_a, a + i, 8);
    std::memcpy(&eight_b, b + i, 8);
    for (int k = 0; k < 64; k += 16) {
      ++pairs[eight_a >> k & 65535];
      ++pairs[eight_b >> k & 65535];
    }
  }
  for (; i < n; ++i) {
    ++counts[a[i]];
    ++counts[b[i]];
  }
}

void add_pairs(const uint32_t* pairs, uint32_t* __restrict counts) {
  for (int first = 0; first < 256; ++first) {
    const uint32_t* row = pairs + 256 * first;
    uint32_t sum = 0;
    for (int second = 0; second < 256; ++second) {
      sum += row[second];
      counts[second] += row[second];
    }
    counts[first] += sum;
  }
}

}  // namespace assay
