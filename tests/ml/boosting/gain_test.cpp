#include "assay/ml/boosting/gain.h"

#include "assay/core/rng.h"
#include "assay/ml/boosting/gain_kernels.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::boosting;

namespace {

/// The loss of a leaf that answers w.
double loss(const Sums& s, const Regularization& r, double w) {
  return s.G * w + 0.5 * (s.H + r.lambda) * w * w + r.alpha * std::abs(w);
}

}  // namespace

TEST_CASE("boosting: the leaf's answer is where the second-order loss is least, and the score is how far it fell") {
  Rng rng(3);
  for (int trial = 0; trial < 200; ++trial) {
    const Sums s{rng.normal() * 5, rng.uniform(0.1, 6)};
    const Regularization r{rng.uniform(0, 2), trial % 2 ? rng.uniform(0, 4) : 0.0, 0, 0};
    const double w = leaf_weight(s, r), least = loss(s, r, w);
    CHECK(least <= loss(s, r, w + 1e-4));
    CHECK(least <= loss(s, r, w - 1e-4));
    CHECK(least == Approx(-score(s, r)).margin(1e-12));
  }
}

TEST_CASE("boosting: the gain of a worked example, equation (7) by hand") {
  // G_L = -4, H_L = 3, G_R = 2, H_R = 1, lambda = 1: 1/2 (16/4 + 4/2 - 4/5) = 2.6
  CHECK(gain({-4, 3}, {2, 1}, {}) == Approx(2.6));
  CHECK(leaf_weight({-4, 3}, {}) == Approx(1));
  // alpha = 1: T(G) = -3, 1, -1: 1/2 (9/4 + 1/2 - 1/5) = 1.275
  CHECK(gain({-4, 3}, {2, 1}, {1, 1, 0, 1}) == Approx(1.275));
}

TEST_CASE("boosting: without a penalty a gain is never negative, and nothing over nothing is no gain") {
  Rng rng(4);
  for (int trial = 0; trial < 500; ++trial)
    CHECK(gain({rng.normal(), rng.uniform()}, {rng.normal(), rng.uniform()}, {0, 0, 0, 0}) >= -1e-12);
  CHECK(leaf_weight({1, 0}, {0, 0, 0, 0}) == 0);
  CHECK(score({1, 0}, {0, 0, 0, 0}) == 0);
}

TEST_CASE("boosting: the keys of a block are the scores of both sides as float32, and -1 where a side is too light") {
  Rng rng(5);
  for (const double alpha : {0.0, 0.7}) {
    const Regularization r{0.5, alpha, 0, 2};
    const Sums total{3, 40}, extra{0.25, 1};
    std::vector<double> G, H;
    for (int i = 0; i < 37; ++i) {
      G.push_back(rng.normal() * 3);
      H.push_back(rng.uniform(0, 40));
    }
    std::vector<float> key(G.size());
    candidate_keys(static_cast<int>(G.size()), G.data(), H.data(), extra, total, r, key.data());
    for (size_t i = 0; i < G.size(); ++i) {
      const Sums left = Sums{G[i], H[i]} + extra, right = total - left;
      const bool heavy = left.H >= 2 && right.H >= 2;
      CHECK(static_cast<double>(key[i]) == Approx(heavy ? score(left, r) + score(right, r) : -1).epsilon(1e-6));
    }
  }
}
