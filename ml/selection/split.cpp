// ml/selection/split.cpp
// Method     Dealing. Rows are put in an order that is random but for what must be balanced (sorted by class, shuffled
//            within it); place p of that order belongs to fold p mod k. Any run of consecutive places then spreads over
//            the folds with counts that differ by at most one: the whole, and each class.
#include "assay/ml/selection/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {
namespace {

void require_folds(int folds, Index most, const char* what) {
  if (folds < 2) throw UsageError("folds must be at least 2, not " + std::to_string(folds));
  if (folds > most)
    throw UsageError(
        std::to_string(folds) + " folds need at least as many " + what + "; there are " + std::to_string(most),
        "--folds " + std::to_string(std::max<Index>(2, most)));
}

/// Train and test lists from the fold of each row.
std::vector<Fold> folds_from(const std::vector<int>& fold_of, int folds) {
  std::vector<Fold> result(static_cast<size_t>(folds));
  for (int f = 0; f < folds; ++f)
    for (size_t i = 0; i < fold_of.size(); ++i)
      (fold_of[i] == f ? result[static_cast<size_t>(f)].test : result[static_cast<size_t>(f)].train)
          .push_back(static_cast<int>(i));
  return result;
}

int class_count(const std::vector<int>& code) {
  return code.empty() ? 1 : *std::max_element(code.begin(), code.end()) + 1;
}

/// Rows sorted by class, in random order within each; `code` empty: one class.
std::vector<int> shuffled_within_classes(size_t n, const std::vector<int>& code, Rng rng) {
  std::vector<int> order = rng.permutation(static_cast<int>(n));
  if (!code.empty())
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return code[static_cast<size_t>(a)] < code[static_cast<size_t>(b)]; });
  return order;
}

std::vector<Fold> deal(const std::vector<int>& order, int folds) {
  std::vector<int> fold_of(order.size());
  for (size_t p = 0; p < order.size(); ++p)
    fold_of[static_cast<size_t>(order[p])] = static_cast<int>(p % static_cast<size_t>(folds));
  return folds_from(fold_of, folds);
}

/// The rows of each group, in order of the groups' codes; empty groups are dropped.
std::vector<std::vector<int>> rows_by_group(const std::vector<int>& groups) {
  std::vector<std::vector<int>> rows(static_cast<size_t>(class_count(groups)));
  for (size_t i = 0; i < groups.size(); ++i) rows[static_cast<size_t>(groups[i])].push_back(static_cast<int>(i));
  rows.erase(std::remove_if(rows.begin(), rows.end(), [](const std::vector<int>& r) { return r.empty(); }), rows.end());
  return rows;
}

/// Shares of each class: of a group's rows, or of what a fold holds already.
using Shares = std::vector<double>;

Shares class_shares(const std::vector<int>& rows, const std::vector<int>& code,
                    const std::vector<double>& rows_of_class) {
  Shares shares(rows_of_class.size());
  for (const int i : rows) {
    const size_t c = code.empty() ? 0 : static_cast<size_t>(code[static_cast<size_t>(i)]);
    shares[c] += 1 / rows_of_class[c];
  }
  return shares;
}

/// sum_c (held_c + g_c)^2 - held_c^2.
double growth(const Shares& held, const Shares& group) {
  double total = 0;
  for (size_t c = 0; c < held.size(); ++c) total += group[c] * (2 * held[c] + group[c]);
  return total;
}

/// Groups in random order, each into the test side where that brings it nearer to its share; one side must not stay
/// empty: then the smallest group changes sides.
Fold hold_out_groups(const std::vector<int>& groups, double test_fraction, const Context& ctx) {
  std::vector<std::vector<int>> by_group = rows_by_group(groups);
  if (by_group.size() < 2) throw UsageError("a split by group needs at least two groups");
  ctx.rng().shuffle(by_group);
  const double goal = test_fraction * static_cast<double>(groups.size());
  std::vector<int> fold_of(groups.size(), 0);
  auto put = [&](const std::vector<int>& rows, int side) {
    for (const int i : rows) fold_of[static_cast<size_t>(i)] = side;
  };
  double taken = 0;
  size_t chosen = 0;
  for (const std::vector<int>& rows : by_group) {
    const double size = static_cast<double>(rows.size());
    if (taken + size / 2 > goal) continue;
    put(rows, 1);
    taken += size;
    ++chosen;
  }
  if (chosen == 0 || chosen == by_group.size()) {
    const auto smaller = [](const std::vector<int>& a, const std::vector<int>& b) { return a.size() < b.size(); };
    put(*std::min_element(by_group.begin(), by_group.end(), smaller), chosen == 0 ? 1 : 0);
  }
  return std::move(folds_from(fold_of, 2)[1]);
}

}  // namespace

std::vector<Fold> k_fold(Index n, int folds, const Context& ctx) {
  require_folds(folds, n, "rows");
  return deal(shuffled_within_classes(static_cast<size_t>(n), {}, ctx.rng()), folds);
}

std::vector<Fold> stratified_k_fold(const std::vector<int>& code, int folds, const Context& ctx) {
  require_folds(folds, static_cast<Index>(code.size()), "rows");
  return deal(shuffled_within_classes(code.size(), code, ctx.rng()), folds);
}

