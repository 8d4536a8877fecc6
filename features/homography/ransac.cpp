// features/homography/ransac.cpp
// Notation   m pairs of a sample;  t threshold;  C cost sum min(e^2, t^2) of a model;  w share of inliers
// Method     1 draw m pairs   2 their model, if they determine one   3 its cost on all pairs, given up where it reaches the
//            best so far   4 a new best: least squares over its inliers while that lowers the cost   5 trials still needed
//            at its share of inliers [HartleyZisserman2004, alg. 4.5]
// Departures from the paper: [FischlerBolles1981] counts inliers; (1) of estimate.h also asks how near they are
//            [TorrZisserman2000]. Their step 4 is one fit at the end. The local optimisation of [ChumMatasKittler2003] draws
//            samples among the inliers; here it is the plain iteration of their sec. 3 (method 3). A model is given up
//            only where its cost cannot become the lowest any more, so nothing is lost by it.

#include <cmath>

#include "assay/features/homography/consensus_internal.h"

namespace assay::detail {

namespace {

constexpr int kRefits = 10;  // of one new best

struct Best {
  static constexpr const char* kind = "best";
  static constexpr const char* title = "a sample whose model has a lower cost [HartleyZisserman2004, alg. 4.5]";
  static constexpr const char* source = "features/homography/ransac.cpp:ransac";
  int k, t, inliers, needed, refits;
  double cost, before;
  std::vector<double> H;
  std::string why;
  static void fields(const Best& s, auto&& field) {
    field("k", s.k, "best number");
    field("t", s.t, "trial: samples drawn so far");
    field("inliers", s.inliers, "pairs within the threshold, after local optimisation");
    field("C", s.cost, "sum of min(e^2, t^2) over all pairs, 1 a pair at most");
    field("C'", s.before, "the same before local optimisation");
    field("refits", s.refits, "least-squares fits that lowered it");
    field("N", s.needed, "trials needed at this share of inliers");
    field("H", s.H, "the model, row by row, h33 = 1");
  }
};

}  // namespace

std::array<float, 9> in_float(const Matrix3& H) {
  std::array<float, 9> h;
  double largest = 0;
  for (double v : H) largest = std::max(largest, std::abs(v));
  for (size_t i = 0; i < 9; ++i) h[i] = static_cast<float>(H[i] / largest);
  return h;
}

void draw_sample(Rng& rng, size_t n, int count, int* out) {
  for (int i = 0; i < count;) {
    out[i] = static_cast<int>(rng.below(n));
    bool fresh = true;
    for (int j = 0; j < i; ++j) fresh = fresh && out[j] != out[i];
    i += fresh;
  }
}

int trials_needed(double confidence, double share, int m, int limit) {
  const double clean = std::pow(share, m);
  if (clean >= 1) return 1;
  const double trials = std::ceil(std::log(1 - confidence) / std::log1p(-clean));
  return trials < limit ? std::max(1, static_cast<int>(trials)) : limit;
}

std::optional<Found> ransac(const Pairs& pairs, const PlaneParams& params, const Context& ctx) {
  const int m = sample_size(params.model);
  const size_t n = pairs.size();
  const double limit = params.threshold * params.threshold * pairs.unit() * pairs.unit();
  const auto limit_f = static_cast<float>(limit);
  Rng rng = ctx.rng();
  std::optional<Found> found;
  float lowest = static_cast<float>(n) * limit_f * 1.0001F;  // any model is better than none
  int needed = params.max_trials, t = 0, k = 0;
  std::array<int, 4> chosen{};
  std::array<PointPair, 4> sample{};
  for (; t < needed; ++t) {
    if (t % 256 == 0) ctx.check_cancelled();
    draw_sample(rng, n, m, chosen.data());
    for (size_t i = 0; i < static_cast<size_t>(m); ++i) sample[i] = pairs[static_cast<size_t>(chosen[i])];
    std::optional<Matrix3> H = model_of_sample(params.model, {sample.data(), static_cast<size_t>(m)});
    if (!H) continue;
    const Score score = truncated_cost(pairs.floats(), in_float(*H).data(), limit_f, lowest);
    if (!score.whole || score.cost >= lowest) continue;

    // 4 local optimisation
    const float before = score.cost;
    lowest = score.cost;
    int refits = 0, inliers = score.inliers;
    for (; refits < kRefits; ++refits) {
      const std::optional<Matrix3> refitted = pairs.refit(params.model, *H, pairs.within(*H, limit), 2);
      if (!refitted) break;
      const Score again = truncated_cost(pairs.floats(), in_float(*refitted).data(), limit_f, lowest);
      if (!again.whole || again.cost >= lowest) break;
      lowest = again.cost, inliers = again.inliers, H = refitted;
    }
    found = Found{*H, limit, {}, 0, true};
    needed = std::max(t + 1, trials_needed(params.confidence, static_cast<double>(inliers) / static_cast<double>(n), m,
                                           params.max_trials));
    ctx.trace.step([&] {
      const Matrix3 shown = pairs.in_pixels(*H);
      return Best{++k,
                  t + 1,
                  inliers,
                  needed,
                  refits,
                  static_cast<double>(lowest) / limit,
                  static_cast<double>(before) / limit,
                  {shown.begin(), shown.end()},
                  "more pairs agree, or they agree more closely, than with any model before"};
    });
  }
  if (!found) return std::nullopt;
  found->inliers = pairs.within(found->H, limit);
  found->trials = t;
  const double share = static_cast<double>(found->inliers.size()) / static_cast<double>(n);
  found->converged = t >= trials_needed(params.confidence, share, m, std::numeric_limits<int>::max());
  return found;
}

}  // namespace assay::detail
