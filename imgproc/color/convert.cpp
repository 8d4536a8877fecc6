// imgproc/color/convert.cpp
// Notation   m: full scale of the depth;  c = {first, second, third}: the space's channels in their own units
// Method     each pixel: units of the space, the formula of space.cpp in f64, round. Faster, by planes of a run: u8 of hsv, hsl, ycbcr
//            and u16 of ycbcr by exact quotients; their other depths by the formula side by side, bit for bit; the light of whole
//            numbers from tables; lab of u8 in f32 within a proven bound, near a half again in f64, back and xyz back the
//            same; powers of floats likewise in f64; sRGB's inverse curve of u8 by the 255 values at which the result steps up
// Departures from the standards: none beside those of space.cpp.

#include "assay/imgproc/color/convert.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/color/convert_internal.h"
#include "assay/imgproc/color/convert_kernels.h"
#include "assay/imgproc/color/encode_bytes.h"
#include "assay/imgproc/color/formula_kernels.h"
#include "assay/imgproc/color/lab_kernels.h"
#include "assay/imgproc/color/planes_kernels.h"
#include "assay/imgproc/color/xyz_kernels.h"

namespace assay {

namespace {

ChannelCode code_of(ColourSpace space, int depth) {
  const double m = depth == CV_8U ? 255 : 65535, zero = depth == CV_8U ? 128 : 32768;
  switch (space) {
    case ColourSpace::lab: {
      const double k = depth == CV_8U ? 1 : 257;
      return {{m / 100, k, k}, {0, 128 * k, 128 * k}};
    }
    case ColourSpace::hsv:
    case ColourSpace::hsl:
      return {{depth == CV_8U ? 0.5 : 65536 / 360.0, m, m}, {0, 0, 0}};
    case ColourSpace::ycbcr:
      return {{m, m, m}, {0, zero, zero}};
    default:
      return {{m, m, m}, {0, 0, 0}};
  }
}

// Linear light of each level of a depth.
template <class T>
const double* light_of_levels() {
  static const std::vector<double> table = [] {
    constexpr int kFull = std::numeric_limits<T>::max();
    std::vector<double> v;
    for (int k = 0; k <= kFull; ++k) v.push_back(linear_from_srgb(static_cast<double>(k) / kFull));
    return v;
  }();
  return table.data();
}

bool is_curved(ColourSpace space) {
  return space == ColourSpace::linear || space == ColourSpace::xyz || space == ColourSpace::lab;
}

class Converter {
 public:
  Converter(ColourSpace space, const ConvertParams& p, const cv::Mat& image)
      : space_(space), inverse_(p.inverse), code_(code_of(space, image.depth())), m_(full_scale(image)) {
    if (image.depth() != CV_32F)
      light_ = image.depth() == CV_8U ? light_of_levels<uint8_t>() : light_of_levels<uint16_t>();
  }

  // One pixel: stored values in the order of memory, f64.
  template <class T>
  Colour units(const T* p) const {
    Colour c;
    for (size_t k = 0; k < 3; ++k) c[k] = static_cast<double>(p[k]);
    if (!inverse_) {
      std::swap(c[0], c[2]);  // B, G, R
      if (!std::is_same_v<T, float>)
        for (double& v : c) v /= m_;
    } else if (!std::is_same_v<T, float>) {
      for (size_t k = 0; k < 3; ++k) c[k] = (c[k] - code_.offset[k]) / code_.scale[k];
    }
    return c;
  }

  template <class T>
  Colour converted(const T* p) const {
    if (inverse_) return to_srgb(space_, units(p));
    if constexpr (!std::is_same_v<T, float>)
      if (is_curved(space_)) {
        const Colour light{light_[p[2]], light_[p[1]], light_[p[0]]};
        if (space_ == ColourSpace::linear) return light;
        const Colour xyz = xyz_from_linear(light);
        return space_ == ColourSpace::xyz ? xyz : lab_from_xyz(xyz);
      }
    return from_srgb(space_, units(p));
  }

  template <class T>
  void store(Colour c, T* to) const {
    if (inverse_) std::swap(c[0], c[2]);
    for (size_t k = 0; k < 3; ++k) {
      if constexpr (std::is_same_v<T, float>) {
        to[k] = static_cast<float>(c[k]);
      } else {
        double v = nearest_even(inverse_ ? c[k] * m_ : c[k] * code_.scale[k] + code_.offset[k]);
        if (!inverse_ && k == 0 && (space_ == ColourSpace::hsv || space_ == ColourSpace::hsl))
          v = std::fmod(v, m_ == 255 ? 180 : 65536);  // a full turn is 0
        to[k] = static_cast<T>(std::clamp(v, 0.0, m_));
      }
    }
  }

