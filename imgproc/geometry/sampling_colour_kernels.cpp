// imgproc/geometry/sampling_colour_kernels.cpp: blend_to_bytes of pixels of 3 or 4 channels, 16 places at a time. A place's pixel and the
// next, eight bytes of a row, are a word; the rows of the picture are read one after the other, and the places that lie in one pick their
// words out of a register. Then channel by channel, out of two registers of words.
#include <cstring>

#include "assay/imgproc/geometry/sampling_registers.h"

#ifdef ASSAY_PICKS_BYTES

namespace assay {

namespace {

constexpr int kPixels = 16;

// The words of 16 places: those in the upper rows and those below them.
struct Words {
  __m512i upper[2], lower[2];
};

// Columns and rows of 16 places from the least of each on.
struct Group {
  int x0, top, rows;
  __m512i column, row;
  Group(const int32_t* x, const int32_t* y) {
    const __m512i xs = _mm512_loadu_si512(x), ys = _mm512_loadu_si512(y);
    place(xs, ys, std::min(x[0], x[15]), std::min(y[0], y[15]), std::max(y[0], y[15]));
    const __mmask16 outside =
        _mm512_cmpge_epu32_mask(row, _mm512_set1_epi32(rows)) | _mm512_cmpgt_epu32_mask(column, _mm512_set1_epi32(64));
    if (outside)  // bent
      place(xs, ys, _mm512_reduce_min_epi32(xs), _mm512_reduce_min_epi32(ys), _mm512_reduce_max_epi32(ys));
  }
  bool within(int columns) const {
    constexpr int kSteep = 12;
    return rows <= kSteep && !_mm512_cmpge_epu32_mask(column, _mm512_set1_epi32(columns));
  }

 private:
  void place(__m512i xs, __m512i ys, int least_x, int least_y, int last_y) {
    x0 = least_x, top = least_y, rows = last_y - least_y + 1;
    column = _mm512_sub_epi32(xs, _mm512_set1_epi32(x0)), row = _mm512_sub_epi32(ys, _mm512_set1_epi32(top));
  }
};

// Bytes 0 .. 7 of the word at each place: of eight places, from number `first` on.
template <int channels>
__m512i word_bytes(const Group& group, int first) {
  const __m512i bytes = channels == 4 ? _mm512_slli_epi32(group.column, 2)
                                      : _mm512_add_epi32(group.column, _mm512_add_epi32(group.column, group.column));
  alignas(64) uint8_t eight_times[64], count[64];
  for (int i = 0; i < 64; ++i) eight_times[i] = static_cast<uint8_t>(4 * (first + i / 8)), count[i] = i % 8;
  return _mm512_add_epi8(_mm512_permutexvar_epi8(_mm512_load_si512(eight_times), bytes), _mm512_load_si512(count));
}

template <class Row, int channels>
void pick_words(const BytePicture& picture, const Group& group, Words& to) {
  const __m512i at[2] = {word_bytes<channels>(group, 0), word_bytes<channels>(group, 8)};
  const uint8_t* from = picture.first + group.top * picture.step + static_cast<ptrdiff_t>(group.x0) * channels;
  __mmask16 above = 0;  // the places in the row before
  for (int r = 0; r <= group.rows; ++r, from += picture.step) {
    const Row row(from, picture.end);
    __builtin_prefetch(from + kAhead * picture.step);
    const __mmask16 here = _mm512_cmpeq_epi32_mask(group.row, _mm512_set1_epi32(r));
    for (int half = 0; half < 2; ++half) {
      const __m512i words = row.at(at[half]);
      to.upper[half] = _mm512_mask_mov_epi64(to.upper[half], static_cast<__mmask8>(here >> (8 * half)), words);
      to.lower[half] = _mm512_mask_mov_epi64(to.lower[half], static_cast<__mmask8>(above >> (8 * half)), words);
    }
    above = here;
  }
}

// Plain loads: of them the compiler would make gathers, which take twice as long (Zen 4).
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((noinline, optimize("no-tree-vectorize", "no-tree-slp-vectorize")))
#endif
void load_words(const BytePicture& picture, const int32_t* x, const int32_t* y, int channels, uint64_t* upper,
                uint64_t* lower) {
  for (int k = 0; k < kPixels; ++k) {
    const uint8_t* from = picture.first + y[k] * picture.step + static_cast<ptrdiff_t>(x[k]) * channels;
    std::memcpy(upper + k, from, 8);
    std::memcpy(lower + k, from + picture.step, 8);
    if (k % 8 == 0) __builtin_prefetch(from + kAhead * picture.step);
  }
}

// Bytes of registers of 16 words, lifted: value c of each word's first pixel, or of its second.
struct Channel {
  __m512i first, second;
  Channel(int c, int channels) {
    alignas(64) int32_t at[16];
    for (int i = 0; i < 16; ++i) at[i] = kLifted + 8 * i + c;
    first = _mm512_load_si512(at), second = _mm512_add_epi32(first, _mm512_set1_epi32(channels));
  }
  static __m512 of(const uint64_t* words, __m512i at) {
    return _mm512_castsi512_ps(
        _mm512_mask2_permutex2var_epi8(_mm512_load_si512(words), at, kLowest, _mm512_load_si512(words + 8)));
  }
};

// Byte 2 of each number of two vectors by turns: pixel i's are bytes channels i + c and the next.
__m512i places_of_bytes(int channels, int c) {
  alignas(64) uint8_t at[64] = {};
  for (int i = 0; i < 16; ++i)
    for (int k = 0; k < 2 && c + k < channels; ++k) at[channels * i + c + k] = static_cast<uint8_t>(64 * k + 4 * i + 2);
  return _mm512_load_si512(at);
}

template <int channels>
class Colours {
 public:
  explicit Colours(double error) : blend_(error) {}
  // Sixteen places, n of which count; returns how many doubts were written down.
  int operator()(const uint64_t* upper, const uint64_t* lower, const float* fx, const float* fy, int first, int n,
                 uint8_t* out, int* doubts) const {
    constexpr __mmask64 kLastChannels = channels == 3 ? 0x0000924924924924 : 0xcccccccccccccccc;
    const __m512 x = _mm512_loadu_ps(fx), y = _mm512_loadu_ps(fy);
    __m512i v[channels];
    for (int c = 0; c < channels; ++c) {
      const Channel& at = channel_[c];
      v[c] = blend_(Channel::of(upper, at.first), Channel::of(upper, at.second), Channel::of(lower, at.first),
                    Channel::of(lower, at.second), x, y);
    }
    const __m512i low = _mm512_permutex2var_epi8(v[0], first_two_, v[1]),
                  high = _mm512_permutex2var_epi8(v[2], others_, v[channels - 1]);
    const __m512i bytes = _mm512_mask_mov_epi8(low, kLastChannels, high);
    const int count = channels * std::min(n, kPixels);
    _mm512_mask_storeu_epi8(out, count == 64 ? ~0ull : (1ull << count) - 1, bytes);
    __m512i least = v[0];
    for (int c = 1; c < channels; ++c) least = _mm512_min_epu16(least, v[c]);
    const __m512i limit = _mm512_set1_epi32(blend_.limit());
    if (!_mm512_mask_cmplt_epu16_mask(kLowHalves, least, limit)) [[likely]]
      return 0;
    int found = 0;
    for (int c = 0; c < channels; ++c)
      for (uint32_t m = _mm512_mask_cmplt_epu16_mask(kLowHalves, v[c], limit); m; m &= m - 1)
        if (const int i = __builtin_ctz(m) / 2; i < n) doubts[found++] = channels * (first + i) + c;
    return found;
  }

