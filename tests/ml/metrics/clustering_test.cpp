#include "assay/ml/metrics/clustering.h"

#include <cmath>

#include "assay/core/rng.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {

Matrix rows_of(const std::vector<std::vector<double>>& rows) {
  Matrix X(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < X.rows(); ++i)
    for (Index f = 0; f < X.cols(); ++f) X(i, f) = rows[static_cast<size_t>(i)][static_cast<size_t>(f)];
  return X;
}

double exact_silhouette(const Matrix& X, const std::vector<int>& labels) {
  return *silhouette(X, labels, 0, Context(0, 1)).mean.value;
}

/// Equation (1), pair by pair.
double silhouette_by_definition(const Matrix& X, const std::vector<int>& labels) {
  double total = 0;
  int rows = 0;
  for (Index i = 0; i < X.rows(); ++i) {
    const int own = labels[static_cast<size_t>(i)];
    if (own < 0) continue;
    ++rows;
    std::vector<double> sums(20), counts(20);
    for (Index j = 0; j < X.rows(); ++j) {
      const int k = labels[static_cast<size_t>(j)];
      if (j == i || k < 0) continue;
      sums[static_cast<size_t>(k)] += (X.row(i) - X.row(j)).norm();
      ++counts[static_cast<size_t>(k)];
    }
    if (counts[static_cast<size_t>(own)] == 0) continue;
    const double a = sums[static_cast<size_t>(own)] / counts[static_cast<size_t>(own)];
    double b = INFINITY;
    for (size_t k = 0; k < 20; ++k)
      if (static_cast<int>(k) != own && counts[k] > 0) b = std::min(b, sums[k] / counts[k]);
    total += (b - a) / std::max(a, b);
  }
  return total / rows;
}

struct Blobs {
  Matrix X;
  std::vector<int> labels;
};
Blobs make_blobs(Index n, Index d, int k, uint64_t seed, double spread = 1) {
  Rng rng(seed, 3);
  Blobs b{Matrix(n, d), {}};
  for (Index i = 0; i < n; ++i) {
    b.labels.push_back(static_cast<int>(rng.below(static_cast<uint64_t>(k))));
    for (Index f = 0; f < d; ++f) b.X(i, f) = spread * rng.normal() + 5 * b.labels.back() * (f % 2 ? 1 : -1);
  }
  return b;
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b)); }

std::vector<int> ints(const nlohmann::json& values) { return values.get<std::vector<int>>(); }

}  // namespace

TEST_CASE("silhouette: four points on a line by hand") {
  // 0, 1 | 5, 7: s = 1 - a/b with a = 1, 1, 2, 2 and b = 6, 5, 4.5, 6.5
  const Matrix X = rows_of({{0}, {1}, {5}, {7}});
  const Silhouette s = silhouette(X, {0, 0, 1, 1}, 0, Context(0, 1));
  CHECK(s.rows == std::vector<int>{0, 1, 2, 3});
  CHECK(close(s.value[0], 1 - 1 / 6.0));
  CHECK(close(s.value[1], 1 - 1 / 5.0));
  CHECK(close(s.value[2], 1 - 2 / 4.5));
  CHECK(close(s.value[3], 1 - 2 / 6.5));
  CHECK(s.standard_error == 0);
}

TEST_CASE("davies-bouldin and calinski-harabasz: four points on a line by hand") {
  // centres 0.5 and 6, S = 0.5 and 1; B = 4 * 2.75^2, W = 0.5 + 2
  const Matrix X = rows_of({{0}, {1}, {5}, {7}});
  CHECK(close(*davies_bouldin(X, {0, 0, 1, 1}, 1).value, 1.5 / 5.5));
  CHECK(close(*calinski_harabasz(X, {0, 0, 1, 1}, 1).value, 30.25 / (2.5 / 2)));
}

TEST_CASE("partitions: pairs and entropies of five rows by hand") {
  // truth {1,2,3}{4,5}, clusters {1,2}{3,4,5}: together in truth 4 pairs, in clusters 4, in both 2, of 10
  const PartitionScores s = compare_partitions({0, 0, 0, 1, 1}, {0, 0, 1, 1, 1});
  CHECK(close(s.ari, (2 - 1.6) / (4 - 1.6)));
  CHECK(close(s.fowlkes_mallows, 0.5));
  CHECK(close(s.purity, 0.8));
  const double H = -0.6 * std::log(0.6) - 0.4 * std::log(0.4);
  const double I = 0.4 * std::log(5 * 2 / 6.0) + 0.2 * std::log(5 * 1 / 9.0) + 0.4 * std::log(5 * 2 / 6.0);
  CHECK(close(s.homogeneity, I / H));
  CHECK(close(s.completeness, I / H));
  CHECK(close(s.v_measure, I / H));
}

