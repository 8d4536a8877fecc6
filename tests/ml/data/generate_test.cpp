#include "assay/ml/data/generate.h"

#include <cmath>
#include <cstring>

#include "assay/core/error.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

using RowView = Eigen::Matrix<double, 1, Eigen::Dynamic>;

/// Share of the rows a rule gets wrong.
template <class Rule>
double error_of(const Dataset& data, Rule rule) {
  int wrong = 0;
  const Columns& X = data.samples.cols();
  for (Index i = 0; i < X.rows(); ++i) wrong += rule(RowView(X.row(i))) != data.target.code[static_cast<size_t>(i)];
  return wrong / static_cast<double>(X.rows());
}

double density(const RowView& x, const RowView& mean, double sd) {
  return std::exp(-(x - mean).squaredNorm() / (2 * sd * sd) - static_cast<double>(x.size()) * std::log(sd));
}

constexpr int kMany = 40000;  // the standard error of a share p is below 0.15 % of p = 10 %

}  // namespace

TEST_CASE(
    "generate: every generator gives the rows asked for, balanced, the same bytes for a seed, others for another") {
  for (const Generator& each : generators()) {
    CAPTURE(each.name);
    auto params = each.params();
    params->set("rows", "61", each.name);
    const Dataset a = each.make(*params, Context(3, 1)), b = each.make(*params, Context(3, 2)),
                  c = each.make(*params, Context(4, 1));
    CHECK(a.samples.n() == 61);
    CHECK(a.target.n() == 61);
    const auto bytes = static_cast<size_t>(a.samples.cols().size()) * sizeof(double);
    CHECK(std::memcmp(a.samples.cols().data(), b.samples.cols().data(), bytes) == 0);
    CHECK(std::memcmp(a.samples.cols().data(), c.samples.cols().data(), bytes) != 0);
    CHECK(a.samples.cols().allFinite());
    const int K = a.target.K();
    for (int k = 0; k < K; ++k) {
      const auto count = std::count(a.target.code.begin(), a.target.code.end(), k);
      if (std::string(each.name) != "classification") CHECK(std::abs(static_cast<double>(count) - 61.0 / K) < 1.01);
    }
    params->set("rows", "1", each.name);
    CHECK(each.make(*params, Context(1, 1)).samples.n() == 1);
  }
}

TEST_CASE("generate: moons and circles without noise lie on their curves") {
  MoonsParams m;
  m.noise = 0;
  CHECK(error_of(moons(m, Context(1, 1)), [](const RowView& x) {
          const double upper = std::hypot(x[0], x[1]) - 1, lower = std::hypot(x[0] - 1, x[1] - 0.5) - 1;
          if (std::abs(upper) < 1e-12 && x[1] > -1e-12) return 0;
          return std::abs(lower) < 1e-12 && x[1] < 0.5 + 1e-12 ? 1 : -1;
        }) == 0);
  CirclesParams c;
  c.noise = 0;
  c.factor = 0.25;
  CHECK(error_of(circles(c, Context(1, 1)), [](const RowView& x) {
          const double r = std::hypot(x[0], x[1]);
          return std::abs(r - 1) < 1e-12 ? 0 : std::abs(r - 0.25) < 1e-12 ? 1 : -1;
        }) == 0);
}

TEST_CASE("generate: blobs have the spread and the centres asked for") {
  BlobsParams p;
  p.rows = 30000;
  p.columns = 3;
  p.sd = 2;
  const Dataset data = blobs(p, Context(5, 1));
  for (int k = 0; k < 3; ++k) {
    for (Index f = 0; f < 3; ++f) {
      double sum = 0, squares = 0, n = 0;
      for (Index i = 0; i < 30000; ++i)
        if (data.target.code[static_cast<size_t>(i)] == k) {
          const double x = data.samples.cols()(i, f);
          sum += x;
          squares += x * x;
          ++n;
        }
      const double mean = sum / n, sd = std::sqrt(squares / n - mean * mean);
      CHECK(std::abs(mean) < 10.1);
      CHECK(sd == Approx(2).margin(0.06));  // four standard errors
    }
  }
}

