#include "assay/ml/linear/linear_svm.h"

#include <cmath>
#include <limits>

#include "assay/ml/linear/linear_svm_solvers.h"
#include "assay/ml/svm/svm.h"
#include "tests/ml/linear/clouds.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;
using test::as_sparse;
using test::bundled;
using test::clouds;
using test::Data;
using test::more;

namespace {

LinearSvmParams with(HingeLoss loss, LinearSvmSolver solver = LinearSvmSolver::dual, bool penalize = false,
                     double C = 1, double tolerance = 1e-9) {
  LinearSvmParams p;
  p.loss = loss;
  p.solver = solver;
  p.penalize_intercept = penalize;
  p.C = C;
  p.tolerance = tolerance;
  p.max_iter = 1'000'000;
  return p;
}

LinearSvmModel fit(const Data& data, const LinearSvmParams& params, int threads = 1) {
  return LinearSvm::fit(params, data.samples, data.target, Context(3, threads));
}

// A row a line: x ..., then the class.
Data table(const std::vector<std::vector<double>>& rows) {
  Data data;
  Matrix X(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()) - 1);
  for (Index i = 0; i < X.rows(); ++i) {
    const auto& row = rows[static_cast<size_t>(i)];
    for (Index f = 0; f < X.cols(); ++f) X(i, f) = row[static_cast<size_t>(f)];
    data.target.code.push_back(static_cast<int>(row.back()));
  }
  for (Index f = 0; f < X.cols(); ++f) data.samples.columns.push_back({"x" + std::to_string(f), {}});
  data.target.classes = {"no", "yes"};
  data.target.name = "y";
  data.samples.X = std::move(X);
  return data;
}

linear_svm::Machine machine_of(const Data& data, bool squared, bool intercept, bool penalized, double C) {
  linear_svm::Machine m{data.samples, Vector(data.samples.n()), Vector(data.samples.n()), squared, intercept,
                        penalized};
  for (Index i = 0; i < data.samples.n(); ++i) {
    m.sign[i] = data.target.code[static_cast<size_t>(i)] == 1 ? 1 : -1;
    m.cost[i] = C * data.samples.weight_of(i);
  }
  return m;
}

void check_same_plane(const LinearSvmModel& a, const LinearSvmModel& b, double tolerance) {
  CHECK((a.W - b.W).cwiseAbs().maxCoeff() < tolerance);
  CHECK((a.b - b.b).cwiseAbs().maxCoeff() < tolerance);
}

}  // namespace

TEST_CASE("linear-svm: two rows give the plane in the middle, with the margin as wide as it can be") {
  // Rows at 1 and 3: w = 1, b = -2, alpha = 1/2 each, while C >= 1/2; below that w = 2 C.
  const Data two = table({{1, 0}, {3, 1}});
  for (const double C : {10.0, 0.5, 0.25}) {
    const LinearSvmModel m = fit(two, with(HingeLoss::plain, LinearSvmSolver::dual, false, C));
    const double w = std::min(1.0, 2 * C);
    CHECK(m.W(0, 0) == Approx(w).epsilon(1e-8));
    CHECK(m.report.objective == Approx(w * w / 2 + C * 2 * (1 - w)).margin(2 * C * 1e-9));
    CHECK(m.report.converged);
  }
  // Squared: alpha_1 = alpha_2 = a, w = 2 a and 1 - w = a / (2 C): a = 1 / (2 + 1 / (2 C)).
  for (const LinearSvmSolver solver : {LinearSvmSolver::dual, LinearSvmSolver::newton}) {
    const LinearSvmModel m = fit(two, with(HingeLoss::squared, solver, false, 2));
    CHECK(m.W(0, 0) == Approx(2 / 2.25).epsilon(1e-8));
    CHECK(m.b[0] == Approx(-2 * m.W(0, 0)).epsilon(1e-8));
  }
}

