#include "assay/ml/metrics/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {

/// A truth, what was said about it and the weights, with everything Judged refers to.
struct Case {
  Target truth;
  Predictions said;
  Vector weight;
  int positive = -1;
  Judged judged() const { return {truth, said, weight, positive}; }
};

Case classes(std::vector<std::string> names, std::vector<int> truth, std::vector<int> predicted) {
  Case c;
  c.truth.name = "y";
  c.truth.classes = std::move(names);
  c.truth.code = std::move(truth);
  c.said.value = Vector(static_cast<Index>(predicted.size()));
  for (size_t i = 0; i < predicted.size(); ++i) c.said.value[static_cast<Index>(i)] = predicted[i];
  return c;
}

Case values(std::vector<double> truth, std::vector<double> predicted) {
  Case c;
  c.truth.name = "y";
  c.truth.value = Eigen::Map<Vector>(truth.data(), static_cast<Index>(truth.size()));
  c.said.value = Eigen::Map<Vector>(predicted.data(), static_cast<Index>(predicted.size()));
  return c;
}

Vector vec(std::vector<double> v) { return Eigen::Map<Vector>(v.data(), static_cast<Index>(v.size())); }

double value(const Case& c, const char* metric) {
  const Score s = find_metric(metric, c.truth.task()).compute(c.judged());
  INFO(metric << ": " << s.reason);
  REQUIRE(s.value.has_value());
  return *s.value;
}

std::string reason(const Case& c, const char* metric) {
  const Score s = find_metric(metric, c.truth.task()).compute(c.judged());
  CHECK_FALSE(s.value.has_value());
  return s.reason;
}

/// A random case of n rows and K classes, with ties among the probabilities (sixteenths).
Case random_case(int n, int K, uint64_t seed) {
  Rng rng(seed);
  std::vector<std::string> names;
  for (int k = 0; k < K; ++k) names.push_back(std::string(1, static_cast<char>('a' + k)));
  Case c = classes(names, std::vector<int>(static_cast<size_t>(n)), std::vector<int>(static_cast<size_t>(n)));
  c.said.proba = Matrix::Zero(n, K);
  c.weight = Vector(n);
  for (int i = 0; i < n; ++i) {
    c.truth.code[static_cast<size_t>(i)] = i < K ? i : static_cast<int>(rng.below(static_cast<uint64_t>(K)));
    for (int s = 0; s < 16; ++s) c.said.proba(i, static_cast<Index>(rng.below(static_cast<uint64_t>(K)))) += 1.0 / 16;
    c.said.proba.row(i).maxCoeff(&c.said.value[i]);
    c.weight[i] = static_cast<double>(rng.below(5)) / 4 + (i < K ? 1 : 0);
  }
  return c;
}

/// Mann and Whitney's count over all pairs: the definition.
double pairs_won(const std::vector<char>& is_positive, const Vector& score, const Vector& weight) {
  double won = 0, all = 0;
  for (size_t i = 0; i < is_positive.size(); ++i)
    for (size_t j = 0; j < is_positive.size(); ++j) {
      if (!is_positive[i] || is_positive[j]) continue;
      const Index a = static_cast<Index>(i), b = static_cast<Index>(j);
      const double w = weight.size() ? weight[a] * weight[b] : 1;
      won += w * (score[a] > score[b] ? 1 : score[a] == score[b] ? 0.5 : 0);
      all += w;
    }
  return won / all;
}

}  // namespace

