#include "assay/ml/preprocess/pipeline.h"

#include <cmath>
#include <limits>

#include "assay/core/json.h"
#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

Samples table(std::vector<Column> columns, std::vector<std::vector<double>> by_column) {
  Samples s;
  Columns X(static_cast<Index>(by_column[0].size()), static_cast<Index>(by_column.size()));
  for (Index f = 0; f < X.cols(); ++f)
    for (Index i = 0; i < X.rows(); ++i) X(i, f) = by_column[static_cast<size_t>(f)][static_cast<size_t>(i)];
  s.columns = std::move(columns);
  s.X = std::move(X);
  return s;
}

Matrix transformed(const Pipeline& p, const Samples& raw) { return p.transform(raw, 1).rows(); }

PipelineOptions scaled(Scale scale) {
  PipelineOptions o;
  o.scale = scale;
  return o;
}

std::vector<double> column(const Matrix& X, Index f) {
  std::vector<double> x;
  for (Index i = 0; i < X.rows(); ++i) x.push_back(X(i, f));
  return x;
}

const Traits kPlain{};  // rows, wants neither gaps nor text
const Traits kTree{.layout = Layout::columns, .accepts_missing = true, .accepts_categories = true};
const Traits kScaled{.needs_scaling = true};

}  // namespace

TEST_CASE("pipeline: missing numbers become the median, missing text the most frequent level") {
  const Samples raw =
      table({{"x", {}}, {"colour", {"blue", "green", "red"}}}, {{1, kNan, 10, 2, 4}, {2, 2, kNan, 0, kNan}});
  const Pipeline p = Pipeline::fit(raw, kPlain, {}, 1);
  const Matrix X = transformed(p, raw);
  REQUIRE(X.cols() == 4);
  CHECK(column(X, 0) == std::vector<double>{1, 3, 10, 2, 4});  // between 2 and 4
  CHECK(column(X, 1) == std::vector<double>{0, 0, 0, 1, 0});
  CHECK(column(X, 2) == std::vector<double>{0, 0, 0, 0, 0});
  CHECK(column(X, 3) == std::vector<double>{1, 1, 1, 0, 1});
  REQUIRE(p.description().size() == 2);
  CHECK(p.description()[0] == "impute: median or most frequent level (x = 3 for 1 cell, colour = red for 2 cells)");
}

TEST_CASE("pipeline: a text column becomes one column a level, and one in all for two levels") {
  const Samples raw = table({{"sex", {"f", "m"}}, {"port", {"a", "b", "c"}}}, {{0, 1, 1}, {2, 0, 1}});
  const Pipeline p = Pipeline::fit(raw, kPlain, {}, 1);
  std::vector<std::string> names;
  for (const Column& c : p.output_columns()) names.push_back(c.name);
  CHECK(names == std::vector<std::string>{"sex=m", "port=a", "port=b", "port=c"});
  CHECK(p.origin() == std::vector<int>{0, 1, 1, 1});
  Matrix expected(3, 4);
  expected << 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0;
  CHECK(transformed(p, raw) == expected);
}

TEST_CASE("pipeline: what the learner accepts stays as it is, in the layout it asks for") {
  const Samples raw = table({{"x", {}}, {"colour", {"blue", "red"}}}, {{1, kNan, 3}, {1, kNan, 0}});
  const Pipeline p = Pipeline::fit(raw, kTree, {}, 1);
  const Columns X = p.transform(raw, 1).cols();
  CHECK(X(0, 0) == 1);
  CHECK(std::isnan(X(1, 0)));
  CHECK(std::isnan(X(1, 1)));
  CHECK(X(0, 1) == 1);
  CHECK(p.output_columns()[1].levels == raw.columns[1].levels);
  CHECK(p.description().empty());
}

