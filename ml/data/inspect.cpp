// Departures from the paper: none; these are rules of thumb, each stated in the header.
#include "assay/ml/data/inspect.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "assay/core/grain.h"
#include "assay/core/text.h"

namespace assay {
namespace {

constexpr Index kFewRows = 20;           // below, "all distinct" says nothing
constexpr double kCorrelation = 0.9999;  // of a regression's leak
constexpr Index kFolds = 5;

std::vector<double> sorted_values(const double* x, Index n) {
  std::vector<double> v;
  v.reserve(static_cast<size_t>(n));
  for (Index i = 0; i < n; ++i)
    if (!std::isnan(x[i])) v.push_back(x[i]);
  std::sort(v.begin(), v.end());
  return v;
}

ColumnSummary summary_of(const Column& column, const double* x, Index n) {
  ColumnSummary s;
  s.name = column.name;
  s.categorical = column.categorical();
  const std::vector<double> v = sorted_values(x, n);
  s.missing = n - static_cast<Index>(v.size());
  for (size_t i = 0; i < v.size(); ++i) s.distinct += i == 0 || v[i] != v[i - 1];
  if (s.categorical) {
    std::vector<Index> count(column.levels.size());
    for (const double code : v) ++count[static_cast<size_t>(code)];
    for (size_t l = 0; l < count.size(); ++l)
      if (count[l] > 0) s.levels.emplace_back(column.levels[l], count[l]);
    std::stable_sort(s.levels.begin(), s.levels.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  } else if (!v.empty()) {
    s.min = v.front();
    s.max = v.back();
    s.mean = sum(v.data(), static_cast<Index>(v.size())) / static_cast<double>(v.size());
    const size_t half = v.size() / 2;
    s.median = v.size() % 2 ? v[half] : 0.5 * (v[half - 1] + v[half]);
  }
  return s;
}

bool is_identifier(const ColumnSummary& s, const double* x, Index n) {
  if (n < kFewRows || s.missing > 0 || s.distinct != n) return false;
  if (s.categorical) return true;
  for (Index i = 0; i < n; ++i)
    if (x[i] != std::floor(x[i])) return false;
  return s.max - s.min < 10.0 * static_cast<double>(n);
}

// Every level holds rows of one class, and there are far fewer levels than rows.
bool levels_tell_class(const double* x, Index n, size_t levels, const std::vector<int>& code) {
  if (static_cast<Index>(levels) * 2 > n) return false;
  std::vector<int> seen(levels, -1);
  for (Index i = 0; i < n; ++i) {
    if (std::isnan(x[i])) return false;
    int& k = seen[static_cast<size_t>(x[i])];
    if (k >= 0 && k != code[static_cast<size_t>(i)]) return false;
    k = code[static_cast<size_t>(i)];
  }
  return true;
}

// Sorted by the column, the class changes K - 1 times, and never within equal values.
bool thresholds_tell_class(const double* x, Index n, int K, const std::vector<int>& code) {
  std::vector<int> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (Index i = 0; i < n; ++i)
    if (std::isnan(x[i])) return false;
  std::sort(order.begin(), order.end(), [&](int a, int b) { return x[a] < x[b]; });
  int changes = 0;
  for (size_t i = 1; i < order.size(); ++i) {
    if (code[static_cast<size_t>(order[i])] == code[static_cast<size_t>(order[i - 1])]) continue;
    if (x[order[i]] == x[order[i - 1]] || ++changes > K - 1) return false;
  }
  return true;
}

bool tells_value(const double* x, Index n, const Vector& y) {
  double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  for (Index i = 0; i < n; ++i) {
    if (std::isnan(x[i])) return false;
    sx += x[i];
    sy += y[i];
  }
  const double mx = sx / static_cast<double>(n), my = sy / static_cast<double>(n);
  for (Index i = 0; i < n; ++i) {
    sxx += (x[i] - mx) * (x[i] - mx);
    syy += (y[i] - my) * (y[i] - my);
    sxy += (x[i] - mx) * (y[i] - my);
  }
  return sxx > 0 && syy > 0 && std::abs(sxy) >= kCorrelation * std::sqrt(sxx * syy);
}

bool is_leak(const Column& column, const double* x, const Target& target) {
  const Index n = target.n();
  if (n < kFewRows) return false;
  if (target.task() == Task::regression) return !column.categorical() && tells_value(x, n, target.value);
  if (target.K() < 2) return false;
  return column.categorical() ? levels_tell_class(x, n, column.levels.size(), target.code)
                              : thresholds_tell_class(x, n, target.K(), target.code);
}

// FNV-1a over the column's cells; all missing cells count alike.
uint64_t hash_of(const double* x, Index n) {
  uint64_t h = 1469598103934665603ull;
  for (Index i = 0; i < n; ++i) {
    uint64_t bits = 0;
    if (!std::isnan(x[i]))
      std::memcpy(&bits, &x[i], sizeof bits);
    else
      bits = ~0ull;
    h = (h ^ bits) * 1099511628211ull;
  }
  return h;
}

bool equal_columns(const Column& a, const double* x, const Column& b, const double* y, Index n) {
  if (a.levels != b.levels) return false;
  for (Index i = 0; i < n; ++i)
    if (!(x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i])))) return false;
  return true;
}

