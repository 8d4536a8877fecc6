#include "assay/core/levenberg_marquardt.h"

#include <cmath>

#include "tests/support/catch.h"

using namespace assay;

namespace {

// The normal equations of residuals whose Jacobian is given row by row.
template <class Residuals>
auto dense(Residuals residuals) {
  return [residuals](const Vector& x, Matrix* N, Vector* g) {
    Vector r;
    Matrix J;
    residuals(x, r, J);
    if (N) *N = J.transpose() * J, *g = J.transpose() * r;
    return r.squaredNorm();
  };
}

}  // namespace

TEST_CASE("levenberg-marquardt: a linear problem is solved, and N is J'J") {
  const auto line = dense([](const Vector& x, Vector& r, Matrix& J) {  // y = a + b t through (0, 1), (1, 3), (2, 4)
    r.resize(3), J.resize(3, 2);
    const double y[] = {1, 3, 4};
    for (int t = 0; t < 3; ++t) r[t] = x[0] + x[1] * t - y[t], J(t, 0) = 1, J(t, 1) = t;
  });
  const auto result = levenberg_marquardt(line, Vector::Zero(2));
  CHECK(result.converged);
  CHECK(result.x[0] == Approx(7.0 / 6).epsilon(1e-9));
  CHECK(result.x[1] == Approx(1.5).epsilon(1e-9));
  CHECK(result.cost == Approx(1.0 / 6).epsilon(1e-9));
  CHECK(result.N(0, 0) == 3);
  CHECK(result.N(0, 1) == 3);
  CHECK(result.N(1, 1) == 5);
}

TEST_CASE("levenberg-marquardt: Rosenbrock's valley from its usual start, the cost never grows") {
  double last = HUGE_VAL;
  bool fell = true;
  const auto valley = [&](const Vector& x, Matrix* N, Vector* g) {
    const double r0 = 10 * (x[1] - x[0] * x[0]), r1 = 1 - x[0];
    if (N) {  // asked for at accepted points only
      Matrix J(2, 2);
      J << -20 * x[0], 10, -1, 0;
      *N = J.transpose() * J, *g = J.transpose() * Vector::Map(std::array{r0, r1}.data(), 2);
      fell = fell && r0 * r0 + r1 * r1 <= last;
      last = r0 * r0 + r1 * r1;
    }
    return r0 * r0 + r1 * r1;
  };
  Vector start(2);
  start << -1.2, 1;
  const auto result = levenberg_marquardt(valley, start);
  CHECK(result.converged);
  CHECK(fell);
  CHECK(result.x[0] == Approx(1).epsilon(1e-8));
  CHECK(result.x[1] == Approx(1).epsilon(1e-8));
  CHECK(result.cost < 1e-18);
}

TEST_CASE("levenberg-marquardt: at the end of a problem with residuals left the gradient is 0") {
  const auto curve = dense([](const Vector& x, Vector& r, Matrix& J) {  // y = a exp(-b t), not through all points
    r.resize(6), J.resize(6, 2);
    const double y[] = {5.1, 3.2, 1.7, 1.3, 0.5, 0.6};
    for (int t = 0; t < 6; ++t) {
      const double e = std::exp(-x[1] * t);
      r[t] = x[0] * e - y[t], J(t, 0) = e, J(t, 1) = -t * x[0] * e;
    }
  });
  const auto result = levenberg_marquardt(curve, Vector::Ones(2));
  CHECK(result.converged);
  Matrix N;
  Vector g;
  CHECK(curve(result.x, &N, &g) == result.cost);
  CHECK(g.norm() < 1e-8);
}

TEST_CASE("levenberg-marquardt: an unknown that nothing depends on stays; a start out of bounds does not converge") {
  const auto one_of_two = dense([](const Vector& x, Vector& r, Matrix& J) {
    r.resize(1), J.resize(1, 2);
    r[0] = x[0] - 3, J(0, 0) = 1, J(0, 1) = 0;
  });
  const auto result = levenberg_marquardt(one_of_two, Vector::Constant(2, 7.0));
  CHECK(result.x[0] == Approx(3));
  CHECK(result.x[1] == 7);
  const auto nowhere = [](const Vector&, Matrix*, Vector*) { return std::nan(""); };
  const auto stuck = levenberg_marquardt(nowhere, Vector::Ones(1));
  CHECK_FALSE(stuck.converged);
  CHECK(stuck.x[0] == 1);
}

TEST_CASE("levenberg-marquardt: it says so where the steps run out") {
  const auto far = [](const Vector& x, Matrix* N, Vector* g) {
    if (N) *N = Matrix::Constant(1, 1, std::exp(2 * x[0])), *g = Vector::Constant(1, std::exp(2 * x[0]));
    return std::exp(2 * x[0]);
  };
  LevenbergMarquardtOptions few;
  few.max_iter = 3;
  const auto result = levenberg_marquardt(far, Vector::Ones(1), few);
  CHECK_FALSE(result.converged);
  CHECK(result.iterations == 3);
}
