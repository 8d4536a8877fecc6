#include "assay/ml/cluster/dbscan.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "assay/core/error.h"
#include "assay/core/json.h"
#include "assay/core/rng.h"
#include "assay/ml/cluster/density.h"
#include "assay/ml/cluster/k_distance.h"
#include "assay/ml/data/table.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;
using namespace assay::test;

namespace {

Samples of(const Matrix& X) {
  Samples s;
  for (Index f = 0; f < X.cols(); ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  s.X = X;
  return s;
}

Samples line(std::initializer_list<double> values) {
  Matrix X(static_cast<Index>(values.size()), 1);
  Index i = 0;
  for (const double v : values) X(i++, 0) = v;
  return of(X);
}

DbscanParams params(double eps, int min_points, DbscanAlgorithm algorithm = DbscanAlgorithm::automatic) {
  DbscanParams p;
  p.eps = eps;
  p.min_points = min_points;
  p.algorithm = algorithm;
  return p;
}

DbscanModel fit(const Samples& s, const DbscanParams& p, int threads = 1) {
  return Dbscan::fit(p, s, Context(0, threads));
}

double more(const DbscanModel& m, const std::string& name) {
  for (const auto& item : m.report.more)
    if (item.first == name) return item.second;
  return -1;
}

/// Heaps of several widths over a thin even scatter.
Matrix heaps(Index n, Index d, uint64_t seed) {
  Rng rng(seed);
  Matrix X(n, d);
  for (Index i = 0; i < n; ++i) {
    const double heap = static_cast<double>(rng.below(5));
    for (Index f = 0; f < d; ++f)
      X(i, f) = heap == 4 ? 12 * rng.uniform() - 4 : heap + (0.1 + 0.1 * heap) * rng.normal();
  }
  return X;
}

/// Whole numbers: full of twins, of distances that equal eps, and of contested borders.
Matrix lattice(Index n, Index d, int side, uint64_t seed) {
  Rng rng(seed);
  Matrix X(n, d);
  for (Index i = 0; i < n; ++i)
    for (Index f = 0; f < d; ++f) X(i, f) = static_cast<double>(rng.below(static_cast<uint64_t>(side)));
  return X;
}

void require_all_agree(const Samples& s, double eps, int min_points) {
  INFO("n " << s.n() << " d " << s.d() << " eps " << eps << " min-points " << min_points);
  const DbscanModel truth = fit(s, params(eps, min_points, DbscanAlgorithm::textbook));
  for (const DbscanAlgorithm way : {DbscanAlgorithm::automatic, DbscanAlgorithm::kd_tree})
    for (const int threads : {1, 3}) {
      const DbscanModel m = fit(s, params(eps, min_points, way), threads);
      REQUIRE(m.labels == truth.labels);
      REQUIRE(m.core == truth.core);
      REQUIRE(m.clusters == truth.clusters);
      REQUIRE(more(m, "contested") == more(truth, "contested"));
    }
}

template <class E = Error>
std::string refusal(const Samples& s, const DbscanParams& p) {
  try {
    fit(s, p);
  } catch (const E& e) {
    return e.what();
  }
  return "accepted";
}

Json saved(const DbscanModel& m) {
  Json json;
  ArchiveWriter out(&json);
  m.save(out);
  return json;
}

DbscanModel loaded(const Json& json) {
  const Json copy = parse_json(json.dump(), "m.json");
  return DbscanModel::load(ArchiveReader(&copy, "model"), {});
}

struct Recorder : TraceSink {
  std::vector<TraceStep> steps;
  void step(const std::string&, const TraceStep& s) override { steps.push_back(s); }
  void image(const std::string&, const TraceImage&) override {}
  Index count(const std::string& kind) const {
    return std::count_if(steps.begin(), steps.end(), [&](const TraceStep& s) { return s.kind == kind; });
  }
};

}  // namespace

TEST_CASE("dbscan: two groups on a line and a row alone, worked by hand") {
  // Within 1 of 0: {0, 1}; of 1: {0, 1, 2}; of 2: {1, 2, 3}; of 3: {2, 3}; 5 alone; 8, 8.5, 9 all within 1.
  const Samples s = line({0, 1, 2, 3, 5, 8, 8.5, 9});
  const DbscanModel m = fit(s, params(1, 3));
  CHECK(m.labels == std::vector<int>{0, 0, 0, 0, -1, 1, 1, 1});
  CHECK(m.core == std::vector<int>{0, 1, 1, 0, 0, 1, 1, 1});
  CHECK(m.clusters == 2);
  CHECK(more(m, "cores") == 5);
  CHECK(more(m, "borders") == 2);
  CHECK(more(m, "noise") == 1);
}

TEST_CASE("dbscan: a border point that two clusters reach joins the lower number, in any order of the rows") {
  // 3 is within 1 of the cores 2 and 4, and of nothing else: no core itself.
  const Samples s = line({4, 4.5, 5, 5.2, 3, 2, 1.5, 1, 0.8});
  for (const DbscanAlgorithm way : {DbscanAlgorithm::textbook, DbscanAlgorithm::automatic, DbscanAlgorithm::kd_tree}) {
    const DbscanModel m = fit(s, params(1, 4, way));
    CHECK(m.labels == std::vector<int>{0, 0, 0, 0, 0, 1, 1, 1, 1});
    CHECK(more(m, "contested") == 1);
    const DbscanModel turned = fit(gather(s, {8, 7, 6, 5, 4, 3, 2, 1, 0}), params(1, 4, way));
    CHECK(turned.labels == std::vector<int>{0, 0, 0, 0, 0, 1, 1, 1, 1});
  }
}

TEST_CASE("dbscan: rows exactly eps apart are neighbours") {
  CHECK(fit(line({0, 1, 2, 3}), params(1, 2)).clusters == 1);
  CHECK(fit(line({0, 1, 2, 3}), params(std::nextafter(1.0, 0.0), 2)).clusters == 0);
}

TEST_CASE("dbscan: cores, their clusters and the noise do not depend on the order of the rows") {
  for (const Index d : {2, 3, 5}) {
    const Samples s = of(heaps(400, d, 3));
    const DbscanModel m = fit(s, params(0.5, 6));
    std::vector<int> order(400);
    std::iota(order.begin(), order.end(), 0);
    Rng rng(8);
    for (size_t i = 400; i-- > 1;) std::swap(order[i], order[rng.below(i + 1)]);
    const DbscanModel other = fit(gather(s, order), params(0.5, 6));
    REQUIRE(other.clusters == m.clusters);
    std::map<int, int> renamed;
    for (size_t i = 0; i < 400; ++i) {
      const size_t was = static_cast<size_t>(order[i]);
      REQUIRE(other.core[i] == m.core[was]);
      REQUIRE((other.labels[i] < 0) == (m.labels[was] < 0));
      if (other.core[i]) REQUIRE(renamed.try_emplace(other.labels[i], m.labels[was]).first->second == m.labels[was]);
    }
  }
}

TEST_CASE("dbscan: a wider neighbourhood never loses a core and never parts a cluster") {
  const Samples s = of(heaps(300, 2, 4));
  DbscanModel before = fit(s, params(0.05, 5));
  for (const double eps : {0.1, 0.2, 0.4, 0.8, 1.6}) {
    const DbscanModel m = fit(s, params(eps, 5));
    std::map<int, int> parent;
    for (size_t i = 0; i < 300; ++i) {
      if (!before.core[i]) continue;
      REQUIRE(m.core[i] == 1);
      REQUIRE(parent.try_emplace(before.labels[i], m.labels[i]).first->second == m.labels[i]);
    }
    before = m;
  }
}

TEST_CASE("dbscan: grid, kd-tree and textbook give the same labels", "[parallel]") {
  for (const Index d : {1, 2, 3, 4, 7})
    for (const Index n : {1, 2, 17, 350}) {
      const Samples s = of(heaps(n, d, static_cast<uint64_t>(10 * n + d)));
      for (const double eps : {0.03, 0.2, 0.6, 2.5, 100.0})
        for (const int min_points : {1, 2, 5, 40}) require_all_agree(s, eps, min_points);
    }
}

TEST_CASE("dbscan: they also agree where twins and distances of exactly eps abound") {
  for (const Index d : {1, 2, 3, 4})
    for (const int side : {1, 3, 9, 30}) {
      const Samples s = of(lattice(400, d, side, static_cast<uint64_t>(side + d)));
      for (const double eps : {0.5, 1.0, std::sqrt(2.0), 2.0, std::sqrt(5.0)})
        for (const int min_points : {2, 4, 9, 30}) require_all_agree(s, eps, min_points);
      Samples tenths = s;  // 0.1 + 0.2: which side of eps is a matter of rounding, and the same for all
      tenths.X = Matrix(s.rows() / 10);
      require_all_agree(tenths, 0.3, 4);
    }
}

TEST_CASE("dbscan: large cells side by side are tied by their nearest pair, or not") {
  for (const double apart : {1.0, std::nextafter(1.0, 2.0)}) {
    Rng rng(2);
    Matrix X(3000, 2);
    for (Index i = 0; i < 3000; ++i) {
      const bool right = i % 2;  // two heaps whose edges are a hair more or less than eps apart
      X(i, 0) = right ? apart + 0.3 * rng.uniform() : -0.3 * rng.uniform();
      X(i, 1) = 0.3 * rng.uniform();
    }
    X.row(0) << 0, 0.1;
    X.row(1) << apart, 0.1;
    const Samples s = of(X);
    CHECK(fit(s, params(1, 5, DbscanAlgorithm::automatic)).clusters == (apart > 1 ? 2 : 1));
    require_all_agree(s, 1, 5);
  }
}

TEST_CASE("dbscan: a row of weight w is that row w times; of weight 0 it is never core") {
  Rng rng(6);
  for (const Index d : {2, 5}) {
    Samples s = of(heaps(200, d, 12));
    s.weight = Vector(200);
    std::vector<int> repeated;
    for (int i = 0; i < 200; ++i) {
      const int times = static_cast<int>(rng.below(4));
      s.weight[i] = times;
      repeated.insert(repeated.end(), static_cast<size_t>(times), i);
    }
    Samples plain = gather(s, repeated);
    plain.weight.resize(0);
    for (const DbscanAlgorithm way : {DbscanAlgorithm::textbook, DbscanAlgorithm::automatic}) {
      const DbscanModel weighted = fit(s, params(0.6, 7, way)), twice = fit(plain, params(0.6, 7, way));
      REQUIRE(weighted.clusters == twice.clusters);
      for (size_t i = 0; i < repeated.size(); ++i) {
        REQUIRE(twice.labels[i] == weighted.labels[static_cast<size_t>(repeated[i])]);
        REQUIRE(twice.core[i] == weighted.core[static_cast<size_t>(repeated[i])]);
      }
      for (size_t i = 0; i < 200; ++i)
        if (s.weight[static_cast<Index>(i)] == 0) REQUIRE(weighted.core[i] == 0);
    }
    require_all_agree(s, 0.6, 7);
  }
  Samples thirds = line({0, 0, 0, 5});
  thirds.weight = Vector::Constant(4, 1.0 / 3);
  CHECK(fit(thirds, params(1, 1)).labels == std::vector<int>{0, 0, 0, -1});
  Samples tenths = line({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5});
  tenths.weight = Vector::Constant(11, 0.1);
  CHECK(fit(tenths, params(1, 1)).clusters == 1);
}

TEST_CASE("dbscan: rows that are equal, one row, one column: an answer") {
  CHECK(fit(of(Matrix::Constant(50, 3, 7.5)), params(0.1, 5)).labels == std::vector<int>(50, 0));
  CHECK(fit(of(Matrix::Constant(50, 6, 7.5)), params(0.1, 51)).labels == std::vector<int>(50, -1));
  CHECK(fit(line({3}), params(1, 1)).labels == std::vector<int>{0});
  CHECK(fit(line({3}), params(1, 2)).labels == std::vector<int>{-1});
  CHECK(fit(line({3}), params(1, 2)).report.note.find("raise eps or lower min-points") != std::string::npos);
  CHECK(fit(line({3}), {}).labels == std::vector<int>{-1});
  CHECK(fit(of(Matrix::Constant(9, 2, 1)), {}).clusters == 1);
}

TEST_CASE("dbscan: huge, tiny and far-off numbers overflow no cell") {
  Matrix X = heaps(200, 2, 9);
  const std::vector<int> labels = fit(of(X), params(0.5, 5)).labels;
  for (const double unit : {0x1p-900, 0x1p-300, 0x1p40, 0x1p300, 0x1p900})
    CHECK(fit(of(X * unit), params(0.5 * unit, 5)).labels == labels);  // powers of two change no bit
  X.row(0) << 1e15, -1e15;  // more cells than can be numbered: the kd-tree takes over
  const Samples far = of(X);
  require_all_agree(of(X.bottomRows(199)), 1e-6, 1);
  CHECK(fit(far, params(0.5, 5)).report.note == "neighbours are found by a kd-tree");
  const DbscanModel m = fit(far, params(0.5, 5));
  CHECK(m.labels[0] == -1);
  CHECK(fit(of(X), params(1e300, 5)).clusters == 1);
  CHECK(fit(of(Matrix(X.bottomRows(199))), params(1e-250, 1)).clusters == 199);
  CHECK(refusal<ParameterError>(of(X), params(1e-300, 5))
            .find("parameter 'eps' is 1e-300 but column 'x0' reaches 1e+15") == 0);
  Matrix extreme = Matrix::Constant(10, 2, std::numeric_limits<double>::max());
  extreme.topRows(5) *= -1;
  CHECK(fit(of(extreme), params(1e300, 5)).labels == std::vector<int>{0, 0, 0, 0, 0, 1, 1, 1, 1, 1});
}

TEST_CASE("dbscan: what cannot be done is refused and says why") {
  const Samples s = of(heaps(20, 4, 1));
  Samples bad = s;
  std::get<Matrix>(bad.X)(4, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK(refusal<DataError>(bad, params(0.5, 5)).find("x1") != std::string::npos);
  for (const double eps :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK_THROWS_AS(check_params(params(eps, 5)), ParameterError);
  CHECK_THROWS_AS(check_params(params(1, 0)), ParameterError);
}

TEST_CASE("dbscan: auto eps finds dense heaps in thin scatter, and is the same for a row twice and for weight two") {
  Rng rng(21);
  Matrix X(900, 2);
  for (Index i = 0; i < 900; ++i)
    for (Index f = 0; f < 2; ++f)
      X(i, f) = i < 100 ? 40 * rng.uniform() - 15
                        : 5.0 * static_cast<double>(i % 3) * static_cast<double>(f) + 0.4 * rng.normal();
  const Samples s = of(X);
  const DbscanModel m = fit(s, {});
  CHECK(m.clusters == 3);
  CHECK(more(m, "noise") > 50);
  CHECK(more(m, "noise") < 150);
  CHECK(m.report.note.find("is where the k-distance plot bends; neighbours are found by a grid") != std::string::npos);
  const KDistanceCurve curve = k_distance_curve(s, 5, Context(0, 1));
  CHECK(m.eps == curve.eps);
  CHECK(curve.distance.size() == 900);
  CHECK(std::is_sorted(curve.distance.rbegin(), curve.distance.rend()));
  Samples doubled = s;
  doubled.weight = Vector::Constant(900, 2);
  std::vector<int> twice;
  for (int i = 0; i < 900; ++i) twice.insert(twice.end(), 2, i);
  CHECK(k_distance_curve(doubled, 5, Context(0, 1)).eps == k_distance_curve(gather(s, twice), 5, Context(0, 1)).eps);
}

TEST_CASE("dbscan: a watched run is the same, joins as often as needed, and says of each row what it is") {
  const Samples s = line({0, 1, 2, 3, 5, 8, 8.5, 9});
  for (const DbscanAlgorithm way : {DbscanAlgorithm::automatic, DbscanAlgorithm::kd_tree}) {
    Recorder recorder;
    Context watched(0, 2);
    watched.trace = Trace(&recorder, "");
    const DbscanModel m = Dbscan::fit(params(1, 3, way), s, watched);
    CHECK(m.labels == fit(s, params(1, 3, way)).labels);
    CHECK(recorder.count("cells") == 1);
    CHECK(recorder.count("point") == 8);
    const TraceStep& first = *std::find_if(recorder.steps.begin(), recorder.steps.end(),
                                           [](const TraceStep& step) { return step.kind == "point"; });
    CHECK(std::get<std::vector<double>>(first.fields[1].value) == std::vector<double>{1, 2});
    CHECK(std::get<std::string>(first.fields[4].value) == "border");
    CHECK(first.why == "it is no core, but core 2 of this cluster lies within eps");
  }
  Recorder recorder;
  Context watched(0, 1);
  watched.trace = Trace(&recorder, "");
  Dbscan::fit(params(1.5, 1, DbscanAlgorithm::kd_tree), line({0, 1, 2, 3, 5, 8, 8.5, 9}), watched);
  CHECK(recorder.count("join") == 5);  // eight cores become three groups
}

TEST_CASE("dbscan: the labels are scikit-learn's, border ties and numbers included") {
  const auto file = golden("dbscan.json");
  for (const auto& c : file["cases"]) {
    const Dataset data = assign_roles(read_table(dataset_path("tables/" + c["table"].get<std::string>() + ".csv")), {});
    const Samples s = of(Matrix((Matrix(data.samples.cols()) * c["times"].get<double>()).array().round()));
    INFO(c["table"] << " eps " << c["eps"]);
    for (const DbscanAlgorithm way :
         {DbscanAlgorithm::automatic, DbscanAlgorithm::kd_tree, DbscanAlgorithm::textbook}) {
      const DbscanModel m = fit(s, params(c["eps"], c["min_samples"], way));
      CHECK(m.labels == c["labels"].get<std::vector<int>>());
      std::vector<int> cores;
      for (size_t i = 0; i < m.core.size(); ++i)
        if (m.core[i]) cores.push_back(static_cast<int>(i));
      CHECK(cores == c["core_sample_indices"].get<std::vector<int>>());
    }
  }
}

TEST_CASE("dbscan: save, load gives the same model; a damaged or hostile one is refused") {
  const DbscanModel m = fit(of(heaps(60, 2, 1)), params(0.5, 5));
  const Json good = saved(m);
  const DbscanModel again = loaded(good);
  CHECK(again.labels == m.labels);
  CHECK(saved(again) == good);
  const auto refused = [](const Json& json) {
    try {
      loaded(json);
    } catch (const ModelError&) {
      return true;
    }
    return false;
  };
  for (const char* name : {"eps", "min_points", "clusters", "labels", "core"}) {
    Json bad = good;
    bad.erase(name);
    CHECK(refused(bad));
  }
  const auto changed = [&](const char* name, const Json& value) {
    Json bad = good;
    bad[name] = value;
    return bad;
  };
  CHECK(refused(changed("eps", 0)));
  CHECK(refused(changed("min_points", 0)));
  CHECK(refused(changed("clusters", 1000)));
  CHECK(refused(changed("clusters", m.clusters + 1)));  // one without a core
  CHECK(refused(changed("core", Json::array({1, 0}))));
  Json bad = good;
  bad["labels"][0] = m.clusters;
  CHECK(refused(bad));
  bad = good;
  bad["labels"][static_cast<size_t>(std::find(m.core.begin(), m.core.end(), 1) - m.core.begin())] = -1;
  CHECK(refused(bad));
}
