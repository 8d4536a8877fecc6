// assay explain MODEL [DATA]: what a model has learned: coefficients, importances, rules; and, on rows of a table, how much
// worse it is without each column.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/ml/selection/importance.h"
#include "cli/learning.h"
#include "cli/report/figures/panels.h"
#include "cli/shap.h"
#include "cli/terminal.h"
#include "cli/tree_figure.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

// Whether the pipeline moved or stretched a column: coefficients then have two units.
bool rescaled(const Pipeline& pipeline) {
  for (size_t j = 0; j < pipeline.spread().size(); ++j)
    if (pipeline.offset()[j] != 0 || pipeline.spread()[j] != 1) return true;
  return false;
}

// Wald's test of a coefficient against zero, in its row and its JSON object.
void add_test(std::vector<std::string>& row, Json& json, double coefficient, double error) {
  if (!(error > 0)) {
    row.insert(row.end(), {"-", "-", "-"});
    return;
  }
  const double z = coefficient / error, p = std::erfc(std::abs(z) / std::sqrt(2.0));
  row.insert(row.end(), {six_digits(error), six_digits(z), six_digits(p)});
  json["standard_error"] = error;
  json["z"] = z;
  json["p"] = p;
}

// Coefficients in the pipeline's units and in those of the table: w'x + b with x = (raw - offset) / spread. Standard errors
// and odds ratios belong to the table's units.
void print_coefficients(Invocation& call, const Model& model, const Explanation& e) {
  const Pipeline& pipeline = model.pipeline;
  const bool scaled = rescaled(pipeline), tested = e.standard_errors.size() > 0;
  std::vector<std::string> header{"feature"};
  if (scaled)
    header.insert(header.end(), {"standardised", "original units"});
  else
    header.push_back("coefficient");
  if (tested) header.insert(header.end(), {"std. error", "z", "p"});
  if (e.odds) header.push_back("odds ratio");
  Json all = Json::array();
  for (Index k = 0; k < e.coefficients.rows(); ++k) {
    const bool one = e.coefficients.rows() == 1;
    const std::string name =
        model.target.classes.empty() ? model.target.name : model.target.classes[static_cast<size_t>(one ? 1 : k)];
    TextTable table(header);
    double intercept = e.intercepts[k];
    Json rows = Json::array();
    for (Index f = 0; f < e.coefficients.cols(); ++f) {
      const auto j = static_cast<size_t>(f);
      const double w = e.coefficients(k, f), original = w / pipeline.spread()[j];
      intercept -= original * pipeline.offset()[j];
      std::vector<std::string> row{pipeline.output_columns()[j].name};
      if (scaled) row.push_back(six_digits(w));
      row.push_back(six_digits(original));
      Json json{{"feature", pipeline.output_columns()[j].name}, {"standardised", w}, {"original", original}};
      if (tested) add_test(row, json, original, e.standard_errors(k, f) / pipeline.spread()[j]);
      if (e.odds) {
        row.push_back(six_digits(std::exp(original)));
        if (std::isfinite(std::exp(original))) json["odds_ratio"] = std::exp(original);
      }
      table.add(row);
      rows.push_back(json);
    }
    std::vector<std::string> row{"(intercept)"};
    if (scaled) row.push_back(six_digits(e.intercepts[k]));
    row.push_back(six_digits(intercept));
    Json last{{"standardised", e.intercepts[k]}, {"original", intercept}};
    // The intercept in the table's units mixes all coefficients: its error would need their covariances.
    if (tested) add_test(row, last, intercept, scaled ? 0 : e.standard_errors(k, e.coefficients.cols()));
    if (e.odds) row.push_back("-");
    table.add(row);
    all.push_back({{"class", name}, {"coefficients", rows}, {"intercept", last}});
    call.print("\n" + name + "\n" + table.text());
  }
  call.result["coefficients"] = all;
}

