#include "assay/ml/linear/linear.h"

#include <cmath>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "assay/core/text.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {

struct Data {
  Samples samples;
  Target target;
};

Data data_of(const Columns& X, const Vector& y) {
  Data data;
  for (Index f = 0; f < X.cols(); ++f) data.samples.columns.push_back({"x" + std::to_string(f + 1), {}});
  data.samples.X = X;
  data.target.name = "y";
  data.target.value = y;
  return data;
}

// Correlated columns with a mean far from zero.
Data noisy(Index n, Index d, uint64_t seed = 1) {
  Rng rng(seed, 4);
  Columns X(n, d);
  Vector y(n);
  for (Index i = 0; i < n; ++i) {
    const double common = rng.normal();
    for (Index f = 0; f < d; ++f) X(i, f) = 5 + common + rng.normal() * static_cast<double>(f + 1);
    y[i] = 3 + X.row(i).sum() / std::sqrt(static_cast<double>(d)) + rng.normal();
  }
  return data_of(X, y);
}

LinearModel linear(const Data& data, LinearParams params = {}) {
  return Linear::fit(params, data.samples, data.target, Context(0, 1));
}
LinearModel ridge(const Data& data, RidgeParams params = {}) {
  return Ridge::fit(params, data.samples, data.target, Context(0, 1));
}

double figure(const FitReport& report, const std::string& name) {
  for (const auto& [key, value] : report.more)
    if (key == name) return value;
  FAIL("no " << name);
  return 0;
}

double right_digits(double got, double exact) {
  if (got == exact) return 17;
  return -std::log10(std::abs(got - exact) / (exact == 0 ? 1 : std::abs(exact)));
}

// X'(y - b - Xw) - alpha w, over the size of its terms.
double gradient(const Data& data, const LinearModel& m, double alpha) {
  const Columns& X = data.samples.cols();
  Vector r = data.target.value - m.predict(data.samples, Context(0, 1));
  if (data.samples.weight.size()) r = r.cwiseProduct(data.samples.weight);
  const double size = X.colwise().norm().maxCoeff() * data.target.value.norm();
  double most = (X.transpose() * r - alpha * m.w).cwiseAbs().maxCoeff();
  if (m.intercept) most = std::max(most, std::abs(r.sum()));
  return most / size;
}

}  // namespace

TEST_CASE("linear: three points by hand") {
  Columns X(3, 1);
  X << 0, 1, 2;
  const LinearModel m = linear(data_of(X, Vector{{1, 2, 4}}));
  CHECK(m.w[0] == Approx(1.5).epsilon(1e-14));
  CHECK(m.b == Approx(5.0 / 6).epsilon(1e-14));
  CHECK(m.report.objective == Approx(1.0 / 6).epsilon(1e-12));
  // Residuals 1/6, -1/3, 1/6: variance 1/6 on one degree; of the slope 1/6 over the sum of squares 2.
  CHECK(m.standard_error[0] == Approx(std::sqrt(1.0 / 12)).epsilon(1e-12));
  CHECK(m.standard_error[1] == Approx(std::sqrt(1.0 / 6 * (1.0 / 3 + 1.0 / 2))).epsilon(1e-12));
}

TEST_CASE("linear and ridge: residuals are orthogonal to the columns, whichever way they were solved") {
  for (const bool intercept : {true, false})
    for (const auto solver :
         {LeastSquaresSolver::cholesky, LeastSquaresSolver::qr, LeastSquaresSolver::cg, LeastSquaresSolver::dual})
      for (const double alpha : {0.0, 10.0}) {
        const Data data = noisy(300, 5);
        const bool primal = solver == LeastSquaresSolver::cholesky || solver == LeastSquaresSolver::qr;
        if (alpha == 0 && !primal) continue;
        const LinearModel m =
            alpha > 0 ? ridge(data, {alpha, intercept, 1, solver}) : linear(data, {intercept, 1, solver});
        INFO(m.report.note << ", alpha " << alpha);
        CHECK(gradient(data, m, alpha) < 1e-13);
      }
}

