#include "cli/report/figures/strip.h"

#include <algorithm>
#include <cmath>

namespace assay::report {
namespace {

constexpr double kHeight = 40, kMiddle = kHeight / 2;
constexpr size_t kLanes = 10;  // more folds than this share heights

Axis over_folds(const std::vector<StripRow>& rows, bool with_dummies) {
  std::vector<double> values;
  for (const StripRow& row : rows) {
    if (row.is_dummy && !with_dummies) continue;
    values.insert(values.end(), row.folds.begin(), row.folds.end());
    values.push_back(row.mean);
  }
  Axis axis = axis_over(values, 0.05);
  axis.from = 0.02, axis.to = 0.98;
  return axis;
}

double lane(size_t fold, size_t folds) {
  const size_t lanes = std::min(folds, kLanes);
  if (lanes < 2) return kMiddle;
  const double gap = std::min(4.5, 24.0 / static_cast<double>(lanes - 1));
  return kMiddle + gap * (static_cast<double>(fold % lanes) - static_cast<double>(lanes - 1) / 2);
}

Length position(const StripScale& scale, double value) {
  return Length::share(std::clamp(scale.axis(value), 0.0, 1.0));
}

bool outside(const StripScale& scale, double value) { return value < scale.axis.lo || value > scale.axis.hi; }

Markup background(const StripScale& scale) {
  Markup content;
  if (scale.band) {
    const double from = std::clamp(scale.axis(scale.band->x), 0.0, 1.0),
                 to = std::clamp(scale.axis(scale.band->y), 0.0, 1.0);
    content += rect(Length::share(from), 0, Length::share(to - from), kHeight, "band");
  }
  for (const double tick : scale.axis.ticks(5))
    content += line(position(scale, tick), 0, position(scale, tick), kHeight, "grid");
  if (scale.dummy && !scale.dummy_is_outside)
    content += line(position(scale, *scale.dummy), 0, position(scale, *scale.dummy), kHeight, "dummy-line");
  return content;
}

Markup arrow_to(const StripScale& scale, double value) {
  const bool left = value < scale.axis.lo;
  const std::string text =
      left ? "\u25C2 " + brief(value) + ", off this scale" : brief(value) + ", off this scale \u25B8";
  return label(Length::share(left ? 0.01 : 0.99), kMiddle + 4, text, "tick", left ? "start" : "end");
}

}  // namespace

StripScale strip_scale(const std::vector<StripRow>& rows, const std::string& metric, bool higher_is_better,
                       std::optional<double> detectable_difference) {
  StripScale scale;
  scale.metric = metric;
  const StripRow* best = nullptr;
  for (const StripRow& row : rows) {
    if (row.is_dummy)
      scale.dummy = row.mean;
    else if (!best || (higher_is_better ? row.mean > best->mean : row.mean < best->mean))
      best = &row;
  }
  const Axis all = over_folds(rows, true), learners = over_folds(rows, false);
  const bool far = scale.dummy && best && learners.hi - learners.lo < 0.5 * (all.hi - all.lo);
  scale.axis = far ? learners : all;
  scale.dummy_is_outside = scale.dummy && outside(scale, *scale.dummy);
  if (best && detectable_difference && std::isfinite(*detectable_difference)) {
    const double worse = best->mean + (higher_is_better ? -1 : 1) * *detectable_difference;
    scale.band = Point{std::min(worse, best->mean), std::max(worse, best->mean)};
  }
  return scale;
}

Markup strip_row(const StripScale& scale, const StripRow& row) {
  Markup content = background(scale);
  if (outside(scale, row.mean)) return decoration(kHeight, content + arrow_to(scale, row.mean));
  Markup folds;
  for (size_t k = 0; k < row.folds.size(); ++k) {
    const double value = row.folds[k];
    if (std::isfinite(value) && !outside(scale, value))
      folds += circle(position(scale, value), lane(k, row.folds.size()), 4, "dot",
                      "fold " + std::to_string(k + 1) + ": " + brief(value));
  }
  folds += line(position(scale, row.mean), kMiddle - 15, position(scale, row.mean), kMiddle + 15, "mean",
                "mean " + brief(row.mean));
  return decoration(kHeight, content + group(row.is_dummy     ? "is-dummy"
                                             : row.among_best ? "is-best"
                                                              : "is-other",
                                             folds));
}

Markup strip_axis(const StripScale& scale) {
  const auto ticks = scale.axis.ticks(5);
  const auto labels = tick_labels(ticks);
  Markup content = line(Length::share(0), 0.5, Length::share(1), 0.5, "axis");
  for (size_t i = 0; i < ticks.size(); ++i)
    content += label(position(scale, ticks[i]), 16, labels[i], "tick", "middle");
  if (scale.dummy && !scale.dummy_is_outside)
    content += label(position(scale, *scale.dummy), 31, "dummy " + brief(*scale.dummy), "tick dummy-text",
                     scale.axis(*scale.dummy) < 0.15   ? "start"
                     : scale.axis(*scale.dummy) > 0.85 ? "end"
                                                       : "middle");
  return decoration(36, content);
}

std::string strip_sentence(const std::vector<StripRow>& rows, const std::string& metric) {
  std::string text = "Mean " + metric + " over the folds:";
  for (size_t i = 0; i < rows.size() && i < 12; ++i) {
    const auto [lo, hi] = std::minmax_element(rows[i].folds.begin(), rows[i].folds.end());
    text += (i ? "; " : " ") + shorten(rows[i].name, 40) + " " + brief(rows[i].mean);
    if (lo != rows[i].folds.end()) text += " (from " + brief(*lo) + " to " + brief(*hi) + ")";
  }
  return text + ".";
}

}  // namespace assay::report
