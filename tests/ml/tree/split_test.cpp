#include "assay/ml/tree/split.h"

#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::test;

namespace {

/// I(S) by its definition.
double impurity(const Sample& s, Criterion criterion, const std::vector<int>& rows) {
  double W = 0, mean = 0, sum = 0;
  std::vector<double> share(static_cast<size_t>(std::max(1, s.y.K())), 0.0);
  for (int i : rows) W += s.x.weight_of(i);
  for (int i : rows) {
    if (s.y.K() > 0)
      share[static_cast<size_t>(s.y.code[static_cast<size_t>(i)])] += s.x.weight_of(i) / W;
    else
      mean += s.x.weight_of(i) / W * s.y.value[i];
  }
  if (s.y.K() == 0) {
    for (int i : rows) sum += s.x.weight_of(i) / W * (s.y.value[i] - mean) * (s.y.value[i] - mean);
    return sum;
  }
  for (double p : share) sum += criterion == Criterion::entropy ? (p > 0 ? -p * std::log2(p) : 0) : p * (1 - p);
  return sum;
}

double weight_of(const Sample& s, const std::vector<int>& rows) {
  double W = 0;
  for (int i : rows) W += s.x.weight_of(i);
  return W;
}

/// (1) of tree.h, from the rows themselves; -1 where a side is too small.
double gain_of(const Sample& s, Criterion criterion, int min_leaf, const std::function<bool(double)>& left, Index f) {
  std::vector<int> l, r;
  for (int i : all_rows(s)) (left(s.x.cols()(i, f)) ? l : r).push_back(i);
  if (static_cast<int>(std::min(l.size(), r.size())) < min_leaf) return -1;
  const double W_l = weight_of(s, l), W_r = weight_of(s, r), W = W_l + W_r;
  return impurity(s, criterion, all_rows(s)) - W_l / W * impurity(s, criterion, l) -
         W_r / W * impurity(s, criterion, r);
}

/// The greatest gain among every threshold or subset, with missing cells going either way.
double greatest_gain(const Sample& s, Criterion criterion, int min_leaf) {
  double best = -1;
  for (Index f = 0; f < s.x.d(); ++f) {
    const int L = static_cast<int>(s.x.columns[static_cast<size_t>(f)].levels.size());
    for (const bool missing_left : {true, false}) {
      if (L > 0) {
        for (int mask = 0; mask < 1 << L; ++mask)
          best = std::max(
              best,
              gain_of(
                  s, criterion, min_leaf,
                  [&](double x) { return std::isnan(x) ? missing_left : (mask >> static_cast<int>(x) & 1) != 0; }, f));
      } else {
        for (Index i = 0; i < s.x.cols().rows(); ++i) {
          const double t = s.x.cols()(i, f);
          best = std::max(
              best, gain_of(
                        s, criterion, min_leaf, [&](double x) { return std::isnan(x) ? missing_left : x <= t; }, f));
        }
      }
    }
  }
  return best;
}

bool goes_left(const Sample& s, const tree::Split& split, double x) {
  if (std::isnan(x)) return split.default_left;
  if (!s.x.columns[static_cast<size_t>(split.feature)].categorical()) return x <= split.threshold;
  const bool against =
      std::find(split.against.begin(), split.against.end(), static_cast<int>(x)) != split.against.end();
  return against != split.default_left;
}

void require_best(const Sample& s, Criterion criterion, int min_leaf = 1) {
  const tree::Problem p = problem_of(s, criterion, min_leaf);
  const std::vector<int> rows = all_rows(s);
  const int n = static_cast<int>(rows.size());
  const tree::NodeStats node = tree::node_stats(p, rows.data(), n);
  REQUIRE(node.impurity == Approx(impurity(s, criterion, rows)).epsilon(1e-12).margin(1e-14));
  const tree::Split split = tree::best_split(p, node, rows.data(), n);
  const double greatest = greatest_gain(s, criterion, min_leaf);
  if (greatest < 0) {
    REQUIRE(split.feature == -1);
    return;
  }
  REQUIRE(split.feature >= 0);
  const double margin = 1e-12 * std::max(1.0, node.impurity);
  REQUIRE(std::abs(split.gain - greatest) <= margin);
  const double made = gain_of(
      s, criterion, min_leaf, [&](double x) { return goes_left(s, split, x); }, split.feature);
  REQUIRE(std::abs(made - greatest) <= margin);  // the split described is the one whose gain was reported
}

}  // namespace

TEST_CASE("split: in Quinlan's weather, outlook is the root, and its gains add up to Quinlan's 0.247") {
  // [Quinlan1986, table 1], sunny 0, overcast 1, rain 2; hot 0, mild 1, cool 2; high 0, normal 1; calm 0, windy 1
  Sample s;
  s.x.columns = {levels("outlook", 3), levels("temperature", 3), levels("humidity", 2), levels("windy", 2)};
  s.x.X = by_columns({{0, 0, 1, 2, 2, 2, 1, 0, 0, 2, 0, 1, 1, 2},
                      {0, 0, 0, 1, 2, 2, 2, 1, 2, 1, 1, 1, 0, 1},
                      {0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 0},
                      {0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1}});
  s.y = classes_of({0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0}, 2);
  const tree::Problem p = problem_of(s, Criterion::entropy);
  std::vector<int> rows = all_rows(s);
  std::vector<double> gains;
  const tree::NodeStats root = tree::node_stats(p, rows.data(), 14);
  CHECK(root.impurity == Approx(0.940286).epsilon(1e-6));
  const tree::Split split = tree::best_split(p, root, rows.data(), 14, &gains);
  CHECK(split.feature == 0);
  CHECK(split.gain == Approx(0.940286 - 10.0 / 14).epsilon(1e-5));  // overcast, 4 of 4, against the other ten, 5 of 10
  CHECK(gains[2] == Approx(0.151836).epsilon(1e-5));
  CHECK(gains[3] == Approx(0.048127).epsilon(1e-5));
  // Quinlan splits three ways at once; two binary splits on outlook gain as much by the chain rule of entropy.
  std::vector<int> rest;
  for (int row : rows)
    if (s.x.cols()(row, 0) != 1) rest.push_back(row);
  const tree::NodeStats others = tree::node_stats(p, rest.data(), 10);
  tree::best_split(p, others, rest.data(), 10, &gains);
  CHECK(split.gain + 10.0 / 14 * gains[0] == Approx(0.246750).epsilon(1e-5));
}