void print_importance(Invocation& call, const Pipeline& pipeline, const Explanation& e) {
  const auto& columns = pipeline.output_columns();
  std::vector<size_t> order(std::min(columns.size(), e.importance.size()));
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return e.importance[a] > e.importance[b]; });
  TextTable table({"feature", e.importance_name});
  Json rows = Json::array();
  for (const size_t f : order) {
    table.add({columns[f].name, score_text(e.importance[f])});
    rows.push_back({{"feature", columns[f].name}, {"importance", e.importance[f]}});
  }
  call.result["importance"] = {{"what", e.importance_name}, {"features", rows}};
  call.print("\n" + table.text());
}

void print_rules(Invocation& call, const Explanation& e) {
  if (e.rules.empty()) return;
  call.result["rules"] = e.rules;
  call.print("\n");
  for (const std::string& rule : e.rules) call.print(escaped(rule, 4000) + "\n");
}

void print_tables(Invocation& call, const Explanation& e) {
  for (const Explanation::Table& t : e.tables) {
    TextTable table(t.header);
    Json rows = Json::array();
    for (const auto& row : t.rows) {
      std::vector<std::string> cells;
      Json json_row = Json::array();
      for (const auto& cell : row) {
        if (const auto* text = std::get_if<std::string>(&cell)) {
          cells.push_back(*text);
          json_row.push_back(*text);
        } else {
          cells.push_back(six_digits(std::get<double>(cell)));
          json_row.push_back(std::get<double>(cell));
        }
      }
      table.add(cells);
      rows.push_back(json_row);
    }
    call.result["tables"].push_back({{"title", t.title}, {"header", t.header}, {"rows", rows}});
    call.print("\n" + t.title + "\n" + table.text());
  }
}

// How much worse the model is on these rows without each column.
void print_permutation(Invocation& call, const Model& model, const Dataset& data, const std::string& path) {
  const std::string metric = call.options.text("metric");
  PermutationImportance p = permutation_importance(model, data.samples, data.target, metric,
                                                   call.options.integer("repeat", at_least(1)), call.ctx);
  std::stable_sort(p.columns.begin(), p.columns.end(),
                   [](const ColumnImportance& a, const ColumnImportance& b) { return a.mean > b.mean; });
  TextTable table({"column", "loss of " + p.metric, "sd"});
  Json rows = Json::array();
  for (const ColumnImportance& c : p.columns) {
    table.add({c.column, score_text(c.mean), score_text(c.sd)});
    rows.push_back({{"column", c.column}, {"mean", c.mean}, {"sd", c.sd}});
  }
  call.result["permutation"] = {{"metric", p.metric}, {"score", p.score}, {"columns", rows}};
  call.print("\n" + p.metric + " " + score_text(p.score) + " on " + path +
             "; what it loses when one column is shuffled\n" + table.text());
}

// What each column adds to the scores of the answer and of the class that comes next, for one row.
void print_evidence(Invocation& call, const Model& model, const Dataset& data, int row) {
  constexpr size_t kMost = 20;  // columns shown
  const Samples one = model.pipeline.transform(gather(data.samples, {row - 1}), call.ctx.threads);
  const Matrix terms = model.model->evidence(one, 0);
  const Vector score = terms.colwise().sum().transpose();
  Index best = 0, next = -1;
  score.maxCoeff(&best);
  for (Index k = 0; k < score.size(); ++k)
    if (k != best && (next < 0 || score[k] > score[next])) next = k;
  if (next < 0) return;
  const auto& columns = model.pipeline.output_columns();
  const auto& classes = model.target.classes;
  const auto ratio = [&](size_t f) {
    const Index at = static_cast<Index>(f) + 1;
    return terms(at, best) - terms(at, next);
  };
  std::vector<size_t> order(columns.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return std::abs(ratio(a)) > std::abs(ratio(b)); });
  TextTable table({"column", "log ratio"});
  Json rows = Json::array();
  double rest = 0;
  for (size_t r = 0; r < order.size(); ++r) {
    const size_t f = order[r];
    rows.push_back({{"column", columns[f].name}, {"log_ratio", ratio(f)}});
    if (r < kMost)
      table.add({columns[f].name, six_digits(ratio(f))});
    else
      rest += ratio(f);
  }
  if (order.size() > kMost) table.add({"(" + std::to_string(order.size() - kMost) + " others)", six_digits(rest)});
  const double start = terms(0, best) - terms(0, next), total = score[best] - score[next];
  table.add({"(before any column)", six_digits(start)});
  table.add({"(sum)", six_digits(total)});
  const std::string &winner = classes[static_cast<size_t>(best)], &second = classes[static_cast<size_t>(next)];
  Json evidence = {{"row", row}, {"for", winner}, {"against", second}, {"columns", rows}};
  if (std::isfinite(total)) evidence["start"] = start, evidence["sum"] = total;
  call.result["evidence"] = evidence;
  call.print("\nrow " + std::to_string(row) + ": log of the odds of '" + escaped(winner) + "' against '" +
             escaped(second) + "', column by column\n" + table.text());
}

