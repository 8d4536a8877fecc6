#include "cli/report/html/data_card.h"

#include <algorithm>
#include <cmath>

namespace assay::report {
namespace {

constexpr size_t kMostTableRows = 14;  // columns; more of them become tiles

std::vector<double> values_of(const Samples& samples, Index f) {
  std::vector<double> values(static_cast<size_t>(samples.n()));
  if (const Columns* X = std::get_if<Columns>(&samples.X))
    for (Index i = 0; i < X->rows(); ++i) values[static_cast<size_t>(i)] = (*X)(i, f);
  else if (const Matrix* R = std::get_if<Matrix>(&samples.X))
    for (Index i = 0; i < R->rows(); ++i) values[static_cast<size_t>(i)] = (*R)(i, f);
  return values;
}

double median(std::vector<double> values) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }), values.end());
  if (values.empty()) return NAN;
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

using Counted = std::vector<std::pair<std::string, long long>>;

Counted count_levels(const std::vector<double>& codes, const std::vector<std::string>& levels) {
  Counted counted;
  for (const std::string& level : levels) counted.emplace_back(level, 0);
  for (const double code : codes)
    if (code >= 0 && code < static_cast<double>(levels.size())) ++counted[static_cast<size_t>(code)].second;
  std::stable_sort(counted.begin(), counted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return counted;
}

ColumnCard describe(const Column& column, const std::vector<double>& values) {
  ColumnCard card;
  card.name = column.name;
  card.categorical = column.categorical();
  card.missing = std::count_if(values.begin(), values.end(), [](double v) { return std::isnan(v); });
  if (card.categorical) {
    card.levels = count_levels(values, column.levels);
  } else {
    card.histogram = histogram(values);
    card.median = median(values);
  }
  return card;
}

void count_target(const Target& target, DataCard& card) {
  card.target = target.name;
  for (const std::string& name : target.classes) card.classes.emplace_back(name, 0);
  for (const int k : target.code) ++card.classes[static_cast<size_t>(k)].second;
  if (target.classes.empty())
    card.target_histogram =
        histogram(std::vector<double>(target.value.data(), target.value.data() + target.value.size()));
}

// ---- as markup
// ----------------------------------------------------------------------------------------------------------

Markup tile(const std::string& number, const std::string& what) {
  return element("div", "tile", element("b", Attributes{}, number) + element("span", Attributes{}, what));
}

std::string share_text(long long part, long long whole) {
  if (whole == 0 || part == 0) return "0 %";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return share < 0.1 ? "< 0.1 %" : coordinate(std::round(share * 10) / 10) + " %";
}

Markup tiles(const DataCard& card) {
  Markup content = tile(count_text(card.rows), card.rows == 1 ? "row" : "rows");
  content += tile(count_text(card.columns), card.columns == 1 ? "column" : "columns");
  if (!card.sparse) content += tile(count_text(card.numeric) + " / " + count_text(card.categorical), "numbers / text");
  if (card.sparse)
    content += tile(share_text(card.stored, card.rows * card.columns), "stored, the rest is 0");
  else
    content += tile(share_text(card.missing, card.rows * card.columns), "of the cells missing");
  if (!card.classes.empty()) content += tile(count_text(static_cast<long long>(card.classes.size())), "classes");
  return element("div", "tiles", content);
}

// Up to six classes have colours of their own; of two, the positive one has it. The bars of more differ by their order.
std::vector<int> class_colours(const DataCard& card) {
  std::vector<int> colours(card.classes.size(), -1);
  const bool two = card.classes.size() == 2 && !card.positive.empty();
  for (size_t k = 0; k < colours.size() && colours.size() <= 6; ++k)
    colours[k] = two ? (card.classes[k].first == card.positive ? 0 : -1) : static_cast<int>(k);
  return colours;
}

Markup target_part(const DataCard& card) {
  if (card.classes.empty())
    return with_caption(
        histogram_figure(card.target_histogram, shorten(card.target, 30),
                         {"Histogram of the target",
                          "From " + brief(card.target_histogram.lo) + " to " + brief(card.target_histogram.hi) + "."},
                         210),
        Markup("The target, ") + data_name(card.target) + ", is a number: this is how it is spread.", "narrow");
  std::vector<std::string> names;
  std::vector<long long> counts;
  Markup legend;
  static constexpr const char* kKeys[] = {"key-rest", "key-0", "key-1", "key-2", "key-3", "key-4", "key-5"};
  const std::vector<int> colours = class_colours(card);
  for (size_t k = 0; k < card.classes.size(); ++k) {
    names.push_back(card.classes[k].first);
    counts.push_back(card.classes[k].second);
    if (k < 12)
      legend += element("li", kKeys[colours[k] + 1],
                        data_name(names[k]) + (names[k] == card.positive ? " (positive) " : " ") +
                            element("span", "soft", count_text(counts[k]) + " · " + share_text(counts[k], card.rows)));
  }
  if (card.classes.size() > 12)
    legend += element("li", "soft", "and " + std::to_string(card.classes.size() - 12) + " more classes");
  return element("h4", Attributes{}, Markup("Classes of ") + data_name(card.target)) +
         balance_bar(names, counts, colours) + element("ul", "keys", legend);
}

std::string levels_text(const Counted& levels) {
  std::string text;
  for (size_t k = 0; k < levels.size() && k < 4; ++k) text += (k ? ", " : "") + shorten(levels[k].first, 18);
  return levels.size() > 4 ? text + " \u2026" : text;
}

Markup picture_of(const ColumnCard& c) {
  if (!c.categorical) return sparkline(c.histogram, shorten(c.name, 40));
  std::vector<long long> counts;
  for (const auto& level : c.levels) counts.push_back(level.second);
  return level_sparkline(counts, shorten(c.name, 40));
}

Markup range_of(const ColumnCard& c) {
  if (c.categorical) return levels_text(c.levels);
  if (c.histogram.counts.empty()) return "nothing but missing values";
  if (c.histogram.lo == c.histogram.hi) return "always " + brief(c.histogram.lo);
  return brief(c.histogram.lo) + " \u2026 " + brief(c.histogram.hi) + ", median " + brief(c.median);
}

// Many columns: a tile each, so that the page does not become a list.
Markup column_tile(const ColumnCard& c, long long rows) {
  const Markup missing = c.missing ? element("span", "warn", share_text(c.missing, rows) + " missing") : Markup();
  return element("div", "column-tile",
                 element("p", "name", data_name(c.name, 24)) + picture_of(c) + element("p", "soft", range_of(c)) +
                     (c.missing ? element("p", Attributes{}, missing) : Markup()));
}

Row column_row(const ColumnCard& c, long long rows) {
  return {{data_name(c.name, 32), "name"},
          {c.categorical
               ? Markup("text, " + std::to_string(c.levels.size()) + (c.levels.size() == 1 ? " level" : " levels"))
               : Markup("number"),
           "soft"},
          {c.missing ? Markup(count_text(c.missing) + " · " + share_text(c.missing, rows)) : Markup("\u2013"),
           c.missing ? "num warn" : "num soft"},
          {picture_of(c), "spark"},
          {range_of(c), "soft"}};
}

Markup findings_part(const DataCard& card) {
  if (card.findings.empty())
    return card.searched
               ? paragraph(
                     "Looked for and not found: constant and duplicate columns, identifiers, leaks of the target.",
                     "note")
               : Markup();
  Markup list;
  for (size_t i = 0; i < card.findings.size() && i < 20; ++i)
    list += element("li", Attributes{}, shorten(card.findings[i], 400));
  if (card.findings.size() > 20)
    list += element("li", "soft", "and " + std::to_string(card.findings.size() - 20) + " more");
  return element("ul", "findings", list);
}

}  // namespace

