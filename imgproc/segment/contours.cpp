// imgproc/segment/contours.cpp
// Notation   [Suzuki1985]: f the picture with a frame of zeros, 1 on white; nbd number of the current border, lnbd that of the
//            border met last in this row; p1, p2, p3, p4 for the pixels (i1, j1) .. (i4, j4)
// Method     appendix I: scan by rows;   1 a pixel with black to its left begins an outer border, one with black to its right a
//            hole's   2 its parent follows from the border met last   3 follow the border, and mark it: nbd, or -nbd where black
//            lies to the right   4 remember the border met last
// Departures from the paper: f is kept in two pictures, a byte that says black, white or marked, and the number of the border; a
//            row is scanned by its runs: what lies inside one begins no border, and the border met last is that of the run's last
//            pixel, or for a hole the nearest marked pixel of its run

#include "assay/imgproc/segment/contours.h"

#include <cstdio>
#include <opencv2/core.hpp>

#include "assay/core/output.h"
#include "assay/imgproc/segment/polygon.h"
#include "assay/imgproc/segment/runs_internal.h"

namespace assay {

namespace {

// Neighbours in clockwise order on the screen, from the right.
constexpr int kDx[8] = {1, 1, 0, -1, -1, -1, 0, 1}, kDy[8] = {0, 1, 1, 1, 0, -1, -1, -1};

// What the paper's f says beside the number: black, white and on no border yet, on border nbd, or -nbd.
enum Mark : uint8_t { kBlack = 0, kWhite = 1, kBorder = 2, kRightBorder = 3 };

class BorderFollower {
 public:
  explicit BorderFollower(const cv::Mat& image)
      : mark_(image.rows + 2, image.cols + 2), number_(image.rows + 2, image.cols + 2) {
    mark_.row(0).setTo(0);
    mark_.row(mark_.rows - 1).setTo(0);
    for (int y = 0; y < image.rows; ++y) {
      uint8_t* to = mark_[y + 1];
      to[0] = to[image.cols + 1] = 0;
      if (image.depth() == CV_8U)
        mark_white(image.ptr<uint8_t>(y), to + 1, image.cols);
      else if (image.depth() == CV_16U)
        mark_white(image.ptr<uint16_t>(y), to + 1, image.cols);
      else
        mark_white(image.ptr<float>(y), to + 1, image.cols);
    }
    for (int d = 0; d < 8; ++d) step_[d] = kDy[d] * mark_.cols + kDx[d];
  }

  // Borders begin at an end of a run, and the pixel that ends one is on a border once it has been passed.
  std::vector<Contour> contours() {
    for (int y = 1; y < mark_.rows - 1; ++y) {
      int lnbd = 1;  // the frame, which counts as a hole's border
      runs::for_each(mark_[y], mark_.cols, [&](int first, int end) {
        const ptrdiff_t row = static_cast<ptrdiff_t>(y) * mark_.cols, left = row + first, right = row + end - 1;
        const bool outer = mark_[0][left] == kWhite;  // 1
        if (outer) start({first, y}, false, lnbd);
        if ((!outer || left != right) && mark_[0][right] != kRightBorder) {
          ptrdiff_t met = right;
          while (mark_[0][met] == kWhite) --met;  // the run's first pixel is on a border
          start({end - 1, y}, true, number_[0][met]);
        }
        lnbd = number_[0][right];  // 4
      });
    }
    return std::move(found_);
  }

 private:
  template <class T>
  static void mark_white(const T* __restrict from, uint8_t* __restrict to, int n) {
    for (int x = 0; x < n; ++x) to[x] = from[x] > 0 ? kWhite : kBlack;
  }
  void start(cv::Point at, bool hole, int lnbd) {
    begin(hole, lnbd);         // 2
    follow(at, hole ? 0 : 4);  // 3
    found_.back().points.assign(points_.begin(), points_.end());
  }
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
  void put(ptrdiff_t pixel, Mark mark) {
    mark_[0][pixel] = mark;
    number_[0][pixel] = static_cast<int>(found_.size()) + 1;
  }
  // From pixel `at`; the black pixel lies in direction d.
  void follow(cv::Point at, int d) {
    points_.assign(1, at - cv::Point(1, 1));
    const ptrdiff_t begin = static_cast<ptrdiff_t>(at.y) * mark_.cols + at.x;
    const uint8_t* mark = mark_[0];
    int turned = 0;
    while (turned < 8 && mark[begin + step_[d]] == kBlack) d = (d + 1) % 8, ++turned;  // 3.1, clockwise
    if (turned == 8) return put(begin, kRightBorder);                                  // a pixel alone
    const ptrdiff_t p1 = begin + step_[d];
    cv::Point point = points_[0];
    for (ptrdiff_t p3 = begin;;) {  // 3.2; p2 lies in direction d
      bool right_is_black = false;
      int k = (d + 7) % 8;  // 3.3, counter-clockwise
      for (; mark[p3 + step_[k]] == kBlack; k = (k + 7) % 8) right_is_black |= k == 0;
      const ptrdiff_t p4 = p3 + step_[k];
      if (right_is_black)  // 3.4
        put(p3, kRightBorder);
      else if (mark[p3] == kWhite)
        put(p3, kBorder);
      if (p4 == begin && p3 == p1) return;  // 3.5
      d = (k + 4) % 8;
      p3 = p4;
      point += cv::Point(kDx[k], kDy[k]);
      points_.push_back(point);
    }
  }

  cv::Mat_<uint8_t> mark_;
  cv::Mat_<int> number_;  // of the border of marked pixels; nothing elsewhere
  ptrdiff_t step_[8];
  std::vector<cv::Point> points_;  // of the current border
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
