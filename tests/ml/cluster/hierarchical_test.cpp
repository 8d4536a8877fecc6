#include "assay/ml/cluster/hierarchical.h"

#include "assay/core/json.h"
#include "assay/core/rng.h"
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

HierarchicalModel fit(const Samples& s, const HierarchicalParams& p = {}) {
  return Hierarchical::fit(p, s, Context(0, 1));
}

HierarchicalParams cut(std::optional<int> clusters, std::optional<double> height = {}) {
  HierarchicalParams p;
  p.clusters = clusters;
  p.height = height;
  return p;
}

std::string refusal(const Samples& s, const HierarchicalParams& p) {
  try {
    check_params(p);
    fit(s, p);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

Json saved(const HierarchicalModel& m) {
  Json json;
  ArchiveWriter out(&json);
  m.save(out);
  return json;
}

HierarchicalModel loaded(const Json& json, const Samples& s) {
  const Json copy = parse_json(json.dump(), "m.json");
  return HierarchicalModel::load(ArchiveReader(&copy, "model"), s.columns);
}

std::string load_refusal(Json json, const Samples& s) {
  try {
    loaded(json, s);
  } catch (const ModelError& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("hierarchical: a cut by number or by height, worked by hand") {
  const Samples s = line({0, 10, 1, 13, 0});
  CHECK(fit(s).labels == std::vector<int>{0, 1, 0, 1, 0});
  CHECK(fit(s, cut(3)).labels == std::vector<int>{0, 1, 0, 2, 0});
  CHECK(fit(s, cut(1)).clusters == 1);
  CHECK(fit(s, cut(5)).labels == std::vector<int>{0, 1, 2, 3, 4});
  HierarchicalParams p = cut({}, 0.0);
  p.linkage = Linkage::single;
  CHECK(fit(s, p).labels == std::vector<int>{0, 1, 2, 3, 0});  // rows that are equal
  p.height = 3.0;
  CHECK(fit(s, p).labels == std::vector<int>{0, 1, 0, 1, 0});  // a merge at the height itself is kept
  p.height = 2.999;
  CHECK(fit(s, p).clusters == 3);
  CHECK(fit(line({4})).clusters == 1);
}

TEST_CASE("hierarchical: a cut at height h leaves just the merges up to h") {
  Rng rng(2);
  Matrix X(60, 2);
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = rng.normal();
  for (const auto& item : linkage_names.items) {
    HierarchicalParams p = cut({}, 1.3);
    p.linkage = item.second;
    const HierarchicalModel m = fit(of(X), p);
    const auto above = [](const Merge& merge) { return merge.height > 1.3; };
    CHECK(m.clusters == 1 + std::count_if(m.merges.begin(), m.merges.end(), above));
  }
}

TEST_CASE("hierarchical: what cannot be done is refused and says why") {
  const Samples s = line({1, 2, 3});
  CHECK(refusal(s, cut(4)) == "parameter 'clusters' is 4 but there are only 3 rows");
  CHECK(refusal(s, cut(2, 1.0)).find("exclude each other") != std::string::npos);
  CHECK(refusal(s, cut({}, -1.0)).find("'height'") != std::string::npos);
  Samples weighted = s;
  weighted.weight = Vector::Ones(3);
  CHECK(refusal(weighted, {}) == "hierarchical cannot use weights of rows");
  CHECK(refusal(line({1, NAN}), {}).find("x0") != std::string::npos);
  CHECK(refusal(line({-1e200, 1e200}), {}).find("too large") != std::string::npos);
  CHECK(refusal(of(Matrix(0, 2)), {}) != "accepted");
}

TEST_CASE("hierarchical: more rows than fit into memory are refused with the sizes") {
  HierarchicalParams p;
  p.memory_mb = 1;
  const Matrix X = Matrix::Zero(513, 1);  // 513 * 512 / 2 doubles are 1.002 MB; 512 rows need 0.998
  CHECK(
      refusal(of(X), p) ==
      "hierarchical keeps the distances of all pairs: 513 rows make 1.002 MB, and memory-mb=1 holds those of 512 rows");
  CHECK(refusal(of(X.topRows(512)), p) == "accepted");
  p.linkage = Linkage::single;
  CHECK(refusal(of(X), p) == "accepted");
}

TEST_CASE("hierarchical: a model from its file has the same tree and labels") {
  Rng rng(9);
  Matrix X(30, 3);
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = rng.normal();
  const HierarchicalModel m = fit(of(X), cut(4));
  const HierarchicalModel again = loaded(saved(m), of(X));
  CHECK(again.labels == m.labels);
  CHECK(again.clusters == 4);
  CHECK(again.linkage == Linkage::ward);
  CHECK(saved(again) == saved(m));
}

TEST_CASE("hierarchical: a damaged file is a ModelError") {
  const Samples s = line({0, 1, 3, 7});
  const Json good = saved(fit(s));
  CHECK(load_refusal(good, s) == "accepted");
  Json bad = good;
  bad["b"][1] = 0;  // merged away already, and below a
  CHECK(load_refusal(bad, s).find("not two clusters") != std::string::npos);
  bad = good;
  bad["b"][1] = 6;  // not made yet
  CHECK(load_refusal(bad, s).find("not two clusters") != std::string::npos);
  bad = good;
  bad["b"][1] = 99;
  CHECK(load_refusal(bad, s) != "accepted");
  bad = good;
  bad["heights"][2] = 0.5;
  CHECK(load_refusal(bad, s).find("must not fall") != std::string::npos);
  bad = good;
  bad["rows"] = 5;
  CHECK(load_refusal(bad, s).find("one merge less") != std::string::npos);
  bad = good;
  bad["linkage"] = "nearest";
  CHECK(load_refusal(bad, s).find("unknown word") != std::string::npos);
  bad = good;
  bad["clusters"] = 5;
  CHECK(load_refusal(bad, s) != "accepted");
}

TEST_CASE("hierarchical: the dendrograms of scipy on wine") {
  const auto g = golden("hierarchical_wine.json");
  const Dataset data = assign_roles(read_table(dataset_path("tables/wine.csv")), {});
  const Samples s = of(Matrix(data.samples.cols()));
  const double tolerance = g["header"]["tolerance"]["heights"]["value"];
  for (const auto& item : linkage_names.items) {
    INFO(item.first);
    const auto& tree = g["trees"][item.first];
    HierarchicalParams p = cut(2);
    p.linkage = item.second;
    const HierarchicalModel m = fit(s, p);
    REQUIRE(m.merges.size() == tree["merges"].size());
    for (size_t t = 0; t < m.merges.size(); ++t) {
      const double h = tree["heights"][t];
      CHECK(std::abs(m.merges[t].height - h) <= tolerance * h);
      const std::vector<int> merge = tree["merges"][t];
      CHECK(merge == std::vector<int>{m.merges[t].a, m.merges[t].b, m.merges[t].rows});
    }
    for (const int k : {2, 3, 7}) {
      p.clusters = k;
      CHECK(fit(s, p).labels == tree["labels"][std::to_string(k)].get<std::vector<int>>());
    }
  }
}
