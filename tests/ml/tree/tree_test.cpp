#include "assay/ml/tree/tree.h"

#include "assay/core/error.h"
#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::test;

namespace {

TreeModel fit(const Sample& s, const TreeParams& params = {}) { return Tree::fit(params, s.x, s.y, Context(0, 1)); }

std::string refusal(const Sample& s, const TreeParams& params = {}) {
  try {
    fit(s, params);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

Sample of_rows(const Sample& s, const std::vector<int>& rows) {
  Sample part;
  part.x.columns = s.x.columns;
  Columns X(static_cast<Index>(rows.size()), s.x.d());
  std::vector<int> code;
  for (size_t i = 0; i < rows.size(); ++i) {
    X.row(static_cast<Index>(i)) = s.x.cols().row(rows[i]);
    code.push_back(s.y.code[static_cast<size_t>(rows[i])]);
  }
  part.x.X = X;
  part.y = classes_of(code, s.y.K());
  return part;
}

}  // namespace

TEST_CASE("tree: one threshold separates two groups, halfway between them") {
  Sample s;
  s.x.columns = {{"noise", {}}, {"size", {}}};
  s.x.X = by_columns({{5, 1, 4, 2, 3, 6}, {1, 2, 3, 7, 8, 9}});
  s.y = classes_of({0, 0, 0, 1, 1, 1}, 2);
  const TreeModel m = fit(s);
  CHECK(m.nodes.feature == std::vector<int>{1, -1, -1});
  CHECK(m.nodes.threshold[0] == 5);
  CHECK(m.nodes.impurity[0] == Approx(0.5));
  CHECK(m.predict(s.x, Context(0, 1)) == (Vector(6) << 0, 0, 0, 1, 1, 1).finished());
  CHECK(m.importance() == std::vector<double>{0, 1});
}

TEST_CASE("tree: values are answered by the mean of their leaf") {
  Sample s;
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({{1, 2, 3, 4}});
  s.y = values_of({1, 2, 10, 12});
  TreeParams stump;
  stump.max_depth = 1;
  const TreeModel m = fit(s, stump);
  CHECK(m.predict(s.x, Context(0, 1)) == (Vector(4) << 1.5, 1.5, 11, 11).finished());
  CHECK(m.report.objective == Approx((0.25 + 1) / 2));
  CHECK(fit(s).predict(s.x, Context(0, 1)) == s.y.value);
}

TEST_CASE("tree: max-depth 0, a constant column or one class is a single leaf") {
  Sample s = random_table({20, 2, 0, 2, 0, 4, 0, false}, 1);
  TreeParams none;
  none.max_depth = 0;
  CHECK(fit(s, none).nodes.size() == 1);
  s.x.X = by_columns({std::vector<double>(20, 3), std::vector<double>(20, kNaN)});
  CHECK(fit(s).nodes.size() == 1);
  Sample one = random_table({20, 2, 0, 2, 0, 4, 0, false}, 1);
  one.y = classes_of(std::vector<int>(20, 1), 2);
  const TreeModel m = fit(one);
  CHECK(m.nodes.size() == 1);
  CHECK(m.predict_proba(one.x, Context(0, 1))(0, 1) == 1);
}

TEST_CASE("tree: exclusive or is found although its first split gains nothing") {
  Sample s;
  s.x.columns = {{"a", {}}, {"b", {}}};
  s.x.X = by_columns({{0, 0, 1, 1}, {0, 1, 0, 1}});
  s.y = classes_of({0, 1, 1, 0}, 2);
  CHECK(fit(s).nodes.leaves() == 4);
  TreeParams gainful;
  gainful.min_gain = 1e-9;
  CHECK(fit(s, gainful).nodes.leaves() == 1);
}

TEST_CASE("tree: the limits hold in every node") {
  const Sample s = random_table({500, 4, 1, 3, 0, 5, 0.1, false}, 5);
  TreeParams p;
  p.max_depth = 6;
  p.min_leaf = 7;
  p.min_split = 30;
  p.min_gain = 1e-3;
  const TreeNodes t = fit(s, p).nodes;
  CHECK(t.depth() <= 6);
  CHECK(t.leaves() > 4);
  for (int i = 0; i < t.size(); ++i) {
    const size_t j = static_cast<size_t>(i);
    CHECK(t.rows[j] >= 7);
    if (t.leaf(i)) continue;
    const size_t l = static_cast<size_t>(t.left[j]), r = static_cast<size_t>(t.right[j]);
    CHECK(t.rows[j] >= 30);
    CHECK(t.rows[l] + t.rows[r] == t.rows[j]);
    const double decrease =
        (t.cover[j] * t.impurity[j] - t.cover[l] * t.impurity[l] - t.cover[r] * t.impurity[r]) / t.cover[0];
    CHECK(decrease >= 1e-3 - 1e-12);
  }
}

TEST_CASE("tree: a missing cell goes where it helped in training, else to the larger child") {
  Sample s;
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({{1, 2, 3, 4, 5, kNaN}});
  s.y = classes_of({0, 0, 1, 1, 1, 0}, 2);
  Sample query;
  query.x.columns = s.x.columns;
  query.x.X = by_columns({{kNaN}});
  CHECK(fit(s).predict(query.x, Context(0, 1))[0] == 0);
  s.y = classes_of({0, 0, 1, 1, 1, 1}, 2);
  CHECK(fit(s).predict(query.x, Context(0, 1))[0] == 1);
  s.x.X = by_columns({{1, 2, 3, 4, 5, 6}});
  CHECK(fit(s).predict(query.x, Context(0, 1))[0] == 1);  // 2 rows left, 4 right
  s.y = classes_of({0, 0, 0, 0, 1, 1}, 2);
  CHECK(fit(s).predict(query.x, Context(0, 1))[0] == 0);
}

TEST_CASE("tree: a level that a node never saw goes where a missing cell goes") {
  Sample s;
  s.x.columns = {levels("c", 4)};
  s.x.X = by_columns({{0, 0, 1, 1, 1, 2}});
  s.y = classes_of({0, 0, 1, 1, 1, 1}, 2);
  const TreeModel m = fit(s);
  Sample query;
  query.x.columns = s.x.columns;
  query.x.X = by_columns({{3, kNaN, 0, 2}});
  CHECK(m.predict(query.x, Context(0, 1)) == (Vector(4) << 1, 1, 0, 1).finished());
}

TEST_CASE("tree: what cannot be learned from is refused by name") {
  Sample s = random_table({10, 1, 1, 2, 0, 3, 0, false}, 2);
  TreeParams p;
  p.criterion = Criterion::squared_error;
  CHECK(refusal(s, p).find("criterion") != std::string::npos);
  Sample bad = s;
  Columns X = s.x.cols();
  X(3, 0) = std::numeric_limits<double>::infinity();
  bad.x.X = X;
  CHECK(refusal(bad) == "tree: column \"x0\", row 4: inf is not a finite number");
  X = s.x.cols();
  X(2, 1) = 3;
  bad.x.X = X;
  CHECK(refusal(bad) == "tree: column \"x1\", row 3: 3 is not the code of a level");
}

TEST_CASE("tree: predictions do not depend on which rows are asked together, nor on threads", "[parallel]") {
  const Sample s = random_table({3000, 4, 1, 3, 0, 5, 0.1, false}, 9);
  const TreeModel m = fit(s);
  const Matrix all = m.predict_proba(s.x, Context(0, 1));
  CHECK(m.predict_proba(s.x, Context(0, 7)) == all);
  const Sample part = of_rows(s, {2999, 5, 17, 5});
  const Matrix some = m.predict_proba(part.x, Context(0, 2));
  CHECK(some.row(0) == all.row(2999));
  CHECK(some.row(3) == all.row(5));
}

TEST_CASE("tree: regression on diabetes is scikit-learn's tree, node by node") {
  const auto golden_tree = golden("tree_diabetes.json");
  const Sample s = numbers_of("diabetes", {}, true);
  TreeParams p;
  p.min_leaf = golden_tree["min_samples_leaf"];
  const TreeNodes t = fit(s, p).nodes;
  const auto& nodes = golden_tree["nodes"];
  REQUIRE(t.size() == static_cast<int>(nodes.size()));
  for (size_t i = 0; i < nodes.size(); ++i) {
    REQUIRE(t.feature[i] == nodes[i]["feature"].get<int>());
    REQUIRE(t.left[i] == nodes[i]["left"].get<int>());
    REQUIRE(t.right[i] == nodes[i]["right"].get<int>());
    REQUIRE(t.rows[i] == nodes[i]["n"].get<int>());
    if (t.feature[i] >= 0) REQUIRE(t.threshold[i] == nodes[i]["threshold"].get<double>());
    REQUIRE(t.value[i] == Approx(nodes[i]["value"].get<double>()).epsilon(1e-12));
    REQUIRE(std::abs(t.impurity[i] - nodes[i]["impurity"].get<double>()) <= 1e-12 * t.impurity[0]);
  }
}

TEST_CASE("tree: max-leaves on diabetes is scikit-learn's best-first tree, node by node") {
  const auto best_first = golden("tree_diabetes.json")["best_first"];
  TreeParams p;
  p.min_leaf = 5;
  p.max_leaves = best_first["max_leaf_nodes"].get<int>();
  const TreeNodes t = fit(numbers_of("diabetes", {}, true), p).nodes;
  const auto& nodes = best_first["nodes"];
  REQUIRE(t.size() == static_cast<int>(nodes.size()));
  for (size_t i = 0; i < nodes.size(); ++i) {
    REQUIRE(t.feature[i] == nodes[i]["feature"].get<int>());
    REQUIRE(t.rows[i] == nodes[i]["n"].get<int>());
    if (t.feature[i] >= 0) REQUIRE(t.threshold[i] == nodes[i]["threshold"].get<double>());
    REQUIRE(t.value[i] == Approx(nodes[i]["value"].get<double>()).epsilon(1e-12));
  }
}

TEST_CASE("tree: at every node scikit-learn splits, our gain is the same, and so is a split that has no equal") {
  for (const char* criterion : {"gini", "entropy"}) {
    const auto file = golden(std::string("tree_breast_cancer_") + criterion + ".json");
    const Sample s = numbers_of("breast_cancer", file["classes"].get<std::vector<std::string>>(), true);
    const auto& nodes = file["nodes"];
    std::vector<std::vector<int>> rows(nodes.size());
    rows[0] = all_rows(s);
    size_t at = 0, single = 0;
    for (size_t i = 0; i < nodes.size(); ++i) {
      const int f = nodes[i]["feature"];
      if (f < 0) continue;
      TreeParams stump;
      stump.max_depth = 1;
      stump.criterion = std::string(criterion) == "gini" ? Criterion::gini : Criterion::entropy;
      const TreeNodes t = fit(of_rows(s, rows[i]), stump).nodes;
      const double gain =
          t.impurity[0] - t.cover[1] / t.cover[0] * t.impurity[1] - t.cover[2] / t.cover[0] * t.impurity[2];
      REQUIRE(std::abs(gain - nodes[i]["gain"].get<double>()) <= 1e-12 * std::max(1.0, t.impurity[0]));
      REQUIRE(std::abs(t.impurity[0] - nodes[i]["impurity"].get<double>()) <= 1e-12);
      const auto& best = file["splits"][at++];
      REQUIRE(best["node"].get<size_t>() == i);
      // Ours is the first of the equals: lowest column, then lowest threshold.
      REQUIRE(t.feature[0] == best["best_splits"][0]["feature"].get<int>());
      REQUIRE(t.threshold[0] == best["best_splits"][0]["threshold"].get<double>());
      single += best["best_splits"].size() == 1;
      for (const int row : rows[i])
        rows[nodes[i][s.x.cols()(row, f) <= nodes[i]["threshold"].get<double>() ? "left" : "right"].get<size_t>()]
            .push_back(row);
    }
    CHECK(at == file["splits"].size());
    CHECK(single > 0);
  }
}

TEST_CASE("tree: the explanation names columns, levels and classes") {
  Sample s;
  s.x.columns = {levels("colour", 3), {"size", {}}};
  s.x.X = by_columns({{0, 0, 1, 2, 2, 2}, {1, 9, 5, 1, 9, 9}});
  s.y = classes_of({0, 0, 0, 1, 2, 2}, 3);
  const Explanation e = fit(s).explain(s.x.columns, s.y);
  CHECK(e.rules == std::vector<std::string>{"colour not in {c} or missing -> class0  (3 rows, share 1)",
                                            "colour in {c}", "  size <= 5 -> class1  (1 row, share 1)",
                                            "  size > 5 or missing -> class2  (2 rows, share 1)"});
  CHECK(e.importance.size() == 2);
  CHECK(e.importance[0] + e.importance[1] == Approx(1));
  CHECK(e.importance_name == "mean decrease of impurity");
}
