// imgproc/color/convert_opencv.cpp: OpenCV 4.6's colours.
//
//   ycbcr   u8, u16: weights of 2^-14 (Y: 0.299, 0.587, 0.114; Cr: 0.713; Cb: 0.564), sums rounded to the nearest, halves up
//   xyz     the matrix on the values as they are stored; u8, u16: in 2^-12
//   hsv     u8: 255 / V and 30 / range in 2^-12 (tables there, quotients of floats here: the same); back in f32, and 255 times
//           that without its fraction: the last columns, less than 32, are rounded
//   hsl     u8: f32 of c / 255, and rounded
//   lab     convert_opencv_lab.cpp
//   f32     the formulas, with its constants: 0.713, 0.564, 1.403, 1.773 ..., and 2^-23 added to divisors
// Method     a row's channels apart by runs of pixels, the formula, without branches, along them, and together again
// Notation   c = {R, G, B} or the space's channels;  descaled: a whole number divided by 2^n, rounded, halves up
// Departures from the library: f32 agrees to rounding (its vectors end before rows do, and their ends round otherwise). What
//            fuses a product and a sum there is std::fma here. lab of f32 (a table of 33^3 colours there) is not offered.

#include <cmath>
#include <optional>

#include "assay/imgproc/color/convert_internal.h"
#include "assay/imgproc/color/convert_opencv_internal.h"
#include "assay/imgproc/color/convert_opencv_kernels.h"
#include "assay/imgproc/color/few_by_few.h"
#include "assay/imgproc/color/planes_kernels.h"