TEST_CASE("linear-svm: every row meets its optimality condition, and the dual's value is the primal's") {
  Data data = clouds(200, 6, 2);
  data.samples.weight = Vector::LinSpaced(200, 0, 3);  // one row of weight 0
  for (const bool squared : {false, true})
    for (const int intercept : {0, 1, 2}) {
      const linear_svm::Machine m = machine_of(data, squared, intercept > 0, intercept == 2, 0.3);
      const linear_svm::Solution s = linear_svm::dual_descent(m, 1e-9, 1'000'000, Context(1, 1));
      INFO("squared " << squared << ", intercept " << intercept);
      REQUIRE(s.converged);
      const Matrix& X = data.samples.rows();
      const Vector w = X.transpose() * s.alpha.cwiseProduct(m.sign);
      CHECK((w - s.w).cwiseAbs().maxCoeff() < 1e-9);
      const double balance = s.alpha.dot(m.sign);
      if (intercept == 0) CHECK(s.b == 0);
      if (intercept == 1) CHECK(std::abs(balance) < 1e-8 * s.alpha.sum());
      if (intercept == 2) CHECK(s.b == Approx(balance).epsilon(1e-9));
      for (Index i = 0; i < 200; ++i) {
        const double C = m.cost[i], a = s.alpha[i], margin = m.sign[i] * (X.row(i).dot(s.w.transpose()) + s.b);
        const double G = margin - 1 + (squared && C > 0 ? a / (2 * C) : 0);
        CHECK(a >= 0);
        if (C == 0) {
          CHECK(a == 0);
          continue;
        }
        if (!squared) CHECK(a <= C);
        if (a > 0) CHECK(G < 1e-7);
        if (squared || a < C) CHECK(G > -1e-7);
      }
      const linear_svm::Value v = linear_svm::value_of(m, s, 1);
      CHECK(std::abs(v.gap) < 1e-6 * v.primal);
    }
}

TEST_CASE("linear-svm: the duality gap bounds the distance from the minimum of an answer that is not finished") {
  const Data data = clouds(300, 8, 2, 4);
  const linear_svm::Machine m = machine_of(data, true, true, true, 1);
  const double best = linear_svm::value_of(m, linear_svm::dual_descent(m, 1e-10, 100000, Context(1, 1)), 1).primal;
  double before = std::numeric_limits<double>::infinity();
  for (const int sweeps : {1, 3, 10, 30}) {
    const linear_svm::Solution s = linear_svm::dual_descent(m, 1e-10, sweeps, Context(1, 1));
    const linear_svm::Value v = linear_svm::value_of(m, s, 1);
    CHECK_FALSE(s.converged);
    CHECK(s.iterations == sweeps);
    CHECK(v.primal - best >= -1e-9);
    CHECK(v.gap >= v.primal - best - 1e-9);
    CHECK(v.gap < before);
    before = v.gap;
  }
}

TEST_CASE("linear-svm: newton and the dual end at the same plane, also beyond the columns that one reading takes") {
  for (const Index d : {1, 7, 189, 190, 191, 230}) {
    const Data data = clouds(300, d, 2, static_cast<uint64_t>(d));
    for (const bool penalize : {false, true}) {
      INFO("columns " << d << ", penalised " << penalize);
      const LinearSvmModel a = fit(data, with(HingeLoss::squared, LinearSvmSolver::newton, penalize, 0.1));
      const LinearSvmModel b = fit(data, with(HingeLoss::squared, LinearSvmSolver::dual, penalize, 0.1));
      REQUIRE((a.report.converged && b.report.converged));
      CHECK(a.report.objective == Approx(b.report.objective).epsilon(1e-12));
      check_same_plane(a, b, 1e-6);
    }
  }
}

TEST_CASE("linear-svm: the hinge with a free intercept has the objective of svm with a linear kernel") {
  const Data data = clouds(150, 5, 2, 8);
  for (const double C : {0.01, 1.0, 30.0}) {
    SvmParams p;
    p.kernel = Kernel::linear;
    p.C = C;
    p.tolerance = 1e-6;
    const SvmModel other = Svm::fit(p, data.samples, data.target, Context(0, 1));
    const LinearSvmModel m = fit(data, with(HingeLoss::plain, LinearSvmSolver::dual, false, C, 1e-7));
    CHECK(m.report.objective == Approx(-other.report.objective).epsilon(1e-5));  // svm's kernel values are floats
  }
}

