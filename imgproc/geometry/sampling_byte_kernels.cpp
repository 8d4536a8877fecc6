#include "assay/imgproc/geometry/sampling_byte_kernels.h"

#include <algorithm>
#include <cstring>

#include "assay/imgproc/geometry/sampling_registers.h"

#ifdef ASSAY_PICKS_BYTES

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

// The four pixels around each place of a block.
struct Corners {
  __m512i upper_left, upper_right, lower_left, lower_right;
};

// A block of places as bytes: columns from x0 on, rows from `top` on.
struct Block {
  int x0, top, rows;  // rows: between its ends; a bent one has others, too
  __m512i column, row;
  const int32_t* y;
  __mmask64 in_row(int r) const { return _mm512_cmpeq_epi8_mask(row, _mm512_set1_epi8(static_cast<char>(r))); }
  uint64_t beyond(int r) const { return _mm512_cmpge_epu8_mask(row, _mm512_set1_epi8(static_cast<char>(r))); }
  bool reaches(int farthest) const {
    return _mm512_cmpgt_epu8_mask(column, _mm512_set1_epi8(static_cast<char>(farthest)));
  }
};

// False where it reaches over too many rows, or too far.
bool make_block(const int32_t* x, const int32_t* y, Block& block) {
  constexpr int kSteep = 24, kMost = 127, kLeast = -128;
  block.x0 = std::min(x[0], x[kBlock - 1]), block.top = std::min(y[0], y[kBlock - 1]), block.y = y;
  block.rows = std::max(y[0], y[kBlock - 1]) - block.top + 1;
  if (block.rows > kSteep) return false;
  block.column = bytes_from(x, block.x0), block.row = bytes_from(y, block.top);
  return !block.reaches(Far::kFarthest) && !block.in_row(kMost) && !block.in_row(kLeast);
}

// Row by row of the picture: the places that lie in it pick their bytes out of a register.
template <class Row>
void pick_corners(const BytePicture& picture, const Block& block, Corners& to) {
  const __m512i left = block.column, right = _mm512_add_epi8(left, _mm512_set1_epi8(1));
  const uint8_t* origin = picture.first + block.top * picture.step + block.x0;
  const auto pick = [&](ptrdiff_t r, __mmask64 upper, __mmask64 lower) {
    const Row row(origin + r * picture.step, picture.end);
    __builtin_prefetch(origin + (r + kAhead) * picture.step);
    const __m512i at_left = row.at(left), at_right = row.at(right);
    to.upper_left = _mm512_mask_mov_epi8(to.upper_left, upper, at_left);
    to.upper_right = _mm512_mask_mov_epi8(to.upper_right, upper, at_right);
    to.lower_left = _mm512_mask_mov_epi8(to.lower_left, lower, at_left);
    to.lower_right = _mm512_mask_mov_epi8(to.lower_right, lower, at_right);
  };
  __mmask64 above = 0;  // the places in the row before
  for (int r = 0; r < block.rows; ++r) {
    const __mmask64 here = block.in_row(r);
    pick(r, here, above);
    above = here;
  }
  pick(block.rows, 0, above);
  for (uint64_t others = block.beyond(block.rows); others;) {
    const int r = block.y[__builtin_ctzll(others)] - block.top;
    const __mmask64 here = block.in_row(r);
    pick(r, here, 0);
    pick(r + 1, 0, here);
    others &= ~here;
  }
}

