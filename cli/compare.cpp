// assay compare DATA: learners on the same folds, ranked, with what cannot be told apart; and the report.
#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/ml/data/inspect.h"
#include "cli/comparing.h"
#include "cli/report/html/report.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

std::vector<Candidate> named_candidates(const Options& options) {
  std::vector<Candidate> candidates;
  if (options.given("algos"))
    for (const InlineSpec& spec : parse_inline_list(options.text("algos"))) candidates.push_back(make_candidate(spec));
  return candidates;
}

Json comparison_json(const Comparison& c) {
  Json json = Json::object();
  json["leaderboard"] = Json::array();
  for (const CvResult& r : c.leaderboard) json["leaderboard"].push_back(leaderboard_row(r));
  json["left_out"] = Json::array();
  for (const LeftOut& l : c.left_out) json["left_out"].push_back({{"algorithm", l.algorithm}, {"reason", l.reason}});
  json["tests"] = Json::array();
  for (const PairTest& t : c.tests)
    json["tests"].push_back({{"a", t.a},
                             {"b", t.b},
                             {"difference", t.difference},
                             {"standard_error", t.standard_error},
                             {"p", t.p},
                             {"p_holm", t.p_holm},
                             {"distinguishable", t.distinguishable},
                             {"detectable", t.detectable}});
  json["detectable_difference"] = c.detectable_difference ? Json(*c.detectable_difference) : Json();
  json["top"] = c.top;
  json["simplest"] = c.simplest;
  json["verdict"] = c.verdict;
  return json;
}

const PairTest* test_against(const Comparison& c, const std::string& label) {
  for (const PairTest& t : c.tests)
    if (t.b == label) return &t;
  return nullptr;
}

std::string p_text(double p) { return p < 0.001 ? "p < 0.001" : "p = " + significant(p, 2); }

// What the test says of a learner beside the best one.
std::string verdict_text(const Comparison& c, const CvResult& r) {
  if (&r == &c.leaderboard.front()) return "best";
  const PairTest* t = test_against(c, r.label);
  if (!t) return "";
  return t->distinguishable ? "worse, " + p_text(t->p_holm) : "cannot be told apart";
}

std::string leaderboard_text(const Comparison& c) {
  TextTable table({"#", "learner", c.metric, "sd", "against the best", "fit", "predict"});
  int rank = 0;
  for (const CvResult& r : c.leaderboard)
    table.add({std::to_string(++rank), r.label, score_text(r.mean), score_text(r.sd), verdict_text(c, r),
               seconds_text(r.run.fit_s), seconds_text(r.run.predict_s)});
  return table.text();
}

std::vector<report::Importance> importances_of(const Invocation& call, const Comparison& c, const Dataset& data,
                                               const CvOptions& cv) {
  std::vector<report::Importance> all;
  for (const CvResult* r : report::closely_shown(c)) {
    const Learner& learner = find_learner(r->algorithm);
    std::unique_ptr<AnyParams> params = learner.params();
    for (const auto& [name, value] : r->params) params->set(name, value, r->algorithm);
    Context quiet = call.ctx.child("importance", 0);
    quiet.trace = Trace();
    const Model model = fit_model(learner, *params, data.samples, data.target, cv.pipeline, quiet);
    const Explanation e = model.model->explain(model.pipeline.output_columns(), model.target);
    if (e.importance.empty()) continue;
    report::Importance importance{r->label, e.importance_name, {}};
    const auto& columns = model.pipeline.output_columns();
    for (size_t f = 0; f < e.importance.size() && f < columns.size(); ++f)
      importance.features.emplace_back(columns[f].name, e.importance[f]);
    all.push_back(std::move(importance));
  }
  return all;
}

void write_report(Invocation& call, const std::string& path, const std::string& file, const Comparison& c,
                  const Table& table, const Dataset& data, const CvOptions& cv) {
  report::DataCard card = report::make_data_card(path, data.samples, data.target);
  card.positive = cv.positive;
  card.searched = true;
  for (const Finding& f : find_problems(data.samples, data.target, call.ctx.threads)) card.findings.push_back(f.text);
  if (!data.kept_rows.empty())
    card.findings.push_back(std::to_string(table.n() - static_cast<Index>(data.kept_rows.size())) +
                            " rows without a target were left out.");
  const auto line_of_row = [&](int row) {
    const Index at = data.kept_rows.empty() ? row : data.kept_rows[static_cast<size_t>(row)];
    return table.line_of(at);
  };
  const report::ReportInput input{c,
                                  card,
                                  data.samples,
                                  data.target,
                                  call.command,
                                  ASSAY_VERSION,
                                  call.ctx.seed,
                                  importances_of(call, c, data, cv),
                                  line_of_row};
  write_file(file, report::render_report(input));
  call.say("report written to " + file);
}

void compare_learners(Invocation& call) {
  const std::string& path = call.argument(0, "a table");
  call.no_more_than(1);
  if (call.options.given("report")) check_writable(call.options.text("report"));
  CompareOptions options;
  options.candidates = named_candidates(call.options);
  const Table table = load_table(call, path);
  const Dataset data = make_dataset(call, table);
  options.cv = read_cv_options(call, data.target);
  const Stopwatch watch;
  const Comparison c = compare(data.samples, data.target, options, call.ctx);
  call.time("fit", watch);

  call.result["data"] = path;
  call.result["task"] = task_name(c.task);
  call.result["rows"] = c.rows;
  call.result["features"] = data.samples.d();
  call.result["metric"] = c.metric;
  call.result["folds"] = c.folds;
  call.result["repeats"] = c.repeats;
  call.result["fold_note"] = c.fold_note;
  if (!c.positive.empty()) call.result["positive"] = c.positive;
  call.result.update(comparison_json(c));
  call.result["run"]["fastest"] = c.fastest;

  for (const std::string& w : c.warnings) call.warn(w);
  if (!c.positive.empty()) call.say("positive class: " + c.positive);
  call.say(c.fold_note);
  for (const LeftOut& l : c.left_out) call.say("left out: " + l.algorithm + ": " + l.reason);
  call.print("\n" + leaderboard_text(c) + "\n");
  for (const std::string& sentence : c.verdict) call.print(sentence + "\n");
  if (call.options.given("report")) write_report(call, path, call.options.text("report"), c, table, data, options.cv);
  if (call.options.flag("strict") &&
      std::any_of(c.leaderboard.begin(), c.leaderboard.end(), [](const CvResult& r) { return !r.converged; }))
    call.exit_code = 5;
}

}  // namespace

Verb compare_verb() {
  return {.name = "compare",
          .arguments = "DATA",
          .summary = "ranks learners on the same folds, and says which cannot be told apart",
          .text =
              "By default every baseline learner that fits the data. Names in --algos take parameters: "
              "tree:max-depth=3,knn.",
          .examples = {"compare @titanic --report report.html",
                       "compare data.csv --target price --algos knn:neighbors=3,knn:neighbors=15,tree",
                       "compare @iris --repeat 10 --json"},
          .options = cv_options({{.name = "algos", .value = "A,B:P=V", .text = "the learners to compare"},
                                 {.name = "report", .value = "FILE", .text = "a page to look at (HTML)"}}),
          .run = compare_learners};
}

}  // namespace assay::cli
