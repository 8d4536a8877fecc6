// Penalties, solvers, sparse tables and standard errors of logistic; its L2 solutions are tested in logistic_test.cpp.
#include <cmath>

#include "assay/ml/linear/logistic.h"
#include "assay/ml/linear/logistic_solvers.h"
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

LogisticModel fit(const Data& data, const LogisticParams& params, int threads = 1) {
  return Logistic::fit(params, data.samples, data.target, Context(0, threads));
}

LogisticParams with(LogisticPenalty penalty, double C, double rho = 0.5,
                    LogisticSolver solver = LogisticSolver::automatic, double tolerance = 1e-11) {
  LogisticParams p;
  p.penalty = penalty;
  p.C = C;
  p.rho = rho;
  p.solver = solver;
  p.tolerance = tolerance;
  p.max_iter = 20000;
  return p;
}

// Gradient of C sum loss, K x (d + 1), from its definition.
Matrix loss_gradient(const Data& data, const LogisticModel& m, double C) {
  const Matrix& X = data.samples.rows();
  Matrix G = Matrix::Zero(m.W.rows(), X.cols() + 1);
  const Matrix P = m.predict_proba(data.samples, Context(0, 1));
  for (Index i = 0; i < X.rows(); ++i)
    for (Index k = 0; k < m.W.rows(); ++k) {
      const int own = data.target.code[static_cast<size_t>(i)];
      const double r = C * data.samples.weight_of(i) * (m.W.rows() == 1 ? P(i, 1) - own : P(i, k) - (own == k));
      G.row(k).head(X.cols()) += r * X.row(i);
      G(k, X.cols()) += r;
    }
  return G;
}

Data columns_of(const Data& data, const std::vector<std::string>& names) {
  Data out;
  out.target = data.target;
  Matrix X(data.samples.n(), static_cast<Index>(names.size()));
  for (size_t j = 0; j < names.size(); ++j)
    for (size_t f = 0; f < data.samples.columns.size(); ++f)
      if (data.samples.columns[f].name == names[j]) {
        X.col(static_cast<Index>(j)) = data.samples.rows().col(static_cast<Index>(f));
        out.samples.columns.push_back(data.samples.columns[f]);
      }
  REQUIRE(out.samples.columns.size() == names.size());
  out.samples.X = std::move(X);
  return out;
}

}  // namespace

TEST_CASE("logistic penalties: at an L1 solution each weight meets its condition") {
  for (const int K : {2, 3})
    for (const double rho : {1.0, 0.4}) {
      Data data = clouds(150, 12, K);
      if (rho == 1) data.samples.weight = Vector::LinSpaced(150, 0, 2);
      const double C = 0.3;
      const LogisticModel m = fit(data, with(LogisticPenalty::elastic_net, C, rho));
      INFO(K << " classes, rho " << rho << ", " << m.report.note);
      CHECK(m.report.converged);
      CHECK((m.W.array() == 0).any());
      CHECK((m.W.array() != 0).any());
      const Matrix G = loss_gradient(data, m, C);
      const double close = 1e-8;
      double objective = 0;
      for (Index k = 0; k < m.W.rows(); ++k) {
        CHECK(std::abs(G(k, 12)) < close);
        for (Index f = 0; f < 12; ++f) {
          const double w = m.W(k, f), g = G(k, f) + (1 - rho) * w;
          if (w == 0)
            CHECK(std::abs(g) <= rho + close);
          else
            CHECK(g == Approx(w > 0 ? -rho : rho).margin(close));
          objective += rho * std::abs(w) + (1 - rho) * w * w / 2;
        }
      }
      const Matrix P = m.predict_proba(data.samples, Context(0, 1));
      for (Index i = 0; i < 150; ++i)
        objective -= C * data.samples.weight_of(i) * std::log(P(i, data.target.code[static_cast<size_t>(i)]));
      CHECK(m.report.objective == Approx(objective).epsilon(1e-12));
    }
}

TEST_CASE("logistic penalties: where C is small every L1 weight is zero, and b alone gives the classes' shares") {
  const Data data = clouds(90, 5, 3);
  const LogisticModel m = fit(data, with(LogisticPenalty::l1, 1e-4));
  CHECK(m.W.cwiseAbs().maxCoeff() == 0);
  const Matrix P = m.predict_proba(data.samples, Context(0, 1));
  CHECK((P.array() - 1.0 / 3).abs().maxCoeff() < 1e-9);
}

