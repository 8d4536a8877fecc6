// cli/report/figures/axis.h: from data to pixels, with ticks a person would have chosen.
#pragma once
#include <string>
#include <vector>

#include "cli/report/svg/svg.h"

namespace assay::report {

/// Round numbers (1, 2 or 5 times a power of ten) inside [lo, hi], about `count` of them.
std::vector<double> nice_ticks(double lo, double hi, int count);
/// Powers of ten inside [lo, hi] (lo > 0), thinned to about `count`.
std::vector<double> log_ticks(double lo, double hi, int count);
/// All ticks with the decimals their spacing needs: "0.80", "0.85"; thousands as "20k", "3M"; far from 1 as "1e-9".
std::vector<std::string> tick_labels(const std::vector<double>& ticks);
/// A number for a caption or a cell: three significant digits, no exponent between 1e-4 and 1e6.
std::string brief(double value);
/// The same with trailing zeros kept, for numbers that stand in a row: "0.820".
std::string three_digits(double value);
/// "0.795 ± 0.016" as its two halves: the spread with as many decimals as the mean.
std::string spread_text(double mean, double sd);
/// A whole number with thin spaces between groups of three digits.
std::string count_text(long long value);
/// Seconds as "4.2 ms", "1.3 s", "2 min 5 s".
std::string duration(double seconds);

struct Axis {
  double lo = 0, hi = 1;
  bool log = false;
  double from = 0, to = 1;  ///< pixels (or share) of lo and hi

  double operator()(double value) const;
  std::vector<double> ticks(int count) const;
};

/// An axis over the finite values, widened by `margin` of their range on both sides; over all values equal: around
/// them.
Axis axis_over(const std::vector<double>& values, double margin = 0.04);

/// Two axes with grid, tick labels and names; curves are drawn on top of it.
struct Frame {
  double width = 320, height = 300;
  double left = 46, right = 12, top = 12, bottom = 42;
  Axis x, y;
  std::string x_name, y_name;
  int x_ticks = 5, y_ticks = 5;

  /// Sets the pixel ranges of both axes; call it once the limits and margins stand.
  void fit_axes();
  Point at(double x_value, double y_value) const { return {x(x_value), y(y_value)}; }
  Markup draw() const;
};

}  // namespace assay::report
