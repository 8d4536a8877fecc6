#include "assay/imgproc/segment/polygon.h"

#include <algorithm>
#include <cmath>

namespace assay {

namespace {

double cross(cv::Point a, cv::Point b) { return static_cast<double>(a.x) * b.y - static_cast<double>(a.y) * b.x; }
double turn(cv::Point a, cv::Point b, cv::Point c) { return cross(b - a, c - a); }

template <class F>
void for_edges(const std::vector<cv::Point>& points, F&& f) {
  for (size_t i = 0; i < points.size(); ++i) f(points[i], points[(i + 1) % points.size()]);
}

}  // namespace

double signed_area(const std::vector<cv::Point>& points) {
  double sum = 0;
  for_edges(points, [&](cv::Point a, cv::Point b) { sum += cross(a, b); });
  return sum / 2;
}

double perimeter(const std::vector<cv::Point>& points) {
  double sum = 0;
  for_edges(points, [&](cv::Point a, cv::Point b) { sum += std::hypot(b.x - a.x, b.y - a.y); });
  return sum;
}

PolygonMoments moments(const std::vector<cv::Point>& points) {
  PolygonMoments m;
  for_edges(points, [&](cv::Point a, cv::Point b) {
    const double c = cross(a, b), ax = a.x, ay = a.y, bx = b.x, by = b.y;
    m.m00 += c / 2;
    m.m10 += c * (ax + bx) / 6;
    m.m01 += c * (ay + by) / 6;
    m.m20 += c * (ax * ax + ax * bx + bx * bx) / 12;
    m.m02 += c * (ay * ay + ay * by + by * by) / 12;
    m.m11 += c * (2 * ax * ay + ax * by + bx * ay + 2 * bx * by) / 24;
  });
  if (m.m00 < 0) m = {-m.m00, -m.m10, -m.m01, -m.m20, -m.m11, -m.m02};
  return m;
}

std::vector<cv::Point> convex_hull(std::vector<cv::Point> points) {
  std::sort(points.begin(), points.end(), [](cv::Point a, cv::Point b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
  points.erase(std::unique(points.begin(), points.end()), points.end());
  if (points.size() < 3) return points;
  std::vector<cv::Point> hull;
  const auto add_chain = [&](auto begin, auto end) {
    const size_t first = hull.size();
    for (auto p = begin; p != end; ++p) {
      while (hull.size() >= first + 2 && turn(hull[hull.size() - 2], hull.back(), *p) <= 0) hull.pop_back();
      hull.push_back(*p);
    }
    hull.pop_back();  // the other chain begins with it
  };
  add_chain(points.begin(), points.end());
  add_chain(points.rbegin(), points.rend());
  return hull;
}

TurnedRectangle least_rectangle(const std::vector<cv::Point>& hull) {
  TurnedRectangle best;
  if (hull.empty()) return best;
  if (hull.size() == 1) return {static_cast<double>(hull[0].x), static_cast<double>(hull[0].y), 0, 0, 0};
  double least = -1;
  for_edges(hull, [&](cv::Point a, cv::Point b) {
    const double length = std::hypot(b.x - a.x, b.y - a.y), c = (b.x - a.x) / length, s = (b.y - a.y) / length;
    double u0 = 0, u1 = 0, v0 = 0, v1 = 0;  // along and across the side, from a
    for (const cv::Point& p : hull) {
      const double u = c * (p.x - a.x) + s * (p.y - a.y), v = c * (p.y - a.y) - s * (p.x - a.x);
      u0 = std::min(u0, u), u1 = std::max(u1, u), v0 = std::min(v0, v), v1 = std::max(v1, v);
    }
    const double area = (u1 - u0) * (v1 - v0);
    if (least >= 0 && area >= least) return;
    least = area;
    const double u = (u0 + u1) / 2, v = (v0 + v1) / 2;
    best = {a.x + c * u - s * v, a.y + s * u + c * v, u1 - u0, v1 - v0, std::atan2(s, c)};
  });
  while (best.angle_rad < 0) best.angle_rad += CV_PI / 2, std::swap(best.width, best.height);
  while (best.angle_rad >= CV_PI / 2) best.angle_rad -= CV_PI / 2, std::swap(best.width, best.height);
  return best;
}

}  // namespace assay
