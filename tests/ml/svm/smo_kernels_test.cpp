// ml/svm/smo_kernels.h against the definitions, over lengths below, at and above a chunk, with positions that do not count.
#include "assay/ml/svm/smo_kernels.h"

#include <cmath>
#include <limits>

#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::svm;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Positions {
  std::vector<double> F, up, low, diagonal;
  std::vector<float> Ki, Kj;
  Index n() const { return static_cast<Index>(F.size()); }
};

// Few distinct numbers, so that there are ties; a third of the positions may not go up, a third not down.
Positions draw(Index n, uint64_t seed) {
  Rng rng(seed, 7);
  Positions p;
  for (Index t = 0; t < n; ++t) {
    p.F.push_back(static_cast<double>(rng.below(9)) - 4);
    p.up.push_back(rng.below(3) ? static_cast<double>(rng.below(5)) : -kInfinity);
    p.low.push_back(rng.below(3) ? static_cast<double>(rng.below(5)) : kInfinity);
    p.diagonal.push_back(1 + static_cast<double>(rng.below(3)));
    p.Ki.push_back(static_cast<float>(rng.below(4)) / 4);
    p.Kj.push_back(static_cast<float>(rng.below(4)) / 4);
  }
  return p;
}

void check_extremes(const Extremes& e, const Positions& p, const std::vector<double>& F) {
  Chosen up{-kInfinity, -1};
  double low = kInfinity;
  for (Index t = 0; t < p.n(); ++t) {
    const auto at = static_cast<size_t>(t);
    if (p.up[at] > -kInfinity && p.up[at] - F[at] >= up.value) up = {p.up[at] - F[at], t};
    low = std::min(low, p.low[at] - F[at]);
  }
  CHECK(e.up.at == up.at);
  CHECK(e.low == low);
  if (up.at >= 0) CHECK(e.up.value == up.value);
}

}  // namespace

TEST_CASE("smo kernels: rows are added and the extremes found as defined, the last of equal ones") {
  for (const Index n : {8, 120, 128, 136, 1000})
    for (uint64_t seed = 0; seed < 5; ++seed) {
      const Positions p = draw(n, seed);
      check_extremes(find_extremes(p.F.data(), p.up.data(), p.low.data(), n), p, p.F);
      const double di = 0.5, dj = -0.25;  // every sum below is exact
      std::vector<double> sums(p.F), alone(p.F), together(p.F);
      for (size_t t = 0; t < sums.size(); ++t)
        sums[t] += di * static_cast<double>(p.Ki[t]) + dj * static_cast<double>(p.Kj[t]);
      add_rows(alone.data(), p.Ki.data(), di, p.Kj.data(), dj, n);
      CHECK(alone == sums);
      check_extremes(add_rows_and_find(together.data(), p.up.data(), p.low.data(), p.Ki.data(), di, p.Kj.data(), dj, n),
                     p, sums);
      CHECK(together == sums);
    }
}

TEST_CASE("smo kernels: the largest gain is the definition's, also where the curvature is below tau") {
  for (const Index n : {8, 128, 264})
    for (uint64_t seed = 0; seed < 5; ++seed)
      for (const double tau : {1e-12, 2.0}) {
        const Positions p = draw(n, seed + 50);
        const double top = 3, Kii = 1;
        Chosen best;
        for (Index t = 0; t < n; ++t) {
          const auto at = static_cast<size_t>(t);
          const double v = p.low[at] - p.F[at];
          if (!(v < top)) continue;
          const double a = Kii + p.diagonal[at] - 2 * static_cast<double>(p.Ki[at]);
          const double gain = (top - v) * (top - v) / std::max(a, tau);
          if (gain >= best.value) best = {gain, t};
        }
        const Chosen found = largest_gain(p.F.data(), p.low.data(), p.Ki.data(), p.diagonal.data(), top, Kii, tau, n);
        CHECK(found.at == best.at);
        CHECK(found.value == Approx(best.value).epsilon(1e-15));
      }
}

TEST_CASE("smo kernels: where nothing may move, nothing is chosen") {
  Positions p = draw(16, 1);
  std::fill(p.up.begin(), p.up.end(), -kInfinity);
  std::fill(p.low.begin(), p.low.end(), kInfinity);
  const Extremes e = find_extremes(p.F.data(), p.up.data(), p.low.data(), 16);
  CHECK(e.up.at == -1);
  CHECK(e.low == kInfinity);
  CHECK(largest_gain(p.F.data(), p.low.data(), p.Ki.data(), p.diagonal.data(), 3, 1, 1e-12, 16).at == -1);
}
