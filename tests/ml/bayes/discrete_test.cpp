#include "assay/ml/bayes/discrete.h"

#include <cmath>
#include <cstring>

#include "assay/core/json.h"
#include "assay/core/rng.h"
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
  for (Index f = 0; f < X.cols(); ++f) s.x.columns.push_back({"w" + std::to_string(f), {}});
  s.x.X = X;
  s.y.name = "y";
  for (int k = 0; k < K; ++k) s.y.classes.push_back("class" + std::to_string(k));
  s.y.code = std::move(code);
  return s;
}

Sample random_counts(Index n, Index d, int K, uint64_t seed) {
  Rng rng(seed);
  Matrix X(n, d);
  std::vector<int> code;
  for (Index i = 0; i < n; ++i) {
    code.push_back(static_cast<int>(rng.below(static_cast<uint64_t>(K))));
    for (Index f = 0; f < d; ++f)
      X(i, f) = rng.below(4) == 0 ? static_cast<double>(rng.below(f % K == code.back() ? 6 : 3)) : 0;
  }
  return of(X, code, K);
}

Sample sparse(const Sample& s) {
  Csr X;
  X.rows = s.x.n(), X.columns = s.x.d();
  for (Index i = 0; i < X.rows; ++i) {
    for (Index f = 0; f < X.columns; ++f)
      if (s.x.rows()(i, f) != 0) X.column.push_back(static_cast<int32_t>(f)), X.value.push_back(s.x.rows()(i, f));
    X.row_start.push_back(static_cast<int64_t>(X.value.size()));
  }
  Sample out = s;
  out.x.X = X;
  return out;
}

enum class Kind { multinomial, bernoulli, complement, complement_norm };
constexpr Kind kAll[] = {Kind::multinomial, Kind::bernoulli, Kind::complement, Kind::complement_norm};

DiscreteNbModel fit(Kind kind, const Sample& s, double alpha = 1, double binarize = 0, int threads = 1) {
  const Context ctx(0, threads);
  if (kind == Kind::multinomial) return MultinomialNb::fit({alpha}, s.x, s.y, ctx);
  if (kind == Kind::bernoulli) return BernoulliNb::fit({alpha, binarize}, s.x, s.y, ctx);
  return ComplementNb::fit({alpha, kind == Kind::complement_norm}, s.x, s.y, ctx);
}

std::string refusal(Kind kind, const Sample& s) {
  try {
    fit(kind, s);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

bool same_bits(const Matrix& a, const Matrix& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<size_t>(a.size())) == 0;
}

Json saved(const DiscreteNbModel& m) {
  Json json;
  ArchiveWriter out(&json);
  m.save(out);
  return json;
}

}  // namespace

TEST_CASE("multinomial-nb: three words in two classes, worked by hand") {
  Matrix X(3, 3);
  X << 2, 1, 0, 1, 0, 0, 0, 1, 3;
  const Sample s = of(X, {0, 0, 1}, 2);
  const DiscreteNbModel m = fit(Kind::multinomial, s);
  // class0 has 3, 1, 0 words, class1 0, 1, 3; with alpha = 1: 4/7, 2/7, 1/7 and 1/7, 2/7, 4/7
  CHECK(std::exp(m.weight(0, 0)) == Approx(4.0 / 7).epsilon(1e-14));
  CHECK(std::exp(m.weight(2, 1)) == Approx(4.0 / 7).epsilon(1e-14));
  Matrix q(1, 3);
  q << 1, 5, 1;
  const double a = 2.0 / 3 * 4 / 7 / 7, b = 1.0 / 3 / 7 * 4 / 7;  // the middle word says nothing
  CHECK(m.predict_proba(of(q, {0}, 2).x, Context(0, 1))(0, 0) == Approx(a / (a + b)).epsilon(1e-13));
}

TEST_CASE("bernoulli-nb: what is not there counts, too, worked by hand") {
  Matrix X(3, 2);
  X << 2, 0, 1, 1, 0, 3;
  const Sample s = of(X, {0, 0, 1}, 2);
  const DiscreteNbModel m = fit(Kind::bernoulli, s);
  Matrix q(1, 2);
  q << 7, 0;
  const double a = 2.0 / 3 * 3 / 4 * 2 / 4, b = 1.0 / 3 * 1 / 3 * 1 / 3;
  CHECK(m.predict_proba(of(q, {0}, 2).x, Context(0, 1))(0, 0) == Approx(a / (a + b)).epsilon(1e-13));
}

TEST_CASE("complement-nb: a class is judged by the words of all others, worked by hand") {
  Matrix X(3, 2);
  X << 3, 0, 0, 2, 1, 1;
  const DiscreteNbModel m = fit(Kind::complement, of(X, {0, 1, 2}, 3));
  // outside class0: 1, 3 words; with alpha = 1: 2/6, 4/6
  CHECK(m.weight(0, 0) == Approx(-std::log(2.0 / 6)).epsilon(1e-14));
  CHECK(m.weight(1, 0) == Approx(-std::log(4.0 / 6)).epsilon(1e-14));
  CHECK(m.start.isZero());
  const DiscreteNbModel norm = fit(Kind::complement_norm, of(X, {0, 1, 2}, 3));
  for (Index k = 0; k < 3; ++k) CHECK(norm.weight.col(k).sum() == Approx(1).epsilon(1e-14));
}

