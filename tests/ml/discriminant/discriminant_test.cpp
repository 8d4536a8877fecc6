#include "assay/ml/discriminant/discriminant.h"

#include <Eigen/LU>
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
  for (Index f = 0; f < X.cols(); ++f) s.x.columns.push_back({"x" + std::to_string(f), {}});
  s.x.X = X;
  s.y.name = "y";
  for (int k = 0; k < K; ++k) s.y.classes.push_back("class" + std::to_string(k));
  s.y.code = std::move(code);
  return s;
}

Sample random_sample(Index n, Index d, int K, uint64_t seed) {
  Rng rng(seed);
  Matrix X(n, d);
  std::vector<int> code;
  for (Index i = 0; i < n; ++i) {
    code.push_back(static_cast<int>(i % K));
    for (Index f = 0; f < d; ++f)
      X(i, f) = rng.normal() + (f ? 0.5 * X(i, f - 1) : 0) + static_cast<double>(code.back() * (f + 1));
  }
  return of(X, code, K);
}

LdaModel lda(const Sample& s, double shrinkage = 0) { return Lda::fit({shrinkage}, s.x, s.y, Context(0, 1)); }
QdaModel qda(const Sample& s, double regularization = 0) { return Qda::fit({regularization}, s.x, s.y, Context(0, 1)); }