TEST_CASE("silhouette: equals the definition pair by pair, with noise and a cluster of one row") {
  Blobs b = make_blobs(700, 3, 5, 1, 3);
  for (size_t i = 0; i < b.labels.size(); i += 17) b.labels[i] = -1;
  b.labels[8] = 7;
  CHECK(close(exact_silhouette(b.X, b.labels), silhouette_by_definition(b.X, b.labels)));
}

TEST_CASE("indices: moving, turning and stretching the rows, and other names, change nothing") {
  const Blobs b = make_blobs(300, 2, 4, 2, 2);
  const double s = exact_silhouette(b.X, b.labels), db = *davies_bouldin(b.X, b.labels, 1).value,
               ch = *calinski_harabasz(b.X, b.labels, 1).value;
  Matrix turn(2, 2);
  turn << 0.6, -0.8, 0.8, 0.6;
  Matrix Y = 3 * b.X * turn;
  Y.col(0).array() += 1e4;  // offsets far above the spread cost no digits
  CHECK(exact_silhouette(Y, b.labels) == Approx(s).epsilon(1e-11));
  CHECK(*davies_bouldin(Y, b.labels, 1).value == Approx(db).epsilon(1e-11));
  CHECK(*calinski_harabasz(Y, b.labels, 1).value == Approx(ch).epsilon(1e-11));
  std::vector<int> renamed = b.labels;
  for (int& k : renamed) k = 9 - 2 * k;
  CHECK(close(exact_silhouette(b.X, renamed), s));
  CHECK(close(*davies_bouldin(b.X, renamed, 1).value, db));
  CHECK(close(*calinski_harabasz(b.X, renamed, 1).value, ch));
}

TEST_CASE("calinski-harabasz: the two variances sum to the total") {
  const Blobs b = make_blobs(400, 3, 4, 5, 2);
  const double ch = *calinski_harabasz(b.X, b.labels, 1).value;
  const double total = (b.X.rowwise() - b.X.colwise().mean()).squaredNorm();
  double W = 0;
  const auto clusters = summarize_clusters(b.X, b.labels, 4, 1);
  for (Index i = 0; i < 400; ++i)
    W += (b.X.row(i).transpose() - clusters[static_cast<size_t>(b.labels[static_cast<size_t>(i)])].mean).squaredNorm();
  CHECK(ch == Approx((total - W) / 3 / (W / 396)).epsilon(1e-11));
}

TEST_CASE("partitions: equal groupings score 1 under any names, and the order of the two does not matter") {
  Rng rng(4);
  std::vector<int> a, b;
  for (int i = 0; i < 300; ++i) {
    a.push_back(static_cast<int>(rng.below(5)));
    b.push_back(rng.below(3) ? a.back() : static_cast<int>(rng.below(4)));
  }
  std::vector<int> renamed = a;
  for (int& k : renamed) k = -1 + 1000 * ((k + 2) % 5);
  const PartitionScores same = compare_partitions(a, renamed);
  for (const double v : {same.ari, same.ami, same.nmi, same.homogeneity, same.completeness, same.v_measure, same.purity,
                         same.fowlkes_mallows})
    CHECK(v == 1);
  const PartitionScores ab = compare_partitions(a, b), ba = compare_partitions(b, a),
                        rb = compare_partitions(renamed, b);
  CHECK(close(ab.ari, ba.ari));
  CHECK(close(ab.ami, ba.ami));
  CHECK(close(ab.nmi, ba.nmi));
  CHECK(close(ab.fowlkes_mallows, ba.fowlkes_mallows));
  CHECK(close(ab.homogeneity, ba.completeness));
  CHECK(close(ab.ari, rb.ari));
  CHECK(close(ab.ami, rb.ami));
}

