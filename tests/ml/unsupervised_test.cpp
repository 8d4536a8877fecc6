// The layer that forgets the types of clusterers and reducers.
#include "assay/ml/model.h"
#include "tests/support/catch.h"
#include "tests/support/toy_unsupervised.h"

using namespace assay;
using Catch::Matchers::Contains;

namespace {

Samples column_of(const std::vector<double>& x) {
  Samples s;
  s.columns = {{"x", {}}, {"y", {}}};
  Columns X(static_cast<Index>(x.size()), 2);
  for (size_t i = 0; i < x.size(); ++i) X(static_cast<Index>(i), 0) = x[i], X(static_cast<Index>(i), 1) = 1;
  s.X = X;
  return s;
}

/// Groups what it is given and nothing else.
struct OddRowsModel {
  FitReport report;
  std::vector<int> labels;
  int clusters = 1;
  void save(ArchiveWriter&) const {}
  static OddRowsModel load(const ArchiveReader&, const std::vector<Column>&) { return {}; }
};
struct OddRowsParams {
  static void fields(auto&, auto&&) {}
};
struct OddRows {
  using Params = OddRowsParams;
  using Model = OddRowsModel;
  static constexpr LearnerInfo info{"odd-rows", "every second row is noise", "", {}, {.transductive = true}};
  static Model fit(const Params&, const Samples& x, const Context&) {
    Model m;
    for (Index i = 0; i < x.n(); ++i) m.labels.push_back(i % 2 ? kNoise : 0);
    return m;
  }
};

}  // namespace

TEST_CASE("clusterer: a struct of parameters and a function become a line of the catalogue") {
  constexpr Clusterer halves = clusterer<test::Halves>();
  CHECK(halves.name() == "halves");
  const auto params = halves.params();
  params->set("shift", "1", "halves");
  const ClusterModel m = fit_model(halves, *params, column_of({0, 1, 8, 3}), {}, Context(7, 1));
  CHECK(m.model->labels() == std::vector<int>{0, 0, 1, 0});  // mean 3, border 4
  CHECK(m.model->clusters() == 2);
  CHECK(m.model->centers().rows() == 2);
  CHECK(m.model->has_predict());
  CHECK_FALSE(m.model->has_proba());
  CHECK(m.predict(column_of({3.9, 4}), Context(0, 1)) == std::vector<int>{0, 1});
  CHECK(m.seed == 7);
  CHECK_THROWS_AS(m.model->predict_proba(column_of({1}), Context(0, 1)), UsageError);
}

TEST_CASE("clusterer: a transductive method has labels and no predict") {
  const Clusterer odd = clusterer<OddRows>();
  const ClusterModel m = fit_model(odd, *odd.params(), column_of({1, 2, 3}), {}, Context(0, 1));
  CHECK(m.model->labels() == std::vector<int>{0, kNoise, 0});
  CHECK_FALSE(m.model->has_predict());
  CHECK(m.model->centers().size() == 0);
  CHECK_THROWS_WITH(m.predict(column_of({1}), Context(0, 1)), Contains("cannot place new ones"));
}

TEST_CASE("clusterer: bad rows, bad weights and weights it does not take are refused before it runs") {
  const Clusterer odd = clusterer<OddRows>(), halves = clusterer<test::Halves>();
  const auto params = halves.params();
  Samples x = column_of({1, 2});
  x.weight = Vector::Ones(2);
  CHECK_NOTHROW(fit_model(halves, *params, x, {}, Context(0, 1)));
  CHECK_THROWS_AS(fit_model(odd, *odd.params(), x, {}, Context(0, 1)), UsageError);
  x.weight[0] = -1;
  CHECK_THROWS_AS(fit_model(halves, *params, x, {}, Context(0, 1)), DataError);
  CHECK_THROWS_AS(fit_model(halves, *params, column_of({}), {}, Context(0, 1)), DataError);
}

TEST_CASE("reducer: a struct of parameters and a function become a line of the catalogue") {
  constexpr Reducer first = reducer<test::FirstColumns>();
  const ReducerModel m = fit_model(first, *first.params(), column_of({0, 1, 8}), {}, Context(0, 1));
  const Matrix scores = m.transform(column_of({4, 5}), Context(0, 1));
  CHECK(scores.cols() == 1);
  CHECK(scores(1, 0) == 5);
  CHECK(m.model->components().size() == 0);
  CHECK(m.model->explained_variance().size() == 0);
  CHECK_FALSE(m.model->has_inverse());
  CHECK_THROWS_AS(m.model->inverse_transform(scores), UsageError);
}

TEST_CASE("unsupervised: nothing is scaled unless asked, and text becomes columns of 0 and 1") {
  const Clusterer halves = clusterer<test::Halves>();
  Samples x = column_of({0, 1, 8, 3});
  x.columns[1] = {"colour", {"blue", "green", "red"}};
  const auto params = halves.params();
  const ClusterModel plain = fit_model(halves, *params, x, {}, Context(0, 1));
  CHECK(plain.pipeline.output_columns().size() == 4);
  CHECK(plain.pipeline.spread()[0] == 1);
  PipelineOptions scaled;
  scaled.scale = Scale::standard;
  const ClusterModel other = fit_model(halves, *params, x, scaled, Context(0, 1));
  CHECK(other.pipeline.spread()[0] > 2);
  CHECK(other.model->report().objective == Approx(0).margin(1e-15));
}

TEST_CASE("model file: a clusterer's or reducer's file that names no algorithm of ours is a ModelError") {
  CHECK_THROWS_WITH(find_clusterer("no-such"), Contains("unknown clusterer"));
  CHECK_THROWS_WITH(find_reducer("no-such"), Contains("unknown reducer"));
}
