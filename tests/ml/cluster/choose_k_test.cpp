#include "assay/ml/cluster/choose_k.h"

#include <numbers>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

Samples of(const Matrix& X) {
  Samples s;
  for (Index f = 0; f < X.cols(); ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  s.X = X;
  return s;
}

Matrix uniform(Index n, uint64_t seed) {
  Rng rng(seed, 1);
  Matrix X(n, 2);
  for (Index j = 0; j < X.size(); ++j) X.data()[j] = rng.uniform();
  return X;
}

Matrix gaussian(Index n, uint64_t seed) {
  Rng rng(seed, 2);
  Matrix X(n, 2);
  for (Index j = 0; j < X.size(); ++j) X.data()[j] = rng.normal();
  return X;
}

Matrix rings(Index n, uint64_t seed) {
  Rng rng(seed, 3);
  Matrix X(n, 2);
  for (Index i = 0; i < n; ++i) {
    const double a = rng.uniform(0, 2 * std::numbers::pi), r = i % 2 ? 1 : 0.4;
    X(i, 0) = r * std::cos(a) + 0.04 * rng.normal();
    X(i, 1) = r * std::sin(a) + 0.04 * rng.normal();
  }
  return X;
}

/// k blobs whose centres are at least eight standard deviations apart.
Matrix blobs(Index n, int k, uint64_t seed) {
  Rng rng(seed, 4);
  std::vector<Eigen::RowVector2d> centers;
  while (static_cast<int>(centers.size()) < k) {
    const Eigen::RowVector2d c(rng.uniform(-15, 15), rng.uniform(-15, 15));
    bool apart = true;
    for (const auto& other : centers) apart = apart && (c - other).norm() >= 8;
    if (apart) centers.push_back(c);
  }
  Matrix X(n, 2);
  for (Index i = 0; i < n; ++i)
    X.row(i) = centers[static_cast<size_t>(i % k)] + Eigen::RowVector2d(rng.normal(), rng.normal());
  return X;
}

int verdict(const Matrix& X, uint64_t seed, int threads = 1) {
  return choose_clusters({}, {}, of(X), Context(seed, threads)).k.value_or(0);
}

}  // namespace

TEST_CASE("choose k: blobs that lie apart are counted") {
  for (const uint64_t seed : {1, 2, 3}) {
    CHECK(verdict(blobs(300, 3, seed), seed) == 3);
    CHECK(verdict(blobs(420, 7, seed), seed) == 7);
  }
}

TEST_CASE("choose k: noise, one cloud and two rings have no clear k") {
  for (const uint64_t seed : {1, 2, 3}) {
    CHECK(verdict(uniform(300, seed), seed) == 0);
    CHECK(verdict(gaussian(300, seed), seed) == 0);
    CHECK(verdict(rings(300, seed), seed) == 0);
  }
}

TEST_CASE("choose k: at least 48 of 50 verdicts are right, for each kind of table", "[.seeds]") {
  const auto right = [](auto&& table, int k) {
    int count = 0;
    for (uint64_t seed = 100; seed < 150; ++seed) count += verdict(table(seed), seed) == k;
    return count;
  };
  CHECK(right([](uint64_t seed) { return uniform(300, seed); }, 0) >= 48);
  CHECK(right([](uint64_t seed) { return gaussian(300, seed); }, 0) >= 48);
  CHECK(right([](uint64_t seed) { return rings(300, seed); }, 0) >= 48);
  CHECK(right([](uint64_t seed) { return blobs(300, 3, seed); }, 3) >= 48);
  CHECK(right([](uint64_t seed) { return blobs(420, 7, seed); }, 7) >= 48);
}

TEST_CASE("choose k: the curves are what their names say") {
  const Matrix X = blobs(200, 3, 5);
  const KChoice choice = choose_clusters({}, {2, 5, 10}, of(X), Context(0, 1));
  REQUIRE(choice.rows.size() == 6);
  for (size_t j = 1; j < 6; ++j) {
    CHECK(choice.rows[j].k == static_cast<int>(j) + 1);
    CHECK(choice.rows[j].inertia <= choice.rows[j - 1].inertia);
    CHECK(choice.rows[j].gap_spread > 0);
  }
  CHECK(!choice.rows[0].silhouette);
  CHECK(choice.rows[0].inertia == Approx((X.rowwise() - X.colwise().mean()).squaredNorm()).epsilon(1e-12));
  CHECK(choice.best_silhouette == 3);
  CHECK(choice.best_calinski == 3);
  CHECK(choice.best_bic == 3);
  CHECK(choice.verdict.rfind("3 clusters are clear", 0) == 0);
  // One cluster: n log 1, one variance; by hand.
  const double n = 200, variance = choice.rows[0].inertia / (2 * (n - 1));
  CHECK(choice.rows[0].bic ==
        Approx(2 * n * std::log(2 * std::numbers::pi * variance) + 2 * (n - 1) + 3 * std::log(n)).epsilon(1e-12));
}

TEST_CASE("choose k: the same for any number of threads", "[parallel]") {
  const Samples x = of(blobs(150, 3, 8));
  const KChoice one = choose_clusters({}, {2, 4, 5}, x, Context(3, 1)),
                three = choose_clusters({}, {2, 4, 5}, x, Context(3, 3));
  for (size_t j = 0; j < one.rows.size(); ++j) {
    CHECK(one.rows[j].gap == three.rows[j].gap);
    CHECK(one.rows[j].gap_spread == three.rows[j].gap_spread);
    CHECK(one.rows[j].silhouette == three.rows[j].silhouette);
  }
}

TEST_CASE("choose k: few rows, equal rows and impossible ranges have an answer or a clear error") {
  CHECK(verdict(Matrix::Constant(30, 2, 1.5), 0) == 0);
  CHECK_THROWS_AS(choose_clusters({}, {2, 10}, of(uniform(10, 1)), Context(0, 1)), ParameterError);
  CHECK_THROWS_AS(choose_clusters({}, {1, 5}, of(uniform(50, 1)), Context(0, 1)), ParameterError);
  CHECK_THROWS_AS(choose_clusters({}, {5, 4}, of(uniform(50, 1)), Context(0, 1)), ParameterError);
  CHECK(choose_clusters({}, {2, 4}, of(uniform(5, 1)), Context(0, 1)).rows.size() == 5);
}
