// ml/selection/compare.cpp
// Method     1 choose the learners  2 cut the folds, once  3 cross-validate each learner on them  4 rank  5 test the
//            best against each other one  6 say what follows
// Departures from the papers: [Nadeau2003] draws training sets at random; here they are those of (repeated) k-fold
//            cross-validation, with n_test/n_train of all folds together, as is usual. Holm's family is the tests that
//            are shown (the best against the others), although which learner is best was seen in the same data: read
//            p_holm near the level with that in mind.
#include "assay/ml/selection/compare.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <numeric>

#include "assay/core/text.h"
#include "assay/ml/metrics/student_t.h"

namespace assay {
namespace {

constexpr double kDenseBytes = 8e9;  ///< the pipeline makes no sparse table dense above this

// ---- 1 choose the learners

bool has_negative(const Samples& samples) {
  return std::visit(
      [](const auto& x) {
        const double *begin, *end;
        if constexpr (requires { x.value; })
          begin = x.value.data(), end = begin + x.value.size();
        else
          begin = x.data(), end = begin + x.size();
        return std::any_of(begin, end, [](double v) { return v < 0; });
      },
      samples.X);
}

int classes_present(const Target& target) {
  std::vector<char> present(target.classes.size());
  for (const int k : target.code) present[static_cast<size_t>(k)] = 1;
  return static_cast<int>(std::count(present.begin(), present.end(), 1));
}

/// Why a learner of the task is not among the default ones; empty: it is.
std::string reason_to_leave_out(const Learner& learner, const Samples& samples, const Target& target,
                                Index quadratic_rows, bool weighted) {
  const Traits& traits = learner.traits();
  const std::string force = "; --algos " + std::string(learner.name()) + " runs it all the same";
  const Index n = samples.n();
  if (!traits.baseline) return "not compared by default" + force;
  if (traits.quadratic && n > quadratic_rows)
    return "its cost grows with the square of the rows, and " + std::to_string(n) + " are more than " +
           std::to_string(quadratic_rows) + force;
  if (target.task() == Task::classification && classes_present(target) < traits.min_classes)
    return "needs at least " + std::to_string(traits.min_classes) + " classes";
  if (weighted && traits.weights == Weights::none) return "takes no weights";
  if (traits.non_negative && has_negative(samples)) return "needs values that are not negative";
  const double bytes = 8.0 * static_cast<double>(n) * static_cast<double>(samples.d());
  if (std::holds_alternative<Csr>(samples.X) && !traits.accepts_sparse && bytes > kDenseBytes)
    return "needs a dense table, here of " + std::to_string(std::llround(bytes / 1e9)) + " GB";
  return "";
}

bool is_dummy(const CvResult& result) { return result.algorithm == "dummy"; }

/// The named candidates, each once, with the dummy among them.
std::vector<Candidate> named_candidates(const std::vector<Candidate>& named, std::vector<std::string>& warnings) {
  std::vector<Candidate> candidates;
  bool dummy = false;
  for (const Candidate& c : named) {
    const bool again =
        std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& d) { return d.label == c.label; });
    if (again)
      warnings.push_back("'" + c.label + "' was named twice and is compared once");
    else
      candidates.push_back(c);
    dummy = dummy || c.learner->name() == "dummy";
  }
  if (!dummy) candidates.insert(candidates.begin(), make_candidate(find_learner("dummy")));
  return candidates;
}

/// A learner that was asked for by name and cannot do the task is a mistake of the command, not a learner left out.
void require_task(const std::vector<Candidate>& candidates, Task task) {
  for (const Candidate& c : candidates) {
    const Traits& traits = c.learner->traits();
    if (task == Task::classification ? traits.classification : traits.regression) continue;
    throw UsageError("learner '" + std::string(c.learner->name()) + "' does not do " + task_name(task) +
                         ", which this target asks for",
                     "--task says which task it is");
  }
}

// ---- 3 cross-validate each learner

/// A learner's place in progress and trace; its random numbers are those of a cross-validation of it alone.
Context context_of(const Context& ctx, const std::string& label, size_t index, size_t count) {
  Context here = ctx;
  here.progress = ctx.progress.part(static_cast<double>(index), static_cast<double>(count));
  here.trace = ctx.trace.child(label);
  return here;
}