TEST_CASE("generate: redundant columns are linear in the informative ones, useless ones are not") {
  ClassificationParams p;
  p.rows = 2000;
  p.columns = 8;
  p.informative = 3;
  p.redundant = 2;
  const Columns X = classification(p, Context(2, 1)).samples.cols();
  const Columns A = X.leftCols(3);
  const Matrix G = A.transpose() * A;
  for (Index f = 3; f < 8; ++f) {
    const Vector b = A.transpose() * X.col(f);
    const Vector w = *solve_cholesky(G, b);
    const double left = (X.col(f) - A * w).norm() / X.col(f).norm();
    if (f < 5)
      CHECK(left < 1e-12);
    else
      CHECK(left > 0.9);
  }
  p.informative = 7;
  CHECK_THROWS_AS(check_params(p), ParameterError);
  p.informative = 1;
  p.clusters = 3;
  CHECK_THROWS_AS(check_params(p), ParameterError);
}

TEST_CASE("generate: without noise the regression target is linear in the informative columns alone") {
  RegressionParams p;
  p.noise = 0;
  p.columns = 6;
  p.informative = 2;
  p.bias = 3;
  const Dataset data = regression(p, Context(2, 1));
  const Columns& X = data.samples.cols();
  const Matrix G = X.transpose() * X;
  const Vector y = data.target.value.array() - 3;
  const Vector w = *solve_cholesky(G, X.transpose() * y);
  CHECK((X * w - y).norm() < 1e-9 * y.norm());
  CHECK((w.array().abs() > 1e-9).count() == 2);
}

TEST_CASE("generate: twonorm is decided by the sign of the sum, and errs as the theory says") {
  NormParams p;
  p.rows = kMany;
  const double error = error_of(twonorm(p, Context(1, 1)), [](const RowView& x) { return x.sum() > 0 ? 0 : 1; });
  CHECK(error == Approx(0.02275).margin(0.003));  // Phi(-2)
}

TEST_CASE("generate: the best rules for threenorm and ringnorm err as Breiman states") {
  NormParams p;
  p.rows = kMany;
  const double a = 2 / std::sqrt(20.0);
  const RowView e = RowView::Constant(20, a);
  RowView alternating = e;
  for (Index f = 1; f < 20; f += 2) alternating[f] = -a;
  const double three = error_of(threenorm(p, Context(1, 1)), [&](const RowView& x) {
    return (density(x, e, 1) + density(x, -e, 1)) / 2 > density(x, alternating, 1) ? 0 : 1;
  });
  CHECK(three == Approx(0.105).margin(0.006));
  const double ring = error_of(ringnorm(p, Context(1, 1)), [&](const RowView& x) {
    return density(x, RowView::Zero(20), 2) > density(x, e, 1) ? 0 : 1;
  });
  CHECK(ring == Approx(0.013).margin(0.002));
}

TEST_CASE("generate: the best rule for the waveforms errs in 14 %") {
  WaveformParams p;
  p.rows = 6000;
  const auto wave = [](int peak) {
    RowView h(21);
    for (int i = 1; i <= 21; ++i) h[i - 1] = std::max(6.0 - std::abs(i - peak), 0.0);
    return h;
  };
  const RowView h[3] = {wave(11), wave(15), wave(7)};
  const int pairs[3][2] = {{0, 1}, {0, 2}, {1, 2}};
  const double error = error_of(waveform(p, Context(1, 1)), [&](const RowView& x) {
    int best = 0;
    double highest = -1;
    for (int k = 0; k < 3; ++k) {  // the density of a class is an integral over u
      double sum = 0;
      for (int g = 0; g < 60; ++g) {
        const double u = (g + 0.5) / 60;
        sum += density(x, u * h[pairs[k][0]] + (1 - u) * h[pairs[k][1]], 1);
      }
      if (sum > highest) {
        highest = sum;
        best = k;
      }
    }
    return best;
  });
  CHECK(error == Approx(0.14).margin(0.014));  // three standard errors
  p.noise_columns = 19;
  CHECK(waveform(p, Context(1, 1)).samples.d() == 40);
}

TEST_CASE("generate: names are found, near misses are suggested") {
  CHECK(std::string(find_generator("twonorm").name) == "twonorm");
  CHECK_THROWS_WITH(find_generator("mons"), "unknown generator \"mons\"; did you mean 'moons'?");
}

TEST_CASE("generate: as a table, the classes are the last column") {
  MoonsParams p;
  p.rows = 4;
  const Table t = table_of(moons(p, Context(1, 1)), "moons");
  CHECK(t.columns.size() == 3);
  CHECK(t.columns[2].levels == std::vector<std::string>{"0", "1"});
  CHECK(t.n() == 4);
}
