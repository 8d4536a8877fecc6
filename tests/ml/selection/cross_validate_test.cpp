#include "assay/ml/selection/cross_validate.h"

#include <cmath>
#include <set>

#include "tests/ml/selection/toy_learners.h"
#include "tests/support/catch.h"

using namespace assay;
using assay::test::candidate;

namespace {

/// A spy: it remembers the values of the first column it was trained on, scaled as the pipeline scales them.
struct Spy : test::Stump {
  static constexpr LearnerInfo info{"toy-spy", "", "", {}, {.classification = true, .needs_scaling = true}};
  static inline std::vector<double> means, spreads;
  static inline std::vector<Index> sizes;
  static Model fit(const Params& p, const Samples& x, const Target&, const Context&) {
    const Vector column = x.rows().col(0);
    means.push_back(column.mean());
    spreads.push_back(std::sqrt((column.array() - column.mean()).square().mean()));
    sizes.push_back(x.n());
    return {p.cut, false, false, {}};
  }
};

/// Learns its training rows by heart: class 1 if and only if the row was there.
struct ParrotModel {
  std::set<double> seen;
  FitReport report;
  Vector predict(const Samples& x, const Context&) const {
    Vector out(x.n());
    for (Index i = 0; i < x.n(); ++i) out[i] = static_cast<double>(seen.count(x.rows()(i, 0)));
    return out;
  }
  void save(ArchiveWriter&) const {}
  static ParrotModel load(const ArchiveReader&, const std::vector<Column>&, const Target&) { return {}; }
};
struct Parrot {
  using Params = test::ToyParams;
  using Model = ParrotModel;
  static constexpr LearnerInfo info{"toy-parrot", "", "", {}, {.classification = true}};
  static Model fit(const Params&, const Samples& x, const Target&, const Context&) {
    ParrotModel m;
    for (Index i = 0; i < x.n(); ++i) m.seen.insert(x.rows()(i, 0));
    return m;
  }
};

}  // namespace

TEST_CASE("cross-validation: a row is never predicted by a model that saw it") {
  const auto data = test::threshold_data(70, 0.3, 1);
  CvOptions o;
  o.repeats = 2;
  const CvResult r = cross_validate(candidate<Parrot>(), data.samples, data.target, o, Context(0, 1));
  CHECK(r.folds.size() == 10);
  REQUIRE(r.out_of_fold.value.size() == 70);
  CHECK((r.out_of_fold.value.array() == 0).all());
}

TEST_CASE("cross-validation: the pipeline is fitted on the training rows alone") {
  const auto data = test::threshold_data(53, 0.3, 1);
  Spy::means.clear();
  cross_validate(candidate<Spy>(), data.samples, data.target, CvOptions{}, Context(0, 1));
  REQUIRE(Spy::means.size() == 5);
  for (size_t f = 0; f < 5; ++f) {
    CHECK(std::abs(Spy::means[f]) < 1e-12);
    CHECK(Spy::spreads[f] == Approx(1).epsilon(1e-12));
    CHECK((Spy::sizes[f] == 42 || Spy::sizes[f] == 43));
  }
}

TEST_CASE("cross-validation: mean and sd are those of the folds, and each fold's score is its share of right rows") {
  const auto data = test::threshold_data(101, 0.2, 8);
  const CvResult r = cross_validate(candidate<test::Stump>(), data.samples, data.target, CvOptions{}, Context(3, 1));
  REQUIRE(r.folds.size() == 5);
  double mean = 0, squares = 0;
  std::vector<double> right(5), rows(5);
  for (size_t i = 0; i < 101; ++i) {
    const size_t f = static_cast<size_t>(r.fold_of[i]);
    rows[f] += 1;
    right[f] += r.out_of_fold.value[static_cast<Index>(i)] == data.target.code[i];
  }
  for (size_t f = 0; f < 5; ++f) {
    CHECK(r.folds[f] == Approx(right[f] / rows[f]).epsilon(1e-15));
    mean += r.folds[f] / 5;
  }
  for (const double s : r.folds) squares += (s - mean) * (s - mean);
  CHECK(r.mean == Approx(mean).epsilon(1e-15));
  CHECK(r.sd == Approx(std::sqrt(squares / 4)).epsilon(1e-13));
  CHECK(r.metric == "accuracy");
  REQUIRE_FALSE(r.means.empty());
  CHECK(r.means[0].first == "accuracy");
  CHECK(r.means[0].second == Approx(r.mean).epsilon(1e-15));
  CHECK(r.run.fit_s >= 0);
}

TEST_CASE("cross-validation: a learner that stops early says so, with what to do") {
  const auto data = test::threshold_data(40, 0.2, 8);
  const CvResult r = cross_validate(candidate<test::Tired>(), data.samples, data.target, CvOptions{}, Context(3, 1));
  CHECK_FALSE(r.converged);
  REQUIRE(r.warnings.size() == 1);
  CHECK(r.warnings[0] == "did not converge in 5 of 5 fits: sleep more");
}

TEST_CASE("cross-validation: a metric without a value on a fold is an error that says why") {
  const auto data = test::threshold_data(40, 0.2, 8);
  CvOptions o;
  o.metric = "roc_auc";
  CHECK_THROWS_WITH(cross_validate(candidate<test::Stump>(), data.samples, data.target, o, Context(3, 1)),
                    Catch::Contains("'roc_auc' has no value on fold 1: the model has neither probabilities"));
}

TEST_CASE("cross-validation: whole groups stay together, and the scores count the weights") {
  auto data = test::threshold_data(60, 0.2, 8);
  for (int i = 0; i < 60; ++i) data.samples.groups.push_back(i / 6);
  data.samples.weight = Vector(60);
  for (int i = 0; i < 60; ++i) data.samples.weight[i] = i % 2;
  const CvResult r = cross_validate(candidate<test::Stump>(), data.samples, data.target, CvOptions{}, Context(1, 1));
  for (size_t i = 0; i < 60; ++i) CHECK(r.fold_of[i] == r.fold_of[i / 6 * 6]);
  CHECK(r.warnings.empty());
  // only the odd rows count
  for (size_t f = 0; f < 5; ++f) {
    double right = 0, rows = 0;
    for (Index i = 1; i < 60; i += 2)
      if (r.fold_of[static_cast<size_t>(i)] == static_cast<int>(f)) {
        rows += 1;
        right += r.out_of_fold.value[i] == data.target.code[static_cast<size_t>(i)];
      }
    CHECK(r.folds[f] == Approx(right / rows));
  }
}

TEST_CASE("candidate: the label names what differs from the defaults, and mistakes are refused") {
  const Candidate plain = make_candidate(parse_inline("dummy"));
  CHECK(plain.label == "dummy");
  CHECK_THROWS_AS(make_candidate(parse_inline("no-such-learner")), UsageError);
  CHECK_THROWS_AS(make_candidate(parse_inline("dummy:no-such-parameter=1")), UsageError);
}

TEST_CASE("predict everything: values and probabilities where the model has them") {
  const auto data = test::threshold_data(40, 0.2, 8);
  const Learner& dummy = find_learner("dummy");
  const Model model = fit_model(dummy, *dummy.params(), data.samples, data.target, {}, Context(0, 1));
  const Predictions said = predict_everything(model, data.samples, Context(0, 1));
  CHECK(said.value.size() == 40);
  CHECK(said.proba.rows() == 40);
  CHECK(said.proba.cols() == 2);
  CHECK(said.decision.size() == 0);
}