// For each column the first earlier one that is equal, or -1.
std::vector<Index> duplicates_of(const Samples& samples) {
  const Columns& X = samples.cols();
  std::unordered_multimap<uint64_t, Index> seen;
  std::vector<Index> first(static_cast<size_t>(samples.d()), -1);
  for (Index f = 0; f < samples.d(); ++f) {
    const uint64_t h = hash_of(X.col(f).data(), X.rows());
    const auto range = seen.equal_range(h);
    for (auto it = range.first; it != range.second; ++it)
      if (equal_columns(samples.columns[static_cast<size_t>(it->second)], X.col(it->second).data(),
                        samples.columns[static_cast<size_t>(f)], X.col(f).data(), X.rows()))
        first[static_cast<size_t>(f)] = it->second;
    if (first[static_cast<size_t>(f)] < 0) seen.emplace(h, f);
  }
  return first;
}

void add_class_findings(const Target& target, std::vector<Finding>& findings) {
  if (target.task() != Task::classification || target.n() == 0) return;
  std::vector<Index> count(target.classes.size());
  for (const int k : target.code) ++count[static_cast<size_t>(k)];
  for (size_t k = 0; k < count.size(); ++k)
    if (count[k] < kFolds)
      findings.push_back({"rare class", target.name,
                          "Class '" + target.classes[k] + "' has " + std::to_string(count[k]) +
                              (count[k] == 1 ? " row" : " rows") + ": too few for five folds."});
}

}  // namespace

std::vector<ColumnSummary> summarize(const Samples& samples, int threads) {
  const Columns& X = samples.cols();
  std::vector<ColumnSummary> all(static_cast<size_t>(samples.d()));
  parallel_for(threads, samples.d(), grain_of(samples.n()), [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f)
      all[static_cast<size_t>(f)] = summary_of(samples.columns[static_cast<size_t>(f)], X.col(f).data(), X.rows());
  });
  return all;
}

std::vector<Finding> find_problems(const Samples& samples, const Target& target, int threads) {
  if (!std::holds_alternative<Columns>(samples.X)) return {};
  const Columns& X = samples.cols();
  const std::vector<ColumnSummary> summaries = summarize(samples, threads);
  const std::vector<Index> duplicate = duplicates_of(samples);
  std::vector<char> leak(summaries.size());
  if (target.n() == samples.n())
    parallel_for(threads, samples.d(), grain_of(samples.n()), [&](Index begin, Index end) {
      for (Index f = begin; f < end; ++f)
        leak[static_cast<size_t>(f)] = is_leak(samples.columns[static_cast<size_t>(f)], X.col(f).data(), target);
    });
  std::vector<Finding> findings;
  for (size_t f = 0; f < summaries.size(); ++f) {
    const ColumnSummary& s = summaries[f];
    const double* x = X.col(static_cast<Index>(f)).data();
    const std::string name = "'" + s.name + "'";
    if (s.distinct <= 1) {
      findings.push_back(
          {"constant", s.name,
           "Column " + name + (s.distinct ? " has the same value in every row." : " has no value at all.")});
      continue;
    }
    if (duplicate[f] >= 0)
      findings.push_back(
          {"duplicate", s.name,
           "Column " + name + " repeats column '" + summaries[static_cast<size_t>(duplicate[f])].name + "'."});
    if (is_identifier(s, x, X.rows()))
      findings.push_back(
          {"identifier", s.name,
           "Column " + name + " has another value in every row: likely an identifier; leave it out with --ignore."});
    else if (leak[f])
      findings.push_back(
          {"leak", s.name,
           "Column " + name + " alone tells '" + target.name + "': a leak, unless it is known before the answer is."});
    if (s.missing * 2 > X.rows())
      findings.push_back({"missing", s.name,
                          "Column " + name + " is missing in " + std::to_string(s.missing) + " of " +
                              std::to_string(X.rows()) + " rows."});
  }
  add_class_findings(target, findings);
  return findings;
}

}  // namespace assay
