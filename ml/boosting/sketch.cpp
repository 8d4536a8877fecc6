// ml/boosting/sketch.cpp
// Notation   W: total weight; level l: a summary of 2^l batches
// Method     1 gather a batch, sort it: an exact summary   2 as in a binary counter: while there is a summary of the same level,
//            merge and prune the two   3 at the end merge all levels
// Departures from the paper: equal values of a batch are one entry.
#include "assay/ml/boosting/sketch.h"

#include <algorithm>
#include <cmath>

namespace assay::boosting {
namespace {

using Entry = QuantileSketch::Entry;

double middle(const Entry& e) { return (e.r_lo + e.r_hi) / 2; }

/// [Chen2016, appendix A.2, Alg. 4]: the entry whose rank is nearest d.
size_t query_in(const std::vector<Entry>& s, double d) {
  if (d < middle(s.front())) return 0;
  const auto after = std::upper_bound(s.begin(), s.end(), d, [](double x, const Entry& e) { return x < middle(e); });
  if (after == s.end()) return s.size() - 1;
  const size_t i = static_cast<size_t>(after - s.begin()) - 1;
  return 2 * d < s[i].r_lo + s[i].w + s[i + 1].r_hi - s[i + 1].w ? i : i + 1;
}

std::vector<Entry> exact_summary(std::vector<std::pair<double, double>>& batch) {
  std::sort(batch.begin(), batch.end());
  std::vector<Entry> s;
  double before = 0;
  for (const auto& [value, weight] : batch) {
    if (s.empty() || s.back().value != value) s.push_back({value, before, before, 0});
    before += weight;
    s.back().w += weight;
    s.back().r_hi = before;
  }
  return s;
}

/// Bounds of a value that `s` does not hold, the next entry of `s` being number i. [Chen2016, appendix A, eq. 20]
Entry between(const std::vector<Entry>& s, size_t i) {
  Entry e{0, 0, 0, 0};
  if (i > 0) e.r_lo = s[i - 1].r_lo + s[i - 1].w;
  e.r_hi = i < s.size() ? s[i].r_hi - s[i].w : s.back().r_hi;
  return e;
}

/// The bounds add up. [Chen2016, appendix A.1]
std::vector<Entry> merge(const std::vector<Entry>& a, const std::vector<Entry>& b) {
  std::vector<Entry> out;
  out.reserve(a.size() + b.size());
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const bool from_a = i < a.size() && (j == b.size() || a[i].value <= b[j].value);
    const bool from_b = j < b.size() && (i == a.size() || b[j].value <= a[i].value);
    const Entry x = from_a ? a[i] : between(a, i), y = from_b ? b[j] : between(b, j);
    out.push_back({from_a ? x.value : y.value, x.r_lo + y.r_lo, x.r_hi + y.r_hi, x.w + y.w});
    i += from_a;
    j += from_b;
  }
  return out;
}

/// At most b + 1 entries. [Chen2016, appendix A.2]
std::vector<Entry> prune(const std::vector<Entry>& s, size_t b) {
  if (s.size() <= b + 1) return s;
  std::vector<Entry> out;
  size_t last = s.size();
  for (size_t i = 0; i <= b; ++i) {
    const size_t at = query_in(s, s.back().r_hi * static_cast<double>(i) / static_cast<double>(b));
    if (at != last) out.push_back(s[at]);
    last = at;
  }
  return out;
}

}  // namespace

QuantileSketch::QuantileSketch(double error, double n) {
  // L levels of pruning cost L W / b together: b = L / error
  double levels = 1;
  while (levels / error * std::exp2(levels) < n) ++levels;
  size_ = static_cast<size_t>(std::ceil(levels / error)) + 1;
}

void QuantileSketch::add(double value, double weight) {
  gathered_.emplace_back(value, weight);
  if (gathered_.size() >= size_) flush();
}

void QuantileSketch::flush() {
  std::vector<Entry> s = exact_summary(gathered_);
  gathered_.clear();
  size_t l = 0;
  for (; l < level_.size() && !level_[l].empty(); ++l) {
    s = prune(merge(level_[l], s), size_);
    level_[l].clear();
  }
  if (l == level_.size()) level_.emplace_back();
  level_[l] = std::move(s);
}

void QuantileSketch::finish() {
  if (!gathered_.empty()) summary_ = exact_summary(gathered_);
  for (const std::vector<Entry>& s : level_)
    if (!s.empty()) summary_ = summary_.empty() ? s : merge(summary_, s);
}

size_t QuantileSketch::query(double d) const { return query_in(summary_, d); }

}  // namespace assay::boosting