TEST_CASE("pipeline: standard, minmax and robust scaling against hand numbers") {
  const Samples raw = table({{"x", {}}}, {{2, 4, 4, 4, 5, 5, 7, 9}});  // mean 5, sd (1/n) 2
  CHECK(column(transformed(Pipeline::fit(raw, kPlain, scaled(Scale::standard), 1), raw), 0) ==
        std::vector<double>{-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2});
  const auto minmax = column(transformed(Pipeline::fit(raw, kPlain, scaled(Scale::minmax), 1), raw), 0);
  CHECK(minmax.front() == 0);
  CHECK(minmax.back() == 1);
  CHECK(minmax[1] == Approx(2.0 / 7));
  const Pipeline robust = Pipeline::fit(raw, kPlain, scaled(Scale::robust), 1);  // median 4.5, quartiles 4 and 5.5
  CHECK(robust.offset()[0] == 4.5);
  CHECK(robust.spread()[0] == 1.5);
}

TEST_CASE("pipeline: auto scales only for learners that need it; indicators are never scaled") {
  const Samples raw = table({{"x", {}}, {"port", {"a", "b", "c"}}}, {{2, 4, 6}, {2, 0, 1}});
  const Pipeline p = Pipeline::fit(raw, kScaled, {}, 1);
  CHECK(p.offset() == std::vector<double>{4, 0, 0, 0});
  CHECK(p.spread()[0] == Approx(std::sqrt(8.0 / 3)));
  CHECK(std::vector<double>(p.spread().begin() + 1, p.spread().end()) == std::vector<double>{1, 1, 1});
  CHECK(Pipeline::fit(raw, kPlain, {}, 1).spread() == std::vector<double>{1, 1, 1, 1});
  CHECK(Pipeline::fit(raw, kScaled, scaled(Scale::none), 1).offset() == std::vector<double>{0, 0, 0, 0});
}

TEST_CASE("pipeline: constant and all-missing columns give zeros, not infinities") {
  const Samples raw = table({{"c", {}}, {"nothing", {}}, {"tenth", {}}, {"text", {"a", "b", "c"}}},
                            {{7, 7, 7}, {kNan, kNan, kNan}, {0.1, 0.1, 0.1}, {kNan, kNan, kNan}});
  for (const Scale scale : {Scale::standard, Scale::minmax, Scale::robust}) {
    const Pipeline p = Pipeline::fit(raw, kPlain, scaled(scale), 1);
    const Matrix X = transformed(p, raw);
    CHECK(X.allFinite());
    CHECK(X.leftCols(3).cwiseAbs().maxCoeff() < 1e-15);
    // A value that differs later on is as far away as it is, not blown up by the rounding of the mean.
    const Matrix later = transformed(p, table(raw.columns, {{8}, {1}, {0.2}, {2}}));
    CHECK(later(0, 0) == 1);
    CHECK(later(0, 2) == Approx(0.1));
  }
}

TEST_CASE("pipeline: what is learned comes from the training rows alone") {
  const Samples train = table({{"x", {}}}, {{1, 2, 3, kNan}});
  const Pipeline p = Pipeline::fit(train, kScaled, {}, 1);
  const Matrix alone = transformed(p, table({{"x", {}}}, {{kNan, 2}}));
  const Matrix beside = transformed(p, table({{"x", {}}}, {{kNan, 2, 1e9, -1e9, 5}}));
  CHECK(alone(0, 0) == beside(0, 0));
  CHECK(alone(1, 0) == beside(1, 0));
  CHECK(alone(0, 0) == 0);  // the median of 1, 2, 3, which is their mean as well
}

TEST_CASE("pipeline: weights and groups go through untouched, inputs stay as they were") {
  Samples raw = table({{"x", {}}}, {{1, kNan, 3}});
  raw.weight = Vector::LinSpaced(3, 1, 3);
  raw.groups = {4, 5, 6};
  const Samples before = raw;
  const Samples out = Pipeline::fit(raw, kScaled, {}, 1).transform(raw, 1);
  CHECK(out.weight == raw.weight);
  CHECK(out.groups == raw.groups);
  CHECK(raw.cols()(0, 0) == before.cols()(0, 0));
  CHECK(std::isnan(raw.cols()(1, 0)));
}

