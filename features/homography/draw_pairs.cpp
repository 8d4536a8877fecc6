#include "assay/features/homography/draw_pairs.h"

#include <algorithm>
#include <opencv2/core.hpp>

#include "assay/features/drawing.h"

namespace assay {

namespace {

constexpr size_t kMostLines = 60;
const cv::Vec3b kRight(90, 220, 60), kWrong(70, 60, 235), kOutline(40, 200, 255);  // blue, green, red

std::vector<bool> flags(size_t n, const std::vector<int>& inliers) {
  std::vector<bool> right(n);
  for (int i : inliers) right[static_cast<size_t>(i)] = true;
  return right;
}

// The rectangle (x0, y0) .. (x1, y1) where H lays it; map places the result in the drawing. Sides that cross the horizon
// are left out.
template <class Map>
void outline(Drawing& picture, const Matrix3& H, double x0, double y0, double x1, double y1, const Map& map) {
  const double x[] = {x0, x1, x1, x0}, y[] = {y0, y0, y1, y1};
  for (int i = 0; i < 4; ++i) {
    const int j = (i + 1) % 4;
    const double w = H[6] * x[i] + H[7] * y[i] + H[8], v = H[6] * x[j] + H[7] * y[j] + H[8];
    if (!(w * v > 0)) continue;
    const cv::Point2d p = map(map_point(H, x[i], y[i])), q = map(map_point(H, x[j], y[j]));
    draw_segment(picture, p.x, p.y, q.x, q.y, kOutline, 2.5);
  }
}

}  // namespace

cv::Mat draw_matches(const cv::Mat& first, const cv::Mat& second, PointPairs pairs, const std::vector<int>& inliers,
                     const std::optional<Matrix3>& H) {
  Drawing picture(std::max(first.rows, second.rows), first.cols + second.cols, cv::Vec3b(0, 0, 0));
  dimmed(first).copyTo(picture(cv::Rect(0, 0, first.cols, first.rows)));
  dimmed(second).copyTo(picture(cv::Rect(first.cols, 0, second.cols, second.rows)));
  const double shift = first.cols;
  const std::vector<bool> right = flags(pairs.size(), inliers);
  for (bool now : {true, false}) {  // lines of some sixty of each kind, evenly chosen: more hide the pictures
    const auto many = static_cast<size_t>(std::count(right.begin(), right.end(), now));
    const size_t each = (many + kMostLines - 1) / kMostLines;
    for (size_t i = 0, seen = 0; i < pairs.size(); ++i) {
      if (right[i] != now) continue;
      const PointPair& p = pairs[i];
      if (seen++ % each == 0) draw_segment(picture, p.x1, p.y1, p.x2 + shift, p.y2, now ? kRight : kWrong, 1);
      draw_circle(picture, p.x1, p.y1, 2.5, now ? kRight : kWrong, 1);
      draw_circle(picture, p.x2 + shift, p.y2, 2.5, now ? kRight : kWrong, 1);
    }
  }
  if (H)
    outline(picture, *H, 0, 0, first.cols - 1, first.rows - 1,
            [&](const cv::Point2d& p) { return cv::Point2d(p.x + shift, p.y); });
  return picture;
}

cv::Mat draw_estimate(PointPairs pairs, const std::vector<int>& inliers, const Matrix3& H) {
  double x0 = HUGE_VAL, y0 = HUGE_VAL, x1 = -HUGE_VAL, y1 = -HUGE_VAL;  // of the first points
  double left = HUGE_VAL, top = HUGE_VAL, right = -HUGE_VAL, bottom = -HUGE_VAL;
  for (const PointPair& p : pairs) {
    x0 = std::min(x0, p.x1), x1 = std::max(x1, p.x1), y0 = std::min(y0, p.y1), y1 = std::max(y1, p.y1);
    left = std::min(left, p.x2), right = std::max(right, p.x2);
    top = std::min(top, p.y2), bottom = std::max(bottom, p.y2);
  }
  constexpr double kSide = 640, kFrame = 20;
  const double extent = std::max({right - left, bottom - top, 1e-300}), scale = (kSide - 2 * kFrame) / extent;
  const auto place = [&](const cv::Point2d& p) {
    return cv::Point2d(kFrame + scale * (p.x - left), kFrame + scale * (p.y - top));
  };
  Drawing picture(static_cast<int>(2 * kFrame + scale * (bottom - top)) + 1,
                  static_cast<int>(2 * kFrame + scale * (right - left)) + 1, cv::Vec3b(24, 24, 24));
  outline(picture, H, x0, y0, x1, y1, place);
  const std::vector<bool> is_right = flags(pairs.size(), inliers);
  for (size_t i = 0; i < pairs.size(); ++i) {
    const cv::Point2d seen = place({pairs[i].x2, pairs[i].y2});
    draw_circle(picture, seen.x, seen.y, 3, is_right[i] ? kRight : kWrong);
  }
  return picture;
}

}  // namespace assay