TEST_CASE("logistic penalties: elastic net without its L1 part is L2, and without a penalty C does not matter") {
  const Data data = clouds(120, 5, 2);
  const LogisticModel l2 = fit(data, with(LogisticPenalty::l2, 0.7));
  const LogisticModel nearly = fit(data, with(LogisticPenalty::elastic_net, 0.7, 1e-12));
  CHECK((l2.W - nearly.W).cwiseAbs().maxCoeff() < 1e-8);
  const LogisticModel a = fit(data, with(LogisticPenalty::none, 1)), b = fit(data, with(LogisticPenalty::none, 50));
  CHECK((a.W - b.W).cwiseAbs().maxCoeff() < 1e-8);
  CHECK((a.standard_error - b.standard_error).cwiseAbs().maxCoeff() < 1e-8);
  // A huge C leaves nothing of the penalty.
  CHECK((a.W - fit(data, with(LogisticPenalty::l2, 1e8)).W).cwiseAbs().maxCoeff() < 1e-6);
}

TEST_CASE("logistic solvers: all of them reach the same objective, dense and sparse") {
  for (const int K : {2, 4}) {
    const Data data = clouds(200, 9, K);
    const Data sparse = as_sparse(data);
    const double best = fit(data, with(LogisticPenalty::l2, 2, 0.5, LogisticSolver::newton)).report.objective;
    for (const LogisticSolver solver : {LogisticSolver::automatic, LogisticSolver::lbfgs, LogisticSolver::trust_region,
                                        LogisticSolver::coordinate_descent})
      for (const Data* d : {&data, &sparse}) {
        const LogisticModel m = fit(*d, with(LogisticPenalty::l2, 2, 0.5, solver, 1e-9));
        INFO(K << " classes, " << m.report.note);
        CHECK(m.report.converged);
        CHECK(m.report.objective == Approx(best).epsilon(1e-12));
      }
  }
}

TEST_CASE("logistic solvers: a sparse table has the dense one's solution, also with an L1 penalty") {
  for (const int K : {2, 3})
    for (const LogisticPenalty penalty : {LogisticPenalty::l2, LogisticPenalty::l1}) {
      Data data = clouds(160, 10, K);
      data.samples.weight = Vector::LinSpaced(160, 0.5, 1.5);
      const Data sparse = as_sparse(data);
      const LogisticModel a = fit(data, with(penalty, 0.5)), b = fit(sparse, with(penalty, 0.5));
      CHECK((a.W - b.W).cwiseAbs().maxCoeff() < 1e-8);
      CHECK((a.b - b.b).cwiseAbs().maxCoeff() < 1e-8);
      const Context ctx(0, 1);
      CHECK((b.predict_proba(data.samples, ctx) - b.predict_proba(sparse.samples, ctx)).cwiseAbs().maxCoeff() < 1e-14);
      CHECK(b.predict(data.samples, ctx) == b.predict(sparse.samples, ctx));
    }
}

TEST_CASE("logistic solvers: wide tables descend by columns to the solution that the Hessian gives") {
  // 1001 unknowns are one too many for a Hessian; the same rows with ten columns less are not.
  Data wide = clouds(60, 1000, 2);
  std::get<Matrix>(wide.samples.X).rightCols(10).setZero();
  Data narrow = wide;
  narrow.samples.X = Matrix(wide.samples.rows().leftCols(990));
  narrow.samples.columns.resize(990);
  const LogisticModel a = fit(wide, with(LogisticPenalty::l1, 1)), b = fit(narrow, with(LogisticPenalty::l1, 1));
  CHECK(a.report.converged);
  CHECK(a.report.objective == Approx(b.report.objective).epsilon(1e-10));
  CHECK((a.W.leftCols(990) - b.W).cwiseAbs().maxCoeff() < 1e-6);
}