TEST_CASE("metrics: a two-class example counted by hand") {
  // truth no no no yes yes; said no yes no yes no: TP 1, FP 1, FN 1, TN 2
  Case c = classes({"no", "yes"}, {0, 0, 0, 1, 1}, {0, 1, 0, 1, 0});
  c.said.proba = Matrix(5, 2);
  c.said.proba << 0.75, 0.25, 0.25, 0.75, 0.75, 0.25, 0.125, 0.875, 0.75, 0.25;
  const Matrix C = confusion_matrix(c.judged());
  CHECK(C(0, 0) == 2);
  CHECK(C(0, 1) == 1);
  CHECK(C(1, 0) == 1);
  CHECK(C(1, 1) == 1);
  CHECK(value(c, "accuracy") == 3.0 / 5);
  CHECK(value(c, "balanced_accuracy") == Approx((2.0 / 3 + 1.0 / 2) / 2).epsilon(1e-15));
  CHECK(value(c, "precision") == 0.5);
  CHECK(value(c, "recall") == 0.5);
  CHECK(value(c, "f1") == 0.5);
  CHECK(value(c, "macro_f1") == Approx((2.0 / 3 + 0.5) / 2).epsilon(1e-15));
  CHECK(
      value(c, "log_loss") ==
      Approx(-(3 * std::log(0.25) * 0 + 2 * std::log(0.75) + 2 * std::log(0.25) + std::log(0.875)) / 5).epsilon(1e-15));
  CHECK(value(c, "brier") == Approx((2 * 0.0625 + 0.5625 + 0.015625 + 0.5625) / 5).epsilon(1e-15));
  // pairs: yes(.875) beats all three; yes(.25) ties two and loses to .75
  CHECK(value(c, "roc_auc") == Approx((3 + 0.5 + 0.5) / 6).epsilon(1e-15));
  c.positive = 0;
  CHECK(value(c, "precision") == Approx(2.0 / 3).epsilon(1e-15));
  CHECK(value(c, "roc_auc") == Approx(4.0 / 6).epsilon(1e-15));  // the mirror image
}

TEST_CASE("metrics: a regression example counted by hand") {
  const Case c = values({1, 2, 3, 6}, {1, 3, 3, 3});
  CHECK(value(c, "rmse") == Approx(std::sqrt(10.0 / 4)).epsilon(1e-15));
  CHECK(value(c, "mae") == 1.0);
  CHECK(value(c, "r2") == Approx(1 - 10.0 / 14).epsilon(1e-15));
}

TEST_CASE("roc auc: it is the share of pairs ranked rightly, ties and weights included, and the area under the curve") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Case c = random_case(50, 2, seed);
    const std::vector<char> yes = rows_of_class(c.truth, 1);
    const Vector score = c.said.proba.col(1);
    for (const Vector& w : {Vector(), c.weight}) {
      const double area = roc_auc(yes, score, w).value.value();
      CHECK(area == Approx(pairs_won(yes, score, w)).epsilon(1e-13));
      const Curve curve = roc_curve(yes, score, w);
      double trapezoids = 0;
      for (size_t i = 1; i < curve.x.size(); ++i)
        trapezoids += (curve.x[i] - curve.x[i - 1]) * (curve.y[i] + curve.y[i - 1]) / 2;
      CHECK(area == Approx(trapezoids).epsilon(1e-13));
      CHECK(curve.x.front() == 0);
      CHECK(curve.y.front() == 0);
      CHECK(curve.x.back() == 1);
      CHECK(curve.y.back() == 1);
    }
  }
}

TEST_CASE("roc auc: only the order of the scores counts, and turning it round mirrors the area") {
  const Case c = random_case(60, 2, 7);
  const std::vector<char> yes = rows_of_class(c.truth, 1);
  const Vector s = c.said.proba.col(1), e = s.array().exp().matrix(), minus = -s;
  const double area = *roc_auc(yes, s, {}).value;
  CHECK(*roc_auc(yes, e, {}).value == area);
  CHECK(*roc_auc(yes, minus, {}).value == Approx(1 - area).epsilon(1e-14));
  CHECK(*roc_auc(yes, Vector::Constant(60, 3.0), {}).value == 0.5);
}