namespace assay::detail {

namespace {

using Single = Triple<float>;

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

template <class V>
V most_of(const Triple<V>& c) {
  return std::max(std::max(c[0], c[1]), c[2]);
}
template <class V>
V least_of(const Triple<V>& c) {
  return std::min(std::min(c[0], c[1]), c[2]);
}

// The difference of the two other channels, in the order of the turn, and the degrees at which it begins.
template <class V>
struct Turn {
  V difference, begin;
};
template <class V>
Turn<V> turn_of(const Triple<V>& c, V most, V red, V green, V blue) {
  const V from = most == c[0]   ? c[1]
                 : most == c[1] ? c[2]
                                : c[0],
          less = most == c[0]   ? c[2]
                 : most == c[1] ? c[0]
                                : c[1];
  return {from - less, most == c[0] ? red : most == c[1] ? green : blue};
}

// Degrees; d = 60 / range.
float hue(const Single& c, float most, float d) {
  const auto turn = turn_of(c, most, -0.f, 120.f, 240.f);  // -0 changes no product
  const float h = std::fma(turn.difference, d, turn.begin);
  return h < 0 ? h + 360 : h;
}

Whole hsv_of(const Whole& c) {
  const int most = most_of(c), range = most - least_of(c);
  const auto quotient = [](float whole, int by) {
    return static_cast<int>(std::nearbyint(whole * 4096 / static_cast<float>(by == 0 ? 1 : by)));
  };
  const auto turn = turn_of(c, most, 0, 2, 4);
  const int h = descaled((turn.difference + turn.begin * range) * quotient(30, range), 12);
  return {h < 0 ? h + 180 : h, descaled(range * quotient(255, most), 12), most};
}
Single hsv_of(const Single& c) {
  const float most = most_of(c), range = most - least_of(c);
  return {hue(c, most, 60 / (range + kEpsilon)), range / (std::abs(most) + kEpsilon), most};
}

// A hue in sectors: 2 third + odd of them are whole, and a part.
struct Sector {
  float third;  // 0, 1, 2
  bool odd;
  float part;
};
Sector sector_of(float k, float part) {
  const float third = std::floor(k * 0.5f);
  return {third, third != k * 0.5f, part};
}
Sector sector_of_float(float sectors) {  // a hue that is no number is in the first
  const float whole = std::floor(sectors), k = whole - 6 * std::floor(whole / 6);
  return sector_of(std::abs(k - 2.5f) < 3 ? k : 0, sectors - whole);
}
Sector sector_of_byte(int hue) {  // below 9
  const float sectors = static_cast<float>(hue) * (6 / 180.f), whole = std::floor(sectors);
  return sector_of(whole < 6 ? whole : whole - 6, sectors - whole);
}

// Red, green and blue; each third turns them on by one.
Single of_sector(const Sector& s, float most, float between, float least) {
  const float x = s.odd ? between : most, y = s.odd ? most : between, z = least;
  Single c{x, y, z};
  c = s.third == 1 ? Single{z, x, y} : c;
  c = s.third == 2 ? Single{y, z, x} : c;
  return c;
}

// Where the library's vectors have ended, one product is not fused.
template <bool in_vectors>
Single rgb_of_hsv(const Sector& h, float s, float v) {
  const float part = h.odd ? h.part : 1 - h.part, fused = v * std::fma(-s, part, 1.f);
  return of_sector(h, v, in_vectors || h.odd ? fused : v * (1 - s * part), v * (1 - s));
}
constexpr float kByte = static_cast<float>(1 / 255.);
template <bool in_vectors>
Whole rgb_of_hsv(const Whole& c) {
  const Single rgb =
      rgb_of_hsv<in_vectors>(sector_of_byte(c[0]), static_cast<float>(c[1]) * kByte, static_cast<float>(c[2]) * kByte);
  const auto level = [](float v) { return static_cast<int>(in_vectors ? v * 255 : std::nearbyint(v * 255)); };
  return {level(rgb[0]), level(rgb[1]), level(rgb[2])};
}

// The scale is 1 for degrees. Vectors take 2 - (max + min), what is left of a row 2 - max - min.
template <bool in_vectors>
Single hsl_of(const Single& c, float scale) {
  const float most = most_of(c), least = least_of(c), range = most - least, sum = most + least, l = sum * 0.5f;
  const float room = l < 0.5f ? sum : in_vectors ? 2 - sum : 2 - most - least;
  const float h = hue(c, most, 60 / range) * scale, s = range / room;
  const bool grey = range <= kEpsilon;
  return {grey ? 0 : h, grey ? 0 : s, l};
}
template <bool in_vectors>
Whole hsl_of(const Whole& c) {
  const Single hsl = hsl_of<in_vectors>(
      {static_cast<float>(c[0]) * kByte, static_cast<float>(c[1]) * kByte, static_cast<float>(c[2]) * kByte}, 0.5f);
  const auto level = [](float v) { return static_cast<int>(std::nearbyint(v)); };
  return {level(hsl[0]), level(hsl[1] * 255), level(hsl[2] * 255)};
}
Single rgb_of_hsl(const Sector& h, float s, float l) {
  const float most = l <= 0.5f ? l * (1 + s) : l + s - l * s, least = 2 * l - most, range = most - least;
  return of_sector(h, most, least + range * (h.odd ? 1 - h.part : h.part), least);
}
Whole rgb_of_hsl(const Whole& c) {
  const Single rgb =
      rgb_of_hsl(sector_of_byte(c[0]), static_cast<float>(c[1]) * kByte, static_cast<float>(c[2]) * kByte);
  const auto level = [](float v) { return static_cast<int>(std::nearbyint(v * 255)); };
  return {level(rgb[0]), level(rgb[1]), level(rgb[2])};
}

template <class T>
using Formula = void(const T* a, const T* b, const T* c, int n, T* x, T* y, T* z);

// Everything is inlined, and without branches: the compiler makes vectors of it.
template <class T, class Convert>
[[gnu::flatten]] void along(const T* __restrict a, const T* __restrict b, const T* __restrict c, int n, T* __restrict x,
                            T* __restrict y, T* __restrict z) {
  for (int i = 0; i < n; ++i) {
    const Whole to = Convert()(Whole{a[i], b[i], c[i]});
    x[i] = static_cast<T>(to[0]), y[i] = static_cast<T>(to[1]), z[i] = static_cast<T>(to[2]);
  }
}

// The formula of a row's first columns, as many as fill `lanes`, and that of the rest.
template <class T>
struct Formulas {
  template <class Convert>
  explicit Formulas(Convert) : whole(along<T, Convert>), rest(whole) {}
  template <class Convert, class Rest>
  Formulas(Convert, int count, Rest) : whole(along<T, Convert>), lanes(count), rest(along<T, Rest>) {}