template <class Fit>
std::string refusal(Fit&& fit, const Sample& s) {
  try {
    fit(s, 0.0);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

// log of the softmax of scores.
Matrix log_shares_of(const Matrix& scores) {
  Matrix L = scores;
  for (Index i = 0; i < L.rows(); ++i) {
    const double top = L.row(i).maxCoeff();
    L.row(i).array() -= top + std::log((L.row(i).array() - top).exp().sum());
  }
  return L;
}

template <class Model>
Json saved(const Model& m) {
  Json json;
  ArchiveWriter out(&json);
  m.save(out);
  return json;
}

Matrix covariance(const Matrix& X, const std::vector<int>& code, int k) {
  Eigen::RowVectorXd mean = Eigen::RowVectorXd::Zero(X.cols());
  double n = 0;
  for (Index i = 0; i < X.rows(); ++i)
    if (code[static_cast<size_t>(i)] == k) mean += X.row(i), ++n;
  mean /= n;
  Matrix S = Matrix::Zero(X.cols(), X.cols());
  for (Index i = 0; i < X.rows(); ++i)
    if (code[static_cast<size_t>(i)] == k) S += (X.row(i) - mean).transpose() * (X.row(i) - mean);
  return S / (n - 1);
}

}  // namespace

TEST_CASE("lda: two classes on a line, worked by hand") {
  Matrix X(4, 1);
  X << 0, 2, 6, 8;
  const LdaModel m = lda(of(X, {0, 0, 1, 1}, 2));
  // Means 1 and 7, S = 4 / (4 - 2) = 2: the border is at 4, and the log odds rise by (7 - 1) / 2 a unit.
  CHECK(m.W(1, 0) - m.W(0, 0) == Approx(3).epsilon(1e-14));
  const Matrix scores = m.decision_function(of((Matrix(2, 1) << 4, 5).finished(), {0, 0}, 2).x, Context(0, 1));
  CHECK(std::abs(scores(0, 1) - scores(0, 0)) < 1e-13);
  CHECK(scores(1, 1) - scores(1, 0) == Approx(3).epsilon(1e-13));
}

TEST_CASE("qda: two classes of different spread on a line, worked by hand") {
  Matrix X(4, 1);
  X << -1, 1, 6, 10;
  const QdaModel m = qda(of(X, {0, 0, 1, 1}, 2));
  // Variances 2 and 8: at x = 2: -4 / 4 - log(2) / 2 against -36 / 16 - log(8) / 2
  const Matrix scores = m.decision_function(of((Matrix(1, 1) << 2).finished(), {0}, 2).x, Context(0, 1));
  CHECK(scores(0, 0) - scores(0, 1) == Approx(-1 - std::log(2.0) / 2 + 2.25 + std::log(8.0) / 2).epsilon(1e-13));
}

TEST_CASE("qda: scores are the formula's, with covariances formed and inverted") {
  const Sample s = random_sample(120, 3, 3, 5);
  for (const double r : {0.0, 0.4}) {
    const QdaModel m = qda(s, r);
    const Matrix scores = m.decision_function(s.x, Context(0, 1));
    for (int k = 0; k < 3; ++k) {
      const Matrix S = (1 - r) * covariance(s.x.rows(), s.y.code, k) + r * Matrix::Identity(3, 3);
      for (Index i = 0; i < 120; i += 11) {
        const Vector y = (s.x.rows().row(i) - m.means.row(k)).transpose();
        const double expected = -0.5 * y.dot(S.inverse() * y) - 0.5 * std::log(S.determinant()) + std::log(1.0 / 3);
        CHECK(scores(i, k) == Approx(expected).epsilon(1e-11));
      }
    }
  }
}

TEST_CASE("lda: scores do not depend on the units of the columns, nor on where zero is") {
  const Sample s = random_sample(90, 3, 3, 6);
  Sample moved = s;
  Matrix X = s.x.rows();
  X.col(0) *= 1000;
  X.col(1).array() += 5000;
  moved.x.X = X;
  const Matrix a = log_shares_of(lda(s).decision_function(s.x, Context(0, 1)));
  const Matrix b = log_shares_of(lda(moved).decision_function(moved.x, Context(0, 1)));
  CHECK((a - b).cwiseAbs().maxCoeff() < 1e-8);
}

TEST_CASE("lda: evidence adds up to the score") {
  const Sample s = random_sample(40, 4, 2, 3);
  const LdaModel m = lda(s);
  const Matrix scores = m.decision_function(s.x, Context(0, 1));
  for (Index k = 0; k < 2; ++k) CHECK(m.evidence(s.x, 7).col(k).sum() == Approx(scores(7, k)).epsilon(1e-12));
}

TEST_CASE("lda, qda: a row of weight w is w rows") {
  const Sample s = random_sample(60, 2, 2, 9);
  Sample weighted = s;
  weighted.x.weight = Vector(60);
  std::vector<int> rows;
  for (int i = 0; i < 60; ++i) {
    weighted.x.weight[i] = i % 3;
    rows.insert(rows.end(), static_cast<size_t>(i % 3), i);
  }
  const Sample repeated{gather(s.x, rows), gather(s.y, rows)};
  CHECK((lda(weighted).W - lda(repeated).W).norm() < 1e-11);
  CHECK((qda(weighted).whitening[1].cwiseAbs() - qda(repeated).whitening[1].cwiseAbs()).norm() < 1e-11);
}

TEST_CASE(
    "lda, qda: lda leaves out columns that follow from others, qda refuses them by name, and regularization helps") {
  Sample s = random_sample(60, 3, 2, 4);
  Matrix X = s.x.rows();
  X.col(2) = X.col(0) - 2 * X.col(1);
  s.x.X = X;
  const LdaModel m = lda(s);
  CHECK(m.report.note.find("left out, since constant or following from others within the classes: \"x") !=
        std::string::npos);
  Sample two = s;  // any two of the three columns say what all three say
  two.x.columns.pop_back();
  two.x.X = Matrix(X.leftCols(2));
  CHECK((log_shares_of(m.decision_function(s.x, Context(0, 1))) -
         log_shares_of(lda(two).decision_function(two.x, Context(0, 1))))
            .cwiseAbs()
            .maxCoeff() < 1e-9);
  CHECK(refusal(qda, s).find("within class \"class0\"") != std::string::npos);
  CHECK(lda(s, 0.1).W.allFinite());
  CHECK(qda(s, 0.1).whitening[0].allFinite());
  X.col(2).setConstant(4);
  s.x.X = X;
  CHECK(lda(s).W.col(2).isZero());
  CHECK(refusal(qda, s).find("is constant within class") != std::string::npos);
  CHECK(refusal(lda, of(Matrix::Random(2, 1), {0, 1}, 2)).find("more rows than classes") != std::string::npos);
  CHECK(refusal(qda, of(Matrix::Random(3, 1), {0, 0, 1}, 2)).find("has 1 rows") != std::string::npos);
  CHECK(refusal(qda, of(Matrix::Random(6, 4), {0, 0, 0, 1, 1, 1}, 2)).find("more columns than rows") !=
        std::string::npos);
}

TEST_CASE(
    "lda, qda: one class, no rows, a cell that is missing or infinite, a column too large: an error that says so") {
  const Sample good = random_sample(12, 2, 2, 5);
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    Sample s = good;
    Matrix X = s.x.rows();
    X(7, 1) = bad;
    s.x.X = X;
    CHECK(refusal(lda, s).find("x1") != std::string::npos);
    CHECK(refusal(qda, s).find("x1") != std::string::npos);
    CHECK_THROWS_AS(lda(good).predict(s.x, Context(0, 1)), Error);
    CHECK_THROWS_AS(qda(good).predict(s.x, Context(0, 1)), Error);
  }
  Sample large = good;
  large.x.X = Matrix(1e200 * good.x.rows());
  CHECK(refusal(lda, large).find("too large for doubles") != std::string::npos);
  CHECK(refusal(qda, large).find("too large for doubles") != std::string::npos);
  const Sample one = of(Matrix::Random(5, 2), {0, 0, 0, 0, 0}, 1), none = of(Matrix(0, 2), {}, 2);
  CHECK(refusal(lda, one) != "accepted");
  CHECK(refusal(qda, one) != "accepted");
  CHECK(refusal(lda, none) != "accepted");
  CHECK(refusal(qda, none) != "accepted");
}