TEST_CASE("metrics: the order of the rows does not matter, and a row twice is a row of weight two") {
  for (const int K : {2, 3, 5}) {
    const Case c = random_case(40, K, static_cast<uint64_t>(K));
    Case shuffled = c, twice = c;
    twice.weight = Vector();
    shuffled.weight = c.weight;
    std::vector<int> order = Rng(3).permutation(40);
    Case doubled = classes(c.truth.classes, {}, {});
    doubled.said.value = Vector(80);
    doubled.said.proba = Matrix(80, K);
    twice.weight = Vector::Constant(40, 2.0);
    for (int i = 0; i < 40; ++i) {
      const int from = order[static_cast<size_t>(i)];
      shuffled.truth.code[static_cast<size_t>(i)] = c.truth.code[static_cast<size_t>(from)];
      shuffled.said.value[i] = c.said.value[from];
      shuffled.said.proba.row(i) = c.said.proba.row(from);
      shuffled.weight[i] = c.weight[from];
    }
    for (int i = 0; i < 80; ++i) {
      doubled.truth.code.push_back(c.truth.code[static_cast<size_t>(i / 2)]);
      doubled.said.value[i] = c.said.value[i / 2];
      doubled.said.proba.row(i) = c.said.proba.row(i / 2);
    }
    const Scores a = score(c.judged()), b = score(shuffled.judged()), d = score(doubled.judged()),
                 t = score(twice.judged());
    REQUIRE(a.values.size() == b.values.size());
    REQUIRE(d.values.size() == t.values.size());
    CHECK(a.values.size() >= 8);
    for (size_t m = 0; m < a.values.size(); ++m) {
      CHECK(a.values[m].second == Approx(b.values[m].second).epsilon(1e-13));
      CHECK(d.values[m].second == Approx(t.values[m].second).epsilon(1e-13));
    }
  }
}

TEST_CASE("metrics: a row of weight zero is absent") {
  Case c = classes({"a", "b"}, {0, 0, 1}, {0, 0, 1});
  c.said.proba = Matrix(3, 2);
  c.said.proba << 1, 0, 1, 0, 0, 1;
  c.weight = vec({1, 1, 0});
  CHECK(reason(c, "roc_auc") == "no row of class 'b'");
  CHECK(value(c, "balanced_accuracy") == 1);
  CHECK(value(c, "macro_f1") == 1);
  CHECK(worst_rows(c.judged()).empty());
}

TEST_CASE("metrics: without an answer there is a reason, never a NaN") {
  Case one = classes({"a", "b"}, {1, 1}, {1, 0});
  CHECK(reason(one, "roc_auc") == "the model has neither probabilities nor decision values");
  CHECK(reason(one, "log_loss") == "the model has no probabilities");
  one.said.proba = Matrix::Constant(2, 2, 0.5);
  CHECK(reason(one, "roc_auc") == "every row is of class 'b'");
  one.said.proba(0, 0) = std::nan("");
  CHECK(reason(one, "brier") == (one.said.proba(0, 1) = std::nan(""), "not a finite number"));
  const Case three = classes({"a", "b", "c"}, {0, 1, 2}, {0, 1, 2});
  CHECK(reason(three, "f1") == "for two classes, not 3; see macro_f1");
  CHECK(reason(values({2, 2}, {1, 2}), "r2") == "the true values are all the same");
  CHECK(reason(values({1, 2}, {1, INFINITY}), "rmse") == "not a finite number");
  CHECK(reason(values({}, {}), "mae") == "no rows with weight");
  for (const Case& c : {one, three, values({2, 2}, {1, 2})})
    for (const auto& item : score(c.judged()).values) CHECK(std::isfinite(item.second));
}

TEST_CASE("log loss: a sure error costs 52 ln 2, not infinity") {
  Case c = classes({"a", "b"}, {0}, {1});
  c.said.proba = Matrix(1, 2);
  c.said.proba << 0, 1;
  CHECK(value(c, "log_loss") == Approx(52 * std::log(2.0)).epsilon(1e-15));
}

TEST_CASE("metrics: decision values rank where a model has no probabilities") {
  Case c = classes({"a", "b"}, {0, 1, 1}, {0, 1, 0});
  c.said.decision = Matrix(3, 1);
  c.said.decision << -1, 2, -3;
  CHECK(value(c, "roc_auc") == 0.5);
  c.positive = 0;
  CHECK(value(c, "roc_auc") == 0.5);
  c.said.decision << -1, 2, -0.5;
  c.positive = -1;
  CHECK(value(c, "roc_auc") == 1);
}