TEST_CASE("discrete naive Bayes: a sparse table gives the model of the same dense one") {
  const Sample s = random_counts(400, 30, 3, 5), c = sparse(s);
  for (const Kind kind : kAll) {
    const DiscreteNbModel a = fit(kind, s), b = fit(kind, c);
    CHECK(same_bits(a.weight, b.weight));
    CHECK(same_bits(a.log_joint(s.x, Context(0, 1)), b.log_joint(c.x, Context(0, 3))));
  }
}

TEST_CASE("discrete naive Bayes: evidence adds up to the score") {
  const Sample s = random_counts(60, 12, 3, 8);
  for (const Kind kind : kAll) {
    const DiscreteNbModel m = fit(kind, s);
    const Matrix joint = m.log_joint(s.x, Context(0, 1));
    for (Index i = 0; i < 60; i += 7)
      for (Index k = 0; k < 3; ++k) CHECK(m.evidence(s.x, i).col(k).sum() == Approx(joint(i, k)).epsilon(1e-12));
  }
}

TEST_CASE("discrete naive Bayes: a row of weight w is w rows") {
  Sample s = random_counts(80, 10, 2, 9);
  Sample weighted = s;
  weighted.x.weight = Vector(80);
  std::vector<int> rows;
  for (int i = 0; i < 80; ++i) {
    weighted.x.weight[i] = i % 3;
    rows.insert(rows.end(), static_cast<size_t>(i % 3), i);
  }
  const Sample repeated{gather(s.x, rows), gather(s.y, rows)};
  for (const Kind kind : kAll) CHECK((fit(kind, weighted).weight - fit(kind, repeated).weight).norm() < 1e-12);
}

TEST_CASE("discrete naive Bayes: cells that are no counts are refused by name") {
  Sample s = random_counts(20, 4, 2, 3);
  std::get<Matrix>(s.x.X)(6, 2) = -1;
  CHECK(refusal(Kind::multinomial, s) == "row 7, column \"w2\" is -1, a count must be >= 0");
  CHECK(refusal(Kind::complement, sparse(s)).find("row 7") != std::string::npos);
  CHECK(refusal(Kind::bernoulli, s) == "accepted");
  std::get<Matrix>(s.x.X)(6, 2) = NAN;
  for (const Kind kind : kAll) CHECK(refusal(kind, s).find("must be a finite number") != std::string::npos);
}

TEST_CASE("discrete naive Bayes: the same bits for any number of threads, and from the file", "[parallel]") {
  const Sample s = random_counts(3000, 20, 4, 2);
  for (const Kind kind : kAll) {
    const DiscreteNbModel one = fit(kind, s), many = fit(kind, s, 1, 0, 7);
    CHECK(same_bits(one.weight, many.weight));
    const Json copy = parse_json(saved(one).dump(), "m.json");
    const DiscreteNbModel again = DiscreteNbModel::load(ArchiveReader(&copy, "model"), s.x.columns, s.y);
    CHECK(same_bits(again.predict_proba(s.x, Context(0, 1)), many.predict_proba(s.x, Context(0, 7))));
    Json bad = saved(one);
    bad["kind"] = "gaussian";
    CHECK_THROWS_AS(DiscreteNbModel::load(ArchiveReader(&bad, "model"), s.x.columns, s.y), ModelError);
  }
}

TEST_CASE("discrete naive Bayes: scikit-learn's MultinomialNB, BernoulliNB and ComplementNB") {
  const auto g = golden("naive_bayes.json");
  const double tolerance = g["header"]["tolerance"]["joint"]["value"];
  const Dataset data = assign_roles(read_table(dataset_path("tables/digits.csv")), {});
  Sample s{data.samples, data.target};
  s.x.X = Matrix(data.samples.cols());
  Sample weighted = s;
  weighted.x.weight.resize(s.x.n());
  for (Index i = 0; i < s.x.n(); ++i) weighted.x.weight[i] = static_cast<double>(1 + i % 3);
  const auto check = [&](const std::string& name, const DiscreteNbModel& m) {
    const Matrix joint = m.log_joint(s.x, Context(0, 1));
    double worst = 0;
    for (Index i = 0; i < joint.rows(); i += 30)
      for (Index k = 0; k < joint.cols(); ++k) {
        const double v = g["models"][name]["joint"][static_cast<size_t>(i / 30)][static_cast<size_t>(k)];
        worst = std::max(worst, std::abs(joint(i, k) - v) / std::max(1.0, std::abs(v)));
      }
    INFO(name);
    CHECK(worst <= tolerance);
  };
  check("multinomial", fit(Kind::multinomial, s));
  check("multinomial weighted", fit(Kind::multinomial, weighted, 0.1));
  check("bernoulli", fit(Kind::bernoulli, s, 1, 8));
  check("bernoulli weighted", fit(Kind::bernoulli, weighted, 0.3, 8));
  check("complement", fit(Kind::complement, s));
  check("complement norm", fit(Kind::complement_norm, weighted, 0.5));
}