TEST_CASE("split: the best split of up to 30 random rows is that of exhaustive search by the definition") {
  uint64_t seed = 1;
  for (const int K : {0, 2, 3, 5})
    for (const Criterion criterion : {Criterion::gini, Criterion::entropy})
      for (const double missing : {0.0, 0.25})
        for (const bool weights : {false, true})
          for (int repeat = 0; repeat < 12; ++repeat) {
            Make make{2 + static_cast<int>(seed % 29), 2, 1, K, repeat % 2 ? 4 : 0, 4, missing, weights};
            const Sample s = random_table(make, ++seed);
            INFO("K " << K << " missing " << missing << " weights " << weights << " seed " << seed);
            require_best(s, K == 0 ? Criterion::squared_error : criterion);
          }
}

TEST_CASE("split: for two classes and for values, ordered levels include the best of all subsets") {
  for (const int K : {0, 2})
    for (const double missing : {0.0, 0.2})
      for (uint64_t seed = 1; seed <= 15; ++seed) {
        const Sample s = random_table({60, 0, 1, K, 0, 9, missing, seed % 2 == 0}, seed);
        require_best(s, K == 0 ? Criterion::squared_error : seed % 3 ? Criterion::gini : Criterion::entropy);
      }
}

TEST_CASE("split: for three classes all subsets of ten levels are tried") {
  for (uint64_t seed = 1; seed <= 5; ++seed)
    require_best(random_table({80, 0, 1, 3, 0, tree::kExhaustiveLevels, 0.1, false}, seed), Criterion::gini);
}

TEST_CASE("split: min-leaf forbids small sides") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    require_best(random_table({20, 2, 0, 2, 5, 4, 0.2, false}, seed), Criterion::gini, 4);
    require_best(random_table({20, 2, 0, 0, 0, 4, 0.2, true}, seed), Criterion::squared_error, 7);
  }
}

TEST_CASE("split: a threshold is halfway, and never rounds up to the upper value") {
  CHECK(tree::midpoint(1, 2) == 1.5);
  CHECK(tree::midpoint(-3, 5) == 1);
  const double next = std::nextafter(1.0, 2.0);
  CHECK(tree::midpoint(1, next) == 1);
  CHECK(tree::midpoint(next, std::nextafter(next, 2.0)) == next);  // the tie would round to the even upper value
  const double most = std::numeric_limits<double>::max();
  CHECK(tree::midpoint(-most, most) == 0);
  CHECK(tree::midpoint(most / 2, most) < most);
  CHECK(tree::midpoint(-5e-324, 0) == -5e-324);
  CHECK(tree::midpoint(5e-324, 1e-323) == 5e-324);
}

TEST_CASE("split: equal gains go to the lowest column, then to the lowest threshold") {
  Sample s;
  s.x.columns = {{"a", {}}, {"b", {}}, {"c", {}}};
  s.x.X = by_columns({{1, 1, 1, 1}, {1, 2, 3, 4}, {4, 3, 2, 1}});
  s.y = classes_of({0, 1, 0, 1}, 2);
  const tree::Problem p = problem_of(s, Criterion::gini);
  const std::vector<int> rows = all_rows(s);
  const tree::Split split = tree::best_split(p, tree::node_stats(p, rows.data(), 4), rows.data(), 4);
  CHECK(split.feature == 1);
  CHECK(split.threshold == 1.5);  // as good as 3.5
  CHECK(split.gain == Approx(1.0 / 6));
}

TEST_CASE("split: present against missing is a split of its own") {
  Sample s;
  s.x.columns = {{"a", {}}};
  s.x.X = by_columns({{kNaN, 1, kNaN, 2, kNaN, 3}});
  s.y = classes_of({1, 0, 1, 0, 1, 0}, 2);
  const tree::Problem p = problem_of(s, Criterion::gini);
  const std::vector<int> rows = all_rows(s);
  const tree::Split split = tree::best_split(p, tree::node_stats(p, rows.data(), 6), rows.data(), 6);
  CHECK(split.gain == Approx(0.5));
  CHECK_FALSE(split.default_left);
  CHECK(split.threshold == 3);  // all values go left
}

TEST_CASE("split: values far from zero lose nothing of the gain") {
  Sample near = random_table({30, 2, 0, 0, 0, 4, 0, false}, 4), far = near;
  for (Index i = 0; i < 30; ++i) {
    near.y.value[i] = std::round(near.y.value[i] * 16) / 16;
    far.y.value[i] = near.y.value[i] + 1e9;
  }
  const std::vector<int> rows = all_rows(near);
  const tree::Problem p = problem_of(near, Criterion::squared_error), q = problem_of(far, Criterion::squared_error);
  const tree::Split a = tree::best_split(p, tree::node_stats(p, rows.data(), 30), rows.data(), 30);
  const tree::Split b = tree::best_split(q, tree::node_stats(q, rows.data(), 30), rows.data(), 30);
  CHECK(a.feature == b.feature);
  CHECK(a.threshold == b.threshold);
  CHECK(a.gain == Approx(b.gain).epsilon(1e-12));
}
