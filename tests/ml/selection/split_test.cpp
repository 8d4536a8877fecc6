#include "assay/ml/selection/split.h"

#include <algorithm>
#include <map>
#include <set>

#include "assay/core/error.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

/// Every row is tested once in each repeat, and trains in all other folds; lists ascend.
void check_partition(const std::vector<Fold>& folds, int n) {
  std::map<int, std::vector<int>> tested;
  for (const Fold& f : folds) {
    CHECK(f.train.size() + f.test.size() == static_cast<size_t>(n));
    CHECK(std::is_sorted(f.train.begin(), f.train.end()));
    CHECK(std::is_sorted(f.test.begin(), f.test.end()));
    std::set<int> all(f.train.begin(), f.train.end());
    all.insert(f.test.begin(), f.test.end());
    CHECK(all.size() == static_cast<size_t>(n));
    tested[f.repeat].insert(tested[f.repeat].end(), f.test.begin(), f.test.end());
  }
  for (auto& item : tested) {
    std::sort(item.second.begin(), item.second.end());
    std::vector<int> rows(static_cast<size_t>(n));
    for (int i = 0; i < n; ++i) rows[static_cast<size_t>(i)] = i;
    CHECK(item.second == rows);
  }
}

Target target_of(std::vector<int> code, int K) {
  Target t;
  t.name = "y";
  for (int k = 0; k < K; ++k) t.classes.push_back(std::string(1, static_cast<char>('a' + k)));
  t.code = std::move(code);
  return t;
}

Samples samples_of(Index n) {
  Samples s;
  s.columns = {{"x", {}}};
  s.X = Columns(Columns::Zero(n, 1));
  return s;
}

int count_of(const std::vector<int>& rows, const std::vector<int>& code, int k) {
  return static_cast<int>(
      std::count_if(rows.begin(), rows.end(), [&](int i) { return code[static_cast<size_t>(i)] == k; }));
}

/// Sizes 38, 11, 4, 2 of four classes in mixed order.
std::vector<int> uneven_classes() {
  std::vector<int> code;
  for (int i = 0; i < 55; ++i) code.push_back(i % 5 == 1 ? 1 : i % 11 == 3 ? 2 : i % 27 == 7 ? 3 : 0);
  return code;
}

}  // namespace

TEST_CASE("k-fold: each row is tested once, and fold sizes differ by at most one") {
  for (const int n : {2, 7, 100})
    for (const int k : {2, 5, 7}) {
      if (k > n) continue;
      const auto folds = k_fold(n, k, Context(3, 1));
      check_partition(folds, n);
      for (const Fold& f : folds) {
        CHECK(f.test.size() >= static_cast<size_t>(n / k));
        CHECK(f.test.size() <= static_cast<size_t>((n + k - 1) / k));
      }
    }
}

TEST_CASE("k-fold: the seed decides, and different seeds differ") {
  CHECK(k_fold(40, 5, Context(1, 1))[0].test == k_fold(40, 5, Context(1, 2))[0].test);
  CHECK(k_fold(40, 5, Context(1, 1))[0].test != k_fold(40, 5, Context(2, 1))[0].test);
}

TEST_CASE("stratified k-fold: sizes of folds and of each class in them differ by at most one") {
  const std::vector<int> code = uneven_classes();
  for (uint64_t seed = 0; seed < 20; ++seed)
    for (const int k : {2, 3, 5, 10}) {
      const auto folds = stratified_k_fold(code, k, Context(seed, 1));
      check_partition(folds, 55);
      for (int c = 0; c < 4; ++c) {
        std::vector<int> counts;
        for (const Fold& f : folds) counts.push_back(count_of(f.test, code, c));
        const auto ends = std::minmax_element(counts.begin(), counts.end());
        CHECK(*ends.second - *ends.first <= 1);
      }
      for (const Fold& f : folds) CHECK(std::abs(static_cast<int>(f.test.size()) - 55 / k) <= 1);
    }
}

TEST_CASE("group k-fold: a group is never on both sides, no fold is empty, and the folds are balanced") {
  std::vector<int> groups, code;
  for (int i = 0; i < 300; ++i) {
    groups.push_back((i * i) % 37);
    code.push_back(groups.back() % 3 == 0);
  }
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const auto folds = group_k_fold(groups, code, 5, Context(seed, 1));
    check_partition(folds, 300);
    const double share = static_cast<double>(std::count(code.begin(), code.end(), 1)) / 300;
    for (const Fold& f : folds) {
      std::set<int> train, both;
      for (const int i : f.train) train.insert(groups[static_cast<size_t>(i)]);
      for (const int i : f.test)
        if (train.count(groups[static_cast<size_t>(i)])) both.insert(i);
      CHECK(both.empty());
      CHECK(f.test.size() >= 45);
      CHECK(f.test.size() <= 75);
      CHECK(std::abs(count_of(f.test, code, 1) / static_cast<double>(f.test.size()) - share) < 0.12);
    }
  }
}

