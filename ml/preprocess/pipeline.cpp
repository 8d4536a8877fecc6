// Method     1 impute: a numeric column's median (a long column without missing cells: that of every k-th row), a text
//            column's most frequent level   2 encode: a text column becomes one column of 0 and 1 a level (one in all for
//            two levels)   3 scale numeric columns   4 lay out
// Departures from the paper: none; each step is the textbook's. Indicator columns are not scaled.
#include "assay/ml/preprocess/pipeline.h"

#include <algorithm>
#include <cmath>

#include "assay/core/grain.h"
#include "assay/core/text.h"

namespace assay {
namespace {

constexpr double kDenseBudget = 8e9;  // bytes a sparse table may take as a dense one

constexpr Index kMedianRows = 8192;  // of a column without missing cells, so many at least give the median

Index count_missing(const double* x, Index n) {
  constexpr Index kLanes = 8;
  long long lane[kLanes] = {};
  Index i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (Index l = 0; l < kLanes; ++l) lane[l] += x[i + l] != x[i + l];
  for (; i < n; ++i) lane[0] += x[i] != x[i];
  return static_cast<Index>(lane[0] + lane[1] + lane[2] + lane[3] + lane[4] + lane[5] + lane[6] + lane[7]);
}

// Every k-th value, at least kMedianRows of them.
std::vector<double> spread_out(const double* x, Index n) {
  const Index step = std::max<Index>(1, n / kMedianRows);
  std::vector<double> values;
  for (Index i = 0; i < n; i += step) values.push_back(x[i]);
  return values;
}

// The values of a column that are there.
std::vector<double> present(const double* x, Index n) {
  std::vector<double> values;
  values.reserve(static_cast<size_t>(n));
  for (Index i = 0; i < n; ++i)
    if (!std::isnan(x[i])) values.push_back(x[i]);
  return values;
}

// The value below which a share q of the values lies, interpolated between neighbours (Hyndman and Fan 1996, type 7).
double quantile(std::vector<double>& values, double q) {
  const double position = q * static_cast<double>(values.size() - 1);
  const auto lower = static_cast<size_t>(position);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(lower), values.end());
  const double a = values[lower];
  if (lower + 1 >= values.size()) return a;
  const double b = *std::min_element(values.begin() + static_cast<std::ptrdiff_t>(lower) + 1, values.end());
  return a + (position - static_cast<double>(lower)) * (b - a);
}

double most_frequent(const std::vector<double>& codes, size_t levels) {
  std::vector<Index> count(levels);
  for (const double c : codes) ++count[static_cast<size_t>(c)];
  return static_cast<double>(std::max_element(count.begin(), count.end()) - count.begin());
}

struct Spread {
  double offset = 0, spread = 1;
};

// Where a column lies and how wide it is; a constant column keeps spread 1.
Spread spread_of(std::vector<double> x, Scale scale) {
  Spread s;
  if (x.empty() || scale == Scale::none) return s;
  const auto n = static_cast<double>(x.size());
  if (scale == Scale::standard) {
    s.offset = sum(x.data(), static_cast<Index>(x.size())) / n;
    for (double& v : x) v = (v - s.offset) * (v - s.offset);
    s.spread = std::sqrt(sum(x.data(), static_cast<Index>(x.size())) / n);
    // A constant column leaves only the rounding of its mean.
    if (s.spread <= 1e-14 * std::abs(s.offset)) s.spread = 0;
  } else if (scale == Scale::minmax) {
    const auto [lo, hi] = std::minmax_element(x.begin(), x.end());
    s = {*lo, *hi - *lo};
  } else {
    s.spread = quantile(x, 0.75) - quantile(x, 0.25);
    s.offset = quantile(x, 0.5);
  }
  if (!(s.spread > 0) || !std::isfinite(s.spread)) s.spread = 1;
  return s;
}

std::string scale_text(Scale scale) {
  switch (scale) {
    case Scale::standard:
      return "standard: minus the mean, over the standard deviation (1/n)";
    case Scale::minmax:
      return "minmax: to 0..1";
    case Scale::robust:
      return "robust: minus the median, over the interquartile range";
    default:
      return "none";
  }
}

const char* scale_word(Scale scale) {
  for (const auto& item : scale_names.items)
    if (item.second == scale) return item.first;
  return "none";
}

// The samples column by column; `made` holds them where they were laid out otherwise.
const Columns& as_columns(const Samples& raw, Columns& made) {
  if (const auto* X = std::get_if<Columns>(&raw.X)) return *X;
  if (const auto* X = std::get_if<Matrix>(&raw.X))
    made = *X;
  else
    made = dense(raw.sparse());
  return made;
}

void check_dense_size(const Samples& raw) {
  if (8.0 * static_cast<double>(raw.n()) * static_cast<double>(raw.d()) > kDenseBudget)
    throw DataError("as a dense table the " + std::to_string(raw.n()) + " x " + std::to_string(raw.d()) +
                        " sparse one would take more than 8 GB",
                    "use a learner that accepts sparse tables");
}

}  // namespace

