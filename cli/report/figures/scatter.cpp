#include "cli/report/figures/scatter.h"

#include <algorithm>
#include <cmath>

namespace assay::report {
namespace {

std::vector<size_t> drawn_rows(size_t n) {
  std::vector<size_t> rows;
  const size_t count = std::min(n, kMostDots);
  for (size_t i = 0; i < count; ++i) rows.push_back(i * n / count);
  return rows;
}

const char* dot_class(size_t n) { return n > 600 ? "scatter-small" : "scatter"; }

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const size_t n = a.size();
  double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < n; ++i) ma += a[i] / static_cast<double>(n), mb += b[i] / static_cast<double>(n);
  for (size_t i = 0; i < n; ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : NAN;
}

}  // namespace

Markup predicted_against_actual(const std::vector<double>& actual, const std::vector<double>& predicted,
                                const std::string& target) {
  Frame frame;
  frame.left = 56;
  std::vector<double> both = actual;
  both.insert(both.end(), predicted.begin(), predicted.end());
  frame.x = frame.y = axis_over(both);
  frame.x_name = "actual " + shorten(target, 24), frame.y_name = "predicted";
  frame.fit_axes();
  std::vector<Point> points;
  for (const size_t i : drawn_rows(actual.size())) points.push_back(frame.at(actual[i], predicted[i]));
  const Markup content =
      frame.draw() +
      line(frame.x(frame.x.lo), frame.y(frame.y.lo), frame.x(frame.x.hi), frame.y(frame.y.hi), "chance") +
      dots(points, dot_class(points.size()));
  return figure(frame.width, frame.height,
                {"Predicted against actual", "One dot a row; the diagonal is a perfect prediction. Correlation " +
                                                 brief(correlation(actual, predicted)) + "."},
                content);
}

Markup residual_figure(const std::vector<double>& actual, const std::vector<double>& predicted,
                       const std::string& target) {
  Frame frame;
  frame.left = 56;
  std::vector<double> residuals;
  double squares = 0;
  for (size_t i = 0; i < actual.size(); ++i)
    residuals.push_back(actual[i] - predicted[i]), squares += residuals[i] * residuals[i];
  frame.x = axis_over(predicted), frame.y = axis_over(residuals);
  const double most = std::max(std::abs(frame.y.lo), std::abs(frame.y.hi));
  frame.y.lo = -most, frame.y.hi = most;  // the zero line in the middle: over- and underestimates weigh alike
  frame.x_name = "predicted " + shorten(target, 24), frame.y_name = "actual \u2212 predicted";
  frame.fit_axes();
  std::vector<Point> points;
  for (const size_t i : drawn_rows(actual.size())) points.push_back(frame.at(predicted[i], residuals[i]));
  const Markup content = frame.draw() + line(frame.x.from, frame.y(0), frame.x.to, frame.y(0), "chance") +
                         dots(points, dot_class(points.size()));
  return figure(
      frame.width, frame.height,
      {"Residuals", "Actual minus predicted over the prediction; they spread with a root mean square of " +
                        brief(std::sqrt(squares / static_cast<double>(std::max<size_t>(actual.size(), 1)))) + "."},
      content);
}

}  // namespace assay::report
