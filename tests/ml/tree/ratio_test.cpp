#include "assay/ml/tree/ratio.h"

#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::test;

namespace {

double log2_share(double a, double b) { return a > 0 ? -a / (a + b) * std::log2(a / (a + b)) : 0; }
double H(double a, double b) { return log2_share(a, b) + log2_share(b, a); }

struct Cut {
  double gain = -1, ratio = 0, threshold = 0;
};

/// The greatest gain of numeric column f by the definition, its ratio, lowest threshold first; two classes, no weights.
Cut best_cut(const Sample& s, Index f) {
  Cut best;
  const Index n = s.x.cols().rows();
  for (Index cut = 0; cut < n; ++cut) {
    const double t = s.x.cols()(cut, f);
    double count[2][2] = {{0, 0}, {0, 0}};
    for (Index i = 0; i < n; ++i) ++count[s.x.cols()(i, f) <= t][s.y.code[static_cast<size_t>(i)]];
    const double L = count[1][0] + count[1][1], R = count[0][0] + count[0][1];
    if (L == 0 || R == 0) continue;
    const double gain = H(count[0][0] + count[1][0], count[0][1] + count[1][1]) -
                        L / (L + R) * H(count[1][0], count[1][1]) - R / (L + R) * H(count[0][0], count[0][1]);
    if (gain > best.gain + 1e-12 || (gain > best.gain - 1e-12 && t < best.threshold)) best = {gain, gain / H(L, R), t};
  }
  return best;
}

}  // namespace

TEST_CASE("gain ratio: the split information of halves is one bit, and a side without weight tells nothing") {
  CHECK(tree::split_information(3, 3) == 1);
  CHECK(tree::split_information(1, 3) == Approx(2 - 0.75 * std::log2(3)));
  CHECK(tree::split_information(0, 3) == 0);
}

TEST_CASE("gain ratio: it takes the unbalanced split where the entropy takes the balanced one, by hand") {
  // `half` divides 8 : 8 into (7, 1) and (2, 6); `few` divides 4 : 12 into (4, 0) and (5, 7).
  std::vector<double> half, few;
  std::vector<int> y;
  const auto add = [&](int count, double h, double f, int code) {
    for (int i = 0; i < count; ++i) half.push_back(h), few.push_back(f), y.push_back(code);
  };
  add(4, 0, 0, 0);
  add(3, 0, 1, 0);
  add(1, 0, 1, 1);
  add(2, 1, 1, 0);
  add(6, 1, 1, 1);
  Sample s;
  s.x.columns = {{"half", {}}, {"few", {}}};
  s.x.X = by_columns({half, few});
  s.y = classes_of(y, 2);
  const std::vector<int> rows = all_rows(s);
  std::vector<double> gains;
  const auto split_by = [&](Criterion c) {
    const tree::Problem p = problem_of(s, c);
    return tree::best_split(p, tree::node_stats(p, rows.data(), 16), rows.data(), 16, &gains);
  };
  const tree::Split by_gain = split_by(Criterion::entropy);
  const double g_half = H(9, 7) - 0.5 * H(7, 1) - 0.5 * H(2, 6), g_few = H(9, 7) - 0.75 * H(5, 7);
  CHECK(by_gain.feature == 0);
  CHECK(gains[0] == Approx(g_half).epsilon(1e-12));
  CHECK(gains[1] == Approx(g_few).epsilon(1e-12));
  // The gain of `few` is below the average, so its greater ratio does not count ...
  CHECK(g_few < (g_half + g_few) / 2);
  CHECK(split_by(Criterion::gain_ratio).feature == 0);
  CHECK(split_by(Criterion::gain_ratio).ratio == Approx(g_half / 1).epsilon(1e-12));
  // ... until a third column, which tells nothing, lowers the average.
  s.x.columns.push_back({"noise", {}});
  std::vector<double> noise(16, 0);
  noise[0] = noise[1] = noise[9] = noise[15] = 1;
  s.x.X = by_columns({half, few, noise});
  const tree::Split by_ratio = split_by(Criterion::gain_ratio);
  CHECK(g_few >= (g_half + g_few + gains[2]) / 3);
  CHECK(g_few / H(4, 12) > g_half);
  CHECK(by_ratio.feature == 1);
  CHECK(by_ratio.gain == Approx(g_few).epsilon(1e-12));
  CHECK(by_ratio.ratio == Approx(g_few / H(4, 12)).epsilon(1e-12));
}

TEST_CASE("gain ratio: on random rows the split has the greatest ratio among the columns of at least average gain") {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const Sample s = random_table({12 + static_cast<int>(seed % 19), 4, 0, 2, seed % 3 ? 5 : 0, 4, 0, false}, seed);
    const tree::Problem p = problem_of(s, Criterion::gain_ratio);
    const std::vector<int> rows = all_rows(s);
    const int n = static_cast<int>(rows.size());
    const tree::Split split = tree::best_split(p, tree::node_stats(p, rows.data(), n), rows.data(), n);
    std::vector<Cut> cuts;
    double average = 0, greatest = 0;
    for (Index f = 0; f < 4; ++f) cuts.push_back(best_cut(s, f));
    for (const Cut& c : cuts) average += c.gain / 4;
    for (const Cut& c : cuts)
      if (c.gain >= average - 1e-12) greatest = std::max(greatest, c.ratio);
    INFO("seed " << seed);
    REQUIRE(split.feature >= 0);
    const Cut& chosen = cuts[static_cast<size_t>(split.feature)];
    REQUIRE(chosen.gain >= average - 1e-12);
    REQUIRE(std::abs(split.gain - chosen.gain) <= 1e-12);
    REQUIRE(std::abs(split.ratio - greatest) <= 1e-11);
  }
}

TEST_CASE("gain ratio: Quinlan's weather begins with outlook") {
  Sample s;  // [Quinlan1986, table 1], coded as in split_test.cpp
  s.x.columns = {levels("outlook", 3), levels("temperature", 3), levels("humidity", 2), levels("windy", 2)};
  s.x.X = by_columns({{0, 0, 1, 2, 2, 2, 1, 0, 0, 2, 0, 1, 1, 2},
                      {0, 0, 0, 1, 2, 2, 2, 1, 2, 1, 1, 1, 0, 1},
                      {0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 0},
                      {0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1}});
  s.y = classes_of({0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0}, 2);
  TreeParams params;
  params.criterion = Criterion::gain_ratio;
  const TreeModel m = Tree::fit(params, s.x, s.y, Context(0, 1));
  CHECK(m.criterion == Criterion::gain_ratio);
  CHECK(m.nodes.feature[0] == 0);
  CHECK(m.nodes.impurity[0] == Approx(0.940286).epsilon(1e-6));
  CHECK(m.report.objective == 0);
}

TEST_CASE("gain ratio: the fast search makes the textbook's tree") {
  uint64_t seed = 500;
  for (const int K : {2, 3, 6})
    for (const int distinct : {0, 3, 40})
      for (const double missing : {0.0, 0.1})
        for (const bool weights : {false, true}) {
          const Sample s = random_table({400, 5, 1, K, distinct, 6, missing, weights}, ++seed);
          const tree::Problem p = problem_of(s, Criterion::gain_ratio, 1 + static_cast<int>(seed % 3));
          INFO("K " << K << " distinct " << distinct << " missing " << missing << " weights " << weights);
          require_equal(tree::grow(p, {}, Context(0, 1), tree::Search::textbook), tree::grow(p, {}, Context(0, 1)));
        }
}
