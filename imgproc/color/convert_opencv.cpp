// imgproc/color/convert_opencv.cpp: OpenCV 4.6's colours.
//
//   ycbcr   u8, u16: weights of 2^-14 (Y: 0.299, 0.587, 0.114; Cr: 0.713; Cb: 0.564), sums rounded to the nearest, halves up
//   xyz     the matrix on the values as they are stored; u8, u16: in 2^-12
//   hsv     u8: 255 / V and 30 / range as tables in 2^-12; back in f32, and 255 times that without its fraction: the last
//           columns, less than 32, are rounded
//   hsl     u8: f32 of c / 255, and rounded
//   lab     u8: linear light in 2^-3 of a level and cube roots in 2^-15 from tables; back with 14 bits, linear light in 4096 steps
//   f32     the formulas, with its constants: 0.713, 0.564, 1.403, 1.773 ..., and 2^-23 added to divisors
// Notation   c = {R, G, B} or the space's channels;  descaled: a whole number divided by 2^n, rounded, halves up
// Departures from the library: f32 agrees to rounding (its vectors end before rows do, and their ends round otherwise). What
//            fuses a product and a sum there is std::fma here. lab of f32 (a table of 33^3 colours there) is not offered.

#include <cmath>

#include "assay/imgproc/color/convert_internal.h"