Pipeline Pipeline::fit(const Samples& train, const Traits& traits, const PipelineOptions& options, int threads) {
  Pipeline p;
  p.input_ = train.columns;
  p.layout_ = traits.layout;
  p.impute_ = !traits.accepts_missing;
  p.encode_ = !traits.accepts_categories;
  const bool sparse = std::holds_alternative<Csr>(train.X), stays_sparse = sparse && traits.accepts_sparse;
  p.scale_ = options.scale != Scale::automatic       ? options.scale
             : traits.needs_scaling && !stays_sparse ? Scale::standard
                                                     : Scale::none;
  p.fill_.assign(p.input_.size(), 0);
  p.missing_.assign(p.input_.size(), 0);
  p.lay_out_columns();
  std::vector<double> offset(p.input_.size(), 0), spread(p.input_.size(), 1);
  p.keep_sparse_ = stays_sparse && p.scale_ == Scale::none;
  if (!p.keep_sparse_) {
    if (sparse) check_dense_size(train);
    Columns made;
    p.learn_columns(as_columns(train, made), offset, spread, threads);
  }
  for (size_t j = 0; j < p.output_.size(); ++j) {
    const auto f = static_cast<size_t>(p.origin_[j]);
    p.offset_.push_back(offset[f]);
    p.spread_.push_back(spread[f]);
  }
  return p;
}

// What fills a missing cell of each column, and where the column lies and how wide it is: numeric columns alone are scaled.
void Pipeline::learn_columns(const Columns& X, std::vector<double>& offset, std::vector<double>& spread, int threads) {
  parallel_for(threads, X.cols(), grain_of(X.rows()), [&](Index begin, Index end) {
    for (Index j = begin; j < end; ++j) {
      const auto f = static_cast<size_t>(j);
      const Column& column = input_[f];
      missing_[f] = static_cast<int>(count_missing(X.col(j).data(), X.rows()));
      // Complete in training: only new rows may need the median, and evenly spaced rows give it well enough.
      if (missing_[f] == 0 && impute_ && !column.categorical() && X.rows() > 2 * kMedianRows) {
        std::vector<double> some = spread_out(X.col(j).data(), X.rows());
        fill_[f] = quantile(some, 0.5);
        if (scale_ == Scale::none) continue;
        const Spread s = spread_of(present(X.col(j).data(), X.rows()), scale_);
        offset[f] = s.offset;
        spread[f] = s.spread;
        continue;
      }
      std::vector<double> x = present(X.col(j).data(), X.rows());
      if (impute_ && !x.empty())
        fill_[f] = column.categorical() ? most_frequent(x, column.levels.size()) : quantile(x, 0.5);
      if (column.categorical() || scale_ == Scale::none) continue;
      if (impute_) x.resize(static_cast<size_t>(X.rows()), fill_[f]);  // the column as the learner will see it
      const Spread s = spread_of(std::move(x), scale_);
      offset[f] = s.offset;
      spread[f] = s.spread;
    }
  });
}