  Formula<T>* whole;
  int lanes = 1;
  Formula<T>* rest;
};

constexpr int kRun = 256;

template <class T>
void convert_run(Formula<T>* formula, bool inverse, const T* from, int channels, int n, T* to) {
  alignas(64) T in[4][kRun], out[3][kRun];
  channels == 3 ? split_planes(from, n, in[0], in[1], in[2]) : split_planes(from, n, in[0], in[1], in[2], in[3]);
  const int red = inverse ? 0 : 2, x = 2 - red;  // B, G, R on the side of colours
  formula(in[red], in[1], in[2 - red], n, out[x], out[1], out[2 - x]);
  channels == 3 ? join_planes(out[0], out[1], out[2], n, to) : join_planes(out[0], out[1], out[2], in[3], n, to);
}

// The linear formulas once more, as a matrix; the others have none. `zero` is what stands for 0 in Cb and Cr.
std::optional<ColourMatrix> matrix_of(ColourSpace space, bool inverse, int zero) {
  if (space == ColourSpace::ycbcr && inverse) {  // Y, Cb, Cr to B, G, R
    constexpr int kHalf = 1 << 13;
    return ColourMatrix{{{1 << 14, 29049, 0}, {1 << 14, -5636, -11698}, {1 << 14, 0, 22987}},
                        {kHalf - zero * 29049, kHalf + zero * (5636 + 11698), kHalf - zero * 22987},
                        14};
  }
  if (space == ColourSpace::ycbcr) {
    constexpr int kHalf = 1 << 13;
    const int raised = kHalf + (zero << 14);
    return ColourMatrix{
        {{1868, 9617, 4899}, {9241, 0, 0}, {0, 0, 11682}}, {kHalf, raised, raised}, 14, {0, -9241, -11682}};
  }
  if (space != ColourSpace::xyz) return std::nullopt;
  ColourMatrix m{{}, {1 << 11, 1 << 11, 1 << 11}, 12};
  for (size_t k = 0; k < 3; ++k)
    for (size_t j = 0; j < 3; ++j)
      m.weight[inverse ? 2 - k : k][inverse ? j : 2 - j] =
          static_cast<int16_t>(std::nearbyint((inverse ? kRgb : kXyz)[k][j] * 4096));
  return m;
}

template <class T>
void convert_rows(const Formulas<T>& formulas, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx,
                  const std::optional<ColourMatrix>& matrix) {
  const int channels = image.channels(), whole = image.cols / formulas.lanes * formulas.lanes;
  parallel_for(ctx.threads, image.rows, 32, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const T* from = image.ptr<T>(y);
      T* to = out.ptr<T>(y);
      int x = matrix ? convert_by_matrix(*matrix, from, channels, image.cols, to) : 0;
      for (int n; x < image.cols; x += n) {
        n = std::min(kRun, (x < whole ? whole : image.cols) - x);
        convert_run(x < whole ? formulas.whole : formulas.rest, inverse, from + channels * x, channels, n,
                    to + channels * x);
      }
    }
  });
}

template <class T>
Whole clamped(const Whole& c) {
  const auto level = [](int v) { return std::clamp<int>(v, 0, std::numeric_limits<T>::max()); };
  return {level(c[0]), level(c[1]), level(c[2])};
}

// Of ycbcr and xyz, which 8 and 16 bits have; the others stay within a byte.
template <class T>
Formulas<T> of_whole_numbers(ColourSpace space, bool inverse) {
  constexpr int kHalf = (std::numeric_limits<T>::max() + 1) / 2;
  using Of = Formulas<T>;
  if (space == ColourSpace::ycbcr)
    return inverse ? Of([](const Whole& c) { return clamped<T>(rgb_of_ycbcr(c, kHalf)); })
                   : Of([](const Whole& c) { return clamped<T>(ycbcr_of(c, kHalf)); });
  return inverse ? Of([](const Whole& c) { return clamped<T>(times(kRgb, c)); })
                 : Of([](const Whole& c) { return clamped<T>(times(kXyz, c)); });
}

