// Notation   that of space.cpp. No product is fused with a sum but where std::fma says so (the name of this file sees to that).

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "assay/imgproc/color/few_by_few.h"
#include "assay/imgproc/color/formula_kernels.h"

namespace assay {

namespace {

struct Three {
  double x, y, z;
};

inline double most_of(double a, double b) { return a < b ? b : a; }
inline double least_of(double a, double b) { return b < a ? b : a; }
inline double clamped(double v, double low, double high) { return v < low ? low : v > high ? high : v; }

// v / by, rounded like the quotient (Markstein's remainder), for a constant whose reciprocal is at hand.
inline double over(double v, double by) {
  const double reciprocal = 1 / by, guess = v * reciprocal, rest = std::fma(-guess, by, v);
  return rest == rest ? std::fma(rest, reciprocal, guess) : guess;  // infinity leaves none
}

inline double hue_of(double r, double g, double b, double most, double range) {
  const double from = most == r ? g : most == g ? b : r, to = most == r ? b : most == g ? r : g;
  const double sector = most == r ? 0 : most == g ? 2 : 4;
  const double turn = (from - to) / (range == 0 ? 1 : range), h = most == r ? turn : sector + turn;
  return range == 0 ? 0 : 60 * (h < 0 ? h + 6 : h);
}

struct HsvOf {
  static Three from_ends(double most, double least, double hue) {
    const double part = (most - least) / (most > 0 ? most : 1);
    return {hue, most > 0 ? part : 0, most};
  }
  static Three of(double r, double g, double b) {
    const double most = most_of(most_of(r, g), b), least = least_of(least_of(r, g), b);
    return from_ends(most, least, hue_of(r, g, b, most, most - least));
  }
};

struct HslOf {
  static Three from_ends(double most, double least, double hue) {
    const double range = most - least, sum = most + least, room = least_of(sum, 2 - sum);
    const bool coloured = range > 0 && room > 0;
    const double part = range / (coloured ? room : 1);
    return {hue, coloured ? part : 0, sum / 2};
  }
  static Three of(double r, double g, double b) {
    const double most = most_of(most_of(r, g), b), least = least_of(least_of(r, g), b);
    return from_ends(most, least, hue_of(r, g, b, most, most - least));
  }
};

// Hue from -360 to 720 degrees, without divisions. In each third of the turn the channel between the others rises through one sector and
// falls through the next, and with each third the channels change places. In space.cpp, sums of a hue and a shift are rounded to 2^-50 in
// every sector but the second.
inline Three of_hue(double degrees, double least, double most) {
  const double turned = (degrees >= 360 ? degrees - 360 : degrees) + 360,
               h = over(turned >= 360 ? turned - 360 : turned, 60), third = std::floor(h * 0.5), middle = 2 * third + 1;
  const bool falls = h >= middle;
  const double rounded = (h - 8) + 8, sum = middle == 1 && falls ? h : rounded;
  const double range = most - least, between = least + range * (1 - std::abs(sum - middle)), high = least + range;
  const double x = falls ? between : high, y = falls ? high : between, z = least + range * 0;
  Three c{x, y, z};
  c = third == 1 ? Three{z, x, y} : c;
  c = third == 2 ? Three{y, z, x} : c;
  return c;
}

struct OfHsv {
  static constexpr bool kHue = true;
  static constexpr ColourSpace kSpace = ColourSpace::hsv;
  static Three of(double h, double s, double v) { return of_hue(h, v * (1 - s), v); }
};

struct OfHsl {
  static constexpr bool kHue = true;
  static constexpr ColourSpace kSpace = ColourSpace::hsl;
  static Three of(double h, double s, double l) {
    const double half = s * least_of(l, 1 - l);
    return of_hue(h, l - half, l + half);
  }
};

constexpr double kRed = 0.299, kGreen = 0.587, kBlue = 0.114;

struct YCbCrOf {
  static Three of(double r, double g, double b) {
    const double y = kRed * r + kGreen * g + kBlue * b;
    return {y, over(b - y, 2 * (1 - kBlue)), over(r - y, 2 * (1 - kRed))};
  }
};

struct OfYCbCr {
  static Three of(double y, double cb, double cr) {
    const double r = y + 2 * (1 - kRed) * cr, b = y + 2 * (1 - kBlue) * cb;
    return {r, over(y - kRed * r - kBlue * b, kGreen), b};
  }
};

template <class Out>
inline Out stored(double v, double scale, double offset) {
  if constexpr (std::is_same_v<Out, float>)
    return static_cast<float>(v);
  else
    return static_cast<Out>(
        static_cast<int>(clamped(nearest_even(v * scale + offset), 0, std::numeric_limits<Out>::max())));
}

template <class Space, class In, class Out>
void to_space(const In* __restrict a, const In* __restrict b, const In* __restrict c, int n, const ChannelCode& code,
              double full, Out* __restrict x, Out* __restrict y, Out* __restrict z) {
  const auto unit = [full](In v) {
    return std::is_same_v<In, float> ? static_cast<double>(v) : static_cast<double>(v) / full;
  };
  const double turn = std::is_same_v<Space, YCbCrOf> ? 1e300 : 360 * code.scale[0];
  for (int i = 0; i < n; ++i) {
    const Three t = Space::of(unit(a[i]), unit(b[i]), unit(c[i]));
    if constexpr (std::is_same_v<Out, float>) {
      x[i] = static_cast<float>(t.x);
    } else {  // a full turn is 0
      const double first = nearest_even(t.x * code.scale[0] + code.offset[0]);
      x[i] = static_cast<Out>(static_cast<int>(clamped(first == turn ? 0 : first, 0, std::numeric_limits<Out>::max())));
    }
    y[i] = stored<Out>(t.y, code.scale[1], code.offset[1]);
    z[i] = stored<Out>(t.z, code.scale[2], code.offset[2]);
  }
}

template <class Space, class In, class Out>
void to_srgb_planes(const In* __restrict a, const In* __restrict b, const In* __restrict c, int n,
                    const ChannelCode& code, double full, Out* __restrict x, Out* __restrict y, Out* __restrict z) {
  const auto unit = [&](In v, size_t k) {
    return std::is_same_v<In, float> ? static_cast<double>(v)
                                     : (static_cast<double>(v) - code.offset[k]) / code.scale[k];
  };
  for (int i = 0; i < n; ++i) {
    const Three t = Space::of(unit(a[i], 0), unit(b[i], 1), unit(c[i], 2));
    x[i] = stored<Out>(t.x, full, 0), y[i] = stored<Out>(t.y, full, 0), z[i] = stored<Out>(t.z, full, 0);
  }
}

// Floats. Forth, and hues back that are beyond a turn either way are space.h's.
// Forth to a hue: selections are made of floats, two of which stand where one double does.
template <class Space>
struct HueOfFloats {
  void operator()(const Few& r, const Few& g, const Few& b, Few& x, Few& y, Few& z) const {
    alignas(64) Few most, least, from, to, sector;
    for (int i = 0; i < kFew; ++i) {
      const float red = r[i], green = g[i], blue = b[i];
      float top = red < green ? green : red, bottom = green < red ? green : red;
      top = top < blue ? blue : top, bottom = blue < bottom ? blue : bottom;
      const bool is_red = top == red, is_green = top == green;
      from[i] = is_red ? green : is_green ? blue : red;
      to[i] = is_red ? blue : is_green ? red : green;
      sector[i] = is_red ? -0.f : is_green ? 2.f : 4.f;  // -0 changes no sum
      most[i] = top, least[i] = bottom;
    }
    for (int i = 0; i < kFew; ++i) {
      const double top = most[i], bottom = least[i], range = top - bottom;
      const double turn = sector[i] + (static_cast<double>(from[i]) - to[i]) / (range == 0 ? 1 : range);
      const Three t = Space::from_ends(top, bottom, range == 0 ? 0 : 60 * (turn < 0 ? turn + 6 : turn));
      x[i] = static_cast<float>(t.x), y[i] = static_cast<float>(t.y), z[i] = static_cast<float>(t.z);
    }
  }
};

template <class Space>
struct OfFloats {
  void operator()(const Few& a, const Few& b, const Few& c, Few& x, Few& y, Few& z) const {
    for (int i = 0; i < kFew; ++i) {
      const Three t = Space::of(a[i], b[i], c[i]);
      x[i] = static_cast<float>(t.x), y[i] = static_cast<float>(t.y), z[i] = static_cast<float>(t.z);
    }
    if constexpr (requires { Space::kHue; }) {
      int far = 0;
      for (int i = 0; i < kFew; ++i) far |= !(a[i] > -360 && a[i] < 720);
      if (far) [[unlikely]]
        for (int i = 0; i < kFew; ++i) {
          const Colour rgb = to_srgb(Space::kSpace, {a[i], b[i], c[i]});
          x[i] = static_cast<float>(rgb[0]), y[i] = static_cast<float>(rgb[1]), z[i] = static_cast<float>(rgb[2]);
        }
    }
  }
};

}  // namespace

template <class In, class Out>
Formula<In, Out>* formula_of(ColourSpace space, bool inverse) {
  if (space == ColourSpace::hsv) return inverse ? to_srgb_planes<OfHsv, In, Out> : to_space<HsvOf, In, Out>;
  if (space == ColourSpace::hsl) return inverse ? to_srgb_planes<OfHsl, In, Out> : to_space<HslOf, In, Out>;
  if (space == ColourSpace::ycbcr) return inverse ? to_srgb_planes<OfYCbCr, In, Out> : to_space<YCbCrOf, In, Out>;
  return nullptr;
}
template Formula<uint8_t, float>* formula_of(ColourSpace, bool);
template Formula<uint16_t, float>* formula_of(ColourSpace, bool);
template Formula<uint16_t, uint16_t>* formula_of(ColourSpace, bool);

Floats* floats_of(ColourSpace space, bool inverse, int channels) {
  if (space == ColourSpace::hsv)
    return inverse ? few_by_few_of<OfFloats<OfHsv>, true>(channels)
                   : few_by_few_of<HueOfFloats<HsvOf>, false>(channels);
  if (space == ColourSpace::hsl)
    return inverse ? few_by_few_of<OfFloats<OfHsl>, true>(channels)
                   : few_by_few_of<HueOfFloats<HslOf>, false>(channels);
  return inverse ? few_by_few_of<OfFloats<OfYCbCr>, true>(channels) : few_by_few_of<OfFloats<YCbCrOf>, false>(channels);
}

}  // namespace assay
