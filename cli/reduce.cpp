// assay reduce ALGO DATA: describes the rows of a table by fewer numbers.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/text.h"
#include "cli/group_plot.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

struct Run {
  const Features& data;
  const ReducerModel& model;
  const Matrix& seen;
  const Matrix& scores;
};

Json numbers_json(const Vector& values) {
  Json json = Json::array();
  for (Index c = 0; c < values.size(); ++c) json.push_back(values[c]);
  return json;
}

/// The columns with the largest coefficients of a component: "0.857 petal_length, -0.36 sepal_width".
std::string strongest(const Matrix& components, Index c, const std::vector<Column>& columns) {
  std::vector<Index> order(static_cast<size_t>(components.cols()));
  std::iota(order.begin(), order.end(), Index{0});
  const size_t most = std::min<size_t>(order.size(), 3);
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return std::abs(components(c, a)) > std::abs(components(c, b)); });
  std::string text;
  for (size_t f = 0; f < most; ++f)
    text += (f ? ", " : "") + significant(components(c, order[f]), 3) + " " +
            report::shorten(columns[static_cast<size_t>(order[f])].name, 24);
  return text;
}

void put_components(Invocation& call, const Run& run) {
  const AnyReduction& m = *run.model.model;
  const Index count = run.scores.cols();
  call.result["components"] = count;
  if (m.explained_variance().size()) call.result["explained_variance"] = numbers_json(m.explained_variance());
  if (m.explained_variance_ratio().size())
    call.result["explained_variance_ratio"] = numbers_json(m.explained_variance_ratio());
  if (m.singular_values().size()) call.result["singular_values"] = numbers_json(m.singular_values());
  constexpr Index kShown = 20;
  std::vector<std::string> header{"component"};
  const bool variance = m.explained_variance().size() == count, share = m.explained_variance_ratio().size() == count,
             singular = m.singular_values().size() == count, columns = m.components().rows() == count;
  if (variance) header.emplace_back("variance");
  if (share) header.insert(header.end(), {"share", "so far"});
  if (singular) header.emplace_back("singular value");
  if (columns) header.emplace_back("strongest columns");
  TextTable table(header);
  double total = 0;
  for (Index c = 0; c < std::min(count, kShown); ++c) {
    std::vector<std::string> row{"pc" + std::to_string(c + 1)};
    if (variance) row.push_back(six_digits(m.explained_variance()[c]));
    if (share) {
      total += m.explained_variance_ratio()[c];
      row.push_back(score_text(m.explained_variance_ratio()[c]));
      row.push_back(score_text(total));
    }
    if (singular) row.push_back(six_digits(m.singular_values()[c]));
    if (columns) row.push_back(strongest(m.components(), c, run.model.pipeline.output_columns()));
    table.add(row);
  }
  print_beside_answer(call, "\n" + table.text());
  if (count > kShown)
    call.say("the first " + std::to_string(kShown) + " of " + std::to_string(count) + " components (--json has all)");
}

/// Directions of the columns, longest first: a component's coefficients times its standard deviation.
std::vector<report::Arrow> arrows_of(const Run& run) {
  constexpr size_t kMost = 10;
  const AnyReduction& m = *run.model.model;
  const Matrix& V = m.components();
  std::vector<report::Arrow> arrows;
  if (V.rows() < 2) return arrows;
  const auto length = [&](Index c) {
    return m.explained_variance().size() > c ? std::sqrt(m.explained_variance()[c])
           : m.singular_values().size() > c  ? m.singular_values()[c]
                                             : 1.0;
  };
  for (Index f = 0; f < V.cols(); ++f)
    arrows.push_back(
        {run.model.pipeline.output_columns()[static_cast<size_t>(f)].name, length(0) * V(0, f), length(1) * V(1, f)});
  std::stable_sort(arrows.begin(), arrows.end(), [](const report::Arrow& a, const report::Arrow& b) {
    return std::hypot(a.x, a.y) > std::hypot(b.x, b.y);
  });
  if (arrows.size() > kMost) arrows.resize(kMost);
  return arrows;
}

