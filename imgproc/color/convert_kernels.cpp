#include "assay/imgproc/color/convert_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "assay/core/simd.h"

namespace assay {

namespace {

inline float nearest(float v) { return (v + 12582912.0f) - 12582912.0f; }

// t^(-1/n) begins as a guess by the exponent, and goes on by the series of (1 - h)^(-1/n) with h = 1 - t r^n.
inline float guess_root(float t, int n, int magic) {
  return std::bit_cast<float>(
      magic - static_cast<int32_t>(static_cast<float>(std::bit_cast<int32_t>(t)) * (1 / static_cast<float>(n))));
}

inline float cube_root(float t) {                                         // relative error below 4e-7 on [1e-3, 2]
  const float r = guess_root(t, 3, 1419898954), h = 1 - t * (r * r * r);  // |h| < 0.103
  const float series =
      1 / 3.0f + h * (2 / 9.0f + h * (14 / 81.0f + h * (35 / 243.0f + h * (91 / 729.0f + h * (728 / 6561.0f)))));
  const float root = r + r * (h * series);
  return t * (root * root);
}

inline float lab_f(float t) {
  const float root = cube_root(std::max(t, 0.005f)), line = t * (841 / 108.0f) + 4 / 29.0f;
  return t > 216 / 24389.0f ? root : line;
}

inline float lab_f_inverse(float f) {
  const float cube = f * f * f, line = (f - 4 / 29.0f) * (108 / 841.0f);
  return f > 6 / 29.0f ? cube : line;
}

}  // namespace

void hsv_bytes(const uint8_t* __restrict r, const uint8_t* __restrict g, const uint8_t* __restrict b, int n,
               uint8_t* __restrict h, uint8_t* __restrict s, uint8_t* __restrict v) {
  uint8_t range[kPlane], sector[kPlane];
  int16_t difference[kPlane];
  for (int i = 0; i < n; ++i) {
    const uint8_t red = r[i], green = g[i], blue = b[i];
    const uint8_t most = std::max(red, std::max(green, blue)), least = std::min(red, std::min(green, blue));
    v[i] = most;
    range[i] = static_cast<uint8_t>(most - least);
    sector[i] = most == red ? 0 : most == green ? 60 : 120;
    const uint8_t plus = most == red ? green : most == green ? blue : red;
    const uint8_t minus = most == red ? blue : most == green ? red : green;
    difference[i] = static_cast<int16_t>(plus - minus);
  }
  for (int i = 0; i < n; ++i) {  // without range the difference is 0, without light the range
    const float over = static_cast<float>(range[i] == 0 ? 1 : range[i]),
                light = static_cast<float>(v[i] == 0 ? 1 : v[i]);
    const auto turn = static_cast<int>(nearest(static_cast<float>(30 * difference[i]) / over));
    const int hue = sector[i] + turn;  // sectors are even: ties stay where they were
    h[i] = static_cast<uint8_t>(hue < 0 ? hue + 180 : hue);
    s[i] = static_cast<uint8_t>(static_cast<int>(nearest(static_cast<float>(255 * range[i]) / light)));
  }
}

namespace {

// A quotient to the nearest, ties to even, from a guess that is it or 1 less, the guess's remainder modulo 2^16, and half the divisor.
inline int16_t corrected(int16_t guess, int remainder, int16_t half) {
  const auto raised = static_cast<int16_t>(static_cast<int16_t>(remainder) + (guess & 1));
  const int16_t up = raised > half ? 1 : 0;
  return static_cast<int16_t>(guess + up);
}

}  // namespace

// Sums of thousandths are whole, so remainders are exact. Y is guessed with weights of 1/256, each too small: too low by at most
// 0.996 less the 127/256 added, and so its floor is Y or Y - 1. From Y, off by at most 0.5, follow guesses of Cb and Cr within 0.37,
// whose floors are right or 1 too low, too.
void ycbcr_bytes(const uint8_t* __restrict r, const uint8_t* __restrict g, const uint8_t* __restrict b, int n,
                 uint8_t* __restrict y, uint8_t* __restrict cb, uint8_t* __restrict cr) {
  const auto times = [](int16_t difference, int weight) {  // of 2^-15, rounded down
    const auto raised = static_cast<int16_t>(difference * 128);
    return static_cast<int16_t>(static_cast<int16_t>(raised * weight >> 16) >> 6);
  };
  for (int i = 0; i < n; ++i) {
    const int red = r[i], green = g[i], blue = b[i];
    const auto thousand_y = static_cast<uint16_t>(299 * red + 587 * green + 114 * blue);  // modulo 2^16
    const auto guess = static_cast<int16_t>(static_cast<uint16_t>(76 * red + 150 * green + 29 * blue + 127) >> 8);
    const int16_t Y = corrected(guess, thousand_y - 1000 * guess, 500);
    const int16_t Cb = times(static_cast<int16_t>(blue - Y), 18492), Cr = times(static_cast<int16_t>(red - Y), 23372);
    const auto raised_cb = static_cast<int16_t>(128 + corrected(Cb, 1000 * blue - thousand_y - 1772 * Cb, 886));
    const auto raised_cr = static_cast<int16_t>(128 + corrected(Cr, 1000 * red - thousand_y - 1402 * Cr, 701));
    y[i] = static_cast<uint8_t>(Y);
    cb[i] = static_cast<uint8_t>(raised_cb > 255 ? 255 : raised_cb);
    cr[i] = static_cast<uint8_t>(raised_cr > 255 ? 255 : raised_cr);
  }
}

void FloatTable::set(int i, float v) {
  value[i] = v;
  for (int k = 0; k < 4; ++k) byte[k][i] = static_cast<uint8_t>(std::bit_cast<uint32_t>(v) >> (8 * k));
}

namespace {

#if defined(__AVX512VBMI__) && defined(__GNUC__) && !defined(__clang__)
using Bytes = Simd<uint8_t, 64>;

using Words = Simd<uint16_t, 32>;
using Numbers = Simd<uint32_t, 16>;

// Within each 16 bytes, the lower (upper) halves of a and b by turns.
template <int half, class Vector>
inline Vector zipped(const Vector& a, const Vector& b) {
  constexpr int size = 64 / sizeof(a[0]), lane = size / 4;
  Vector at;
  for (int i = 0; i < size; ++i)
    at[i] = static_cast<std::decay_t<decltype(a[0])>>(i / lane * lane + half * lane / 2 + i % lane / 2 + i % 2 * size);
  return __builtin_shuffle(a, b, at);
}

// By byte tables of 256, which four registers hold: the compiler would fetch the numbers by slow gathers. The bytes go to the tables
// by fours in such an order that zipping what comes out brings the numbers in theirs.
void look_up(const FloatTable& table, const uint8_t* from, int n, float* to) {
  Bytes quarter[4][4];
  std::memcpy(quarter, table.byte, sizeof quarter);
  const Numbers turned{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  for (int i = 0; i < n; i += 64) {
    Numbers fours{};
    std::memcpy(&fours, from + i, static_cast<size_t>(std::min(64, n - i)));
    const Bytes v = reinterpret_cast<Bytes>(__builtin_shuffle(fours, turned));
    Bytes b[4];
    for (int k = 0; k < 4; ++k) {
      const Bytes low = __builtin_shuffle(quarter[k][0], quarter[k][1], v),
                  high = __builtin_shuffle(quarter[k][2], quarter[k][3], v);
      b[k] = v >= 128 ? high : low;
    }
    const auto words = [&](auto half, int k) { return reinterpret_cast<Words>(zipped<half()>(b[k], b[k + 1])); };
    constexpr std::integral_constant<int, 0> lower;
    constexpr std::integral_constant<int, 1> upper;
    const Words numbers[4] = {zipped<0>(words(lower, 0), words(lower, 2)), zipped<1>(words(lower, 0), words(lower, 2)),
                              zipped<0>(words(upper, 0), words(upper, 2)), zipped<1>(words(upper, 0), words(upper, 2))};
    std::memcpy(to + i, numbers, sizeof numbers);
  }
}
#else
void look_up(const FloatTable& table, const uint8_t* from, int n, float* to) {
  for (int i = 0; i < n; ++i) to[i] = table.value[from[i]];
}
#endif

}  // namespace

void lab_bytes(const uint8_t* __restrict red, const uint8_t* __restrict green, const uint8_t* __restrict blue, int n,
               const FloatTable& linear, const float (&m)[3][3], uint8_t* __restrict l, uint8_t* __restrict a,
               uint8_t* __restrict b, uint8_t* __restrict unsure) {
  alignas(64) float rgb[3][kPlane], f[3][kPlane];
  look_up(linear, red, n, rgb[0]);
  look_up(linear, green, n, rgb[1]);
  look_up(linear, blue, n, rgb[2]);
  for (int k = 0; k < 3; ++k) {
    const float p = m[k][0], q = m[k][1], r = m[k][2];
    for (int i = 0; i < n; ++i) f[k][i] = lab_f(p * rgb[0][i] + q * rgb[1][i] + r * rgb[2][i]);
  }
  for (int i = 0; i < n; ++i) {
    const float L = f[1][i] * 295.8f - 40.8f, A = 500 * (f[0][i] - f[1][i]) + 128, B = 200 * (f[1][i] - f[2][i]) + 128;
    const float near_L = nearest(L), near_A = nearest(A), near_B = nearest(B);
    const float off_L = std::abs(L - near_L), off_A = std::abs(A - near_A), off_B = std::abs(B - near_B);
    const float off_ab = off_A > off_B ? off_A : off_B, off = off_ab > off_L ? off_ab : off_L;
    l[i] = static_cast<uint8_t>(static_cast<int>(near_L));
    a[i] = static_cast<uint8_t>(static_cast<int>(near_A));
    b[i] = static_cast<uint8_t>(static_cast<int>(near_B));
    unsure[i] = off >= 0.5f - kLabError ? 1 : 0;
  }
}

namespace {

// (1 - h)^(-7/12) for |h| < 0.345, to 1e-7 of it: a polynomial fitted by least squares, weights moved until its errors are even.
inline float power_7_12(float h) {
  return 1 + h * (0.583330989f +
                  h * (0.461800545f +
                       h * (0.397925109f +
                            h * (0.356604248f +
                                 h * (0.318872601f + h * (0.295023441f + h * (0.367759138f + h * 0.355605632f)))))));
}

// 255 times the curve of sRGB for v in [0, 1], and a bound of the error where that of v is `error`. The power 5/12 is
// v r^7 with r = v^(-1/12), a guess with h = 1 - v r^12, and the slope goes with r^7.
struct Encoded {
  float value, error;
};
inline Encoded encoded(float v, float error) {
  const float t = std::max(v, 0.002f);
  const float r = guess_root(t, 12, 1153652650), r3 = r * r * r, r6 = r3 * r3, h = 1 - t * (r6 * r6);  // |h| < 0.345
  const float seventh = r6 * r * power_7_12(h);
  const bool curved = v > 0.04045f / 12.92f;
  const float slope = curved ? 255 * 1.055f / 2.4f * seventh : 255 * 12.92f;
  const float value = curved ? 255 * 1.055f * (t * seventh) - 255 * 0.055f : 255 * 12.92f * v;
  return {value, slope * error + kEncodeError};
}

}  // namespace

void srgb_from_lab_bytes(const uint8_t* __restrict l, const uint8_t* __restrict a, const uint8_t* __restrict b, int n,
                         const float (&m)[3][3], uint8_t* const (&srgb)[3], uint8_t* __restrict unsure) {
  float x[kPlane], y[kPlane], z[kPlane], error[kPlane];
  for (int i = 0; i < n; ++i) unsure[i] = 0;
  for (int i = 0; i < n; ++i) {
    const float fy = (static_cast<float>(l[i]) * (100 / 255.0f) + 16) * (1 / 116.0f);
    const float fx = fy + static_cast<float>(a[i] - 128) * (1 / 500.0f);
    const float fz = fy - static_cast<float>(b[i] - 128) * (1 / 200.0f);
    const float X = lab_f_inverse(fx), Y = lab_f_inverse(fy), Z = lab_f_inverse(fz);
    x[i] = X, y[i] = Y, z[i] = Z;
    const float across = std::abs(X) > std::abs(Z) ? std::abs(X) : std::abs(Z), largest = across > Y ? across : Y;
    error[i] = kLinearError * largest + kLeastLinearError;
  }
  for (int c = 0; c < 3; ++c) {
    const float p = m[c][0], q = m[c][1], r = m[c][2], reach = std::abs(p) + std::abs(q) + std::abs(r);
    uint8_t* __restrict to = srgb[c];
    for (int i = 0; i < n; ++i) {
      const float v = p * x[i] + q * y[i] + r * z[i];
      const Encoded e = encoded(std::min(std::max(v, 0.f), 1.f), reach * error[i]);
      const float whole = nearest(e.value);
      to[i] = static_cast<uint8_t>(static_cast<int>(whole));
      unsure[i] |= std::abs(e.value - whole) + e.error >= 0.5f ? 1 : 0;
    }
  }
}

}  // namespace assay