TEST_CASE("lda: where every column is constant, the answer is the share of each class") {
  const LdaModel m = lda(of(Matrix::Constant(4, 2, 3.5), {0, 0, 0, 1}, 2));
  const Matrix P = m.predict_proba(of(Matrix::Zero(1, 2), {0}, 2).x, Context(0, 1));
  CHECK(P(0, 0) == Approx(0.75).epsilon(1e-14));
  CHECK(P(0, 1) == Approx(0.25).epsilon(1e-14));
}

TEST_CASE("lda, qda: the model from its file is the same, a damaged one a ModelError") {
  const Sample s = random_sample(60, 3, 3, 8);
  Json a = parse_json(saved(lda(s)).dump(), "m"), b = parse_json(saved(qda(s)).dump(), "m");
  CHECK(saved(LdaModel::load(ArchiveReader(&a, "model"), s.x.columns, s.y)) == a);
  CHECK(saved(QdaModel::load(ArchiveReader(&b, "model"), s.x.columns, s.y)) == b);
  Json short_b = a, few = b;
  short_b["b"].erase(0);
  CHECK_THROWS_AS(LdaModel::load(ArchiveReader(&short_b, "model"), s.x.columns, s.y), ModelError);
  few["whitening"].erase(0);
  CHECK_THROWS_AS(QdaModel::load(ArchiveReader(&few, "model"), s.x.columns, s.y), ModelError);
  b["whitening"][0]["T"]["values"][1] = 1.0;
  CHECK_THROWS_AS(QdaModel::load(ArchiveReader(&b, "model"), s.x.columns, s.y), ModelError);
}

TEST_CASE("lda, qda: scikit-learn's log-probabilities") {
  const auto g = golden("discriminant.json");
  const double tolerance = g["header"]["tolerance"]["log_proba"]["value"];
  for (const auto& [name, expected] : g["models"].items()) {
    INFO(name);
    const Dataset data =
        assign_roles(read_table(dataset_path("tables/" + expected["dataset"].get<std::string>() + ".csv")), {});
    Sample s{data.samples, data.target};
    s.x.X = Matrix(data.samples.cols());
    const double parameter = expected["parameter"];
    const Matrix L =
        log_shares_of(name.substr(0, 3) == "lda" ? lda(s, parameter).decision_function(s.x, Context(0, 1))
                                                 : qda(s, parameter).decision_function(s.x, Context(0, 1)));
    double worst = 0;
    for (Index i = 0; i < L.rows(); i += 7)
      for (Index k = 0; k < L.cols(); ++k) {
        const double v = expected["log_proba"][static_cast<size_t>(i / 7)][static_cast<size_t>(k)];
        worst = std::max(worst, std::abs(L(i, k) - v) / std::max(1.0, std::abs(v)));
      }
    CHECK(worst <= tolerance);
  }
}