void write_plot(Invocation& call, const Run& run) {
  if (!call.options.given("plot")) return;
  const AnyReduction& m = *run.model.model;
  const Index n = run.scores.rows();
  report::ReductionPicture picture;
  report::GroupPicture& s = picture.scores;
  const bool two = run.scores.cols() > 1;
  for (Index i = 0; i < n; ++i) {
    s.x.push_back(run.scores(i, 0));
    s.y.push_back(two ? run.scores(i, 1) : static_cast<double>(i + 1));
  }
  s.group.assign(static_cast<size_t>(n), 0);
  if (!run.data.truth.empty()) {
    s.group = run.data.code;
    s.names = run.data.classes;
    s.none = "unknown";
    s.sizes.assign(s.names.size(), 0);
    for (const int k : s.group)
      if (k >= 0) ++s.sizes[static_cast<size_t>(k)];
  }
  const Vector& ratio = m.explained_variance_ratio();
  for (Index c = 0; c < ratio.size(); ++c) picture.share.push_back(ratio[c]);
  for (Index c = 0; c < m.singular_values().size(); ++c) picture.singular.push_back(m.singular_values()[c]);
  const auto name = [&](Index c) {
    return "pc" + std::to_string(c + 1) +
           (ratio.size() > c ? " (" + significant(100 * ratio[c], 3) +
                                   (m.explained_variance().size() ? " % of the variance)" : " % of the squares)")
                             : "");
  };
  s.x_name = name(0), s.y_name = two ? name(1) : "row";
  s.title = std::string(run.model.reducer->name()) + " of " + report::count_text(n) + " rows and " +
            report::count_text(run.seen.cols()) + " columns";
  if (two) picture.arrows = arrows_of(run);
  s.subtitle =
      picture.arrows.empty()
          ? ""
          : "arrows: where columns point, as long as their share of the spread" +
                std::string(picture.arrows.size() < static_cast<size_t>(run.seen.cols()) ? "; the ten longest" : "");
  std::string left_out;
  const std::string file = call.options.text("plot");
  write_file(file, report::reduction_picture(picture, &left_out));
  call.say("picture written to " + file + (left_out.empty() ? "" : " (" + left_out + ")"));
}

void write_scores(Invocation& call, const Run& run) {
  if (!call.options.given("out")) {
    call.say("scores not written; add --out scores.csv");
    return;
  }
  std::vector<OutColumn> columns;
  if (call.options.flag("keep")) columns = kept_columns(run.data.table);
  for (Index c = 0; c < run.scores.cols(); ++c)
    columns.push_back(number_column("pc" + std::to_string(c + 1), run.scores, c));
  write_answer(call, columns, run.scores.rows());
  if (!writes_to_stdout(call.options)) call.say("scores written to " + call.options.text("out"));
}

void reduce(Invocation& call) {
  const Chosen<Reducer> chosen = chosen_reducer(call);
  const std::string& path = call.argument(1, "a table");
  call.no_more_than(2);
  check_outputs_of(call.options);
  const Features data = load_features(call, path);
  const Stopwatch watch;
  const ReducerModel model =
      fit_model(*chosen.algorithm, *chosen.params, data.samples, scaling_of(call.options), call.ctx);
  call.time("fit", watch);
  const Matrix seen = seen_rows(model, data.samples, call.ctx.threads);
  const bool wanted = call.options.given("out") || call.options.given("plot");
  const Stopwatch predict_watch;
  const Matrix scores =
      wanted ? model.transform(data.samples, call.ctx) : model.transform(gather(data.samples, {0}), call.ctx);
  call.time("predict", predict_watch);
  const Run run{data, model, seen, scores};
  say_pipeline(call, model, seen);
  put_fit(call, std::string(chosen.algorithm->name()), model, model.model->report(), data);
  put_components(call, run);
  save_to_model_option(call, model);
  write_plot(call, run);
  write_scores(call, run);
}

}  // namespace

Verb reduce_verb() {
  return {.name = "reduce",
          .arguments = "ALGO DATA",
          .summary = "describes the rows of a table by fewer numbers",
          .text =
              "All columns are features; --truth takes one out and colours the picture with it, --ignore leaves one "
              "out. Nothing\n"
              "is scaled unless asked. Scores are columns pc1, pc2, ...",
          .examples = {"reduce pca @iris --truth species --plot iris.svg",
                       "reduce pca data.csv --components 2 --scale standard --out scores.csv",
                       "reduce pca @wine --truth class --model wine.json"},
          .options = unsupervised_options({}, "scores"),
          .more_options = reducer_options,
          .run = reduce};
}

}  // namespace assay::cli