// What all models have: parameters, pipeline, sentences, tables, rules.
void print_common(Invocation& call, const std::string& algorithm, const std::string& title, const std::string& task,
                  const Prepared& model, const Explanation& e) {
  call.result["algorithm"] = algorithm;
  call.result["task"] = task;
  call.result["params"] = params_json(*model.params);
  call.result["pipeline"] = model.pipeline.description();
  call.result["sentences"] = e.sentences;
  call.print(algorithm + ": " + title + "; " + task);
}

void print_sentences(Invocation& call, const Prepared& model, const Explanation& e) {
  for (const std::string& step : model.pipeline.description()) call.print(step + "\n");
  for (const std::string& sentence : e.sentences) call.print(escaped(sentence, 4000) + "\n");
}

void write_plot(Invocation& call, const Model& model, const Explanation& e) {
  const std::string name(model.learner->name()), path = call.options.text("plot");
  write_file(path, report::panels_picture(name + " of '" + model.target.name + "': the path", e.curves));
  call.say("picture written to " + path);
}

// Of --svg and --dot.
std::optional<report::TreePicture> wanted_tree(Invocation& call, const Model& model) {
  if (!call.options.given("svg") && !call.options.given("dot")) return std::nullopt;
  return tree_figure(model, call.options.integer("tree", at_least(1)), call.options.given("svg") ? "--svg" : "--dot");
}

void write_tree(Invocation& call, const report::TreePicture& picture) {
  const auto write = [&](const char* option, const std::string& text) {
    const std::string path = call.options.text(option);
    write_file(path, text);
    call.result[option] = path;
    call.say("tree drawn to " + path);
  };
  if (call.options.given("svg")) write("svg", report::tree_picture(picture));
  if (call.options.given("dot")) write("dot", report::tree_dot(picture));
}

// The row to explain, counted from 1.
int wanted_row(Invocation& call, const Samples& samples) {
  const int row = call.options.integer("row", at_least(1));
  if (row > samples.n())
    throw UsageError("--row " + std::to_string(row) + ": there are only " + std::to_string(samples.n()) + " rows");
  return row;
}

void explain_model(Invocation& call, const Model& model) {
  // What can be refused is refused before anything is printed or written.
  const bool shap = call.options.flag("shap"), has_data = call.options.arguments.size() > 1;
  if (shap && !has_data) throw UsageError("--shap explains a row of a table", "explain MODEL DATA --shap --row 1");
  std::optional<SumOfTrees> trees;
  if (shap && !(trees = sum_of_trees(model))) refuse_without_trees(model, "--shap");
  const std::optional<report::TreePicture> picture = wanted_tree(call, model);
  std::optional<Dataset> data;
  int row = 1;
  if (has_data) {
    data = load_for_model(call, model, call.options.arguments[1]);
    if (shap || model.model->has_evidence()) row = wanted_row(call, data->samples);
  }
  const Explanation e = model.model->explain(model.pipeline.output_columns(), model.target);
  if (call.options.given("plot") && e.curves.empty())
    throw UsageError("--plot: this model of " + std::string(model.learner->name()) + " has no curves to draw",
                     "a path of lasso or elastic-net has (--alpha auto), and so has a tree (--prune cost-complexity)");
  print_common(call, std::string(model.learner->name()), model.learner->info->title, task_name(model.target.task()),
               model, e);
  call.result["target"] = model.target.name;
  call.print(" of '" + model.target.name + "'\n");
  print_sentences(call, model, e);
  if (e.coefficients.size())
    print_coefficients(call, model, e);
  else if (!e.importance.empty())
    print_importance(call, model.pipeline, e);
  print_tables(call, e);
  print_rules(call, e);
  if (call.options.given("plot")) write_plot(call, model, e);
  if (picture) write_tree(call, *picture);
  if (!data) return;
  if (shap) print_shap(call, model, *trees, *data, row);
  if (model.model->has_evidence()) print_evidence(call, model, *data, row);
  if (!std::holds_alternative<Csr>(data->samples.X) || !model.model->has_evidence())
    print_permutation(call, model, *data, call.options.arguments[1]);
}