std::vector<Fold> group_k_fold(const std::vector<int>& groups, const std::vector<int>& code, int folds,
                               const Context& ctx) {
  std::vector<std::vector<int>> by_group = rows_by_group(groups);
  require_folds(folds, static_cast<Index>(by_group.size()), "groups");
  ctx.rng().shuffle(by_group);
  std::stable_sort(by_group.begin(), by_group.end(),
                   [](const std::vector<int>& a, const std::vector<int>& b) { return a.size() > b.size(); });

  std::vector<double> rows_of_class(static_cast<size_t>(class_count(code)));
  for (size_t i = 0; i < groups.size(); ++i) rows_of_class[code.empty() ? 0 : static_cast<size_t>(code[i])] += 1;

  std::vector<Shares> held(static_cast<size_t>(folds), Shares(rows_of_class.size()));
  std::vector<size_t> size(static_cast<size_t>(folds));
  std::vector<int> fold_of(groups.size());
  for (size_t g = 0; g < by_group.size(); ++g) {
    const Shares group = class_shares(by_group[g], code, rows_of_class);
    const size_t empty = static_cast<size_t>(std::count(size.begin(), size.end(), size_t{0}));
    const bool must_fill = by_group.size() - g <= empty;  // so that no fold stays empty
    size_t best = size.size();
    double least = 0;
    for (size_t f = 0; f < size.size(); ++f) {
      if (must_fill && size[f] > 0) continue;
      const double grows = growth(held[f], group);
      if (best < size.size() && (grows > least || (grows == least && size[f] >= size[best]))) continue;
      best = f;
      least = grows;
    }
    for (size_t c = 0; c < group.size(); ++c) held[best][c] += group[c];
    size[best] += by_group[g].size();
    for (const int i : by_group[g]) fold_of[static_cast<size_t>(i)] = static_cast<int>(best);
  }
  return folds_from(fold_of, folds);
}

std::vector<Fold> make_folds(const Samples& samples, const Target& target, int folds, int repeats, const Context& ctx,
                             std::vector<std::string>* warnings) {
  if (repeats < 1) throw UsageError("repeats must be at least 1, not " + std::to_string(repeats));
  std::vector<Fold> all;
  for (int r = 0; r < repeats; ++r) {
    const Context here = ctx.child("split", static_cast<uint64_t>(r));
    std::vector<Fold> once = !samples.groups.empty() ? group_k_fold(samples.groups, target.code, folds, here)
                             : target.task() == Task::classification ? stratified_k_fold(target.code, folds, here)
                                                                     : k_fold(target.n(), folds, here);
    for (Fold& fold : once) {
      fold.repeat = r;
      all.push_back(std::move(fold));
    }
  }
  if (warnings) {
    std::vector<Index> rows(target.classes.size());
    for (const int k : target.code) ++rows[static_cast<size_t>(k)];
    for (size_t k = 0; k < rows.size(); ++k)
      if (rows[k] > 0 && rows[k] < folds)
        warnings->push_back("class " + quoted(target.classes[k]) + " has " + std::to_string(rows[k]) +
                            (rows[k] == 1 ? " row" : " rows") + ", fewer than the " + std::to_string(folds) +
                            " folds: some folds test none of it");
  }
  return all;
}

std::string fold_note(const Samples& samples, const Target& target, int folds, int repeats) {
  const bool classes = target.task() == Task::classification;
  std::string note = repeats > 1 ? std::to_string(repeats) + " times " : "";
  note += std::to_string(folds) + " folds";
  if (!samples.groups.empty()) return note + (classes ? ", whole groups, classes balanced" : ", whole groups");
  return note + (classes ? ", stratified by class" : "");
}

Fold hold_out(const Samples& samples, const Target& target, double test_fraction, const Context& ctx) {
  if (!(test_fraction > 0 && test_fraction < 1))
    throw UsageError("the held-out fraction must be between 0 and 1, not " + shortest(test_fraction));
  if (!samples.groups.empty()) return hold_out_groups(samples.groups, test_fraction, ctx);
  const size_t n = static_cast<size_t>(target.n());
  if (n < 2) throw UsageError("a split needs at least two rows");
  // Systematic sampling of the order by class: place p is drawn where p f + 1/2 passes a whole number, so that each
  // class gives its share to within one row.
  const std::vector<int> order = shuffled_within_classes(n, target.code, ctx.rng());
  auto drawn = [&](size_t p) { return std::floor(static_cast<double>(p) * test_fraction + 0.5); };
  std::vector<int> fold_of(n, 0);
  for (size_t p = 0; p < n; ++p) fold_of[static_cast<size_t>(order[p])] = drawn(p + 1) > drawn(p) ? 1 : 0;
  const auto tested = std::count(fold_of.begin(), fold_of.end(), 1);
  if (tested == 0) fold_of[static_cast<size_t>(order[n / 2])] = 1;
  if (tested == static_cast<Index>(n)) fold_of[static_cast<size_t>(order[n / 2])] = 0;
  return std::move(folds_from(fold_of, 2)[1]);
}

}  // namespace assay
