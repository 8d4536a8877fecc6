#include "assay/imgproc/filter/integral_kernels.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__AVX512BW__) && defined(__AVX512VNNI__)
#define ASSAY_BYTE_SUMS 1
#include <immintrin.h>
#endif

namespace assay {

namespace {

#ifdef ASSAY_BYTE_SUMS

// Sixteen running sums are a lower triangle of ones times sixteen bytes; with C channels, of every C-th one. An instruction sums
// four products in each of sixteen lanes: four of them make the product with the triangle, four columns each.
constexpr int kLanes = 16;
template <int C>
inline constexpr int kStep = kLanes / C* C;  // whole pixels

template <int C>
constexpr auto kTriangle = [] {
  std::array<std::array<int8_t, 4 * kLanes>, 4> ones{};
  for (int lane = 0; lane < kStep<C>; ++lane)
    for (int b = lane; b >= 0; b -= C) ones[static_cast<size_t>(b / 4)][static_cast<size_t>(4 * lane + b % 4)] = 1;
  return ones;
}();

// Where the last pixel stands whose sums all lanes go on from.
template <int C>
constexpr auto kLastPixel = [] {
  std::array<int32_t, kLanes> place{};
  for (int lane = 0; lane < kLanes; ++lane) place[static_cast<size_t>(lane)] = kStep<C> - C + lane % C;
  return place;
}();

template <int C>
class Triangle {
 public:
  Triangle() {
    for (size_t d = 0; d < 4; ++d) ones_[d] = _mm512_loadu_si512(kTriangle<C>[d].data());
    last_ = _mm512_loadu_si512(kLastPixel<C>.data());
  }
  __m512i times(const uint8_t* bytes) const {
    __m512i sum = _mm512_setzero_si512();
    for (size_t d = 0; d < 4; ++d) {
      int32_t four;
      std::memcpy(&four, bytes + 4 * d, 4);
      sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi32(four), ones_[d]);
    }
    return sum;
  }
  __m512i last_pixel(__m512i sums) const { return _mm512_permutexvar_epi32(last_, sums); }