TEST_CASE("group k-fold: as many folds as groups leaves one group out at a time") {
  const std::vector<int> groups{0, 0, 0, 0, 0, 0, 1, 2, 3};
  const auto folds = group_k_fold(groups, {}, 4, Context(0, 1));
  check_partition(folds, 9);
  for (const Fold& f : folds) CHECK_FALSE(f.test.empty());
}

TEST_CASE("make folds: by group where there are groups, else by class, else plain; repeats differ") {
  Samples x = samples_of(55);
  const Target y = target_of(uneven_classes(), 4);
  std::vector<std::string> warnings;
  const auto folds = make_folds(x, y, 5, 3, Context(1, 1), &warnings);
  CHECK(folds.size() == 15);
  check_partition(folds, 55);
  CHECK(folds[0].test != folds[5].test);
  CHECK(fold_note(x, y, 5, 3) == "3 times 5 folds, stratified by class");
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[1] == "class \"d\" has 2 rows, fewer than the 5 folds: some folds test none of it");
  x.groups.assign(55, 0);
  CHECK_THROWS_AS(make_folds(x, y, 5, 1, Context(1, 1)), UsageError);
  for (int i = 0; i < 55; ++i) x.groups[static_cast<size_t>(i)] = i / 5;
  for (const Fold& f : make_folds(x, y, 5, 1, Context(1, 1)))
    for (const int i : f.test) CHECK(std::count(f.train.begin(), f.train.end(), i / 5 * 5) == 0);
  CHECK(fold_note(x, y, 5, 1) == "5 folds, whole groups, classes balanced");
}

TEST_CASE("splits: what cannot be split is refused with the number that can") {
  CHECK_THROWS_WITH(k_fold(3, 5, {}), Catch::Contains("5 folds need at least as many rows; there are 3"));
  CHECK_THROWS_AS(k_fold(10, 1, {}), UsageError);
  CHECK_THROWS_WITH(group_k_fold({0, 0, 1}, {}, 3, {}), Catch::Contains("groups; there are 2"));
  CHECK_THROWS_AS(hold_out(samples_of(4), target_of({0, 0, 1, 1}, 2), 0, {}), UsageError);
  CHECK_THROWS_AS(hold_out(samples_of(4), target_of({0, 0, 1, 1}, 2), 1, {}), UsageError);
  CHECK_THROWS_AS(hold_out(samples_of(1), target_of({0}, 1), 0.5, {}), UsageError);
}

TEST_CASE("hold-out: each class gives its share to within one row, and neither side is empty") {
  const std::vector<int> code = uneven_classes();
  for (uint64_t seed = 0; seed < 20; ++seed)
    for (const double f : {0.001, 0.1, 0.25, 1.0 / 3, 0.5, 0.9, 0.999}) {
      const Fold split = hold_out(samples_of(55), target_of(code, 4), f, Context(seed, 1));
      CHECK(split.train.size() + split.test.size() == 55);
      CHECK_FALSE(split.train.empty());
      CHECK_FALSE(split.test.empty());
      CHECK(std::abs(static_cast<double>(split.test.size()) - 55 * f) <= 1);
      for (int c = 0; c < 4; ++c) {
        const double all = static_cast<double>(std::count(code.begin(), code.end(), c));
        CHECK(std::abs(count_of(split.test, code, c) - all * f) <= 1);
      }
    }
}

TEST_CASE("hold-out: whole groups change sides") {
  Samples x = samples_of(60);
  for (int i = 0; i < 60; ++i) x.groups.push_back(i % 12);
  const Target y = target_of(std::vector<int>(60, 0), 1);
  for (uint64_t seed = 0; seed < 10; ++seed)
    for (const double f : {0.01, 0.25, 0.99}) {
      const Fold split = hold_out(x, y, f, Context(seed, 1));
      CHECK_FALSE(split.train.empty());
      CHECK_FALSE(split.test.empty());
      for (const int i : split.test)
        for (const int j : split.train) REQUIRE(i % 12 != j % 12);
      if (f == 0.25) CHECK(split.test.size() == 15);
    }
}
