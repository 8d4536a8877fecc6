#include "assay/ml/bayes/naive_bayes.h"

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

Target target_of(std::vector<int> code, int K) {
  Target y;
  y.name = "y";
  for (int k = 0; k < K; ++k) y.classes.push_back("class" + std::to_string(k));
  y.code = std::move(code);
  return y;
}

Sample numbers(const Columns& X, std::vector<int> code, int K) {
  Sample s;
  for (Index f = 0; f < X.cols(); ++f) s.x.columns.push_back({"x" + std::to_string(f), {}});
  s.x.X = X;
  s.y = target_of(std::move(code), K);
  return s;
}

// Quinlan's fourteen days: outlook, temperature, humidity, windy; play or not.
Sample weather() {
  Sample s;
  s.x.columns = {{"outlook", {"overcast", "rainy", "sunny"}},
                 {"temperature", {"cool", "hot", "mild"}},
                 {"humidity", {"high", "normal"}},
                 {"windy", {"false", "true"}}};
  Columns X(14, 4);
  X << 2, 1, 0, 0, 2, 1, 0, 1, 0, 1, 0, 0, 1, 2, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 2, 2, 0, 0, 2, 0, 1, 0, 1, 2,
      1, 0, 2, 2, 1, 1, 0, 2, 0, 1, 0, 1, 1, 0, 1, 2, 0, 1;
  s.x.X = X;
  s.y = target_of({0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0}, 2);
  return s;
}

Samples one_row(const Samples& like, std::initializer_list<double> cells) {
  Samples s;
  s.columns = like.columns;
  Columns X(1, static_cast<Index>(cells.size()));
  Index f = 0;
  for (const double c : cells) X(0, f++) = c;
  s.X = X;
  return s;
}

Sample random_numbers(Index n, Index d, int K, double missing, uint64_t seed) {
  Rng rng(seed);
  Columns X(n, d);
  std::vector<int> code;
  for (Index i = 0; i < n; ++i) {
    code.push_back(static_cast<int>(rng.below(static_cast<uint64_t>(K))));
    for (Index f = 0; f < d; ++f)
      X(i, f) = rng.uniform() < missing ? NAN : rng.normal() * (1 + code.back()) + 2 * code.back() + 1000;
  }
  return numbers(X, code, K);
}

NaiveBayesModel fit(const Sample& s, const NaiveBayesParams& p = {}, int threads = 1) {
  return NaiveBayes::fit(p, s.x, s.y, Context(0, threads));
}

bool same_bits(const Matrix& a, const Matrix& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<size_t>(a.size())) == 0;
}

