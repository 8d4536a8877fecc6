#include "assay/ml/linear/lasso.h"

#include <cmath>

#include "assay/core/rng.h"
#include "assay/ml/data/table.h"
#include "assay/ml/linear/coordinate_descent.h"
#include "assay/ml/preprocess/pipeline.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {

struct Data {
  Samples samples;
  Target target;
};

// Correlated columns; every fifth one matters.
Data sparse_signal(Index n, Index d, uint64_t seed = 1) {
  Rng rng(seed, 8);
  Columns X(n, d);
  Data data;
  data.target.name = "y";
  data.target.value.resize(n);
  for (Index i = 0; i < n; ++i) {
    const double common = rng.normal();
    double y = 2 + 0.5 * rng.normal();
    for (Index f = 0; f < d; ++f) {
      X(i, f) = 1 + rng.normal() + 0.7 * common;
      if (f % 5 == 0) y += X(i, f) * (f % 2 ? 1 : -1);
    }
    data.target.value[i] = y;
  }
  for (Index f = 0; f < d; ++f) data.samples.columns.push_back({"x" + std::to_string(f), {}});
  data.samples.X = std::move(X);
  return data;
}

ElasticNet problem_of(const Data& data, double rho = 1, double tolerance = 1e-10) {
  ElasticNet q{{}, data.samples.n(), data.target.value, data.samples.weight, true, rho, tolerance};
  for (Index f = 0; f < data.samples.d(); ++f) q.columns.push_back(data.samples.cols().col(f).data());
  return q;
}

// Largest violation of the subgradient conditions of (2), with everything written out.
double kkt_violation(const Data& data, const Vector& w, double b, double alpha, double rho) {
  const Columns& X = data.samples.cols();
  const Vector s = data.samples.weight.size() ? data.samples.weight : Vector(Vector::Ones(X.rows()));
  const Vector r = ((data.target.value - X * w).array() - b) * s.array();
  double most = std::abs(r.sum() / s.sum());
  for (Index f = 0; f < X.cols(); ++f) {
    const double g = X.col(f).dot(r) / s.sum() - alpha * (1 - rho) * w[f];
    most = std::max(most, w[f] != 0 ? std::abs(g - std::copysign(alpha * rho, w[f])) : std::abs(g) - alpha * rho);
  }
  return most;
}

}  // namespace

TEST_CASE("lasso: one column by hand: the soft threshold") {
  Data data;
  Columns X(4, 1);
  X << -1, 1, -1, 1;
  data.samples.X = X;
  data.samples.columns = {{"x", {}}};
  data.target.name = "y";
  data.target.value = Vector{{-2, 4, -2, 4}};  // mean 1, slope 3
  for (const double alpha : {0.5, 2.0, 3.0, 4.0}) {
    LassoParams params;
    params.alpha = alpha;
    const LassoModel m = Lasso::fit(params, data.samples, data.target, Context(0, 1));
    CHECK(m.w[0] == Approx(std::max(0.0, 3 - alpha)).margin(1e-12));
    CHECK(m.b == Approx(1));
    ElasticNetParams net;
    net.alpha = alpha;
    net.rho = 0.25;
    CHECK(ElasticNetRegression::fit(net, data.samples, data.target, Context(0, 1)).w[0] ==
          Approx((3 - 0.25 * alpha) / (1 + 0.75 * alpha)).margin(1e-12));
  }
}

TEST_CASE("lasso and elastic-net: the subgradient conditions hold on tall and wide tables, weighted or not") {
  for (const auto& [n, d] : std::vector<std::pair<Index, Index>>{{300, 20}, {60, 200}, {1500, 1200}})
    for (const bool weighted : {false, true}) {
      Data data = sparse_signal(n, d);
      if (weighted) data.samples.weight = Vector::LinSpaced(n, 0, 2);
      for (const double rho : {1.0, 0.4}) {
        ElasticNetPath path(problem_of(data, rho), Context(0, 1));
        const double top = path.alpha_max();
        for (const double share : {1.0, 0.3, 0.05}) {
          const ElasticNetPoint p = path.solve(share * top);
          INFO(n << " x " << d << (weighted ? ", weighted" : "") << ", rho " << rho << ", alpha " << p.alpha << ": "
                 << path.updates());
          CHECK(p.converged);
          CHECK(p.gap <= 1e-9 * p.objective);
          CHECK(kkt_violation(data, p.w, p.b, p.alpha, rho) <= 1e-7 * top);
          if (share == 1.0) CHECK(p.nonzero <= 1);
        }
      }
    }
}

