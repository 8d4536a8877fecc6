#include "assay/imgproc/color/lab_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "assay/core/simd.h"
#include "assay/imgproc/segment/runs_internal.h"

#if defined(__AVX512VBMI__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__GNUC__) && \
    !defined(__clang__)
#define ASSAY_BYTE_TABLES 1
#include <immintrin.h>
#endif

namespace assay {

void FloatTable::set(int i, float v) {
  value[i] = v;
  for (int k = 0; k < 4; ++k) byte[k][i] = static_cast<uint8_t>(std::bit_cast<uint32_t>(v) >> (8 * k));
}

#ifdef ASSAY_BYTE_TABLES

namespace {

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
void look_up(const FloatTable& table, const uint8_t* from, int n, float* __restrict to) {
  const auto quarter = [&](int k, int q) { return *reinterpret_cast<const Bytes*>(table.byte[k] + 64 * q); };
  const Numbers turned{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  for (int i = 0; i < n; i += 64) {
    const Numbers fours = *reinterpret_cast<const SimdAnywhere<uint32_t, 16>*>(from + i);
    const Bytes v = reinterpret_cast<Bytes>(__builtin_shuffle(fours, turned));
    Bytes b[4];
    for (int k = 0; k < 4; ++k) {
      const Bytes low = __builtin_shuffle(quarter(k, 0), quarter(k, 1), v),
                  high = __builtin_shuffle(quarter(k, 2), quarter(k, 3), v);
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

// t^p for t = m 2^e, 1 <= m < 2, as m^p, a parabola in each of 32 pieces, times 2^(ep), of 16 exponents from -15 to 0: two registers
// hold the numbers of all pieces. Errs by less than 3e-7 of itself; tried with every m and e.
struct PowerTable {
  alignas(64) float c[3][32], scale[16];
  explicit PowerTable(double p, double unit) {
    for (int k = 0; k < 32; ++k) {  // through three points, in w = m - k / 32
      double w[3], y[3];
      for (int j = 0; j < 3; ++j)
        w[j] = 1 + (1 + (j - 1) * 0.8660254037844387) / 64, y[j] = std::pow(w[j] + k / 32.0, p);
      const double first = (y[1] - y[0]) / (w[1] - w[0]), second = (y[2] - y[1]) / (w[2] - w[1]),
                   curve = (second - first) / (w[2] - w[0]);
      c[0][k] = static_cast<float>(y[0] - first * w[0] + curve * w[0] * w[1]);
      c[1][k] = static_cast<float>(first - curve * (w[0] + w[1]));
      c[2][k] = static_cast<float>(curve);
    }
    for (int k = 0; k < 16; ++k) scale[k] = static_cast<float>(unit * std::pow(2.0, (k - 15) * p));
  }
};

class Power {
 public:
  explicit Power(const PowerTable& t) : scale_(_mm512_load_ps(t.scale)) {
    for (int k = 0; k < 3; ++k) low_[k] = _mm512_load_ps(t.c[k]), high_[k] = _mm512_load_ps(t.c[k] + 16);
  }
  // m^p, and unit 2^(ep).
  __m512 of_mantissa(__m512i bits) const {
    const __m512i piece = _mm512_srli_epi32(bits, 18);
    const __m512i rest =
        _mm512_ternarylogic_epi32(bits, _mm512_set1_epi32(0x3ffff), _mm512_set1_epi32(0x3f800000), 0xea);
    const auto of_piece = [&](int k) { return _mm512_permutex2var_ps(low_[k], piece, high_[k]); };
    const __m512 w = _mm512_castsi512_ps(rest);
    return _mm512_fmadd_ps(_mm512_fmadd_ps(of_piece(2), w, of_piece(1)), w, of_piece(0));
  }
  __m512 of_exponent(__m512i exponent) const { return _mm512_permutexvar_ps(exponent, scale_); }

 private:
  __m512 low_[3], high_[3], scale_;
};

inline __m512i exponent_of(__m512i bits) { return _mm512_srli_epi32(bits, 23); }

// Byte 2 of each 32 bits, the whole part in units of 2^-16.
inline void store_whole(__m512i fixed, uint8_t* to) {
  const __m512i at =
      _mm512_set_epi32(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3e3a3632, 0x2e2a2622, 0x1e1a1612, 0x0e0a0602);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_castsi512_si128(_mm512_permutexvar_epi8(at, fixed)));
}

inline __m512 floats(const uint8_t* from) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
}

// Of each 32 bits of 16 pixels from `first` on, the mask holds two.
inline int note_doubts(uint32_t mask, int first, int n, int* to) {
  int found = 0;
  for (; mask; mask &= mask - 1)
    if (const int at = first + __builtin_ctz(mask) / 2; at < n) to[found++] = at;
  return found;
}

// The steepest slope of sRGB's curve between 2^(k - 15) and twice that, and 1 % more, in units of 2^-16 of a step.
struct SteepestTable {
  alignas(64) float slope[16];
  SteepestTable() {
    for (int k = 0; k < 16; ++k) {
      const double v = std::pow(2.0, k - 15), curve = 1.055 / 2.4 * std::pow(std::max(v, 0.04045 / 12.92), -7 / 12.0);
      slope[k] = static_cast<float>(1.01 * 65536 * 255 * (v < 0.04045 / 12.92 ? std::max(12.92, curve) : curve));
    }
  }
};

// Values in units of 2^-16, lifted by a half and by a bound of their error: a low half below twice that tells of a doubt.
constexpr __mmask32 kLowHalves = 0x55555555;
struct Lift {
  float bias;
  __m512i limit;
  Lift(double offset, double error) {
    const double near = std::ceil(error * 65536) + 2;
    bias = static_cast<float>(65536 * (offset + 0.5) + near), limit = _mm512_set1_epi32(static_cast<int>(2 * near + 1));
  }
  __mmask32 doubts(__m512i fixed) const { return _mm512_mask_cmplt_epu16_mask(kLowHalves, fixed, limit); }
};

}  // namespace

// A linear light and a weight err by 2^-24 of themselves, their sum by 5 2^-24, its root by a third of that and 2.1e-7: 3.1e-7. L, a, b
// are 295.8, 500 and 200 times f and differences of f.
int lab_bytes(const uint8_t* red, const uint8_t* green, const uint8_t* blue, int n, const FloatTable& linear,
              const float (&m)[3][3], uint8_t* l, uint8_t* a, uint8_t* b, int* doubts) {
  static const PowerTable table(1 / 3.0, 1);
  const Power root(table);
  const Lift lift_l(-40.8, 1.2e-4), lift_a(128, 3.4e-4), lift_b(128, 1.5e-4);
  alignas(64) float light[3][kPlane], f[3][kPlane];
  look_up(linear, red, n, light[0]);
  look_up(linear, green, n, light[1]);
  look_up(linear, blue, n, light[2]);
  for (int k = 0; k < 3; ++k) {
    const __m512 p = _mm512_set1_ps(m[k][0]), q = _mm512_set1_ps(m[k][1]), r = _mm512_set1_ps(m[k][2]);
    for (int i = 0; i < n; i += 16) {
      const auto lit = [&](int c) { return _mm512_load_ps(light[c] + i); };
      const __m512 t = _mm512_fmadd_ps(r, lit(2), _mm512_fmadd_ps(q, lit(1), _mm512_mul_ps(p, lit(0))));
      const __m512i bits = _mm512_castps_si512(t);
      const __m512 line = _mm512_fmadd_ps(t, _mm512_set1_ps(841 / 108.0f), _mm512_set1_ps(4 / 29.0f));
      const __mmask16 curved = _mm512_cmp_ps_mask(t, _mm512_set1_ps(216 / 24389.0f), _CMP_GT_OQ);
      _mm512_store_ps(f[k] + i,
                      _mm512_mask_mul_ps(line, curved, root.of_mantissa(bits), root.of_exponent(exponent_of(bits))));
    }
  }
  int found = 0;
  for (int i = 0; i < n; i += 16) {
    const __m512 fx = _mm512_load_ps(f[0] + i), fy = _mm512_load_ps(f[1] + i), fz = _mm512_load_ps(f[2] + i);
    const auto fixed = [](__m512 v, float scale, const Lift& lift) {
      return _mm512_cvttps_epi32(_mm512_fmadd_ps(v, _mm512_set1_ps(65536 * scale), _mm512_set1_ps(lift.bias)));
    };
    const __m512i L = fixed(fy, 295.8f, lift_l), A = fixed(_mm512_sub_ps(fx, fy), 500, lift_a),
                  B = fixed(_mm512_sub_ps(fy, fz), 200, lift_b);
    store_whole(L, l + i), store_whole(A, a + i), store_whole(B, b + i);
    if (const __mmask32 unsure = lift_l.doubts(L) | lift_a.doubts(A) | lift_b.doubts(B)) [[unlikely]]
      found += note_doubts(unsure, i, n, doubts + found);
  }
  return found;
}

namespace {

__m512 all(float v) { return _mm512_set1_ps(v); }

// X, Y, Z of a run, in f32, and a bound of the errors in linear light.
struct LightOfRun {
  alignas(64) float v[3][kPlane], error[kPlane];
  void put(int i, __m512 x, __m512 y, __m512 z) {
    constexpr float kLinearError = 8e-7f, kLeastLinearError = 1e-8f;
    const __m512 largest = _mm512_max_ps(_mm512_max_ps(_mm512_abs_ps(x), _mm512_abs_ps(z)), y);
    _mm512_store_ps(v[0] + i, x), _mm512_store_ps(v[1] + i, y), _mm512_store_ps(v[2] + i, z);
    _mm512_store_ps(error + i, _mm512_fmadd_ps(largest, all(kLinearError), all(kLeastLinearError)));
  }
};

// X, Y, Z err by 5.5e-7 of the largest and 1e-8 besides, weights and their sums by four times 2^-24 of all terms; then the slope of the
// curve, at most that of the lowest value of its exponent; the value itself errs by 1.1e-4.
int srgb_of(const LightOfRun& light, int n, const float (&m)[3][3], uint8_t* const (&srgb)[3], int* doubts) {
  constexpr float kNear = 1.1e-4f * 65536 + 2;
  static const PowerTable table(5 / 12.0, 65536 * 255 * 1.055);
  static const SteepestTable steepest;
  const Power power(table);
  const __m512 slope = _mm512_load_ps(steepest.slope);
  __mmask32 unsure[kPlane / 16] = {};
  for (int c = 0; c < 3; ++c) {
    const __m512 p = all(m[c][0]), q = all(m[c][1]), r = all(m[c][2]);
    const __m512 steep = _mm512_mul_ps(slope, all(std::abs(m[c][0]) + std::abs(m[c][1]) + std::abs(m[c][2])));
    for (int i = 0; i < n; i += 16) {
      const auto lit = [&](int k) { return _mm512_load_ps(light.v[k] + i); };
      const __m512 sum = _mm512_fmadd_ps(r, lit(2), _mm512_fmadd_ps(q, lit(1), _mm512_mul_ps(p, lit(0))));
      const __m512 v = _mm512_min_ps(_mm512_max_ps(sum, all(0x1p-15f)), all(1));  // 2^-15 is 0.1 of a step
      const __m512i bits = _mm512_castps_si512(v), exponent = exponent_of(bits);
      const __m512 line = _mm512_fmadd_ps(v, all(65536 * 255 * 12.92f), all(32768));
      const __m512 curve =
          _mm512_fmadd_ps(power.of_mantissa(bits), power.of_exponent(exponent), all(32768 - 65536 * 255 * 0.055f));
      const __mmask16 curved = _mm512_cmp_ps_mask(v, all(0.04045f / 12.92f), _CMP_GT_OQ);
      const __m512i fixed = _mm512_cvttps_epi32(_mm512_mask_mov_ps(line, curved, curve));
      const __m512i near = _mm512_cvtps_epi32(
          _mm512_fmadd_ps(_mm512_permutexvar_ps(exponent, steep), _mm512_load_ps(light.error + i), all(kNear)));
      store_whole(fixed, srgb[c] + i);
      unsure[i / 16] |= _mm512_mask_cmple_epu16_mask(kLowHalves, _mm512_abs_epi16(fixed), near);
    }
  }
  int found = 0;
  for (int i = 0; i < n; i += 16)
    if (unsure[i / 16]) [[unlikely]]
      found += note_doubts(unsure[i / 16], i, n, doubts + found);
  return found;
}

}  // namespace

int srgb_from_lab_bytes(const uint8_t* l, const uint8_t* a, const uint8_t* b, int n, const float (&m)[3][3],
                        uint8_t* const (&srgb)[3], int* doubts) {
  LightOfRun light;
  for (int i = 0; i < n; i += 16) {
    const __m512 fy = _mm512_fmadd_ps(floats(l + i), all(100 / 255.0f / 116), all(16 / 116.0f)),
                 fx = _mm512_fmadd_ps(_mm512_sub_ps(floats(a + i), all(128)), all(1 / 500.0f), fy),
                 fz = _mm512_fnmadd_ps(_mm512_sub_ps(floats(b + i), all(128)), all(1 / 200.0f), fy);
    const auto cube = [&](__m512 f) {
      const __m512 line = _mm512_fmadd_ps(f, all(108 / 841.0f), all(-4 / 29.0f * 108 / 841.0f));
      return _mm512_mask_mul_ps(line, _mm512_cmp_ps_mask(f, all(6 / 29.0f), _CMP_GT_OQ), f, _mm512_mul_ps(f, f));
    };
    light.put(i, cube(fx), cube(fy), cube(fz));
  }
  return srgb_of(light, n, m, srgb, doubts);
}

// A part of white errs by 2^-23 of itself.
int srgb_from_xyz_bytes(const uint8_t* x, const uint8_t* y, const uint8_t* z, int n, const float (&m)[3][3],
                        uint8_t* const (&srgb)[3], int* doubts) {
  LightOfRun light;
  const auto part = [](const uint8_t* from) { return _mm512_mul_ps(floats(from), all(1 / 255.0f)); };
  for (int i = 0; i < n; i += 16) light.put(i, part(x + i), part(y + i), part(z + i));
  return srgb_of(light, n, m, srgb, doubts);
}

#else

namespace {

// A value of Lab errs by less than kLabError; linear light by kLinearError of the largest of X / Xn, Y / Yn, Z / Zn, and by
// kLeastLinearError besides, the curve of sRGB by kEncodeError of a step.
constexpr float kLabError = 4e-4f, kLinearError = 1.5e-6f, kLeastLinearError = 1e-8f, kEncodeError = 2e-4f;

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

void look_up(const FloatTable& table, const uint8_t* from, int n, float* __restrict to) {
  for (int i = 0; i < n; ++i) to[i] = table.value[from[i]];
}
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

int list(const uint8_t* unsure, int n, int* doubts) {
  int found = 0;
  for (int i = runs::next_white(unsure, 0, n); i < n; i = runs::next_white(unsure, i + 1, n)) doubts[found++] = i;
  return found;
}

}  // namespace

int lab_bytes(const uint8_t* __restrict red, const uint8_t* __restrict green, const uint8_t* __restrict blue, int n,
              const FloatTable& linear, const float (&m)[3][3], uint8_t* __restrict l, uint8_t* __restrict a,
              uint8_t* __restrict b, int* doubts) {
  uint8_t unsure[kPlane];
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
  return list(unsure, n, doubts);
}

namespace {

// X, Y, Z of a run, and a bound of the errors in linear light.
struct LightOfRun {
  float x[kPlane], y[kPlane], z[kPlane], error[kPlane];
  void put(int i, float X, float Y, float Z) {
    x[i] = X, y[i] = Y, z[i] = Z;
    const float across = std::abs(X) > std::abs(Z) ? std::abs(X) : std::abs(Z), largest = across > Y ? across : Y;
    error[i] = kLinearError * largest + kLeastLinearError;
  }
};

int srgb_of(const LightOfRun& light, int n, const float (&m)[3][3], uint8_t* const (&srgb)[3], int* doubts) {
  uint8_t unsure[kPlane];
  for (int i = 0; i < n; ++i) unsure[i] = 0;
  for (int c = 0; c < 3; ++c) {
    const float p = m[c][0], q = m[c][1], r = m[c][2], reach = std::abs(p) + std::abs(q) + std::abs(r);
    uint8_t* __restrict to = srgb[c];
    for (int i = 0; i < n; ++i) {
      const float v = p * light.x[i] + q * light.y[i] + r * light.z[i];
      const Encoded e = encoded(std::min(std::max(v, 0.f), 1.f), reach * light.error[i]);
      const float whole = nearest(e.value);
      to[i] = static_cast<uint8_t>(static_cast<int>(whole));
      unsure[i] |= std::abs(e.value - whole) + e.error >= 0.5f ? 1 : 0;
    }
  }
  return list(unsure, n, doubts);
}

}  // namespace

int srgb_from_lab_bytes(const uint8_t* __restrict l, const uint8_t* __restrict a, const uint8_t* __restrict b, int n,
                        const float (&m)[3][3], uint8_t* const (&srgb)[3], int* doubts) {
  LightOfRun light;
  for (int i = 0; i < n; ++i) {
    const float fy = (static_cast<float>(l[i]) * (100 / 255.0f) + 16) * (1 / 116.0f);
    const float fx = fy + static_cast<float>(a[i] - 128) * (1 / 500.0f);
    const float fz = fy - static_cast<float>(b[i] - 128) * (1 / 200.0f);
    light.put(i, lab_f_inverse(fx), lab_f_inverse(fy), lab_f_inverse(fz));
  }
  return srgb_of(light, n, m, srgb, doubts);
}

int srgb_from_xyz_bytes(const uint8_t* __restrict x, const uint8_t* __restrict y, const uint8_t* __restrict z, int n,
                        const float (&m)[3][3], uint8_t* const (&srgb)[3], int* doubts) {
  LightOfRun light;
  const auto part = [](uint8_t v) { return static_cast<float>(v) * (1 / 255.0f); };
  for (int i = 0; i < n; ++i) light.put(i, part(x[i]), part(y[i]), part(z[i]));
  return srgb_of(light, n, m, srgb, doubts);
}

#endif

}  // namespace assay
