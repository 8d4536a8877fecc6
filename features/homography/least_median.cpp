// features/homography/least_median.cpp
// Notation   m pairs of a sample, n of all;  e_(h) the h-th smallest error, h = [n/2] + [(m + 1)/2];  s scale of the noise
// Method     1 draw m pairs   2 their model   3 has it h errors below the best e_(h)? then its own e_(h) is the best
//            4 s from e_(h), small samples allowed for   5 inliers: errors within 3.03 s   6 s again from the least
//            squares over these, while it shrinks: e_(h) of many wrong pairs is far out among the right ones
// Departures from the paper: [Rousseeuw1984] treats one-dimensional residuals, s = 1.4826 (1 + 5/(n - m)) e_(h). Ours are lengths
//            in the plane: of normal noise s in both coordinates half are below 1.1774 s and 99 of 100 below 3.0349 s.
//            Step 3 first counts the errors below the best median, which is a quarter of the work of finding a median.

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/features/homography/consensus_internal.h"

namespace assay::detail {

namespace {

constexpr double kHalfWithin = 1.1774100225154747;  // sqrt(2 log 2)
constexpr double kMostWithin = 3.0348542587702925;  // sqrt(2 log 100)
constexpr double kKept = 0.95348;  // mean square of errors within that, relative to 2 s^2: 1 - log(100) / 99
constexpr int kRescale = 5;

struct BestMedian {
  static constexpr const char* kind = "best";
  static constexpr const char* title = "a sample whose model has a smaller median [Rousseeuw1984]";
  static constexpr const char* source = "features/homography/least_median.cpp:least_median";
  int k, t, needed;
  double median;
  std::vector<double> H;
  std::string why;
  static void fields(const BestMedian& s, auto&& field) {
    field("k", s.k, "best number");
    field("t", s.t, "trial: samples drawn so far");
    field("N", s.needed, "of so many: half of the pairs may be wrong");
    field("e_(h)", s.median, "median error, pixels");
    field("H", s.H, "the model, row by row, h33 = 1");
  }
};

}  // namespace

std::optional<Found> least_median(const Pairs& pairs, const PlaneParams& params, const Context& ctx) {
  const int m = sample_size(params.model);
  const size_t n = pairs.size();
  const size_t h = std::min(n, n / 2 + static_cast<size_t>(m + 1) / 2);
  const int needed = trials_needed(params.confidence, 0.5, m, params.max_trials);
  Rng rng = ctx.rng();
  std::optional<Matrix3> best;
  int k = 0;
  float median = std::numeric_limits<float>::infinity();
  std::vector<float> errors(n);
  std::array<int, 4> chosen{};
  std::array<PointPair, 4> sample{};
  for (int t = 0; t < needed; ++t) {
    if (t % 256 == 0) ctx.check_cancelled();
    draw_sample(rng, n, m, chosen.data());
    for (size_t i = 0; i < static_cast<size_t>(m); ++i) sample[i] = pairs[static_cast<size_t>(chosen[i])];
    const std::optional<Matrix3> H = model_of_sample(params.model, {sample.data(), static_cast<size_t>(m)});
    if (!H) continue;
    const std::array<float, 9> H_f = in_float(*H);
    if (best && count_below(pairs.floats(), H_f.data(), median, static_cast<int>(h)) < static_cast<int>(h)) continue;
    squared_errors(pairs.floats(), H_f.data(), errors.data());
    for (float& e : errors)
      if (std::isnan(e)) e = std::numeric_limits<float>::infinity();
    std::nth_element(errors.begin(), errors.begin() + static_cast<ptrdiff_t>(h - 1), errors.end());
    if (best && !(errors[h - 1] < median)) continue;
    median = errors[h - 1];
    best = H;
    ctx.trace.step([&] {
      const Matrix3 shown = pairs.in_pixels(*H);
      return BestMedian{++k,
                        t + 1,
                        needed,
                        std::sqrt(static_cast<double>(median)) / pairs.unit(),
                        {shown.begin(), shown.end()},
                        "half of the pairs lie nearer to where this model sends them than with any before"};
    });
  }
  if (!best) return std::nullopt;

  std::vector<double> squares = pairs.squared_errors(*best);
  std::nth_element(squares.begin(), squares.begin() + static_cast<ptrdiff_t>(h - 1), squares.end());
  const double small = n > static_cast<size_t>(m) ? 1 + 5.0 / static_cast<double>(n - static_cast<size_t>(m)) : 1;
  const double s = small * std::sqrt(squares[h - 1]) / kHalfWithin;
  Found found{*best, 0, {}, 0, true};
  const auto admit = [&](double scale) {  // exact pairs: all that differ by rounding only
    found.limit = std::max(1e-20, kMostWithin * kMostWithin * scale * scale);
    found.inliers = pairs.within(found.H, found.limit);
  };
  admit(s);
  for (int t = 0; t < kRescale; ++t) {
    const std::optional<Matrix3> H = pairs.refit(params.model, found.H, found.inliers, 10);
    const double unknowns = 2 * m, equations = 2 * static_cast<double>(found.inliers.size());
    if (!H || equations <= unknowns) break;
    double sum = 0;
    squares = pairs.squared_errors(*H);
    for (int i : found.inliers) sum += squares[static_cast<size_t>(i)];
    const double scale = std::sqrt(sum / (equations - unknowns) / kKept);
    if (!(kMostWithin * scale < std::sqrt(found.limit))) break;
    found.H = *H;
    admit(scale);
  }
  found.trials = needed;
  found.converged = needed >= trials_needed(params.confidence, 0.5, m, std::numeric_limits<int>::max());
  return found;
}

}  // namespace assay::detail
