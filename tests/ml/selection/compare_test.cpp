#include "assay/ml/selection/compare.h"

#include <cmath>
#include <numeric>

#include "assay/core/rng.h"
#include "tests/ml/selection/toy_learners.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;
using assay::test::candidate;

namespace {

CompareOptions only(std::vector<Candidate> candidates) {
  CompareOptions o;
  o.candidates = std::move(candidates);
  return o;
}

std::string labels_of(const Comparison& c) {
  std::string text;
  for (const CvResult& r : c.leaderboard) text += r.label + " ";
  return text;
}

}  // namespace

TEST_CASE("corrected t: without overlap (ratio 0) it is Student's paired test") {
  // d = 1, 2, 3: mean 2, var 1, t = 2 sqrt(3) with 2 degrees of freedom; p = 1 - t / sqrt(2 + t^2)
  const CorrectedT t = corrected_t_test({1, 2, 3}, 0);
  CHECK(t.mean == Approx(2));
  CHECK(t.standard_error == Approx(1 / std::sqrt(3.0)));
  CHECK(t.p == Approx(1 - std::sqrt(12.0 / 14)).epsilon(1e-13));
}

TEST_CASE("corrected t: overlap widens it, the sign does not matter, and the detectable difference has p = 0.05") {
  const std::vector<double> d{0.1, 0.02, 0.05, -0.01, 0.07};
  const CorrectedT plain = corrected_t_test(d, 0), corrected = corrected_t_test(d, 0.25);
  CHECK(corrected.p > plain.p);
  CHECK(corrected.standard_error == Approx(plain.standard_error * std::sqrt(1 + 0.25 * 5)));
  std::vector<double> minus, shifted;
  for (const double x : d) {
    minus.push_back(-x);
    shifted.push_back(x - corrected.mean + corrected.detectable);
  }
  CHECK(corrected_t_test(minus, 0.25).p == Approx(corrected.p).epsilon(1e-14));
  CHECK(corrected_t_test(shifted, 0.25).p == Approx(0.05).epsilon(1e-10));
}

TEST_CASE("corrected t: folds without any spread") {
  CHECK(corrected_t_test({0, 0, 0}, 0.5).p == 1);
  CHECK(corrected_t_test({0.5, 0.5, 0.5}, 0.5).p == 0);
}

TEST_CASE("holm: by hand, and never below the raw values or out of order") {
  CHECK(holm({0.01, 0.04, 0.03, 0.005}) == std::vector<double>{0.03, 0.06, 0.06, 0.02});
  CHECK(holm({}).empty());
  Rng rng(1);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<double> p(1 + rng.below(8));
    for (double& x : p) x = rng.uniform();
    const std::vector<double> q = holm(p);
    for (size_t i = 0; i < p.size(); ++i) {
      CHECK(q[i] >= p[i]);
      CHECK(q[i] <= 1);
      CHECK(q[i] <= std::min(1.0, p[i] * static_cast<double>(p.size())) + 1e-15 + (q[i] - p[i]));
      for (size_t j = 0; j < p.size(); ++j)
        if (p[i] <= p[j]) CHECK(q[i] <= q[j]);
    }
  }
}

TEST_CASE("corrected t and Holm: they agree with scipy and R") {
  const auto golden = test::golden("compare_corrected_t.json");
  for (const auto& item : golden["corrected_t"]) {
    INFO(item["name"].get<std::string>());
    const CorrectedT t = corrected_t_test(item["difference"], item["ratio"]);
    CHECK(t.mean == Approx(item["mean"].get<double>()).epsilon(1e-12));
    CHECK(t.standard_error == Approx(item["standard_error"].get<double>()).epsilon(1e-12));
    CHECK(t.p == Approx(item["p"].get<double>()).epsilon(1e-10));
    CHECK(t.detectable == Approx(item["smallest_detectable"].get<double>()).epsilon(1e-10));
  }
  for (const auto& item : golden["holm"]) {
    const std::vector<double> q = holm(item["p"]), expected = item["adjusted"];
    REQUIRE(q.size() == expected.size());
    for (size_t i = 0; i < q.size(); ++i) CHECK(q[i] == Approx(expected[i]).epsilon(1e-15));
  }
}

TEST_CASE("compare: the dummy is always there, the best stands first, and noise cannot be told apart") {
  const auto data = test::threshold_data(200, 0.1, 1);
  const Comparison c =
      compare(data.samples, data.target, only({candidate<test::Stump>(), candidate<test::Coin>()}), Context(0, 1));
  CHECK(c.leaderboard.size() == 3);
  CHECK(labels_of(c).find("toy-stump ") == 0);
  CHECK(c.leaderboard[0].mean == Approx(0.9).margin(0.06));
  REQUIRE(c.tests.size() == 2);
  for (const PairTest& t : c.tests) {
    CHECK(t.a == "toy-stump");
    CHECK(t.distinguishable);
    CHECK(t.p_holm >= t.p);
    CHECK(t.difference > 0.2);
    CHECK(std::abs(t.difference) > t.detectable);
  }
  CHECK(c.top == std::vector<std::string>{"toy-stump"});
  REQUIRE(c.verdict.size() == 2);
  CHECK(c.verdict[0].find("toy-stump is ahead of every other learner") == 0);
  CHECK(c.detectable_difference.has_value());
}

