// cli/report/figures/bars.h: bars for table cells (importance, class balance) and histograms of columns.
#pragma once
#include <string>
#include <vector>

#include "cli/report/figures/axis.h"

namespace assay::report {

/// A fluid bar for a table cell whose number stands beside it; `share` of the cell in [-1, 1]. With `signed_axis` zero
/// is in the middle and negative bars go left.
Markup bar(double share, bool signed_axis = false, const char* css_class = "bar");

/// Equal-width bins of the finite values; at most `bins`, and one per value where they are few whole numbers.
struct Histogram {
  double lo = 0, hi = 1;
  std::vector<long long> counts;
};
Histogram histogram(const std::vector<double>& values, int bins = 24);

/// A small picture of a column for a table cell, with its smallest and largest value at the feet.
Markup sparkline(const Histogram& h, const std::string& name);
/// Bars of the most frequent levels, for a column of text.
Markup level_sparkline(const std::vector<long long>& counts, const std::string& name);
/// A histogram with axes.
Markup histogram_figure(const Histogram& h, const std::string& x_name, const AltText& alt, double height = 300);

/// A single stacked bar of the classes' shares, fluid; `colours` gives each class one of the page's colours 0..5, or -1
/// for grey.
Markup balance_bar(const std::vector<std::string>& classes, const std::vector<long long>& counts,
                   const std::vector<int>& colours);

}  // namespace assay::report
