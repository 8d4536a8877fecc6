// features/corner/harris.cpp
// Notation   gx, gy gradient;  A, B, C: window sums of gx^2, gy^2, gx gy;  R response;  r window radius
// Method     1 gradient   2 structure tensor (A, B, C)   3 response R   4 local maxima of R   5 refine   6 rank
// Departures from the paper: gradients are Sobel's (the paper's are differences -1 0 1). The window sum is taken along
//            rows then columns, and along columns then rows, and averaged: in floating point the two differ in the last
//            bits, and only their mean turns with the picture. Refinement is not in the paper; its weights differ from
//            [Forstner1987] as said there.

#include "assay/features/corner/harris.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/imgproc/edge/sobel.h"
#include "assay/imgproc/filter/convolve_kernels.h"
#include "assay/imgproc/filter/gaussian.h"

namespace assay {

namespace {

// What distinguishes the conventions.
struct Setting {
  int radius;
  Border gradient_border, window_border;
  double scale;  // R is multiplied by this: gradients in true units of full scale 1
};

Setting setting_of(const HarrisParams& p, const cv::Mat& image) {
  const bool skimage = p.convention == HarrisConvention::skimage;
  const double unit = (skimage ? 1.0 : 1.0 / 8) / full_scale(image);
  return {skimage ? static_cast<int>(4 * p.sigma + 0.5) : gaussian_radius(p.sigma),
          skimage ? Border::constant : Border::replicate, skimage ? Border::constant : Border::reflect101,
          std::pow(unit, 4)};
}

// --- 2 structure tensor, 3 response ----------------------------------------------------------------------------------

// Window sums of one product (gx gx, gy gy or gx gy) over a tile of columns, row after row.
template <class Real>
class WindowSum {
 public:
  WindowSum(const std::vector<Real>& w, int max_columns)
      : w_(w),
        r_(static_cast<int>(w.size()) - 1),
        products_(2 * r_ + 1, max_columns + 2 * r_),
        along_rows_(2 * r_ + 1, max_columns),
        column_(1, max_columns + 2 * r_),
        other_(1, max_columns),
        before_(w.size()),
        after_(w.size()) {}

  /// Row y of the product, columns -r .. n+r-1 of the tile.
  Real* product(int y) { return products_[slot(y)]; }
  void filter_along_row(int y, ptrdiff_t n) { along(products_[slot(y)], along_rows_[slot(y)], n); }

  /// Both orders, averaged. Rows y-r .. y+r are there.
  void sum(int y, Real* out, ptrdiff_t n) {
    down(along_rows_, y, out, n);
    down(products_, y, column_[0], n + 2 * r_);
    along(column_[0], other_[0], n);
    for (ptrdiff_t i = 0; i < n; ++i) out[i] = (out[i] + other_[0][i]) * Real(0.5);
  }

 private:
  int slot(int y) const { return ((y % (2 * r_ + 1)) + 2 * r_ + 1) % (2 * r_ + 1); }
  void along(const Real* padded, Real* out, ptrdiff_t n) {
    for (int k = 1; k <= r_; ++k) {
      before_[static_cast<size_t>(k)] = padded + r_ - k;
      after_[static_cast<size_t>(k)] = padded + r_ + k;
    }
    symmetric_sum(padded + r_, before_.data(), after_.data(), w_.data(), r_, out, n);
  }
  void down(cv::Mat_<Real>& rows, int y, Real* out, ptrdiff_t n) {
    for (int k = 1; k <= r_; ++k) {
      before_[static_cast<size_t>(k)] = rows[slot(y - k)];
      after_[static_cast<size_t>(k)] = rows[slot(y + k)];
    }
    symmetric_sum(static_cast<const Real*>(rows[slot(y)]), before_.data(), after_.data(), w_.data(), r_, out, n);
  }

