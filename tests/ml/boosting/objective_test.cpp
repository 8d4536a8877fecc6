#include "assay/ml/boosting/objective.h"

#include <cmath>

#include "assay/core/error.h"
#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::boosting;
using namespace assay::test;

namespace {

Objective of_values(BoostLoss loss, const Target& y, const Vector& weight = {}) { return {loss, 0.7, y, weight}; }

}  // namespace

TEST_CASE("objective: gradient and hessian are the first and second difference of the loss") {
  const double step = 1.0 / 64;
  for (const BoostLoss loss :
       {BoostLoss::squared, BoostLoss::poisson, BoostLoss::logistic, BoostLoss::quantile, BoostLoss::absolute}) {
    for (const double y : {0.0, 1.0}) {
      const Target target = loss == BoostLoss::logistic ? classes_of({static_cast<int>(y)}, 2) : values_of({y});
      for (const float F : {-1.5f, 0.25f, 2.0f}) {
        Objective o(loss, 0.7, target, {});
        const auto at = [&](double shift) { return o.mean_loss({F + static_cast<float>(shift)}, 1); };
        std::vector<Gradient> g;
        o.begin_round({F}, 1);
        o.gradients({F}, 0, g, 1);
        INFO("loss " << static_cast<int>(loss) << ", y " << y << ", F " << F);
        CHECK(static_cast<double>(g[0].g) == Approx((at(step) - at(-step)) / (2 * step)).epsilon(1e-4).margin(2e-4));
        const bool curved = loss == BoostLoss::squared || loss == BoostLoss::poisson || loss == BoostLoss::logistic;
        if (curved)
          CHECK(static_cast<double>(g[0].h) ==
                Approx((at(step) - 2 * at(0) + at(-step)) / (step * step)).epsilon(0.01).margin(1e-3));
        else
          CHECK(g[0].h == 1);
      }
    }
  }
}

TEST_CASE("objective: huber's gradient is the residual up to the quantile delta of the residuals, and delta beyond") {
  const Target target = values_of({0, 1, -2, 3, 10});
  Objective o(BoostLoss::huber, 0.7, target, {});
  const std::vector<float> F(5, 0);
  o.begin_round(F, 1);
  CHECK(o.delta() == 3);
  std::vector<Gradient> g;
  o.gradients(F, 0, g, 1);
  const std::vector<float> expected{0, -1, 2, -3, -3};
  for (size_t i = 0; i < 5; ++i) CHECK(g[i].g == expected[i]);
  CHECK(o.mean_loss(F, 1) == Approx((0 + 0.5 + 2 + 4.5 + 3 * 8.5) / 5));
}

TEST_CASE(
    "objective: with many classes the gradients are the differences of the loss, and sum to zero over the classes") {
  const Target target = classes_of({2}, 4);
  Objective o(BoostLoss::multinomial, 0, target, {});
  const std::vector<float> F{0.5f, -1, 0.25f, 2};
  o.begin_round(F, 1);
  double total = 0;
  for (int k = 0; k < 4; ++k) {
    std::vector<Gradient> g;
    o.gradients(F, k, g, 1);
    std::vector<float> up = F, down = F;
    up[static_cast<size_t>(k)] += 1.0f / 64;
    down[static_cast<size_t>(k)] -= 1.0f / 64;
    CHECK(static_cast<double>(g[0].g) == Approx((o.mean_loss(up, 1) - o.mean_loss(down, 1)) * 32).margin(1e-4));
    const double p = static_cast<double>(g[0].g) + (k == 2);
    CHECK(static_cast<double>(g[0].h) == Approx(2 * p * (1 - p)).epsilon(1e-5));
    total += static_cast<double>(g[0].g);
  }
  CHECK(total == Approx(0).margin(1e-6));
}

TEST_CASE("objective: the start is the constant of least loss") {
  Rng rng(1);
  std::vector<double> y;
  std::vector<int> code;
  Vector weight(41);
  for (Index i = 0; i < weight.size(); ++i) {
    y.push_back(std::abs(rng.normal() * 3));
    code.push_back(static_cast<int>(rng.below(2)));
    weight[i] = rng.uniform(0.2, 2);
  }
  const Target values = values_of(y), classes = classes_of(code, 2);
  for (const BoostLoss loss :
       {BoostLoss::squared, BoostLoss::poisson, BoostLoss::logistic, BoostLoss::quantile, BoostLoss::absolute}) {
    const Objective o(loss, 0.7, loss == BoostLoss::logistic ? classes : values, weight);
    const float F0 = static_cast<float>(o.start()[0]);
    const auto at = [&](float F) { return o.mean_loss(std::vector<float>(y.size(), F), 1); };
    INFO("loss " << static_cast<int>(loss));
    CHECK(at(F0) <= at(F0 + 0.01f) + 1e-9);
    CHECK(at(F0) <= at(F0 - 0.01f) + 1e-9);
  }
}

TEST_CASE("objective: a leaf whose answer is renewed gets the constant that lowers its rows' loss most") {
  Rng rng(2);
  std::vector<double> y;
  for (int i = 0; i < 31; ++i) y.push_back(rng.normal() * 4);
  const Target target = values_of(y);
  std::vector<float> F(y.size());
  for (float& f : F) f = static_cast<float>(rng.normal());
  const std::vector<int> rows{0, 3, 4, 9, 11, 12, 20, 25, 30};
  for (const BoostLoss loss : {BoostLoss::absolute, BoostLoss::quantile}) {
    const Objective o(loss, 0.7, target, {});
    const double w = o.leaf_value(rows, F);
    const auto at = [&](double shift) {
      double sum = 0;
      for (const int i : rows) {
        const double r = y[static_cast<size_t>(i)] - static_cast<double>(F[static_cast<size_t>(i)]) - w - shift;
        sum += loss == BoostLoss::absolute ? std::abs(r) : r >= 0 ? 0.7 * r : -0.3 * r;
      }
      return sum;
    };
    CHECK(at(0) <= at(1e-3));
    CHECK(at(0) <= at(-1e-3));
  }
}

TEST_CASE("objective: weights multiply gradients; a row of weight two has the loss of two rows") {
  const Target one = values_of({1, 3}), twice = values_of({1, 3, 3});
  const Vector weight = (Vector(2) << 1, 2).finished();
  for (const BoostLoss loss : {BoostLoss::squared, BoostLoss::absolute, BoostLoss::poisson}) {
    const Objective a = of_values(loss, one, weight), b = of_values(loss, twice);
    CHECK(a.mean_loss({0.5f, 0.25f}, 1) == Approx(b.mean_loss({0.5f, 0.25f, 0.25f}, 1)));
    CHECK(a.start()[0] == Approx(b.start()[0]));
  }
}

TEST_CASE("objective: poisson refuses a negative target by its row") {
  CHECK_THROWS_AS(of_values(BoostLoss::poisson, values_of({1, -2})), DataError);
}

TEST_CASE("objective: shares of classes stay shares for margins of any size") {
  const Matrix P = class_shares(BoostLoss::multinomial, (Matrix(2, 3) << 1000, 0, -1000, 1, 1, 1).finished());
  CHECK(P(0, 0) == 1);
  CHECK(P.row(1).sum() == Approx(1));
  const Matrix two = class_shares(BoostLoss::logistic, (Matrix(2, 1) << 800, -800).finished());
  CHECK(two(0, 1) == 1);
  CHECK(two(1, 0) == 1);
}
