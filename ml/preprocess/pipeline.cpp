// Method     1 impute: a numeric column's median, a text column's most frequent level   2 encode: a text column becomes
//            one column of 0 and 1 a level (one in all for two levels)   3 scale numeric columns   4 lay out
// Departures from the paper: none; each step is the textbook's. Indicator columns are not scaled.
#include "assay/ml/preprocess/pipeline.h"

#include <algorithm>
#include <cmath>

#include "assay/core/text.h"

namespace assay {
namespace {

constexpr double kDenseBudget = 8e9;  // bytes a sparse table may take as a dense one

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
    case Scale::standard: return "standard: minus the mean, over the standard deviation (1/n)";
    case Scale::minmax: return "minmax: to 0..1";
    case Scale::robust: return "robust: minus the median, over the interquartile range";
    default: return "none";
  }
}

const char* scale_word(Scale scale) {
  for (const auto& item : scale_names.items)
    if (item.second == scale) return item.first;
  return "none";
}

Columns as_columns(const Samples& raw) {
  if (const auto* X = std::get_if<Columns>(&raw.X)) return *X;
  if (const auto* X = std::get_if<Matrix>(&raw.X)) return *X;
  return dense(raw.sparse());
}

}  // namespace

Pipeline Pipeline::fit(const Samples& train, const Traits& traits, const PipelineOptions& options, int threads) {
  Pipeline p;
  p.input_ = train.columns;
  p.layout_ = traits.layout;
  p.impute_ = !traits.accepts_missing;
  p.encode_ = !traits.accepts_categories;
  p.scale_ = options.scale != Scale::automatic ? options.scale : traits.needs_scaling ? Scale::standard : Scale::none;
  const bool sparse = std::holds_alternative<Csr>(train.X);
  if (sparse && traits.accepts_sparse && p.scale_ == Scale::none) {
    p.keep_sparse_ = true;
    p.fill_.assign(p.input_.size(), 0);
    p.output_ = p.input_;
    for (Index f = 0; f < train.d(); ++f) p.origin_.push_back(static_cast<int>(f));
    p.offset_.assign(p.output_.size(), 0);
    p.spread_.assign(p.output_.size(), 1);
    return p;
  }
  if (sparse && 8.0 * static_cast<double>(train.n()) * static_cast<double>(train.d()) > kDenseBudget)
    throw DataError("as a dense table the " + std::to_string(train.n()) + " x " + std::to_string(train.d()) +
                        " sparse one would take more than 8 GB",
                    "use a learner that accepts sparse tables");
  const Columns X = as_columns(train);
  std::vector<Spread> spread(p.input_.size());
  p.fill_.assign(p.input_.size(), 0);
  p.missing_.assign(p.input_.size(), 0);
  parallel_for(threads, train.d(), 1, [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f) {
      const auto& column = p.input_[static_cast<size_t>(f)];
      std::vector<double> x = present(X.col(f).data(), X.rows());
      p.missing_[static_cast<size_t>(f)] = static_cast<int>(X.rows() - static_cast<Index>(x.size()));
      double& fill = p.fill_[static_cast<size_t>(f)];
      if (p.impute_ && !x.empty()) fill = column.categorical() ? most_frequent(x, column.levels.size()) : quantile(x, 0.5);
      if (column.categorical() || p.scale_ == Scale::none) continue;
      if (p.impute_) x.resize(static_cast<size_t>(X.rows()), fill);  // spread of the column as the learner will see it
      spread[static_cast<size_t>(f)] = spread_of(std::move(x), p.scale_);
    }
  });
  p.lay_out_columns();
  for (size_t j = 0; j < p.output_.size(); ++j) {
    const bool indicator = p.encode_ && p.input_[static_cast<size_t>(p.origin_[j])].categorical();
    const Spread s = indicator ? Spread{} : spread[static_cast<size_t>(p.origin_[j])];
    p.offset_.push_back(s.offset);
    p.spread_.push_back(s.spread);
  }
  return p;
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
  const Columns converted = std::holds_alternative<Columns>(raw.X) ? Columns() : as_columns(raw);
  const Columns& X = std::holds_alternative<Columns>(raw.X) ? raw.cols() : converted;
  const Index n = X.rows(), d = static_cast<Index>(output_.size());
  const auto cell = [&](Index i, Index j) {
    const auto f = static_cast<size_t>(origin_[static_cast<size_t>(j)]);
    double x = X(i, static_cast<Index>(f));
    if (impute_ && std::isnan(x)) x = fill_[f];
    const int level = level_.empty() ? -1 : level_[static_cast<size_t>(j)];
    if (level >= 0) return std::isnan(x) ? x : (x == level ? 1.0 : 0.0);
    return (x - offset_[static_cast<size_t>(j)]) / spread_[static_cast<size_t>(j)];
  };
  constexpr Index kRows = 256;  // a block of so many rows stays in cache while it is turned
  if (layout_ == Layout::rows) {
    Matrix Y(n, d);
    parallel_for(threads, n, kRows, [&](Index begin, Index end) {
      for (Index j = 0; j < d; ++j)
        for (Index i = begin; i < end; ++i) Y(i, j) = cell(i, j);
    });
    out.X = std::move(Y);
  } else {
    Columns Y(n, d);
    parallel_for(threads, d, 1, [&](Index begin, Index end) {
      for (Index j = begin; j < end; ++j)
        for (Index i = 0; i < n; ++i) Y(i, j) = cell(i, j);
    });
    out.X = std::move(Y);
  }
  return out;
}

