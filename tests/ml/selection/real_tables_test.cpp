// The comparison on real tables, end to end: file, pipeline, folds, learners, verdict.
#include "assay/ml/data/table.h"
#include "assay/ml/selection/compare.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {

Dataset bundled(const std::string& name, RoleOptions roles = {}) {
  return assign_roles(read_table(test::dataset_path("tables/" + name + ".csv")), roles);
}

/// What stands in a Comparison and must not differ between two runs.
std::string everything_but_times(const Comparison& c) {
  std::string text = c.fold_note + c.simplest + c.positive;
  for (const CvResult& r : c.leaderboard) {
    text += r.label;
    for (const double s : r.folds) text += " " + std::to_string(s);
    for (const auto& m : r.means) text += m.first + std::to_string(m.second);
    for (const std::string& s : r.pipeline) text += s;
  }
  for (const PairTest& t : c.tests) text += t.b + std::to_string(t.p_holm) + std::to_string(t.detectable);
  for (const std::string& s : c.verdict) text += s;
  for (const std::string& s : c.warnings) text += s;
  for (const LeftOut& l : c.left_out) text += l.algorithm + l.reason;
  return text;
}

}  // namespace

TEST_CASE("iris: every learner but the dummy classifies at least 0.92 rightly, for seeds 0 to 9") {
  const Dataset iris = bundled("iris");
  REQUIRE(iris.samples.n() == 150);
  for (const Learner& l : learners()) {
    if (!l.traits().classification || l.name() == "dummy" || !l.traits().baseline) continue;
    for (uint64_t seed = 0; seed < 10; ++seed) {
      INFO(l.name() << ", seed " << seed);
      const CvResult r = cross_validate(make_candidate(l), iris.samples, iris.target, CvOptions{}, Context(seed, 1));
      CHECK(r.mean >= 0.92);
      CHECK(r.converged);
    }
  }
}

TEST_CASE("compare: two runs agree in all but times, for any number of threads", "[parallel]") {
  for (const char* name : {"iris", "diabetes"}) {
    INFO(name);
    const Dataset d = bundled(name);
    const Comparison a = compare(d.samples, d.target, {}, Context(0, 1)),
                     b = compare(d.samples, d.target, {}, Context(0, 2));
    CHECK(everything_but_times(a) == everything_but_times(b));
    CHECK(a.leaderboard.size() >= 2);
    CHECK(a.verdict.size() >= 1);
  }
}

TEST_CASE("compare: on iris everybody can be told apart from the dummy") {
  const Dataset iris = bundled("iris");
  const Comparison c = compare(iris.samples, iris.target, {}, Context(0, 1));
  CHECK(c.leaderboard.back().label == "dummy");
  CHECK(c.leaderboard.back().mean == Approx(1.0 / 3));
  CHECK(std::find(c.top.begin(), c.top.end(), "dummy") == c.top.end());
  REQUIRE(c.detectable_difference.has_value());
  CHECK(*c.detectable_difference < 0.2);
}

TEST_CASE("compare: titanic, with text, missing ages and is compared as it stands") {
  const Dataset titanic = bundled("titanic");
  const Comparison c = compare(titanic.samples, titanic.target, {}, Context(0, 2));
  CHECK(c.leaderboard.size() >= 2);
  CHECK(c.leaderboard.front().mean > 0.7);
  for (const CvResult& r : c.leaderboard) {
    CHECK(r.out_of_fold.value.size() == titanic.samples.n());
    if (r.label == "logistic") CHECK_FALSE(r.pipeline.empty());
  }
}
