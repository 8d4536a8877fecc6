// assay cv ALGO DATA: cross-validation of one learner.
#include "cli/comparing.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace assay::cli {

std::vector<Option> cv_options(std::vector<Option> more) {
  more.push_back({.name = "folds", .value = "N", .text = "parts the rows are dealt into", .standard = "5"});
  more.push_back({.name = "repeat",
                  .value = "N",
                  .text = "repetitions with other folds",
                  .standard = "1",
                  .aliases = {"repeats"}});
  more.push_back({.name = "group", .value = "COLUMN", .text = "rows of one group stay in one fold"});
  more.push_back({.name = "metric", .value = "NAME", .text = "ranks: accuracy or rmse unless said"});
  return learning_options(std::move(more));
}

CvOptions read_cv_options(const Invocation& call, const Target& target) {
  CvOptions cv;
  cv.folds = call.options.integer("folds", at_least(2));
  cv.repeats = call.options.integer("repeat", at_least(1));
  cv.metric = call.options.given("metric") ? find_metric(call.options.text("metric"), target.task()).name
                                           : default_metric(target.task()).name;
  cv.positive = positive_class(call.options, target);
  cv.pipeline = read_pipeline_options(call.options, target);
  return cv;
}

Json leaderboard_row(const CvResult& r) {
  std::unique_ptr<AnyParams> typed = find_learner(r.algorithm).params();
  for (const auto& [name, value] : r.params) typed->set(name, value, r.algorithm);
  Json means = Json::object();
  for (const auto& [name, value] : r.means) means[name] = value;
  return {{"algorithm", r.algorithm},
          {"label", r.label},
          {"params", params_json(*typed)},
          {"metric", {{"name", r.metric}, {"mean", r.mean}, {"sd", r.sd}, {"folds", r.folds}}},
          {"means", means},
          {"converged", r.converged},
          {"run",
           {{"fit_s", r.run.fit_s},
            {"fit_cpu_s", r.run.fit_cpu_s},
            {"predict_s", r.run.predict_s},
            {"predict_cpu_s", r.run.predict_cpu_s}}}};
}

namespace {

void cv(Invocation& call) {
  const Candidate candidate = chosen_learner(call);
  const std::string& path = call.argument(1, "a table");
  call.no_more_than(2);
  const Dataset data = load_dataset(call, path);
  const CvOptions options = read_cv_options(call, data.target);
  if (!options.positive.empty()) call.say("positive class: " + options.positive);
  const CvResult r = cross_validate(candidate, data.samples, data.target, options, call.ctx);
  for (const std::string& w : r.warnings) call.warn(w);
  if (!r.converged && call.options.flag("strict")) call.exit_code = 5;

  call.result["algorithm"] = r.algorithm;
  call.result["task"] = task_name(data.target.task());
  call.result["rows"] = data.samples.n();
  call.result["folds"] = options.folds;
  call.result["repeats"] = options.repeats;
  call.result["fold_note"] = fold_note(data.samples, data.target, options.folds, options.repeats);
  if (!options.positive.empty()) call.result["positive"] = options.positive;
  call.result["pipeline"] = r.pipeline;
  call.result["leaderboard"] = Json::array({leaderboard_row(r)});
  call.result["left_out"] = Json::array();
  call.result["tests"] = Json::array();
  call.result["detectable_difference"] = nullptr;

  for (const std::string& step : r.pipeline) call.say(step);
  call.say(fold_note(data.samples, data.target, options.folds, options.repeats));
  TextTable table({"metric", "mean over the folds"});
  for (const auto& [name, value] : r.means) table.add({name, score_text(value)});
  call.print(table.text());
  std::string folds = r.metric + " of each fold:";
  for (const double v : r.folds) folds += " " + score_text(v);
  call.print("\n" + folds + "  (sd " + score_text(r.sd) + ")\n");
  call.print("fit " + seconds_text(r.run.fit_s) + ", predict " + seconds_text(r.run.predict_s) + " a fold\n");
}

}  // namespace

Verb cv_verb() {
  return {
      .name = "cv",
      .arguments = "ALGO DATA",
      .summary = "cross-validates one learner",
      .text =
          "Pipeline and learner are fitted on the training rows of each fold only. Folds are stratified by class, and\n"
          "whole groups with --group.",
      .examples = {"cv logistic @iris", "cv tree:max-depth=3 @titanic --metric roc-auc --repeat 5",
                   "cv knn @diabetes --neighbors 15"},
      .options = cv_options(),
      .more_options = learner_options,
      .run = cv};
}

}  // namespace assay::cli
