// imgproc/color/convert_pillow.cpp: Pillow 9.4's 8-bit colours.
//
//   ycbcr   products rounded to 1/64 (+ 1/2, cut off towards 0), their sums rounded down
//   hsv     a turn is 255 levels; hue and saturation lose their fractions; back: rounded, halves up
// Departures from the library: none.

#include <cmath>

#include "assay/imgproc/color/convert_internal.h"

namespace assay::detail {

namespace {

using Whole = Triple<int>;

int in_64ths(double weight, int level) { return static_cast<int>(weight * level * 64 + 0.5); }

Whole ycbcr_of(const Whole& c) {
  const auto [r, g, b] = c;
  return {(in_64ths(0.299, r) + in_64ths(0.587, g) + in_64ths(0.114, b)) >> 6,
          ((in_64ths(-0.16874, r) + in_64ths(-0.33126, g) + in_64ths(0.5, b)) >> 6) + 128,
          ((in_64ths(0.5, r) + in_64ths(-0.41869, g) + in_64ths(-0.08131, b)) >> 6) + 128};
}
Whole rgb_of_ycbcr(const Whole& c) {
  const int y = c[0], cb = c[1] - 128, cr = c[2] - 128;
  return {y + (in_64ths(1.402, cr) >> 6), y + ((in_64ths(-0.34414, cb) + in_64ths(-0.71414, cr)) >> 6),
          y + (in_64ths(1.772, cb) >> 6)};
}

Whole hsv_of(const Whole& c) {
  const auto [r, g, b] = c;
  const int most = std::max({r, g, b}), range = most - std::min({r, g, b});
  if (range == 0) return {0, 0, most};
  const auto share = [&](int level) { return static_cast<float>(most - level) / static_cast<float>(range); };
  const double sectors = most == r   ? static_cast<double>(share(b) - share(g))
                         : most == g ? 2.0 + static_cast<double>(share(r)) - static_cast<double>(share(b))
                                     : 4.0 + static_cast<double>(share(g)) - static_cast<double>(share(r));
  const auto turn = static_cast<float>(std::fmod(static_cast<double>(static_cast<float>(sectors)) / 6 + 1, 1.0));
  const float s = static_cast<float>(range) / static_cast<float>(most);
  return {static_cast<int>(turn * 255), static_cast<int>(static_cast<double>(s) * 255), most};
}
Whole rgb_of_hsv(const Whole& c) {
  const auto [h, s, v] = c;
  const double sectors = h * 6 / 255.0;
  const int whole = static_cast<int>(sectors);
  const auto part = static_cast<double>(static_cast<float>(sectors - whole)),
             saturation = static_cast<double>(static_cast<float>(s / 255.0));
  const auto level = [v](double share) { return static_cast<int>(std::floor(v * share + 0.5)); };
  return of_sector(whole % 6, v, level(1 - saturation), level(1 - saturation * part),
                   level(1 - saturation * (1 - part)));
}

}  // namespace

void convert_pillow(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  if (image.depth() != CV_8U) refuse_depth(space, "convention=pillow takes 8 bits");
  out.create(image.size(), image.type());
  const bool hsv = space == ColourSpace::hsv;
  convert_pixels<uint8_t, uint8_t, int>(
      inverse, image, out, ctx,
      [&](const Whole& c) {
        return hsv ? (inverse ? rgb_of_hsv(c) : hsv_of(c)) : (inverse ? rgb_of_ycbcr(c) : ycbcr_of(c));
      },
      [](uint8_t alpha) { return alpha; });
}

}  // namespace assay::detail
