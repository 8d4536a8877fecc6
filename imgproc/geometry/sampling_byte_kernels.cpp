#include "assay/imgproc/geometry/sampling_byte_kernels.h"

#include <algorithm>

#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
#include <immintrin.h>

namespace assay {

namespace {

constexpr int kBlock = 64;

// Whole numbers less `base` as bytes, those beyond the range of a byte at its ends.
__m512i bytes_from(const int32_t* from, int32_t base) {
  const __m512i b = _mm512_set1_epi32(base);
  const auto v = [&](int k) { return _mm512_sub_epi32(_mm512_loadu_si512(from + 16 * k), b); };
  const __m512i packed = _mm512_packs_epi16(_mm512_packs_epi32(v(0), v(1)), _mm512_packs_epi32(v(2), v(3)));
  return _mm512_permutexvar_epi32(_mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0), packed);
}

__m512i load_row(const uint8_t* from, const uint8_t* end) {
  const ptrdiff_t left = end - from;
  return left >= 64 ? _mm512_loadu_si512(from)
                    : _mm512_maskz_loadu_epi8((1ull << std::max<ptrdiff_t>(left, 0)) - 1, from);
}

// The four pixels around each place of a block.
struct Corners {
  __m512i upper_left, upper_right, lower_left, lower_right;
};

// 64 bytes of a row, or 128.
struct Near {
  static constexpr int kFarthest = 62;
  __m512i first;
  Near(const uint8_t* from, const uint8_t* end) : first(load_row(from, end)) {}
  void pick(__mmask64 here, __m512i at, __m512i& to) const { to = _mm512_mask_permutexvar_epi8(to, here, at, first); }
};
struct Far {
  static constexpr int kFarthest = 126;
  __m512i first, second;
  Far(const uint8_t* from, const uint8_t* end) : first(load_row(from, end)), second(load_row(from + 64, end)) {}
  void pick(__mmask64 here, __m512i at, __m512i& to) const {
    to = _mm512_or_si512(to, _mm512_maskz_permutex2var_epi8(here, first, at, second));
  }
};

// Row by row of the picture: the places that lie in it pick their bytes out of a register.
template <class Row>
void pick_rows(const BytePicture& picture, int x0, int top, int rows, const int32_t* y, __m512i left, __m512i row_of,
               Corners& to) {
  const __m512i right = _mm512_add_epi8(left, _mm512_set1_epi8(1));
  const uint8_t* from = picture.first + top * picture.step + x0;
  const auto in_row = [&](int r) { return _mm512_cmpeq_epi8_mask(row_of, _mm512_set1_epi8(static_cast<char>(r))); };
  const auto pick_upper = [&](__mmask64 here, const Row& row) {
    row.pick(here, left, to.upper_left), row.pick(here, right, to.upper_right);
  };
  const auto pick_lower = [&](__mmask64 here, const Row& row) {
    row.pick(here, left, to.lower_left), row.pick(here, right, to.lower_right);
  };
  __mmask64 above = 0;  // the places in the row before
  for (int r = 0; r < rows; ++r, from += picture.step) {
    const __mmask64 here = in_row(r);
    const Row row(from, picture.end);
    pick_lower(above, row);
    pick_upper(here, row);
    above = here;
  }
  pick_lower(above, Row(from, picture.end));
  uint64_t left_over = _mm512_cmpge_epu8_mask(row_of, _mm512_set1_epi8(static_cast<char>(rows)));
  while (left_over) {  // a bent row of places leaves the rows of its ends
    const int r = y[__builtin_ctzll(left_over)] - top;
    const __mmask64 here = in_row(r);
    from = picture.first + (top + r) * picture.step + x0;
    pick_upper(here, Row(from, picture.end));
    pick_lower(here, Row(from + picture.step, picture.end));
    left_over &= ~here;
  }
}

// False where the block reaches over too many rows, or too far.
bool pick_corners(const BytePicture& picture, const int32_t* x, const int32_t* y, Corners& to) {
  constexpr int kSteep = 24, kMost = 127, kLeast = -128;
  const int x0 = std::min(x[0], x[kBlock - 1]), top = std::min(y[0], y[kBlock - 1]),
            rows = std::max(y[0], y[kBlock - 1]) - top + 1;
  if (rows > kSteep) return false;
  const __m512i left = bytes_from(x, x0), row_of = bytes_from(y, top);
  if (_mm512_cmpgt_epu8_mask(left, _mm512_set1_epi8(Far::kFarthest)) ||
      _mm512_cmpeq_epi8_mask(row_of, _mm512_set1_epi8(kMost)) ||
      _mm512_cmpeq_epi8_mask(row_of, _mm512_set1_epi8(kLeast)))
    return false;
  if (_mm512_cmpgt_epu8_mask(left, _mm512_set1_epi8(Near::kFarthest)))
    pick_rows<Far>(picture, x0, top, rows, y, left, row_of, to);
  else
    pick_rows<Near>(picture, x0, top, rows, y, left, row_of, to);
  return true;
}

void load_corners(const BytePicture& picture, const int32_t* x, const int32_t* y, Corners& to) {
  alignas(64) uint8_t corner[4][kBlock];
  for (int i = 0; i < kBlock; ++i) {
    const uint8_t *upper = picture.first + y[i] * picture.step + x[i], *lower = upper + picture.step;
    corner[0][i] = upper[0], corner[1][i] = upper[1], corner[2][i] = lower[0], corner[3][i] = lower[1];
  }
  to = {_mm512_load_si512(corner[0]), _mm512_load_si512(corner[1]), _mm512_load_si512(corner[2]),
        _mm512_load_si512(corner[3])};
}

template <int part>
__m512i sixteen(__m512i bytes) {
  return _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(bytes, part));
}

