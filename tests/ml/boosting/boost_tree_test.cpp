#include "tests/ml/boosting/boosting_support.h"

using namespace assay;
using namespace assay::boosting;
using namespace assay::test;

namespace {

const std::vector<TreeMethod> kMethods{TreeMethod::exact, TreeMethod::approx, TreeMethod::hist};

Make mixed() {
  Make make;
  make.n = 120;
  make.numeric = 3;
  make.categorical = 2;
  make.distinct = 9;
  make.missing = 0.15;
  return make;
}

/// The greatest gain of any split of these rows, from the rows themselves: every threshold, every prefix of levels by G/H.
double greatest_gain(const Sample& s, const std::vector<Gradient>& g, const std::vector<int>& rows,
                     const Regularization& r) {
  double best = 0;
  const auto consider = [&](const std::vector<int>& left, const std::vector<int>& right) {
    if (left.empty() || right.empty()) return;
    const Sums l = sums_of(g, left), q = sums_of(g, right);
    if (l.H >= r.min_child_weight && q.H >= r.min_child_weight) best = std::max(best, gain(l, q, r));
  };
  for (Index f = 0; f < s.x.d(); ++f) {
    std::vector<std::vector<int>> bucket;  // rows by value, or by level in the order of G/H
    std::vector<int> missing;
    std::map<double, std::vector<int>> by_value;
    for (const int i : rows) {
      const double x = s.x.cols()(i, f);
      if (std::isnan(x))
        missing.push_back(i);
      else
        by_value[x].push_back(i);
    }
    for (auto& [value, of] : by_value) bucket.push_back(of);
    if (s.x.columns[static_cast<size_t>(f)].categorical())
      std::stable_sort(bucket.begin(), bucket.end(), [&](const auto& a, const auto& b) {
        const Sums x = sums_of(g, a), y = sums_of(g, b);
        return x.G / x.H < y.G / y.H;
      });
    std::vector<int> left;
    for (size_t b = 0; b < bucket.size(); ++b) {
      left.insert(left.end(), bucket[b].begin(), bucket[b].end());
      std::vector<int> right;
      for (size_t c = b + 1; c < bucket.size(); ++c) right.insert(right.end(), bucket[c].begin(), bucket[c].end());
      std::vector<int> left_and = left, right_and = right;
      left_and.insert(left_and.end(), missing.begin(), missing.end());
      right_and.insert(right_and.end(), missing.begin(), missing.end());
      consider(left_and, right);
      consider(left, right_and);
    }
  }
  return best;
}

}  // namespace

TEST_CASE("boost tree: every split is the best one, its gain and its leaves as their rows say") {
  for (const TreeMethod method : kMethods)
    for (uint64_t seed = 1; seed <= 8; ++seed) {
      const Sample s = random_table(mixed(), seed);
      const std::vector<Gradient> g = coarse_gradients(120, seed);
      TreeRules rules;
      rules.max_depth = 4;
      rules.regularization = {seed % 2 ? 1.0 : 0.25, seed % 3 ? 0.0 : 0.5, 0, 2};
      const Grown grown = grow(s, g, rules, method);
      const TreeNodes& nodes = grown.tree.nodes;
      REQUIRE(nodes.size() > 5);
      const std::vector<std::vector<int>> rows = rows_by_node(s, nodes);
      for (size_t i = 0; i < rows.size(); ++i) {
        INFO("method " << static_cast<int>(method) << ", seed " << seed << ", node " << i);
        const Sums here = sums_of(g, rows[i]);
        CHECK(nodes.rows[i] == static_cast<int>(rows[i].size()));
        CHECK(nodes.cover[i] == Approx(here.H));
        CHECK(nodes.value[i] == Approx(leaf_weight(here, rules.regularization)).margin(1e-12));
        if (nodes.feature[i] < 0) continue;
        const Sums l = sums_of(g, rows[static_cast<size_t>(nodes.left[i])]),
                   r = sums_of(g, rows[static_cast<size_t>(nodes.right[i])]);
        CHECK(grown.tree.gain[i] == Approx(gain(l, r, rules.regularization)));
        CHECK(grown.tree.gain[i] == Approx(greatest_gain(s, g, rows[i], rules.regularization)).epsilon(1e-5));
      }
    }
}

