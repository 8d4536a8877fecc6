#include "assay/core/error.h"
#include "assay/ml/boosting/sampling.h"
#include "tests/ml/boosting/boosting_support.h"

using namespace assay;
using namespace assay::boosting;
using namespace assay::test;

namespace {

GbdtModel fit(const Sample& s, const GbdtParams& params, int threads = 1, const Validation* valid = nullptr) {
  return Gbdt::fit(params, s.x, s.y, Context(1, threads), valid);
}

Make noisy(int K, int n = 400) {
  Make make;
  make.n = n;
  make.numeric = 4;
  make.categorical = 1;
  make.K = K;
  make.missing = 0.1;
  return make;
}

double loss_of(const Sample& s, const GbdtModel& m) {
  const Matrix F = m.margins(s.x, Context(0, 1));
  std::vector<float> f;
  for (Index i = 0; i < F.rows(); ++i)
    for (Index k = 0; k < F.cols(); ++k) f.push_back(static_cast<float>(F(i, k)));
  return Objective(m.loss, 0.5, s.y, s.x.weight).mean_loss(f, 1);
}

void require_same_trees(const GbdtModel& a, const GbdtModel& b) {
  REQUIRE(a.trees.size() == b.trees.size());
  for (size_t t = 0; t < a.trees.size(); ++t) {
    REQUIRE(a.trees[t].nodes.feature == b.trees[t].nodes.feature);
    REQUIRE(a.trees[t].nodes.threshold == b.trees[t].nodes.threshold);
    REQUIRE(a.trees[t].nodes.value == b.trees[t].nodes.value);
  }
}

}  // namespace

TEST_CASE("gbdt: two rounds by hand") {
  Sample s;
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({{1, 2, 3, 4}});
  s.y = values_of({0, 0, 4, 8});
  GbdtParams p;
  p.trees = 2;
  p.max_depth = 1;
  p.eta = 0.5;
  p.lambda = 0;
  const GbdtModel m = fit(s, p);
  CHECK(m.base[0] == 3);
  // residuals -3 -3 1 5: split 1,2 | 3,4 gains 1/2 (36/2 + 36/2) = 18, the others 6 and 50/3; answers -3 and 3, halved
  CHECK(m.trees[0].nodes.threshold[0] == 2.5);
  CHECK(m.trees[0].gain[0] == Approx(18));
  CHECK(m.trees[0].nodes.value[1] == -1.5);
  // residuals -1.5 -1.5 -0.5 3.5: split 1,2,3 | 4; answers -3.5/3 and 3.5, halved
  CHECK(m.trees[1].nodes.threshold[0] == 3.5);
  CHECK(m.predict(s.x, Context(0, 1))[3] == Approx(3 + 1.5 + 1.75));
  CHECK(m.predict(s.x, Context(0, 1))[0] == Approx(3 - 1.5 - 3.5 / 6));
}

TEST_CASE("gbdt: every round lowers the training loss, for every objective of the second order") {
  for (const BoostLoss loss : {BoostLoss::squared, BoostLoss::poisson, BoostLoss::absolute, BoostLoss::quantile,
                               BoostLoss::huber, BoostLoss::logistic, BoostLoss::multinomial}) {
    const bool classes = loss == BoostLoss::logistic || loss == BoostLoss::multinomial;
    Sample s = random_table(noisy(loss == BoostLoss::logistic ? 2 : classes ? 3 : 0), 11);
    if (loss == BoostLoss::poisson)
      for (Index i = 0; i < s.y.value.size(); ++i) s.y.value[i] = std::floor(std::abs(s.y.value[i]) * 2);
    GbdtParams p;
    p.objective = loss;
    p.trees = 15;
    p.eta = 0.2;
    const Validation same{s.x, s.y};
    const GbdtModel m = fit(s, p, 1, &same);
    INFO("loss " << static_cast<int>(loss));
    REQUIRE(m.train_loss.size() == 15);
    for (size_t t = 1; t < 15; ++t)
      if (loss != BoostLoss::huber)
        CHECK(m.train_loss[t] < m.train_loss[t - 1]);  // huber's delta moves from round to round
    if (loss != BoostLoss::huber) CHECK(m.train_loss.back() == Approx(m.valid_loss.back()));
    if (loss != BoostLoss::huber && loss != BoostLoss::quantile)
      CHECK(loss_of(s, m) == Approx(m.train_loss.back()).epsilon(1e-5));
  }
}