 private:
  __m512i ones_[4], last_;
};

// here = above + sums, sixteen of them.
void store_sums(const int32_t* above, __m512i sums, int32_t* here) {
  _mm512_storeu_si512(here, _mm512_add_epi32(_mm512_loadu_si512(above), sums));
}
void store_sums(const double* above, __m512i sums, double* here) {
  const auto eight = [&](int at, __m256i s) {
    _mm512_storeu_pd(here + at, _mm512_add_pd(_mm512_loadu_pd(above + at), _mm512_cvtepi32_pd(s)));
  };
  eight(0, _mm512_castsi512_si256(sums));
  eight(8, _mm512_extracti64x4_epi64(sums, 1));
}

// Sixteen bytes are read and sixteen sums written at a time, of which a step keeps its whole pixels. Returns how many sums are
// done; `along` are the row's running sums up to there.
template <int C, class Sum>
ptrdiff_t sum_registers(const uint8_t* from, ptrdiff_t n, const Sum* above, Sum* here, int32_t (&along)[kLanes]) {
  const Triangle<C> triangle;
  __m512i before = _mm512_setzero_si512();
  ptrdiff_t i = 0;
  for (; i + kLanes <= n; i += kStep<C>) {
    const __m512i sums = triangle.times(from + i);
    store_sums(above + i, _mm512_add_epi32(before, sums), here + i);
    before = _mm512_add_epi32(before, triangle.last_pixel(sums));
  }
  _mm512_storeu_si512(along, before);
  return i;
}

// The same of the low and the high bytes of 16 bits.
template <int C, class Sum>
ptrdiff_t sum_registers(const uint16_t* from, ptrdiff_t n, const Sum* above, Sum* here, int32_t (&along)[kLanes]) {
  constexpr ptrdiff_t kBlock = 960;  // a whole number of steps for any C
  const Triangle<C> triangle;
  __m512i before = _mm512_setzero_si512();
  uint8_t low[kBlock + kLanes], high[kBlock + kLanes];
  ptrdiff_t i = 0;
  while (i + kLanes <= n) {
    const ptrdiff_t count = std::min<ptrdiff_t>(n - i, kBlock + kLanes);
    for (ptrdiff_t k = 0; k < count; ++k)
      low[k] = static_cast<uint8_t>(from[i + k]), high[k] = static_cast<uint8_t>(from[i + k] >> 8);
    ptrdiff_t k = 0;
    for (; k < kBlock && k + kLanes <= count; k += kStep<C>) {
      const __m512i sums = _mm512_add_epi32(triangle.times(low + k), _mm512_slli_epi32(triangle.times(high + k), 8));
      store_sums(above + i + k, _mm512_add_epi32(before, sums), here + i + k);
      before = _mm512_add_epi32(before, triangle.last_pixel(sums));
    }
    i += k;
  }
  _mm512_storeu_si512(along, before);
  return i;
}

#else

constexpr int kLanes = 16;
template <int C, class T, class Sum>
ptrdiff_t sum_registers(const T*, ptrdiff_t, const Sum*, Sum*, int32_t (&)[kLanes]) {
  return 0;
}

#endif

template <int C, class T, class Sum>
void integrate_row_of(const T* from, ptrdiff_t n, const Sum* above, Sum* here) {
  int32_t along[kLanes] = {};
  ptrdiff_t i = sum_registers<C>(from, n, above, here, along);
  if constexpr (C == 1) {
    int32_t sum = along[0];
#pragma omp simd reduction(inscan, + : sum)
    for (ptrdiff_t k = i; k < n; ++k) {
      sum += from[k];
#pragma omp scan inclusive(sum)
      here[k] = above[k] + static_cast<Sum>(sum);
    }
  } else {
    for (; i < n; i += C)
      for (int c = 0; c < C; ++c) here[i + c] = above[i + c] + static_cast<Sum>(along[c] += from[i + c]);
  }
}

template <bool squares, int C, class T>
void integrate_rows_of(const T* const (&from)[kRowsAtOnce], ptrdiff_t n, const double* above,
                       double* const (&here)[kRowsAtOnce]) {
  double along[kRowsAtOnce][C] = {};
  for (ptrdiff_t i = 0; i < n; i += C)
    for (ptrdiff_t c = 0; c < C; ++c) {
      double sum = above[i + c];
      for (int r = 0; r < kRowsAtOnce; ++r) {
        const double value = static_cast<double>(from[r][i + c]);
        along[r][c] += squares ? value * value : value;
        here[r][i + c] = sum += along[r][c];
      }
    }
}

}  // namespace

template <class T, class Sum>
void integrate_row(const T* from, ptrdiff_t n, int channels, const Sum* above, Sum* here) {
  if (channels == 1) return integrate_row_of<1>(from, n, above, here);
  if (channels == 3) return integrate_row_of<3>(from, n, above, here);
  return integrate_row_of<4>(from, n, above, here);
}

template <bool squares, class T>
void integrate_rows(const T* const (&from)[kRowsAtOnce], ptrdiff_t n, int channels, const double* above,
                    double* const (&here)[kRowsAtOnce]) {
  if (channels == 1) return integrate_rows_of<squares, 1>(from, n, above, here);
  if (channels == 3) return integrate_rows_of<squares, 3>(from, n, above, here);
  return integrate_rows_of<squares, 4>(from, n, above, here);
}

void square_bytes(const uint8_t* from, ptrdiff_t n, uint16_t* to) {
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i) to[i] = static_cast<uint16_t>(from[i] * from[i]);
}

template void integrate_row(const uint8_t*, ptrdiff_t, int, const int32_t*, int32_t*);
template void integrate_row(const uint8_t*, ptrdiff_t, int, const double*, double*);
template void integrate_row(const uint16_t*, ptrdiff_t, int, const double*, double*);
#define ASSAY_INTEGRATE_ROWS(squares, T)                                                               \
  template void integrate_rows<squares>(const T* const(&)[kRowsAtOnce], ptrdiff_t, int, const double*, \
                                        double* const(&)[kRowsAtOnce])
ASSAY_INTEGRATE_ROWS(false, uint8_t);
ASSAY_INTEGRATE_ROWS(false, uint16_t);
ASSAY_INTEGRATE_ROWS(false, float);
ASSAY_INTEGRATE_ROWS(true, uint8_t);
ASSAY_INTEGRATE_ROWS(true, uint16_t);
ASSAY_INTEGRATE_ROWS(true, float);
#undef ASSAY_INTEGRATE_ROWS

}  // namespace assay
