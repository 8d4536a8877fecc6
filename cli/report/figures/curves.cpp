#include "cli/report/figures/curves.h"

#include <algorithm>
#include <cmath>

namespace assay::report {
namespace {

Frame unit_frame(const char* x_name, const char* y_name) {
  Frame frame;
  frame.x_name = x_name, frame.y_name = y_name;
  frame.fit_axes();
  return frame;
}

std::vector<Point> in_pixels(const Frame& frame, const std::vector<Point>& points) {
  std::vector<Point> pixels;
  pixels.reserve(points.size());
  for (const Point& p : points) pixels.push_back(frame.at(p.x, p.y));
  return sparser(pixels);
}

Markup context_curves(const Frame& frame, const std::vector<NamedLine>& context) {
  Markup content;
  for (const NamedLine& other : context)
    content += polyline(in_pixels(frame, other.points), "curve-context", other.name);
  return content;
}

// The value of the figure, inside it where curves that are worth something leave room.
Markup big_number(double x, double y, const std::string& number, const std::string& what) {
  return label(x, y, number, "figure-number", "end") + label(x, y + 17, what, "figure-note", "end");
}

}  // namespace

std::vector<Point> sparser(const std::vector<Point>& pixel_points, double pixels) {
  std::vector<Point> kept;
  for (size_t i = 0; i < pixel_points.size(); ++i) {
    const Point& p = pixel_points[i];
    const bool last = i + 1 == pixel_points.size();
    if (!kept.empty() && !last && std::hypot(p.x - kept.back().x, p.y - kept.back().y) < pixels) continue;
    const size_t m = kept.size();
    const bool straight = m >= 2 && ((kept[m - 2].x == kept[m - 1].x && kept[m - 1].x == p.x) ||
                                     (kept[m - 2].y == kept[m - 1].y && kept[m - 1].y == p.y));
    if (straight)
      kept.back() = p;
    else
      kept.push_back(p);
  }
  return kept;
}

Markup roc_figure(const NamedLine& curve, const std::vector<NamedLine>& context, double area_under,
                  const std::string& positive) {
  const Frame frame = unit_frame("false positive rate", "true positive rate");
  const std::vector<Point> points = in_pixels(frame, curve.points);
  const Markup content = frame.draw() + line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), "chance") +
                         area(points, frame.y(0), "curve-area") + context_curves(frame, context) +
                         polyline(points, curve.css_class.c_str(), curve.name) +
                         big_number(frame.x(1) - 10, frame.y(0) - 32, three_digits(area_under), "area under the curve");
  return figure(frame.width, frame.height,
                {"ROC curve of " + curve.name, "Area under the curve " + brief(area_under) + " with \"" + positive +
                                                   "\" as the positive class; 0.5 is guessing."},
                content);
}

namespace {

Markup by_class_figure(const Frame& frame, const AltText& alt, const std::vector<NamedLine>& classes,
                       const Markup& below, const std::string& number, const char* what) {
  Markup content = frame.draw() + below;
  for (const NamedLine& one : classes)
    content += polyline(in_pixels(frame, one.points), one.css_class.c_str(), one.name);
  return figure(frame.width, frame.height, alt, content + big_number(frame.x(1) - 10, frame.y(0) - 32, number, what));
}

}  // namespace

Markup roc_by_class_figure(const std::string& name, const std::vector<NamedLine>& classes, double mean_area) {
  const Frame frame = unit_frame("false positive rate", "true positive rate");
  return by_class_figure(frame,
                         {"ROC curves of " + name, "Each of " + std::to_string(classes.size()) +
                                                       " classes against the rest; mean area under the curve " +
                                                       brief(mean_area) + ", 0.5 is guessing."},
                         classes, line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), "chance"),
                         three_digits(mean_area), "mean area under the curve");
}

Markup pr_by_class_figure(const std::string& name, const std::vector<NamedLine>& classes, double mean_precision) {
  return by_class_figure(unit_frame("recall", "precision"),
                         {"Precision and recall of " + name, "Each of " + std::to_string(classes.size()) +
                                                                 " classes against the rest; mean average precision " +
                                                                 brief(mean_precision) + "."},
                         classes, {}, three_digits(mean_precision), "mean average precision");
}