template <class Fitted>
void explain_unsupervised(Invocation& call, const Fitted& model, const LearnerInfo& info, const char* task) {
  if (call.options.arguments.size() > 1)
    throw UsageError("a table is scored against a target, and a model of " + std::string(task) + " has none");
  if (call.options.given("plot"))
    throw UsageError("--plot: a model of " + std::string(task) + " has no path to draw",
                     "its picture is --plot of cluster and reduce");
  for (const char* option : {"svg", "dot"})
    if (call.options.given(option))
      throw UsageError("--" + std::string(option) + ": a model of " + task + " is not a tree");
  const Explanation e = model.model->explain(model.pipeline.output_columns());
  print_common(call, info.name, info.title, task, model, e);
  call.result["report"] = report_json(model.model->report());
  call.print(" of " + std::to_string(model.columns.size()) + (model.columns.size() == 1 ? " column\n" : " columns\n"));
  print_sentences(call, model, e);
  if (!e.importance.empty()) print_importance(call, model.pipeline, e);
  print_tables(call, e);
  print_rules(call, e);
}
void explain_model(Invocation& call, const ClusterModel& model) {
  explain_unsupervised(call, model, *model.clusterer->info, "clustering");
}
void explain_model(Invocation& call, const ReducerModel& model) {
  explain_unsupervised(call, model, *model.reducer->info, "reduction");
}

void explain(Invocation& call) {
  const AnyFileModel model = chosen_any_model(call);
  call.no_more_than(2);
  std::visit([&](const auto& m) { explain_model(call, m); }, model);
}

}  // namespace

Verb explain_verb() {
  std::vector<Option> options{
      {.name = "metric", .value = "NAME", .text = "what DATA is scored by: accuracy or rmse unless said"},
      {.name = "repeat",
       .value = "N",
       .text = "shuffles of each column of DATA",
       .standard = "5",
       .aliases = {"repeats"}},
      {.name = "row",
       .value = "N",
       .text = "the row of DATA whose columns are weighed (naive Bayes, --shap)",
       .standard = "1"},
      {.name = "shap", .text = "tree, forest, gbdt: what each column of the row adds to the answer (Shapley's values)"},
      {.name = "svg", .value = "FILE", .text = "tree, forest, gbdt: the drawing of a tree, pruned branches in grey"},
      {.name = "dot", .value = "FILE", .text = "the same as a graph for Graphviz"},
      {.name = "tree", .value = "N", .text = "which tree of a forest or of gbdt --svg and --dot draw", .standard = "1"},
      {.name = "plot",
       .value = "FILE",
       .text = "lasso, elastic-net with alpha auto, tree with prune cost-complexity: costs along the path (SVG)"}};
  for (auto part : {scoring_options(), table_options()})
    for (Option& o : part) options.push_back(std::move(o));
  return {.name = "explain",
          .arguments = "MODEL [DATA]",
          .summary = "says what a model has learned: coefficients, importances, rules",
          .text =
              "With a table, also how much worse the model scores on it when one column is shuffled: best on rows it\n"
              "has not seen. Naive Bayes also says what each column of one row speaks for.",
          .examples = {"explain iris.json", "explain tree.json test.csv", "explain tree.json --svg tree.svg"},
          .options = std::move(options),
          .run = explain};
}

}  // namespace assay::cli
