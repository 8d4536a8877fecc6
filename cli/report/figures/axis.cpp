#include "cli/report/figures/axis.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace assay::report {
namespace {

std::string fixed(double value, int decimals) {
  std::array<char, 400> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals).ptr;
  const std::string text(buffer.data(), end);
  return text.find_first_not_of("-0.") == std::string::npos && text[0] == '-' ? text.substr(1) : text;  // no "-0.0"
}

std::string general(double value, int digits) {
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, digits).ptr;
  return {buffer.data(), end};
}

// "1e-09" reads worse than "1e-9".
std::string power_label(int exponent) { return "1e" + std::to_string(exponent); }

double nice_step(double range, int count) {
  const double rough = range / std::max(1, count);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double m : {1.0, 2.0, 5.0})
    if (m * power >= rough * 0.999) return m * power;
  return 10 * power;
}

}  // namespace

std::vector<double> nice_ticks(double lo, double hi, int count) {
  if (!(hi > lo) || !std::isfinite(hi - lo)) return {lo};
  const double step = nice_step(hi - lo, count);
  const double slack = 1e-9 * (hi - lo);
  std::vector<double> ticks;
  const double first = std::ceil((lo - slack) / step);
  for (double k = first; k * step <= hi + slack && ticks.size() < 50; ++k) ticks.push_back(k * step);
  return ticks;
}

std::vector<double> log_ticks(double lo, double hi, int count) {
  const int first = static_cast<int>(std::ceil(std::log10(lo) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(hi) + 1e-9));
  const int stride = std::max(1, (last - first + count) / std::max(1, count));
  std::vector<double> ticks;
  for (int e = first; e <= last; ++e)
    if (e % stride == 0) ticks.push_back(std::pow(10, e));
  return ticks;
}

std::vector<std::string> tick_labels(const std::vector<double>& ticks) {
  std::vector<std::string> labels;
  double largest = 0,
         spacing = ticks.size() > 1 ? std::abs(ticks[1] - ticks[0]) : std::abs(ticks.empty() ? 1 : ticks[0]);
  for (const double t : ticks) largest = std::max(largest, std::abs(t));
  const bool logarithmic =
      ticks.size() > 2 && ticks[0] > 0 && std::abs(ticks[1] / ticks[0] - ticks[2] / ticks[1]) < 1e-6;
  if (logarithmic && (ticks.front() < 1e-3 || ticks.back() > 1e5)) {
    for (const double t : ticks) labels.push_back(power_label(static_cast<int>(std::lround(std::log10(t)))));
    return labels;
  }
  if (largest >= 1e9 || (largest > 0 && largest < 1e-4)) {
    for (const double t : ticks) labels.push_back(general(t, 3));
    return labels;
  }
  if (logarithmic) spacing = ticks.front();
  const double unit = largest >= 1e6 ? 1e6 : largest >= 1e4 ? 1e3 : 1;
  const char* suffix = unit >= 1e6 ? "M" : unit >= 1e3 ? "k" : "";
  const int decimals = spacing > 0 ? std::max(0, -static_cast<int>(std::floor(std::log10(spacing / unit) + 1e-9))) : 0;
  for (const double t : ticks)
    labels.push_back(fixed(t / unit, logarithmic && t >= unit ? 0 : std::min(decimals, 8)) + (t == 0 ? "" : suffix));
  return labels;
}

namespace {

int decimals_of(double value) {  // of three significant digits
  return value == 0 ? 3 : std::clamp(2 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, 6);
}

std::string without_trailing_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string three_digits(double value) {
  if (std::isnan(value)) return "\u2013";
  if (std::isinf(value)) return value > 0 ? "\u221E" : "\u2212\u221E";
  const double size = std::abs(value);
  if (size > 0 && (size < 1e-4 || size >= 1e7)) return general(value, 3);
  if (size >= 1e4) return count_text(std::llround(value));
  return fixed(value, decimals_of(value));
}

std::string brief(double value) {
  if (value == 0) return "0";
  if (!std::isfinite(value) || std::abs(value) < 1e-4 || std::abs(value) >= 1e4) return three_digits(value);
  return without_trailing_zeros(three_digits(value));
}

std::string spread_text(double mean, double sd) {
  if (!std::isfinite(sd) || std::abs(mean) < 1e-4 || std::abs(mean) >= 1e4) return three_digits(sd);
  return fixed(sd, decimals_of(mean));
}

std::string count_text(long long value) {
  std::string text = std::to_string(value);
  const size_t sign = value < 0 ? 1 : 0;
  if (text.size() - sign <= 4) return text;
  for (size_t i = text.size() - 3; i > sign && i < text.size(); i -= 3) text.insert(i, "\u202F");
  return text;
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "\u2013";
  const auto two_digits = [](double v) { return v < 9.95 ? fixed(v, 1) : fixed(v, 0); };
  if (seconds < 0.9995) return (seconds < 5e-5 ? std::string("< 0.1") : two_digits(seconds * 1e3)) + " ms";
  if (seconds < 120) return two_digits(seconds) + " s";
  const long long s = std::llround(seconds);
  return std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s";
}

double Axis::operator()(double value) const {
  const double share = log ? std::log(value / lo) / std::log(hi / lo) : (value - lo) / (hi - lo);
  return from + share * (to - from);
}

std::vector<double> Axis::ticks(int count) const { return log ? log_ticks(lo, hi, count) : nice_ticks(lo, hi, count); }

Axis axis_over(const std::vector<double>& values, double margin) {
  double lo = INFINITY, hi = -INFINITY;
  for (const double v : values)
    if (std::isfinite(v)) lo = std::min(lo, v), hi = std::max(hi, v);
  Axis axis;
  if (lo > hi) return axis;
  const double pad = hi > lo ? margin * (hi - lo) : std::max(0.05 * std::abs(lo), 1e-12);
  axis.lo = lo - pad;
  axis.hi = hi + pad;
  return axis;
}

void Frame::fit_axes() {
  x.from = left, x.to = width - right;
  y.from = height - bottom, y.to = top;
}

Markup Frame::draw() const {
  Markup content;
  const auto xs = x.ticks(x_ticks), ys = y.ticks(y_ticks);
  const auto x_labels = tick_labels(xs), y_labels = tick_labels(ys);
  for (size_t i = 0; i < ys.size(); ++i) {
    content += line(x.from, y(ys[i]), x.to, y(ys[i]), "grid");
    content += label(x.from - 7, y(ys[i]) + 4, y_labels[i], "tick", "end");
  }
  for (size_t i = 0; i < xs.size(); ++i) {
    content += line(x(xs[i]), y.from, x(xs[i]), y.to, "grid");
    content += label(x(xs[i]), y.from + 16, x_labels[i], "tick", "middle");
  }
  content += line(x.from, y.from, x.to, y.from, "axis");
  content += line(x.from, y.from, x.from, y.to, "axis");
  if (!x_name.empty()) content += label((x.from + x.to) / 2, height - 6, x_name, "axis-name", "middle");
  if (!y_name.empty()) content += upward_label(11, (y.from + y.to) / 2, y_name, "axis-name");
  return content;
}

}  // namespace assay::report