TEST_CASE("partitions: of random groupings the adjusted indices are 0 on average, the others are not") {
  double ari = 0, ami = 0, nmi = 0;
  const int runs = 300;
  for (int run = 0; run < runs; ++run) {
    Rng rng(static_cast<uint64_t>(run), 8);
    std::vector<int> a, b;
    for (int i = 0; i < 60; ++i) {
      a.push_back(static_cast<int>(rng.below(4)));
      b.push_back(static_cast<int>(rng.below(6)));
    }
    const PartitionScores s = compare_partitions(a, b);
    ari += s.ari / runs, ami += s.ami / runs, nmi += s.nmi / runs;
  }
  CHECK(std::abs(ari) < 0.006);  // a standard error is about 0.0013
  CHECK(std::abs(ami) < 0.006);
  CHECK(nmi > 0.08);
}

TEST_CASE("partitions: the expected information is the mean over all orders of the labels") {
  // All 6!/(3! 2! 1!) orders of the clustering beside a fixed truth: AMI's numerator sums to zero.
  const std::vector<int> truth{0, 0, 0, 1, 1, 2};
  std::vector<int> cluster{0, 0, 1, 1, 1, 2};
  double total = 0;
  do {
    total += compare_partitions(truth, cluster).ami;  // the denominator is the same for all
  } while (std::next_permutation(cluster.begin(), cluster.end()));
  CHECK(std::abs(total) < 1e-11);
}

TEST_CASE("indices: where the definition fails there is a reason instead of a number") {
  const Matrix X = rows_of({{0}, {1}, {5}, {7}});
  const auto reasons = [&](const std::vector<int>& labels) {
    const Score s = silhouette(X, labels, 0, Context(0, 1)).mean, db = davies_bouldin(X, labels, 1),
                ch = calinski_harabasz(X, labels, 1);
    CHECK_FALSE((s.value || db.value || ch.value));
    CHECK(s.reason == db.reason);
    return ch.reason;
  };
  CHECK(reasons({0, 0, 0, 0}) == "there is one cluster");
  CHECK(reasons({-1, -1, -1, -1}) == "every row is noise");
  CHECK(reasons({0, 1, 2, 3}) == "every row is a cluster of its own");
  const Matrix twice = rows_of({{1}, {1}, {4}, {4}}), equal = rows_of({{1}, {1}, {1}, {1}});
  CHECK(calinski_harabasz(twice, {0, 0, 1, 1}, 1).reason == "every row lies on its cluster's centre");
  CHECK(*davies_bouldin(twice, {0, 0, 1, 1}, 1).value == 0);
  CHECK(*davies_bouldin(equal, {0, 0, 1, 1}, 1).value == 0);  // as scikit-learn
  CHECK(exact_silhouette(equal, {0, 0, 1, 1}) == 0);
  CHECK(davies_bouldin(rows_of({{0}, {2}, {1}, {1}}), {0, 0, 1, 1}, 1).reason == "two clusters have the same centre");
  CHECK_THROWS_AS(silhouette(X, {0, 1}, 0, Context(0, 1)), DataError);
  CHECK_THROWS_AS(compare_partitions({0, 1}, {0}), DataError);
  CHECK_THROWS_AS(compare_partitions({}, {}), DataError);
}

TEST_CASE("indices: huge numbers give no NaN") {
  const Matrix X = rows_of({{1e300}, {-1e300}, {5}, {7}});
  for (const Score& s : {silhouette(X, {0, 0, 1, 1}, 0, Context(0, 1)).mean, davies_bouldin(X, {0, 0, 1, 1}, 1),
                         calinski_harabasz(X, {0, 0, 1, 1}, 1)})
    CHECK((s.value ? std::isfinite(*s.value) : !s.reason.empty()));
}

TEST_CASE("indices: noise is left out, and counts as a group beside known ones") {
  const Blobs b = make_blobs(200, 2, 3, 6, 2);
  std::vector<int> noisy = b.labels;
  Matrix kept(0, 2);
  std::vector<int> kept_labels;
  for (Index i = 0; i < 200; ++i) {
    if (i % 5 == 0) {
      noisy[static_cast<size_t>(i)] = -1;
      continue;
    }
    kept.conservativeResize(kept.rows() + 1, 2);
    kept.row(kept.rows() - 1) = b.X.row(i);
    kept_labels.push_back(noisy[static_cast<size_t>(i)]);
  }
  CHECK(exact_silhouette(b.X, noisy) == exact_silhouette(kept, kept_labels));
  CHECK(*davies_bouldin(b.X, noisy, 1).value == *davies_bouldin(kept, kept_labels, 1).value);
  CHECK(*calinski_harabasz(b.X, noisy, 1).value == *calinski_harabasz(kept, kept_labels, 1).value);
  CHECK(compare_partitions(b.labels, noisy).completeness < 1);
  CHECK(compare_partitions(b.labels, noisy).ari < 1);
}

