// Notation   that of space.cpp. Up to the powers every operation is that of space.cpp, bit for bit (no product is fused with a sum:
//            the name of this file sees to that). A power errs by less than 1e-14 of itself (core/exp_kernel.h).
// Method     each value with a bound of its error; where both ends of that do not round alike, and where a light is negative or far
//            above white, the formula of space.cpp decides

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "assay/core/exp_kernel.h"
#include "assay/imgproc/color/convert_kernels.h"
#include "assay/imgproc/color/encode_bytes.h"
#include "assay/imgproc/color/formula_kernels.h"

namespace assay {

namespace {

using enum ColourSpace;

struct Three {
  double v[3];
};

struct Matrices {
  double forth[3][3], back[3][3], white[3];
  Matrices() {
    for (size_t j = 0; j < 3; ++j) {
      Colour unit{0, 0, 0};
      unit[j] = 1;
      const Colour f = xyz_from_linear(unit), b = linear_from_xyz(unit);
      for (size_t i = 0; i < 3; ++i) forth[i][j] = f[i], back[i][j] = b[i];
    }
    const Colour w = xyz_from_lab({100, 0, 0});
    std::copy(w.begin(), w.end(), white);
  }
};

inline double power(double x, double p) { return kernel::exp_of(p * kernel::log_of(x)); }
inline double at_least(double v, double low) { return v < low ? low : v; }
inline double within(double v, double low, double high) { return v < low ? low : v > high ? high : v; }

constexpr double kLeastLight = 0.04045 / 12.92, kMost = 8;  // beyond which the bound of the error is not claimed

inline double linear_of(double c) {
  const double curve = power((at_least(c, 0.04) + 0.055) * (1 / 1.055), 2.4), line = c / 12.92;
  return c <= 0.04045 ? line : curve;
}
inline double srgb_of(double light) {
  const double curve = 1.055 * power(at_least(light, 0.003), 1 / 2.4) - 0.055, line = 12.92 * light;
  return light <= kLeastLight ? line : curve;
}

constexpr double kDelta = 6.0 / 29;
inline double lab_f(double t) {
  const double curve = power(at_least(t, 0.008), 1 / 3.0), line = t / (3 * kDelta * kDelta) + 4.0 / 29;
  return t > kDelta * kDelta * kDelta ? curve : line;
}
inline double lab_f_inverse(double f) {
  const double cube = f * f * f, line = 3 * kDelta * kDelta * (f - 4.0 / 29);
  return f > kDelta ? cube : line;
}

inline Three times(const double (&m)[3][3], const Three& c) {
  Three out;
  for (int i = 0; i < 3; ++i) out.v[i] = m[i][0] * c.v[0] + m[i][1] * c.v[1] + m[i][2] * c.v[2];
  return out;
}

// A value errs by kPart of itself, one of Lab by kBesides, too.
template <ColourSpace space>
inline Three of_srgb(const Matrices& m, const Three& c) {
  const Three light{linear_of(c.v[0]), linear_of(c.v[1]), linear_of(c.v[2])};
  if constexpr (space == linear) return light;
  const Three xyz_ = times(m.forth, light);
  if constexpr (space == xyz) return xyz_;
  const double x = lab_f(xyz_.v[0] / m.white[0]), y = lab_f(xyz_.v[1] / m.white[1]), z = lab_f(xyz_.v[2] / m.white[2]);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

template <ColourSpace space>
inline Three light_of(const Matrices& m, const Three& c) {
  if constexpr (space == linear) return c;
  if constexpr (space == xyz) return times(m.back, c);
  const double y = (c.v[0] + 16) / 116;
  return times(m.back, {m.white[0] * lab_f_inverse(y + c.v[1] / 500), m.white[1] * lab_f_inverse(y),
                        m.white[2] * lab_f_inverse(y - c.v[2] / 200)});
}

constexpr double kPart = 3e-14;

inline bool rounds_alike(double v, double error) {
  return static_cast<float>(v - error) == static_cast<float>(v + error);
}

template <ColourSpace space>
void from_curve(const float* __restrict a, const float* __restrict b, const float* __restrict c, int n,
                const ChannelCode&, double, float* __restrict x, float* __restrict y, float* __restrict z) {
  static const Matrices kMatrices;
  const Matrices m = kMatrices;
  constexpr double kBesides = space == lab ? 1e-11 : 0;
  float* const to[3] = {x, y, z};
  float unsure[kPlane];
  Three t;
  for (int i = 0; i < n; ++i) {
    t = of_srgb<space>(m, {{a[i], b[i], c[i]}});
    const float least = std::min(a[i], std::min(b[i], c[i])), most = std::max(a[i], std::max(b[i], c[i]));
    bool sure = least >= 0 && most <= static_cast<float>(kMost) && a[i] + b[i] + c[i] >= 0;
    for (const double v : t.v) sure = sure & rounds_alike(v, kPart * std::abs(v) + kBesides);
    x[i] = static_cast<float>(t.v[0]), y[i] = static_cast<float>(t.v[1]), z[i] = static_cast<float>(t.v[2]);
    unsure[i] = sure ? 0.f : 1.f;
  }
  for (int i = 0; i < n; ++i)
    if (unsure[i] != 0) [[unlikely]] {
      const Colour exact = from_srgb(space, {a[i], b[i], c[i]});
      for (size_t k = 0; k < 3; ++k) to[k][i] = static_cast<float>(exact[k]);
    }
}

template <ColourSpace space, class In, class Out>
void to_curve(const In* __restrict a, const In* __restrict b, const In* __restrict c, int n, const ChannelCode& code,
              double full, Out* __restrict x, Out* __restrict y, Out* __restrict z) {
  static const Matrices kMatrices;
  const Matrices m = kMatrices;
  constexpr bool kReal = std::is_same_v<Out, float>;
  const In* const from[3] = {a, b, c};
  Out* const to[3] = {x, y, z};
  constexpr bool kBytes = std::is_same_v<Out, uint8_t>;  // for them a product is near enough: tried with every colour
  const double part[3] = {1 / code.scale[0], 1 / code.scale[1], 1 / code.scale[2]};
  const auto unit = [&](In v, size_t k) {
    if constexpr (std::is_same_v<In, float>)
      return static_cast<double>(v);
    else
      return kBytes ? (static_cast<double>(v) - code.offset[k]) * part[k]
                    : (static_cast<double>(v) - code.offset[k]) / code.scale[k];
  };
  alignas(64) double light[3][kPlane];
  float unsure[kPlane];
  for (int i = 0; i < n; ++i) {
    const Three t = light_of<space>(m, {{unit(a[i], 0), unit(b[i], 1), unit(c[i], 2)}});
    for (int k = 0; k < 3; ++k) light[k][i] = kBytes ? 1 + within(t.v[k], 0, EncodeBytes::kMost) : t.v[k];
    unsure[i] = 0;
  }
  if constexpr (kBytes) {
    static const EncodeBytes encode;
    for (int k = 0; k < 3; ++k)
      for (int i = 0; i < n; ++i) to[k][i] = encode.of_raised(light[k][i]);
    return;
  }
  for (int k = 0; k < 3; ++k) {
    Out* __restrict out = to[k];
    for (int i = 0; i < n; ++i) {
      bool sure;
      if constexpr (kReal) {
        const double v = srgb_of(light[k][i]);
        out[i] = static_cast<float>(v);
        sure = light[k][i] <= kLeastLight || (light[k][i] < kMost && rounds_alike(v, kPart * v));
      } else {
        const double v = srgb_of(within(light[k][i], 0, 1)) * full, near = std::nearbyint(v);
        out[i] = static_cast<Out>(static_cast<int>(near));
        sure = std::abs(v - near) < 0.5 - 1e-8;
      }
      unsure[i] = sure ? unsure[i] : 1.f;
    }
  }
  for (int i = 0; i < n; ++i)
    if (unsure[i] != 0) [[unlikely]] {
      const Colour exact = to_srgb(space, {unit(from[0][i], 0), unit(from[1][i], 1), unit(from[2][i], 2)});
      for (size_t k = 0; k < 3; ++k)
        to[k][i] =
            kReal ? static_cast<Out>(exact[k]) : static_cast<Out>(within(nearest_even(exact[k] * full), 0, full));
    }
}

}  // namespace

template <class In, class Out>
Formula<In, Out>* curve_of(ColourSpace space, bool inverse) {
  if (inverse)
    return space == lab ? to_curve<lab, In, Out> : space == xyz ? to_curve<xyz, In, Out> : to_curve<linear, In, Out>;
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