TEST_CASE("linear: NIST's reference sets to the digits their condition allows") {
  const auto gold = test::golden("nist_linear.json");
  for (const auto& [name, set] : gold["sets"].items()) {
    INFO(name);
    const auto& rows = set["X"];
    Columns X(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
    Vector y(X.rows());
    for (Index i = 0; i < X.rows(); ++i) {
      const auto r = static_cast<size_t>(i);
      y[i] = *parse_double(set["y"][r].get<std::string>());
      for (Index f = 0; f < X.cols(); ++f) X(i, f) = *parse_double(rows[r][static_cast<size_t>(f)].get<std::string>());
    }
    LinearParams params;
    params.polynomial = set["degree"];
    params.intercept = set["intercept"];
    const LinearModel m = linear(data_of(X, y), params);
    const double asked = name == "filip" ? 7 : name == "longley" || name.starts_with("wampler") ? 9 : 11;
    const Index first = params.intercept ? 1 : 0;
    if (params.intercept) CHECK(right_digits(m.b, set["coefficients"][0]) >= asked);
    for (Index t = 0; t < m.w.size(); ++t)
      CHECK(right_digits(m.w[t], set["coefficients"][static_cast<size_t>(t + first)]) >= asked);
    if (set["residual_sd"] > 0)
      CHECK(figure(m.report, "residual_sd") == Approx(set["residual_sd"].get<double>()).epsilon(1e-8));
    CHECK((m.report.note.find("QR") != std::string::npos) ==
          (name == "filip" || name == "longley" || name.starts_with("wampler")));
  }
}

TEST_CASE("linear: Cholesky and QR agree where the condition is small") {
  const Data data = noisy(500, 6);
  const LinearModel a = linear(data, {true, 1, LeastSquaresSolver::cholesky}),
                    b = linear(data, {true, 1, LeastSquaresSolver::qr});
  CHECK((a.w - b.w).cwiseAbs().maxCoeff() < 1e-12);
  CHECK((a.standard_error - b.standard_error).cwiseAbs().maxCoeff() < 1e-12);
  CHECK(a.report.objective == Approx(b.report.objective).epsilon(1e-12));
}

TEST_CASE("linear: shifting and scaling columns changes nothing that is predicted") {
  const Data data = noisy(200, 4);
  Data other = data;
  Columns X = data.samples.cols();
  for (Index f = 0; f < 4; ++f)
    X.col(f) = X.col(f) * std::pow(10, f - 2) + Vector::Constant(200, 1e6 * static_cast<double>(f));
  other.samples.X = X;
  const Context ctx(0, 1);
  CHECK((linear(data).predict(data.samples, ctx) - linear(other).predict(other.samples, ctx)).cwiseAbs().maxCoeff() <
        1e-6);
}

TEST_CASE("linear: a column that repeats others is left out, and said so; predictions are those without it") {
  const Data data = noisy(60, 3);
  Data twice = data;
  Columns X(60, 5);
  X << data.samples.cols(), data.samples.cols().col(0) + data.samples.cols().col(1), Vector::Constant(60, 3);
  twice = data_of(X, data.target.value);
  const LinearModel m = linear(twice);
  const Context ctx(0, 1);
  CHECK((m.predict(twice.samples, ctx) - linear(data).predict(data.samples, ctx)).cwiseAbs().maxCoeff() < 1e-10);
  CHECK(figure(m.report, "rank") == 3);
  CHECK(std::count(m.dropped.begin(), m.dropped.end(), true) == 2);
  CHECK(m.report.note.find("rank 3 of 5") != std::string::npos);
}

TEST_CASE("linear: more columns than rows gives the exact fit of least norm") {
  const Data data = noisy(20, 50);
  const LinearModel m = linear(data);
  const Context ctx(0, 1);
  CHECK((m.predict(data.samples, ctx) - data.target.value).cwiseAbs().maxCoeff() < 1e-9);
  // Least norm: ridge with a vanishing penalty tends to it.
  CHECK((ridge(data, {1e-7, true, 1, LeastSquaresSolver::dual}).w - m.w).norm() < 1e-6 * m.w.norm());
}

TEST_CASE("ridge: wide tables agree through conjugate gradients, the n x n system, and Cholesky of the d x d one") {
  Data data = noisy(40, 90);
  data.samples.weight = Vector::LinSpaced(40, 0.5, 2);
  for (const bool intercept : {true, false}) {
    const LinearModel reference = ridge(data, {7, intercept, 1, LeastSquaresSolver::cholesky});
    for (const auto solver : {LeastSquaresSolver::automatic, LeastSquaresSolver::dual, LeastSquaresSolver::qr}) {
      const LinearModel m = ridge(data, {7, intercept, 1, solver});
      INFO(m.report.note);
      CHECK((m.w - reference.w).cwiseAbs().maxCoeff() < 1e-11);
      CHECK(std::abs(m.b - reference.b) < 1e-9);
      CHECK(m.report.objective == Approx(reference.report.objective).epsilon(1e-10));
    }
  }
}

TEST_CASE("ridge: the weights shrink as alpha grows, from least squares to nothing") {
  const Data data = noisy(100, 4);
  double before = linear(data).w.norm() * (1 + 1e-9);
  CHECK((ridge(data, {0, true, 1, LeastSquaresSolver::automatic}).w - linear(data).w).norm() < 1e-12);
  for (const double alpha : {1e-3, 1.0, 1e2, 1e4, 1e8}) {
    const double now = ridge(data, {alpha, true, 1, LeastSquaresSolver::automatic}).w.norm();
    CHECK(now < before);
    before = now;
  }
  CHECK(before < 1e-3);
}

TEST_CASE("linear: a row of weight three is three rows, standard errors too") {
  Data weighted = noisy(50, 3);
  weighted.samples.weight = Vector(50);
  std::vector<int> rows;
  for (int i = 0; i < 50; ++i) {
    weighted.samples.weight[i] = i % 4;
    rows.insert(rows.end(), static_cast<size_t>(i % 4), i);
  }
  Data repeated{gather(weighted.samples, rows), gather(weighted.target, rows)};
  repeated.samples.weight = Vector();
  for (const auto solver : {LeastSquaresSolver::cholesky, LeastSquaresSolver::qr}) {
    const LinearModel a = linear(weighted, {true, 1, solver}), b = linear(repeated, {true, 1, solver});
    CHECK((a.w - b.w).cwiseAbs().maxCoeff() < 1e-13);
    CHECK((a.standard_error - b.standard_error).cwiseAbs().maxCoeff() < 1e-13);
  }
}

TEST_CASE("linear: a polynomial's terms are every product once, in order") {
  Columns X(1, 2);
  X << 2, 3;
  const Terms terms(2, 3);
  const std::vector<Column> names{{"a", {}}, {"b", {}}};
  const std::vector<std::pair<std::string, double>> want{
      {"a", 2}, {"b", 3}, {"a^2", 4}, {"a b", 6}, {"b^2", 9}, {"a^3", 8}, {"a^2 b", 12}, {"a b^2", 18}, {"b^3", 27}};
  REQUIRE(terms.count() == 9);
  for (Index t = 0; t < 9; ++t) {
    double value = 0;
    terms.values(X, t, 0, 1, &value);
    CHECK(terms.name(t, names) == want[static_cast<size_t>(t)].first);
    CHECK(value == want[static_cast<size_t>(t)].second);
  }
  CHECK_THROWS_AS(Terms(1000, 3), DataError);
}

TEST_CASE("linear: standard errors, t and R2 are those of R's lm on diabetes") {
  const auto gold = test::golden("linear_diabetes.json");
  Columns X(static_cast<Index>(gold["X"].size()), static_cast<Index>(gold["X"][0].size()));
  Vector y(X.rows());
  for (Index i = 0; i < X.rows(); ++i) {
    y[i] = gold["y"][static_cast<size_t>(i)];
    for (Index f = 0; f < X.cols(); ++f) X(i, f) = gold["X"][static_cast<size_t>(i)][static_cast<size_t>(f)];
  }
  const LinearModel m = linear(data_of(X, y));
  for (Index f = 0; f <= X.cols(); ++f) {
    const auto j = static_cast<size_t>(f == X.cols() ? 0 : f + 1);
    const double value = f == X.cols() ? m.b : m.w[f];
    CHECK(value == Approx(gold["estimate"][j].get<double>()).epsilon(1e-9));
    CHECK(m.standard_error[f] == Approx(gold["standard_error"][j].get<double>()).epsilon(1e-9));
  }
  CHECK(figure(m.report, "r2") == Approx(gold["r2"].get<double>()).epsilon(1e-10));
}

TEST_CASE("linear: one, two and seven threads give the same bits by every way", "[parallel]") {
  for (const auto solver : {LeastSquaresSolver::cholesky, LeastSquaresSolver::qr, LeastSquaresSolver::cg}) {
    const Data data = noisy(solver == LeastSquaresSolver::cg ? 1500 : 9000, 5);  // cg: a system of n unknowns
    const RidgeParams params{1, true, 2, solver};
    const LinearModel one = ridge(data, params);
    for (const int threads : {2, 7}) {
      const LinearModel many = Ridge::fit(params, data.samples, data.target, Context(0, threads));
      CHECK(many.w == one.w);
      CHECK(many.b == one.b);
    }
  }
}

TEST_CASE("linear: squares that overflow are an error that says what to do") {
  Data data = noisy(30, 2);
  std::get<Columns>(data.samples.X)(3, 0) = 1e300;
  CHECK_THROWS_AS(linear(data), DataError);
}
