#include "assay/ml/linear/trust_region.h"

#include <cmath>
#include <functional>

#include "assay/core/parallel.h"
#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

// f with its Hessian as a matrix, at the point accepted last.
struct Function {
  std::function<double(const Vector&, Vector&)> value;
  std::function<Matrix(const Vector&)> hessian;
  Vector diagonal = {};  // of M; empty: the identity

  TrustRegionResult minimize(const Vector& x0, const TrustRegionOptions& options, const Context& ctx = Context(0, 1)) {
    Vector trial;
    Matrix H;
    const auto evaluate = [&](const Vector& x, Vector& g) {
      trial = x;
      return value(x, g);
    };
    const auto accept = [&] { H = hessian(trial); };
    const auto times = [&](const Vector& v) { return Vector(H * v); };
    const auto prepare = [] {};
    const auto solve = [&](const Vector& r) { return diagonal.size() ? Vector(r.cwiseQuotient(diagonal)) : r; };
    return minimize_trust_region(x0, {evaluate, accept, times, prepare, solve}, options, ctx);
  }
};

Function quadratic(const Matrix& A, const Vector& b) {
  return {[=](const Vector& x, Vector& g) {
            g = A * x - b;
            return 0.5 * x.dot(A * x) - b.dot(x);
          },
          [=](const Vector&) { return A; }};
}

Matrix positive_definite(Index d) {
  Rng rng(3, 3);
  Matrix B(d, d);
  for (Index j = 0; j < B.size(); ++j) B.data()[j] = rng.normal();
  return Matrix(B * B.transpose()) + Matrix(Matrix::Identity(d, d));
}

// sum log cosh (x_f - f): convex, nearly linear far away, so that a whole Newton step from there leads astray.
Function log_cosh() {
  return {[](const Vector& x, Vector& g) {
            double f = 0;
            g.resize(x.size());
            for (Index j = 0; j < x.size(); ++j) {
              const double t = std::abs(x[j] - static_cast<double>(j));
              f += t + std::log1p(std::exp(-2 * t)) - std::log(2.0);
              g[j] = std::tanh(x[j] - static_cast<double>(j));
            }
            return f;
          },
          [](const Vector& x) {
            Matrix H = Matrix::Zero(x.size(), x.size());
            for (Index j = 0; j < x.size(); ++j) {
              const double c = std::cosh(x[j] - static_cast<double>(j));
              H(j, j) = 1 / (c * c);
            }
            return H;
          }};
}

}  // namespace

TEST_CASE("trust region: a quadratic's minimum solves its linear system") {
  const Matrix A = positive_definite(8);
  const Vector b = Vector::LinSpaced(8, -1, 2);
  Function f = quadratic(A, b);
  for (const bool diagonal : {false, true}) {
    if (diagonal) f.diagonal = A.diagonal();
    const TrustRegionResult r = f.minimize(Vector::Zero(8), {1e-10, 100});
    CHECK(r.converged);
    CHECK((A * r.x - b).cwiseAbs().maxCoeff() <= 1e-10);
  }
}

TEST_CASE("trust region: with M = H one conjugate gradient step is Newton's") {
  Matrix A = Matrix::Zero(3, 3);
  A.diagonal() << 1, 100, 1e4;
  Function f = quadratic(A, Vector::Ones(3));
  f.diagonal = A.diagonal();
  const TrustRegionResult r = f.minimize(Vector::Zero(3), {1e-12, 100});
  CHECK(r.converged);
  CHECK(r.iterations == 1);
  CHECK(r.products == 1);
}

TEST_CASE("trust region: from where Newton's step would lead astray f still falls to the minimum") {
  struct Watcher : TraceSink {
    std::vector<double> F;
    void step(const std::string&, const TraceStep& s) override {
      for (const TraceField& field : s.fields)
        if (field.symbol == "F") F.push_back(std::get<double>(field.value));
    }
    void image(const std::string&, const TraceImage&) override {}
  } watcher;
  Context ctx(0, 1);
  ctx.trace = Trace(&watcher, "");
  const TrustRegionResult r = log_cosh().minimize(Vector::Constant(4, 12), {1e-9, 200}, ctx);
  CHECK(r.converged);
  for (Index j = 0; j < 4; ++j) CHECK(r.x[j] == Approx(static_cast<double>(j)).margin(1e-8));
  for (size_t t = 1; t < watcher.F.size(); ++t) CHECK(watcher.F[t] <= watcher.F[t - 1] + 1e-12);
}

TEST_CASE("trust region: stopping early is said, and a function of nothing is at its minimum") {
  CHECK_FALSE(log_cosh().minimize(Vector::Constant(4, 12), {1e-9, 2}).converged);
  CHECK(quadratic(Matrix(0, 0), Vector(0)).minimize(Vector(0), {1e-9, 2}).converged);
}

TEST_CASE("trust region: a value that is no number ends the run, unconverged, at a finite point") {
  Function f{[](const Vector& x, Vector& g) {
               g = Vector::Constant(1, -1);
               return x[0] > 0 ? std::nan("") : 0.0;
             },
             [](const Vector&) { return Matrix(Matrix::Identity(1, 1)); }};
  const TrustRegionResult r = f.minimize(Vector::Zero(1), {1e-9, 1000});
  CHECK_FALSE(r.converged);
  CHECK(r.x[0] == 0);
}
