// imgproc/segment/runs_internal.h: where runs of white (values above 0) begin and end in a row; bytes eight at a time.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace assay::runs {

inline uint64_t eight_bytes(const uint8_t* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// The first x >= from with row[x] > 0, or n.
template <class T>
int next_white(const T* row, int from, int n) {
  int x = from;
  if constexpr (std::is_same_v<T, uint8_t>)
    for (; x + 8 <= n; x += 8)
      if (const uint64_t word = eight_bytes(row + x)) return x + std::countr_zero(word) / 8;
  while (x < n && !(row[x] > 0)) ++x;
  return x;
}

/// The first x >= from with row[x] not above 0, or n.
template <class T>
int next_black(const T* row, int from, int n) {
  int x = from;
  if constexpr (std::is_same_v<T, uint8_t>)
    for (; x + 8 <= n; x += 8) {
      const uint64_t word = eight_bytes(row + x), low = 0x0101010101010101, high = low << 7;
      if (const uint64_t zeros = (word - low) & ~word & high) return x + std::countr_zero(zeros) / 8;
    }
  while (x < n && row[x] > 0) ++x;
  return x;
}

/// run(begin, end) for each run of white.
template <class T, class Run>
void for_each(const T* row, int n, Run&& run) {
  for (int x = next_white(row, 0, n); x < n;) {
    const int end = next_black(row, x, n);
    run(x, end);
    x = next_white(row, end, n);
  }
}

}  // namespace assay::runs
