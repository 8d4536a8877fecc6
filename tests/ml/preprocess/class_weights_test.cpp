#include "assay/ml/preprocess/class_weights.h"

#include "assay/core/error.h"
#include "assay/ml/model.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

Target four_rows() {
  Target y;
  y.name = "y";
  y.classes = {"a", "b", "never"};
  y.code = {0, 0, 0, 1};
  return y;
}

}  // namespace

TEST_CASE("class weights: balanced gives each class that is present the same sum") {
  const Vector w = class_weighted(Vector(), four_rows(), {.balanced = true});
  CHECK(w[0] == Approx(4.0 / (2 * 3)));
  CHECK(w[3] == Approx(4.0 / 2));
  CHECK(w.sum() == Approx(4));
}

TEST_CASE("class weights: they multiply the weights of the rows") {
  Vector rows(4);
  rows << 1, 2, 3, 4;
  const Vector w = class_weighted(rows, four_rows(), {.weight = {10, 0.5, 1}});
  CHECK(w == (Vector(4) << 10, 20, 30, 2).finished());
  const Vector balanced = class_weighted(rows, four_rows(), {.balanced = true});
  CHECK(balanced.head(3).sum() == Approx(5));
  CHECK(balanced[3] == Approx(5));
}

TEST_CASE("class weights: numbers as a target, or weights of other classes, are errors") {
  Target y;
  y.value = Vector::Ones(3);
  CHECK_THROWS_AS(class_weighted(Vector(), y, {.balanced = true}), DataError);
  CHECK_THROWS_AS(class_weighted(Vector(), four_rows(), {.weight = {1, 2}}), DataError);
}

TEST_CASE("class weights: a fit with them equals a fit with the same row weights") {
  Samples raw;
  raw.columns = {{"x", {}}};
  Columns X(6, 1);
  X << 1, 2, 3, 2, 4, 5;
  raw.X = X;
  Target y;
  y.name = "y";
  y.classes = {"a", "b"};
  y.code = {0, 0, 0, 0, 1, 1};
  const Learner& learner = find_learner("logistic");
  PipelineOptions options;
  options.class_weights.balanced = true;
  const Model with = fit_model(learner, *learner.params(), raw, y, options, Context(0, 1));
  Samples weighted = raw;
  weighted.weight = (Vector(6) << 0.75, 0.75, 0.75, 0.75, 1.5, 1.5).finished();
  const Model rows = fit_model(learner, *learner.params(), weighted, y, {}, Context(0, 1));
  CHECK(with.decision_function(raw, Context(0, 1)) == rows.decision_function(raw, Context(0, 1)));
}
