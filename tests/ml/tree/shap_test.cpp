#include "assay/ml/tree/shap.h"

#include "assay/ml/boosting/gbdt.h"
#include "assay/ml/boosting/xgboost_model.h"
#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::test;

namespace {

/// (1) of shap.h by its definition: 2^d subsets.
Matrix brute_force(const TreeModel& m, const Columns& X, Index row) {
  const int d = static_cast<int>(m.categorical.size());
  const auto cell = [&](int f) { return X(row, f); };
  std::vector<Vector> v;
  for (int mask = 0; mask < 1 << d; ++mask) {
    std::vector<bool> known;
    for (int f = 0; f < d; ++f) known.push_back(mask >> f & 1);
    v.push_back(tree::expected_value(m.nodes, m.categorical, cell, known));
  }
  const auto factorial = [](int n) { return std::tgamma(n + 1.0); };
  Matrix phi = Matrix::Zero(1 + d, m.nodes.outputs);
  phi.row(0) = v[0].transpose();
  for (int f = 0; f < d; ++f)
    for (int mask = 0; mask < 1 << d; ++mask) {
      if (mask >> f & 1) continue;
      int size = 0;
      for (int g = 0; g < d; ++g) size += mask >> g & 1;
      const double weight = factorial(size) * factorial(d - size - 1) / factorial(d);
      phi.row(1 + f) += weight * (v[static_cast<size_t>(mask | 1 << f)] - v[static_cast<size_t>(mask)]).transpose();
    }
  return phi;
}

Matrix shap(const TreeModel& m, const Columns& X, Index row) {
  Matrix phi = Matrix::Zero(1 + static_cast<Index>(m.categorical.size()), m.nodes.outputs);
  tree::add_shap(
      m.nodes, m.categorical, [&](int f) { return X(row, f); }, 1, phi);
  return phi;
}

}  // namespace

TEST_CASE("shap: two questions about two columns, by hand") {
  // x0 <= 0 (half of the weight): 0; else x1 <= 0 (half of that): 2, else 6
  TreeModel m;
  m.task = Task::regression;
  m.criterion = Criterion::squared_error;
  m.categorical = {false, false};
  TreeNodes& t = m.nodes;
  t.feature = {0, -1, 1, -1, -1};
  t.threshold = {0, 0, 0, 0, 0};
  t.left = {1, -1, 3, -1, -1};
  t.right = {2, -1, 4, -1, -1};
  t.default_left.assign(5, true);
  t.value = {2, 0, 4, 2, 6};
  t.cover = {8, 4, 4, 2, 2};
  t.impurity.assign(5, 0);
  t.rows = {8, 4, 4, 2, 2};
  t.level_begin.assign(6, 0);
  // v() = 2, v(0) = 4, v(1) = 3, v(01) = 6 for the row (1, 1)
  const Matrix phi = shap(m, by_columns({{1}, {1}}), 0);
  CHECK(phi(0, 0) == 2);
  CHECK(phi(1, 0) == Approx(0.5 * (4 - 2) + 0.5 * (6 - 3)));
  CHECK(phi(2, 0) == Approx(0.5 * (3 - 2) + 0.5 * (6 - 4)));
}

TEST_CASE("shap: Shapley's values by their definition, with categories, missing cells and weights") {
  uint64_t seed = 0;
  for (const int K : {0, 2, 3})
    for (const double missing : {0.0, 0.2})
      for (int repeat = 0; repeat < 6; ++repeat) {
        const Make make{40, 3, 2, K, repeat % 2 ? 5 : 0, 4, missing, repeat % 3 == 0};
        const Sample s = random_table(make, ++seed), fresh = random_table({12, 3, 2, K, 0, 4, 0.3, false}, seed + 500);
        const TreeModel m = Tree::fit({}, s.x, s.y, Context(0, 1));
        for (Index row = 0; row < 12; ++row) {
          const Matrix phi = shap(m, fresh.x.cols(), row), truth = brute_force(m, fresh.x.cols(), row);
          INFO("seed " << seed << " row " << row);
          REQUIRE((phi - truth).cwiseAbs().maxCoeff() <= 1e-12 * std::max(1.0, truth.cwiseAbs().maxCoeff()));
        }
      }
}