// Fills output_, origin_ and level_ from input_: an encoded text column with L levels gives L columns, with two levels one.
void Pipeline::lay_out_columns() {
  for (size_t f = 0; f < input_.size(); ++f) {
    const Column& column = input_[f];
    if (!encode_ || !column.categorical()) {
      output_.push_back(column);
      origin_.push_back(static_cast<int>(f));
      level_.push_back(-1);
      continue;
    }
    for (size_t l = column.levels.size() == 2 ? 1 : 0; l < column.levels.size(); ++l) {
      output_.push_back({column.name + "=" + column.levels[l], {}});
      origin_.push_back(static_cast<int>(f));
      level_.push_back(static_cast<int>(l));
    }
  }
}

Samples Pipeline::transform(const Samples& raw, int threads) const {
  Samples out;
  out.columns = output_;
  out.weight = raw.weight;
  out.groups = raw.groups;
  if (keep_sparse_ && std::holds_alternative<Csr>(raw.X)) {
    out.X = raw.sparse();
    return out;
  }
  Columns made;
  const Columns& X = as_columns(raw, made);
  if (layout_ == Layout::rows)
    out.X = rows_of(X, threads);
  else
    out.X = columns_of(X, threads);
  return out;
}

bool Pipeline::trained_complete() const {
  return std::all_of(missing_.begin(), missing_.end(), [](int m) { return m == 0; });
}

bool Pipeline::keeps_cells() const {
  const bool text = std::any_of(input_.begin(), input_.end(), [](const Column& c) { return c.categorical(); });
  return scale_ == Scale::none && !(encode_ && text);
}

bool Pipeline::identity() const { return keeps_cells() && (!impute_ || trained_complete()); }

bool Pipeline::leaves_alone(const Samples& raw, bool complete, int threads) const {
  if (std::holds_alternative<Csr>(raw.X)) return keep_sparse_;
  if (layout_ != Layout::columns || !std::holds_alternative<Columns>(raw.X) || !keeps_cells()) return false;
  if (!impute_ || complete) return true;
  const Columns& X = raw.cols();
  return parallel_reduce(
             threads, X.cols(), 1, Index(0),
             [&](Index begin, Index) { return count_missing(X.col(begin).data(), X.rows()); },
             [](Index& total, Index part) { total += part; }) == 0;
}

// Row i of output column j, as the learner sees it.
double Pipeline::cell(const Columns& X, Index i, size_t j) const {
  const auto f = static_cast<size_t>(origin_[j]);
  double x = X(i, static_cast<Index>(f));
  if (impute_ && std::isnan(x)) x = fill_[f];
  if (level_[j] >= 0) return std::isnan(x) ? x : (x == level_[j] ? 1.0 : 0.0);
  return (x - offset_[j]) / spread_[j];
}

Matrix Pipeline::rows_of(const Columns& X, int threads) const {
  constexpr Index kRows = 256;  // a block of so many rows stays in cache while it is turned
  const auto d = static_cast<Index>(output_.size());
  Matrix Y(X.rows(), d);
  parallel_for(threads_for_steps(threads, X.rows() * d), X.rows(), kRows, [&](Index begin, Index end) {
    for (Index j = 0; j < d; ++j)
      for (Index i = begin; i < end; ++i) Y(i, j) = cell(X, i, static_cast<size_t>(j));
  });
  return Y;
}

Columns Pipeline::columns_of(const Columns& X, int threads) const {
  Columns Y(X.rows(), static_cast<Index>(output_.size()));
  parallel_for(threads, Y.cols(), grain_of(X.rows()), [&](Index begin, Index end) {
    for (Index j = begin; j < end; ++j)
      for (Index i = 0; i < X.rows(); ++i) Y(i, j) = cell(X, i, static_cast<size_t>(j));
  });
  return Y;
}

