// Model files of other programs: the only place that lists them; and the verbs export and import.
#include "cli/exchange.h"

#include <array>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/ml/boosting/xgboost_model.h"
#include "assay/ml/svm/libsvm_model.h"
#include "cli/data_options.h"
#include "cli/learning.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

std::string write_as_libsvm(const Model& model) {
  const auto* svm = dynamic_cast<const detail::ModelOf<SvmModel>*>(model.model.get());
  if (!svm) throw UsageError(std::string(model.learner->name()) + " has no form in LIBSVM's format", "svm has");
  return write_libsvm_model(svm->inner(), model.target.classes);
}

std::vector<std::string> numbered_labels(const std::vector<std::string>& classes) {
  std::vector<std::string> labels;
  for (size_t k = 0; k < classes.size(); ++k) labels.push_back(std::to_string(k));
  return labels;
}

constexpr std::array kFormats{
    ModelFormat{"libsvm", "svm", write_as_libsvm, parse_libsvm_model, libsvm_labels},
    ModelFormat{"xgboost", "gbdt, forest, tree", write_xgboost_model, parse_xgboost_model, numbered_labels, true},
};

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const ModelFormat& f : kFormats) names.emplace_back(f.name);
  return names;
}

const ModelFormat& chosen_format(const Invocation& call) {
  if (!call.options.given("as")) throw UsageError("--as says which format", "there are: " + join(format_names(), ", "));
  return find_model_format(call.options.text("as"));
}

const std::string& out_file(const Invocation& call, std::string& name) {
  if (!call.options.given("out")) throw UsageError("--out says where to write");
  return name = call.options.text("out");
}

/// What a model says of prepared rows, as finely as it says anything.
Matrix said_of(const Model& model, const Samples& x, const Context& ctx) {
  if (model.model->has_decision()) return model.model->decision_function(x, ctx);
  if (model.model->has_proba()) return model.model->predict_proba(x, ctx);
  return model.model->predict(x, ctx);
}

/// How many rows get another answer where their cells are rounded to single precision.
void count_rounded(Invocation& call, const Model& model, const std::string& path) {
  Samples x = model.pipeline.transform(match_columns(model, load_table(call, path)), call.ctx.threads);
  const Matrix before = said_of(model, x, call.ctx);
  Columns X = x.cols();
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = static_cast<double>(static_cast<float>(X.data()[i]));
  x.X = std::move(X);
  const Matrix after = said_of(model, x, call.ctx);
  Index changed = 0;
  for (Index i = 0; i < before.rows(); ++i) changed += before.row(i) != after.row(i);
  call.result["rows"] = before.rows();
  call.result["rows_changed"] = changed;
  call.say(std::to_string(changed) + " of " + std::to_string(before.rows()) +
           (before.rows() == 1 ? " row gets" : " rows get") + " another answer there: its cells are single precision");
}

void export_model(Invocation& call) {
  const ModelFormat& format = chosen_format(call);
  const Model model = chosen_model(call);
  call.no_more_than(2);
  std::string out;
  out_file(call, out);
  const bool counts = call.options.arguments.size() > 1;
  if (counts && !format.single_precision)
    throw UsageError(std::string("DATA is not needed: ") + format.name + " keeps double precision");
  const Stopwatch watch;
  write_file(out, format.write(model));
  call.result["algorithm"] = std::string(model.learner->name());
  call.result["as"] = format.name;
  call.result["out"] = out;
  call.say(std::string(model.learner->name()) + " written to " + out + " as " + format.name);
  if (counts) count_rounded(call, model, call.argument(1, "a table"));
  if (!model.pipeline.identity() || !model.target.classes.empty()) {
    const std::string preparation = out + ".prep.json";
    const bool prepares = !model.pipeline.identity();
    if (prepares && out != "-") {
      save_preparation(model, preparation);
      call.result["preparation"] = preparation;
      call.say("what has to be done to a table first: " + preparation + "; `assay data transform " + preparation +
               " DATA OUT` does it");
    }
  }
  if (!model.target.classes.empty()) {
    const std::vector<std::string> labels = format.labels(model.target.classes);
    Json map = Json::object();
    std::vector<std::string> pairs;
    for (size_t k = 0; k < labels.size(); ++k) {
      map[labels[k]] = model.target.classes[k];
      if (labels[k] != model.target.classes[k]) pairs.push_back(labels[k] + " is " + model.target.classes[k]);
    }
    call.result["labels"] = map;
    if (!pairs.empty()) call.say("labels: " + join(pairs, ", "));
  }
  call.time("save", watch);
}

void import_model(Invocation& call) {
  const ModelFormat& format = chosen_format(call);
  const std::string& from = call.argument(0, "a model file");
  call.no_more_than(1);
  std::string out;
  out_file(call, out);
  const InputBudget budget;
  const Stopwatch watch;
  const Input input = [&] {
    try {
      return Input::open(from, budget.model_bytes);
    } catch (const DataError& e) {
      throw ModelError(e.message(), e.hint(), e.place());
    }
  }();
  const Model model = format.read(input.bytes(), input.name(), budget);
  call.time("load", watch);
  save_model(model, out);
  call.result["algorithm"] = std::string(model.learner->name());
  call.result["task"] = task_name(model.target.task());
  call.result["features"] = model.columns.size();
  if (!model.target.classes.empty()) call.result["classes"] = model.target.classes;
  call.result["report"] = report_json(model.model->report());
  call.result["out"] = out;
  call.say(std::string(model.learner->name()) + ": " + model.model->report().note);
  call.say("model written to " + out);
}

std::vector<Option> exchange_options() {
  return {{.name = "as", .value = "FORMAT", .text = "whose format: " + join(format_names(), ", ")},
          {.name = "out", .value = "FILE", .text = "where to write", .letter = 'o'}};
}

}  // namespace

std::span<const ModelFormat> model_formats() { return kFormats; }

const ModelFormat& find_model_format(const std::string& name) {
  for (const ModelFormat& f : kFormats)
    if (f.name == lower(name)) return f;
  throw UsageError("unknown format " + quoted(name) + did_you_mean(lower(name), format_names()),
                   "there are: " + join(format_names(), ", "));
}

Verb export_verb() {
  std::vector<Option> options = exchange_options();
  for (const Option& option : table_options()) options.push_back(option);
  return {
      .name = "export",
      .arguments = "MODEL [DATA]",
      .summary = "writes a model in another program's format",
      .text =
          "Where the table is prepared first (scaled, encoded), FILE.prep.json is written too; `assay data transform`\n"
          "applies it to a table. libsvm: an svm as svm-train writes it, for svm-predict. xgboost: gbdt, forest and "
          "tree as\n"
          "XGBoost's JSON, whose cells are single precision: with DATA, how many of its rows get another answer for "
          "that.",
      .examples = {"export svm.json --as libsvm --out svm.model", "export gbdt.json --as xgboost --out xgb.json"},
      .options = std::move(options),
      .run = export_model};
}

Verb import_verb() {
  return {.name = "import",
          .arguments = "FILE",
          .summary = "reads another program's model",
          .text =
              "The columns of a LIBSVM model are f1, f2, ..., as in a LIBSVM table; its classes are its labels. Those "
              "of an\n"
              "XGBoost model have its feature names, or are f0, f1, ...; its classes are 0, 1, ...",
          .examples = {"import svm.model --as libsvm --out svm.json", "import xgb.json --as xgboost --out gbdt.json"},
          .options = exchange_options(),
          .run = import_model};
}

}  // namespace assay::cli
