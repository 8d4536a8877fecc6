#include "assay/ml/neighbors/knn.h"

#include "assay/core/error.h"
#include "assay/core/json.h"
#include "assay/core/rng.h"
#include "assay/ml/data/sparse.h"
#include "assay/ml/data/table.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;
using namespace assay::test;

namespace {

struct Sample {
  Samples x;
  Target y;
};

Sample of(const Matrix& X, std::vector<int> code, int K) {
  Sample s;
  for (Index f = 0; f < X.cols(); ++f) s.x.columns.push_back({"x" + std::to_string(f), {}});
  s.x.X = X;
  s.y.name = "y";
  for (int k = 0; k < K; ++k) s.y.classes.push_back("class" + std::to_string(k));
  s.y.code = std::move(code);
  return s;
}

Sample of(const Matrix& X, const Vector& value) {
  Sample s = of(X, {}, 0);
  s.y.value = value;
  return s;
}

Sample bundled(const std::string& name) {
  const Dataset data = assign_roles(read_table(dataset_path("tables/" + name + ".csv")), {});
  Sample s{data.samples, data.target};
  s.x.X = Matrix(data.samples.cols());
  return s;
}

Sample random_sample(int K) {
  Rng rng(5);
  Matrix X(90, 3);
  Vector value(90);
  std::vector<int> code;
  for (Index i = 0; i < 90; ++i) {
    for (Index f = 0; f < 3; ++f) X(i, f) = std::round(4 * rng.normal()) / 4;
    value[i] = X(i, 0) + rng.normal();
    code.push_back(static_cast<int>(rng.below(3)));
  }
  return K > 0 ? of(X, code, K) : of(X, value);
}

KnnModel fit(const Sample& s, const KnnParams& p = {}) { return Knn::fit(p, s.x, s.y, Context(0, 1)); }

KnnParams with_neighbors(int k, Weighting weighting = Weighting::uniform) {
  KnnParams p;
  p.neighbors = k;
  p.weighting = weighting;
  return p;
}

std::string refusal(const Sample& s, const KnnParams& p) {
  try {
    fit(s, p);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

Matrix column(std::initializer_list<double> values) {
  Matrix X(static_cast<Index>(values.size()), 1);
  Index i = 0;
  for (const double v : values) X(i++, 0) = v;
  return X;
}

Samples query(std::initializer_list<double> values) { return of(column(values), {}, 0).x; }

Json saved(const KnnModel& m) {
  Json json;
  ArchiveWriter out(&json);
  m.save(out);
  return json;
}

KnnModel loaded(const Json& json, const Sample& s) {
  const Json copy = parse_json(json.dump(), "m.json");
  return KnnModel::load(ArchiveReader(&copy, "model"), s.x.columns, s.y);
}

struct Recorder : TraceSink {
  std::vector<TraceStep> steps;
  void step(const std::string&, const TraceStep& s) override { steps.push_back(s); }
  void image(const std::string&, const TraceImage&) override {}
};

}  // namespace

TEST_CASE("knn: three neighbours on a line, worked by hand") {
  const Sample s = of(column({0, 1, 2, 10, 11}), {0, 0, 1, 1, 1}, 2);
  const KnnModel m = fit(s, with_neighbors(3));
  const Matrix p = m.predict_proba(query({0.4, 9}), Context(0, 1));
  CHECK(p(0, 0) == 2.0 / 3);
  CHECK(p(1, 1) == 1);
  CHECK(m.predict(query({0.4, 9}), Context(0, 1)) == (Vector(2) << 0, 1).finished());
  Vector y(5);
  y << 3, 6, 9, 100, 200;
  const KnnModel r = fit(of(column({0, 1, 2, 10, 11}), y), with_neighbors(3));
  CHECK(r.predict(query({0.4}), Context(0, 1))[0] == 6);
}

TEST_CASE("knn: by distance a neighbour counts 1 / distance, and one at distance 0 counts alone") {
  Vector y(3);
  y << 3, 6, 30;
  const KnnModel m = fit(of(column({0, 1, 4}), y), with_neighbors(3, Weighting::distance));
  const double expected = (3 / 2.0 + 6 / 1.0 + 30 / 2.0) / (1 / 2.0 + 1 + 1 / 2.0);
  CHECK(m.predict(query({2}), Context(0, 1))[0] == Approx(expected).epsilon(1e-15));
  CHECK(m.predict(query({1}), Context(0, 1))[0] == 6);
  const KnnModel c = fit(of(column({0, 0, 5}), {0, 1, 1}, 2), with_neighbors(3, Weighting::distance));
  CHECK(c.predict_proba(query({0}), Context(0, 1))(0, 1) == 0.5);
  const KnnModel tiny = fit(of(column({0, 5e-324, 1}), y), with_neighbors(3, Weighting::distance));
  CHECK(tiny.predict(query({1e-323}), Context(0, 1))[0] == Approx(6).epsilon(0.6));  // 1 / distance would overflow
}

TEST_CASE("knn: equal votes go to the lowest class, equal distances to the earlier row") {
  CHECK(fit(of(column({1, -1}), {1, 0}, 2), with_neighbors(2)).predict(query({0}), Context(0, 1))[0] == 0);
  CHECK(fit(of(column({1, -1}), {1, 0}, 2), with_neighbors(1)).predict(query({0}), Context(0, 1))[0] == 1);
}

TEST_CASE("knn: with all rows as neighbours every answer is the share of the classes, or the mean") {
  const Sample s = random_sample(3);
  const Matrix p = fit(s, with_neighbors(90)).predict_proba(s.x, Context(0, 1));
  for (int k = 0; k < 3; ++k)
    CHECK(p(17, k) == Approx(static_cast<double>(std::count(s.y.code.begin(), s.y.code.end(), k)) / 90).epsilon(1e-15));
  const Sample r = random_sample(0);
  CHECK(fit(r, with_neighbors(90)).predict(r.x, Context(0, 1))[3] == Approx(r.y.value.mean()).epsilon(1e-13));
}

TEST_CASE("knn: what cannot be done is refused and says why") {
  Sample s = random_sample(3);
  CHECK(refusal(s, with_neighbors(91)) == "parameter 'neighbors' is 91 but there are only 90 training rows");
  s.x.weight = Vector::Ones(90);
  CHECK(refusal(s, {}) == "knn cannot use weights of rows");
  s = random_sample(3);
  std::get<Matrix>(s.x.X)(4, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK(refusal(s, {}).find("x1") != std::string::npos);
  const KnnModel m = fit(random_sample(3));
  CHECK_THROWS_AS(m.predict(s.x, Context(0, 1)), DataError);
}

TEST_CASE("knn: brute force and the kd-tree give the same answers") {
  for (const int K : {0, 3}) {
    const Sample s = random_sample(K);
    for (const Weighting weighting : {Weighting::uniform, Weighting::distance})
      for (const Distance distance : {Distance::euclidean, Distance::manhattan, Distance::chebyshev}) {
        KnnParams p = with_neighbors(7, weighting);
        p.distance = distance;
        p.algorithm = Algorithm::brute;
        const Vector brute = fit(s, p).predict(s.x, Context(0, 1));
        p.algorithm = Algorithm::kd_tree;
        CHECK(fit(s, p).predict(s.x, Context(0, 1)) == brute);
      }
  }
}

TEST_CASE("knn: cosine sees directions, not lengths; a row of zeros is at distance 1 from all but its like") {
  Matrix X(4, 2);
  X << 1, 0, 5, 5, 0, 1e-200, 0, 0;
  Vector y(4);
  y << 10, 20, 30, 40;
  KnnParams p = with_neighbors(1);
  p.distance = Distance::cosine;
  Matrix q(5, 2);
  q << 100, 1, 1e150, 0.9e150, 1, 1e9, 0, 0, -1, -1.01;
  const KnnModel m = fit(of(X, y), p);
  CHECK(m.predict(of(q, {}, 0).x, Context(0, 1)) == (Vector(5) << 10, 20, 30, 40, 40).finished());
  p.weighting = Weighting::distance;
  p.neighbors = 2;
  Matrix between(1, 2);
  between << 2, 1;
  const double to_first = 1 - 2 / std::sqrt(5.0), to_second = 1 - 3 / std::sqrt(10.0);
  CHECK(fit(of(X.topRows(2), y.head(2)), p).predict(of(between, {}, 0).x, Context(0, 1))[0] ==
        Approx((10 / to_first + 20 / to_second) / (1 / to_first + 1 / to_second)).epsilon(1e-12));
}

TEST_CASE("knn: Minkowski's exponents 1 and 2 are Manhattan's and Euclid's distance, a high one nears Chebyshev's") {
  const Sample s = random_sample(0);
  KnnParams p = with_neighbors(7, Weighting::distance), same = p;
  p.distance = Distance::minkowski;
  for (const auto& [exponent, distance] : {std::pair{1.0, Distance::manhattan}, std::pair{2.0, Distance::euclidean}}) {
    p.p = exponent;
    same.distance = distance;
    CHECK(fit(s, p).predict(s.x, Context(0, 1)) == fit(s, same).predict(s.x, Context(0, 1)));
  }
  Matrix X(3, 2);
  X << 3, 0, 2.5, 2.5, 2, 2.9;  // by p = 1: row 1; by p = 3: row 2; by p = 60: row 2
  Vector y(3);
  y << 1, 2, 3;
  for (const auto& [exponent, answer] : {std::pair{1.5, 1.0}, std::pair{60.0, 2.0}}) {
    p = with_neighbors(1);
    p.distance = Distance::minkowski;
    p.p = exponent;
    CHECK(fit(of(X, y), p).predict(of(Matrix(Matrix::Zero(1, 2)), {}, 0).x, Context(0, 1))[0] == answer);
    const KnnModel again = loaded(saved(fit(of(X, y), p)), of(X, y));
    CHECK(again.params.p == exponent);
  }
}

TEST_CASE("knn: predicting some rows is some rows of the prediction, for any number of threads", "[parallel]") {
  const Sample s = random_sample(0);
  const KnnModel m = fit(s, with_neighbors(4, Weighting::distance));
  const Vector all = m.predict(s.x, Context(0, 1));
  CHECK(m.predict(s.x, Context(0, 7)) == all);
  const Vector some = m.predict(gather(s.x, {80, 3, 3}), Context(0, 2));
  CHECK(some == (Vector(3) << all[80], all[3], all[3]).finished());
}

TEST_CASE("knn: a watched prediction is the same, and shows each row's neighbours in order") {
  const Sample s = of(column({0, 1, 2, 10, 11}), {0, 0, 1, 1, 1}, 2);
  Recorder recorder;
  Context watched(0, 2);
  watched.trace = Trace(&recorder, "");
  CHECK(fit(s, with_neighbors(3)).predict(query({0.5, 9}), watched)[0] == 0);
  REQUIRE(recorder.steps.size() == 2);
  CHECK(recorder.steps[0].kind == "neighbors");
  CHECK(std::get<std::vector<double>>(recorder.steps[0].fields[1].value) == std::vector<double>{1, 2, 3});
  CHECK(std::get<std::vector<double>>(recorder.steps[0].fields[2].value) == std::vector<double>{0.5, 0.5, 1.5});
}

TEST_CASE("knn: iris is scikit-learn's answer wherever the neighbours are decided, else the lowest rows'") {
  const auto file = golden("knn_iris.json");
  const Sample s = bundled("iris");
  REQUIRE(s.y.classes == file["classes"].get<std::vector<std::string>>());
  for (const Algorithm algorithm : {Algorithm::brute, Algorithm::kd_tree}) {
    KnnParams p = with_neighbors(file["k"]);
    p.algorithm = algorithm;
    const Matrix proba = fit(s, p).predict_proba(s.x, Context(0, 1));
    int decided = 0;
    for (Index i = 0; i < 150; ++i) {
      if (!file["decided"][static_cast<size_t>(i)].get<bool>()) continue;  // rounding of decimals decides these
      ++decided;
      for (Index k = 0; k < 3; ++k)
        REQUIRE(proba(i, k) == file["probabilities"][static_cast<size_t>(i)][static_cast<size_t>(k)].get<double>());
    }
    CHECK(decided == 150 - static_cast<int>(file["undecided_rows"].size()));
  }
  // The same table in tenths of a centimetre has exact distances, so every row must take the lowest rows among equals.
  Sample tenths = s;
  tenths.x.X = Matrix((s.x.rows() * 10).array().round());
  const Matrix proba = fit(tenths, with_neighbors(5)).predict_proba(tenths.x, Context(0, 1));
  for (Index i = 0; i < 150; ++i)
    for (Index k = 0; k < 3; ++k)
      REQUIRE(proba(i, k) == file["lowest_index"][static_cast<size_t>(i)][static_cast<size_t>(k)].get<double>());
}

TEST_CASE("knn: diabetes is scikit-learn's answer") {
  const auto file = golden("knn_diabetes.json");
  const Sample s = bundled("diabetes");
  const Vector answer = fit(s, with_neighbors(file["k"])).predict(s.x, Context(0, 1));
  for (Index i = 0; i < answer.size(); ++i) {
    REQUIRE(file["decided"][static_cast<size_t>(i)].get<bool>());
    REQUIRE(answer[i] == Approx(file["prediction"][static_cast<size_t>(i)].get<double>()).epsilon(1e-14));
  }
}

TEST_CASE("knn: save, load, predict gives the same bits") {
  for (const int K : {0, 3}) {
    const Sample s = random_sample(K);
    KnnParams p = with_neighbors(6, Weighting::distance);
    p.distance = Distance::manhattan;
    const KnnModel m = fit(s, p);
    const KnnModel again = loaded(saved(m), s);
    CHECK(m.predict(s.x, Context(0, 1)) == again.predict(s.x, Context(0, 1)));
    CHECK(saved(again) == saved(m));
  }
}

TEST_CASE("knn: a damaged or hostile model is refused") {
  const Sample s = random_sample(3);
  const Json good = saved(fit(s));
  const auto refused = [&](const Json& json) {
    try {
      loaded(json, s);
    } catch (const ModelError&) {
      return true;
    }
    return false;
  };
  REQUIRE_FALSE(refused(good));
  Json bad = good;
  bad["neighbors"] = 91;
  CHECK(refused(bad));
  bad["neighbors"] = 0;
  CHECK(refused(bad));
  bad = good;
  bad["code"][0] = 3;
  CHECK(refused(bad));
  bad = good;
  bad["code"].erase(0);
  CHECK(refused(bad));
  bad = good;
  bad["X"]["columns"] = 4;
  CHECK(refused(bad));
  bad = good;
  bad["X"]["rows"] = 0;
  bad["X"]["values"] = Json::array();
  CHECK(refused(bad));
  bad = good;
  bad["X"]["values"][5] = nullptr;
  CHECK(refused(bad));
  bad = good;
  bad["distance"] = "taxi";
  CHECK(refused(bad));
  for (const char* name : {"neighbors", "weighting", "distance", "algorithm", "X", "code"}) {
    bad = good;
    bad.erase(name);
    CHECK(refused(bad));
  }
}

TEST_CASE("knn: a sparse table stays one and answers as the dense one does, also from its file") {
  for (const int K : {0, 3})
    for (const Distance distance : {Distance::euclidean, Distance::cosine, Distance::manhattan}) {
      const Sample s = random_sample(K);
      Sample thin = s;
      thin.x.X = entries_of(s.x.rows());
      KnnParams p = with_neighbors(4, Weighting::distance);
      p.distance = distance;
      const KnnModel a = fit(s, p), b = fit(thin, p);
      const Vector expected = a.predict(s.x, Context(0, 1));
      CHECK(b.predict(thin.x, Context(0, 1)) == expected);
      CHECK(loaded(saved(b), thin).predict(thin.x, Context(0, 1)) == expected);
      CHECK(b.predict(s.x, Context(0, 1)) == expected);  // queries take the layout of the training rows
      CHECK(a.predict(thin.x, Context(0, 1)) == expected);
      CHECK_THAT(b.report.note, Catch::Matchers::Contains("brute force"));
      p.algorithm = Algorithm::kd_tree;
      CHECK_THROWS_AS(fit(thin, p), ParameterError);
    }
}
