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

template <int channels>
class Colours {
 public:
  explicit Colours(double error) : blend_(error), finish_(blend_.limit()) {}
  // Sixteen places, n of which count; returns how many doubts were written down.
  int operator()(const uint64_t* upper, const uint64_t* lower, const float* fx, const float* fy, int first, int n,
                 uint8_t* out, int* doubts) const {
    const __m512 x = _mm512_loadu_ps(fx), y = _mm512_loadu_ps(fy);
    __m512i v[channels];
    for (int c = 0; c < channels; ++c) {
      const auto of = [&](const uint64_t* words, int byte) { return bytes_.of(words, byte); };
      v[c] = blend_(of(upper, c), of(upper, c + channels), of(lower, c), of(lower, c + channels), x, y);
    }
    return finish_(v, first, n, out, doubts);
  }

 private:
  Blend blend_;
  BytesOfWords bytes_;
  FinishSixteen<channels> finish_;
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
