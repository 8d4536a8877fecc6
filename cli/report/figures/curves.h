// cli/report/figures/curves.h: ROC, precision and recall, calibration, and lines over iterations.
#pragma once
#include <string>
#include <vector>

#include "assay/ml/metrics/metrics.h"
#include "cli/report/figures/axis.h"

namespace assay::report {

/// `points` in data units, in drawing order. The curve in focus is drawn strong, the others as thin context.
struct NamedLine {
  std::string name;
  std::vector<Point> points;
  std::string css_class = "curve";
};

/// Drops the points that would stand closer than `pixels` to the last one kept; the ends stay.
std::vector<Point> sparser(const std::vector<Point>& pixel_points, double pixels = 1.2);

/// x: false positive rate, y: true positive rate. `context` is drawn thin behind.
Markup roc_figure(const NamedLine& curve, const std::vector<NamedLine>& context, double area_under,
                  const std::string& positive);
/// One curve a class (that class against the rest); `css_class` of each line says which stand out.
Markup roc_by_class_figure(const std::string& name, const std::vector<NamedLine>& classes, double mean_area);
Markup pr_by_class_figure(const std::string& name, const std::vector<NamedLine>& classes, double mean_precision);
/// x: recall, y: precision; `prevalence` is the precision of guessing.
Markup pr_figure(const NamedLine& curve, const std::vector<NamedLine>& context, double average_precision,
                 double prevalence, const std::string& positive);

/// The share of rows of the class in question, observed against predicted, with Wilson's intervals; how the predictions
/// are spread stands at its foot. `of_what`: "survived = yes", or "the predicted class".
Markup calibration_figure(const std::vector<CalibrationBin>& bins, const std::string& of_what);

/// Curves over a common x ("iteration") in `x_range`, on a linear or logarithmic y axis. A line of class "cursor" stands at
/// the end of the range; scripts may move it.
Markup line_chart(const std::vector<NamedLine>& curves, Point x_range, const std::string& x_name,
                  const std::string& y_name, bool log_y, const AltText& alt);
/// Where x stands in the picture of line_chart.
double line_chart_x(Point x_range, double x);

}  // namespace assay::report
