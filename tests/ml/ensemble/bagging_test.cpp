// Bagging: the mean of what its members say, on bags that are as they should be.
#include "assay/ml/ensemble/bagging.h"

#include "assay/core/error.h"
#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::test;

namespace {

BaggingParams of_base(const std::string& base, int models = 12) {
  BaggingParams p;
  p.base.text = base;
  p.models = models;
  return p;
}

BaggingModel fit(const Sample& s, const BaggingParams& p, uint64_t seed = 0, int threads = 1) {
  return Bagging::fit(p, s.x, s.y, Context(seed, threads));
}

}  // namespace

TEST_CASE("bagging: the answer is the mean of the members' answers") {
  for (const int K : {3, 0}) {
    const Sample s = random_table({120, 3, 1, K, 0, 4, 0.1, true}, 2);
    const BaggingModel m = fit(s, of_base("tree:min-leaf=5"));
    REQUIRE(m.members.models.size() == 12);
    const Samples x = m.members.transform(s.x, Context(0, 1));
    Matrix mean = Matrix::Zero(120, std::max(K, 1));
    for (const auto& member : m.members.models) {
      if (K > 0)
        mean += member->predict_proba(x, Context(0, 1)) / 12;
      else
        mean += member->predict(x, Context(0, 1)) / 12;
    }
    const Matrix said = K > 0 ? m.predict_proba(s.x, Context(0, 1)) : Matrix(m.predict(s.x, Context(0, 1)));
    CHECK((said - mean).cwiseAbs().maxCoeff() < 1e-12);
  }
}

TEST_CASE("bagging: rows are drawn in proportion to their shares, and none of share zero") {
  Vector share(4);
  share << 1, 0, 3, 6;
  std::vector<double> times(4, 0.0);
  const ensemble::DrawnRows drawn = ensemble::draw_rows(share, 4, 100000, Rng(3));
  for (size_t r = 0; r < drawn.rows.size(); ++r) times[static_cast<size_t>(drawn.rows[r])] = drawn.times[r];
  CHECK(times[1] == 0);
  for (const size_t i : {0u, 2u, 3u}) CHECK(times[i] / 1e5 == Approx(share[static_cast<Index>(i)] / 10).margin(0.006));
  const ensemble::DrawnRows alike = ensemble::draw_rows({}, 1000, 1000, Rng(3));
  CHECK(static_cast<double>(alike.rows.size()) == Approx(1000 * (1 - std::exp(-1.0))).margin(45));
}

TEST_CASE("bagging: a learner that takes weights gets the draws as weights, another one gets the rows again") {
  Sample s = random_table({40, 2, 0, 0, 0, 4, 0, false}, 2);
  const ensemble::DrawnRows drawn = ensemble::draw_rows({}, 40, 40, Rng(1));
  std::vector<int> rows;
  for (size_t r = 0; r < drawn.rows.size(); ++r)
    rows.insert(rows.end(), static_cast<size_t>(drawn.times[r]), drawn.rows[r]);
  const ensemble::BaseLearner base("linear");
  s.x = ensemble::Members::prepare(base, s.x, s.y, Context(0, 1)).transform(s.x, Context(0, 1));
  const auto weighted = fit_on(base, s.x, s.y, drawn, Context(0, 1));
  const auto repeated = base.learner->fit(*base.params, gather(s.x, rows), gather(s.y, rows), Context(0, 1), nullptr);
  CHECK((weighted->predict(s.x, Context(0, 1)) - repeated->predict(s.x, Context(0, 1))).cwiseAbs().maxCoeff() < 1e-9);
}

TEST_CASE("bagging: an out-of-bag error near the error on new rows, where the training error is zero") {
  const Sample s = numbers_of("breast_cancer", {"benign", "malignant"}, false);
  const BaggingModel m = fit(s, of_base("tree", 40), 1, 0);
  CHECK(m.oob_rows == s.x.n());
  CHECK(m.oob_error > 0.02);
  CHECK(m.oob_error < 0.08);  // single trees: 7 to 8 %
  BaggingParams p = of_base("tree", 5);
  p.oob = false;
  CHECK(fit(s, p).oob_rows == 0);
}

TEST_CASE("bagging: any learner is a base; classes that a bag lacks stay in the answer") {
  Sample s = random_table({60, 3, 1, 3, 0, 4, 0.1, false}, 6);
  for (size_t i = 0; i < 60; ++i) s.y.code[i] = i == 0 ? 2 : static_cast<int>(i % 2);  // class 2 has one row
  for (const char* base : {"logistic", "knn:k=1", "linear-svm", "svm", "naive-bayes", "adaboost:rounds=3", "dummy"}) {
    CAPTURE(base);
    const BaggingModel m = fit(s, of_base(base, 4), 1);
    const Matrix p = m.predict_proba(s.x, Context(0, 1));
    CHECK(p.cols() == 3);
    CHECK(p.rowwise().sum().isApproxToConstant(1));
  }
  CHECK_THROWS_AS(fit(s, of_base("ridge")), UsageError);
}

TEST_CASE("bagging: any number of threads gives the same models", "[parallel]") {
  const Sample s = random_table({150, 3, 0, 3, 0, 4, 0, false}, 6);
  const BaggingModel one = fit(s, of_base("tree:max-depth=4", 20), 3, 1),
                     many = fit(s, of_base("tree:max-depth=4", 20), 3, 7);
  CHECK(one.oob_error == many.oob_error);
  CHECK(one.predict_proba(s.x, Context(0, 1)) == many.predict_proba(s.x, Context(0, 1)));
}
