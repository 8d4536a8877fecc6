#include "assay/ml/baseline/dummy.h"

#include "tests/support/catch.h"

using namespace assay;

namespace {

Samples rows(Index n) {
  Samples s;
  s.columns = {{"x", {}}};
  s.X = Matrix(Matrix::Constant(n, 1, std::numeric_limits<double>::quiet_NaN()));  // it never looks
  return s;
}

}  // namespace

TEST_CASE("dummy: the most frequent class, with the shares as probabilities; weights count as rows") {
  Target y;
  y.classes = {"a", "b", "c"};
  y.code = {1, 1, 0, 1, 0};
  Samples x = rows(5);
  DummyModel m = Dummy::fit({}, x, y, Context());
  CHECK(m.predict(rows(2), Context()) == Vector::Constant(2, 1));
  const Matrix P = m.predict_proba(rows(1), Context());
  CHECK(P(0, 0) == 0.4);
  CHECK(P(0, 1) == 0.6);
  CHECK(P(0, 2) == 0);
  x.weight = Vector(5);
  x.weight << 1, 1, 4, 0, 0;
  m = Dummy::fit({}, x, y, Context());
  CHECK(m.predict(rows(1), Context())[0] == 0);
}

TEST_CASE("dummy: a tie goes to the first class") {
  Target y;
  y.classes = {"a", "b"};
  y.code = {1, 0};
  CHECK(Dummy::fit({}, rows(2), y, Context()).predict(rows(1), Context())[0] == 0);
}

TEST_CASE("dummy: regression predicts the weighted mean, and has no probabilities") {
  Target y;
  y.value = Vector(3);
  y.value << 1, 2, 9;
  Samples x = rows(3);
  CHECK(Dummy::fit({}, x, y, Context()).predict(rows(2), Context()) == Vector::Constant(2, 4));
  x.weight = Vector(3);
  x.weight << 3, 1, 0;
  const DummyModel m = Dummy::fit({}, x, y, Context());
  CHECK(m.predict(rows(1), Context())[0] == 1.25);
  CHECK_FALSE(m.has_proba());
}
