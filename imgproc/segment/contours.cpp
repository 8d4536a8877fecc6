// imgproc/segment/contours.cpp
// Notation   [Suzuki1985]: 1 is white, 0 black, beyond the picture too; nbd number of the current border, lnbd that of the border
//            met last in this row; p1, p2, p3, p4 for the pixels (i1, j1) .. (i4, j4)
// Method     appendix I: scan by rows;   1 a pixel with black to its left begins an outer border, one with black to its right a
//            hole's   2 its parent follows from the border met last   3 follow the border, and mark it: nbd, or -nbd where black
//            lies to the right   4 remember the border met last
// Departures from the paper: the picture is bits, and stays as it is; a row is scanned by its runs. What lies inside one begins no
//            border; what lies at an end of one does, unless a border has passed there with black on that side, and such a border
//            is the only one. So the paper's marks and numbers are kept for the two ends of each run alone. For a hole the border
//            met last is that of its run's left end. Where a border goes on follows from the 8 neighbours, by a table

#include "assay/imgproc/segment/contours.h"

#include <cstdio>
#include <opencv2/core.hpp>

#include "assay/core/output.h"
#include "assay/imgproc/segment/bit_picture_internal.h"
#include "assay/imgproc/segment/polygon.h"

namespace assay {

namespace {

// Neighbours in clockwise order on the screen, from the right.
constexpr int kDx[8] = {1, 1, 0, -1, -1, -1, 0, 1}, kDy[8] = {0, 1, 1, 1, 0, -1, -1, -1};

// From p3, where p2 lies in direction d: step 3.3 in one look.
struct Next {
  uint8_t direction;            // of p4
  uint8_t right : 1, left : 1;  // black, and passed on the way from p2 to p4
};

// By d and by the pixels around p3 as BitPicture::nine gives them.
struct NextTable {
  Next next[8][512] = {};
  constexpr NextTable() {
    for (int d = 0; d < 8; ++d)
      for (unsigned nine = 0; nine < 512; ++nine) {
        if (!is_white(nine, d)) continue;  // p2 is white
        Next& to = next[d][nine];
        int k = (d + 7) % 8;  // counter-clockwise
        for (; !is_white(nine, k); k = (k + 7) % 8) {
          if (k == 0) to.right = 1;
          if (k == 4) to.left = 1;
        }
        to.direction = static_cast<uint8_t>(k);
      }
  }
  static constexpr bool is_white(unsigned nine, int direction) {
    return nine >> (4 + 3 * kDy[direction] + kDx[direction]) & 1;
  }
};
constexpr NextTable kTable;

class BorderFollower {
 public:
  explicit BorderFollower(const cv::Mat& image) : white_(image), ends_(white_.runs().size()) {
    for (int d = 0; d < 8; ++d) step_[d] = white_.step(kDx[d], kDy[d]);
  }

  std::vector<Contour> contours() {
    int lnbd = kFrame;
    ptrdiff_t next_row = 0;
    for (size_t i = 0; i < ends_.size(); ++i) {
      const BitPicture::Run& run = white_.runs()[i];
      Ends& border = ends_[i];
      if (run.first >= next_row) lnbd = kFrame, next_row = white_.at(0, white_.point(run.first).y + 1);
      if (border.left[1] == 0) start(run.first, false, lnbd);  // 1
      if (border.right[1] == 0) start(run.last, true, border.left[1]);
      lnbd = border.right[1];  // 4
    }
    return std::move(found_);
  }

 private:
  static constexpr int kFrame = 1;  // its number: it counts as a hole's border
  // Numbers of the borders between a run and the black at its ends, [1]; 0: none has been followed. Contour k has the number k + 2.
  // Nobody can foresee where a border touches an end: something is always written, to [0] where it does not.
  struct Ends {
    int left[2] = {}, right[2] = {};
  };

  void start(ptrdiff_t at, bool hole, int lnbd) {
    begin(hole, lnbd);         // 2
    follow(at, hole ? 0 : 4);  // 3
    found_.back().points.assign(points_.begin(), points_.end());
  }
  void begin(bool hole, int lnbd) {
    Contour c;
    c.hole = hole;
    const bool last_is_hole = lnbd == kFrame || found_[static_cast<size_t>(lnbd) - 2].hole;
    if (hole != last_is_hole)
      c.parent = lnbd - 2;
    else if (lnbd != kFrame)
      c.parent = found_[static_cast<size_t>(lnbd) - 2].parent;
    if (c.parent < 0) c.parent = -1;
    found_.push_back(std::move(c));
  }
  // From pixel `begin`; the black pixel lies in direction d.
  void follow(ptrdiff_t begin, int d) {
    const int nbd = static_cast<int>(found_.size()) + 1;
    cv::Point point = white_.point(begin);
    points_.assign(1, point);
    const unsigned around = white_.nine(begin);
    int turned = 0;
    while (turned < 8 && !NextTable::is_white(around, d)) d = (d + 1) % 8, ++turned;  // 3.1, clockwise
    if (turned == 8) {                                                                // a pixel alone
      Ends& ends = ends_[white_.run_of(begin)];
      ends.left[1] = ends.right[1] = nbd;
      return;
    }
    const ptrdiff_t p1 = begin + step_[d];
    for (ptrdiff_t p3 = begin;;) {                        // 3.2; p2 lies in direction d
      const Next next = kTable.next[d][white_.nine(p3)];  // 3.3
      const int k = next.direction;
      const ptrdiff_t p4 = p3 + step_[k];
      Ends& ends = ends_[white_.run_of(p3)];  // 3.4
      ends.left[next.left] = ends.right[next.right] = nbd;
      if (p4 == begin && p3 == p1) return;  // 3.5
      d = (k + 4) % 8;
      p3 = p4;
      point += cv::Point(kDx[k], kDy[k]);
      points_.push_back(point);
    }
  }

  BitPicture white_;
  std::vector<Ends> ends_;  // of each run
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
