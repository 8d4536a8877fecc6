// ml/selection/compare.h: all learners on the same folds, ranked, and which of them cannot be told apart.
//
// Test    The differences d_j between the best and another learner over the J = folds * repeats test folds are not
//         independent, since training sets overlap. The corrected resampled t test of [Nadeau2003]
//
//           t = mean(d) / sqrt(var(d) (1/J + n_test/n_train)),   J - 1 degrees of freedom
//
//         widens the variance by the ratio of test to training rows. The p values of the best against each other
//         learner are adjusted by Holm [Holm1979]. A pair with p_holm > 0.05 "cannot be told apart", which is not
//         "equal": the smallest difference that would have been told apart is part of the answer.
// Who     By default every learner of the task whose traits say `baseline` and fit the data; those whose cost grows
//         with n^2 only up to 20 000 rows. Who is left out is named, with the reason. The dummy is always there: a line
//         to beat.
// Same    Two runs with the same seed give the same Comparison for any thread count, but for the times in
//         `leaderboard[i].run` and `fastest`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "assay/ml/selection/cross_validate.h"

namespace assay {

struct CompareOptions {
  CvOptions cv;
  std::vector<Candidate> candidates;  ///< empty: the default ones; the dummy is added where it is not among them
  double level = 0.05;                ///< of the tests
  Index quadratic_rows = 20'000;      ///< above, quadratic learners must be named to run
};

struct LeftOut {
  std::string algorithm, reason;
};

/// The best (a) against another one (b).
struct PairTest {
  std::string a, b;       ///< labels
  double difference = 0;  ///< mean over the folds of (score of a - score of b), in the metric's own direction
  double standard_error = 0;
  double p = 1, p_holm = 1;
  double detectable = 0;  ///< the least |difference| that, with this spread, has p_holm <= level for certain
  bool distinguishable = false;
};

struct Comparison {
  Task task = Task::classification;
  std::string metric;
  bool higher_is_better = true;
  Index rows = 0;
  int folds = 0, repeats = 0;
  std::string fold_note;  ///< "5 folds, stratified by class"
  double level = 0.05;
  std::string positive;               ///< the positive class of two; else empty
  std::vector<CvResult> leaderboard;  ///< best first; equal means in the order of the candidates
  std::vector<LeftOut> left_out;
  std::vector<PairTest> tests;  ///< the first of the leaderboard against each other one, in leaderboard order
  /// Median of `detectable` over the tests against others than the dummy; nullopt: no such test.
  std::optional<double> detectable_difference;
  /// The first of the leaderboard and all that cannot be told apart from it, in leaderboard order.
  std::vector<std::string> top;
  /// The simplest of `top`: no quadratic cost where one without is there, then the order of the catalogue, which lists
  /// the simple before the elaborate; then the order of the candidates. Does not depend on measured times.
  std::string simplest;
  std::string fastest;               ///< the one of `top` with the shortest measured fit: differs between runs
  std::vector<std::string> verdict;  ///< sentences
  std::vector<std::string> warnings;
};

Comparison compare(const Samples& samples, const Target& target, const CompareOptions& options, const Context& ctx);

/// The learners of the task that fit the data, in catalogue order, and those left out with the reason. The dummy is
/// first.
std::vector<Candidate> default_candidates(const Samples& samples, const Target& target, Index quadratic_rows,
                                          std::vector<LeftOut>* left_out, bool class_weights = false);

// ---- the test, by itself
// ----------------------------------------------------------------------------------------------

struct CorrectedT {
  double mean = 0, standard_error = 0;
  double p = 1;           ///< two-sided; with no spread at all: 1 where the mean is 0, else 0
  double detectable = 0;  ///< the least |mean| with p <= level
};
/// [Nadeau2003]. Requires at least two differences; `ratio` = n_test / n_train.
CorrectedT corrected_t_test(const std::vector<double>& differences, double ratio, double level = 0.05);

/// Holm's adjusted p values, in the order given: sorted ascending, the i-th (from 1) of m times m - i + 1, running
/// maximum, at most 1.
std::vector<double> holm(const std::vector<double>& p);

}  // namespace assay