  const ChannelCode& code() const { return code_; }
  const double* light() const { return light_; }
  template <class T>
  T linear_level(T v) const {
    return static_cast<T>(nearest_even(m_ * light_[v]));
  }

 private:
  ColourSpace space_;
  bool inverse_;
  ChannelCode code_;
  double m_;
  const double* light_ = nullptr;
};

template <class In, class Out>
void alpha(const In* from, Out* to, double scale) {
  if constexpr (std::is_same_v<In, Out>)
    *to = *from;
  else
    *to = static_cast<Out>(static_cast<double>(*from) / scale);
}

template <class In, class Out>
void convert_row(const Converter& converter, const In* from, int channels, int n, double scale, Out* to) {
  for (int x = 0; x < n; ++x, from += channels, to += channels) {
    converter.store(converter.converted(from), to);
    if (channels == 4) alpha(from + 3, to + 3, scale);
  }
}

// 8 bits, 3 channels, by planes of kRun pixels.
constexpr int kRun = kPlane;

using PlanesToBytes = void(const uint8_t*, const uint8_t*, const uint8_t*, int, uint8_t*, uint8_t*, uint8_t*);

PlanesToBytes* bytes_by_planes(ColourSpace space, bool inverse) {
  if (space == ColourSpace::hsv) return inverse ? srgb_from_hsv_bytes : hsv_bytes;
  if (space == ColourSpace::hsl) return inverse ? srgb_from_hsl_bytes : hsl_bytes;
  if (space == ColourSpace::ycbcr && inverse) return srgb_from_ycbcr_bytes;
  return nullptr;
}

// Runs of a row: apart, converted, together again; alpha of another depth is a part of `full`.
template <class In, class Out, class Convert>
void row_by_planes(const Convert& convert, bool inverse, const In* from, int channels, int columns, double full,
                   Out* to) {
  alignas(64) In in[4][kRun];
  alignas(64) Out out[4][kRun];
  const int red = inverse ? 0 : 2;  // B, G, R in memory
  for (int n; columns > 0; columns -= n, from += channels * n, to += channels * n) {
    n = std::min(kRun, columns);
    if (channels == 3)
      split_planes(from, n, in[0], in[1], in[2]);
    else
      split_planes(from, n, in[0], in[1], in[2], in[3]);
    fetch_numbers(from + channels * n, channels * std::min(kRun, columns - n));
    convert(in[red], in[1], in[2 - red], n, out[inverse ? 2 : 0], out[1], out[inverse ? 0 : 2]);
    if (channels == 4)
      for (int i = 0; i < n; ++i) alpha(in[3] + i, out[3] + i, full);
    if (channels == 3)
      join_planes(out[0], out[1], out[2], n, to);
    else
      join_planes(out[0], out[1], out[2], out[3], n, to);
  }
}

void ycbcr_row(const uint8_t* from, int n, int ahead, uint8_t* to) {
  alignas(64) uint8_t out[3][kRun];
  fetch_ahead(from + 3 * n, std::min(kRun, ahead));
  ycbcr_bytes(from, n, out[0], out[1], out[2]);
  join_planes(out[0], out[1], out[2], n, to);
}

// Rows of the matrix over white, so that grey has x = y = z.
struct OverWhite {
  float m[3][3];
  OverWhite() {
    const Colour white = xyz_from_linear({1, 1, 1});
    for (size_t j = 0; j < 3; ++j) {
      Colour unit{0, 0, 0};
      unit[j] = 1;
      const Colour column = xyz_from_linear(unit);
      for (size_t i = 0; i < 3; ++i) m[i][j] = static_cast<float>(column[i] / white[i]);
    }
  }
};

void lab_row(const Converter& converter, const FloatTable& linear, const uint8_t* from, int n, uint8_t* to) {
  static const OverWhite over_white;
  alignas(64) uint8_t bgr[3][kRun], lab[3][kRun];
  int doubts[kRun];
  split_planes(from, n, bgr[0], bgr[1], bgr[2]);
  const int found = lab_bytes(bgr[2], bgr[1], bgr[0], n, linear, over_white.m, lab[0], lab[1], lab[2], doubts);
  join_planes(lab[0], lab[1], lab[2], n, to);
  for (int k = 0; k < found; ++k) converter.store(converter.converted(from + 3 * doubts[k]), to + 3 * doubts[k]);
}

// Linear light of X / Xn, Y / Yn, Z / Zn, or of X, Y, Z.
struct Inverse {
  float m[3][3];
  explicit Inverse(const Colour& white) {
    for (size_t j = 0; j < 3; ++j) {
      Colour unit{0, 0, 0};
      unit[j] = white[j];
      const Colour column = linear_from_xyz(unit);
      for (size_t i = 0; i < 3; ++i) m[i][j] = static_cast<float>(column[i]);
    }
  }
};

// Lab or XYZ to sRGB in f32 by planes; a colour with a value near a step is done again in f64.
void lab_or_xyz_to_srgb_row(ColourSpace space, const Converter& converter, const uint8_t* from, int n, uint8_t* to) {
  static const Inverse over_white(xyz_from_linear({1, 1, 1})), plain({1, 1, 1});
  static const EncodeBytes encode;
  const bool lab = space == ColourSpace::lab;
  alignas(64) uint8_t in[3][kRun], rgb[3][kRun];
  int doubts[kRun];
  split_planes(from, n, in[0], in[1], in[2]);
  const int found = (lab ? srgb_from_lab_bytes : srgb_from_xyz_bytes)(
      in[0], in[1], in[2], n, lab ? over_white.m : plain.m, {rgb[0], rgb[1], rgb[2]}, doubts);
  join_planes(rgb[2], rgb[1], rgb[0], n, to);
  for (int k = 0; k < found; ++k) {
    const int i = doubts[k];
    const Colour units = converter.units(from + 3 * i), linear = linear_from_xyz(lab ? xyz_from_lab(units) : units);
    for (size_t c = 0; c < 3; ++c) to[3 * static_cast<size_t>(i) + 2 - c] = encode(linear[c]);
  }
}

// Light of whole numbers is read from tables.
template <class T>
void linear_row(const Converter& converter, const T* from, int channels, int n, T* to) {
  for (int x = 0; x < n; ++x, from += channels, to += channels) {
    to[0] = converter.linear_level(from[2]), to[1] = converter.linear_level(from[1]);
    to[2] = converter.linear_level(from[0]);
    if (channels == 4) to[3] = from[3];
  }
}

template <class T>
void xyz_row(const Converter& converter, const T* from, int channels, int n, T* to) {
  constexpr double kFull = std::numeric_limits<T>::max();
  double columns[3][4] = {};
  for (size_t k = 0; k < 3; ++k) {
    Colour unit{0, 0, 0};
    unit[k] = kFull;
    const Colour column = xyz_from_linear(unit);
    std::copy(column.begin(), column.end(), columns[k]);
  }
  for (int count; n > 0; n -= count, from += channels * count, to += channels * count) {
    count = std::min(kRun, n);
    if (!xyz_of_pixels(from, channels, count, converter.light(), columns, to))
      convert_row(converter, from, channels, count, kFull, to);
  }
}

// By planes if In and Out are of different depths, back, or with a formula without tables.
template <class In, class Out>
void plain_row(ColourSpace space, const ConvertParams& p, const Converter& converter, const In* from, int channels,
               int n, double full, Out* to) {
  Formula<In, Out>* formula = curve_of<In, Out>(space, p.inverse);
  if constexpr (std::is_same_v<In, float>) {
    if (!is_curved(space)) return convert_floats(floats_of(space, p.inverse, channels), from, channels, n, to);
  } else if constexpr (!std::is_same_v<Out, uint8_t>) {
    if (!is_curved(space)) formula = formula_of<In, Out>(space, p.inverse);
  }
  const auto by_formula = [&](const In* a, const In* b, const In* c, int count, Out* x, Out* y, Out* z) {
    formula(a, b, c, count, converter.code(), full, x, y, z);
  };
  if constexpr (std::is_same_v<In, Out> && !std::is_same_v<Out, float>) {
    if (!p.inverse && space == ColourSpace::linear) return linear_row(converter, from, channels, n, to);
    if (!p.inverse && space == ColourSpace::xyz) return xyz_row(converter, from, channels, n, to);
  }
  if (formula)
    row_by_planes(by_formula, p.inverse, from, channels, n, full, to);
  else
    convert_row(converter, from, channels, n, full, to);
}

void byte_row(ColourSpace space, const ConvertParams& p, const Converter& converter, const FloatTable& light,
              const uint8_t* from, int channels, int n, uint8_t* to) {
  const bool lab = channels == 3 && (space == ColourSpace::lab || (space == ColourSpace::xyz && p.inverse)),
             ycbcr = space == ColourSpace::ycbcr && channels == 3 && !p.inverse;
  PlanesToBytes* const by_planes = bytes_by_planes(space, p.inverse);
  if (by_planes) return row_by_planes(by_planes, p.inverse, from, channels, n, 255, to);
  if (!lab && !ycbcr) {
    if (space == ColourSpace::ycbcr) return convert_row(converter, from, channels, n, 255, to);
    return plain_row(space, p, converter, from, channels, n, 255, to);
  }
  for (int x = 0; x < n; x += kRun) {
    const int count = std::min(kRun, n - x);
    if (ycbcr)
      ycbcr_row(from + 3 * x, count, n - x - count, to + 3 * x);
    else if (p.inverse)
      lab_or_xyz_to_srgb_row(space, converter, from + 3 * x, count, to + 3 * x);
    else
      lab_row(converter, light, from + 3 * x, count, to + 3 * x);
  }
}

template <class In, class Out>
void convert_rows(ColourSpace space, const ConvertParams& p, const Converter& converter, const cv::Mat& image,
                  cv::Mat& out, int begin, int end) {
  const int channels = image.channels(), n = image.cols;
  FloatTable light;
  if constexpr (std::is_same_v<Out, uint8_t>)
    for (int k = 0; k < 256; ++k) light.set(k, static_cast<float>(converter.light()[k]));
  for (int y = begin; y < end; ++y) {
    const In* from = image.ptr<In>(y);
    Out* to = out.ptr<Out>(y);
    if constexpr (std::is_same_v<Out, uint8_t>)
      byte_row(space, p, converter, light, from, channels, n, to);
    else if constexpr (std::is_same_v<Out, uint16_t>) {
      if (space == ColourSpace::ycbcr)
        row_by_planes(p.inverse ? srgb_from_ycbcr_words : ycbcr_words, p.inverse, from, channels, n, 65535, to);
      else
        plain_row(space, p, converter, from, channels, n, 65535, to);
    } else
      plain_row(space, p, converter, from, channels, n, full_scale(image), to);
  }
}

void convert_exact(ColourSpace space, const ConvertParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), CV_MAKETYPE(p.real ? CV_32F : image.depth(), image.channels()));
  const Converter converter(space, p, image);
  parallel_for(ctx.threads, image.rows, 32, [&](Index begin, Index end) {
    ctx.check_cancelled();
    const int first = static_cast<int>(begin), last = static_cast<int>(end);
    if (image.depth() == CV_8U && !p.real)
      convert_rows<uint8_t, uint8_t>(space, p, converter, image, out, first, last);
    else if (image.depth() == CV_8U)
      convert_rows<uint8_t, float>(space, p, converter, image, out, first, last);
    else if (image.depth() == CV_16U && p.real)
      convert_rows<uint16_t, float>(space, p, converter, image, out, first, last);
    else if (image.depth() == CV_16U)
      convert_rows<uint16_t, uint16_t>(space, p, converter, image, out, first, last);
    else
      convert_rows<float, float>(space, p, converter, image, out, first, last);
  });
}

}  // namespace

void detail::refuse_depth(ColourSpace space, const char* rule) {
  const char* name = space == ColourSpace::hsv   ? "hsv"
                     : space == ColourSpace::hsl ? "hsl"
                     : space == ColourSpace::lab ? "lab"
                     : space == ColourSpace::xyz ? "xyz"
                                                 : "ycbcr";
  throw DataError(std::string(name) + ": " + rule);
}

void convert_colour(ColourSpace space, const ConvertParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  if (p.convention == ColourConvention::opencv)
    detail::convert_opencv(space, p.inverse, image, out, ctx);
  else if (p.convention == ColourConvention::skimage)
    detail::convert_skimage(space, p.inverse, image, out, ctx);
  else if (p.convention == ColourConvention::pillow)
    detail::convert_pillow(space, p.inverse, image, out, ctx);
  else
    convert_exact(space, p, image, out, ctx);
  ctx.trace.image([&] {
    return TraceImage{"converted",
                      "Each colour in the new space",
                      "The three numbers of each colour, shown as if they were red, green and blue.",
                      view_of(out),
                      out.depth() == CV_32F,
                      {},
                      "imgproc/color/convert.cpp:convert_colour"};
  });
}

}  // namespace assay
