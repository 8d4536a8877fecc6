#include "cli/report/figures/bars.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace assay::report {

Markup bar(double share, bool signed_axis, const char* css_class) {
  share = std::isfinite(share) ? std::clamp(share, -1.0, 1.0) : 0;
  const double width = std::abs(share) * (signed_axis ? 0.5 : 1.0);
  const double from = signed_axis ? (share < 0 ? 0.5 - width : 0.5) : 0;
  Markup content = rect(Length::share(from), 3, Length::share(std::max(width, 0.004)), 12, css_class);
  if (signed_axis) content += line(Length::share(0.5), 0, Length::share(0.5), 18, "axis");
  return decoration(18, content);
}

Histogram histogram(const std::vector<double>& values, int bins) {
  Histogram h;
  h.lo = INFINITY, h.hi = -INFINITY;
  std::set<double> distinct;
  bool whole = true;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    h.lo = std::min(h.lo, v), h.hi = std::max(h.hi, v);
    whole = whole && v == std::floor(v);
    if (distinct.size() <= 64) distinct.insert(v);
  }
  if (h.lo > h.hi) return {};
  const double range = h.hi - h.lo;
  const bool one_a_value = whole && range < bins;
  const int count = range == 0 ? 1 : one_a_value ? static_cast<int>(range) + 1 : bins;
  h.counts.assign(static_cast<size_t>(count), 0);
  const double width = one_a_value || range == 0 ? 1 : range / count;
  for (const double v : values)
    if (std::isfinite(v)) ++h.counts[static_cast<size_t>(std::min<double>(count - 1, std::floor((v - h.lo) / width)))];
  return h;
}

namespace {

constexpr double kSparkWidth = 132, kSparkHeight = 30;

Markup spark_bars(const std::vector<long long>& counts, double gap) {
  long long most = 1;
  for (const long long c : counts) most = std::max(most, c);
  std::vector<Bar> shapes;
  const double slot = kSparkWidth / static_cast<double>(std::max<size_t>(counts.size(), 1));
  const double width = std::min(slot - gap, 26.0);
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const double h = std::max(1.0, (kSparkHeight - 2) * static_cast<double>(counts[i]) / static_cast<double>(most));
    shapes.push_back({static_cast<double>(i) * slot, kSparkHeight - h, width, h});
  }
  return bars(shapes, "bar-quiet") + line(0, kSparkHeight - 0.5, kSparkWidth, kSparkHeight - 0.5, "axis");
}

std::string most_frequent_bin(const Histogram& h) {
  const auto most = std::max_element(h.counts.begin(), h.counts.end());
  const double width = (h.hi - h.lo) / static_cast<double>(h.counts.size());
  const double from = h.lo + width * static_cast<double>(most - h.counts.begin());
  return brief(from) + " to " + brief(from + width);
}

}  // namespace

Markup sparkline(const Histogram& h, const std::string& name) {
  if (h.counts.empty()) return {};
  return figure(kSparkWidth, kSparkHeight,
                {"Histogram of " + name, "Values from " + brief(h.lo) + " to " + brief(h.hi) + ", most of them from " +
                                             most_frequent_bin(h) + "."},
                spark_bars(h.counts, h.counts.size() > 12 ? 0.6 : 2));
}

Markup level_sparkline(const std::vector<long long>& counts, const std::string& name) {
  const std::vector<long long> shown(counts.begin(),
                                     counts.begin() + static_cast<long>(std::min<size_t>(counts.size(), 24)));
  return figure(kSparkWidth, kSparkHeight,
                {"Levels of " + name, std::to_string(counts.size()) + " levels, the most frequent first."},
                spark_bars(shown, shown.size() > 12 ? 0.6 : 2));
}

Markup histogram_figure(const Histogram& h, const std::string& x_name, const AltText& alt, double height) {
  Frame frame;
  frame.height = height;
  frame.y_ticks = height < 250 ? 3 : 5;
  long long most = 1;
  for (const long long c : h.counts) most = std::max(most, c);
  frame.x.lo = h.lo, frame.x.hi = h.hi > h.lo ? h.hi : h.lo + 1;
  frame.y.lo = 0, frame.y.hi = static_cast<double>(most) * 1.05;
  frame.x_name = x_name, frame.y_name = "rows";
  frame.fit_axes();
  Markup content = frame.draw();
  const double width = (frame.x.to - frame.x.from) / static_cast<double>(std::max<size_t>(h.counts.size(), 1));
  for (size_t i = 0; i < h.counts.size(); ++i) {
    if (h.counts[i] == 0) continue;
    const double top = frame.y(static_cast<double>(h.counts[i]));
    content += rect(frame.x.from + static_cast<double>(i) * width + 0.5, top, width - 1, frame.y.from - top, "bar",
                    count_text(h.counts[i]) + " rows");
  }
  return figure(frame.width, frame.height, alt, content);
}

Markup balance_bar(const std::vector<std::string>& classes, const std::vector<long long>& counts,
                   const std::vector<int>& colours) {
  static constexpr const char* kShares[] = {"share-rest", "share-0", "share-1", "share-2",
                                            "share-3",    "share-4", "share-5"};
  double total = 0;
  for (const long long c : counts) total += static_cast<double>(c);
  Markup content;
  std::string sentence;
  double from = 0;
  for (size_t k = 0; k < counts.size(); ++k) {
    const double share = total > 0 ? static_cast<double>(counts[k]) / total : 0;
    const std::string text =
        shorten(classes[k], 40) + ": " + count_text(counts[k]) + " (" + percent(std::round(1000 * share) / 1000) + ")";
    content += rect(Length::share(from), 0, Length::share(share), 22, kShares[colours[k] + 1], text);
    if (k) content += line(Length::share(from), 0, Length::share(from), 22, "share-edge");
    from += share;
    if (k < 12) sentence += (k ? ", " : "") + text;
  }
  return fluid_figure(22, {"Class balance", sentence + (counts.size() > 12 ? " and more." : ".")}, content);
}

}  // namespace assay::report