TEST_CASE("shap: the values and the base sum to the answer, also where a column is asked many times") {
  for (const int K : {0, 4}) {
    const Sample s = random_table({600, 4, 2, K, 0, 6, 0.1, true}, 7);
    const TreeModel m = Tree::fit({}, s.x, s.y, Context(0, 1));
    REQUIRE(m.nodes.depth() > 8);
    const Matrix said = K == 0 ? Matrix(m.predict(s.x, Context(0, 1))) : m.predict_proba(s.x, Context(0, 1));
    for (Index row = 0; row < 600; row += 7) {
      const Matrix phi = shap(m, s.x.cols(), row);
      for (Index k = 0; k < phi.cols(); ++k) REQUIRE(phi.col(k).sum() == Approx(said(row, k)).margin(1e-10));
    }
    // The base is the answer of the root: the mean over the training weight.
    const Matrix phi = shap(m, s.x.cols(), 0);
    for (Index k = 0; k < phi.cols(); ++k)
      CHECK(phi(0, k) == Approx(m.nodes.value[static_cast<size_t>(k)]).margin(1e-12));
  }
}

TEST_CASE("shap: a column that no question asks about gets nothing, and two trees add up") {
  Sample s = random_table({100, 2, 0, 2, 0, 4, 0, false}, 9);
  s.x.columns.push_back({"constant", {}});
  Columns X(100, 3);
  X << s.x.cols(), Vector::Constant(100, 4);
  s.x.X = X;
  const TreeModel m = Tree::fit({}, s.x, s.y, Context(0, 1));
  const Matrix one = shap(m, s.x.cols(), 3);
  CHECK(one(3, 0) == 0);
  CHECK(one(3, 1) == 0);
  TreeParams stump;
  stump.max_depth = 1;
  const TreeModel other = Tree::fit(stump, s.x, s.y, Context(0, 1));
  Matrix both = Matrix::Zero(4, 2);
  const auto cell = [&](int f) { return s.x.cols()(3, f); };
  tree::add_shap(m.nodes, m.categorical, cell, 0.25, both);
  tree::add_shap(other.nodes, other.categorical, cell, 2, both);
  CHECK((both - (0.25 * one + 2 * shap(other, s.x.cols(), 3))).cwiseAbs().maxCoeff() <= 1e-14);
}

TEST_CASE("shap: a chain of 2 000 questions needs no recursion") {
  Sample s;
  std::vector<double> x, y;
  for (int i = 0; i < 2000; ++i) x.push_back(i), y.push_back(i % 2);
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({x});
  s.y = values_of(y);
  const TreeModel m = Tree::fit({}, s.x, s.y, Context(0, 1));
  const Matrix phi = shap(m, s.x.cols(), 1001);
  CHECK(phi(0, 0) == Approx(0.5));
  CHECK(phi(1, 0) == Approx(0.5));
}

TEST_CASE("shap: XGBoost's pred_contribs of its own models, read from their files") {
  const auto models = golden("xgboost_models.json")["cases"], truth = golden("xgboost_contributions.json")["cases"];
  REQUIRE(models.size() == truth.size());
  for (size_t c = 0; c < models.size(); ++c) {
    const std::string table = models[c]["table"], text = models[c]["model"];
    const Model model = parse_xgboost_model(text, table);
    const auto* fitted = dynamic_cast<const detail::ModelOf<GbdtModel>*>(model.model.get());
    REQUIRE(fitted);
    const GbdtModel& m = fitted->inner();
    const std::vector<std::string> classes =
        table == "diabetes" ? std::vector<std::string>{} : std::vector<std::string>{"any"};
    const Columns X = numbers_of(table, classes, true).x.cols();
    const Index d = X.cols();
    for (size_t r = 0; r < truth[c]["contributions"].size(); ++r) {
      const Index row = static_cast<Index>(7 * r);
      const auto cell = [&](int f) { return (7 * row + 3 * f) % 11 == 0 ? kNaN : X(row, f); };
      Matrix phi = Matrix::Zero(1 + d, m.K());
      for (int k = 0; k < m.K(); ++k) phi(0, k) = m.base[static_cast<size_t>(k)];
      for (size_t t = 0; t < m.trees.size(); ++t) {
        Matrix one = Matrix::Zero(1 + d, 1);
        tree::add_shap(m.trees[t].nodes, m.categorical, cell, 1, one);
        phi.col(static_cast<Index>(t) % m.K()) += one;
      }
      for (int k = 0; k < m.K(); ++k) {
        const auto& theirs = truth[c]["contributions"][r][static_cast<size_t>(k)];
        const double margin = 1e-5 * std::max(1.0, std::abs(phi.col(k).sum()));
        INFO(table << " row " << row << " output " << k);
        REQUIRE(theirs.size() == static_cast<size_t>(d) + 1);
        for (Index f = 0; f < d; ++f)
          REQUIRE(std::abs(phi(1 + f, k) - theirs[static_cast<size_t>(f)].get<double>()) <= margin);
        REQUIRE(std::abs(phi(0, k) - theirs[static_cast<size_t>(d)].get<double>()) <= margin);
      }
    }
  }
}