TEST_CASE("boost tree: a leaf is left only where no split gains, or the rules forbid one") {
  const Sample s = random_table(mixed(), 3);
  const std::vector<Gradient> g = coarse_gradients(120, 3);
  TreeRules rules;
  rules.max_depth.reset();
  const Grown grown = grow(s, g, rules, TreeMethod::exact);
  const std::vector<std::vector<int>> rows = rows_by_node(s, grown.tree.nodes);
  for (const LeafRows& leaf : grown.leaves) {
    std::vector<int> own(grown.rows.begin() + leaf.begin, grown.rows.begin() + leaf.begin + leaf.count);
    CHECK(own == rows[static_cast<size_t>(leaf.node)]);
    const Sums here = sums_of(g, own);
    CHECK(greatest_gain(s, g, own, rules.regularization) <= 2e-6 * (1 + score(here, rules.regularization)));
  }
}

TEST_CASE("boost tree: the three searches grow the same tree where a column has no more values than bins") {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Make make = mixed();
    make.categorical = seed % 2 ? 2 : 0;
    const Sample s = random_table(make, seed);
    const std::vector<Gradient> g = coarse_gradients(120, seed);
    TreeRules rules;
    const Grown exact = grow(s, g, rules, TreeMethod::exact);
    for (const TreeMethod method : {TreeMethod::approx, TreeMethod::hist}) {
      const Grown other = grow(s, g, rules, method);
      CHECK(other.tree.nodes.feature == exact.tree.nodes.feature);
      CHECK(other.tree.nodes.left == exact.tree.nodes.left);
      CHECK(other.tree.nodes.level == exact.tree.nodes.level);
      CHECK(other.rows == exact.rows);  // the same rows in every leaf
    }
  }
}

TEST_CASE("boost tree: the candidates that the trace shows hold the split that is chosen, and none better") {
  struct Sink : TraceSink {
    int splits = 0;
    void step(const std::string&, const TraceStep& step) override {
      REQUIRE(step.kind == "split");
      ++splits;
      double chosen = 0;
      for (const TraceField& field : step.fields) {
        if (field.symbol == "gain") chosen = std::get<double>(field.value);
        if (field.symbol == "gain of candidate") {
          const std::vector<double>& gains = std::get<std::vector<double>>(field.value);
          CHECK(gains.size() == 10);
          CHECK(gains[0] == Approx(chosen).epsilon(1e-6));
          CHECK(std::is_sorted(gains.rbegin(), gains.rend()));
        }
        if (field.symbol == "curve gain") {
          const std::vector<double>& curve = std::get<std::vector<double>>(field.value);
          CHECK(*std::max_element(curve.begin(), curve.end()) == Approx(chosen).epsilon(1e-6));
        }
      }
    }
    void image(const std::string&, const TraceImage&) override {}
  };
  const Sample s = random_table(mixed(), 5);
  const std::vector<Gradient> g = coarse_gradients(120, 5);
  for (const TreeMethod method : kMethods) {
    Sink sink;
    Context ctx(0, 1);
    ctx.trace = Trace(&sink, "");
    TreeRules rules;
    rules.max_depth = 2;
    const Grown watched = grow(s, g, rules, method, 255, ctx);
    CHECK(sink.splits == watched.tree.nodes.size() / 2);
    CHECK(watched.rows == grow(s, g, rules, method).rows);
  }
}

