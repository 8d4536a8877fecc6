#include "assay/ml/boosting/sketch.h"

#include <algorithm>
#include <cmath>

#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::boosting;

namespace {

/// Weight of the values below x, and up to x.
std::pair<double, double> ranks(const std::vector<std::pair<double, double>>& items, double x) {
  double below = 0, upto = 0;
  for (const auto& [value, weight] : items) {
    if (value < x) below += weight;
    if (value <= x) upto += weight;
  }
  return {below, upto};
}

}  // namespace

TEST_CASE("sketch: the rank of every quantile asked for is within the error, whatever order the values come in") {
  for (const int order : {0, 1, 2, 3})
    for (const double error : {0.1, 0.01}) {
      Rng rng(8, static_cast<uint64_t>(order));
      const int n = 30000;
      QuantileSketch sketch(error, n);
      std::vector<std::pair<double, double>> items;
      double W = 0;
      for (int i = 0; i < n; ++i) {
        const double value = order == 0   ? i
                             : order == 1 ? n - i
                             : order == 2 ? rng.normal()
                                          : static_cast<double>(rng.below(50));
        const double weight = rng.uniform() < 0.01 ? 20 : rng.uniform(0.01, 1);
        items.emplace_back(value, weight);
        W += weight;
        sketch.add(value, weight);
      }
      sketch.finish();
      CHECK(sketch.weight() == Approx(W));
      for (int q = 0; q <= 40; ++q) {
        const double d = W * q / 40;
        const auto [below, upto] = ranks(items, sketch.summary()[sketch.query(d)].value);
        INFO("order " << order << ", error " << error << ", q " << q);
        CHECK(below - error * W <= d);
        CHECK(d <= upto + error * W);
      }
    }
}

TEST_CASE(
    "sketch: the bounds it keeps hold: r_lo is at most the weight below, r_hi at least the weight up to a value") {
  Rng rng(9);
  QuantileSketch sketch(0.02, 20000);
  std::vector<std::pair<double, double>> items;
  for (int i = 0; i < 20000; ++i) {
    items.emplace_back(std::floor(rng.normal() * 300), rng.uniform(0.1, 2));
    sketch.add(items.back().first, items.back().second);
  }
  sketch.finish();
  CHECK(sketch.summary().size() < 3000);
  for (const QuantileSketch::Entry& e : sketch.summary()) {
    const auto [below, upto] = ranks(items, e.value);
    CHECK(e.r_lo <= below * (1 + 1e-9) + 1e-9);
    CHECK(e.r_hi >= upto * (1 - 1e-9));
    CHECK(e.w <= upto - below + 1e-9);
  }
}

TEST_CASE("sketch: few values are kept exactly") {
  QuantileSketch sketch(0.1, 100);
  for (const double x : {3.0, 1.0, 2.0, 1.0}) sketch.add(x, 1);
  sketch.finish();
  REQUIRE(sketch.summary().size() == 3);
  CHECK(sketch.summary()[0].r_hi == 2);
  CHECK(sketch.summary()[1].r_lo == 2);
  CHECK(sketch.summary()[2].r_hi == 4);
}
