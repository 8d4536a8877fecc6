// features/corner/corner.cpp
// Notation   R: response;  r_i: suppression radius of corner i
// Method     1 local maxima   2 select   3 refine, as in corner.h
// Departures from the papers: of equal responses the first in reading order wins. Refinement is [Forstner1987]'s, with
//            another weight (refine_edges).

#include "assay/features/corner/corner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <opencv2/core.hpp>
#include <utility>

#include "assay/core/parallel.h"
#include "assay/features/corner/corner_kernels.h"
#include "assay/imgproc/edge/sobel.h"

namespace assay {

// --- 1 local maxima --------------------------------------------------------------------------------------------------

template <class Real>
std::vector<Corner> find_maxima(const cv::Mat_<Real>& R, Real threshold, const Context& ctx) {
  const Real least = std::max(threshold, std::numeric_limits<Real>::denorm_min());
  const auto find = [&](Index begin, Index end) {
    std::vector<Corner> corners;
    cv::Mat_<Real> rows(3, R.cols + 2, -std::numeric_limits<Real>::infinity());  // of R, with a frame
    std::vector<int> columns(static_cast<size_t>(R.cols));
    int held[3] = {-2, -2, -2};
    const auto read = [&](int y) {
      if (std::exchange(held[(y + 3) % 3], y) == y) return;
      Real* to = rows[(y + 3) % 3] + 1;
      if (y < 0 || y >= R.rows)
        std::fill_n(to, R.cols, -std::numeric_limits<Real>::infinity());
      else
        std::copy_n(R[y], R.cols, to);
    };
    for (int y = static_cast<int>(begin); y < end; ++y) {
      if (!any_reaches<Real>(R[y], least, R.cols)) continue;
      for (int j = -1; j <= 1; ++j) read(y + j);
      const int count = maxima_of_row<Real>(rows[(y + 2) % 3] + 1, rows[y % 3] + 1, rows[(y + 1) % 3] + 1, least,
                                            columns.data(), R.cols);
      for (int i = 0; i < count; ++i) {
        const int x = columns[static_cast<size_t>(i)];
        corners.push_back({x, y, static_cast<double>(R(y, x))});
      }
    }
    return corners;
  };
  return parallel_reduce(ctx.threads, R.rows, 64, std::vector<Corner>(), find,
                         [](std::vector<Corner>& all, const std::vector<Corner>& some) {
                           all.insert(all.end(), some.begin(), some.end());
                         });
}

// --- 2 select --------------------------------------------------------------------------------------------------------

namespace {

// No larger value within d pixels; of equal ones the first in reading order.
template <class Real>
bool is_largest_around(const cv::Mat_<Real>& R, int x, int y, int d) {
  const Real value = R(y, x);
  for (int j = std::max(0, y - d); j <= std::min(R.rows - 1, y + d); ++j) {
    const Real* row = R[j];
    for (int i = std::max(0, x - d); i <= std::min(R.cols - 1, x + d); ++i) {
      const bool earlier = j < y || (j == y && i < x);
      if (earlier ? row[i] >= value : row[i] > value) return false;
    }
  }
  return true;
}

// Points in square cells of the plane, to find near ones.
class PointGrid {
 public:
  PointGrid(const std::vector<Corner>& corners, double side) : side_(side) {
    int right = 0, bottom = 0;
    for (const Corner& c : corners) right = std::max(right, c.x), bottom = std::max(bottom, c.y);
    across_ = cell(right) + 1, down_ = cell(bottom) + 1;
    cells_.resize(static_cast<size_t>(across_) * static_cast<size_t>(down_));
  }
  void add(const Corner& c) { at(cell(c.x), cell(c.y)).push_back({double(c.x), double(c.y)}); }

  /// Squared distance to the nearest, if that is below `best`.
  double nearest(const Corner& c, double best) const {
    const int cx = cell(c.x), cy = cell(c.y);
    for (int ring = 0; ring <= std::max(across_, down_); ++ring) {
      const double gap = (ring - 1) * side_;  // at least so far are the points of this ring
      if (ring > 0 && gap * gap >= best) break;
      for (int y = std::max(0, cy - ring); y <= std::min(down_ - 1, cy + ring); ++y) {
        const bool edge = std::abs(y - cy) == ring;
        for (int x = cx - ring; x <= cx + ring; x += edge || ring == 0 ? 1 : 2 * ring)
          if (x >= 0 && x < across_)
            for (const Position& p :
                 cells_[static_cast<size_t>(y) * static_cast<size_t>(across_) + static_cast<size_t>(x)])
              best = std::min(best, (p.x - c.x) * (p.x - c.x) + (p.y - c.y) * (p.y - c.y));
      }
    }
    return best;
  }

