// cli/report/html/data_card.h: what a table looks like, before anybody learns from it.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "assay/ml/data/samples.h"
#include "cli/report/figures/bars.h"
#include "cli/report/html/parts.h"

namespace assay::report {

struct ColumnCard {
  std::string name;
  bool categorical = false;
  long long missing = 0;
  Histogram histogram;                                    ///< numeric
  double median = 0;                                      ///< numeric
  std::vector<std::pair<std::string, long long>> levels;  ///< categorical, the most frequent first
};

struct DataCard {
  std::string name;  ///< of the data set, as the user typed it
  long long rows = 0, columns = 0, numeric = 0, categorical = 0;
  long long missing = 0;  ///< cells
  bool sparse = false;    ///< then `stored` entries, the rest is 0
  long long stored = 0;
  std::string target;
  std::vector<std::pair<std::string, long long>> classes;  ///< classification: rows of each
  std::string positive;                                    ///< of two classes; may be empty
  Histogram target_histogram;                              ///< regression
  std::vector<ColumnCard> shown;                           ///< at most kMostColumns of the columns
  /// Sentences on what looks wrong: constant or duplicate columns, likely identifiers, leaks, rows dropped, columns
  /// ignored.
  std::vector<std::string> findings;
  bool searched = false;  ///< somebody looked for those: then an empty list is worth saying
};

inline constexpr size_t kMostColumns = 60;

/// Counts and histograms of `samples` (Columns layout, Matrix or Csr) and `target`; `findings` is left to the caller.
DataCard make_data_card(const std::string& name, const Samples& samples, const Target& target);

Markup render_data_card(const DataCard& card);

}  // namespace assay::report