// Between the corners, in units of 2^-16 and lifted by `bias`; differences of bytes are exact.
template <int part>
__m512i blended(const Corners& corners, const float* fx, const float* fy, __m512 bias) {
  const __m512i p00 = sixteen<part>(corners.upper_left), p10 = sixteen<part>(corners.lower_left);
  const __m512i d0 = _mm512_sub_epi32(sixteen<part>(corners.upper_right), p00),
                d1 = _mm512_sub_epi32(sixteen<part>(corners.lower_right), p10);
  const __m512 along = _mm512_loadu_ps(fx + 16 * part), down = _mm512_loadu_ps(fy + 16 * part);
  const __m512 top = _mm512_fmadd_ps(along, _mm512_cvtepi32_ps(d0), _mm512_cvtepi32_ps(p00)),
               bottom = _mm512_fmadd_ps(along, _mm512_cvtepi32_ps(d1), _mm512_cvtepi32_ps(p10));
  const __m512 value = _mm512_fmadd_ps(down, _mm512_sub_ps(bottom, top), top);
  return _mm512_cvttps_epi32(_mm512_fmadd_ps(value, _mm512_set1_ps(65536), bias));
}

}  // namespace

int blend_to_bytes(const BytePicture& picture, SplitPlaces& places, int n, double error, uint8_t* out, int* doubts) {
  const int near = static_cast<int>(error * 65536) + 2;
  const __m512 bias = _mm512_set1_ps(32768.0f + static_cast<float>(near));
  const __m512i low_half = _mm512_set1_epi32(65535), limit = _mm512_set1_epi32(2 * near + 1);
  const __m512i highs = _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31, 29, 27, 25,
                                         23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
  const __m512i in_order = _mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0);
  for (int i = n; i % kBlock; ++i) {
    places.x[i] = places.x[n - 1], places.y[i] = places.y[n - 1];
    places.fx[i] = places.fx[n - 1], places.fy[i] = places.fy[n - 1];
  }
  int found = 0;
  for (int i = 0; i < n; i += kBlock) {
    Corners corners{};
    if (!pick_corners(picture, places.x + i, places.y + i, corners))
      load_corners(picture, places.x + i, places.y + i, corners);
    const float *fx = places.fx + i, *fy = places.fy + i;
    const __m512i v[4] = {blended<0>(corners, fx, fy, bias), blended<1>(corners, fx, fy, bias),
                          blended<2>(corners, fx, fy, bias), blended<3>(corners, fx, fy, bias)};
    const __m512i bytes =
        _mm512_permutexvar_epi64(in_order, _mm512_packus_epi16(_mm512_permutex2var_epi16(v[0], highs, v[1]),
                                                               _mm512_permutex2var_epi16(v[2], highs, v[3])));
    if (n - i >= kBlock)
      _mm512_storeu_si512(out + i, bytes);
    else
      _mm512_mask_storeu_epi8(out + i, (1ull << (n - i)) - 1, bytes);
    __m512i least = low_half;
    for (const __m512i& part : v) least = _mm512_min_epi32(least, _mm512_and_si512(part, low_half));
    if (_mm512_cmplt_epi32_mask(least, limit)) [[unlikely]]
      for (int k = 0; k < 4; ++k)
        for (unsigned m = _mm512_cmplt_epi32_mask(_mm512_and_si512(v[k], low_half), limit); m; m &= m - 1)
          if (const int at = i + 16 * k + __builtin_ctz(m); at < n) doubts[found++] = at;
  }
  return found;
}

}  // namespace assay

#else

namespace assay {

int blend_to_bytes(const BytePicture&, SplitPlaces&, int, double, uint8_t*, int*) { return 0; }

}  // namespace assay

#endif