TEST_CASE("metrics: they are found by their usual names, and unknown ones get advice") {
  CHECK(std::string(find_metric("ROC-AUC", Task::classification).name) == "roc_auc");
  CHECK(std::string(find_metric("auc", Task::classification).name) == "roc_auc");
  CHECK(std::string(find_metric("macro-f1", Task::classification).name) == "macro_f1");
  CHECK(std::string(default_metric(Task::classification).name) == "accuracy");
  CHECK(std::string(default_metric(Task::regression).name) == "rmse");
  CHECK_THROWS_WITH(find_metric("acuracy", Task::classification), Catch::Contains("did you mean 'accuracy'?"));
  CHECK_THROWS_WITH(find_metric("rmse", Task::classification), Catch::Contains("is for regression"));
  CHECK_THROWS_AS(find_metric("", Task::regression), UsageError);
}

TEST_CASE("metrics: the positive class is the last of two unless it is named") {
  Target t;
  t.name = "y";
  t.classes = {"no", "yes"};
  CHECK(positive_code(t, "") == 1);
  CHECK(positive_code(t, "no") == 0);
  CHECK_THROWS_WITH(positive_code(t, "yess"), Catch::Contains("did you mean 'yes'?"));
  t.classes.push_back("zz");
  CHECK(positive_code(t, "") == -1);
  CHECK_THROWS_AS(positive_code(t, "no"), UsageError);
}

TEST_CASE("precision-recall curve: recall grows to one, and the last precision is the share of positives") {
  const Case c = random_case(80, 2, 11);
  const std::vector<char> yes = rows_of_class(c.truth, 1);
  const Curve curve = pr_curve(yes, c.said.proba.col(1), {});
  CHECK(std::is_sorted(curve.x.begin(), curve.x.end()));
  CHECK(std::is_sorted(curve.threshold.rbegin(), curve.threshold.rend()));
  CHECK(curve.x.back() == 1);
  CHECK(curve.y.back() == Approx(static_cast<double>(std::count(yes.begin(), yes.end(), 1)) / 80).epsilon(1e-15));
}

