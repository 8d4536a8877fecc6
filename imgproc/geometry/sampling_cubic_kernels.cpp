// imgproc/geometry/sampling_cubic_kernels.cpp: bicubic sampling of bytes straight to bytes, 16 places at a time. The four pixels of a row are
// a word of four bytes, of colours two words of eight; then tap by tap, channel by channel, out of registers of words.
#include <cstring>

#include "assay/imgproc/geometry/sampling_byte_kernels.h"
#include "assay/imgproc/geometry/sampling_registers.h"

#ifdef ASSAY_PICKS_BYTES

namespace assay {

namespace {

constexpr int kPixels = 16, kRun = SampleRun<float>::kRun;

// Grey: the taps of 16 places are a register of words of four bytes for each of the four rows. Row by row of the picture, the places whose
// taps lie in it pick their words out of a register.
class GreyTaps {
 public:
  GreyTaps(const BytePicture& picture, const int32_t* x, const int32_t* y) {
    const Group group(x, y);
    if (group.within(64 - 3))
      pick<Near>(picture, group);
    else if (group.within(128 - 3))
      pick<Far>(picture, group);
    else
      load(picture, x, y);
  }
  // Tap k of row j, lifted.
  __m512 operator()(int j, int k) const {
    const __m512i at = _mm512_add_epi32(_mm512_set_epi32(60, 56, 52, 48, 44, 40, 36, 32, 28, 24, 20, 16, 12, 8, 4, 0),
                                        _mm512_set1_epi32(k));
    return _mm512_castsi512_ps(_mm512_mask_permutexvar_epi8(_mm512_set1_epi32(kLifted), kLowest, at, row_[j]));
  }

 private:
  template <class Row>
  void pick(const BytePicture& picture, const Group& group) {
    const __m512i four_times =
        _mm512_or_si512(_mm512_or_si512(group.column, _mm512_slli_epi32(group.column, 8)),
                        _mm512_or_si512(_mm512_slli_epi32(group.column, 16), _mm512_slli_epi32(group.column, 24)));
    const __m512i at = _mm512_add_epi8(four_times, _mm512_set1_epi32(0x03020100));
    const uint8_t* from = picture.first + group.top * picture.step + group.x0;
    __mmask16 first[4] = {};  // the places whose first row stands so many rows above
    for (int r = 0; r < group.rows + 3; ++r, from += picture.step) {
      const __m512i words = Row(from, picture.end).at(at);
      __builtin_prefetch(from + kAhead * picture.step);
      for (int j = 3; j > 0; --j) first[j] = first[j - 1];
      first[0] = _mm512_cmpeq_epi32_mask(group.row, _mm512_set1_epi32(r));
      for (int j = 0; j < 4; ++j) row_[j] = _mm512_mask_mov_epi32(row_[j], first[j], words);
    }
  }
  void load(const BytePicture& picture, const int32_t* x, const int32_t* y) {
    alignas(64) uint32_t word[4][kPixels];
    for (int i = 0; i < kPixels; ++i)
      for (int j = 0; j < 4; ++j) std::memcpy(&word[j][i], picture.first + (y[i] + j) * picture.step + x[i], 4);
    for (int j = 0; j < 4; ++j) row_[j] = _mm512_load_si512(word[j]);
  }
  __m512i row_[4] = {};
};

// Four rows of two words, of which the second begins so many bytes behind the first.
template <int channels>
struct TapWords {
  static constexpr int kSecond = 4 * channels - 8;
  alignas(64) uint64_t word[4][2][kRun];
};

// Plain loads: of them the compiler would make gathers, which take twice as long (Zen 4).
template <int channels>
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((noinline, optimize("no-tree-vectorize", "no-tree-slp-vectorize")))
#endif
void load_words(const BytePicture& picture, const SampleRun<float>& run, int n, TapWords<channels>& to) {
  for (int i = 0; i < (n + kPixels - 1) / kPixels * kPixels; ++i) {
    const uint8_t* from = picture.first + run.y[i] * picture.step + static_cast<ptrdiff_t>(run.x[i]) * channels;
    for (int j = 0; j < 4; ++j, from += picture.step) {
      std::memcpy(&to.word[j][0][i], from, 8);
      std::memcpy(&to.word[j][1][i], from + TapWords<channels>::kSecond, 8);
    }
    if (i % 8 == 0) __builtin_prefetch(from + (kAhead - 4) * picture.step);
  }
}

// value(j, k): tap k of row j of places i .. i + 15, lifted.
template <class Value>
__m512 weighed(const SampleRun<float>& run, int i, Value&& value) {
  __m512 sum{};
  for (int j = 0; j < 4; ++j) {
    __m512 along{};
    for (int k = 0; k < 4; ++k)
      along = _mm512_fmadd_ps(_mm512_loadu_ps(run.wx[k] + i), _mm512_sub_ps(value(j, k), _mm512_set1_ps(kLift)), along);
    sum = _mm512_fmadd_ps(_mm512_loadu_ps(run.wy[j] + i), along, sum);
  }
  return sum;
}

int weigh_grey(const BytePicture& picture, const SampleRun<float>& run, int n, double error, uint8_t* out,
               int* doubts) {
  const Blend blend(error);
  const FinishSixteen<1> finish(blend.limit());
  int found = 0;
  for (int i = 0; i < n; i += kPixels) {
    const GreyTaps taps(picture, run.x + i, run.y + i);
    found += finish({blend.fixed_within(weighed(run, i, taps))}, i, n - i, out + i, doubts + found);
  }
  return found;
}

template <int channels>
int weigh_colour(const BytePicture& picture, const SampleRun<float>& run, int n, double error, uint8_t* out,
                 int* doubts) {
  TapWords<channels> words;
  load_words(picture, run, n, words);
  const Blend blend(error);
  const BytesOfWords bytes;
  const FinishSixteen<channels> finish(blend.limit());
  int found = 0;
  for (int i = 0; i < n; i += kPixels) {
    __m512i v[channels];
    for (int c = 0; c < channels; ++c)
      v[c] = blend.fixed_within(weighed(run, i, [&](int j, int k) {
        const int byte = k * channels + c;
        return byte < 8 ? bytes.of(words.word[j][0] + i, byte)
                        : bytes.of(words.word[j][1] + i, byte - TapWords<channels>::kSecond);
      }));
    found += finish(v, i, n - i, out + i * channels, doubts + found);
  }
  return found;
}

}  // namespace

int weigh_to_bytes(const BytePicture& picture, SampleRun<float>& run, int n, int channels, double error, uint8_t* out,
                   int* doubts) {
  fill_up(run.x, n), fill_up(run.y, n);
  return channels == 1   ? weigh_grey(picture, run, n, error, out, doubts)
         : channels == 3 ? weigh_colour<3>(picture, run, n, error, out, doubts)
                         : weigh_colour<4>(picture, run, n, error, out, doubts);
}

}  // namespace assay

#else

namespace assay {
int weigh_to_bytes(const BytePicture&, SampleRun<float>&, int, int, double, uint8_t*, int*) { return 0; }
}  // namespace assay

#endif