TEST_CASE("compare: two names of one method cannot be told apart, and the first is the simplest") {
  const auto data = test::threshold_data(150, 0.1, 2);
  const Comparison c = compare(data.samples, data.target,
                               only({candidate<test::Stump>(), candidate<test::StumpAgain>()}), Context(0, 1));
  REQUIRE(c.tests.size() == 2);
  CHECK(c.tests[0].p_holm == 1);
  CHECK(c.tests[0].difference == 0);
  CHECK(c.top == std::vector<std::string>{"toy-stump", "toy-stump-again"});
  CHECK(c.simplest == "toy-stump");
  CHECK(c.verdict[0] ==
        "toy-stump and toy-stump-again cannot be told apart in accuracy; toy-stump is the simplest of them.");
}

TEST_CASE("compare: a learner that knows nothing is not told apart from the dummy") {
  const auto data = test::threshold_data(100, 0.5, 3);
  const Comparison c = compare(data.samples, data.target, only({candidate<test::Coin>()}), Context(0, 1));
  CHECK(c.verdict[0].find("No learner") == 0);
  CHECK(c.simplest == "dummy");
}

TEST_CASE("compare: the result of a learner does not depend on its company") {
  const auto data = test::threshold_data(120, 0.2, 4);
  const Context ctx(5, 1);
  const Comparison c =
      compare(data.samples, data.target, only({candidate<test::Stump>(), candidate<test::Coin>()}), ctx);
  CvOptions o;
  for (const CvResult& r : c.leaderboard) {
    if (r.label != "toy-coin") continue;
    const CvResult alone = cross_validate(candidate<test::Coin>(), data.samples, data.target, o, ctx);
    CHECK(alone.folds == r.folds);
    CHECK(alone.out_of_fold.value == r.out_of_fold.value);
  }
}

TEST_CASE("compare: the same seed gives the same answer for any number of threads", "[parallel]") {
  const auto data = test::threshold_data(120, 0.2, 4);
  const auto run = [&](int threads) {
    return compare(data.samples, data.target, only({candidate<test::Stump>(), candidate<test::Coin>()}),
                   Context(5, threads));
  };
  const Comparison a = run(1), b = run(2);
  CHECK(a.verdict == b.verdict);
  for (size_t i = 0; i < a.leaderboard.size(); ++i) CHECK(a.leaderboard[i].folds == b.leaderboard[i].folds);
}

TEST_CASE(
    "compare: quadratic learners are left out by name above the limit, and learners with trouble with its message") {
  const auto data = test::threshold_data(60, 0.1, 6);
  std::vector<LeftOut> left_out;
  const auto fits = default_candidates(data.samples, data.target, 20, &left_out);
  REQUIRE_FALSE(fits.empty());
  CHECK(fits[0].label == "dummy");
  for (const Candidate& c : fits) CHECK_FALSE(c.learner->traits().quadratic);
  for (const LeftOut& l : left_out)
    if (find_learner(l.algorithm).traits().quadratic)
      CHECK(l.reason.find("60 are more than 20; --algos " + l.algorithm) != std::string::npos);

  const Comparison c = compare(data.samples, data.target, only({candidate<test::Moody>()}), Context(0, 1));
  REQUIRE(c.left_out.size() == 1);
  CHECK(c.left_out[0].algorithm == "toy-moody");
  CHECK(c.left_out[0].reason == "not today");
  CHECK(c.leaderboard.size() == 1);
  CHECK(c.verdict[0].find("dummy was the only learner compared") == 0);
}

TEST_CASE("compare: errors go down where the metric says so, and metrics of the other task are refused") {
  const auto data = test::line_data(80, 1);
  const Comparison c = compare(data.samples, data.target, only({candidate<test::LastColumn>()}), Context(0, 1));
  CHECK(c.metric == "rmse");
  CHECK_FALSE(c.higher_is_better);
  CHECK(labels_of(c) == "toy-last dummy ");
  CHECK(c.tests[0].difference < 0);
  CompareOptions o;
  o.cv.metric = "accuracy";
  CHECK_THROWS_AS(compare(data.samples, data.target, o, Context(0, 1)), UsageError);
  CHECK_THROWS_WITH(compare(data.samples, data.target, only({candidate<test::Stump>()}), Context(0, 1)),
                    Catch::Contains("does not do regression"));
}

TEST_CASE("compare: a cancelled run ends, and a used-up budget leaves out the rest by name") {
  const auto data = test::threshold_data(60, 0.1, 6);
  Cancellation cancellation;
  Context ctx(0, 1);
  ctx.cancellation = &cancellation;
  cancellation.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const Comparison c = compare(data.samples, data.target, only({candidate<test::Stump>()}), ctx);
  REQUIRE(c.left_out.size() == 1);
  CHECK(c.left_out[0].reason == "the time budget was used up");
  cancellation.signal = 2;
  CHECK_THROWS_AS(compare(data.samples, data.target, only({candidate<test::Stump>()}), ctx), Cancelled);
}