TEST_CASE("gbdt: squared error with full trees and no penalty leaves no residual") {
  Make make = noisy(0, 60);
  make.categorical = 0;
  make.missing = 0;
  const Sample s = random_table(make, 12);
  const double kSingle = 60 * 2.4e-7;  // 60 sums of float32 numbers below 4
  for (const BoostOrder order : {BoostOrder::second, BoostOrder::first}) {
    GbdtParams p;
    p.order = order;
    p.trees = 60;
    p.eta = 0.5;
    p.max_depth.reset();
    p.lambda = 0;
    p.min_child_weight = 0;
    const Vector answer = fit(s, p).predict(s.x, Context(0, 1));
    CHECK((answer - s.y.value).cwiseAbs().maxCoeff() < (order == BoostOrder::first ? 1e-12 : kSingle));
  }
}

TEST_CASE(
    "gbdt: first and second order are the same for squared error without a penalty, where no column has many values") {
  Make make = noisy(0, 200);
  make.categorical = 0;
  make.missing = 0;
  make.distinct = 12;
  const Sample s = random_table(make, 13);
  GbdtParams p;
  p.trees = 20;
  p.eta = 0.1;
  p.max_depth = 3;
  p.lambda = 0;
  p.tree_method = TreeMethod::exact;
  const Vector second = fit(s, p).predict(s.x, Context(0, 1));
  p.order = BoostOrder::first;
  const Vector first = fit(s, p).predict(s.x, Context(0, 1));
  CHECK((first - second).cwiseAbs().maxCoeff() < 1e-4);
}

TEST_CASE("gbdt: one thread and two make the same trees, by every method and with every kind of drawing") {
  for (const int K : {0, 2, 3}) {
    const Sample s = random_table(noisy(K, 3000), 14);
    for (const TreeMethod method : {TreeMethod::exact, TreeMethod::approx, TreeMethod::hist}) {
      GbdtParams p;
      p.trees = 5;
      p.tree_method = method;
      p.columns = 0.8;
      p.columns_by_node = 0.7;
      if (K == 2)
        p.goss_top = 0.3;
      else
        p.subsample = 0.6;
      require_same_trees(fit(s, p, 1), fit(s, p, 2));
    }
  }
}

TEST_CASE("gbdt: early stopping ends at the round whose loss aside was least, and predicts with it") {
  const Sample s = random_table(noisy(2, 300), 15), aside = random_table(noisy(2, 300), 16);
  GbdtParams p;
  p.trees = 200;
  p.early_stopping = 5;
  const Validation valid{aside.x, aside.y};
  const GbdtModel m = fit(s, p, 1, &valid);
  const auto least = std::min_element(m.valid_loss.begin(), m.valid_loss.end());
  CHECK(m.trees.size() == static_cast<size_t>(least - m.valid_loss.begin()) + 1);
  CHECK(m.valid_loss.size() == m.trees.size() + 5);
  CHECK(loss_of(aside, m) == Approx(*least).epsilon(1e-5));
  GbdtParams exactly = p;
  exactly.early_stopping.reset();
  exactly.trees = static_cast<int>(m.trees.size());
  require_same_trees(m, fit(s, exactly));
}

TEST_CASE("gbdt: early stopping without rows aside keeps a tenth of its own") {
  const Sample s = random_table(noisy(2, 500), 17);
  GbdtParams p;
  p.trees = 300;
  p.early_stopping = 3;
  const GbdtModel m = fit(s, p);
  CHECK(m.valid_loss.size() < 300);
  CHECK(m.trees[0].nodes.rows[0] == 450);
}

TEST_CASE("gbdt: a row of weight two is two rows, a row of weight zero is absent") {
  Sample s = random_table(noisy(2, 200), 18);
  s.x.weight = Vector::Ones(200);
  std::vector<int> rows;
  for (int i = 0; i < 200; ++i) {
    s.x.weight[i] = i % 5 == 0 ? 0 : 1 + i % 2;
    for (int c = 0; c < s.x.weight[i]; ++c) rows.push_back(i);
  }
  Sample repeated;
  repeated.x = gather(s.x, rows);
  repeated.x.weight = {};
  repeated.y = gather(s.y, rows);
  for (const TreeMethod method : {TreeMethod::exact, TreeMethod::hist}) {
    GbdtParams p;
    p.trees = 8;
    p.tree_method = method;
    const GbdtModel a = fit(s, p), b = fit(repeated, p);
    const Matrix F = a.margins(s.x, Context(0, 1)), G = b.margins(s.x, Context(0, 1));
    CHECK((F - G).cwiseAbs().maxCoeff() < 1e-4);
  }
}

