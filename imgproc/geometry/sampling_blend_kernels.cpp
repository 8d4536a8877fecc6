// imgproc/geometry/sampling_blend_kernels.cpp: blend_to_bytes where no instruction picks 64 bytes: each place loads its pixels as
// words, and the rest runs over places. Measured against sums in f32 that are put together and rounded afterwards: 1.4 times as
// fast, in colour 2 (Zen 3).
#include <algorithm>
#include <cmath>
#include <cstring>

#include "assay/imgproc/color/planes_kernels.h"
#include "assay/imgproc/geometry/sampling_byte_kernels.h"

namespace assay {

namespace {

constexpr int kBlock = 32;
constexpr ptrdiff_t kAhead =
    8;  // rows that are on their way into the cache: no hardware foresees those of places that turn

// Between four corners, in units of 2^-16 and lifted; differences of bytes are exact. A low half below 2 near tells of a doubt.
struct Blend {
  int near;
  float bias;
  explicit Blend(double error) : near(static_cast<int>(error * 65536) + 2), bias(32768.0f + static_cast<float>(near)) {}
  int32_t operator()(int p00, int p01, int p10, int p11, float fx, float fy) const {
    const float top = static_cast<float>(p00) + fx * static_cast<float>(p01 - p00);
    const float bottom = static_cast<float>(p10) + fx * static_cast<float>(p11 - p10);
    return static_cast<int32_t>((top + fy * (bottom - top)) * 65536 + bias);
  }
};

// out[i] = the high half of v[i]; appends (first + i) channels + c, i < n, for values in doubt.
int finish(const int32_t (&v)[kBlock], const Blend& blend, int first, int n, int channels, int c,
           uint8_t* __restrict out, int* doubts) {
  const int32_t limit = 2 * blend.near + 1;
  int32_t doubtful = 0;
  for (int32_t y : v) doubtful |= (y & 65535) - limit;  // below 0
  for (int i = 0; i < kBlock; ++i) out[i] = static_cast<uint8_t>(v[i] >> 16);
  int found = 0;
  if (doubtful < 0) [[unlikely]]
    for (int i = 0; i < n; ++i)
      if ((v[i] & 65535) < limit) doubts[found++] = (first + i) * channels + c;
  return found;
}

template <class Word>
Word load(const uint8_t* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

void offsets(const BytePicture& picture, const SplitPlaces& places, int first, int channels, int32_t (&to)[kBlock]) {
  const auto step = static_cast<int32_t>(picture.step);
  for (int i = 0; i < kBlock; ++i) to[i] = places.y[first + i] * step + places.x[first + i] * channels;
}

// Plain loads: of them the compiler would make gathers, which take twice as long (Zen 3, Zen 4).
#if defined(__GNUC__) && !defined(__clang__)
#define ASSAY_NO_GATHERS __attribute__((noinline, optimize("no-tree-vectorize", "no-tree-slp-vectorize")))
#else
#define ASSAY_NO_GATHERS
#endif

// A pixel and the next, above them those of the row below.
ASSAY_NO_GATHERS void load_grey(const BytePicture& picture, const int32_t (&at)[kBlock], uint32_t* __restrict words) {
  for (int first = 0; first < kBlock; first += 16) {
    __builtin_prefetch(picture.first + at[first] + kAhead * picture.step);
#pragma GCC unroll 16
    for (int i = first; i < first + 16; ++i) {
      const uint8_t* from = picture.first + at[i];
      words[i] = load<uint16_t>(from) | static_cast<uint32_t>(load<uint16_t>(from + picture.step)) << 16;
    }
  }
}

// In colour they are the eight bytes of a word.
ASSAY_NO_GATHERS void load_colour(const BytePicture& picture, const int32_t (&at)[kBlock], uint64_t* __restrict upper,
                                  uint64_t* __restrict lower) {
  for (int first = 0; first < kBlock; first += 8) {
    __builtin_prefetch(picture.first + at[first] + kAhead * picture.step);
#pragma GCC unroll 8
    for (int i = first; i < first + 8; ++i) {
      const uint8_t* from = picture.first + at[i];
      upper[i] = load<uint64_t>(from), lower[i] = load<uint64_t>(from + picture.step);
    }
  }
}

// The halves of words, which fit the numbers that come of them.
struct Halves {
  uint32_t half[2][kBlock];
  explicit Halves(const uint64_t (&words)[kBlock]) {
    for (int i = 0; i < kBlock; ++i) half[0][i] = static_cast<uint32_t>(words[i]);
    for (int i = 0; i < kBlock; ++i) half[1][i] = static_cast<uint32_t>(words[i] >> 32);
  }
};

int blend_grey(const BytePicture& picture, const SplitPlaces& places, int n, const Blend& blend, uint8_t* out,
               int* doubts) {
  int found = 0;
  for (int first = 0; first < n; first += kBlock) {
    int32_t at[kBlock], v[kBlock];
    uint32_t words[kBlock];
    uint8_t bytes[kBlock];
    offsets(picture, places, first, 1, at);
    load_grey(picture, at, words);
    const float *fx = places.fx + first, *fy = places.fy + first;
    const auto byte = [&](int i, int k) { return static_cast<int>(words[i] >> (8 * k) & 255); };
    for (int i = 0; i < kBlock; ++i) v[i] = blend(byte(i, 0), byte(i, 1), byte(i, 2), byte(i, 3), fx[i], fy[i]);
    const int here = std::min(kBlock, n - first);
    found += finish(v, blend, first, here, 1, 0, bytes, doubts + found);
    std::memcpy(out + first, bytes, static_cast<size_t>(here));
  }
  return found;
}

template <int channels>
int blend_colour(const BytePicture& picture, const SplitPlaces& places, int n, const Blend& blend, uint8_t* out,
                 int* doubts) {
  int found = 0;
  for (int first = 0; first < n; first += kBlock) {
    int32_t at[kBlock], v[kBlock];
    uint64_t upper_words[kBlock], lower_words[kBlock];
    uint8_t plane[channels][kBlock];
    offsets(picture, places, first, channels, at);
    load_colour(picture, at, upper_words, lower_words);
    const Halves upper(upper_words), lower(lower_words);
    const float *fx = places.fx + first, *fy = places.fy + first;
    const int here = std::min(kBlock, n - first);
    for (int c = 0; c < channels; ++c) {
      const int right = (channels + c) / 4, shift = 8 * ((channels + c) % 4);
      for (int i = 0; i < kBlock; ++i)
        v[i] = blend(static_cast<int>(upper.half[0][i] >> (8 * c) & 255),
                     static_cast<int>(upper.half[right][i] >> shift & 255),
                     static_cast<int>(lower.half[0][i] >> (8 * c) & 255),
                     static_cast<int>(lower.half[right][i] >> shift & 255), fx[i], fy[i]);
      found += finish(v, blend, first, here, channels, c, plane[c], doubts + found);
    }
    uint8_t* to = out + first * channels;
    if constexpr (channels == 3)
      join_planes(plane[0], plane[1], plane[2], here, to);
    else
      for (int i = 0; i < here; ++i)
        for (int c = 0; c < channels; ++c) to[channels * i + c] = plane[c][i];
  }
  return found;
}

template <class T>
void fill_up(T* values, int n) {
  for (int i = n; i % kBlock; ++i) values[i] = values[n - 1];
}

}  // namespace

int blend_to_bytes_by_words(const BytePicture& picture, SplitPlaces& places, int n, int channels, double error,
                            uint8_t* out, int* doubts) {
  const Blend blend(error);
  fill_up(places.x, n), fill_up(places.y, n), fill_up(places.fx, n), fill_up(places.fy, n);
  return channels == 1   ? blend_grey(picture, places, n, blend, out, doubts)
         : channels == 3 ? blend_colour<3>(picture, places, n, blend, out, doubts)
                         : blend_colour<4>(picture, places, n, blend, out, doubts);
}

void blend_doubts(const BytePicture& picture, const double* u, const double* v, int channels, const int* doubts,
                  int count, double tie, uint8_t* out) {
  constexpr int kMany = 64;
  double corner[4][kMany], fx[kMany], fy[kMany];
  uint8_t bytes[kMany];
  for (; count > 0; count -= kMany, doubts += kMany) {
    const int here = std::min(count, kMany);
    for (int k = 0; k < here; ++k) {
      const int pixel = doubts[k] / channels, x = static_cast<int>(u[pixel]), y = static_cast<int>(v[pixel]);
      const uint8_t* upper = picture.first + y * picture.step + doubts[k] + (x - pixel) * channels;
      const uint8_t* lower = upper + picture.step;
      corner[0][k] = upper[0], corner[1][k] = upper[channels];
      corner[2][k] = lower[0], corner[3][k] = lower[channels];
      fx[k] = u[pixel] - x, fy[k] = v[pixel] - y;
    }
#pragma omp simd
    for (int k = 0; k < here; ++k) {
      const double above = (1 - fx[k]) * corner[0][k] + fx[k] * corner[1][k],
                   below = (1 - fx[k]) * corner[2][k] + fx[k] * corner[3][k], sum = (1 - fy[k]) * above + fy[k] * below;
      const int low = static_cast<int>(sum), even = (low + 1) & ~1, near = low + (sum - low >= 0.5);
      const bool half = std::abs(sum - low - 0.5) <= tie;
      bytes[k] = static_cast<uint8_t>(half ? even : near);
    }
    for (int k = 0; k < here; ++k) out[doubts[k]] = bytes[k];
  }
}

}  // namespace assay
