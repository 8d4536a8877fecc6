// ml/selection/cross_validate.cpp
// Method     for each fold: 1 gather its training rows  2 fit pipeline and learner on them  3 predict its test rows
//            4 score them  5 keep what was said as out-of-fold prediction (first repeat);  at last: means, sd, warnings
#include "assay/ml/selection/cross_validate.h"

#include <cmath>

#include "assay/core/stopwatch.h"
#include "assay/core/text.h"

namespace assay {
namespace {

void require_task(const Candidate& candidate, Task task) {
  const Traits& traits = candidate.learner->traits();
  if (task == Task::classification ? traits.classification : traits.regression) return;
  throw UsageError("learner '" + std::string(candidate.learner->name()) + "' does not do " + task_name(task));
}

void put_rows(const Vector& part, const std::vector<int>& rows, Index n, Vector& whole) {
  if (whole.size() == 0) whole = Vector::Zero(n);
  for (size_t i = 0; i < rows.size(); ++i) whole[rows[i]] = part[static_cast<Index>(i)];
}

void put_rows(const Matrix& part, const std::vector<int>& rows, Index n, Matrix& whole) {
  if (part.cols() == 0) return;
  if (whole.cols() == 0) whole = Matrix::Zero(n, part.cols());
  for (size_t i = 0; i < rows.size(); ++i) whole.row(rows[i]) = part.row(static_cast<Index>(i));
}

void keep_out_of_fold(const Predictions& said, const Fold& fold, int number, Index n, CvResult& result) {
  put_rows(said.value, fold.test, n, result.out_of_fold.value);
  put_rows(said.proba, fold.test, n, result.out_of_fold.proba);
  put_rows(said.decision, fold.test, n, result.out_of_fold.decision);
  for (const int i : fold.test) result.fold_of[static_cast<size_t>(i)] = number;
}

/// The ranking metric of a fold; DataError where it has no value there.
double ranking_score(const Scores& scores, const std::string& metric, size_t fold) {
  if (const std::optional<double> value = scores.find(metric)) return *value;
  std::string why;
  for (const auto& item : scores.undefined)
    if (item.first == metric) why = item.second;
  throw DataError("metric '" + metric + "' has no value on fold " + std::to_string(fold + 1) + ": " + why,
                  "choose fewer --folds or another --metric");
}

/// Mean over the folds of each metric that every fold has.
std::vector<std::pair<std::string, double>> means_of(const std::vector<Scores>& folds) {
  std::vector<std::pair<std::string, double>> means;
  for (const auto& item : folds.front().values) {
    double total = 0;
    bool everywhere = true;
    for (const Scores& s : folds) {
      const std::optional<double> value = s.find(item.first);
      everywhere = everywhere && value.has_value();
      total += value.value_or(0);
    }
    if (everywhere) means.emplace_back(item.first, total / static_cast<double>(folds.size()));
  }
  return means;
}

void summarize_folds(CvResult& result) {
  const double J = static_cast<double>(result.folds.size());
  double total = 0, squares = 0;
  for (const double s : result.folds) total += s;
  result.mean = total / J;
  for (const double s : result.folds) squares += (s - result.mean) * (s - result.mean);
  result.sd = J > 1 ? std::sqrt(squares / (J - 1)) : 0;
  CvTimes& run = result.run;
  for (double* seconds : {&run.fit_s, &run.fit_cpu_s, &run.predict_s, &run.predict_cpu_s}) *seconds /= J;
}

CvResult blank_result(const Candidate& candidate, const Metric& metric, Index n) {
  CvResult result;
  result.label = candidate.label;
  result.algorithm = candidate.learner->name();
  for (const Param& p : candidate.params->list()) result.params.emplace_back(p.name, p.get());
  result.metric = metric.name;
  result.fold_of.assign(static_cast<size_t>(n), 0);
  return result;
}

/// How many fits stopped early, and what the last of them advised.
struct Convergence {
  int fits = 0, stopped_early = 0;
  std::string note;
  void count(const FitReport& report) {
    ++fits;
    if (report.converged) return;
    ++stopped_early;
    note = report.note;
  }
};

void warn_unconverged(const Convergence& convergence, CvResult& result) {
  result.converged = convergence.stopped_early == 0;
  if (!result.converged)
    result.warnings.push_back("did not converge in " + std::to_string(convergence.stopped_early) + " of " +
                              std::to_string(convergence.fits) + " fits" +
                              (convergence.note.empty() ? "" : ": " + convergence.note));
}

void add_probabilities(const Model& model, const Samples& raw, const Context& ctx, Predictions& said) {
  if (model.model->has_proba()) said.proba = model.predict_proba(raw, ctx);
  if (model.model->has_decision()) said.decision = model.decision_function(raw, ctx);
}

Model fit_training_rows(const Candidate& candidate, const Samples& samples, const Target& target, const Fold& fold,
                        const CvOptions& options, const Context& ctx, CvTimes& run) {
  const Samples train = gather(samples, fold.train);
  const Target truth = gather(target, fold.train);
  const Stopwatch clock;
  Model model = fit_model(*candidate.learner, *candidate.params, train, truth, options.pipeline, ctx);
  run.fit_s += clock.wall_s();
  run.fit_cpu_s += clock.cpu_s();
  return model;
}

/// Only `predict` is timed; a prediction is no step of the fit and reports no progress.
Predictions predict_test_rows(const Model& model, const Samples& test, const Context& ctx, CvTimes& run) {
  Context quiet = ctx;
  quiet.progress = Progress();
  Predictions said;
  const Stopwatch clock;
  said.value = model.predict(test, quiet);
  run.predict_s += clock.wall_s();
  run.predict_cpu_s += clock.cpu_s();
  add_probabilities(model, test, quiet, said);
  return said;
}

}  // namespace

Predictions predict_everything(const Model& model, const Samples& raw, const Context& ctx) {
  Predictions said;
  said.value = model.predict(raw, ctx);
  add_probabilities(model, raw, ctx, said);
  return said;
}

Candidate make_candidate(const Learner& learner, const Settings& settings) {
  std::shared_ptr<AnyParams> params = learner.params();
  for (const auto& setting : settings) params->set(setting.first, setting.second, learner.name());
  params->check();
  const std::unique_ptr<AnyParams> defaults = learner.params();
  std::string label(learner.name());
  for (size_t i = 0; i < params->list().size(); ++i) {
    const std::string text = params->list()[i].get();
    if (text == defaults->list()[i].get()) continue;
    const bool nested = params->list()[i].type == ParamType::learner && text.find(':') != std::string::npos;
    label += ":" + params->list()[i].name + "=" + (nested ? "(" + text + ")" : text);
  }
  return {&learner, std::move(params), std::move(label)};
}

Candidate make_candidate(const InlineSpec& spec) { return make_candidate(find_learner(spec.name), spec.settings); }

CvResult cross_validate(const Candidate& candidate, const Samples& samples, const Target& target,
                        const std::vector<Fold>& folds, const CvOptions& options, const Context& ctx) {
  require_task(candidate, target.task());
  const Metric& metric =
      options.metric.empty() ? default_metric(target.task()) : find_metric(options.metric, target.task());
  const int positive_class = target.task() == Task::classification ? positive_code(target, options.positive) : -1;
  CvResult result = blank_result(candidate, metric, samples.n());
  std::vector<Scores> scores;
  Convergence convergence;

  for (size_t f = 0; f < folds.size(); ++f) {
    ctx.check_cancelled();
    ctx.progress.report(static_cast<double>(f), static_cast<double>(folds.size()),
                        candidate.label + ", fold " + std::to_string(f + 1) + " of " + std::to_string(folds.size()));
    const Context here = ctx.child("fold", f, folds.size());
    const Model model = fit_training_rows(candidate, samples, target, folds[f], options, here, result.run);
    convergence.count(model.model->report());

    const Samples test = gather(samples, folds[f].test);
    const Target truth = gather(target, folds[f].test);
    const Predictions said = predict_test_rows(model, test, here, result.run);
    scores.push_back(score({truth, said, test.weight, positive_class}));
    result.folds.push_back(ranking_score(scores.back(), metric.name, f));
    if (folds[f].repeat == 0) keep_out_of_fold(said, folds[f], static_cast<int>(f), samples.n(), result);
  }
  ctx.progress.report(1, 1, candidate.label);

  summarize_folds(result);
  result.means = means_of(scores);
  result.pipeline = Pipeline::fit(samples, candidate.learner->traits(), options.pipeline, ctx.threads).description();
  warn_unconverged(convergence, result);
  return result;
}

CvResult cross_validate(const Candidate& candidate, const Samples& samples, const Target& target,
                        const CvOptions& options, const Context& ctx) {
  std::vector<std::string> warnings;
  const std::vector<Fold> folds = make_folds(samples, target, options.folds, options.repeats, ctx, &warnings);
  CvResult result = cross_validate(candidate, samples, target, folds, options, ctx);
  result.warnings.insert(result.warnings.begin(), warnings.begin(), warnings.end());
  return result;
}

}  // namespace assay
