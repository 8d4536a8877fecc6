// features/hough/binning_kernels.cpp
#include "assay/features/hough/binning_kernels.h"

namespace assay::hough {

void bins_of(const int* __restrict x, const int* __restrict y, size_t n, int c, int s, int start, int fraction,
             int* __restrict bin) {
  for (size_t i = 0; i < n; ++i) bin[i] = (x[i] * c + y[i] * s + start) >> fraction;
}

// Pixels far apart in turn: neighbours often vote for the same bin and would wait for each other.
void count_votes(const int* __restrict bin, size_t n, int by, uint16_t* __restrict row) {
  constexpr size_t kParts = 8;
  const size_t part = n / kParts;
  const auto more = static_cast<uint16_t>(by);  // -1 too: modulo 2^16
  const auto count = [&](int b) { row[b] = static_cast<uint16_t>(row[b] + more); };
  for (size_t i = 0; i < part; ++i)
    for (size_t k = 0; k < kParts; ++k) count(bin[i + k * part]);
  for (size_t i = kParts * part; i < n; ++i) count(bin[i]);
}

template <class Votes>
int most_votes(const Votes* row, size_t n) {
  Votes most = 0;
#pragma omp simd reduction(max : most)
  for (size_t i = 0; i < n; ++i) most = row[i] > most ? row[i] : most;
  return most;
}
template int most_votes(const int*, size_t);
template int most_votes(const uint16_t*, size_t);

}  // namespace assay::hough
