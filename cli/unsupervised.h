// cli/unsupervised.h: what `cluster` and `reduce` share: the algorithm named first, a table without a target.
#pragma once
#include "assay/ml/model.h"
#include "cli/answer.h"
#include "cli/data_options.h"

namespace assay::cli {

/// An algorithm with its parameters set.
template <class Algorithm>
struct Chosen {
  const Algorithm* algorithm;
  std::unique_ptr<AnyParams> params;
};
Chosen<Clusterer> chosen_clusterer(const Invocation& call);
Chosen<Reducer> chosen_reducer(const Invocation& call);
/// "kmeans:clusters=3" -> its parameters as options; for Verb::more_options.
std::vector<Option> clusterer_options(const std::string& spec);
std::vector<Option> reducer_options(const std::string& spec);

/// --out --model --plot --plot-columns --truth --ignore --weights --scale and those of reading a table.
std::vector<Option> unsupervised_options(std::vector<Option> more, const std::string& answer);

/// A table whose columns are all features, but for those taken out.
struct Features {
  Table table;
  Samples samples;    ///< Columns layout, or Csr
  std::string truth;  ///< name of --truth's column, or ""
  std::vector<std::string> classes;
  std::vector<int> code;  ///< class of each row; -1 where it is missing
};
Features load_features(Invocation& call, const std::string& path);
PipelineOptions scaling_of(const Options& options);

/// What the algorithm sees: the pipeline's output, row by row.
Matrix seen_rows(const Prepared& model, const Samples& raw, int threads);
/// Warns where text takes part as columns of 0 and 1, and where columns that were left unscaled differ in spread more than ten
/// times; says what the pipeline does.
void say_pipeline(Invocation& call, const Prepared& model, const Matrix& seen);

/// algorithm, params, pipeline, rows, features, report; warns where it did not converge.
void put_fit(Invocation& call, const std::string& algorithm, const Prepared& model, const FitReport& report,
             const Features& data);
/// --model FILE, timed as save_s.
template <class Fitted>
void save_to_model_option(Invocation& call, const Fitted& model) {
  if (!call.options.given("model")) return;
  const Stopwatch watch;
  save_model(model, call.options.text("model"));
  call.time("save", watch);
  call.say("model written to " + call.options.text("model"));
}
/// Tables for people: stdout, or stderr where the answer itself goes to stdout.
void print_beside_answer(const Invocation& call, const std::string& text);
/// UsageError where two outputs want standard output, or a picture's name says that it is no SVG.
void check_outputs_of(const Options& options);

}  // namespace assay::cli