TEST_CASE(
    "goss: a share of one is all the rows, untouched; else the greatest gradients and a weighted draw of the rest") {
  std::vector<Gradient> g = coarse_gradients(1000, 20);
  Rng rng(4);
  for (Gradient& o : g) o.g = static_cast<float>(rng.normal());
  std::vector<int> rows(1000);
  std::iota(rows.begin(), rows.end(), 0);
  std::vector<Gradient> same = g;
  CHECK(goss(rows, 1, 0.1, same, Rng(0)) == rows);
  CHECK(std::equal(g.begin(), g.end(), same.begin(), [](Gradient a, Gradient b) { return a.g == b.g && a.h == b.h; }));
  std::vector<Gradient> drawn = g;
  const std::vector<int> kept = goss(rows, 0.2, 0.1, drawn, Rng(0));
  CHECK(kept.size() == 300);
  CHECK(std::is_sorted(kept.begin(), kept.end()));
  std::vector<float> sizes;
  for (const Gradient& o : g) sizes.push_back(std::abs(o.g));
  std::sort(sizes.rbegin(), sizes.rend());
  int untouched = 0;
  for (const int i : kept) {
    const float before = g[static_cast<size_t>(i)].g, after = drawn[static_cast<size_t>(i)].g;
    untouched += before == after;
    CHECK(after == (std::abs(before) >= sizes[199] ? before : before * 8));  // (1 - 0.2) / 0.1
  }
  CHECK(untouched == 200);
}

TEST_CASE("goss: the sums of the drawn rows are those of all rows on average") {
  std::vector<Gradient> g(500);
  Rng rng(6);
  double G = 0, H = 0;
  for (Gradient& o : g) {
    o = {static_cast<float>(rng.normal() + 0.3), static_cast<float>(rng.uniform())};
    G += static_cast<double>(o.g);
    H += static_cast<double>(o.h);
  }
  std::vector<int> rows(500);
  std::iota(rows.begin(), rows.end(), 0);
  double mean_G = 0, mean_H = 0;
  const int draws = 2000;
  for (int d = 0; d < draws; ++d) {
    std::vector<Gradient> drawn = g;
    const std::vector<int> kept = goss(rows, 0.1, 0.2, drawn, Rng(7, static_cast<uint64_t>(d)));
    const Sums sums = sums_of(drawn, kept);
    mean_G += sums.G / draws;
    mean_H += sums.H / draws;
  }
  CHECK(mean_G == Approx(G).margin(2));  // the standard error is below 0.6
  CHECK(mean_H == Approx(H).margin(2));
}

TEST_CASE("gbdt: with goss-top 1 the model is the model without") {
  const Sample s = random_table(noisy(3, 300), 21);
  GbdtParams p;
  p.trees = 4;
  const GbdtModel plain = fit(s, p);
  p.goss_top = 1.0;
  require_same_trees(plain, fit(s, p));
}

TEST_CASE("gbdt: draws are without repetition, in order, and of the size that was asked for") {
  std::vector<int> items(97);
  std::iota(items.begin(), items.end(), 5);
  for (const double share : {0.01, 0.3, 0.99}) {
    const std::vector<int> d = draw(items, share, Rng(3));
    CHECK(d.size() == static_cast<size_t>(std::max(1.0, std::round(share * 97))));
    CHECK(std::adjacent_find(d.begin(), d.end(), std::greater_equal<>()) == d.end());
  }
  CHECK(draw(items, 1, Rng(3)) == items);
}

TEST_CASE("gbdt: many trees walked together answer as each tree alone") {
  for (const int K : {0, 3}) {
    Sample s = random_table(noisy(K, 333), 22);
    GbdtParams p;
    p.trees = 20;
    p.max_depth = 9;
    for (const bool categories : {true, false}) {
      if (!categories)
        for (Column& c : s.x.columns) c.levels.clear();
      const GbdtModel m = fit(s, p);
      const Matrix F = m.margins(s.x, Context(0, 2));
      for (Index i = 0; i < F.rows(); ++i)
        for (Index k = 0; k < F.cols(); ++k) {
          double sum = m.base[static_cast<size_t>(k)];
          for (size_t t = static_cast<size_t>(k); t < m.trees.size(); t += static_cast<size_t>(m.K())) {
            const TreeNodes& nodes = m.trees[t].nodes;
            sum += nodes.value[static_cast<size_t>(nodes.leaf_of(s.x.cols(), i, m.categorical))];
          }
          REQUIRE(F(i, k) == sum);
        }
    }
  }
}

TEST_CASE("gbdt: what cannot be is refused with the way out") {
  const Sample values = random_table(noisy(0, 30), 1), classes = random_table(noisy(3, 30), 1);
  GbdtParams p;
  p.objective = BoostLoss::logistic;
  CHECK_THROWS_AS(fit(values, p), ParameterError);
  CHECK_THROWS_AS(fit(classes, p), ParameterError);
  p.objective = BoostLoss::squared;
  CHECK_THROWS_AS(fit(classes, p), ParameterError);
  p = {};
  p.goss_top = 0.95;
  CHECK(GbdtParams::check(p));
  p = {};
  p.base_score = 1.5;
  CHECK_THROWS_AS(fit(random_table(noisy(2, 30), 1), p), ParameterError);
}