TEST_CASE("logistic solvers: one reading for loss, gradient and Hessian gives what three give") {
  for (const Index d : {1, 7, 22, 23, 24, 50, 190})
    for (const bool intercept : {true, false}) {
      Data data = clouds(5000, d, 2);
      data.samples.weight = Vector::LinSpaced(5000, 0, 1);
      logistic::Loss loss(data.samples, data.target, 0.3, 1, intercept, 1);
      Vector theta = Vector::LinSpaced(loss.unknowns(), -0.5, 0.4), g, g_once;
      Matrix H_once;
      const double F = loss.evaluate(theta, g);
      loss.accept();
      const Matrix H = loss.hessian();
      if (!logistic::reads_once(loss)) continue;
      CHECK(logistic::evaluate_with_hessian(loss, theta, g_once, H_once) == Approx(F).epsilon(1e-13));
      CHECK((g - g_once).cwiseAbs().maxCoeff() < 1e-11 * (1 + g.cwiseAbs().maxCoeff()));
      CHECK((H - H_once).cwiseAbs().maxCoeff() < 1e-11 * H.cwiseAbs().maxCoeff());
    }
}

TEST_CASE("logistic solvers: products with the Hessian, its diagonal and the gradient's differences agree with it") {
  for (const int K : {2, 3, 5}) {
    const Data data = clouds(80, 4, K), sparse = as_sparse(data);
    logistic::Loss loss(data.samples, data.target, 0.7, 1, true, 1);
    logistic::Loss thin(sparse.samples, sparse.target, 0.7, 1, true, 1);
    const Vector theta = Vector::LinSpaced(loss.unknowns(), -0.6, 0.8);
    Vector g, g_thin, above, below;
    loss.evaluate(theta, g);
    loss.accept();
    thin.evaluate(theta, g_thin);
    thin.accept();
    CHECK((g - g_thin).cwiseAbs().maxCoeff() < 1e-12);
    Matrix H = loss.hessian();
    if (K > 2)  // the ones of the free direction are not the function's
      for (Index k = 0; k < K; ++k)
        for (Index l = 0; l < K; ++l) H(k * 5 + 4, l * 5 + 4) -= 1;
    CHECK((H.diagonal() - loss.hessian_diagonal()).cwiseAbs().maxCoeff() < 1e-11);
    CHECK((H.diagonal() - thin.hessian_diagonal()).cwiseAbs().maxCoeff() < 1e-11);
    for (Index j = 0; j < loss.unknowns(); ++j) {
      const Vector unit = Vector::Unit(loss.unknowns(), j);
      CHECK((loss.hessian_times(unit) - H.col(j)).cwiseAbs().maxCoeff() < 1e-11);
      CHECK((thin.hessian_times(unit) - H.col(j)).cwiseAbs().maxCoeff() < 1e-11);
      loss.evaluate(theta + 1e-5 * unit, above);
      loss.evaluate(theta - 1e-5 * unit, below);
      CHECK(((above - below) / 2e-5 - H.col(j)).cwiseAbs().maxCoeff() < 1e-7);
    }
  }
}

TEST_CASE("logistic solvers: auto takes what the header says, and an impossible choice is refused") {
  using Catch::Matchers::Contains;
  const auto note = [](const Data& data, LogisticPenalty penalty) { return fit(data, with(penalty, 1)).report.note; };
  CHECK_THAT(note(clouds(60, 4, 2), LogisticPenalty::l1), Contains("coordinate descent"));
  CHECK_THAT(note(as_sparse(clouds(60, 4, 2)), LogisticPenalty::l2), Contains("trust-region"));
  CHECK_THAT(note(clouds(90, 30, 5), LogisticPenalty::l2), Contains("trust-region"));
  CHECK_THAT(note(clouds(90, 10, 5), LogisticPenalty::l2), Contains("Newton with Cholesky"));
  CHECK(LogisticParams::check(with(LogisticPenalty::l1, 1, 0.5, LogisticSolver::newton)).has_value());
  CHECK_FALSE(LogisticParams::check(with(LogisticPenalty::none, 1, 0.5, LogisticSolver::newton)).has_value());
  CHECK_THROWS_AS(fit(as_sparse(clouds(60, 4, 2)), with(LogisticPenalty::l2, 1, 0.5, LogisticSolver::newton)),
                  ParameterError);
}

TEST_CASE("logistic: without an intercept b is zero and the gradient in W vanishes") {
  for (const int K : {2, 3}) {
    const Data data = clouds(90, 4, K);
    LogisticParams p = with(LogisticPenalty::l2, 1);
    p.intercept = false;
    for (const Data& d : {data, as_sparse(data)}) {
      const LogisticModel m = fit(d, p);
      CHECK(m.b.cwiseAbs().maxCoeff() == 0);
      const Matrix G = loss_gradient(data, m, 1).leftCols(4) + m.W;
      CHECK(G.cwiseAbs().maxCoeff() < 1e-8);
    }
  }
}