TEST_CASE("linear-svm: a sparse table has the dense one's answer") {
  for (const int K : {2, 3})
    for (const HingeLoss loss : {HingeLoss::plain, HingeLoss::squared})
      for (const bool penalize : {false, true}) {
        const Data data = clouds(120, 6, K, 5);
        const LinearSvmModel a = fit(data, with(loss, LinearSvmSolver::dual, penalize));
        const Data sparse = as_sparse(data);
        const LinearSvmModel b = fit(sparse, with(loss, LinearSvmSolver::automatic, penalize));
        CHECK(a.report.objective == Approx(b.report.objective).epsilon(1e-8));
        check_same_plane(a, b, 1e-6);
        // Rows on the margins of two classes have two scores of exactly -1: which is the larger is rounding's choice.
        const Vector of_a = a.predict(data.samples, Context(0, 1)), of_b = b.predict(sparse.samples, Context(0, 1));
        const Matrix scores = a.decision_function(data.samples, Context(0, 1));
        Index ties = 0;
        for (Index i = 0; i < of_a.size(); ++i) {
          Vector row = scores.row(i);
          std::sort(row.data(), row.data() + row.size());
          const bool tie = row.size() > 1 && row[row.size() - 1] - row[row.size() - 2] < 1e-5;
          ties += tie;
          if (!tie) CHECK(of_a[i] == of_b[i]);
        }
        CHECK(ties <= 7);  // a machine of six weights and b has at most so many rows on its margins in general
      }
}

TEST_CASE("linear-svm: a weight of two is the row twice, and a weight of zero no row") {
  const Data once = clouds(60, 4, 2, 6);
  std::vector<int> rows;
  Data weighted = once;
  weighted.samples.weight = Vector::Ones(60);
  for (int i = 0; i < 60; ++i) {
    weighted.samples.weight[i] = i % 3;
    for (int copy = 0; copy < i % 3; ++copy) rows.push_back(i);
  }
  const Data repeated{gather(once.samples, rows), gather(once.target, rows)};
  for (const HingeLoss loss : {HingeLoss::plain, HingeLoss::squared}) {
    const LinearSvmModel a = fit(weighted, with(loss)), b = fit(repeated, with(loss));
    CHECK(a.report.objective == Approx(b.report.objective).epsilon(1e-8));
    check_same_plane(a, b, 1e-6);
  }
  check_same_plane(fit(weighted, with(HingeLoss::squared, LinearSvmSolver::newton)),
                   fit(repeated, with(HingeLoss::squared, LinearSvmSolver::newton)), 1e-9);
}

TEST_CASE("linear-svm: three classes are three machines, and the highest score is the answer") {
  const Data data = clouds(150, 5, 3, 7);
  const LinearSvmModel m = fit(data, with(HingeLoss::squared));
  double total = 0;
  for (int k = 0; k < 3; ++k) {
    Data one = data;
    one.target.classes = {"rest", "it"};
    for (int& code : one.target.code) code = code == k;
    const LinearSvmModel own = fit(one, with(HingeLoss::squared, LinearSvmSolver::newton));
    CHECK((m.W.row(k) - own.W.row(0)).cwiseAbs().maxCoeff() < 1e-6);
    total += own.report.objective;
  }
  CHECK(m.report.objective == Approx(total).epsilon(1e-9));
  const Matrix Z = m.decision_function(data.samples, Context(0, 1));
  const Vector y = m.predict(data.samples, Context(0, 1));
  for (Index i = 0; i < Z.rows(); ++i) CHECK(Z(i, static_cast<Index>(y[i])) == Z.row(i).maxCoeff());
}

TEST_CASE("linear-svm: odd tables have an answer") {
  const auto all = {with(HingeLoss::plain), with(HingeLoss::squared),
                    with(HingeLoss::squared, LinearSvmSolver::newton)};
  SECTION("separable: no row is on the wrong side") {
    const Data data = table({{0, 1, 0}, {1, 0, 0}, {4, 5, 1}, {5, 4, 1}});
    // Half the distance of (0.5, 0.5) and (4.5, 4.5) is 4 / sqrt(2): |w|^2 / 2 = 1 / 16 with no row inside the margin.
    // Squared, four alphas a: the dual is 4 a - (64 + 1 / C) a^2.
    for (LinearSvmParams p : all) {
      const bool squared = p.loss == HingeLoss::squared;
      p.C = p.solver == LinearSvmSolver::dual && squared ? 1 : 1e4;  // the squared dual takes C sweeps and more
      const LinearSvmModel m = fit(data, p);
      CHECK(m.report.converged);
      CHECK(m.report.objective == Approx(squared ? 4 / (64 + 1 / p.C) : 1.0 / 16).epsilon(1e-3));
    }
  }
  SECTION("nothing but constants: b alone speaks for the larger class") {
    const Data data = table({{3, 0}, {3, 1}, {3, 1}});
    for (const LinearSvmParams& p : all) {
      const LinearSvmModel m = fit(data, p);
      CHECK(m.report.converged);
      CHECK(std::abs(m.W(0, 0)) < 1e-6);
      CHECK(m.predict(data.samples, Context(0, 1)) == Vector::Ones(3));
    }
  }
  SECTION("zeros and no intercept: every score is 0") {
    const Data data = table({{0, 0}, {0, 1}});
    for (LinearSvmParams p : all) {
      p.intercept = false;
      const LinearSvmModel m = fit(data, p);
      CHECK(m.report.converged);
      CHECK(m.W(0, 0) == 0);
      CHECK(m.report.objective == Approx(2));
    }
  }
  SECTION("a row of both classes") {
    const Data data = table({{1, 0}, {1, 1}, {2, 1}, {2, 0}, {3, 1}});
    for (const LinearSvmParams& p : all) CHECK(fit(data, p).report.converged);
  }
}

