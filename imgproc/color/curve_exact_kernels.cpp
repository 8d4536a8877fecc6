// Notation   that of space.cpp. Up to the powers to sRGB every operation is that of space.cpp, bit for bit (no product is fused with a
//            sum: the name of this file sees to that). A power errs by less than 1.2e-14 of itself (power_pieces.h).
// Method     a register of pixels at a time, each value with a bound of its error; where both ends of that do not round alike, and
//            where a light is negative or far above white, the formula of space.cpp decides

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "assay/imgproc/color/convert_kernels.h"
#include "assay/imgproc/color/encode_bytes.h"
#include "assay/imgproc/color/formula_kernels.h"
#include "assay/imgproc/color/power_pieces.h"
#include "assay/imgproc/segment/runs_internal.h"

namespace assay {

namespace {

using enum ColourSpace;

template <class Real>  // of one pixel or of a register of them
struct Three {
  Real v[3];
};

struct Matrices {
  double forth[3][3], back[3][3], white[3], over_white[3][3];
  Matrices() {
    for (size_t j = 0; j < 3; ++j) {
      Colour unit{0, 0, 0};
      unit[j] = 1;
      const Colour f = xyz_from_linear(unit), b = linear_from_xyz(unit);
      for (size_t i = 0; i < 3; ++i) forth[i][j] = f[i], back[i][j] = b[i];
    }
    const Colour w = xyz_from_lab({100, 0, 0});
    std::copy(w.begin(), w.end(), white);
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) over_white[i][j] = forth[i][j] / white[i];
  }
};

inline double within(double v, double low, double high) { return v < low ? low : v > high ? high : v; }

constexpr double kLeastLight = 0.04045 / 12.92;
constexpr float kMost = 8;  // beyond which the bound of the error is not claimed

template <int degree>
inline Reals linear_of(const Reals& c, const PowerPieces<degree>& power) {
  const Reals curve = power(fused(c, all(1 / 1.055), all(0.055 / 1.055))), line = c * (1 / 12.92);
  return c <= 0.04045 ? line : curve;
}
// The curve of sRGB; `magnitude`: what its error is a part of, 0 on the line.
template <int degree>
inline Reals srgb_of(const Reals& light, const PowerPieces<degree>& power, Reals& magnitude) {
  const Reals curve = power(light), line = 12.92 * light;
  magnitude = light <= kLeastLight ? 0 : curve;
  return light <= kLeastLight ? line : 1.055 * curve - 0.055;
}

constexpr double kDelta = 6.0 / 29;
template <int degree>
inline Reals lab_f(const Reals& t, const PowerPieces<degree>& root) {
  const Reals curve = root(t), line = fused(t, all(1 / (3 * kDelta * kDelta)), all(4.0 / 29));
  return t > kDelta * kDelta * kDelta ? curve : line;
}
template <class Real>
inline Real lab_f_inverse(const Real& f) {
  const Real cube = f * f * f, line = 3 * kDelta * kDelta * (f - 4.0 / 29);
  return f > kDelta ? cube : line;
}

template <class Real>
inline Three<Real> times(const double (&m)[3][3], const Three<Real>& c) {
  Three<Real> out;
  for (int i = 0; i < 3; ++i) out.v[i] = m[i][0] * c.v[0] + m[i][1] * c.v[1] + m[i][2] * c.v[2];
  return out;
}

inline Three<Reals> fused_times(const double (&m)[3][3], const Three<Reals>& c) {
  Three<Reals> out;
  for (int i = 0; i < 3; ++i) out.v[i] = fused(all(m[i][2]), c.v[2], fused(all(m[i][1]), c.v[1], m[i][0] * c.v[0]));
  return out;
}

template <ColourSpace space, class Real>
inline Three<Real> light_of(const Matrices& m, const Three<Real>& c) {
  if constexpr (space == linear) return c;
  if constexpr (space == xyz) return times(m.back, c);
  const Real y = (c.v[0] + 16) / 116;
  return times(m.back, Three<Real>{{m.white[0] * lab_f_inverse(y + c.v[1] / 500), m.white[1] * lab_f_inverse(y),
                                    m.white[2] * lab_f_inverse(y - c.v[2] / 200)}});
}

// Numbers of any kind as f64 and back.
using Ints = Simd<int, kReals>;
template <class T>
inline Reals reals_at(const T* from) {
  const auto v = *reinterpret_cast<const SimdAnywhere<T, kReals>*>(from);
#ifdef __AVX512F__  // the compiler would take two halves
  if constexpr (std::is_same_v<T, float>)
    return _mm512_cvtps_pd(v);
  else
    return _mm512_cvtepi32_pd(reinterpret_cast<__m256i>(__builtin_convertvector(v, Ints)));
#else
  if constexpr (std::is_same_v<T, float>)
    return __builtin_convertvector(v, Reals);
  else
    return __builtin_convertvector(__builtin_convertvector(v, Ints), Reals);
#endif
}
using Singles = Simd<float, kReals>;
inline Singles singles_of(const Reals& v) { return __builtin_convertvector(v, Singles); }
template <class Vector, class T>
inline void put(const Vector& v, T* to) {
  std::memcpy(to, &v, sizeof v);
}
using Marks = Simd<uint8_t, kReals>;

// Of itself errs a light, its cube root, or a root of it by this part, with powers of a degree.
template <int degree>
constexpr double kPart = PowerPieces<degree>::kError + 1.8e-14;

// The floats of v - error and of v + error, which is `part` of `magnitude`; bits in which they differ are kept.
inline Singles rounded(const Reals& v, double part, const Reals& magnitude, Ints& differ) {
  const Singles low = singles_of(fused(magnitude, all(-part), v)), high = singles_of(fused(magnitude, all(part), v));
  differ |= reinterpret_cast<Ints>(low) ^ reinterpret_cast<Ints>(high);
  return low;
}

template <ColourSpace space>
void from_curve(const float* __restrict a, const float* __restrict b, const float* __restrict c, int n,
                const ChannelCode&, double, float* __restrict x, float* __restrict y, float* __restrict z) {
  static const Matrices m;
  constexpr int kDegree = space == lab ? 6 : 5;  // a* and b* are small differences
  constexpr double kError = kPart<kDegree>;
  static const PowerPieces<kDegree> power(2.4, -4), root(1 / 3.0, -7);
  const float* const from[3] = {a, b, c};
  float* const to[3] = {x, y, z};
  alignas(64) double light[3][kPlane];
  alignas(64) uint8_t unsure[kPlane];
  for (int k = 0; k < 3; ++k)
    for (int i = 0; i < n; i += kReals) put(linear_of(reals_at(from[k] + i), power), light[k] + i);
  for (int i = 0; i < n; i += kReals) {
    Ints differ{};
    Simd<uint32_t, kReals> beyond{};  // the highest bit is 1 beyond the range
    for (int k = 0; k < 3; ++k) {
      const auto bits = *reinterpret_cast<const SimdAnywhere<uint32_t, kReals>*>(from[k] + i);
      beyond |= bits | (std::bit_cast<uint32_t>(kMost) - bits);
    }
    Three<Reals> t{{simd_at(light[0] + i), simd_at(light[1] + i), simd_at(light[2] + i)}};
    if constexpr (space == xyz) t = fused_times(m.forth, t);
    if constexpr (space == lab) {
      t = fused_times(m.over_white, t);
      const Reals fx = lab_f(t.v[0], root), fy = lab_f(t.v[1], root), fz = lab_f(t.v[2], root), all_f = fx + fy + fz;
      put(rounded(fused(fy, all(116), all(-16)), 116 * kError, all_f, differ), x + i);
      put(rounded(500 * (fx - fy), 500 * kError, all_f, differ), y + i);
      put(rounded(200 * (fy - fz), 200 * kError, all_f, differ), z + i);
    } else {
      for (int k = 0; k < 3; ++k) put(rounded(t.v[k], kError, t.v[k], differ), to[k] + i);
    }
    differ = (differ != 0) | (reinterpret_cast<Ints>(beyond) < 0);
    put(__builtin_convertvector(differ, Marks), unsure + i);
  }
  for (int i = runs::next_white(unsure, 0, n); i < n; i = runs::next_white(unsure, i + 1, n)) {
    const Colour exact = from_srgb(space, {a[i], b[i], c[i]});
    for (size_t k = 0; k < 3; ++k) to[k][i] = static_cast<float>(exact[k]);
  }
}

// Bytes by the steps of the curve; products by the parts of the code are near enough: tried with every colour.
template <ColourSpace space>
void to_bytes(const uint8_t* __restrict a, const uint8_t* __restrict b, const uint8_t* __restrict c, int n,
              const ChannelCode& code, double, uint8_t* __restrict x, uint8_t* __restrict y, uint8_t* __restrict z) {
  static const Matrices kMatrices;
  static const EncodeBytes encode;
  const Matrices m = kMatrices;
  uint8_t* const to[3] = {x, y, z};
  const double part[3] = {1 / code.scale[0], 1 / code.scale[1], 1 / code.scale[2]};
  const auto unit = [&](uint8_t v, size_t k) { return (static_cast<double>(v) - code.offset[k]) * part[k]; };
  alignas(64) double raised[3][kPlane];
  for (int i = 0; i < n; ++i) {
    const Three<double> t = light_of<space>(m, Three<double>{{unit(a[i], 0), unit(b[i], 1), unit(c[i], 2)}});
    for (int k = 0; k < 3; ++k) raised[k][i] = 1 + within(t.v[k], 0, EncodeBytes::kMost);
  }
  for (int k = 0; k < 3; ++k)
    for (int i = 0; i < n; ++i) to[k][i] = encode.of_raised(raised[k][i]);
}

template <ColourSpace space, class In, class Out>
void to_curve(const In* __restrict a, const In* __restrict b, const In* __restrict c, int n, const ChannelCode& code,
              double full, Out* __restrict x, Out* __restrict y, Out* __restrict z) {
  static const Matrices m;
  constexpr bool kReal = std::is_same_v<Out, float>;
  constexpr int kDegree = kReal ? 5 : 4;
  static const PowerPieces<kDegree> power(1 / 2.4, -9);
  constexpr double kRound = 0x1.8p52, kNear = 2e-5;
  const In* const from[3] = {a, b, c};
  Out* const to[3] = {x, y, z};
  const double part[3] = {1 / code.scale[0], 1 / code.scale[1], 1 / code.scale[2]};
  const auto unit = [&](const auto& v, size_t k, bool exact) {
    if constexpr (std::is_same_v<In, float>)
      return v;
    else
      return exact ? (v - code.offset[k]) / code.scale[k] : (v - code.offset[k]) * part[k];
  };
  const auto of = [&](const In* v, size_t k) { return unit(reals_at(v), k, kReal); };
  alignas(64) uint8_t unsure[kPlane];
  for (int i = 0; i < n; i += kReals) {
    const Three<Reals> light = light_of<space>(m, Three<Reals>{{of(a + i, 0), of(b + i, 1), of(c + i, 2)}});
    Ints differ{};
    Wholes beyond{};
    for (int k = 0; k < 3; ++k) {
      const Reals lit = light.v[k];
      Reals magnitude;
      if constexpr (kReal) {
        const Reals v = srgb_of(lit, power, magnitude);
        put(rounded(v, 1.055 * kPart<kDegree>, magnitude, differ), to[k] + i);
        beyond |= ~(lit <= kMost);  // or no number
      } else {
        const Reals v = srgb_of(smaller(larger(lit, all(0)), all(1)), power, magnitude) * full,
                    near = (v + kRound) - kRound, d = v - near;
        put(__builtin_convertvector(__builtin_convertvector(near, Ints), Simd<Out, kReals>), to[k] + i);
        beyond |= (d > 0.5 - kNear) | (d < kNear - 0.5);
      }
    }
    differ = (differ != 0) | __builtin_convertvector(beyond, Ints);
    put(__builtin_convertvector(differ, Marks), unsure + i);
  }
  for (int i = runs::next_white(unsure, 0, n); i < n; i = runs::next_white(unsure, i + 1, n)) {
    Colour exact;
    for (size_t k = 0; k < 3; ++k) exact[k] = unit(static_cast<double>(from[k][i]), k, true);
    exact = to_srgb(space, exact);
    for (size_t k = 0; k < 3; ++k)
      to[k][i] = kReal ? static_cast<Out>(exact[k]) : static_cast<Out>(within(nearest_even(exact[k] * full), 0, full));
  }
}

}  // namespace

template <class In, class Out>
Formula<In, Out>* curve_of(ColourSpace space, bool inverse) {
  if constexpr (std::is_same_v<Out, uint8_t>) {
    if (inverse) return space == lab ? to_bytes<lab> : space == xyz ? to_bytes<xyz> : to_bytes<linear>;
  } else if (inverse) {
    return space == lab ? to_curve<lab, In, Out> : space == xyz ? to_curve<xyz, In, Out> : to_curve<linear, In, Out>;
  }
  if constexpr (std::is_same_v<In, float>)
    return space == lab ? from_curve<lab> : space == xyz ? from_curve<xyz> : from_curve<linear>;
  return nullptr;
}
template Formula<float, float>* curve_of(ColourSpace, bool);
template Formula<uint8_t, float>* curve_of(ColourSpace, bool);
template Formula<uint16_t, float>* curve_of(ColourSpace, bool);
template Formula<uint8_t, uint8_t>* curve_of(ColourSpace, bool);
template Formula<uint16_t, uint16_t>* curve_of(ColourSpace, bool);

}  // namespace assay
