#include "assay/ml/cluster/kmeans.h"

#include <filesystem>
#include <fstream>
#include <limits>

#include "assay/core/error.h"
#include "assay/core/json.h"
#include "assay/core/rng.h"
#include "assay/ml/cluster/assign.h"
#include "assay/ml/cluster/exact_sums.h"
#include "assay/ml/cluster/lloyd.h"
#include "assay/ml/cluster/nearest.h"
#include "assay/ml/cluster/rounded_rows.h"
#include "assay/ml/cluster/seed.h"
#include "assay/ml/data/table.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::test;
using namespace assay::kmeans;

namespace {

Samples of(const Matrix& X) {
  Samples s;
  for (Index f = 0; f < X.cols(); ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  s.X = X;
  return s;
}

Matrix column(std::initializer_list<double> values) {
  Matrix X(static_cast<Index>(values.size()), 1);
  Index i = 0;
  for (const double v : values) X(i++, 0) = v;
  return X;
}

enum class Kind { smooth, whole, far, tiny };

/// Rows around `blobs` places; whole: whole numbers, so that ties and equal rows abound.
Matrix cloud(Index n, Index d, Index blobs, uint64_t seed, Kind kind = Kind::smooth) {
  Rng rng(seed, 4);
  Matrix places(blobs, d), X(n, d);
  for (Index j = 0; j < places.size(); ++j) places.data()[j] = rng.uniform(-4, 4);
  for (Index i = 0; i < n; ++i)
    for (Index f = 0; f < d; ++f) {
      double x = places(i % blobs, f) + rng.normal();
      if (kind == Kind::whole) x = std::round(x / 2);
      if (kind == Kind::far) x += 1e6;
      if (kind == Kind::tiny) x *= 1e-140;
      X(i, f) = x;
    }
  return X;
}

KMeansParams from(const Matrix& centers, KMeansAlgorithm algorithm = KMeansAlgorithm::lloyd) {
  KMeansParams p;
  p.clusters = static_cast<int>(centers.rows());
  p.centers = centers;
  p.tolerance = 0;
  p.algorithm = algorithm;
  return p;
}

KMeansParams with_clusters(int k) {
  KMeansParams p;
  p.clusters = k;
  return p;
}

KMeansModel fit(const Matrix& X, const KMeansParams& p, int threads = 1) {
  return KMeans::fit(p, of(X), Context(0, threads));
}

void check_same(const KMeansModel& a, const KMeansModel& b) {
  CHECK(a.labels == b.labels);
  CHECK(a.centers == b.centers);
  CHECK(a.report.iterations == b.report.iterations);
  CHECK(a.report.objective == b.report.objective);
}

template <class F>
std::string refusal(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("kmeans: two clusters on a line, worked by hand") {
  const Matrix X = column({0, 1, 2, 10, 12});
  const KMeansModel m = fit(X, from(column({0, 1})));  // 0 | 1 2 10 12, then 0 1 2 | 10 12
  CHECK(m.labels == std::vector<int>{0, 0, 0, 1, 1});
  CHECK(m.centers == column({1, 11}));
  CHECK(m.report.objective == 4);
  CHECK(m.report.converged);
  CHECK(m.sizes == (Vector(2) << 3, 2).finished());
  CHECK(m.inertia == (Vector(2) << 2, 2).finished());
  CHECK(m.typical == std::vector<int>{1, 3});
  CHECK(m.predict(of(column({6, 5.9, 100})), Context(0, 1)) == std::vector<int>{0, 0, 1});  // 6 lies between: the lower
}

TEST_CASE("kmeans: the inertia never rises, whichever half-step comes next") {
  for (const Kind kind : {Kind::smooth, Kind::whole, Kind::far}) {
    const Samples samples = of(cloud(700, 5, 6, 3, kind));
    const SumGrid grid(samples, 1);
    const Matrix& X = samples.rows();
    double before = std::numeric_limits<double>::infinity();
    for (int t = 1; t < 25; ++t) {
      const Context ctx(0, 1);
      const auto assigner = lloyd(X, ctx);
      const Run run = iterate(samples, grid, X.topRows(9), *assigner, {0, t}, ctx);
      const double after_means = summarize(samples, run.labels, run.centers, 1).total();
      CHECK(after_means <= before * (1 + 1e-12));
      before = after_means;
      if (run.converged) break;
    }
  }
}

TEST_CASE("kmeans: at the end every row has the nearest centre, and every centre is the mean of its rows") {
  const Matrix X = cloud(800, 3, 5, 8);
  KMeansParams p = with_clusters(5);
  p.tolerance = 0;
  const KMeansModel m = fit(X, p);
  REQUIRE(m.report.converged);
  Matrix sum = Matrix::Zero(5, 3);
  for (Index i = 0; i < X.rows(); ++i) {
    Index nearest = 0;
    (m.centers.rowwise() - X.row(i)).rowwise().squaredNorm().minCoeff(&nearest);
    CHECK(nearest == m.labels[static_cast<size_t>(i)]);
    sum.row(nearest) += X.row(i) / m.sizes[nearest];
  }
  CHECK((sum - m.centers).cwiseAbs().maxCoeff() < 1e-13);
  CHECK(m.inertia.sum() == Approx(m.report.objective).epsilon(1e-15));
}

TEST_CASE("kmeans: Hamerly and Elkan give Lloyd's bits, also among ties, equal rows and numbers of any size",
          "[parallel]") {
  struct Shape {
    Index n, d, k;
    Kind kind;
  };
  for (const Shape s : {Shape{3000, 2, 40, Kind::smooth},
                        {3000, 2, 40, Kind::whole},
                        {2500, 16, 21, Kind::smooth},
                        {2500, 3, 64, Kind::whole},
                        {700, 70, 9, Kind::smooth},
                        {700, 70, 9, Kind::whole},
                        {2100, 5, 12, Kind::far},
                        {2100, 5, 12, Kind::tiny},
                        {50, 2, 50, Kind::whole},
                        {90, 1, 5, Kind::whole},
                        {300, 4, 1, Kind::smooth}}) {
    const Matrix X = cloud(s.n, s.d, 7, 11, s.kind);
    INFO(s.n << " x " << s.d << ", " << s.k << " clusters, kind " << static_cast<int>(s.kind));
    const Matrix centers = X.topRows(s.k);
    const KMeansModel textbook = fit(X, from(centers));
    for (const KMeansAlgorithm fast : {KMeansAlgorithm::hamerly, KMeansAlgorithm::elkan})
      for (const int threads : {1, 3}) check_same(textbook, fit(X, from(centers, fast), threads));
    CHECK(textbook.predict(of(X), Context(0, 1)) == textbook.labels);
  }
}

TEST_CASE("kmeans: bounds save distances, and the filter's bounds enclose the distances") {
  const Matrix X = cloud(5000, 8, 12, 5);
  const KMeansModel hamerly = fit(X, from(X.topRows(12), KMeansAlgorithm::hamerly));
  const KMeansModel elkan = fit(X, from(X.topRows(12), KMeansAlgorithm::elkan));
  CHECK(hamerly.report.more.back().second < 0.9);
  CHECK(elkan.report.more.back().second < hamerly.report.more.back().second);
  for (const double size : {1.0, 1e-30, 1e30, 1e140}) {
    const Matrix rows = size * cloud(64, 9, 3, 2), centers = size * cloud(7, 9, 3, 6);
    const Filter filter(centers);
    std::vector<Index> numbers(64);
    for (Index i = 0; i < 64; ++i) numbers[static_cast<size_t>(i)] = i;
    std::vector<Filter::Answer> answers(64);
    std::vector<float> bounds(64 * 7);
    const RoundedRows rounded(rows, 1);
    const RoundedCenters rounded_centers(rounded, centers);
    filter.nearest(rows, numbers.data(), 64, answers.data(), bounds.data());
    for (Index i = 0; i < 64; ++i) {
      const auto at = static_cast<size_t>(i);
      const Direct::Answer direct = Direct(centers).nearest(rows.row(i).data());
      CHECK(answers[at].label == direct.label);
      CHECK(static_cast<double>(answers[at].upper) >= std::sqrt(direct.least));
      CHECK(static_cast<double>(answers[at].lower) <= std::sqrt(direct.second));
      for (Index c = 0; c < 7; ++c) {
        const double distance = (rows.row(i) - centers.row(c)).norm();
        CHECK(static_cast<double>(bounds[static_cast<size_t>(i * 7 + c)]) <= distance);
        CHECK(static_cast<double>(rounded_centers.bounds(i, c).lower) <= distance);
        CHECK(static_cast<double>(rounded_centers.bounds(i, c).upper) >= distance);
      }
    }
  }
}

TEST_CASE("kmeans: the order of the rows changes nothing but the order of the labels") {
  const Matrix X = cloud(900, 4, 6, 21);
  const std::vector<int> order = Rng(3).permutation(900);
  const Samples shuffled = gather(of(X), order);
  const KMeansModel a = fit(X, from(X.topRows(6))),
                    b = KMeans::fit(from(X.topRows(6), KMeansAlgorithm::elkan), shuffled, Context(0, 1));
  CHECK(a.centers == b.centers);
  for (size_t i = 0; i < order.size(); ++i) CHECK(b.labels[i] == a.labels[static_cast<size_t>(order[i])]);
}

TEST_CASE("kmeans: sums of rows do not depend on the order, nor on rows that came and went") {
  const Matrix X = cloud(500, 3, 4, 9, Kind::far);
  Samples samples = of(X);
  samples.weight = Vector::LinSpaced(500, 0.1, 3);
  const SumGrid grid(samples, 1);
  ExactSums forth(grid, 1), back(grid, 1), half(grid, 1);
  for (Index i = 0; i < 500; ++i) forth.add(0, X.row(i).data(), samples.weight[i]);
  for (Index i = 499; i >= 250; --i) back.add(0, X.row(i).data(), samples.weight[i]);
  for (Index i = 0; i < 250; ++i) {
    half.add(0, X.row(i).data(), samples.weight[i]);
    if (i % 3 == 0) half.add(0, X.row(i + 1).data(), 1);
    if (i % 3 == 0) half.remove(0, X.row(i + 1).data(), 1);
  }
  back.merge(half);
  Eigen::RowVectorXd a(3), b(3);
  forth.mean(0, a.data());
  back.mean(0, b.data());
  CHECK(a == b);
  const Eigen::Matrix<long double, 1, Eigen::Dynamic> exact =
      (X.cast<long double>().array().colwise() * samples.weight.cast<long double>().array()).colwise().sum() /
      samples.weight.cast<long double>().sum();
  CHECK((a.cast<long double>() - exact).cwiseAbs().maxCoeff() <= 1e6L * 0x1p-52L);
}

TEST_CASE("kmeans: a row of weight two is two rows, and one of weight zero is none") {
  const Matrix X = cloud(240, 3, 5, 31);
  Samples weighted = of(X);
  weighted.weight = Vector(240);
  std::vector<int> rows;
  for (int i = 0; i < 240; ++i) {
    weighted.weight[i] = i < 5 ? 1 : i % 3;
    rows.insert(rows.end(), static_cast<size_t>(weighted.weight[i]), i);
  }
  const Samples repeated = gather(of(X), rows);
  for (const KMeansAlgorithm algorithm : {KMeansAlgorithm::lloyd, KMeansAlgorithm::hamerly, KMeansAlgorithm::elkan}) {
    const KMeansModel a = KMeans::fit(from(X.topRows(5), algorithm), weighted, Context(0, 1)),
                      b = KMeans::fit(from(X.topRows(5), algorithm), repeated, Context(0, 1));
    CHECK((a.centers - b.centers).cwiseAbs().maxCoeff() <= 1e-14);
    CHECK(a.report.objective == Approx(b.report.objective).epsilon(1e-13));
    CHECK(a.sizes == b.sizes);
  }
}

TEST_CASE("kmeans: an empty cluster takes the row farthest from its centre, with its twins") {
  // All rows go to centre 0; the farthest, 9 twice, becomes cluster 1; cluster 2 takes the next.
  const Matrix X = column({0, 1, 9, 9, 2, -6});
  KMeansParams p = from(column({0, 100, 200}));
  p.max_iter = 1;
  for (const KMeansAlgorithm algorithm : {KMeansAlgorithm::lloyd, KMeansAlgorithm::hamerly, KMeansAlgorithm::elkan}) {
    p.algorithm = algorithm;
    const KMeansModel m = fit(X, p);
    CHECK(m.centers == column({1, 9, -6}));
    CHECK(m.labels == std::vector<int>{0, 0, 1, 1, 0, 2});
    CHECK(m.report.more[2].second == 2);
  }
  const KMeansModel few = fit(column({4, 4, 7, 4}), with_clusters(3));  // two different rows
  CHECK(few.report.objective == 0);
  CHECK(few.report.note.find("1 cluster is empty") != std::string::npos);
  CHECK(few.sizes.minCoeff() == 0);
}

TEST_CASE("kmeans: one row, one column, one cluster and equal rows have an answer") {
  CHECK(fit(column({5}), with_clusters(1)).centers == column({5}));
  const KMeansModel equal = fit(Matrix::Constant(20, 3, 0.1), with_clusters(4));
  CHECK(equal.report.converged);
  CHECK(equal.report.objective == 0);
  CHECK(equal.labels == std::vector<int>(20, 0));
  CHECK(equal.report.note.find("3 clusters are empty") != std::string::npos);
  CHECK(fit(column({1, 2, 3, 4}), with_clusters(1)).report.objective == 5);
  const KMeansModel all = fit(column({1, 2, 3, 4}), with_clusters(4));
  CHECK(all.report.objective == 0);
}

TEST_CASE("kmeans: what cannot be done is refused and says why") {
  const Matrix X = cloud(10, 2, 2, 1);
  CHECK(refusal([&] { fit(X, with_clusters(11)); }) == "parameter 'clusters' is 11 but there are only 10 rows");
  CHECK(refusal([&] { check_params(with_clusters(0)); }).find("clusters") != std::string::npos);
  KMeansParams p = with_clusters(2);
  p.init = "k-means+";
  CHECK(refusal([&] { fit(X, p); }).find("did you mean 'k-means++'?") != std::string::npos);
  Matrix bad = X;
  bad(3, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK(refusal([&] { fit(bad, with_clusters(2)); }).find("x1") != std::string::npos);
  bad(3, 1) = 1e160;
  CHECK(refusal([&] { fit(bad, with_clusters(2)); }).find("beyond 1e150") != std::string::npos);
  CHECK(refusal([&] { fit(X, from(Matrix::Zero(2, 3))); }).find("3 columns") != std::string::npos);
  p = from(Matrix::Zero(3, 2));
  p.clusters = 2;
  CHECK(refusal([&] { fit(X, p); }).find("3 first centres") != std::string::npos);
  Samples weighted = of(X);
  weighted.weight = Vector::Zero(10);
  weighted.weight[4] = 1;
  CHECK(refusal([&] { KMeans::fit(with_clusters(2), weighted, Context(0, 1)); }).find("1 rows of positive weight") !=
        std::string::npos);
}

TEST_CASE("kmeans: too few iterations are said, with what to do") {
  KMeansParams p = from(cloud(500, 2, 6, 2).topRows(6));
  p.max_iter = 2;
  const KMeansModel m = fit(cloud(500, 2, 6, 2), p);
  CHECK(!m.report.converged);
  CHECK(m.report.note.find("raise --max-iter") != std::string::npos);
  CHECK(m.labels == m.predict(of(cloud(500, 2, 6, 2)), Context(0, 1)));
}

TEST_CASE("kmeans: first centres may come from a file, columns by name") {
  Scratch scratch;
  const std::string path = scratch / "init.csv";
  std::ofstream(path) << "other,x1,x0\na,1,0\nb,5,6\n";
  Matrix X(4, 2);
  X << 0, 0, 0, 2, 7, 5, 5, 5;
  KMeansParams p = with_clusters(2);
  p.init = path;
  const KMeansModel m = fit(X, p);
  CHECK(m.labels == std::vector<int>{0, 0, 1, 1});
  CHECK(m.centers.row(1) == Eigen::RowVector2d(6, 5));
  std::ofstream(path) << "x0\n1\n2\n";
  CHECK(refusal([&] { fit(X, p); }).find("no column \"x1\"") != std::string::npos);
}

TEST_CASE("kmeans: seeding chooses rows of weight, different ones while there are any") {
  Samples samples = of(cloud(200, 2, 5, 13));
  samples.weight = Vector::Ones(200);
  samples.weight.head(150).setZero();
  for (const Seeding how : {Seeding::random, Seeding::plus_plus, Seeding::greedy})
    for (const uint64_t seed : {1, 2, 3}) {
      std::vector<Index> rows = seed_rows(samples, 50, how, Context(seed, 1));
      CHECK(rows == seed_rows(samples, 50, how, Context(seed, 3)));
      std::sort(rows.begin(), rows.end());
      for (Index j = 0; j < 50; ++j) CHECK(rows[static_cast<size_t>(j)] == 150 + j);
    }
}

TEST_CASE("kmeans: k-means++ draws a row by its squared distance to the nearest centre") {
  // From 0 the distances are 0, 1, 3: the second centre is the row at 3 nine times in ten, where the first is 0.
  const Samples samples = of(column({0, 1, 3}));
  int first = 0, far = 0;
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    const std::vector<Index> rows = seed_rows(samples, 2, Seeding::plus_plus, Context(seed, 1));
    if (rows[0] != 0) continue;
    ++first;
    far += rows[1] == 2;
  }
  CHECK(first == Approx(2000).margin(150));  // four standard deviations
  CHECK(static_cast<double>(far) / first == Approx(0.9).margin(0.027));
}

TEST_CASE("kmeans: k-means++ keeps the bound of its theorem, and greedy starts lower still") {
  // The expected potential is at most 8 (ln k + 2) times the least one.
  const Samples samples = of(cloud(1000, 2, 8, 17));
  KMeansParams p = with_clusters(8);
  p.starts = 30;
  const double least = KMeans::fit(p, samples, Context(0, 1)).report.objective;
  double plain = 0, greedy = 0;
  for (uint64_t seed = 0; seed < 40; ++seed)
    for (const Seeding how : {Seeding::plus_plus, Seeding::greedy}) {
      const std::vector<Index> rows = seed_rows(samples, 8, how, Context(seed, 1));
      double potential = 0;
      for (Index i = 0; i < 1000; ++i) {
        double nearest = std::numeric_limits<double>::infinity();
        for (const Index r : rows)
          nearest = std::min(nearest, (samples.rows().row(i) - samples.rows().row(r)).squaredNorm());
        potential += nearest;
      }
      (how == Seeding::greedy ? greedy : plain) += potential / 40;
    }
  CHECK(plain <= 8 * (std::log(8.0) + 2) * least);
  CHECK(greedy < plain);
}

TEST_CASE("kmeans: a model survives its file, and a damaged file is refused") {
  const Matrix X = cloud(100, 3, 4, 19);
  const KMeansModel m = fit(X, with_clusters(4));
  Json json;
  ArchiveWriter out(&json);
  m.save(out);
  const std::vector<Column> columns = of(X).columns;
  const Json copy = parse_json(json.dump(), "m.json");
  const KMeansModel back = KMeansModel::load(ArchiveReader(&copy, "model"), columns);
  CHECK(back.centers == m.centers);
  CHECK(back.predict(of(X), Context(0, 1)) == m.labels);
  CHECK(back.explain(columns).tables[0].rows == m.explain(columns).tables[0].rows);
  Json damaged = copy;
  damaged["typical"] = {1, 2};
  CHECK_THROWS_AS(KMeansModel::load(ArchiveReader(&damaged, "model"), columns), ModelError);
  damaged = copy;
  damaged["centers"]["values"][0] = 1e200;
  CHECK_THROWS_AS(KMeansModel::load(ArchiveReader(&damaged, "model"), columns), ModelError);
}

TEST_CASE("kmeans: iris in three clusters, the best of fifty starts, is the known optimum") {
  const Matrix X(assign_roles(read_table(dataset_path("tables/iris.csv")), {}).samples.cols());
  KMeansParams p = with_clusters(3);
  p.starts = 50;
  const KMeansModel m = fit(X, p);
  CHECK(m.report.objective == Approx(78.85144142614601).margin(1e-9));
  std::vector<double> sizes(m.sizes.data(), m.sizes.data() + 3), inertia(m.inertia.data(), m.inertia.data() + 3);
  std::sort(sizes.begin(), sizes.end());
  std::sort(inertia.begin(), inertia.end());
  CHECK(sizes == std::vector<double>{38, 50, 62});
  CHECK(inertia[0] == Approx(15.15100).margin(5e-6));
  CHECK(inertia[1] == Approx(23.87947).margin(5e-6));
  CHECK(inertia[2] == Approx(39.82097).margin(5e-6));
  CHECK(fit(X, with_clusters(1)).report.objective == Approx(681.3706).margin(5e-5));
}

TEST_CASE("kmeans: scikit-learn's labels, centres, inertia and iterations from the same first centres") {
  const Json file = golden("kmeans_lloyd.json");
  for (const Json& g : file["cases"]) {
    INFO(g["dataset"].get<std::string>());
    const Matrix X(assign_roles(read_table(dataset_path("tables/" + g["dataset"].get<std::string>() + ".csv")), {})
                       .samples.cols());
    const auto rows = g["first_rows"].get<std::vector<Index>>();
    Matrix centers(static_cast<Index>(rows.size()), X.cols());
    for (Index c = 0; c < centers.rows(); ++c) centers.row(c) = X.row(rows[static_cast<size_t>(c)]);
    for (const KMeansAlgorithm algorithm : {KMeansAlgorithm::lloyd, KMeansAlgorithm::hamerly, KMeansAlgorithm::elkan}) {
      const KMeansModel m = fit(X, from(centers, algorithm));
      CHECK(m.labels == g["labels"].get<std::vector<int>>());
      CHECK(m.report.iterations == g["iterations"].get<long>());
      CHECK(m.report.objective == Approx(g["inertia"].get<double>()).epsilon(1e-12));
      for (Index c = 0; c < centers.rows(); ++c)
        for (Index f = 0; f < X.cols(); ++f)
          CHECK(m.centers(c, f) ==
                Approx(g["centers"][static_cast<size_t>(c)][static_cast<size_t>(f)].get<double>()).margin(1e-10));
    }
  }
}