std::vector<std::string> Pipeline::description() const {
  std::vector<std::string> steps;
  std::vector<std::string> filled, encoded;
  size_t scaled = 0;
  for (size_t f = 0; f < input_.size(); ++f) {
    const Column& c = input_[f];
    if (missing_.size() > f && missing_[f] > 0 && impute_)
      filled.push_back(c.name + " = " + (c.categorical() ? c.levels[static_cast<size_t>(fill_[f])] : six_digits(fill_[f])) + " for " +
                       std::to_string(missing_[f]) + (missing_[f] == 1 ? " cell" : " cells"));
    if (c.categorical()) encoded.push_back(c.name);
    else ++scaled;
  }
  if (!filled.empty()) steps.push_back("impute: median or most frequent level (" + join(filled, ", ") + ")");
  if (encode_ && !encoded.empty()) steps.push_back("encode: one column of 0 and 1 a level (" + join(encoded, ", ") + ")");
  if (scale_ != Scale::none && scaled > 0) steps.push_back("scale: " + scale_text(scale_) + ", " + std::to_string(scaled) +
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

Pipeline Pipeline::load(const ArchiveReader& in, const std::vector<Column>& input) {
  Pipeline p;
  p.input_ = input;
  p.impute_ = in.flag("impute");
  p.encode_ = in.flag("encode");
  p.keep_sparse_ = in.flag("sparse");
  const std::string layout = in.text("layout"), scale = in.text("scale");
  if (layout != "rows" && layout != "columns") in.fail("layout must be rows or columns, got " + quoted(layout));
  p.layout_ = layout == "columns" ? Layout::columns : Layout::rows;
  bool known = false;
  for (const auto& item : scale_names.items) {
    if (scale != item.first) continue;
    p.scale_ = item.second;
    known = true;
  }
  if (!known) in.fail("unknown scale " + quoted(scale));
  p.lay_out_columns();
  p.fill_ = in.numbers("fill");
  p.missing_ = in.integers("missing", 0, 2147483647);
  p.offset_ = in.numbers("offset");
  p.spread_ = in.numbers("spread");
  if (p.fill_.size() != input.size()) in.fail("fill has " + std::to_string(p.fill_.size()) + " values, the table " + std::to_string(input.size()) + " columns");
  if (p.offset_.size() != p.output_.size() || p.spread_.size() != p.output_.size())
    in.fail("offset and spread must have one value for each of the " + std::to_string(p.output_.size()) + " columns");
  for (size_t f = 0; f < p.fill_.size(); ++f) {
    const auto levels = static_cast<double>(input[f].levels.size());
    if (input[f].categorical() && !(p.fill_[f] >= 0 && p.fill_[f] < levels && p.fill_[f] == std::floor(p.fill_[f])))
      in.fail("fill[" + std::to_string(f) + "] is not a level of its column");
  }
  for (const double s : p.spread_)
    if (!(s > 0)) in.fail("spread must be > 0");
  return p;
}

}  // namespace assay