Markup pr_figure(const NamedLine& curve, const std::vector<NamedLine>& context, double average_precision,
                 double prevalence, const std::string& positive) {
  const Frame frame = unit_frame("recall", "precision");
  const std::vector<Point> points = in_pixels(frame, curve.points);
  const Markup content =
      frame.draw() + line(frame.x(0), frame.y(prevalence), frame.x(1), frame.y(prevalence), "chance") +
      area(points, frame.y(0), "curve-area") + context_curves(frame, context) +
      polyline(points, curve.css_class.c_str(), curve.name) +
      big_number(frame.x(1) - 10, frame.y(0) - 32, three_digits(average_precision), "average precision");
  return figure(frame.width, frame.height,
                {"Precision and recall of " + curve.name, "Average precision " + brief(average_precision) + " with \"" +
                                                              positive + "\" as the positive class; guessing has " +
                                                              brief(prevalence) + "."},
                content);
}

namespace {

constexpr double kFoot = 34;  // pixels under the calibration plot for the histogram of predictions

// Bars that hang under the axis at the bin's place, as long as the bin has rows.
Markup prediction_histogram(const Frame& frame, const std::vector<CalibrationBin>& bins) {
  long most = 1;
  for (const CalibrationBin& bin : bins) most = std::max(most, bin.rows);
  Markup bars;
  for (const CalibrationBin& bin : bins) {
    const double from = frame.x(bin.lo),
                 h = std::max(1.0, kFoot * static_cast<double>(bin.rows) / static_cast<double>(most));
    bars += rect(from + 1, frame.height - frame.bottom - h, frame.x(bin.hi) - from - 2, h, "bar-quiet",
                 count_text(bin.rows) + " rows between " + brief(bin.lo) + " and " + brief(bin.hi));
  }
  return bars;
}

}  // namespace

Markup calibration_figure(const std::vector<CalibrationBin>& bins, const std::string& of_what) {
  Frame frame = unit_frame("predicted probability", "observed share");
  Markup content = frame.draw();
  double worst = 0;
  std::vector<Point> points;
  Markup marks;
  for (const CalibrationBin& bin : bins) {
    const Point p = frame.at(bin.mean_probability, bin.share);
    worst = std::max(worst, std::abs(bin.mean_probability - bin.share));
    points.push_back(p);
    marks += line(p.x, frame.y(bin.share_lo), p.x, frame.y(bin.share_hi), "interval");
    marks += circle(
        p.x, p.y, 4, "dot",
        count_text(bin.rows) + " rows: predicted " + brief(bin.mean_probability) + ", observed " + brief(bin.share));
  }
  content += prediction_histogram(frame, bins) + line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), "chance") +
             polyline(points, "curve") + group("is-best", marks);
  return figure(frame.width, frame.height,
                {"Calibration", "Share of rows with " + of_what + " against the probability predicted, in " +
                                    std::to_string(bins.size()) + " bins; the largest gap is " + brief(worst) + "."},
                content);
}

namespace {

Frame line_frame(Point x_range) {
  Frame frame;
  frame.width = 350, frame.height = 190, frame.left = 58;
  frame.x_ticks = 6, frame.y_ticks = 4;
  frame.x.lo = x_range.x, frame.x.hi = x_range.y > x_range.x ? x_range.y : x_range.x + 1;
  return frame;
}

// The y axis: whole powers of ten at its ends where it is logarithmic.
Axis value_axis(const std::vector<NamedLine>& curves, bool log_y) {
  std::vector<double> ys;
  for (const NamedLine& curve : curves)
    for (const Point& p : curve.points)
      if (std::isfinite(p.y) && (!log_y || p.y > 0)) ys.push_back(log_y ? std::log10(p.y) : p.y);
  Axis axis = axis_over(ys, 0.06);
  if (!log_y) return axis;
  axis.log = true;
  axis.lo = std::pow(10, std::floor(axis.lo)), axis.hi = std::pow(10, std::ceil(axis.hi));
  return axis;
}

}  // namespace

double line_chart_x(Point x_range, double x) {
  Frame frame = line_frame(x_range);
  frame.fit_axes();
  return frame.x(x);
}

Markup line_chart(const std::vector<NamedLine>& curves, Point x_range, const std::string& x_name,
                  const std::string& y_name, bool log_y, const AltText& alt) {
  Frame frame = line_frame(x_range);
  frame.x_name = x_name, frame.y_name = y_name;
  frame.y = value_axis(curves, log_y);
  frame.fit_axes();
  Markup content = frame.draw();
  for (const NamedLine& curve : curves) {
    std::vector<Point> pixels;
    for (const Point& p : curve.points)
      pixels.push_back(log_y && p.y <= 0 ? Point{frame.x(p.x), NAN} : frame.at(p.x, p.y));
    content += polyline(pixels, curve.css_class.c_str(), curve.name);
    if (pixels.size() <= 40) content += dots(pixels, "curve-dots");
  }
  content += line(frame.x(x_range.y), frame.y.from, frame.x(x_range.y), frame.y.to, "cursor");
  return figure(frame.width, frame.height, alt, content);
}

}  // namespace assay::report