  const std::vector<Real>& w_;
  int r_;
  cv::Mat_<Real> products_, along_rows_, column_, other_;
  std::vector<const Real*> before_, after_;
};

// out[i] = g[x] h[x] for x = x0 - r .. x1 + r - 1, by the border beyond the picture.
template <class Real>
void multiply(const Real* g, const Real* h, int width, int x0, int x1, int r, Border border, Real* out) {
  const int begin = x0 - r, end = x1 + r, inner_begin = std::clamp(0, begin, end),
            inner_end = std::clamp(width, inner_begin, end);
  const auto outside = [&](int x) {
    const int from = border_index(x, width, border);
    out[x - begin] = from < 0 ? Real(0) : g[from] * h[from];
  };
  for (int x = begin; x < inner_begin; ++x) outside(x);
  const Real *a = g + inner_begin, *b = h + inner_begin;
  Real* __restrict to = out + (inner_begin - begin);
  for (int i = 0; i < inner_end - inner_begin; ++i) to[i] = a[i] * b[i];
  for (int x = inner_end; x < end; ++x) outside(x);
}

// R = A B - C^2 - k (A + B)^2
template <class Real>
void corner_response(const Real* A, const Real* B, const Real* C, Real k, Real scale, Real* __restrict R, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    const Real trace = A[i] + B[i];
    R[i] = (A[i] * B[i] - C[i] * C[i] - k * (trace * trace)) * scale;
  }
}

template <class Real>
void respond_band(const cv::Mat& image, const HarrisParams& p, const Setting& s, const std::vector<Real>& w, int y0,
                  int y1, cv::Mat& out) {
  // The gradient of the rows that this band's windows touch. Reflected rows lie among them unless the picture is small.
  const int r = s.radius, rows = image.rows, width = image.cols;
  int first = rows, last = -1;
  for (int y = y0 - r; y < y1 + r; ++y)
    if (const int row = border_index(y, rows, s.window_border); row >= 0)
      first = std::min(first, row), last = std::max(last, row);
  cv::Mat_<Real> gx(last - first + 1, width), gy(last - first + 1, width);
  sobel_rows<Real>(image, first, last + 1, s.gradient_border, 0, gx[0], gy[0], width);

  constexpr int kColumns = 256;  // the rings of three products stay in cache
  const int columns = std::min(width, kColumns);
  WindowSum<Real> xx(w, columns), yy(w, columns), xy(w, columns);
  cv::Mat_<Real> tensor(3, columns);
  for (int x0 = 0; x0 < width; x0 += columns) {
    const int x1 = std::min(width, x0 + columns), n = x1 - x0;
    const auto enter = [&](int y) {
      const int row = border_index(y, rows, s.window_border);
      for (WindowSum<Real>* sum : {&xx, &yy, &xy}) {
        Real* product = sum->product(y);
        if (row < 0)
          std::fill_n(product, n + 2 * r, Real(0));
        else
          multiply<Real>(sum == &yy ? gy[row - first] : gx[row - first], sum == &xx ? gx[row - first] : gy[row - first],
                         width, x0, x1, r, s.window_border, product);
        sum->filter_along_row(y, n);
      }
    };
    for (int y = y0 - r; y < y0 + r; ++y) enter(y);
    for (int y = y0; y < y1; ++y) {
      enter(y + r);
      xx.sum(y, tensor[0], n);
      yy.sum(y, tensor[1], n);
      xy.sum(y, tensor[2], n);
      corner_response<Real>(tensor[0], tensor[1], tensor[2], static_cast<Real>(p.k), static_cast<Real>(s.scale),
                            out.ptr<Real>(y) + x0, n);
    }
  }
}

template <class Real>
void respond(const cv::Mat& image, const HarrisParams& p, cv::Mat& out, const Context& ctx) {
  const Setting s = setting_of(p, image);
  const std::vector<double> w = gaussian_weights(p.sigma, s.radius);
  const std::vector<Real> weights(w.begin(), w.end());
  out.create(image.size(), std::is_same_v<Real, float> ? CV_32F : CV_64F);
  parallel_for(ctx.threads, image.rows, std::max(64, 2 * s.radius), [&](Index begin, Index end) {
    ctx.check_cancelled();
    respond_band<Real>(image, p, s, weights, static_cast<int>(begin), static_cast<int>(end), out);
  });
}

// --- 4 local maxima --------------------------------------------------------------------------------------------------

struct Corner {
  int x, y;
  double response;
};

// No larger value within d pixels; of equal ones the first in reading order.
template <class Real>
bool is_local_maximum(const cv::Mat_<Real>& R, int x, int y, int d) {
  const Real value = R(y, x);
  for (int j = std::max(0, y - d); j <= std::min(R.rows - 1, y + d); ++j)
    for (int i = std::max(0, x - d); i <= std::min(R.cols - 1, x + d); ++i) {
      const bool earlier = j < y || (j == y && i < x);
      if (earlier ? R(j, i) >= value : R(j, i) > value) return false;
    }
  return true;
}

template <class Real>
std::vector<Corner> find_maxima(const cv::Mat_<Real>& R, const HarrisParams& p) {
  double largest = 0;
  cv::minMaxLoc(R, nullptr, &largest);
  std::vector<Corner> corners;
  if (!(largest > 0)) return corners;
  const Real threshold = static_cast<Real>(p.threshold * largest);
  for (int y = 0; y < R.rows; ++y) {
    const Real* row = R[y];
    for (int x = 0; x < R.cols; ++x)
      if (row[x] > 0 && row[x] >= threshold && is_local_maximum(R, x, y, 1) &&
          is_local_maximum(R, x, y, p.min_distance))
        corners.push_back({x, y, static_cast<double>(row[x])});
  }
  return corners;
}

// --- 5 refine --------------------------------------------------------------------------------------------------------

struct Position {
  double x, y;
};

// Top of the second-order Taylor polynomial of R at a maximum; the pixel itself where that is more than a pixel away.
template <class Real>
Position refine_peak(const cv::Mat_<Real>& R, const Corner& c) {
  if (c.x < 1 || c.y < 1 || c.x + 1 >= R.cols || c.y + 1 >= R.rows) return {double(c.x), double(c.y)};
  const auto at = [&](int dx, int dy) { return static_cast<double>(R(c.y + dy, c.x + dx)); };
  const double gx = (at(1, 0) - at(-1, 0)) / 2, gy = (at(0, 1) - at(0, -1)) / 2;
  const double hxx = at(1, 0) - 2 * at(0, 0) + at(-1, 0), hyy = at(0, 1) - 2 * at(0, 0) + at(0, -1);
  const double hxy = (at(1, 1) - at(-1, 1) - at(1, -1) + at(-1, -1)) / 4, det = hxx * hyy - hxy * hxy;
  const double dx = -(hyy * gx - hxy * gy) / det, dy = -(hxx * gy - hxy * gx) / det;
  if (!(det > 0) || !(std::abs(dx) <= 1 && std::abs(dy) <= 1)) return {double(c.x), double(c.y)};
  return {c.x + dx, c.y + dy};
}

// The point z nearest to all edge lines around it, [Forstner1987, sec. 3]: the line through q normal to its gradient g
// has squared distance (g' (q - z))^2 / |g|^2. They weigh it by |g|^2; we by |g|, since the mean position of |g| across a
// sampled straight edge is the edge, that of |g|^2 is not (up to 0.06 px off); and by a Gaussian around z. The minimum
// solves (sum w g g') z = sum w g g' q, w = Gaussian / |g|. Repeated until z rests. Where it wanders off or the lines are
// parallel: the pixel itself.
Position refine_edges(const cv::Mat& image, const Corner& c, double sigma) {
  const double spread = 2.5 * sigma;
  const int r = static_cast<int>(std::ceil(3 * spread));
  const int x0 = std::max(0, c.x - r), x1 = std::min(image.cols, c.x + r + 1);
  const int y0 = std::max(0, c.y - r), y1 = std::min(image.rows, c.y + r + 1), w = x1 - x0;
  const int px0 = std::max(0, x0 - 1), px1 = std::min(image.cols, x1 + 1);  // the patch and a frame for the derivative
  const cv::Mat patch = image(cv::Rect(px0, 0, px1 - px0, image.rows));
  cv::Mat_<double> gx(y1 - y0, patch.cols), gy(y1 - y0, patch.cols), scale(y1 - y0, patch.cols);
  sobel_rows<double>(patch, y0, y1, Border::replicate, 0, gx[0], gy[0], patch.cols);
  for (int i = 0; i < static_cast<int>(gx.total()); ++i) {
    const double length = std::sqrt(gx(i) * gx(i) + gy(i) * gy(i));
    scale(i) = length > 0 ? 1 / length : 0;
  }
  std::vector<double> wx(static_cast<size_t>(w)), wy(static_cast<size_t>(y1 - y0));  // the Gaussian around z
  const auto bell = [&](std::vector<double>& weights, double from) {
    for (double& v : weights) {
      v = std::exp(-from * from / (2 * spread * spread));
      from += 1;
    }
  };
  double zx = c.x, zy = c.y;
  for (int t = 0; t < 30; ++t) {
    bell(wx, x0 - zx);
    bell(wy, y0 - zy);
    double A = 0, B = 0, C = 0, bx = 0, by = 0;
    for (int y = y0; y < y1; ++y) {
      const ptrdiff_t first = x0 - px0;
      const double *g = gx[y - y0] + first, *h = gy[y - y0] + first, *s = scale[y - y0] + first;
      const double dy = y - zy, row_weight = wy[static_cast<size_t>(y - y0)];
      for (int i = 0; i < w; ++i) {
        const double dx = x0 + i - zx, weight = row_weight * wx[static_cast<size_t>(i)] * s[i];
        const double a = weight * g[i] * g[i], b = weight * h[i] * h[i], m = weight * g[i] * h[i];
        A += a, B += b, C += m;
        bx += a * dx + m * dy;
        by += m * dx + b * dy;
      }
    }
    const double det = A * B - C * C;
    if (!(det > 1e-6 * (A + B) * (A + B))) return {double(c.x), double(c.y)};
    const double sx = (B * bx - C * by) / det, sy = (A * by - C * bx) / det;
    zx += sx, zy += sy;
    if (!(std::abs(zx - c.x) <= r && std::abs(zy - c.y) <= r)) return {double(c.x), double(c.y)};
    if (std::hypot(sx, sy) < 1e-4) break;
  }
  return {zx, zy};
}

struct CornerStep {
  static constexpr const char* kind = "corner";
  long long rank;
  Corner corner;
  Position refined;
  static void fields(const CornerStep& s, auto&& field) {
    field("rank", s.rank, "1 is the strongest");
    field("x0", s.corner.x, "column of the local maximum");
    field("y0", s.corner.y, "row of the local maximum");
    field("R", s.corner.response, "response there");
    field("x", s.refined.x, "refined column");
    field("y", s.refined.y, "refined row");
  }
};

template <class Real>
FeatureTable locate(const cv::Mat_<Real>& R, const cv::Mat& image, const HarrisParams& p, const Context& ctx) {
  std::vector<Corner> corners = find_maxima(R, p);
  std::stable_sort(corners.begin(), corners.end(),
                   [](const Corner& a, const Corner& b) { return a.response > b.response; });
  if (p.max_features && corners.size() > static_cast<size_t>(*p.max_features))
    corners.resize(static_cast<size_t>(*p.max_features));
  FeatureTable table{{"x", "y", "response"}, std::vector<double>(3 * corners.size())};
  parallel_for(ctx.threads, static_cast<Index>(corners.size()), 64, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const Corner& c = corners[static_cast<size_t>(i)];
      Position at{double(c.x), double(c.y)};
      if (p.sub_pixel == SubPixel::peak) at = refine_peak(R, c);
      if (p.sub_pixel == SubPixel::edges) at = refine_edges(image, c, p.sigma);
      double* row = table.values.data() + 3 * i;
      row[0] = at.x, row[1] = at.y, row[2] = c.response;
    }
  });
  for (size_t i = 0; ctx.trace && i < corners.size(); ++i)
    ctx.trace.step([&] {
      return CornerStep{static_cast<long long>(i + 1), corners[i], {table.at(i, 0), table.at(i, 1)}};
    });
  return table;
}

}  // namespace