 private:
  int cell(int v) const { return static_cast<int>(v / side_); }
  std::vector<Position>& at(int x, int y) {
    return cells_[static_cast<size_t>(y) * static_cast<size_t>(across_) + static_cast<size_t>(x)];
  }
  double side_;
  int across_ = 1, down_ = 1;
  std::vector<std::vector<Position>> cells_;
};

constexpr double kClearly = 0.9;  // [BrownSzeliskiWinder2005]: c_robust

// `kept` of the corners, the strongest first: none within min_distance of a stronger one that is kept.
std::vector<Corner> keep_apart(const std::vector<Corner>& corners, double distance, size_t at_most) {
  PointGrid grid(corners, std::max(1.0, distance));
  std::vector<Corner> kept;
  for (const Corner& c : corners) {
    if (kept.size() == at_most) break;
    if (grid.nearest(c, distance * distance) < distance * distance) continue;
    grid.add(c);
    kept.push_back(c);
  }
  return kept;
}

std::vector<Corner> spread_out(const std::vector<Corner>& corners, size_t at_most) {
  const std::vector<double> radii = suppression_radii(corners);
  std::vector<size_t> order(corners.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return radii[a] > radii[b]; });
  order.resize(std::min(order.size(), at_most));
  std::sort(order.begin(), order.end());  // the strongest first again
  std::vector<Corner> kept;
  for (const size_t i : order) kept.push_back(corners[i]);
  return kept;
}

}  // namespace

std::vector<double> suppression_radii_textbook(const std::vector<Corner>& corners) {
  std::vector<double> radii(corners.size(), std::numeric_limits<double>::infinity());
  for (size_t i = 0; i < corners.size(); ++i)
    for (const Corner& c : corners)
      if (kClearly * c.response > corners[i].response)
        radii[i] = std::min(radii[i], std::pow(c.x - corners[i].x, 2) + std::pow(c.y - corners[i].y, 2));
  return radii;
}

std::vector<double> suppression_radii(const std::vector<Corner>& corners) {
  std::vector<double> radii;
  int right = 1, bottom = 1;
  for (const Corner& c : corners) right = std::max(right, c.x), bottom = std::max(bottom, c.y);
  const double area = static_cast<double>(right) * bottom, n = static_cast<double>(corners.size()) + 1;
  PointGrid grid(corners, std::max(4.0, 2 * std::sqrt(area / n)));
  size_t stronger = 0;  // corners[0 .. stronger) are clearly stronger than the present one
  for (const Corner& c : corners) {
    for (; kClearly * corners[stronger].response > c.response; ++stronger) grid.add(corners[stronger]);
    radii.push_back(stronger == 0 ? std::numeric_limits<double>::infinity()
                                  : grid.nearest(c, std::numeric_limits<double>::infinity()));
  }
  return radii;
}

namespace {

// Of equal ones the first. Responses that are whole numbers, as FAST's of bytes, are counted.
void strongest_first(std::vector<Corner>& corners) {
  constexpr double kMost = 255;
  const auto whole = [](const Corner& c) {
    return c.response >= 0 && c.response <= kMost && c.response == std::floor(c.response);
  };
  if (!std::all_of(corners.begin(), corners.end(), whole))
    return std::stable_sort(corners.begin(), corners.end(),
                            [](const Corner& a, const Corner& b) { return a.response > b.response; });
  const auto place = [](const Corner& c) { return static_cast<size_t>(kMost - c.response); };
  std::array<size_t, static_cast<size_t>(kMost) + 2> begin{};
  for (const Corner& c : corners) ++begin[place(c) + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<Corner> sorted(corners.size());
  for (const Corner& c : corners) sorted[begin[place(c)]++] = c;
  corners = std::move(sorted);
}

}  // namespace

template <class Real>
std::vector<Corner> select_corners(std::vector<Corner> corners, const cv::Mat_<Real>& R, const CornerSelection& p) {
  if (p.suppression == CornerSuppression::square && p.min_distance > 1)
    std::erase_if(corners, [&](const Corner& c) { return !is_largest_around(R, c.x, c.y, p.min_distance); });
  strongest_first(corners);
  const size_t at_most = p.max_features ? static_cast<size_t>(*p.max_features) : corners.size();
  if (p.suppression == CornerSuppression::radius) return keep_apart(corners, p.min_distance, at_most);
  if (p.suppression == CornerSuppression::adaptive)
    return spread_out(corners, static_cast<size_t>(p.max_features.value_or(500)));
  corners.resize(std::min(corners.size(), at_most));
  return corners;
}

// --- 3 refine --------------------------------------------------------------------------------------------------------

namespace {

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

}  // namespace

template <class Real>
FeatureTable corner_table(const std::vector<Corner>& corners, const cv::Mat_<Real>& R, const cv::Mat& image,
                          const CornerSelection& p, double sigma, const Context& ctx) {
  FeatureTable table{{"x", "y", "response"}, std::vector<double>(3 * corners.size())};
  parallel_for(ctx.threads, static_cast<Index>(corners.size()), 64, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (Index i = begin; i < end; ++i) {
      const Corner& c = corners[static_cast<size_t>(i)];
      Position at{double(c.x), double(c.y)};
      if (p.sub_pixel == SubPixel::peak) at = refine_peak(R, c);
      if (p.sub_pixel == SubPixel::edges) at = refine_edges(image, c, sigma);
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

#define ASSAY_CORNERS(Real)                                                                                        \
  template std::vector<Corner> find_maxima(const cv::Mat_<Real>&, Real, const Context&);                           \
  template std::vector<Corner> select_corners(std::vector<Corner>, const cv::Mat_<Real>&, const CornerSelection&); \
  template FeatureTable corner_table(const std::vector<Corner>&, const cv::Mat_<Real>&, const cv::Mat&,            \
                                     const CornerSelection&, double, const Context&)
ASSAY_CORNERS(float);
ASSAY_CORNERS(double);
#undef ASSAY_CORNERS

}  // namespace assay