TEST_CASE("logistic: separable classes without a penalty are unconverged, and the note says what to do") {
  Data data = clouds(40, 3, 2);
  for (Index i = 0; i < 40; ++i)
    std::get<Matrix>(data.samples.X)(i, 0) = 2.0 * data.target.code[static_cast<size_t>(i)] - 1;
  for (const LogisticSolver solver : {LogisticSolver::newton, LogisticSolver::lbfgs, LogisticSolver::trust_region,
                                      LogisticSolver::coordinate_descent}) {
    LogisticParams p = with(LogisticPenalty::none, 1, 0.5, solver, 1e-8);
    p.max_iter = 100;
    const LogisticModel m = fit(data, p);
    CHECK_FALSE(m.report.converged);
    CHECK_THAT(m.report.note, Catch::Matchers::Contains("--penalty l2"));
    CHECK(m.W.allFinite());
  }
}

TEST_CASE("logistic: a cell of a sparse table that is not finite is named") {
  Data data = as_sparse(clouds(30, 3, 2));
  std::get<Csr>(data.samples.X).value[5] = HUGE_VAL;
  CHECK_THROWS_AS(fit(data, with(LogisticPenalty::l2, 1)), DataError);
}

TEST_CASE("logistic: L1 and elastic net agree with scikit-learn's saga") {
  const auto all = test::golden("logistic_penalties.json");
  for (const auto& gold : all["sparse"]) {
    const Data data = bundled(gold["dataset"], gold["target"], Logistic::info, Scale::standard);
    const LogisticModel m = fit(data, with(LogisticPenalty::elastic_net, gold["C"], gold["l1_ratio"]));
    INFO(gold["dataset"] << " " << gold["l1_ratio"]);
    REQUIRE(m.report.converged);
    CHECK(m.report.objective == Approx(gold["objective"].get<double>()).epsilon(1e-10));
    for (Index k = 0; k < m.W.rows(); ++k) {
      const auto at = static_cast<size_t>(k);
      for (Index f = 0; f < m.W.cols(); ++f) {
        const double theirs = gold["coefficients"][at][static_cast<size_t>(f)];
        CHECK(std::abs(m.W(k, f) - theirs) < 1e-6);
        CHECK((m.W(k, f) == 0) == (theirs == 0));
      }
      CHECK(std::abs(m.b[k] - gold["intercepts"][at].get<double>()) < 1e-6);
    }
  }
}

TEST_CASE("logistic: coefficients and standard errors without a penalty are those of R's glm") {
  const auto gold = test::golden("logistic_penalties.json")["glm"];
  const Data data = columns_of(bundled("breast_cancer", "diagnosis", Logistic::info, Scale::none), gold["features"]);
  for (const LogisticSolver solver : {LogisticSolver::newton, LogisticSolver::trust_region}) {
    const LogisticModel m = fit(data, with(LogisticPenalty::none, 1, 0.5, solver, 1e-12));
    const auto check = [&](Index j, double coefficient, double error) {
      const auto at = static_cast<size_t>(j == 4 ? 0 : j + 1);
      CHECK(coefficient == Approx(gold["coefficients"][at].get<double>()).epsilon(1e-6));
      CHECK(error == Approx(gold["standard_errors"][at].get<double>()).epsilon(1e-6));
      CHECK(std::erfc(std::abs(coefficient / error) / std::sqrt(2.0)) ==
            Approx(gold["p"][at].get<double>()).epsilon(1e-4));
    };
    for (Index f = 0; f < 4; ++f) check(f, m.W(0, f), m.standard_error(0, f));
    check(4, m.b[0], m.standard_error(0, 4));
  }
}