std::vector<std::string> Pipeline::description() const {
  std::vector<std::string> steps;
  std::vector<std::string> filled, encoded;
  size_t scaled = 0;
  for (size_t f = 0; f < input_.size(); ++f) {
    const Column& c = input_[f];
    if (missing_.size() > f && missing_[f] > 0 && impute_)
      filled.push_back(c.name + " = " +
                       (c.categorical() ? c.levels[static_cast<size_t>(fill_[f])] : six_digits(fill_[f])) + " for " +
                       std::to_string(missing_[f]) + (missing_[f] == 1 ? " cell" : " cells"));
    if (c.categorical())
      encoded.push_back(c.name);
    else
      ++scaled;
  }
  if (!filled.empty()) steps.push_back("impute: median or most frequent level (" + join(filled, ", ") + ")");
  if (encode_ && !encoded.empty())
    steps.push_back("encode: one column of 0 and 1 a level (" + join(encoded, ", ") + ")");
  if (keep_sparse_) steps.push_back("sparse: kept so, which means not scaled  [--scale]");
  if (scale_ != Scale::none && scaled > 0)
    steps.push_back("scale: " + scale_text(scale_) + ", " + std::to_string(scaled) +
                    (scaled == 1 ? " column" : " columns") + "  [--scale]");
  return steps;
}

void Pipeline::save(ArchiveWriter& out) const {
  out.flag("impute", impute_);
  out.flag("encode", encode_);
  out.flag("sparse", keep_sparse_);
  out.text("scale", scale_word(scale_));
  out.text("layout", layout_ == Layout::rows ? "rows" : "columns");
  out.numbers("fill", fill_);
  out.integers("missing", missing_);
  out.numbers("offset", offset_);
  out.numbers("spread", spread_);
}

bool Pipeline::suits(const Traits& traits) const {
  return layout_ == traits.layout && (impute_ || traits.accepts_missing) && (encode_ || traits.accepts_categories) &&
         (!keep_sparse_ || traits.accepts_sparse);
}

Pipeline Pipeline::load(const ArchiveReader& in, const std::vector<Column>& input, const Traits& traits) {
  Pipeline p;
  p.input_ = input;
  p.impute_ = in.flag("impute");
  p.encode_ = in.flag("encode");
  p.keep_sparse_ = in.flag("sparse");
  p.layout_ = in.text("layout") == "columns" ? Layout::columns : Layout::rows;
  const std::string scale = in.text("scale");
  const auto* known = std::find_if(std::begin(scale_names.items), std::end(scale_names.items),
                                   [&](const auto& item) { return scale == item.first; });
  if (known == std::end(scale_names.items)) in.fail("there is no scale " + quoted(scale));
  p.scale_ = known->second;
  if (p.impute_ == traits.accepts_missing || p.encode_ == traits.accepts_categories || p.layout_ != traits.layout ||
      (p.keep_sparse_ && (!traits.accepts_sparse || p.scale_ != Scale::none)))
    in.fail("its steps are not those of this learner");
  p.lay_out_columns();
  p.fill_ = in.numbers("fill");
  p.missing_ = in.integers("missing", 0, 2147483647);
  p.offset_ = in.numbers("offset");
  p.spread_ = in.numbers("spread");
  if (p.fill_.size() != input.size() || p.missing_.size() != input.size())
    in.fail("fill and missing must have one value for each of the " + std::to_string(input.size()) + " columns");
  if (p.offset_.size() != p.output_.size() || p.spread_.size() != p.output_.size())
    in.fail("offset and spread must have one value for each of the " + std::to_string(p.output_.size()) +
            " columns the learner sees");
  for (size_t f = 0; f < p.fill_.size(); ++f) {
    const auto levels = static_cast<double>(input[f].levels.size());
    if (input[f].categorical() && !(p.fill_[f] >= 0 && p.fill_[f] < levels && p.fill_[f] == std::floor(p.fill_[f])))
      in.fail("fill[" + std::to_string(f) + "] is not a level of its column");
  }
  for (size_t j = 0; j < p.spread_.size(); ++j) {
    const bool categorical = input[static_cast<size_t>(p.origin_[j])].categorical();
    if (!(p.spread_[j] > 0)) in.fail("spread[" + std::to_string(j) + "] must be > 0");
    if (categorical && (p.offset_[j] != 0 || p.spread_[j] != 1)) in.fail("a text column is not scaled");
  }
  return p;
}

}  // namespace assay