template <class Row>
__m512i pick_one(const BytePicture& picture, const Block& block) {
  const uint8_t* origin = picture.first + block.top * picture.step + block.x0;
  __m512i to = _mm512_setzero_si512();
  const auto pick = [&](ptrdiff_t r, __mmask64 here) {
    __builtin_prefetch(origin + (r + kAhead) * picture.step);
    to = _mm512_mask_mov_epi8(to, here, Row(origin + r * picture.step, picture.end).at(block.column));
  };
  for (int r = 0; r < block.rows; ++r) pick(r, block.in_row(r));
  for (uint64_t others = block.beyond(block.rows); others;) {
    const int r = block.y[__builtin_ctzll(others)] - block.top;
    const __mmask64 here = block.in_row(r);
    pick(r, here);
    others &= ~here;
  }
  return to;
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
__m512 sixteen(__m512i bytes) {
  const __m512i at = _mm512_add_epi32(_mm512_set1_epi32(16 * part),
                                      _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  return _mm512_castsi512_ps(_mm512_mask_permutexvar_epi8(_mm512_set1_epi32(kLifted), kLowest, at, bytes));
}

template <int part>
__m512i blended(const Corners& c, const float* fx, const float* fy, const Blend& blend) {
  return blend(sixteen<part>(c.upper_left), sixteen<part>(c.upper_right), sixteen<part>(c.lower_left),
               sixteen<part>(c.lower_right), _mm512_loadu_ps(fx + 16 * part), _mm512_loadu_ps(fy + 16 * part));
}

// Appends the places of doubtful values, which are 16 from `first` on, below n.
int note_doubts(const Blend& blend, __m512i y, int first, int n, int* to) {
  int found = 0;
  const __m512i low_half = _mm512_and_si512(y, _mm512_set1_epi32(65535));
  for (unsigned m = _mm512_cmplt_epi32_mask(low_half, _mm512_set1_epi32(blend.limit())); m; m &= m - 1)
    if (const int at = first + __builtin_ctz(m); at < n) to[found++] = at;
  return found;
}

int blend_grey(const BytePicture& picture, const SplitPlaces& places, int n, double error, uint8_t* out, int* doubts) {
  const Blend blend(error);
  const __m512i low_half = _mm512_set1_epi32(65535), limit = _mm512_set1_epi32(blend.limit());
  const __m512i highs = _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31, 29, 27, 25,
                                         23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
  const __m512i in_order = _mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0);
  int found = 0;
  for (int i = 0; i < n; i += kBlock) {
    Corners corners{};
    Block block;
    if (!make_block(places.x + i, places.y + i, block))
      load_corners(picture, places.x + i, places.y + i, corners);
    else if (block.reaches(Near::kFarthest))
      pick_corners<Far>(picture, block, corners);
    else
      pick_corners<Near>(picture, block, corners);
    const float *fx = places.fx + i, *fy = places.fy + i;
    const __m512i v[4] = {blended<0>(corners, fx, fy, blend), blended<1>(corners, fx, fy, blend),
                          blended<2>(corners, fx, fy, blend), blended<3>(corners, fx, fy, blend)};
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
      for (int k = 0; k < 4; ++k) found += note_doubts(blend, v[k], i + 16 * k, n, doubts + found);
  }
  return found;
}

// Sixteen places, whose rows and columns lie near each other; false, and nothing done, where they do not.
bool pick_sixteen(const float* first, ptrdiff_t step, const int32_t* x, const int32_t* y, float* const (&corner)[4]) {
  constexpr int kFarthest = 30, kSteep = 6;
  const int x0 = std::min(x[0], x[15]), top = std::min(y[0], y[15]), rows = std::max(y[0], y[15]) - top + 1;
  if (rows > kSteep) return false;
  const __m512i left = _mm512_sub_epi32(_mm512_loadu_si512(x), _mm512_set1_epi32(x0)),
                row_of = _mm512_sub_epi32(_mm512_loadu_si512(y), _mm512_set1_epi32(top));
  if (_mm512_cmpgt_epu32_mask(left, _mm512_set1_epi32(kFarthest)) |
      _mm512_cmpge_epu32_mask(row_of, _mm512_set1_epi32(rows)))
    return false;
  const __m512i right = _mm512_add_epi32(left, _mm512_set1_epi32(1));
  const float* from = first + top * step + x0;
  const int farthest = static_cast<int>(_mm512_reduce_max_epu32(right));
  const __mmask16 near_part = static_cast<__mmask16>(farthest >= 15 ? 0xffff : (2 << farthest) - 1),
                  far_part = static_cast<__mmask16>(farthest >= 16 ? (2 << (farthest - 16)) - 1 : 0);
  __m512 p[4] = {};
  __mmask16 above = 0;
  for (int r = 0; r <= rows; ++r, from += step) {
    const __mmask16 here = _mm512_cmpeq_epi32_mask(row_of, _mm512_set1_epi32(r));
    __builtin_prefetch(from + kAhead * step);
    const __m512 a = _mm512_maskz_loadu_ps(near_part, from), b = _mm512_maskz_loadu_ps(far_part, from + 16);
    const __m512 at_left = _mm512_permutex2var_ps(a, left, b), at_right = _mm512_permutex2var_ps(a, right, b);
    p[0] = _mm512_mask_mov_ps(p[0], here, at_left), p[1] = _mm512_mask_mov_ps(p[1], here, at_right);
    p[2] = _mm512_mask_mov_ps(p[2], above, at_left), p[3] = _mm512_mask_mov_ps(p[3], above, at_right);
    above = here;
  }
  for (int k = 0; k < 4; ++k) _mm512_storeu_ps(corner[k], p[k]);
  return true;
}

}  // namespace

int blend_to_bytes(const BytePicture& picture, SplitPlaces& places, int n, int channels, double error, uint8_t* out,
                   int* doubts) {
  fill_up(places.x, n), fill_up(places.y, n), fill_up(places.fx, n), fill_up(places.fy, n);
  return channels == 1 ? blend_grey(picture, places, n, error, out, doubts)
                       : blend_colour_to_bytes(picture, places, n, channels, error, out, doubts);
}

int pick_floats(const float* first, ptrdiff_t step, const int32_t* x, const int32_t* y, int n,
                float* const (&corner)[4]) {
  int i = 0;
  for (; i + 16 <= n; i += 16)
    if (!pick_sixteen(first, step, x + i, y + i, {corner[0] + i, corner[1] + i, corner[2] + i, corner[3] + i})) break;
  return i;
}

void pick_bytes(const BytePicture& picture, int32_t* x, int32_t* y, int n, uint8_t* out) {
  fill_up(x, n), fill_up(y, n);
  for (int i = 0; i < n; i += kBlock) {
    Block block;
    if (!make_block(x + i, y + i, block)) {
      for (int k = i; k < std::min(n, i + kBlock); ++k) out[k] = picture.first[y[k] * picture.step + x[k]];
      continue;
    }
    const __m512i bytes =
        block.reaches(Near::kFarthest) ? pick_one<Far>(picture, block) : pick_one<Near>(picture, block);
    _mm512_mask_storeu_epi8(out + i, n - i >= kBlock ? ~0ull : (1ull << (n - i)) - 1, bytes);
  }
}

}  // namespace assay

#else

namespace assay {

int blend_to_bytes(const BytePicture& picture, SplitPlaces& places, int n, int channels, double error, uint8_t* out,
                   int* doubts) {
  return blend_to_bytes_by_words(picture, places, n, channels, error, out, doubts);
}
void pick_bytes(const BytePicture&, int32_t*, int32_t*, int, uint8_t*) {}
int pick_floats(const float*, ptrdiff_t, const int32_t*, const int32_t*, int, float* const (&)[4]) { return 0; }

}  // namespace assay

#endif
