// imgproc/color/convert_opencv_lab.cpp: OpenCV 4.6's lab of 8 bits.
//
//   there   linear light in 2^-3 of a level and cube roots in 2^-15 from tables
//   back    14 bits, linear light in 4096 steps

#include <cmath>

#include "assay/imgproc/color/convert_opencv_internal.h"

namespace assay::detail {

namespace {

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

}  // namespace

void convert_opencv_lab(bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  static const Lab lab;
  convert_pixels<uint8_t, uint8_t, int>(
      inverse, image, out, ctx, [&](const Whole& c) { return inverse ? lab.rgb(c) : lab.of(c); },
      [](uint8_t alpha) { return alpha; });
}

}  // namespace assay::detail