std::vector<CvResult> cross_validate_all(const std::vector<Candidate>& candidates, const Samples& samples,
                                         const Target& target, const std::vector<Fold>& folds, const CvOptions& options,
                                         const Context& ctx, std::vector<LeftOut>& left_out) {
  std::vector<CvResult> results;
  std::exception_ptr first_failure;
  for (size_t c = 0; c < candidates.size(); ++c) {
    ctx.check_cancelled();
    const Candidate& candidate = candidates[c];
    if (!results.empty() && ctx.out_of_time()) {
      left_out.push_back({candidate.label, "the time budget was used up"});
      continue;
    }
    try {
      const Context here = context_of(ctx, candidate.label, c, candidates.size());
      results.push_back(cross_validate(candidate, samples, target, folds, options, here));
    } catch (const DataError& error) {
      if (!first_failure) first_failure = std::current_exception();
      left_out.push_back({candidate.label, error.message()});
    }
  }
  if (results.empty()) std::rethrow_exception(first_failure);
  return results;
}

// ---- 5 test the best against each other one

double test_to_train(const std::vector<Fold>& folds) {
  double test = 0, train = 0;
  for (const Fold& f : folds) {
    test += static_cast<double>(f.test.size());
    train += static_cast<double>(f.train.size());
  }
  return test / train;
}

std::vector<PairTest> test_the_best(const std::vector<CvResult>& leaderboard, double ratio, double level) {
  std::vector<PairTest> tests;
  std::vector<double> p;
  const size_t family = leaderboard.size() - 1;
  const CvResult& best = leaderboard.front();
  for (size_t r = 1; r < leaderboard.size(); ++r) {
    std::vector<double> d(best.folds.size());
    for (size_t j = 0; j < d.size(); ++j) d[j] = best.folds[j] - leaderboard[r].folds[j];
    // Holm's first step multiplies by the size of the family: what passes that passes for certain.
    const CorrectedT t = corrected_t_test(d, ratio, level / static_cast<double>(family));
    PairTest test;
    test.a = best.label;
    test.b = leaderboard[r].label;
    test.difference = t.mean;
    test.standard_error = t.standard_error;
    test.p = t.p;
    test.detectable = t.detectable;
    tests.push_back(test);
    p.push_back(t.p);
  }
  const std::vector<double> adjusted = holm(p);
  for (size_t i = 0; i < tests.size(); ++i) {
    tests[i].p_holm = adjusted[i];
    tests[i].distinguishable = adjusted[i] <= level;
  }
  return tests;
}

std::optional<double> median_detectable(const std::vector<PairTest>& tests, const std::vector<CvResult>& leaderboard) {
  std::vector<double> values;
  for (size_t i = 0; i < tests.size(); ++i)
    if (!is_dummy(leaderboard[i + 1]) && !is_dummy(leaderboard[0])) values.push_back(tests[i].detectable);
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const size_t m = values.size();
  return m % 2 ? values[m / 2] : (values[m / 2 - 1] + values[m / 2]) / 2;
}

// ---- 6 say what follows

std::string simplest_of(const std::vector<std::string>& top, const std::vector<Candidate>& candidates) {
  const std::span<const Learner> catalogue = learners();
  const Candidate* simplest = nullptr;
  auto simpler = [&](const Candidate& a, const Candidate& b) {
    const bool qa = a.learner->traits().quadratic, qb = b.learner->traits().quadratic;
    if (qa != qb) return qb;
    auto place = [&](const Candidate& c) {
      return std::find_if(catalogue.begin(), catalogue.end(),
                          [&](const Learner& l) { return l.info == c.learner->info; });
    };
    return place(a) < place(b);
  };
  for (const Candidate& c : candidates) {
    if (std::find(top.begin(), top.end(), c.label) == top.end()) continue;
    if (!simplest || simpler(c, *simplest)) simplest = &c;
  }
  return simplest ? simplest->label : "";
}

std::string fastest_of(const std::vector<std::string>& top, const std::vector<CvResult>& leaderboard) {
  const CvResult* fastest = nullptr;
  for (const CvResult& r : leaderboard)
    if (std::find(top.begin(), top.end(), r.label) != top.end() && (!fastest || r.run.fit_s < fastest->run.fit_s))
      fastest = &r;
  return fastest ? fastest->label : "";
}

/// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& names) {
  if (names.size() == 1) return names[0];
  return join({names.begin(), names.end() - 1}, ", ") + " and " + names.back();
}

std::string ranking_sentence(const Comparison& c) {
  const CvResult& best = c.leaderboard.front();
  const std::string score = c.metric + " " + significant(best.mean, 3);
  if (c.leaderboard.size() == 1) return best.label + " was the only learner compared (" + score + ").";
  if (is_dummy(best)) return "No learner does better than the dummy (" + score + ").";
  for (const CvResult& r : c.leaderboard)
    if (is_dummy(r) && std::find(c.top.begin(), c.top.end(), r.label) != c.top.end())
      return "No learner can be told apart from the dummy in " + c.metric + "; " + best.label +
             " is nominally ahead (" + score + ").";
  if (c.top.size() == 1) return best.label + " is ahead of every other learner (" + score + ").";
  return listed(c.top) + " cannot be told apart in " + c.metric + "; " + c.simplest + " is the simplest of them.";
}