TEST_CASE("thinned curve: it keeps its ends and at most the points asked for") {
  Rng rng(5);
  std::vector<char> yes(5000);
  Vector s(5000);
  for (int i = 0; i < 5000; ++i) {
    yes[static_cast<size_t>(i)] = rng.below(2) == 1;
    s[i] = rng.uniform() + 0.2 * yes[static_cast<size_t>(i)];
  }
  const Curve whole = roc_curve(yes, s, {});
  for (const int points : {3, 10, 100}) {
    const Curve few = thinned(whole, points);
    CHECK(few.x.size() <= static_cast<size_t>(points));
    CHECK(few.x.size() >= static_cast<size_t>(points) / 2);
    CHECK(few.x.front() == 0);
    CHECK(few.x.back() == 1);
  }
  CHECK(thinned(whole, 100'000).x == whole.x);
}

TEST_CASE("calibration bins: they hold every row once, and their shares sum to the positives") {
  const Case c = random_case(200, 2, 4);
  const std::vector<char> yes = rows_of_class(c.truth, 1);
  const std::vector<CalibrationBin> bins = calibration_bins(yes, c.said.proba.col(1), {}, 10);
  long rows = 0;
  double positives = 0;
  for (const CalibrationBin& b : bins) {
    rows += b.rows;
    positives += b.share * static_cast<double>(b.rows);
    CHECK(b.mean_probability >= b.lo);
    CHECK((b.mean_probability < b.hi || b.hi == 1));
    CHECK(b.share_lo <= b.share);
    CHECK(b.share <= b.share_hi);
  }
  CHECK(rows == 200);
  CHECK(positives == Approx(static_cast<double>(std::count(yes.begin(), yes.end(), 1))));
}

TEST_CASE("calibration bins: Wilson's interval of 5 out of 10 is 0.2366 to 0.7634") {
  std::vector<char> yes{1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
  const auto bins = calibration_bins(yes, Vector::Constant(10, 1.0), {}, 4);
  REQUIRE(bins.size() == 1);
  CHECK(bins[0].hi == 1);
  CHECK(bins[0].share_lo == Approx(0.2365931).epsilon(1e-6));
  CHECK(bins[0].share_hi == Approx(0.7634069).epsilon(1e-6));
}

TEST_CASE("worst rows: the surest errors first, equal ones in row order") {
  Case c = classes({"a", "b"}, {0, 0, 1, 1}, {0, 1, 1, 1});
  c.said.proba = Matrix(4, 2);
  c.said.proba << 1, 0, 0.25, 0.75, 0.5, 0.5, 0.5, 0.5;
  const auto rows = worst_rows(c.judged(), 3);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].row == 1);
  CHECK(rows[0].loss == Approx(std::log(4.0)));
  CHECK(rows[1].row == 2);
  CHECK(rows[2].row == 3);
  CHECK(worst_rows(c.judged()).size() == 3);  // row 0 has no loss
  const auto far = worst_rows(values({1, 2, 3}, {1, 5, 2}).judged(), 1);
  REQUIRE(far.size() == 1);
  CHECK(far[0].row == 1);
  CHECK(far[0].loss == 3);
}

TEST_CASE("metrics: they agree with scikit-learn") {
  const auto golden = test::golden("metrics.json");
  auto near = [](double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b)); };
  for (const auto& item : golden["classification"]) {
    INFO(item["name"].get<std::string>());
    Case c = classes(item["classes"], item["truth"], item["predicted"]);
    const int n = static_cast<int>(c.truth.code.size()), K = c.truth.K();
    c.said.proba = Matrix(n, K);
    for (int i = 0; i < n; ++i)
      for (int k = 0; k < K; ++k)
        c.said.proba(i, k) = item["probability"][static_cast<size_t>(i)][static_cast<size_t>(k)];
    for (const bool weighted : {false, true}) {
      const auto& expected = item[weighted ? "weighted" : "unweighted"];
      c.weight = weighted ? vec(item["weights"]) : Vector();
      CHECK(near(value(c, "accuracy"), expected["accuracy"]));
      CHECK(near(value(c, "balanced_accuracy"), expected["balanced_accuracy"]));
      CHECK(near(value(c, "macro_precision"), expected["precision_macro"]));
      CHECK(near(value(c, "macro_recall"), expected["recall_macro"]));
      CHECK(near(value(c, "macro_f1"), expected["f1_macro"]));
      CHECK(near(value(c, "log_loss"), expected["log_loss"]));
      CHECK(near(value(c, "roc_auc"), expected[K == 2 ? "roc_auc" : "roc_auc_ovr_macro"]));
      const Matrix C = confusion_matrix(c.judged());
      const std::vector<ClassScore> classes_ = class_scores(c.judged());
      for (size_t k = 0; k < static_cast<size_t>(K); ++k) {
        CHECK(near(classes_[k].precision, expected["precision"][k]));
        CHECK(near(classes_[k].recall, expected["recall"][k]));
        CHECK(near(classes_[k].f1, expected["f1"][k]));
        const Vector ranked = *scores_of_class(c.said, K, static_cast<int>(k));
        CHECK(near(*roc_auc(rows_of_class(c.truth, static_cast<int>(k)), ranked, c.weight).value,
                   expected["roc_auc_ovr"][k]));
        for (size_t j = 0; j < static_cast<size_t>(K); ++j)
          CHECK(near(C(static_cast<Index>(k), static_cast<Index>(j)), expected["confusion"][k][j]));
      }
    }
  }
  for (const auto& item : golden["regression"]) {
    INFO(item["name"].get<std::string>());
    Case c = values(item["truth"], item["predicted"]);
    for (const bool weighted : {false, true}) {
      c.weight = weighted ? vec(item["weights"]) : Vector();
      for (const char* name : {"rmse", "mae", "r2"})
        CHECK(near(value(c, name), item[weighted ? "weighted" : "unweighted"][name]));
    }
  }
}