TEST_CASE("logistic: several classes without a penalty have the contrasts and errors of R's multinom") {
  const auto gold = test::golden("logistic_penalties.json")["multinom"];
  const Data data = columns_of(bundled(gold["dataset"], "cultivar", Logistic::info, Scale::none), gold["features"]);
  const LogisticModel m = fit(data, with(LogisticPenalty::none, 1, 0.5, LogisticSolver::newton));
  REQUIRE(m.standard_error.rows() == 3);
  logistic::Loss loss(data.samples, data.target, 1, 0, true, 1);
  Vector theta(12), g;
  Eigen::Map<Matrix> T(theta.data(), 3, 4);
  T << m.W, m.b;
  loss.evaluate(theta, g);
  loss.accept();
  const Matrix A = *inverse_cholesky(loss.hessian());
  for (Index k = 1; k < 3; ++k)
    for (Index f = 0; f < 4; ++f) {
      const auto row = static_cast<size_t>(k - 1), at = static_cast<size_t>(f == 3 ? 0 : f + 1);
      CHECK(T(k, f) - T(0, f) == Approx(gold["coefficients"][row][at].get<double>()).epsilon(1e-4));
      const Index a = k * 4 + f;
      CHECK(std::sqrt(A(a, a) + A(f, f) - 2 * A(a, f)) ==
            Approx(gold["standard_errors"][row][at].get<double>()).epsilon(1e-5));
      // A on the directions that change a probability: less the mean over classes, on both sides
      Matrix block(3, 3);
      for (Index l = 0; l < 3; ++l)
        for (Index n = 0; n < 3; ++n) block(l, n) = A(l * 4 + f, n * 4 + f);
      const double variance = block(k, k) - 2 * block.row(k).mean() + block.mean();
      CHECK(m.standard_error(k, f) == Approx(std::sqrt(variance)).epsilon(1e-9));
    }
}

TEST_CASE("logistic: the standard errors of shrunken weights are what repeated draws show") {
  // 400 tables from one truth: the spread of each weight against the mean standard error.
  const Index n = 300, d = 3;
  const int draws = 400;
  Vector first = Vector::Zero(d), second = Vector::Zero(d), said = Vector::Zero(d);
  Rng rng(11, 2);
  for (int t = 0; t < draws; ++t) {
    Data data;
    Matrix X(n, d);
    for (Index i = 0; i < n; ++i) {
      for (Index f = 0; f < d; ++f) X(i, f) = rng.normal();
      const double z = 0.8 * X(i, 0) - 0.5 * X(i, 1);
      data.target.code.push_back(rng.uniform() < 1 / (1 + std::exp(-z)) ? 1 : 0);
    }
    data.samples.columns = {{"a", {}}, {"b", {}}, {"c", {}}};
    data.target.classes = {"no", "yes"};
    data.samples.X = std::move(X);
    const LogisticModel m = fit(data, with(LogisticPenalty::l2, 0.02, 0.5, LogisticSolver::newton, 1e-8));
    first += m.W.row(0).transpose();
    second += m.W.row(0).transpose().cwiseAbs2();
    said += m.standard_error.row(0).head(d).transpose();
  }
  for (Index f = 0; f < d; ++f) {
    const double mean = first[f] / draws, spread = std::sqrt(second[f] / draws - mean * mean);
    CHECK(said[f] / draws == Approx(spread).epsilon(0.12));  // of 400 draws: 3.5 % a standard deviation
  }
}

TEST_CASE("logistic: 1, 2 and 7 threads give the same bits for every solver", "[parallel]") {
  for (const int K : {2, 3})
    for (const LogisticSolver solver : {LogisticSolver::trust_region, LogisticSolver::coordinate_descent})
      for (const bool thin : {false, true}) {
        const Data dense_data = clouds(9000, 5, K);
        const Data data = thin ? as_sparse(dense_data) : dense_data;
        const LogisticParams p = with(LogisticPenalty::l2, 0.1, 0.5, solver, 1e-8);
        const LogisticModel one = fit(data, p);
        for (const int threads : {2, 7}) {
          const LogisticModel many = fit(data, p, threads);
          CHECK(one.W == many.W);
          CHECK(one.standard_error == many.standard_error);
        }
      }
}

TEST_CASE("logistic: standard errors of many unknowns of several classes come on demand") {
  const Data data = clouds(200, 30, 5);
  LogisticParams params = with(LogisticPenalty::l2, 1);
  CHECK(fit(data, params).standard_error.size() == 0);
  params.standard_errors = StandardErrors::yes;
  const LogisticModel m = fit(data, params);
  REQUIRE(m.standard_error.rows() == 5);
  CHECK(m.standard_error.minCoeff() > 0);
  params.standard_errors = StandardErrors::no;
  CHECK(fit(clouds(60, 4, 2), params).standard_error.size() == 0);
}