TEST_CASE("pipeline: a sparse table stays sparse for a learner that takes it, and becomes dense for others") {
  Samples raw;
  raw.columns = {{"f1", {}}, {"f2", {}}, {"f3", {}}};
  Csr X;
  X.rows = 2;
  X.columns = 3;
  X.row_start = {0, 2, 3};
  X.column = {0, 2, 1};
  X.value = {5, 7, 9};
  raw.X = X;
  const Pipeline kept = Pipeline::fit(raw, Traits{.accepts_sparse = true}, {}, 1);
  CHECK(kept.transform(raw, 1).sparse().value == X.value);
  Matrix expected(2, 3);
  expected << 5, 0, 7, 0, 9, 0;
  CHECK(transformed(Pipeline::fit(raw, kPlain, {}, 1), raw) == expected);
  // A dense table with gaps, where a sparse one was learned from: the gap is filled as absent entries are, with 0.
  const Samples dense = table(raw.columns, {{1}, {kNan}, {3}});
  CHECK(transformed(kept, dense) == (Matrix(1, 3) << 1, 0, 3).finished());
}

TEST_CASE("pipeline: a sparse table too large to be made dense is a DataError, not an allocation") {
  Samples raw;
  Csr X;
  X.rows = 2'000'000;
  X.columns = 1'000'000;
  X.row_start.assign(2'000'001, 0);
  raw.columns.resize(1'000'000);
  raw.X = X;
  CHECK_THROWS_AS(Pipeline::fit(raw, kPlain, {}, 1), DataError);
}

TEST_CASE("pipeline: 1, 2 and 7 threads give the same bits", "[parallel]") {
  Rng rng(1);
  std::vector<std::vector<double>> cells(9, std::vector<double>(3000));
  std::vector<Column> columns;
  for (size_t f = 0; f < 9; ++f) {
    columns.push_back(
        {"x" + std::to_string(f), f == 8 ? std::vector<std::string>{"a", "b", "c"} : std::vector<std::string>{}});
    for (double& x : cells[f]) x = rng.below(7) == 0 ? kNan : f == 8 ? static_cast<double>(rng.below(3)) : rng.normal();
  }
  const Samples raw = table(columns, cells);
  for (const Traits& traits : {kScaled, Traits{.layout = Layout::columns}}) {
    const Samples one = Pipeline::fit(raw, traits, scaled(Scale::robust), 1).transform(raw, 1);
    for (const int threads : {2, 7}) {
      const Samples many = Pipeline::fit(raw, traits, scaled(Scale::robust), threads).transform(raw, threads);
      if (traits.layout == Layout::rows)
        CHECK(one.rows() == many.rows());
      else
        CHECK(one.cols() == many.cols());
    }
  }
}

TEST_CASE("pipeline: what is saved comes back, and what does not fit the learner or the columns is a ModelError") {
  const Samples raw = table({{"x", {}}, {"port", {"a", "b", "c"}}}, {{2, kNan, 6}, {2, 0, kNan}});
  const Pipeline p = Pipeline::fit(raw, kScaled, {}, 1);
  Json good;
  ArchiveWriter out(&good);
  p.save(out);
  const auto load = [&](const Json& node, const Traits& traits, const std::vector<Column>& columns) {
    return Pipeline::load(ArchiveReader(&node, "pipeline"), columns, traits);
  };
  const Pipeline back = load(good, kScaled, raw.columns);
  CHECK(transformed(back, raw) == transformed(p, raw));
  CHECK(back.description() == p.description());

  CHECK_THROWS_AS(load(good, kTree, raw.columns), ModelError);  // its steps would hand rows to a learner of columns
  CHECK_THROWS_AS(load(good, kScaled, {{"x", {}}}), ModelError);
  CHECK_THROWS_AS(load(good, kScaled, {{"x", {}}, {"port", {"a", "b"}}}), ModelError);
  const auto with = [&](const char* key, const Json& value) {
    Json bad = good;
    bad[key] = value;
    return bad;
  };
  CHECK_THROWS_AS(load(with("scale", "sideways"), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("impute", false), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("encode", false), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("layout", "columns"), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("sparse", true), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("fill", Json::array()), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("fill", {4, 3}), kScaled, raw.columns), ModelError);  // there is no level 3
  CHECK_THROWS_AS(load(with("fill", {4, 0.5}), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("spread", {0, 1, 1, 1}), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("spread", {1, 1, 1}), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("offset", {1, 1, 0, 0}), kScaled, raw.columns), ModelError);
  CHECK_THROWS_AS(load(with("missing", {1}), kScaled, raw.columns), ModelError);
}
