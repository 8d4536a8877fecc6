// imgproc/edge/canny.cpp
// Notation   gx, gy gradient;  m magnitude;  up, mid, down: the rows of m around a pixel, pointing at its column
// Method     1 gradient   2 suppress_non_maxima   3 link_by_hysteresis, as link_words does it (hysteresis.cpp)
//            (smoothing is gaussian's)
// Departures from the paper: the gradient is Sobel's, not the derivative of the Gaussian; thresholds are given, not
//            estimated from the noise; one scale and one orientation-free operator (no feature synthesis, sec. IX).
//            [Canny1986, sec. VII] interpolates between pixels in the direction of the gradient, as `interpolated` here

#include "assay/imgproc/edge/canny.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <type_traits>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/edge/canny_internal.h"
#include "assay/imgproc/edge/sobel.h"
#include "assay/imgproc/edge/suppression_kernels.h"

namespace assay {

std::optional<std::string> CannyParams::check(const CannyParams& p) {
  if (p.low > p.high) return "parameter 'low' must not exceed 'high'";
  if (p.convention == CannyConvention::opencv && p.nms == Suppression::interpolated)
    return "parameter 'nms' must be nearest (or auto) with convention=opencv";
  if (p.convention == CannyConvention::skimage && p.nms == Suppression::nearest)
    return "parameter 'nms' must be interpolated (or auto) with convention=skimage";
  return std::nullopt;
}

namespace canny_stages {

Thresholds thresholds_for(const CannyParams& p, const cv::Mat& image) {
  const double scale = full_scale(image);
  return {p.low * scale / 255, p.high * scale / 255};
}

Suppression suppression_of(const CannyParams& p) {
  if (p.nms != Suppression::automatic) return p.nms;
  return p.convention == CannyConvention::opencv ? Suppression::nearest : Suppression::interpolated;
}

// --- 1 gradient ------------------------------------------------------------------------------------------------------

template <class Real>
Band<Real> gradient(const cv::Mat& image, const CannyParams& p, int begin, int end) {
  const int first = std::max(0, begin - 1), last = std::min(image.rows, end + 1), n = image.cols;
  const Border border = p.convention == CannyConvention::skimage ? Border::reflect : Border::replicate;
  cv::Mat_<Real> gx(last - first, n), gy(last - first, n), magnitude(end - begin + 2, n + 2);
  sobel_rows<Real>(image, first, last, border, 0, gx[0], gy[0], n);
  if (begin == 0) magnitude.row(0).setTo(0);
  if (end == image.rows) magnitude.row(end - begin + 1).setTo(0);
  for (int y = first; y < last; ++y) {
    const Real *x_row = gx[y - first], *y_row = gy[y - first];
    Real* m = magnitude[y - begin + 1];
    m[0] = m[n + 1] = 0;
    ++m;
    if (p.norm == EdgeNorm::l1)
      for (int x = 0; x < n; ++x) m[x] = std::abs(x_row[x]) + std::abs(y_row[x]);
    else
      for (int x = 0; x < n; ++x) m[x] = std::sqrt(x_row[x] * x_row[x] + y_row[x] * y_row[x]);
  }
  return {begin, end, gx.rowRange(begin - first, end - first), gy.rowRange(begin - first, end - first), magnitude};
}

// --- 2 non-maximum suppression ---------------------------------------------------------------------------------------
// Each rule says whether m has a maximum across the edge. They read all neighbours first, so that whole
// rows become vectors without a branch.

namespace {

constexpr bool both(bool a, bool b) { return (int{a} & int{b}) != 0; }
constexpr bool either(bool a, bool b) { return (int{a} | int{b}) != 0; }

// The two places where the gradient's line leaves the ring of 8 neighbours lie between a near neighbour (along the
// larger component) and a far one (on the diagonal): m there is near (1 - t) + far t, t = minor / major. Compared times
// `major`, in f64: for integer gradients no rounding decides.
struct Interpolated {
  template <class Real>
  static bool keeps(Real gx, Real gy, const Real* up, const Real* mid, const Real* down) {
    const Real ax = std::abs(gx), ay = std::abs(gy);
    const Real n = up[0], s = down[0], w = mid[-1], e = mid[1];
    const Real nw = up[-1], ne = up[1], sw = down[-1], se = down[1];
    const bool across = ax >= ay, falling = (gx >= 0) == (gy >= 0);
    const double major = across ? ax : ay, minor = across ? ay : ax, rest = major - minor;
    const double near_plus = across ? e : s, near_minus = across ? w : n;
    const double far_plus = falling ? se : across ? ne : sw, far_minus = falling ? nw : across ? sw : ne;
    const double centre = mid[0] * major;
    const double plus = near_plus * rest + far_plus * minor, minus = near_minus * rest + far_minus * minor;
    const bool plus_is_bright = (across ? gx : gy) >= 0;
    const double bright = plus_is_bright ? plus : minus, dark = plus_is_bright ? minus : plus;
    return both(centre > bright, centre >= dark);
  }
};

// The nearest of the four lines through the pixel: along x if |gy| < |gx| tan 22.5 degrees = |gx| (sqrt 2 - 1), that is
// if (|gx| + |gy|)^2 < 2 gx^2, which whole numbers decide exactly; along y likewise; else the diagonal.
template <bool bright_wins>
struct Nearest {
  static constexpr bool brighter_wins = bright_wins;
  template <class Real>
  static bool keeps(Real gx, Real gy, const Real* up, const Real* mid, const Real* down) {
    const Real n = up[0], s = down[0], w = mid[-1], e = mid[1];
    const Real nw = up[-1], ne = up[1], sw = down[-1], se = down[1];
    const Real sum = std::abs(gx) + std::abs(gy), m = mid[0];
    const bool across = sum * sum < 2 * gx * gx, along = sum * sum < 2 * gy * gy, falling = (gx >= 0) == (gy >= 0);
    const Real before = across ? w : along ? n : falling ? nw : ne;
    const Real after = across ? e : along ? s : falling ? se : sw;
    if constexpr (bright_wins) {
      const bool after_is_bright = (across ? gx : gy) >= 0;
      const Real bright = after_is_bright ? after : before, dark = after_is_bright ? before : after;
      return both(m > bright, m >= dark);
    } else {  // left or upper wins; on a diagonal none
      return both(m > before, either(m > after, both(m == after, either(across, along))));
    }
  }
};

// As skimage interpolates: near (1 - t) + far t in f64, equal is enough.
struct Skimage {
  static bool keeps(double gx, double gy, const double* up, const double* mid, const double* down) {
    const double ax = std::abs(gx), ay = std::abs(gy), m = mid[0];
    const bool across = ax >= ay, falling = (gx >= 0) == (gy >= 0);
    const double t = across ? ay / ax : ax / ay;
    const double near_plus = across ? mid[1] : down[0], near_minus = across ? mid[-1] : up[0];
    const double far_plus = falling ? down[1] : across ? up[1] : down[-1];
    const double far_minus = falling ? up[-1] : across ? down[-1] : up[1];
    return both(far_plus * t + near_plus * (1 - t) <= m, far_minus * t + near_minus * (1 - t) <= m);
  }
};

// Most of a picture is below `low`: whole blocks are skipped. The last one begins earlier and is done again in part.
template <class Rule, bool at_threshold, class Real>
void classify_row(const Real* gx, const Real* gy, const Real* up, const Real* mid, const Real* down, Real low,
                  Real high, uint8_t* out, int n) {
  constexpr int kBlock = kSuppressed;
  constexpr bool by_filter = std::is_same_v<Rule, Interpolated> && std::is_same_v<Real, float> && !at_threshold;
  constexpr bool by_vectors = requires { Rule::brighter_wins; }
  &&std::is_same_v<Real, float> && !at_threshold;
  const auto passes = [](Real m, Real threshold) { return at_threshold ? m >= threshold : m > threshold; };
  for (int first = 0; first < n; first += kBlock) {
    const int begin = std::clamp(n - kBlock, 0, first), end = std::min(n, begin + kBlock);
    int any = 0;
    for (int x = begin; x < end; ++x) any |= passes(mid[x], low);
    if (!any) {
      std::fill(out + begin, out + end, kNone);
      continue;
    }
    if constexpr (by_vectors)
      if (end - begin == kBlock) {
        suppress_nearest<Rule::brighter_wins>(gx + begin, gy + begin, up + begin, mid + begin, down + begin, low, high,
                                              out + begin);
        continue;
      }
    if constexpr (by_filter)
      if (end - begin == kBlock) {
        if (!suppress_in_f32(gx + begin, gy + begin, up + begin, mid + begin, down + begin, low, high, out + begin))
          continue;
        for (int x = begin; x < end; ++x)
          if (out[x] & kDoubt) {
            const bool keeps = Rule::keeps(gx[x], gy[x], up + x, mid + x, down + x);
            out[x] = static_cast<uint8_t>(keeps ? out[x] ^ kDoubt : kNone);
          }
        continue;
      }
    for (int x = begin; x < end; ++x) {
      const bool candidate = both(Rule::keeps(gx[x], gy[x], up + x, mid + x, down + x), passes(mid[x], low));
      out[x] = static_cast<uint8_t>(candidate ? (passes(mid[x], high) ? kStrong : kWeak) : kNone);
    }
  }
}

template <class Rule, bool at_threshold, class Real>
void classify_band(const Band<Real>& band, Thresholds t, cv::Mat_<uint8_t>& candidates) {
  const int n = band.gx.cols;
  for (int y = band.begin; y < band.end; ++y) {
    const int row = y - band.begin;
    classify_row<Rule, at_threshold, Real>(
        band.gx[row], band.gy[row], band.magnitude[row] + 1, band.magnitude[row + 1] + 1, band.magnitude[row + 2] + 1,
        static_cast<Real>(t.low), static_cast<Real>(t.high), candidates[y + 1] + 1, n);
  }
}

// The outermost pixels are no candidates (skimage).
template <class Real>
void clear_frame(const Band<Real>& band, cv::Mat_<uint8_t>& candidates) {
  const int n = band.gx.cols, rows = candidates.rows - 2;
  for (int y = band.begin; y < band.end; ++y) {
    uint8_t* row = candidates[y + 1] + 1;
    row[0] = row[n - 1] = kNone;
    if (y == 0 || y == rows - 1) std::fill(row, row + n, kNone);
  }
}

}  // namespace

template <>
void suppress_non_maxima(const Band<float>& band, const CannyParams& p, Thresholds t, cv::Mat_<uint8_t>& candidates) {
  if (suppression_of(p) == Suppression::interpolated)
    classify_band<Interpolated, false>(band, t, candidates);
  else if (p.convention == CannyConvention::opencv)
    classify_band<Nearest<false>, false>(band, t, candidates);
  else
    classify_band<Nearest<true>, false>(band, t, candidates);
}

template <>
void suppress_non_maxima(const Band<double>& band, const CannyParams&, Thresholds t, cv::Mat_<uint8_t>& candidates) {
  classify_band<Skimage, true>(band, t, candidates);
  clear_frame(band, candidates);
}

template Band<float> gradient(const cv::Mat&, const CannyParams&, int, int);
template Band<double> gradient(const cv::Mat&, const CannyParams&, int, int);

// --- 3 hysteresis ----------------------------------------------------------------------------------------------------

void link_by_hysteresis(cv::Mat_<uint8_t>& candidates) {
  const ptrdiff_t stride = static_cast<ptrdiff_t>(candidates.step1());
  const ptrdiff_t neighbours[8] = {-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1};
  std::vector<uint8_t*> growing;
  for (int y = 1; y < candidates.rows - 1; ++y) {
    uint8_t* row = candidates[y];
    for (int x = 1; x < candidates.cols - 1; ++x) {
      if (row[x] != kStrong) continue;
      row[x] = kEdge;
      growing.push_back(row + x);
      while (!growing.empty()) {
        uint8_t* pixel = growing.back();
        growing.pop_back();
        for (ptrdiff_t step : neighbours) {
          uint8_t* next = pixel + step;
          if (*next != kWeak) continue;  // a strong one begins its own growth
          *next = kEdge;
          growing.push_back(next);
        }
      }
    }
  }
}

}  // namespace canny_stages

namespace {

template <class Real>
void find_candidates(const CannyParams& p, const cv::Mat& image, cv::Mat_<uint8_t>& candidates, const Context& ctx) {
  using namespace canny_stages;
  const Thresholds thresholds = thresholds_for(p, image);
  constexpr int kBand = 32;  // rows whose gradient stays in cache between the two steps
  parallel_for(ctx.threads, image.rows, kBand, [&](Index begin, Index end) {
    ctx.check_cancelled();
    const Band<Real> band = gradient<Real>(image, p, static_cast<int>(begin), static_cast<int>(end));
    suppress_non_maxima(band, p, thresholds, candidates);
  });
}

}  // namespace

void Canny::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  cv::Mat_<uint8_t> candidates(image.rows + 2, image.cols + 2, canny_stages::kNone);
  if (p.convention == CannyConvention::skimage)
    find_candidates<double>(p, image, candidates, ctx);
  else
    find_candidates<float>(p, image, candidates, ctx);

  out.create(image.size(), CV_8U);
  canny_stages::link_words(candidates, out);
  if (ctx.trace) canny_stages::show_stages(p, image, out, ctx);
}

}  // namespace assay
