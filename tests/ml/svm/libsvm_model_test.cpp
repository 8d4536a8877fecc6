#include "assay/ml/svm/libsvm_model.h"

#include <algorithm>

#include "assay/ml/data/table.h"
#include "assay/ml/svm/probability.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;
using namespace assay::test;

namespace {

struct Case {
  nlohmann::json wanted;
  SvmModel machine;
  Samples queries;                   // rows 1, 4, 7, ... in the order of training
  std::vector<std::string> classes;  // LIBSVM's labels
};

Case case_of(const std::string& name) {
  const auto file = golden("svm_" + name + ".json");
  const Dataset data = assign_roles(read_table(dataset_path("tables/" + name + ".csv")), {});
  Samples all = data.samples;
  all.X = Matrix(data.samples.cols());
  std::vector<int> rows;
  const int n = static_cast<int>(all.n()), first = file.value("first_row", 0);
  for (int i = 0; i < n; i += 3) rows.push_back((i + first) % n);
  const Model model = parse_libsvm_model(file.at("predict").at("model").get<std::string>(), name);
  return {file.at("predict"), dynamic_cast<const detail::ModelOf<SvmModel>&>(*model.model).inner(), gather(all, rows),
          model.target.classes};
}

Vector numbers(const nlohmann::json& list) {
  Vector v(static_cast<Index>(list.size()));
  for (size_t i = 0; i < list.size(); ++i) v[static_cast<Index>(i)] = list[i].get<double>();
  return v;
}

// The class svm-predict names for each row, as a number.
Vector labels(const Case& c, const Vector& codes) {
  Vector v(codes.size());
  for (Index i = 0; i < v.size(); ++i) v[i] = std::stod(c.classes[static_cast<size_t>(codes[i])]);
  return v;
}

}  // namespace

TEST_CASE("libsvm model: numbers are those of svm-predict, which prints all their digits") {
  const Case c = case_of("diabetes");
  const Vector wanted = numbers(c.wanted.at("plain")), got = c.machine.predict(c.queries, Context(0, 1));
  REQUIRE(got.size() == wanted.size());
  CHECK((got - wanted).cwiseAbs().maxCoeff() <= 1e-8 * wanted.cwiseAbs().maxCoeff());
}

TEST_CASE(
    "libsvm model: classes are those of svm-predict, with and without -b 1, also where the first row is not of the "
    "first class") {
  for (const char* name : {"iris", "breast_cancer"}) {
    INFO(name);
    Case c = case_of(name);
    const auto& printed = c.wanted.at("probabilities");
    Vector likeliest(static_cast<Index>(printed.size()));
    for (size_t i = 0; i < printed.size(); ++i) likeliest[static_cast<Index>(i)] = printed[i][0].get<double>();
    REQUIRE(c.machine.has_proba());
    CHECK(labels(c, c.machine.predict(c.queries, Context(0, 1))) == likeliest);
    c.machine.A.resize(0);  // without the sigmoids: votes
    c.machine.B.resize(0);
    CHECK(labels(c, c.machine.predict(c.queries, Context(0, 1))) == numbers(c.wanted.at("plain")));
  }
}

TEST_CASE("libsvm model: probabilities of two classes are those of svm-predict -b 1, which prints six digits") {
  const Case c = case_of("breast_cancer");
  const Matrix proba = c.machine.predict_proba(c.queries, Context(0, 1));
  const auto& printed = c.wanted.at("probabilities");
  REQUIRE(proba.rows() == static_cast<Index>(printed.size()));
  for (int k = 0; k < 2; ++k) {
    const auto at = std::find(c.classes.begin(), c.classes.end(), c.wanted.at("order")[k]) - c.classes.begin();
    for (size_t i = 0; i < printed.size(); ++i)
      CHECK(proba(static_cast<Index>(i), at) == Approx(printed[i][k + 1].get<double>()).margin(1e-6));
  }
}

TEST_CASE(
    "libsvm model: of three classes svm-predict's probabilities meet its own stopping rule, ours solve the system") {
  const Case c = case_of("iris");
  const Matrix values = c.machine.machine_values(c.queries, Context(0, 1));
  const Matrix proba = c.machine.predict_proba(c.queries, Context(0, 1));
  const auto& printed = c.wanted.at("probabilities");
  for (size_t i = 0; i < printed.size(); ++i) {
    const auto row = static_cast<Index>(i);
    Matrix r = Matrix::Zero(3, 3);  // r(a, b): a rather than b
    for (int a = 0, m = 0; a < 3; ++a)
      for (int b = a + 1; b < 3; ++b, ++m) {
        r(a, b) = std::clamp(svm::sigmoid(values(row, m), {c.machine.A[m], c.machine.B[m]}), 1e-7, 1 - 1e-7);
        r(b, a) = 1 - r(a, b);
      }
    Matrix Q(3, 3);  // [Wu2004, eq. 19]
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) Q(a, b) = a == b ? r.col(a).squaredNorm() : -r(b, a) * r(a, b);
    const auto residual = [&](const Vector& p) { return ((Q * p).array() - p.dot(Q * p)).abs().maxCoeff(); };
    Vector theirs(3), ours(3);
    for (int a = 0; a < 3; ++a) {
      theirs[a] = printed[i][static_cast<size_t>(a) + 1].get<double>();
      ours[a] = proba(row, c.machine.order[static_cast<size_t>(a)]);
    }
    CHECK(residual(theirs) <= 0.005 / 3 + 1e-5);  // [Wu2004, algorithm 2] as LIBSVM stops it, six digits
    CHECK(residual(ours) <= 1e-12);
  }
}