std::vector<std::string> verdict_of(const Comparison& c) {
  std::vector<std::string> sentences{ranking_sentence(c)};
  if (c.detectable_difference && *c.detectable_difference > 0)
    sentences.push_back("A difference in " + c.metric + " below " + significant(*c.detectable_difference, 2) +
                        " could not have been told from chance with " + c.fold_note + ".");
  return sentences;
}

}  // namespace

CorrectedT corrected_t_test(const std::vector<double>& differences, double ratio, double level) {
  const double J = static_cast<double>(differences.size());
  CorrectedT test;
  for (const double d : differences) test.mean += d / J;
  double variance = 0;
  for (const double d : differences) variance += (d - test.mean) * (d - test.mean) / (J - 1);
  test.standard_error = std::sqrt(variance * (1 / J + ratio));
  if (test.standard_error == 0) {
    test.p = test.mean == 0 ? 1 : 0;
    return test;
  }
  test.p = student_t_two_sided(test.mean / test.standard_error, J - 1);
  test.detectable = student_t_quantile(1 - level / 2, J - 1) * test.standard_error;
  return test;
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double running = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    running = std::max(running, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
    adjusted[order[i]] = running;
  }
  return adjusted;
}

std::vector<Candidate> default_candidates(const Samples& samples, const Target& target, Index quadratic_rows,
                                          std::vector<LeftOut>* left_out, bool class_weights) {
  const bool weighted = samples.weight.size() || class_weights;
  std::vector<Candidate> candidates{make_candidate(find_learner("dummy"))};
  for (const Learner& learner : learners()) {
    const bool of_task =
        target.task() == Task::classification ? learner.traits().classification : learner.traits().regression;
    if (!of_task || learner.name() == "dummy") continue;
    const std::string reason = reason_to_leave_out(learner, samples, target, quadratic_rows, weighted);
    if (reason.empty())
      candidates.push_back(make_candidate(learner));
    else if (left_out)
      left_out->push_back({std::string(learner.name()), reason});
  }
  return candidates;
}

Comparison compare(const Samples& samples, const Target& target, const CompareOptions& options, const Context& ctx) {
  Comparison c;
  c.task = target.task();
  const Metric& metric = options.cv.metric.empty() ? default_metric(c.task) : find_metric(options.cv.metric, c.task);
  c.metric = metric.name;
  c.higher_is_better = metric.higher_is_better;
  c.rows = samples.n();
  c.folds = options.cv.folds;
  c.repeats = options.cv.repeats;
  c.level = options.level;
  if (c.task == Task::classification && target.K() == 2)
    c.positive = target.classes[static_cast<size_t>(positive_code(target, options.cv.positive))];

  const std::vector<Candidate> candidates =
      options.candidates.empty() ? default_candidates(samples, target, options.quadratic_rows, &c.left_out,
                                                      options.cv.pipeline.class_weights.any())
                                 : named_candidates(options.candidates, c.warnings);
  require_task(candidates, c.task);
  const std::vector<Fold> folds = make_folds(samples, target, c.folds, c.repeats, ctx, &c.warnings);
  c.fold_note = fold_note(samples, target, c.folds, c.repeats);
  c.leaderboard = cross_validate_all(candidates, samples, target, folds, options.cv, ctx, c.left_out);
  std::stable_sort(c.leaderboard.begin(), c.leaderboard.end(), [&](const CvResult& a, const CvResult& b) {
    return c.higher_is_better ? a.mean > b.mean : a.mean < b.mean;
  });

  c.tests = test_the_best(c.leaderboard, test_to_train(folds), c.level);
  c.detectable_difference = median_detectable(c.tests, c.leaderboard);
  c.top.push_back(c.leaderboard.front().label);
  for (const PairTest& test : c.tests)
    if (!test.distinguishable) c.top.push_back(test.b);
  c.simplest = simplest_of(c.top, candidates);
  c.fastest = fastest_of(c.top, c.leaderboard);
  c.verdict = verdict_of(c);
  for (const CvResult& r : c.leaderboard)
    for (const std::string& w : r.warnings) c.warnings.push_back(r.label + ": " + w);
  return c;
}

}  // namespace assay