TEST_CASE("boost tree: missing rows go the better way, and where none were missing, with the greater H") {
  Sample s;
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({{1, 1, 2, 2, kNaN, kNaN}});
  std::vector<Gradient> g{{-1, 1}, {-1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  TreeRules rules;
  CHECK_FALSE(grow(s, g, rules, TreeMethod::exact).tree.nodes.default_left[0]);
  g[4].g = g[5].g = -1;
  CHECK(grow(s, g, rules, TreeMethod::hist).tree.nodes.default_left[0]);
  s.x.X = by_columns({{1, 1, 1, 2, 2, 1}});
  CHECK(grow(s, {{-1, 1}, {-1, 1}, {-1, 1}, {1, 1}, {1, 1}, {-1, 1}}, rules, TreeMethod::hist)
            .tree.nodes.default_left[0]);
}

TEST_CASE("boost tree: a column that is only ever there or missing can split") {
  Sample s;
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({{7, 7, 7, kNaN, kNaN}});
  const std::vector<Gradient> g{{-1, 1}, {-1, 1}, {-1, 1}, {1, 1}, {1, 1}};
  for (const TreeMethod method : kMethods) {
    const Grown grown = grow(s, g, {}, method);
    REQUIRE(grown.tree.nodes.size() == 3);
    CHECK(grown.rows == std::vector<int>{0, 1, 2, 3, 4});
    CHECK(std::isfinite(grown.tree.nodes.threshold[0]));
  }
}

TEST_CASE("boost tree: gamma takes back the splits of two leaves that do not gain it, and no others") {
  const Sample s = random_table(mixed(), 2);
  const std::vector<Gradient> g = coarse_gradients(120, 2);
  TreeRules rules;
  rules.max_depth = 5;
  const Grown full = grow(s, g, rules, TreeMethod::exact);
  rules.regularization.gamma = 0.8;
  const Grown pruned = grow(s, g, rules, TreeMethod::exact);
  CHECK(pruned.tree.nodes.size() < full.tree.nodes.size());
  // every subtree of the full tree whose best part gains nothing is gone: what is left is the full tree's, from the root down
  std::vector<std::pair<int, int>> open{{0, 0}};
  while (!open.empty()) {
    const auto [a, b] = open.back();
    open.pop_back();
    const size_t i = static_cast<size_t>(a), j = static_cast<size_t>(b);
    const TreeNodes& p = pruned.tree.nodes;
    const TreeNodes& q = full.tree.nodes;
    if (p.leaf(a)) continue;
    CHECK(p.feature[i] == q.feature[j]);
    CHECK(p.threshold[i] == q.threshold[j]);
    if (p.leaf(p.left[i]) && p.leaf(p.right[i])) CHECK(pruned.tree.gain[i] >= 0.8);
    open.emplace_back(p.left[i], q.left[j]);
    open.emplace_back(p.right[i], q.right[j]);
  }
}

TEST_CASE("boost tree: leaf-wise without a limit is the depth-wise tree, and with one the greatest gains of it") {
  const Sample s = random_table(mixed(), 7);
  const std::vector<Gradient> g = coarse_gradients(120, 7);
  TreeRules rules;
  const Grown by_depth = grow(s, g, rules, TreeMethod::hist);
  rules.growth = Growth::leaf;
  const Grown by_leaf = grow(s, g, rules, TreeMethod::hist);
  CHECK(by_leaf.tree.nodes.feature == by_depth.tree.nodes.feature);
  CHECK(by_leaf.tree.nodes.threshold == by_depth.tree.nodes.threshold);
  CHECK(by_leaf.rows == by_depth.rows);
  rules.max_leaves = 5;
  const Grown five = grow(s, g, rules, TreeMethod::hist);
  CHECK(five.tree.nodes.leaves() == 5);
  rules.growth = Growth::depth;
  CHECK(grow(s, g, rules, TreeMethod::hist).tree.nodes.leaves() == 5);
}

TEST_CASE("boost tree: a histogram of many rows is the sum of its parts, with one thread and with two") {
  Make make;
  make.n = 40000;
  make.numeric = 10;
  make.missing = 0.05;
  const Sample s = random_table(make, 4);
  const std::vector<Gradient> g = coarse_gradients(40000, 4);
  const Grown one = grow(s, g, {}, TreeMethod::hist, 64);
  const std::vector<std::vector<int>> rows = rows_by_node(s, one.tree.nodes);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (one.tree.nodes.feature[i] < 0) continue;
    const Sums l = sums_of(g, rows[static_cast<size_t>(one.tree.nodes.left[i])]),
               r = sums_of(g, rows[static_cast<size_t>(one.tree.nodes.right[i])]);
    CHECK(one.tree.gain[i] == Approx(gain(l, r, {})).epsilon(1e-6));
  }
  const Grown two = grow(s, g, {}, TreeMethod::hist, 64, Context(0, 2));
  CHECK(two.tree.nodes.feature == one.tree.nodes.feature);
  CHECK(two.tree.nodes.value == one.tree.nodes.value);
  CHECK(two.rows == one.rows);
}

TEST_CASE("bins: few values get a bin each; of many, bins of about equal weight") {
  std::vector<double> x;
  for (int i = 0; i < 1000; ++i) x.push_back(i % 7);
  std::vector<int> rows(1000);
  std::iota(rows.begin(), rows.end(), 0);
  CHECK(quantile_cuts(x.data(), rows, nullptr, 255) == std::vector<double>{0.5, 1.5, 2.5, 3.5, 4.5, 5.5});
  Rng rng(1);
  for (double& v : x) v = rng.uniform() < 0.5 ? 0 : rng.normal();
  const std::vector<double> cuts = quantile_cuts(x.data(), rows, nullptr, 10);
  CHECK(cuts.size() == 9);
  std::vector<int> count(10, 0);
  for (const double v : x) ++count[static_cast<size_t>(std::lower_bound(cuts.begin(), cuts.end(), v) - cuts.begin())];
  const int heavy = *std::max_element(count.begin(), count.end());
  CHECK(heavy < 620);  // the value that half of the rows have, and a few more
  CHECK(*std::min_element(count.begin(), count.end()) > 20);
}

TEST_CASE("bins: every cell is in the first bin whose boundary is not below it; missing is the last bin and one") {
  for (const int distinct : {2, 3, 100, 0}) {
    Make make;
    make.n = 700;
    make.numeric = 3;
    make.distinct = distinct;
    make.missing = 0.1;
    const Sample s = random_table(make, 9);
    const BoostData data{s.x.cols(), s.x.columns};
    const BinTable table(data, quantile_cuts(data, all_rows(s), {}, 255, Rng(0), 1), false, 1);
    for (Index i = 0; i < 700; ++i)
      for (int f = 0; f < 3; ++f) {
        const double v = s.x.cols()(i, f);
        const int code = table.codes()[i * 3 + f];
        if (std::isnan(v)) {
          REQUIRE(code == table.bins(f));
          continue;
        }
        REQUIRE(v <= table.upper(f, code));
        REQUIRE((code == 0 || v > table.upper(f, code - 1)));
      }
  }
}

TEST_CASE("bundles: columns that are never off their commonest bin together share a byte, and the trees are the same") {
  Rng rng(31);
  const int n = 600;
  std::vector<std::vector<double>> columns(12, std::vector<double>(n, 0));
  for (size_t i = 0; i < n; ++i) {
    columns[rng.below(5)][i] = 1;                                          // five columns of one nominal one
    columns[5 + rng.below(4)][i] = 2 + static_cast<double>(rng.below(9));  // four more with several values
    if (rng.uniform() < 0.1) columns[5][i] = kNaN;
    columns[9][i] = rng.normal();
    columns[10][i] = rng.uniform() < 0.3;  // sparse, but meets others
    columns[11][i] = rng.uniform() < 0.3;
  }
  Sample s;
  for (size_t f = 0; f < columns.size(); ++f) s.x.columns.push_back({"x" + std::to_string(f), {}});
  for (size_t i = 0; i < n; ++i)
    if (std::isnan(columns[5][i]))
      for (size_t f = 6; f < 9; ++f) columns[f][i] = 0;
  s.x.X = by_columns(columns);
  const BoostData data{s.x.cols(), s.x.columns};
  const std::vector<std::vector<double>> cuts = quantile_cuts(data, all_rows(s), {}, 255, Rng(0), 1);
  const BinTable bundled(data, cuts, true, 1), apart(data, cuts, false, 1);
  CHECK(apart.groups() == 12);
  CHECK(bundled.groups() < 7);
  CHECK(bundled.bundled(0));
  CHECK_FALSE(bundled.bundled(9));
  for (Index i = 0; i < n; ++i)
    for (int f = 0; f < 12; ++f) {
      const int own = apart.codes()[i * 12 + f], shared = bundled.codes()[i * bundled.groups() + bundled.group(f)];
      const int slot = bundled.slot(f, own);
      if (slot >= 0)
        REQUIRE(shared == slot);
      else  // at its commonest bin: the byte belongs to another column
        for (int b = 0; b <= bundled.bins(f); ++b) REQUIRE(bundled.slot(f, b) != shared);
    }
  const std::vector<Gradient> g = coarse_gradients(n, 31);
  std::vector<int> all(12);
  std::iota(all.begin(), all.end(), 0);
  TreeRules rules;
  rules.max_depth = 8;
  std::vector<BoostTree> trees;
  for (const BinTable* table : {&bundled, &apart}) {
    HistogramFinder finder(data, *table, rules.regularization, 1);
    std::vector<int> rows = all_rows(s);
    std::vector<LeafRows> leaves;
    trees.push_back(grow_tree(data, g, rows, all, rules, finder, Context(0, 1), leaves));
  }
  CHECK(trees[0].nodes.size() > 20);
  CHECK(trees[0].nodes.feature == trees[1].nodes.feature);
  CHECK(trees[0].nodes.threshold == trees[1].nodes.threshold);
  CHECK(trees[0].nodes.value == trees[1].nodes.value);
  CHECK(trees[0].gain == trees[1].gain);
}