DataCard make_data_card(const std::string& name, const Samples& samples, const Target& target) {
  DataCard card;
  card.name = name;
  card.rows = samples.n();
  card.columns = samples.d();
  for (const Column& column : samples.columns) ++(column.categorical() ? card.categorical : card.numeric);
  count_target(target, card);
  if (const Csr* X = std::get_if<Csr>(&samples.X)) {
    card.sparse = true;
    card.stored = static_cast<long long>(X->value.size());
    return card;
  }
  for (Index f = 0; f < samples.d(); ++f) {
    const std::vector<double> values = values_of(samples, f);
    card.missing += std::count_if(values.begin(), values.end(), [](double v) { return std::isnan(v); });
    if (card.shown.size() < kMostColumns)
      card.shown.push_back(describe(samples.columns[static_cast<size_t>(f)], values));
  }
  return card;
}

Markup render_data_card(const DataCard& card) {
  std::vector<Row> rows;
  Markup columns, column_tiles;
  for (const ColumnCard& c : card.shown) {
    rows.push_back(column_row(c, card.rows));
    column_tiles += column_tile(c, card.rows);
  }
  if (rows.size() > kMostTableRows)
    columns = element("h4", "spaced", "Columns") + element("div", "column-tiles", column_tiles);
  else if (!rows.empty())
    columns =
        table("Columns", {{"column"}, {"type"}, {"missing", "num"}, {"spread"}, {"range, or the most frequent levels"}},
              rows, "columns");
  const long long more = card.columns - static_cast<long long>(rows.size());
  if (more > 0 && !rows.empty())
    columns += paragraph(
        "The first " + std::to_string(rows.size()) + " columns are shown; " + count_text(more) + " more are not.",
        "note");
  return heading(2, "The data", "data") + tiles(card) + element("div", "target", target_part(card)) +
         findings_part(card) + columns;
}

}  // namespace assay::report