TEST_CASE("lasso: one Gram matrix, a working set and naive updates end at the same weights") {
  const Data data = sparse_signal(150, 400);
  ElasticNet q = problem_of(data, 1, 1e-12);
  ElasticNetPath covariance(q, Context(0, 1));
  q.most_gram = 0;
  ElasticNetPath naive(q, Context(0, 1));
  const double alpha = 0.1 * covariance.alpha_max();
  const ElasticNetPoint a = covariance.solve(alpha), b = naive.solve(alpha);
  CHECK(a.nonzero > 10);
  CHECK((a.w - b.w).cwiseAbs().maxCoeff() < 1e-9);
  CHECK(std::string(naive.updates()).starts_with("naive"));
}

TEST_CASE("lasso: a warm path and a cold start end at the same weights") {
  const Data data = sparse_signal(80, 300);
  ElasticNetPath path(problem_of(data, 1, 1e-12), Context(0, 1));
  const double top = path.alpha_max();
  ElasticNetPoint warm;
  for (double share = 1; share > 0.05; share *= 0.8) warm = path.solve(share * top);
  ElasticNetPath cold(problem_of(data, 1, 1e-12), Context(0, 1));
  CHECK((cold.solve(warm.alpha).w - warm.w).cwiseAbs().maxCoeff() < 1e-9);
}

TEST_CASE("lasso: diabetes agrees with scikit-learn's paths") {
  const auto gold = test::golden("lasso_diabetes.json");
  const Table table = read_table(test::dataset_path("tables/diabetes.csv"));
  Data data;
  const Index n = table.n(), d = static_cast<Index>(table.columns.size()) - 1;
  Columns X = table.cells.leftCols(d);
  data.target.name = "y";
  data.target.value = table.cells.col(d);
  for (Index f = 0; f < d; ++f) {
    data.samples.columns.push_back(table.columns[static_cast<size_t>(f)]);
    X.col(f).array() -= X.col(f).mean();
    X.col(f) /= std::sqrt(X.col(f).squaredNorm() / static_cast<double>(n));
  }
  data.samples.X = X;
  for (const auto& c : gold["cases"]) {
    ElasticNetPath path(problem_of(data, c["l1_ratio"], 1e-13), Context(0, 1));
    const ElasticNetPoint p = path.solve(c["alpha"]);
    INFO("alpha " << c["alpha"] << ", l1-ratio " << c["l1_ratio"]);
    CHECK(p.converged);
    for (Index f = 0; f < d; ++f)
      CHECK(std::abs(p.w[f] - c["w"][static_cast<size_t>(f)].get<double>()) < 1e-8 * (1 + p.w.cwiseAbs().maxCoeff()));
  }
}

TEST_CASE("lasso: alpha=auto finds the columns that matter, by the one-standard-error rule, the same for any threads",
          "[parallel]") {
  const Data data = sparse_signal(400, 30);
  LassoParams params;
  params.alpha = AlphaRule::automatic;
  const LassoModel m = Lasso::fit(params, data.samples, data.target, Context(1, 1));
  REQUIRE(m.path.size() == 100);
  for (Index f = 0; f < 30; f += 5) CHECK(m.w[f] != 0);
  const auto best = std::min_element(m.path.begin(), m.path.end(), [](auto& a, auto& b) { return a.error < b.error; });
  for (const PathRow& row : m.path) {
    if (row.alpha > m.alpha) CHECK(row.error > best->error + best->standard_error);
    if (row.alpha == m.alpha) CHECK(row.error <= best->error + best->standard_error);
  }
  CHECK(m.path.front().nonzero == 0);
  const LassoModel again = Lasso::fit(params, data.samples, data.target, Context(1, 3));
  CHECK(again.w == m.w);
}

TEST_CASE("lasso: a constant column and a constant target have weight zero") {
  Data data = sparse_signal(50, 3);
  std::get<Columns>(data.samples.X).col(1).setConstant(4);
  LassoParams params;
  params.alpha = 0.01;
  CHECK(Lasso::fit(params, data.samples, data.target, Context(0, 1)).w[1] == 0);
  data.target.value.setConstant(3);
  const LassoModel m = Lasso::fit(params, data.samples, data.target, Context(0, 1));
  CHECK(m.report.converged);
  CHECK(m.w.isZero());
  CHECK(m.b == 3);
}

TEST_CASE("lasso: sweeps that run out are said so") {
  const Data data = sparse_signal(100, 20);
  LassoParams params;
  params.alpha = 1e-4;
  params.max_iter = 2;
  const LassoModel m = Lasso::fit(params, data.samples, data.target, Context(0, 1));
  CHECK_FALSE(m.report.converged);
  CHECK(m.report.note.find("--max-iter") != std::string::npos);
}