 private:
  static constexpr __mmask32 kLowHalves = 0x55555555;
  Blend blend_;
  Channel channel_[4] = {{0, channels}, {1, channels}, {2, channels}, {3, channels}};
  __m512i first_two_ = places_of_bytes(channels, 0), others_ = places_of_bytes(channels, 2);
};

template <int channels>
int blend_colours(const BytePicture& picture, const SplitPlaces& places, int n, double error, uint8_t* out,
                  int* doubts) {
  constexpr int kNear = (64 - 8) / channels + 1, kFar = (128 - 8) / channels + 1;
  // All of them before the first is read: a load of bytes just stored in pieces would have to wait.
  alignas(64) uint64_t upper[SplitPlaces::kRun], lower[SplitPlaces::kRun];
  for (int i = 0; i < n; i += kPixels) {
    const int32_t *x = places.x + i, *y = places.y + i;
    const Group group(x, y);
    if (!group.within(kFar)) {
      load_words(picture, x, y, channels, upper + i, lower + i);
      continue;
    }
    Words words{};
    if (group.within(kNear))
      pick_words<Near, channels>(picture, group, words);
    else
      pick_words<Far, channels>(picture, group, words);
    for (int half = 0; half < 2; ++half) {
      _mm512_store_si512(upper + i + 8 * half, words.upper[half]);
      _mm512_store_si512(lower + i + 8 * half, words.lower[half]);
    }
  }
  const Colours<channels> colours(error);
  int found = 0;
  for (int i = 0; i < n; i += kPixels)
    found += colours(upper + i, lower + i, places.fx + i, places.fy + i, i, n - i, out + i * channels, doubts + found);
  return found;
}

}  // namespace

int blend_colour_to_bytes(const BytePicture& picture, const SplitPlaces& places, int n, int channels, double error,
                          uint8_t* out, int* doubts) {
  return channels == 3 ? blend_colours<3>(picture, places, n, error, out, doubts)
                       : blend_colours<4>(picture, places, n, error, out, doubts);
}

}  // namespace assay

#endif
