#include "assay/features/homography/gold_standard.h"

#include "assay/core/error.h"
#include "assay/features/homography/homography_kernels.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/homography.h"

using namespace assay;

namespace {

double transfer(const Matrix3& H, const std::vector<PointPair>& pairs) {
  double sum = 0;
  for (const PointPair& p : pairs) sum += transfer_error(H, p) * transfer_error(H, p);
  return sum;
}

}  // namespace

TEST_CASE("gold standard: the sums of the normal equations are those of derivatives by differences") {
  Rng rng(1);
  const Matrix3 H = test::random_homography(rng);
  const auto pairs = test::noisy_pairs(H, 37, 4, rng);
  std::vector<double> x, y, u, v;  // in units of 500 pixels, so that all nine entries are of one size
  for (const PointPair& p : pairs)
    x.push_back(p.x1 / 500), y.push_back(p.y1 / 500), u.push_back(p.x2 / 500), v.push_back(p.y2 / 500);
  const Matrix3 G = product({1 / 500.0, 0, 0, 0, 1 / 500.0, 0, 0, 0, 1}, product(H, {500, 0, 0, 0, 500, 0, 0, 0, 1}));
  const TransferSums s = transfer_sums(x.data(), y.data(), u.data(), v.data(), 37, G.data());
  CHECK(s.cost == Approx(transfer_cost(x.data(), y.data(), u.data(), v.data(), 37, G.data())).epsilon(1e-14));
  CHECK(s.cost * 500 * 500 == Approx(transfer(H, pairs)).epsilon(1e-12));
  // J by central differences, row by row; then J'J and J'r
  Matrix J(74, 9);
  Vector r(74);
  for (int k = 0; k < 9; ++k) {
    Matrix3 lo = G, hi = G;
    lo[static_cast<size_t>(k)] -= 1e-6, hi[static_cast<size_t>(k)] += 1e-6;
    for (int i = 0; i < 37; ++i) {
      const auto at = static_cast<size_t>(i);
      const cv::Point2d a = map_point(lo, x[at], y[at]), b = map_point(hi, x[at], y[at]),
                        c = map_point(G, x[at], y[at]);
      J(2 * i, k) = (b.x - a.x) / 2e-6, J(2 * i + 1, k) = (b.y - a.y) / 2e-6;
      r[2 * i] = c.x - u[at], r[2 * i + 1] = c.y - v[at];
    }
  }
  const Matrix N = J.transpose() * J;
  const Vector g = J.transpose() * r;
  constexpr int entry[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      const int k = entry[i][j];
      CHECK(s.mm[k] == Approx(N(i, j)).epsilon(1e-7));
      CHECK(s.mm[k] == Approx(N(3 + i, 3 + j)).epsilon(1e-7));
      CHECK(-s.umm[k] == Approx(N(i, 6 + j)).epsilon(1e-7));
      CHECK(-s.vmm[k] == Approx(N(3 + i, 6 + j)).epsilon(1e-7));
      CHECK(s.dmm[k] == Approx(N(6 + i, 6 + j)).epsilon(1e-7));
    }
  for (int k = 0; k < 9; ++k) CHECK(s.g[k] == Approx(g[k]).margin(1e-8));
}

TEST_CASE("gold standard: never worse than the DLT, exact pairs stay exact, four pairs are met") {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Rng rng(seed);
    const Matrix3 H = test::random_homography(rng);
    const auto noisy = test::noisy_pairs(H, 5 + static_cast<int>(seed), 2, rng);
    for (auto kind : {GeometricCost::transfer, GeometricCost::reprojection}) {
      const auto fit = homography_least_squares(noisy, kind);
      REQUIRE(fit);
      CHECK(fit->converged);
      CHECK(fit->cost <= transfer(*homography_dlt(noisy), noisy));
      const auto exact = homography_least_squares(test::exact_pairs(H, 20, rng), kind);
      CHECK(test::corner_error(exact->H, H) < 1e-10);
      const auto four = homography_least_squares(std::span(noisy).first(4), kind);
      REQUIRE(four);
      CHECK(four->cost < 1e-20);
      CHECK(four->sigma == 0);
    }
    CHECK(homography_least_squares(noisy)->cost == Approx(transfer(homography_least_squares(noisy)->H, noisy)));
  }
}

TEST_CASE("gold standard: the reprojection error does not depend on which picture comes first") {
  Rng rng(11);
  const auto pairs = test::noisy_pairs(test::random_homography(rng), 25, 1.5, rng);
  std::vector<PointPair> swapped;
  for (const PointPair& p : pairs) swapped.push_back({p.x2, p.y2, p.x1, p.y1});
  const auto there = homography_least_squares(pairs, GeometricCost::reprojection);
  const auto back = homography_least_squares(swapped, GeometricCost::reprojection);
  CHECK(there->cost == Approx(back->cost).epsilon(1e-10));
  CHECK(test::difference(with_unit_corner(*inverse(back->H)), there->H) < 1e-7);
}