std::string refusal(const Sample& s, const NaiveBayesParams& p = {}) {
  try {
    fit(s, p);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

Json saved(const NaiveBayesModel& m) {
  Json json;
  ArchiveWriter out(&json);
  m.save(out);
  return json;
}

std::string load_refusal(const Json& json, const Sample& s) {
  try {
    const Json copy = parse_json(json.dump(), "m.json");
    NaiveBayesModel::load(ArchiveReader(&copy, "model"), s.x.columns, s.y);
  } catch (const ModelError& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("naive-bayes: play on a sunny, cool, humid and windy day, worked by hand") {
  const Sample s = weather();
  const Samples day = one_row(s.x, {2, 0, 0, 1});
  const double yes = 9.0 / 14 * 3 / 12 * 4 / 12 * 4 / 11 * 4 / 11, no = 5.0 / 14 * 4 / 8 * 2 / 8 * 5 / 7 * 4 / 7;
  const Matrix smoothed = fit(s).predict_proba(day, Context(0, 1));
  CHECK(smoothed(0, 1) == Approx(yes / (yes + no)).epsilon(1e-14));
  NaiveBayesParams p;
  p.alpha = 1e-12;  // the textbook's own numbers: 0.0053 and 0.0206
  CHECK(fit(s, p).predict_proba(day, Context(0, 1))(0, 1) == Approx(0.2046).epsilon(1e-3));
  CHECK(fit(s).predict(day, Context(0, 1))[0] == 0);
}

TEST_CASE("naive-bayes: two Gaussians, worked by hand, and a missing cell is left out of the sum") {
  Columns X(4, 2);
  X << 0, 5, 2, 7, 10, 6, 14, 8;
  const Sample s = numbers(X, {0, 0, 1, 1}, 2);
  NaiveBayesParams p;
  p.var_smoothing = 0;
  const NaiveBayesModel m = fit(s, p);
  CHECK(m.mean == (Matrix(2, 2) << 1, 6, 12, 7).finished());
  CHECK(m.variance == (Matrix(2, 2) << 1, 1, 4, 1).finished());
  const auto density = [](double x, double mean, double v) {
    return std::exp(-(x - mean) * (x - mean) / (2 * v)) / std::sqrt(v);
  };
  const double a = density(4, 1, 1), b = density(4, 12, 4);
  CHECK(m.predict_proba(one_row(s.x, {4, NAN}), Context(0, 1))(0, 0) == Approx(a / (a + b)).epsilon(1e-14));
  const double a2 = a * density(9, 6, 1), b2 = b * density(9, 7, 1);
  CHECK(m.predict_proba(one_row(s.x, {4, 9}), Context(0, 1))(0, 0) == Approx(a2 / (a2 + b2)).epsilon(1e-14));
  CHECK(m.predict_proba(one_row(s.x, {NAN, NAN}), Context(0, 1))(0, 0) == 0.5);
}

TEST_CASE("naive-bayes: evidence adds up to the joint log-likelihood, column by column") {
  Sample s = weather();
  Columns X(14, 5);
  X.leftCols(4) = s.x.cols();
  for (Index i = 0; i < 14; ++i) X(i, 4) = static_cast<double>(i * i % 11);
  X(3, 1) = X(5, 4) = NAN;
  s.x.columns.push_back({"degrees", {}});
  s.x.X = X;
  const NaiveBayesModel m = fit(s);
  const Matrix joint = m.log_joint(s.x, Context(0, 1));
  for (Index i = 0; i < 14; ++i) {
    const Matrix terms = m.evidence(s.x, i);
    CHECK(terms.rows() == 6);
    for (Index k = 0; k < 2; ++k) CHECK(terms.col(k).sum() == Approx(joint(i, k)).epsilon(1e-13));
  }
  CHECK(m.evidence(s.x, 3).row(2).isZero());
  CHECK(m.evidence(s.x, 5).row(5).isZero());
}

TEST_CASE("naive-bayes: means and variances are those of the cells that are there, far from zero, too") {
  const Sample s = random_numbers(5000, 3, 3, 0.2, 4);
  const NaiveBayesModel m = fit(s);
  const Columns& X = s.x.cols();
  for (int k = 0; k < 3; ++k)
    for (Index f = 0; f < 3; ++f) {
      long double count = 0, total = 0, squares = 0;
      for (int pass = 0; pass < 2; ++pass)
        for (Index i = 0; i < 5000; ++i) {
          if (s.y.code[static_cast<size_t>(i)] != k || std::isnan(X(i, f))) continue;
          if (pass == 0) ++count, total += X(i, f);
          if (pass == 1) squares += (X(i, f) - total / count) * (X(i, f) - total / count);
        }
      CHECK(m.mean(k, f) == Approx(static_cast<double>(total / count)).epsilon(1e-15));
      const double smoothing = m.variance(k, f) - static_cast<double>(squares / count);
      CHECK(smoothing > 0);
      CHECK(smoothing < 1e-7);
    }
}

TEST_CASE("naive-bayes: a row of weight w is w rows") {
  Sample s = random_numbers(90, 2, 2, 0.1, 6);
  s.x.columns.push_back({"text", {"a", "b", "c"}});
  Columns X(90, 3);
  X.leftCols(2) = s.x.cols();
  for (Index i = 0; i < 90; ++i) X(i, 2) = i % 7 == 0 ? NAN : static_cast<double>(i % 3);
  s.x.X = X;
  Sample weighted = s;
  weighted.x.weight = Vector(90);
  std::vector<int> rows;
  for (int i = 0; i < 90; ++i) {
    weighted.x.weight[i] = i % 4;
    rows.insert(rows.end(), static_cast<size_t>(i % 4), i);
  }
  const Sample repeated{gather(s.x, rows), gather(s.y, rows)};
  const NaiveBayesModel a = fit(weighted), b = fit(repeated);
  CHECK((a.mean - b.mean).norm() < 1e-12);
  CHECK((a.variance - b.variance).norm() < 1e-11);
  CHECK((a.level_log[2] - b.level_log[2]).norm() < 1e-13);
}

TEST_CASE("naive-bayes: a class without cells in a column is judged by the other columns") {
  Columns X(6, 2);
  X << 1, NAN, 2, NAN, 3, NAN, 7, 1, 8, 2, 9, 3;
  const Sample s = numbers(X, {0, 0, 0, 1, 1, 1}, 2);
  const NaiveBayesModel m = fit(s);
  CHECK(m.mean(0, 1) == m.mean(1, 1));
  CHECK(m.predict(s.x, Context(0, 1)) == (Vector(6) << 0, 0, 0, 1, 1, 1).finished());
}

TEST_CASE("naive-bayes: what cannot be done is refused and says why") {
  Columns X(4, 2);
  X << 0, 5, 0, 7, 10, 6, 14, 8;
  NaiveBayesParams p;
  p.var_smoothing = 0;
  CHECK(refusal(numbers(X, {0, 0, 1, 1}, 2), p).find("one value only in class \"class0\"") != std::string::npos);
  CHECK(refusal(numbers(X, {0, 0, 1, 1}, 2)) == "accepted");
  X(2, 1) = INFINITY;
  CHECK(refusal(numbers(X, {0, 0, 1, 1}, 2)).find("must be a finite number or missing") != std::string::npos);
  X(2, 1) = 1e300;
  CHECK(refusal(numbers(X, {0, 0, 1, 1}, 2)) == "column \"x1\" is too large for doubles");
}

TEST_CASE("naive-bayes: the same bits for any number of threads, and from its file", "[parallel]") {
  const Sample s = random_numbers(7000, 5, 3, 0.05, 12);
  const NaiveBayesModel one = fit(s), many = fit(s, {}, 7);
  CHECK(same_bits(one.variance, many.variance));
  CHECK(same_bits(one.predict_proba(s.x, Context(0, 1)), many.predict_proba(s.x, Context(0, 5))));
  const Sample w = weather();
  const Json good = saved(fit(w));
  const Json copy = parse_json(good.dump(), "m.json");
  CHECK(saved(NaiveBayesModel::load(ArchiveReader(&copy, "model"), w.x.columns, w.y)) == good);
  Json bad = good;
  bad["class_weight"][0] = -1.0;
  CHECK(load_refusal(bad, w) != "accepted");
  bad = good;
  bad["variance"]["values"][0] = 0.0;
  CHECK(load_refusal(bad, w).find("must be > 0") != std::string::npos);
  bad = good;
  bad["levels"].erase(0);
  CHECK(load_refusal(bad, w).find("one a column") != std::string::npos);
}

TEST_CASE("naive-bayes: scikit-learn's GaussianNB and CategoricalNB") {
  const auto g = golden("naive_bayes.json");
  const double tolerance = g["header"]["tolerance"]["joint"]["value"];
  for (const std::string name :
       {"gaussian iris", "gaussian wine", "gaussian breast_cancer", "gaussian weighted", "categorical"}) {
    INFO(name);
    const auto& expected = g["models"][name];
    const Dataset data =
        assign_roles(read_table(dataset_path("tables/" + expected["dataset"].get<std::string>() + ".csv")), {});
    Sample s{data.samples, data.target};
    NaiveBayesParams p;
    if (name == "categorical") {
      p.alpha = 0.7;
      s.x.columns.clear();
      for (int f = 10; f < 30; ++f) {
        s.x.columns.push_back({"pixel" + std::to_string(f), {}});
        for (int l = 0; l < 17; ++l) s.x.columns.back().levels.push_back(std::to_string(l));
      }
      s.x.X = Columns(data.samples.cols().middleCols(10, 20));
    }
    if (expected["weighted"]) {
      p.var_smoothing = 0;
      s.x.weight.resize(s.x.n());
      for (Index i = 0; i < s.x.n(); ++i) s.x.weight[i] = static_cast<double>(1 + i % 3);
    }
    const Matrix joint = fit(s, p).log_joint(s.x, Context(0, 1));
    double worst = 0;
    for (Index i = 0; i < joint.rows(); i += 30)
      for (Index k = 0; k < joint.cols(); ++k) {
        const double v = expected["joint"][static_cast<size_t>(i / 30)][static_cast<size_t>(k)];
        worst = std::max(worst, std::abs(joint(i, k) - v) / std::max(1.0, std::abs(v)));
      }
    CHECK(worst <= tolerance);
  }
}