Formulas<uint8_t> of_bytes(ColourSpace space, bool inverse) {
  if (space == ColourSpace::hsv)
    return inverse ? Formulas<uint8_t>([](const Whole& c) { return rgb_of_hsv<true>(c); }, 32,
                                       [](const Whole& c) { return rgb_of_hsv<false>(c); })
                   : Formulas<uint8_t>([](const Whole& c) { return hsv_of(c); });
  if (space == ColourSpace::hsl)
    return inverse ? Formulas<uint8_t>([](const Whole& c) { return rgb_of_hsl(c); })
                   : Formulas<uint8_t>([](const Whole& c) { return hsl_of<true>(c); }, 8,
                                       [](const Whole& c) { return hsl_of<false>(c); });
  return of_whole_numbers<uint8_t>(space, inverse);
}

template <class Convert>
struct EachOfFew {
  void operator()(const Few& a, const Few& b, const Few& c, Few& x, Few& y, Few& z) const {
    for (int i = 0; i < kFew; ++i) {
      const Single to = Convert()(Single{a[i], b[i], c[i]});
      x[i] = to[0], y[i] = to[1], z[i] = to[2];
    }
  }
};

Floats* of_floats(ColourSpace space, bool inverse, int channels) {
  const auto there = [&]<class Convert>(Convert) { return few_by_few_of<EachOfFew<Convert>, false>(channels); };
  const auto back = [&]<class Convert>(Convert) { return few_by_few_of<EachOfFew<Convert>, true>(channels); };
  if (space == ColourSpace::ycbcr)
    return inverse ? back([](const Single& c) { return rgb_of_ycbcr(c); })
                   : there([](const Single& c) { return ycbcr_of(c); });
  if (space == ColourSpace::hsv)
    return inverse
               ? back([](const Single& c) { return rgb_of_hsv<true>(sector_of_float(c[0] * (6 / 360.f)), c[1], c[2]); })
               : there([](const Single& c) { return hsv_of(c); });
  if (space == ColourSpace::hsl)
    return inverse ? back([](const Single& c) { return rgb_of_hsl(sector_of_float(c[0] * (6 / 360.f)), c[1], c[2]); })
                   : there([](const Single& c) { return hsl_of<true>(c, 1); });
  return inverse ? back([](const Single& c) { return times(kRgb, c); })
                 : there([](const Single& c) { return times(kXyz, c); });
}

void convert_all_floats(Floats* convert, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  parallel_for(ctx.threads, image.rows, 32, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (int y = static_cast<int>(begin); y < end; ++y)
      convert_floats(convert, image.ptr<float>(y), image.channels(), image.cols, out.ptr<float>(y));
  });
}

}  // namespace

void convert_opencv(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const bool any_depth = space == ColourSpace::ycbcr || space == ColourSpace::xyz, lab = space == ColourSpace::lab;
  if ((image.depth() == CV_16U && !any_depth) || (image.depth() == CV_32F && lab))
    refuse_depth(space, lab ? "convention=opencv takes 8 bits" : "convention=opencv takes 8 bits and floats");
  out.create(image.size(), image.type());
  if (lab)
    convert_opencv_lab(inverse, image, out, ctx);
  else if (image.depth() == CV_8U)
    convert_rows(of_bytes(space, inverse), inverse, image, out, ctx, matrix_of(space, inverse, 128));
  else if (image.depth() == CV_16U)
    convert_rows(of_whole_numbers<uint16_t>(space, inverse), inverse, image, out, ctx,
                 matrix_of(space, inverse, 32768));
  else
    convert_all_floats(of_floats(space, inverse, image.channels()), image, out, ctx);
}

}  // namespace assay::detail