namespace assay::detail {

namespace {

using Whole = Triple<int>;
using Single = Triple<float>;

int descaled(int v, int bits) { return (v + (1 << (bits - 1))) >> bits; }

// `half`: what stands for 0 in Cb and Cr.
Whole ycbcr_of(const Whole& c, int half) {
  const int y = descaled(4899 * c[0] + 9617 * c[1] + 1868 * c[2], 14);
  return {y, descaled((c[2] - y) * 9241 + (half << 14), 14), descaled((c[0] - y) * 11682 + (half << 14), 14)};
}
Whole rgb_of_ycbcr(const Whole& c, int half) {
  const int cb = c[1] - half, cr = c[2] - half;
  return {c[0] + descaled(22987 * cr, 14), c[0] + descaled(-5636 * cb - 11698 * cr, 14),
          c[0] + descaled(29049 * cb, 14)};
}
Single ycbcr_of(const Single& c) {
  const float y = std::fma(c[0], 0.299f, std::fma(c[1], 0.587f, c[2] * 0.114f));
  return {y, std::fma(c[2] - y, 0.564f, 0.5f), std::fma(c[0] - y, 0.713f, 0.5f)};
}
Single rgb_of_ycbcr(const Single& c) {
  const float cb = c[1] - 0.5f, cr = c[2] - 0.5f;
  return {std::fma(cr, 1.403f, c[0]), std::fma(cr, -0.714f, std::fma(cb, -0.344f, c[0])), std::fma(cb, 1.773f, c[0])};
}

constexpr double kXyz[3][3] = {
    {0.412453, 0.357580, 0.180423}, {0.212671, 0.715160, 0.072169}, {0.019334, 0.119193, 0.950227}};
constexpr double kRgb[3][3] = {
    {3.240479, -1.53715, -0.498535}, {-0.969256, 1.875991, 0.041556}, {0.055648, -0.204043, 1.057311}};
constexpr double kWhite[3] = {0.950456, 1, 1.088754};

Whole times(const double (&m)[3][3], const Whole& c) {
  Whole to{};
  for (size_t k = 0; k < 3; ++k) {
    int sum = 0;
    for (size_t j = 0; j < 3; ++j) sum += static_cast<int>(std::nearbyint(m[k][j] * 4096)) * c[j];
    to[k] = descaled(sum, 12);
  }
  return to;
}
Single times(const double (&m)[3][3], const Single& c) {
  Single to;
  for (size_t k = 0; k < 3; ++k)
    to[k] =
        c[2] * static_cast<float>(m[k][2]) + c[1] * static_cast<float>(m[k][1]) + c[0] * static_cast<float>(m[k][0]);
  return to;
}

constexpr float kEpsilon = 0x1p-23f;

// Degrees; d = 60 / range.
float hue(const Single& c, float most, float d) {
  const auto [r, g, b] = c;
  const float h = most == r ? (g - b) * d : most == g ? std::fma(b - r, d, 120.f) : std::fma(r - g, d, 240.f);
  return h < 0 ? h + 360 : h;
}

Whole hsv_of(const Whole& c) {
  const auto [r, g, b] = c;
  const int most = std::max({r, g, b}), range = most - std::min({r, g, b});
  const auto quotient = [](int whole, int by) {
    return by == 0 ? 0 : static_cast<int>(std::nearbyint(whole * 4096. / by));
  };
  const int turned = most == r ? g - b : most == g ? b - r + 2 * range : r - g + 4 * range;
  const int h = descaled(turned * quotient(180, 6 * range), 12);
  return {h < 0 ? h + 180 : h, descaled(range * quotient(255, most), 12), most};
}
Single hsv_of(const Single& c) {
  const float most = std::max({c[0], c[1], c[2]}), range = most - std::min({c[0], c[1], c[2]});
  return {hue(c, most, 60 / (range + kEpsilon)), range / (std::abs(most) + kEpsilon), most};
}
// The sixth of the turn; a hue that is no number is in the first.
int sector_of(float whole) {
  const float k = whole - 6 * std::floor(whole / 6);
  return k >= 0 && k < 6 ? static_cast<int>(k) : 0;
}

// Hue in sectors. Where the library's vectors have ended, one product is not fused.
Single rgb_of_hsv(float sectors, float s, float v, bool in_vectors) {
  const float whole = std::floor(sectors), h = sectors - whole;
  const float rising = in_vectors ? v * std::fma(-s, 1 - h, 1.f) : v * (1 - s * (1 - h));
  return of_sector(sector_of(whole), v, v * (1 - s), v * std::fma(-s, h, 1.f), rising);
}
constexpr float kByte = static_cast<float>(1 / 255.);
Whole rgb_of_hsv(const Whole& c, bool in_vectors) {
  const Single rgb = rgb_of_hsv(static_cast<float>(c[0]) * (6 / 180.f), static_cast<float>(c[1]) * kByte,
                                static_cast<float>(c[2]) * kByte, in_vectors);
  const auto level = [&](float v) { return static_cast<int>(in_vectors ? v * 255 : std::nearbyint(v * 255)); };
  return {level(rgb[0]), level(rgb[1]), level(rgb[2])};
}

// The scale is 1 for degrees. Vectors take 2 - (max + min), what is left of a row 2 - max - min.
Single hsl_of(const Single& c, float scale, bool in_vectors) {
  const float most = std::max({c[0], c[1], c[2]}), least = std::min({c[0], c[1], c[2]}), range = most - least,
              sum = most + least, l = sum * 0.5f;
  if (range <= kEpsilon) return {0, 0, l};
  const float room = l < 0.5f ? sum : in_vectors ? 2 - sum : 2 - most - least;
  return {hue(c, most, 60 / range) * scale, range / room, l};
}
Whole hsl_of(const Whole& c, bool in_vectors) {
  const Single hsl =
      hsl_of({static_cast<float>(c[0]) * kByte, static_cast<float>(c[1]) * kByte, static_cast<float>(c[2]) * kByte},
             0.5f, in_vectors);
  const auto level = [](float v) { return static_cast<int>(std::nearbyint(v)); };
  return {level(hsl[0]), level(hsl[1] * 255), level(hsl[2] * 255)};
}
Single rgb_of_hsl(float sectors, float s, float l) {
  const float most = l <= 0.5f ? l * (1 + s) : l + s - l * s, least = 2 * l - most, range = most - least;
  const float whole = std::floor(sectors), h = sectors - whole;
  return of_sector(sector_of(whole), most, least, least + range * (1 - h), least + range * h);
}
Whole rgb_of_hsl(const Whole& c) {
  const Single rgb = rgb_of_hsl(static_cast<float>(c[0]) * (6 / 180.f), static_cast<float>(c[1]) * kByte,
                                static_cast<float>(c[2]) * kByte);
  const auto level = [](float v) { return static_cast<int>(std::nearbyint(v * 255)); };
  return {level(rgb[0]), level(rgb[1]), level(rgb[2])};
}

// Its inverse matrix times white is the inverse of white's share, rounded to 2^-12 either way.
class Lab {
 public:
  Lab() {
    const auto rounded = [](double v) { return static_cast<int>(std::nearbyint(v)); };
    for (int i = 0; i < 256; ++i) light_[i] = rounded(255 * 8 * linear_from_srgb(i / 255.));
    for (int i = 0; i < kRoots; ++i) {
      const double t = i / (255 * 8.);
      root_[i] = rounded(32768 * (t < 216. / 24389 ? t * 841 / 108 + 16. / 116 : std::cbrt(t)));
    }
    root_[49] = 9454, root_[628] = 22126;  // within 2e-4 of a half: f32 rounds them the other way
    for (int i = 0; i < 256; ++i) {
      const double l = i * 100 / 255., y = l <= 8 ? l * 27 / 24389 : std::pow((l + 16) / 116, 3);
      y_[i] = rounded(kBase * y);
      fy_[i] = rounded(kBase * (l <= 8 ? y * 841 / 108 + 16. / 116 : (l + 16) / 116));
    }
    for (int i = 0; i < 4096; ++i) level_[i] = rounded(255 * srgb_from_linear(i / 4096.));
    for (int k = 0; k < 3; ++k)
      for (int j = 0; j < 3; ++j) {
        over_white_[k][j] = rounded(kXyz[k][j] / kWhite[k] * 4096);
        from_white_[k][j] = rounded(kRgb[k][j] * kWhite[j] * 4096);
      }
  }

