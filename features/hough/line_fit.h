// features/hough/line_fit.h: the pixels near a line, and the line through edge points.
#pragma once
#include <algorithm>
#include <vector>

namespace assay {

/// x cos theta + y sin theta = rho, in pixels and radians.
struct Line {
  double rho = 0, theta = 0;
};

/// The same line with theta in [0, pi).
Line with_theta_in_half_turn(Line line);

/// Angle between two lines, 0 to pi / 2.
double angle_between(double theta_a, double theta_b);

/// The pixels of a width x height picture within `half` pixels of a line: one run a row.
class Strip {
 public:
  Strip(const Line& line, double half, int width, int height);
  /// Rows that it touches.
  int begin() const { return begin_; }
  int end() const { return end_; }
  /// No run has more pixels.
  double longest() const { return 2 * reach_ + 1; }
  /// Of rows y .. y + n - 1: x0[i] <= x < x1[i], if any.
  void runs(int y, int n, int* x0, int* x1) const;

 private:
  int width_, begin_, end_;
  double start_, slope_, reach_;
};

/// Calls visit(y, n, x0, x1) for rows y .. y + n - 1 of the strip and their runs, until done() says so.
template <class Visit, class Done>
void for_rows_of(const Strip& strip, Visit&& visit, Done&& done) {
  constexpr int kRows = 64;
  int x0[kRows], x1[kRows];
  for (int y = strip.begin(); y < strip.end() && !done(); y += kRows) {
    const int n = std::min(kRows, strip.end() - y);
    strip.runs(y, n, x0, x1);
    visit(y, n, x0, x1);
  }
}

/// Calls visit(y, x0, x1) for every run x0 <= x < x1 of the strip, until done() says so, which is asked now and then.
template <class Visit, class Done>
void for_runs_of(const Strip& strip, Visit&& visit, Done&& done) {
  const auto each = [&](int y, int n, const int* x0, const int* x1) {
    for (int i = 0; i < n; ++i)
      if (x0[i] < x1[i]) visit(y + i, x0[i], x1[i]);
  };
  for_rows_of(strip, each, done);
}
template <class Visit>
void for_runs_near(const Line& line, double half, int width, int height, Visit&& visit) {
  for_runs_of(Strip(line, half, width, height), visit, [] { return false; });
}

struct EdgePoint {
  int x, y;
};

/// The line refined by edge points: least squares of distances, repeated within narrower and narrower strips, weights
/// falling to 0 at the strip's border (Tukey's biweight). The line itself where fewer than three points are near, or where
/// the fit leaves it by more than `reach` pixels (the first strip's half width) or `turn` radians: that is another line.
Line refine_line(const std::vector<EdgePoint>& points, const Line& line, double reach, double turn);

}  // namespace assay
