#include "assay/imgproc/geometry/sampling_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "assay/imgproc/geometry/sampling_byte_kernels.h"

namespace assay {

namespace {

// Keys' weights at fraction f, a = -1/2.
template <class Real>
void cubic_weights(const Real* __restrict f, int n, Real (*__restrict w)[SampleRun<Real>::kRun]) {
  for (int i = 0; i < n; ++i) {
    const Real t = f[i], s = 1 - t;
    w[0][i] = -t * s * s / 2;
    w[1][i] = 1 + t * t * (3 * t - 5) / 2;
    w[2][i] = 1 + s * s * (3 * s - 5) / 2;
    w[3][i] = -s * t * t / 2;
  }
}

// With x = pi f / 3:  sin(pi (f + 2 - k)) = +-sin(3 x) = +-(3 sin x - 4 sin^3 x), and sin(pi (f + 2 - k) / 3) follows from sin x and
// cos x by the sum formula. Near f = 0 and f = 1 the distance of one tap is lost to rounding; there the weights are 0 and 1.
inline void lanczos_at(double f, double sin_x, double cos_x, double (&w)[6]) {
  constexpr double kSin3[6] = {0.8660254037844387, 0.8660254037844387, 0, -0.8660254037844387, -0.8660254037844387, 0};
  constexpr double kCos3[6] = {-0.5, 0.5, 1, 0.5, -0.5, -1};  // of pi (2 - k) / 3
  const double s = 3 * sin_x - 4 * sin_x * sin_x * sin_x;
  double sum = 0;
  for (int k = 0; k < 6; ++k) {
    const double d = f + 2 - k;
    w[k] = (k % 2 ? -s : s) * (sin_x * kCos3[k] + cos_x * kSin3[k]) / (d * d);
    sum += w[k];
  }
  const double inverse = 1 / sum;
  for (int k = 0; k < 6; ++k) w[k] *= inverse;
}

// sin x and cos x on [0, pi / 3] by their series: the terms left out are below 1e-17.
inline double series_sin(double x) {
  const double q = x * x;
  return x * (1 + q * (-1 / 6.0 +
                       q * (1 / 120.0 +
                            q * (-1 / 5040.0 +
                                 q * (1 / 362880.0 +
                                      q * (-1 / 39916800.0 + q * (1 / 6227020800.0 + q * (-1 / 1307674368000.0))))))));
}
inline double series_cos(double x) {
  const double q = x * x;
  return 1 + q * (-0.5 +
                  q * (1 / 24.0 +
                       q * (-1 / 720.0 + q * (1 / 40320.0 + q * (-1 / 3628800.0 + q * (1 / 479001600.0 +
                                                                                       q * (-1 / 87178291200.0 +
                                                                                            q / 20922789888000.0)))))));
}

template <class Real>
void lanczos_weights(const Real* __restrict f, int n, Real (*__restrict w)[SampleRun<Real>::kRun]) {
  constexpr double tiny = std::is_same_v<Real, float> ? 1e-8 : 1e-13;
  for (int i = 0; i < n; ++i) {
    const double t = static_cast<double>(f[i]), safe = t < tiny ? 0.25 : t > 1 - tiny ? 0.75 : t;
    const double x = std::numbers::pi / 3 * safe;
    double v[6];
    lanczos_at(safe, series_sin(x), series_cos(x), v);
    for (int k = 0; k < 6; ++k) w[k][i] = static_cast<Real>(v[k]);
  }
  for (int i = 0; i < n; ++i)
    if (const auto t = static_cast<double>(f[i]); t < tiny || t > 1 - tiny)
      for (int k = 0; k < 6; ++k) w[k][i] = k == (t < tiny ? 2 : 3);
}

// The same in f32 without a loss near 0 and 1: t is the way to the nearer pixel, sin(pi t) / t and sin(pi t / 3) / t are series in
// t^2, and the weights of 1 - t are those of t backwards.
void lanczos_weights(const float* __restrict f, int n, float (*__restrict w)[SampleRun<float>::kRun]) {
  constexpr float pi = std::numbers::pi_v<float>, kSin = 0.8660254f;  // sin(pi / 3)
  for (int i = 0; i < n; ++i) {
    const bool back = f[i] > 0.5f;
    const float t = back ? 1 - f[i] : f[i], q = (pi * t) * (pi * t), r = q / 9;
    const float sine =
        pi * (1 + q * (-1 / 6.f +
                       q * (1 / 120.f +
                            q * (-1 / 5040.f + q * (1 / 362880.f + q * (-1 / 39916800.f + q * (1 / 6227020800.f)))))));
    const float third = pi / 3 * (1 + r * (-1 / 6.f + r * (1 / 120.f + r * (-1 / 5040.f))));
    const float cosine = 1 + r * (-0.5f + r * (1 / 24.f + r * (-1 / 720.f + r * (1 / 40320.f))));
    const float s = t * sine, a = t * third / 2, b = kSin * cosine;  // a = sin(pi t / 3) cos(pi / 3), b = cos sin
    const float v0 = s * (b - a) / ((t + 2) * (t + 2)), v1 = -s * (a + b) / ((t + 1) * (t + 1)), v2 = sine * third,
                v3 = -s * (a - b) / ((t - 1) * (t - 1)), v4 = s * (-a - b) / ((t - 2) * (t - 2)),
                v5 = s * 2 * a / ((t - 3) * (t - 3));
    const float sum = v0 + v1 + v2 + v3 + v4 + v5;
    w[0][i] = (back ? v5 : v0) / sum;
    w[1][i] = (back ? v4 : v1) / sum;
    w[2][i] = (back ? v3 : v2) / sum;
    w[3][i] = (back ? v2 : v3) / sum;
    w[4][i] = (back ? v1 : v4) / sum;
    w[5][i] = (back ? v0 : v5) / sum;
  }
}

// Where the taps of n places begin along one axis, and how far each place is from the pixel before it.
template <class Real>
void split_places(const double* __restrict u, int n, double lift, int before, int32_t* __restrict first,
                  Real* __restrict fraction) {
  constexpr double kFar = 1e9;
  for (int i = 0; i < n; ++i) {
    double p = u[i] + lift;
    p = p > -kFar ? p : -kFar;  // NaN, too
    p = p < kFar ? p : kFar;
    const double floor = std::floor(p);
    first[i] = static_cast<int32_t>(floor) - before;
    fraction[i] = static_cast<Real>(p - floor);
  }
}

// The same along both axes for places whose taps all lie inside, first taps at most `last_x`, `last_y`; false, and nothing of
// use, where one does not.
template <class Real>
bool split_inside(const double* __restrict u, const double* __restrict v, int n, double lift, int before, int last_x,
                  int last_y, SampleRun<Real>& run, Real* __restrict fx, Real* __restrict fy) {
  const double low = before, high_x = last_x + before, high_y = last_y + before;
  int outside = 0;
  for (int i = 0; i < n; ++i) {
    const double p = u[i] + lift, q = v[i] + lift, floor_p = std::floor(p), floor_q = std::floor(q);
    const bool in = (floor_p >= low) & (floor_p <= high_x) & (floor_q >= low) & (floor_q <= high_y);  // NaN is not
    outside |= !in;
    run.x[i] = static_cast<int32_t>(in ? floor_p : 0) - before;
    run.y[i] = static_cast<int32_t>(in ? floor_q : 0) - before;
    fx[i] = static_cast<Real>(p - floor_p);
    fy[i] = static_cast<Real>(q - floor_q);
  }
  return !outside;
}

template <int K, int channels, class T, class Real>
void sum_inside(const SampleRun<Real>& run, int begin, int end, const T* first, ptrdiff_t step, Real* out) {
  for (int i = begin; i < end; ++i) {
    const T* row = first + run.y[i] * step + static_cast<ptrdiff_t>(run.x[i]) * channels;
    for (int c = 0; c < channels; ++c) {
      Real sum = 0;
      for (int j = 0; j < K; ++j) {
        Real along = 0;
        for (int k = 0; k < K; ++k) along += run.wx[k][i] * static_cast<Real>(row[j * step + k * channels + c]);
        sum += run.wy[j][i] * along;
      }
      out[static_cast<ptrdiff_t>(i - begin) * channels + c] = sum;
    }
  }
}

// So many bytes as one number, the first lowest (on a machine that stores them so).
template <int bytes>
auto load_word(const uint8_t* from) {
  uint16_t two = 0;
  uint32_t four = 0;
  uint64_t eight = 0;
  if constexpr (bytes == 2) {
    std::memcpy(&two, from, 2);
    return two;
  } else if constexpr (bytes == 4) {
    std::memcpy(&four, from, 4);
    return four;
  } else if constexpr (bytes == 6) {
    std::memcpy(&four, from, 4);
    std::memcpy(&two, from + 4, 2);
    return static_cast<uint64_t>(four) | static_cast<uint64_t>(two) << 32;
  } else {
    std::memcpy(&eight, from, 8);
    return eight;
  }
}

// Plain loads: of them the compiler would make gathers, which take twice as long (Zen 4).
template <int bytes, class Word>
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((optimize("no-tree-vectorize", "no-tree-slp-vectorize")))
#endif
void load_words(const uint8_t* first, const int32_t* offset, int n, Word* to) {
  for (int i = 0; i < n; ++i) to[i] = load_word<bytes>(first + offset[i]);
}

// 8 bits: the K pixels of a row are one load into a word; the sums then run over outputs, channel by channel.
template <int K, int channels>
void sum_bytes(const SampleRun<float>& run, int begin, int end, const uint8_t* first, ptrdiff_t step, float* out) {
  constexpr int kRun = SampleRun<float>::kRun, kBytes = K * channels;
  using Word = decltype(load_word<kBytes>(first));
  Word words[K][kRun];
  int32_t offset[kRun];
  float sums[channels][kRun];
  const int n = end - begin;
  for (int i = 0; i < n; ++i) offset[i] = run.y[begin + i] * static_cast<int32_t>(step) + run.x[begin + i] * channels;
  for (int j = 0; j < K; ++j) load_words<kBytes>(first + j * step, offset, n, words[j]);
  for (int c = 0; c < channels; ++c)
    for (int j = 0; j < K; ++j) {
      const float* __restrict wy = run.wy[j] + begin;
      float* __restrict sum = sums[c];
      for (int i = 0; i < n; ++i) {
        float along = 0;
        for (int k = 0; k < K; ++k)
          along += run.wx[k][begin + i] *
                   static_cast<float>(static_cast<int>(words[j][i] >> (8 * (k * channels + c)) & 255));
        sum[i] = (j ? sum[i] : 0.f) + wy[i] * along;
      }
    }
  if constexpr (channels == 1) {
    std::copy_n(sums[0], n, out);
  } else {
    for (int i = 0; i < n; ++i)
      for (int c = 0; c < channels; ++c) out[i * channels + c] = sums[c][i];
  }
}

// f32, bilinear.
void blend_floats(const SampleRun<float>& run, int begin, int end, const float* first, ptrdiff_t step,
                  float* __restrict out) {
  constexpr int kRun = SampleRun<float>::kRun;
  constexpr ptrdiff_t kAhead =
      8;  // rows that are on their way into the cache: no hardware foresees those of places that turn
  float corner[4][kRun];
  const int n = end - begin;
  int done = pick_floats(first, step, run.x + begin, run.y + begin, n, {corner[0], corner[1], corner[2], corner[3]});
  for (; done < n; ++done) {
    const float* from = first + run.y[begin + done] * step + run.x[begin + done];
    if (done % 8 == 0) __builtin_prefetch(from + kAhead * step);
    corner[0][done] = from[0], corner[1][done] = from[1], corner[2][done] = from[step],
    corner[3][done] = from[step + 1];
  }
  const float* __restrict fx = run.wx[1] + begin;
  const float* __restrict fy = run.wy[1] + begin;
  for (int i = 0; i < n; ++i) {
    const float top = (1 - fx[i]) * corner[0][i] + fx[i] * corner[1][i];
    const float bottom = (1 - fx[i]) * corner[2][i] + fx[i] * corner[3][i];
    out[i] = (1 - fy[i]) * top + fy[i] * bottom;
  }
}

template <int K, class T, class Real>
void sum_channels(const SampleRun<Real>& run, int begin, int end, const T* first, ptrdiff_t step, int channels,
                  Real* out) {
  if constexpr (std::is_same_v<T, uint8_t> && K > 1) {
    if (channels == 1) return sum_bytes<K, 1>(run, begin, end, first, step, out);
  }
  if constexpr (std::is_same_v<T, float> && K == 2)
    if (channels == 1) return blend_floats(run, begin, end, first, step, out);
  switch (channels) {
    case 1:
      return sum_inside<K, 1>(run, begin, end, first, step, out);
    case 3:
      return sum_inside<K, 3>(run, begin, end, first, step, out);
    default:
      return sum_inside<K, 4>(run, begin, end, first, step, out);
  }
}

int tap_count(Interpolation method) {
  return method == Interpolation::nearest    ? 1
         : method == Interpolation::bilinear ? 2
         : method == Interpolation::bicubic  ? 4
                                             : 6;
}

template <class Real>
void weigh(const Real* f, int n, int count, Real (*w)[SampleRun<Real>::kRun]) {
  if (count == 1) std::fill_n(w[0], n, Real(1));
  if (count == 2)
    for (int i = 0; i < n; ++i) w[0][i] = 1 - f[i], w[1][i] = f[i];
  if (count == 4) cubic_weights(f, n, w);
  if (count == 6) lanczos_weights(f, n, w);
}

}  // namespace

template <class Real>
bool place_taps(const double* u, const double* v, int n, Interpolation method, int width, int height,
                SampleRun<Real>& run) {
  const int count = tap_count(method);
  run.count = count;
  Real fx[SampleRun<Real>::kRun], fy[SampleRun<Real>::kRun];
  const double lift = count == 1 ? 0.5 : 0;
  const int before = count == 1 ? 0 : count / 2 - 1;
  const bool all_inside = split_inside(u, v, n, lift, before, width - count, height - count, run, fx, fy);
  if (!all_inside) {
    split_places(u, n, lift, before, run.x, fx);
    split_places(v, n, lift, before, run.y, fy);
  }
  weigh(fx, n, count, run.wx);
  weigh(fy, n, count, run.wy);
  if (!all_inside)
    for (int i = 0; i < n; ++i)
      run.inside[i] = static_cast<uint8_t>((run.x[i] >= 0) & (run.y[i] >= 0) & (run.x[i] <= width - count) &
                                           (run.y[i] <= height - count));
  return all_inside;
}

bool weigh_taps(const SplitPlaces& places, int n, Interpolation method, double error, SampleRun<float>& run) {
  run.count = tap_count(method);
  if (run.count > 1) {
    const int before = run.count / 2 - 1;
    for (int i = 0; i < n; ++i) run.x[i] = places.x[i] - before, run.y[i] = places.y[i] - before;
    weigh(places.fx, n, run.count, run.wx);
    weigh(places.fy, n, run.count, run.wy);
    return true;
  }
  const auto limit = static_cast<float>(error);
  int doubts = 0;
  for (int i = 0; i < n; ++i) {
    doubts |= (std::abs(places.fx[i] - 0.5f) < limit) | (std::abs(places.fy[i] - 0.5f) < limit);
    run.x[i] = places.x[i] + (places.fx[i] >= 0.5f);
    run.y[i] = places.y[i] + (places.fy[i] >= 0.5f);
  }
  return !doubts;
}

template <class T, class Real>
void sum_taps(const SampleRun<Real>& run, int begin, int end, const T* first, ptrdiff_t step, int channels, Real* out) {
  switch (run.count) {
    case 1:
      return sum_channels<1>(run, begin, end, first, step, channels, out);
    case 2:
      return sum_channels<2>(run, begin, end, first, step, channels, out);
    case 4:
      return sum_channels<4>(run, begin, end, first, step, channels, out);
    default:
      return sum_channels<6>(run, begin, end, first, step, channels, out);
  }
}

template bool place_taps(const double*, const double*, int, Interpolation, int, int, SampleRun<float>&);
template bool place_taps(const double*, const double*, int, Interpolation, int, int, SampleRun<double>&);
template void sum_taps(const SampleRun<float>&, int, int, const uint8_t*, ptrdiff_t, int, float*);
template void sum_taps(const SampleRun<float>&, int, int, const float*, ptrdiff_t, int, float*);
template void sum_taps(const SampleRun<double>&, int, int, const uint16_t*, ptrdiff_t, int, double*);

}  // namespace assay
