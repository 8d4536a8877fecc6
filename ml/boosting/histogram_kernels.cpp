// Method     rows in parts whose codes stay in the second-level cache; within a part eight columns at a time, whose sums (16 KB)
//            stay in the first-level cache; codes of rows ahead are fetched early
#include "assay/ml/boosting/histogram_kernels.h"

#include <algorithm>
#include <cmath>

namespace assay::boosting {
namespace {

constexpr int kPart = 2048, kGroup = 8, kAhead = 16;

template <int kColumns>
void add_group(const uint8_t* codes, Index stride, const int* rows, int count, const int64_t* p,
               int64_t* __restrict histogram) {
  for (int i = 0; i < count; ++i) {
    __builtin_prefetch(codes + static_cast<Index>(rows[i + kAhead < count ? i + kAhead : i]) * stride);
    const uint8_t* code = codes + static_cast<Index>(rows[i]) * stride;
    const int64_t here = p[i];
    for (int c = 0; c < kColumns; ++c) histogram[c * kBins + code[c]] += here;
  }
}

}  // namespace

void pack_gradients(const Gradient* __restrict gradient, int n, double scale_g, double scale_h, int64_t* __restrict p) {
  const float sg = static_cast<float>(scale_g), sh = static_cast<float>(scale_h);
#pragma omp simd
  for (int i = 0; i < n; ++i) {
    const int g = static_cast<int>(std::nearbyint(gradient[i].g * sg)),
              h = static_cast<int>(std::nearbyint(gradient[i].h * sh));
    p[i] = static_cast<int64_t>(g) * (int64_t{1} << 32) + h;
  }
}

void add_to_histogram(const uint8_t* codes, int groups, int begin, int end, const int* rows, int count,
                      const int64_t* p, int64_t* histogram) {
  using Add = void (*)(const uint8_t*, Index, const int*, int, const int64_t*, int64_t*);
  static constexpr Add add[kGroup + 1] = {nullptr,      add_group<1>, add_group<2>, add_group<3>, add_group<4>,
                                          add_group<5>, add_group<6>, add_group<7>, add_group<8>};
  int64_t ordered[kPart];
  for (int first = 0; first < count; first += kPart) {
    const int part = std::min(kPart, count - first);
    for (int i = 0; i < part; ++i) ordered[i] = p[rows[first + i]];
    for (int g = begin; g < end; g += kGroup)
      add[std::min(kGroup, end - g)](codes + g, groups, rows + first, part, ordered, histogram + g * kBins);
  }
}

void add_unpacked(const int64_t* __restrict packed, int n, int64_t* __restrict G, int64_t* __restrict H) {
#pragma omp simd
  for (int i = 0; i < n; ++i) {
    G[i] += packed_g(packed[i]);
    H[i] += packed_h(packed[i]);
  }
}

void find_bins(const double* x, Index n, const double* boundary, int bins, uint8_t* code, Index stride) {
  constexpr Index kLanes = 8;
  double padded[kBins];  // 255 boundaries and more: every search takes eight halvings
  std::copy_n(boundary, bins, padded);
  std::fill(padded + bins, padded + kBins, boundary[bins - 1]);
  int half = kBins / 2;
  while (half >= 2 * bins) half /= 2;
  for (Index first = 0; first < n; first += kLanes) {
    const Index lanes = std::min(kLanes, n - first);
    int at[kLanes] = {};
    for (int step = half; step > 0; step /= 2)
      for (Index l = 0; l < lanes; ++l) at[l] += padded[at[l] + step - 1] < x[first + l] ? step : 0;
    for (Index l = 0; l < lanes; ++l) {
      const double value = x[first + l];
      code[(first + l) * stride] = static_cast<uint8_t>(value != value ? bins : at[l]);
    }
  }
}

}  // namespace assay::boosting