TEST_CASE("gold standard: noise and covariance match Monte Carlo") {
  // 3000 sets of the same 40 points; noise in the second picture only, or in both
  Rng layout(21);
  const Matrix3 H = test::random_homography(layout);
  const auto exact = test::exact_pairs(H, 40, layout);
  constexpr int kRuns = 3000;
  constexpr double kSigma = 0.5;
  for (auto kind : {GeometricCost::transfer, GeometricCost::reprojection}) {
    Vector mean = Vector::Zero(8), variance = Vector::Zero(8), claimed = Vector::Zero(8);
    double sigma2 = 0, corner = 0, corner_claimed = 0;
    for (int run = 0; run < kRuns; ++run) {
      Rng rng(1000, static_cast<uint64_t>(run));
      auto pairs = exact;
      for (PointPair& p : pairs) {
        p.x2 += kSigma * rng.normal(), p.y2 += kSigma * rng.normal();
        if (kind == GeometricCost::reprojection) p.x1 += kSigma * rng.normal(), p.y1 += kSigma * rng.normal();
      }
      const auto fit = homography_least_squares(pairs, kind);
      sigma2 += fit->sigma * fit->sigma / kRuns;
      for (Index i = 0; i < 8; ++i) {
        const double d = fit->H[static_cast<size_t>(i)] - H[static_cast<size_t>(i)];
        mean[i] += d / kRuns, variance[i] += d * d / kRuns, claimed[i] += fit->covariance(i, i) / kRuns;
      }
      const cv::Point2d p = map_point(fit->H, 0, 0), q = map_point(H, 0, 0);
      const auto C = mapped_covariance(*fit, 0, 0);
      corner += ((p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y)) / kRuns;
      corner_claimed += (C[0] + C[2]) / kRuns;
    }
    CAPTURE(static_cast<int>(kind));
    CHECK(std::sqrt(sigma2) == Approx(kSigma).epsilon(0.01));
    for (Index i = 0; i < 8; ++i) {  // relative error of a variance from 3000 runs: 2.6 %
      CHECK(claimed[i] == Approx(variance[i]).epsilon(0.1));
      CHECK(std::abs(mean[i]) < 5 * std::sqrt(variance[i] / kRuns) + 0.05 * std::sqrt(variance[i]));
    }
    CHECK(corner_claimed == Approx(corner).epsilon(0.1));
  }
}

TEST_CASE("gold standard: where h33 is 0 the covariance is that of the matrix of length 1") {
  Rng rng(2);
  std::vector<PointPair> pairs;
  for (int i = 0; i < 30; ++i) {
    const double x = rng.uniform(1, 3), y = rng.uniform(-1, 1);
    pairs.push_back({x, y, 1 / x + 1e-4 * rng.normal(), y / x + 1e-4 * rng.normal()});
  }
  const auto fit = homography_least_squares(pairs);
  REQUIRE(fit);
  if (fit->H[8] != 1) {
    const Eigen::Map<const Vector> h(fit->H.data(), 9);
    CHECK((fit->covariance * h).norm() < 1e-9 * fit->covariance.norm());
  }
  CHECK((fit->covariance - fit->covariance.transpose()).norm() <= 1e-9 * fit->covariance.norm());
}

TEST_CASE("gold standard: no answer where the DLT has none, and numbers are finite") {
  CHECK_FALSE(homography_least_squares({}));
  std::vector<PointPair> line;
  for (int i = 0; i < 9; ++i) line.push_back({i * 1.0, 2.0 * i, 3.0 * i, 7 - i * 1.0});
  CHECK_FALSE(homography_least_squares(line));
  line[2].x1 = std::nan("");
  CHECK_THROWS_AS(homography_least_squares(line), DataError);
}

TEST_CASE("gold standard: OpenCV's findHomography to 1e-6, scipy's least squares of both costs to 1e-7") {
  const auto golden = test::golden("homography.json");
  for (const auto& c : golden.at("cases")) {
    const std::vector<PointPair> pairs = test::golden_pairs(c);
    CAPTURE(pairs.size());
    const auto fit = homography_least_squares(pairs);
    CHECK(test::difference(fit->H, test::matrix(c.at("opencv"))) < 1e-6);
    CHECK(test::difference(fit->H, test::matrix(c.at("transfer"))) < 1e-7);
    if (pairs.size() > 4) CHECK(fit->cost == Approx(c.at("transfer_cost").get<double>()).epsilon(1e-10));
    if (!c.contains("reprojection")) continue;
    const auto both = homography_least_squares(pairs, GeometricCost::reprojection);
    CHECK(test::difference(both->H, test::matrix(c.at("reprojection"))) < 1e-7);
    CHECK(both->cost == Approx(c.at("reprojection_cost").get<double>()).epsilon(1e-10));
  }
}
