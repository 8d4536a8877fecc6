// imgproc/segment/contours.cpp
// Notation   [Suzuki1985]: f the picture with a frame of zeros, 1 on white; nbd number of the current border, lnbd that of the
//            border met last in this row; p1, p2, p3, p4 for the pixels (i1, j1) .. (i4, j4)
// Method     appendix I: scan by rows;   1 a pixel with black to its left begins an outer border, one with black to its right a
//            hole's   2 its parent follows from the border met last   3 follow the border, and mark it: nbd, or -nbd where black
//            lies to the right   4 remember the border met last
// Departures from the paper: none

#include "assay/imgproc/segment/contours.h"

#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>

#include "assay/core/output.h"
#include "assay/imgproc/segment/polygon.h"

namespace assay {

namespace {

// Neighbours in clockwise order on the screen, from the right.
constexpr int kDx[8] = {1, 1, 0, -1, -1, -1, 0, 1}, kDy[8] = {0, 1, 1, 1, 0, -1, -1, -1};

int direction_of(cv::Point from, cv::Point to) {
  for (int d = 0; d < 8; ++d)
    if (from.x + kDx[d] == to.x && from.y + kDy[d] == to.y) return d;
  return 0;
}
cv::Point step(cv::Point p, int d) { return {p.x + kDx[d], p.y + kDy[d]}; }

class BorderFollower {
 public:
  explicit BorderFollower(const cv::Mat& image) : f_(image.rows + 2, image.cols + 2, 0) {
    const cv::Mat white = image > 0;
    for (int y = 0; y < image.rows; ++y) {
      const uint8_t* from = white.ptr<uint8_t>(y);
      int* to = f_[y + 1] + 1;
      for (int x = 0; x < image.cols; ++x) to[x] = from[x] & 1;
    }
  }

  std::vector<Contour> contours() {
    for (int y = 1; y < f_.rows - 1; ++y) {
      int lnbd = 1;  // the frame, which counts as a hole's border
      const int* row = f_[y];
      for (int x = 1; x < f_.cols - 1; ++x) {
        if (row[x] == 0 || (row[x] == 1 && row[x - 1] != 0 && row[x + 1] != 0)) continue;  // black, or no border begins
        const cv::Point p(x, y);
        const bool outer = f_(p) == 1 && f_(y, x - 1) == 0, hole = !outer && f_(p) >= 1 && f_(y, x + 1) == 0;  // 1
        if (hole && f_(p) > 1) lnbd = f_(p);
        if (outer || hole) {
          begin(hole, lnbd);                                             // 2
          follow(p, outer ? cv::Point(x - 1, y) : cv::Point(x + 1, y));  // 3
        }
        if (f_(p) != 1) lnbd = std::abs(f_(p));  // 4
      }
    }
    return std::move(found_);
  }

 private:
  // Contour k has the number k + 2; 1 is the frame.
  void begin(bool hole, int lnbd) {
    Contour c;
    c.hole = hole;
    const bool last_is_hole = lnbd == 1 || found_[static_cast<size_t>(lnbd) - 2].hole;
    if (hole != last_is_hole)
      c.parent = lnbd - 2;
    else if (lnbd > 1)
      c.parent = found_[static_cast<size_t>(lnbd) - 2].parent;
    if (c.parent < 0) c.parent = -1;
    found_.push_back(std::move(c));
  }
  void follow(cv::Point start, cv::Point p2) {
    const int nbd = static_cast<int>(found_.size()) + 1;
    std::vector<cv::Point>& points = found_.back().points;
    int d = direction_of(start, p2), turned = 0;
    while (turned < 8 && f_(step(start, d)) == 0) d = (d + 1) % 8, ++turned;  // 3.1, clockwise
    points.push_back(start - cv::Point(1, 1));
    if (turned == 8) {  // a pixel alone
      f_(start) = -nbd;
      return;
    }
    const cv::Point p1 = step(start, d);
    p2 = p1;
    for (cv::Point p3 = start;;) {  // 3.2
      bool right_is_black = false;
      int k = (direction_of(p3, p2) + 7) % 8;  // 3.3, counter-clockwise
      for (; f_(step(p3, k)) == 0; k = (k + 7) % 8) right_is_black |= k == 0;
      const cv::Point p4 = step(p3, k);
      if (right_is_black)  // 3.4
        f_(p3) = -nbd;
      else if (f_(p3) == 1)
        f_(p3) = nbd;
      if (p4 == start && p3 == p1) return;  // 3.5
      p2 = p3;
      p3 = p4;
      points.push_back(p3 - cv::Point(1, 1));
    }
  }

  cv::Mat_<int> f_;
  std::vector<Contour> found_;
};

std::string points_csv(const std::vector<Contour>& contours) {
  std::string text = "contour,x,y\n";
  for (size_t k = 0; k < contours.size(); ++k)
    for (const cv::Point& p : contours[k].points)
      text += std::to_string(k) + "," + std::to_string(p.x) + "," + std::to_string(p.y) + "\n";
  return text;
}

}  // namespace

std::vector<Contour> find_contours(const cv::Mat& image) { return BorderFollower(image).contours(); }

std::string contours_csv(const std::vector<Contour>& contours) {
  std::string text =
      "contour,parent,hole,points,area,perimeter,x,y,left,top,width,height,hull_area,rect_x,rect_y,rect_width,rect_"
      "height,"
      "rect_angle\n";
  for (size_t k = 0; k < contours.size(); ++k) {
    const Contour& c = contours[k];
    const PolygonMoments m = moments(c.points);
    const std::vector<cv::Point> hull = convex_hull(c.points);
    const TurnedRectangle r = least_rectangle(hull);
    int left = c.points[0].x, right = left, top = c.points[0].y, bottom = top;
    double x = 0, y = 0;
    for (const cv::Point& p : c.points) {
      left = std::min(left, p.x), right = std::max(right, p.x), top = std::min(top, p.y),
      bottom = std::max(bottom, p.y);
      x += p.x, y += p.y;
    }
    const double n = static_cast<double>(c.points.size());
    x = m.m00 > 0 ? m.m10 / m.m00 : x / n;  // without area: the mean of its points
    y = m.m00 > 0 ? m.m01 / m.m00 : y / n;
    char line[320];
    std::snprintf(line, sizeof line, "%zu,%d,%d,%zu,%.1f,%.4f,%.4f,%.4f,%d,%d,%d,%d,%.1f,%.4f,%.4f,%.4f,%.4f,%.4f\n", k,
                  c.parent, c.hole ? 1 : 0, c.points.size(), m.m00, perimeter(c.points), x, y, left, top,
                  right - left + 1, bottom - top + 1, signed_area(hull), r.x, r.y, r.width, r.height,
                  r.angle_rad * 180 / CV_PI);
    text += line;
  }
  return text;
}

ImageFacts Contours::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const std::vector<Contour> contours = find_contours(image);
  ctx.check_cancelled();
  if (!p.table.empty()) write_file(p.table, contours_csv(contours));
  if (!p.points.empty()) write_file(p.points, points_csv(contours));
  out.create(image.size(), CV_8U);
  out.setTo(0);
  double holes = 0;
  for (const Contour& c : contours) {
    holes += c.hole;
    for (const cv::Point& point : c.points) out.at<uint8_t>(point) = 255;
  }
  ctx.trace.image([&] {
    return TraceImage{"contours",
                      "Borders",
                      "White: pixels of a border.",
                      view_of(out),
                      false,
                      {},
                      "imgproc/segment/contours.cpp:BorderFollower"};
  });
  return {{"count", static_cast<double>(contours.size())}, {"holes", holes}};
}

}  // namespace assay