cv::Mat harris_response(const cv::Mat& image, const HarrisParams& p, const Context& ctx) {
  check_params(p);
  check_image(Harris::info.name, Harris::info.traits, image);
  cv::Mat R;
  if (p.convention == HarrisConvention::skimage)
    respond<double>(image, p, R, ctx);
  else
    respond<float>(image, p, R, ctx);
  return R;
}

FeatureTable Harris::detect(const Params& p, const cv::Mat& image, const Context& ctx) {
  const cv::Mat R = harris_response(image, p, ctx);
  FeatureTable table = R.depth() == CV_64F ? locate<double>(R, image, p, ctx) : locate<float>(R, image, p, ctx);
  if (ctx.trace) {
    const auto show = [&](const char* stage, const char* title, const char* caption, const cv::Mat& m, bool stretch,
                          const char* function) {
      ctx.trace.image([&] {
        return TraceImage{
            stage, title, caption, view_of(m), stretch, {}, std::string("features/corner/harris.cpp:") + function};
      });
    };
    cv::Mat shown;
    R.convertTo(shown, CV_32F);
    show("input", "The picture Harris gets", "The input.", image, false, "detect");
    show("response", "R = det M - k (trace M)^2", "Bright: corners. Dark: edges. Grey: flat ground.", shown, true,
         "corner_response");
    show("corners", "Local maxima of R", "A ring around each key point, the strongest in red.",
         draw_points(image, table), false, "find_maxima");
  }
  return table;
}

}  // namespace assay
