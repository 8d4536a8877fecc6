#include "assay/ml/linear/lbfgs.h"

#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

// The chained Rosenbrock function: minimum 0 at (1, ..., 1).
const auto rosenbrock = [](const Vector& x, Vector& g) {
  g.setZero(x.size());
  double f = 0;
  for (Index i = 0; i + 1 < x.size(); ++i) {
    const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    f += 100 * a * a + b * b;
    g[i] += -400 * a * x[i] - 2 * b;
    g[i + 1] += 200 * a;
  }
  return f;
};

// Collects the objective of each iteration.
struct Watcher : TraceSink {
  std::vector<double> objective;
  void step(const std::string&, const TraceStep& s) override {
    for (const TraceField& f : s.fields)
      if (f.symbol == "F") objective.push_back(std::get<double>(f.value));
  }
  void image(const std::string&, const TraceImage&) override {}
};

}  // namespace

TEST_CASE("lbfgs: a quadratic's minimum solves its linear system") {
  Rng rng(3);
  const Index n = 12;
  Matrix B(n, n);
  for (Index i = 0; i < B.size(); ++i) B.data()[i] = rng.normal();
  const Matrix A = B.transpose() * B + Matrix::Identity(n, n);
  Vector b(n);
  for (Index i = 0; i < n; ++i) b[i] = rng.normal();
  const LbfgsResult r = minimize_lbfgs(
      Vector::Zero(n),
      [&](const Vector& x, Vector& g) {
        g = A * x - b;
        return 0.5 * x.dot(A * x) - b.dot(x);
      },
      {1e-10, 500, 10}, Context());
  CHECK(r.converged);
  CHECK(r.gradient_norm <= 1e-10);
  CHECK((A * r.x - b).cwiseAbs().maxCoeff() <= 1e-9);
}

TEST_CASE("lbfgs: one step ends where one step suffices") {
  const LbfgsResult r = minimize_lbfgs(
      Vector::Constant(5, 0.25),
      [](const Vector& x, Vector& g) {
        g = x;
        return 0.5 * x.squaredNorm();
      },
      {1e-12, 10, 5}, Context());
  CHECK(r.converged);
  CHECK(r.iterations == 1);
}

TEST_CASE("lbfgs: Rosenbrock's valley in 2 and in 30 dimensions") {
  for (const Index n : {2, 30}) {
    Vector x0 = Vector::Ones(n);
    for (Index i = 0; i < n; i += 2) x0[i] = -1.2;
    const LbfgsResult r = minimize_lbfgs(x0, rosenbrock, {1e-8, 2000, 10}, Context());
    INFO(n << " dimensions, " << r.iterations << " iterations");
    CHECK(r.converged);
    CHECK(r.value < 1e-12);
    CHECK((r.x - Vector::Ones(n)).cwiseAbs().maxCoeff() < 1e-6);
    CHECK(r.iterations < 200);
  }
}

TEST_CASE("lbfgs: the value never rises from one iteration to the next") {
  Watcher watcher;
  Context ctx;
  ctx.trace = Trace(&watcher, "");
  const LbfgsResult watched = minimize_lbfgs(Vector::Constant(8, -1.5), rosenbrock, {1e-8, 2000, 3}, ctx);
  REQUIRE(watcher.objective.size() > 10);
  for (size_t t = 1; t < watcher.objective.size(); ++t) CHECK(watcher.objective[t] <= watcher.objective[t - 1]);
  const LbfgsResult alone = minimize_lbfgs(Vector::Constant(8, -1.5), rosenbrock, {1e-8, 2000, 3}, Context());
  CHECK(watched.x == alone.x);
}

TEST_CASE("lbfgs: max_iter ends the run, unconverged, with the best point so far") {
  Vector g;
  const Vector x0 = Vector::Constant(10, -1.5);
  for (const int most : {1, 2, 7}) {
    const LbfgsResult r = minimize_lbfgs(x0, rosenbrock, {1e-12, most, 10}, Context());
    CHECK_FALSE(r.converged);
    CHECK(r.iterations == most);
    CHECK(r.value == rosenbrock(r.x, g));
    CHECK(r.gradient_norm == g.cwiseAbs().maxCoeff());
    CHECK(r.value < rosenbrock(x0, g));
  }
}

TEST_CASE("lbfgs: a start at the minimum is converged without an iteration") {
  const LbfgsResult r = minimize_lbfgs(Vector::Ones(4), rosenbrock, {}, Context());
  CHECK(r.converged);
  CHECK(r.iterations == 0);
  CHECK(r.x == Vector::Ones(4));
}

TEST_CASE("lbfgs: a tolerance below rounding ends with what can be reached") {
  const LbfgsResult r = minimize_lbfgs(Vector::Constant(4, 3.0), rosenbrock, {1e-300, 100000, 10}, Context());
  CHECK(r.iterations < 2000);
  CHECK(r.gradient_norm < 1e-6);
}

TEST_CASE("lbfgs: steps into where the function overflows or has no value are taken back") {
  // -log(x) + x beyond its barrier, and exp of a large number: the first step is too long for both.
  const auto barrier = [](const Vector& x, Vector& g) {
    g = Vector::Constant(1, -1 / x[0] + 1e-3);
    return x[0] <= 0 ? std::nan("") : -std::log(x[0]) + 1e-3 * x[0];
  };
  const LbfgsResult r = minimize_lbfgs(Vector::Constant(1, 0.01), barrier, {1e-9, 500, 10}, Context());
  CHECK(r.converged);
  CHECK(r.x[0] == Approx(1000).epsilon(1e-4));
  const auto steep = [](const Vector& x, Vector& g) {
    g = Vector::Constant(1, 1000 * std::exp(1000 * x[0]) - 1000);
    return std::exp(1000 * x[0]) - 1000 * x[0];
  };
  const LbfgsResult s = minimize_lbfgs(Vector::Constant(1, -5.0), steep, {1e-6, 500, 10}, Context());
  CHECK(s.converged);
  CHECK(std::abs(s.x[0]) < 1e-9);
}

TEST_CASE("lbfgs: cancellation is thrown, and a used-up budget stops the run unconverged") {
  Cancellation cancellation;
  Context ctx;
  ctx.cancellation = &cancellation;
  cancellation.deadline = std::chrono::steady_clock::now();
  CHECK_FALSE(minimize_lbfgs(Vector::Constant(4, 3.0), rosenbrock, {}, ctx).converged);
  cancellation.signal = 2;
  CHECK_THROWS_AS(minimize_lbfgs(Vector::Constant(4, 3.0), rosenbrock, {}, ctx), Cancelled);
}