TEST_CASE("linear-svm: sweeps that run out are unconverged, and the note says what to do") {
  LinearSvmParams p = with(HingeLoss::plain, LinearSvmSolver::dual, false, 1000, 1e-12);
  p.max_iter = 3;
  const LinearSvmModel m = fit(clouds(100, 4, 2), p);
  CHECK_FALSE(m.report.converged);
  CHECK_THAT(m.report.note, Catch::Matchers::Contains("--max-iter"));
}

TEST_CASE("linear-svm: impossible choices, one class and cells that are not finite are refused") {
  CHECK(LinearSvmParams::check(with(HingeLoss::plain, LinearSvmSolver::newton)));
  LinearSvmParams p = with(HingeLoss::plain, LinearSvmSolver::dual, true);
  p.intercept = false;
  CHECK(LinearSvmParams::check(p));
  CHECK_FALSE(LinearSvmParams::check({}));
  CHECK_THROWS_AS(fit(as_sparse(clouds(20, 3, 2)), with(HingeLoss::squared, LinearSvmSolver::newton)), ParameterError);
  CHECK_THROWS_AS(fit(table({{1, 0}, {2, 0}}), {}), DataError);
  Data data = as_sparse(clouds(30, 3, 2));
  std::get<Csr>(data.samples.X).value[2] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(fit(data, {}), DataError);
}

TEST_CASE("linear-svm: objectives and planes are those of LIBLINEAR and LIBSVM") {
  const auto all = test::golden("linear_svm.json");
  for (const auto& gold : all["cases"]) {
    const Data data = bundled(gold["dataset"], gold["target"], LinearSvm::info, Scale::standard);
    const bool squared = gold["loss"] == "squared-hinge";
    const LinearSvmModel m = fit(data, with(squared ? HingeLoss::squared : HingeLoss::plain, LinearSvmSolver::automatic,
                                            gold["penalize_intercept"], gold["C"]));
    INFO(gold["dataset"] << " " << gold["loss"] << " " << gold["penalize_intercept"]);
    REQUIRE(m.report.converged);
    CHECK(m.report.objective == Approx(gold["objective"].get<double>()).epsilon(1e-8));
    CHECK(std::abs(more(m.report, "duality_gap")) < 1e-6);
    for (Index k = 0; k < m.W.rows(); ++k) {
      const auto at = static_cast<size_t>(k);
      for (Index f = 0; f < m.W.cols(); ++f)
        CHECK(std::abs(m.W(k, f) - gold["coefficients"][at][static_cast<size_t>(f)].get<double>()) < 1e-5);
      CHECK(std::abs(m.b[k] - gold["intercepts"][at].get<double>()) < 1e-5);
    }
  }
}

TEST_CASE("linear-svm: 1, 2 and 7 threads give the same bits", "[parallel]") {
  const Data data = clouds(5000, 7, 3, 9);
  for (const LinearSvmSolver solver : {LinearSvmSolver::dual, LinearSvmSolver::newton}) {
    const LinearSvmModel one = fit(data, with(HingeLoss::squared, solver, false, 0.01, 1e-5), 1);
    for (const int threads : {2, 7}) {
      const LinearSvmModel m = fit(data, with(HingeLoss::squared, solver, false, 0.01, 1e-5), threads);
      CHECK(m.W == one.W);
      CHECK(m.b == one.b);
      CHECK(m.report.objective == one.report.objective);
    }
  }
}
