// imgproc/geometry/sampling_cubic_kernels.cpp: bicubic sampling of bytes straight to bytes, 16 places at a time. The four pixels of a row are
// four bytes, or two words of eight, which a place loads; then tap by tap, channel by channel, out of registers of words.
#include <cstring>

#include "assay/imgproc/geometry/sampling_byte_kernels.h"
#include "assay/imgproc/geometry/sampling_registers.h"

#ifdef ASSAY_PICKS_BYTES

namespace assay {

namespace {

constexpr int kPixels = 16, kRun = SampleRun<float>::kRun;

// Four rows of words; of colours a second word begins so many bytes behind the first.
template <int channels>
struct TapWords {
  static constexpr int kWords = channels == 1 ? 1 : 2, kSecond = 4 * channels - 8;
  alignas(64) uint64_t word[4][kWords][kRun];
};

// Plain loads: of them the compiler would make gathers, which take twice as long (Zen 4).
template <int channels>
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((noinline, optimize("no-tree-vectorize", "no-tree-slp-vectorize")))
#endif
void load_words(const BytePicture& picture, const SampleRun<float>& run, int n, TapWords<channels>& to) {
  for (int i = 0; i < (n + kPixels - 1) / kPixels * kPixels; ++i) {
    const int at = std::min(i, n - 1);
    const uint8_t* from = picture.first + run.y[at] * picture.step + static_cast<ptrdiff_t>(run.x[at]) * channels;
    for (int j = 0; j < 4; ++j, from += picture.step) {
      std::memcpy(&to.word[j][0][i], from, channels > 1 ? 8 : 4);
      if (channels > 1)
        std::memcpy(&to.word[j][TapWords<channels>::kWords - 1][i], from + TapWords<channels>::kSecond, 8);
    }
    if (i % 8 == 0) __builtin_prefetch(from + (kAhead - 1) * picture.step);
  }
}

template <int channels>
int weigh(const BytePicture& picture, const SampleRun<float>& run, int n, double error, uint8_t* out, int* doubts) {
  constexpr int kSecond = TapWords<channels>::kSecond;
  TapWords<channels> words;
  load_words(picture, run, n, words);
  const Blend blend(error);
  const BytesOfWords bytes;
  const FinishSixteen<channels> finish(blend.limit());
  const __m512 lift = _mm512_set1_ps(kLift);
  int found = 0;
  for (int i = 0; i < n; i += kPixels) {
    __m512 sum[channels];
    for (int j = 0; j < 4; ++j) {
      const __m512 wy = _mm512_loadu_ps(run.wy[j] + i);
      for (int c = 0; c < channels; ++c) {
        __m512 along = _mm512_setzero_ps();
        for (int k = 0; k < 4; ++k) {
          const int byte = k * channels + c;
          const __m512 value = byte < 8 ? bytes.of(words.word[j][0] + i, byte)
                                        : bytes.of(words.word[j][TapWords<channels>::kWords - 1] + i, byte - kSecond);
          along = _mm512_fmadd_ps(_mm512_loadu_ps(run.wx[k] + i), _mm512_sub_ps(value, lift), along);
        }
        sum[c] = j ? _mm512_fmadd_ps(wy, along, sum[c]) : _mm512_mul_ps(wy, along);
      }
    }
    __m512i v[channels];
    for (int c = 0; c < channels; ++c) v[c] = blend.fixed_within(sum[c]);
    found += finish(v, i, n - i, out + i * channels, doubts + found);
  }
  return found;
}

}  // namespace

int weigh_to_bytes(const BytePicture& picture, const SampleRun<float>& run, int n, int channels, double error,
                   uint8_t* out, int* doubts) {
  return channels == 1   ? weigh<1>(picture, run, n, error, out, doubts)
         : channels == 3 ? weigh<3>(picture, run, n, error, out, doubts)
                         : weigh<4>(picture, run, n, error, out, doubts);
}

}  // namespace assay

#else

namespace assay {
int weigh_to_bytes(const BytePicture&, const SampleRun<float>&, int, int, double, uint8_t*, int*) { return 0; }
}  // namespace assay

#endif