TEST_CASE("silhouette: a sample is near the exact mean, within its own standard error, and follows the seed") {
  const Blobs b = make_blobs(4000, 2, 4, 9, 2);
  const double exact = exact_silhouette(b.X, b.labels);
  int inside = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Silhouette s = silhouette(b.X, b.labels, 300, Context(seed, 1));
    CHECK(s.rows.size() == 300);
    CHECK(std::is_sorted(s.rows.begin(), s.rows.end()));
    CHECK(s.standard_error > 0);
    inside += std::abs(*s.mean.value - exact) < 2 * s.standard_error;
  }
  CHECK(inside >= 34);  // 95 % of 40 are 38
  CHECK(*silhouette(b.X, b.labels, 300, Context(1, 1)).mean.value ==
        *silhouette(b.X, b.labels, 300, Context(1, 7)).mean.value);
  CHECK(silhouette(b.X, b.labels, 4000, Context(1, 1)).standard_error == 0);
  CHECK(*silhouette(b.X, b.labels, 9000, Context(1, 1)).mean.value == exact);
}

TEST_CASE("silhouette: how many rows are drawn grows smaller with the table, never below 500") {
  CHECK(silhouette_sample(5000, 2) == 0);
  CHECK(silhouette_sample(20000, 2) == 0);
  CHECK(silhouette_sample(100000, 2) == 4000);
  CHECK(silhouette_sample(1000000, 16) == 500);
  CHECK(silhouette_sample(400, 1000000) == 0);
}

TEST_CASE("indices: one, two and seven threads give the same bits", "[parallel]") {
  const Blobs b = make_blobs(1500, 3, 6, 10, 3);
  for (const int threads : {2, 7}) {
    CHECK(silhouette(b.X, b.labels, 0, Context(0, threads)).value == silhouette(b.X, b.labels, 0, Context(0, 1)).value);
    CHECK(*davies_bouldin(b.X, b.labels, threads).value == *davies_bouldin(b.X, b.labels, 1).value);
    CHECK(*calinski_harabasz(b.X, b.labels, threads).value == *calinski_harabasz(b.X, b.labels, 1).value);
  }
}

TEST_CASE("clusters: rows, mean and the most typical row, the first of equals") {
  const Matrix X = rows_of({{0}, {9}, {2}, {4}, {2}, {100}});
  const auto all = summarize_clusters(X, {0, 2, 0, 0, 0, -1}, 4, 1);
  REQUIRE(all.size() == 4);
  CHECK(all[0].rows == 4);
  CHECK(all[0].mean[0] == 2);
  CHECK(all[0].typical == 2);
  CHECK(all[1].rows == 0);
  CHECK(all[1].typical == -1);
  CHECK(all[2].typical == 1);
  CHECK(all[3].rows == 0);
}

TEST_CASE("indices: scikit-learn's numbers") {
  const auto golden = test::golden("cluster_indices.json");
  for (const auto& c : golden["rows"]) {
    INFO(c["name"].get<std::string>());
    const Matrix X = rows_of(c["X"].get<std::vector<std::vector<double>>>());
    const std::vector<int> labels = ints(c["labels"]);
    const Silhouette s = silhouette(X, labels, 0, Context(0, 1));
    CHECK(close(*s.mean.value, c["silhouette"]));
    for (size_t i = 0; i < s.value.size(); ++i) CHECK(close(s.value[i], c["silhouette_samples"][i]));
    CHECK(close(*davies_bouldin(X, labels, 1).value, c["davies_bouldin"]));
    CHECK(close(*calinski_harabasz(X, labels, 1).value, c["calinski_harabasz"]));
  }
  for (const auto& c : golden["partitions"]) {
    INFO(c["name"].get<std::string>());
    const PartitionScores s = compare_partitions(ints(c["truth"]), ints(c["cluster"]));
    CHECK(close(s.ari, c["ari"]));
    CHECK(close(s.ami, c["ami"]));
    CHECK(close(s.nmi, c["nmi"]));
    CHECK(close(s.homogeneity, c["homogeneity"]));
    CHECK(close(s.completeness, c["completeness"]));
    CHECK(close(s.v_measure, c["v_measure"]));
    CHECK(close(s.purity, c["purity"]));
    CHECK(close(s.fowlkes_mallows, c["fowlkes_mallows"]));
  }
}