  Whole of(const Whole& rgb) const {
    int f[3];
    for (int k = 0; k < 3; ++k) {
      const auto& m = over_white_[k];
      f[k] = root_[descaled(m[0] * light_[rgb[0]] + m[1] * light_[rgb[1]] + m[2] * light_[rgb[2]], 12)];
    }
    constexpr int kScale = (116 * 255 + 50) / 100, kShift = (16 * 255 * 32768 + 50) / 100;
    return {descaled(kScale * f[1] - kShift, 15), descaled(500 * (f[0] - f[1]) + 128 * 32768, 15),
            descaled(200 * (f[1] - f[2]) + 128 * 32768, 15)};
  }

  Whole rgb(const Whole& lab) const {
    const int a = ((5 * lab[1] * 53687 + 128) >> 13) - 128 * kBase / 500,
              b = ((lab[2] * 41943 + 16) >> 9) - 128 * kBase / 200 + 1;
    const int x = cube(fy_[lab[0]] + a), y = y_[lab[0]], z = cube(fy_[lab[0]] - b);
    Whole to;
    for (size_t k = 0; k < 3; ++k) {
      const auto& m = from_white_[k];
      to[k] = level_[std::clamp(descaled(m[0] * x + m[1] * y + m[2] * z, 14), 0, 4095)];
    }
    return to;
  }

 private:
  static constexpr int kRoots = 256 * 8 * 3 / 2, kBase = 1 << 14;
  static int cube(int f) {  // quotients are cut off towards 0
    if (f <= kBase * 6 / 29) return f * 108 / 841 - kBase * 16 / 116 * 108 / 841;
    return static_cast<int>(static_cast<int64_t>(f) * f / kBase * f / kBase);
  }
  int light_[256], root_[kRoots], over_white_[3][3];
  int y_[256], fy_[256], level_[4096], from_white_[3][3];
};

template <class T>
void whole_numbers(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const auto with = [&](const auto& convert) {
    convert_pixels<T, T, int>(inverse, image, out, ctx, convert, [](T alpha) { return alpha; });
  };
  constexpr int kHalf = (std::numeric_limits<T>::max() + 1) / 2;
  const int columns = image.cols;
  const auto in_vectors = [columns](int x, int lanes) { return x < columns / lanes * lanes; };
  if (space == ColourSpace::ycbcr)
    with([&](const Whole& c, int) { return inverse ? rgb_of_ycbcr(c, kHalf) : ycbcr_of(c, kHalf); });
  else if (space == ColourSpace::xyz)
    with([&](const Whole& c, int) { return times(inverse ? kRgb : kXyz, c); });
  else if (space == ColourSpace::hsv)
    with([&](const Whole& c, int x) { return inverse ? rgb_of_hsv(c, in_vectors(x, 32)) : hsv_of(c); });
  else if (space == ColourSpace::hsl)
    with([&](const Whole& c, int x) { return inverse ? rgb_of_hsl(c) : hsl_of(c, in_vectors(x, 8)); });
  else if (space == ColourSpace::lab) {
    static const Lab lab;
    with([&](const Whole& c, int) { return inverse ? lab.rgb(c) : lab.of(c); });
  }
}

void floats(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const auto with = [&](const auto& convert) {
    convert_pixels<float, float, float>(
        inverse, image, out, ctx, [&](const Single& c, int) { return convert(c); }, [](float alpha) { return alpha; });
  };
  if (space == ColourSpace::ycbcr)
    with([&](const Single& c) { return inverse ? rgb_of_ycbcr(c) : ycbcr_of(c); });
  else if (space == ColourSpace::xyz)
    with([&](const Single& c) { return times(inverse ? kRgb : kXyz, c); });
  else if (space == ColourSpace::hsv)
    with([&](const Single& c) { return inverse ? rgb_of_hsv(c[0] * (6 / 360.f), c[1], c[2], true) : hsv_of(c); });
  else if (space == ColourSpace::hsl)
    with([&](const Single& c) { return inverse ? rgb_of_hsl(c[0] * (6 / 360.f), c[1], c[2]) : hsl_of(c, 1, true); });
}

}  // namespace

void convert_opencv(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const bool any_depth = space == ColourSpace::ycbcr || space == ColourSpace::xyz, lab = space == ColourSpace::lab;
  if ((image.depth() == CV_16U && !any_depth) || (image.depth() == CV_32F && lab))
    refuse_depth(space, lab ? "convention=opencv takes 8 bits" : "convention=opencv takes 8 bits and floats");
  out.create(image.size(), image.type());
  if (image.depth() == CV_8U)
    whole_numbers<uint8_t>(space, inverse, image, out, ctx);
  else if (image.depth() == CV_16U)
    whole_numbers<uint16_t>(space, inverse, image, out, ctx);
  else
    floats(space, inverse, image, out, ctx);
}

}  // namespace assay::detail
