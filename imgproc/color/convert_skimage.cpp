// imgproc/color/convert_skimage.cpp: scikit-image 0.19's colours, in f64, stored as f32.
// Departures from the library: it computes f32 pictures in f32.

#include <cmath>

#include "assay/imgproc/color/convert_internal.h"

namespace assay::detail {

namespace {

constexpr Colour kWhite{0.95047, 1, 1.08883};

Colour lab_of(const Colour& rgb) {
  Colour f = from_srgb(ColourSpace::xyz, rgb);
  for (size_t k = 0; k < 3; ++k) {
    const double t = f[k] / kWhite[k];
    f[k] = t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16. / 116;
  }
  return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}
Colour xyz_of_lab(const Colour& lab) {
  const double y = (lab[0] + 16) / 116;
  Colour xyz{lab[1] / 500 + y, y, std::max(y - lab[2] / 200, 0.)};
  for (size_t k = 0; k < 3; ++k) {
    const double f = xyz[k];
    xyz[k] = kWhite[k] * (f > 0.2068966 ? f * f * f : (f - 16. / 116) / 7.787);
  }
  return xyz;
}

Colour clipped_rgb(const Colour& xyz) {
  Colour rgb = to_srgb(ColourSpace::xyz, xyz);
  for (double& v : rgb) v = std::clamp(v, 0., 1.);
  return rgb;
}

// Video levels of BT.601, item 2.5.1: Y = 16 + 219 Y', C = 128 + 224 C'; coefficients of three decimals.
constexpr double kYCbCr[3][3] = {{65.481, 128.553, 24.966}, {-37.797, -74.203, 112.0}, {112.0, -93.786, -18.214}};
constexpr Colour kZero{16, 128, 128};

Colour ycbcr_of(const Colour& rgb) {
  Colour c = kZero;
  for (size_t k = 0; k < 3; ++k)
    for (size_t j = 0; j < 3; ++j) c[k] += kYCbCr[k][j] * rgb[j];
  return c;
}
Colour rgb_of_ycbcr(const Colour& c) {
  static const cv::Matx33d inverse = cv::Matx33d(&kYCbCr[0][0]).inv();
  const cv::Vec3d rgb = inverse * cv::Vec3d(c[0] - kZero[0], c[1] - kZero[1], c[2] - kZero[2]);
  return {rgb[0], rgb[1], rgb[2]};
}

Colour forward(ColourSpace space, const Colour& rgb) {
  if (space == ColourSpace::lab) return lab_of(rgb);
  if (space == ColourSpace::ycbcr) return ycbcr_of(rgb);
  Colour c = from_srgb(space, rgb);
  if (space == ColourSpace::hsv) c[0] /= 360;
  return c;
}
Colour back(ColourSpace space, const Colour& c) {
  if (space == ColourSpace::lab) return clipped_rgb(xyz_of_lab(c));
  if (space == ColourSpace::xyz) return clipped_rgb(c);
  if (space == ColourSpace::ycbcr) return rgb_of_ycbcr(c);
  return to_srgb(space, {360 * c[0], c[1], c[2]});
}

template <class T>
void convert(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const double scale = std::is_same_v<T, float> ? 1 : full_scale(image);
  convert_pixels<T, float, double>(
      inverse, image, out, ctx,
      [&](const Colour& c) {
        return inverse ? back(space, c) : forward(space, {c[0] / scale, c[1] / scale, c[2] / scale});
      },
      [scale](T alpha) { return static_cast<float>(static_cast<double>(alpha) / scale); });
}

}  // namespace

void convert_skimage(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  if (inverse && image.depth() != CV_32F)
    refuse_depth(space, "convention=skimage with inverse=true takes floats, in the units of scikit-image");
  out.create(image.size(), CV_MAKETYPE(CV_32F, image.channels()));
  if (image.depth() == CV_8U)
    convert<uint8_t>(space, inverse, image, out, ctx);
  else if (image.depth() == CV_16U)
    convert<uint16_t>(space, inverse, image, out, ctx);
  else
    convert<float>(space, inverse, image, out, ctx);
}

}  // namespace assay::detail
