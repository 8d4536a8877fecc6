// assay cluster ALGO DATA: groups the rows of a table, and says how good the groups are.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/text.h"
#include "assay/ml/metrics/clustering.h"
#include "cli/cluster_auto.h"
#include "cli/group_plot.h"
#include "cli/report/figures/dendrogram.h"
#include "cli/report/figures/k_distance.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

/// One run: what was fitted, on what, and what the algorithm saw.
struct Run {
  const Features& data;
  const ClusterModel& model;
  const Matrix& seen;
  const std::vector<int>& labels() const { return model.model->labels(); }
  int clusters() const { return model.model->clusters(); }
  Index noise() const { return std::count(labels().begin(), labels().end(), kNoise); }
};

// ---- the groups: size, mean and most typical row

/// A mean or a cell of the pipeline's column f in the units of the table.
double in_table_units(const Pipeline& pipeline, Index f, double value) {
  return pipeline.offset()[static_cast<size_t>(f)] + pipeline.spread()[static_cast<size_t>(f)] * value;
}

/// The pipeline's columns that tell the clusters apart best: by the share of their variance that lies between means. In the
/// order of the table.
std::vector<Index> telling_columns(const Run& run, const std::vector<ClusterSummary>& groups, size_t most) {
  std::vector<Index> order(static_cast<size_t>(run.seen.cols()));
  std::iota(order.begin(), order.end(), Index{0});
  if (order.size() <= most) return order;
  const Vector mean = run.seen.colwise().mean().transpose();
  Vector total = Vector::Zero(run.seen.cols()), between = Vector::Zero(run.seen.cols());
  for (Index i = 0; i < run.seen.rows(); ++i) total += (run.seen.row(i).transpose() - mean).cwiseAbs2();
  for (const ClusterSummary& g : groups)
    if (g.rows) between += static_cast<double>(g.rows) * (g.mean - mean).cwiseAbs2();
  const auto share = [&](Index f) { return total[f] > 0 ? between[f] / total[f] : 0.0; };
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return share(a) > share(b); });
  order.resize(most);
  std::sort(order.begin(), order.end());
  return order;
}

Json group_json(const Run& run, const ClusterSummary& g, size_t k) {
  const Pipeline& pipeline = run.model.pipeline;
  Json mean = Json::object(), typical = Json::object();
  for (Index f = 0; f < g.mean.size(); ++f) {
    const std::string& name = pipeline.output_columns()[static_cast<size_t>(f)].name;
    mean[name] = in_table_units(pipeline, f, g.mean[f]);
    typical[name] = in_table_units(pipeline, f, run.seen(g.typical, f));
  }
  Json json = {
      {"cluster", k}, {"rows", g.rows}, {"share", static_cast<double>(g.rows) / static_cast<double>(run.seen.rows())}};
  if (g.rows == 0) return json;
  json["mean"] = mean;
  json["typical_row"] = {{"row", g.typical + 1}, {"line", run.data.table.line_of(g.typical)}, {"values", typical}};
  return json;
}

void put_groups(Invocation& call, const Run& run) {
  constexpr size_t kColumns = 6, kGroups = 30;
  const Pipeline& pipeline = run.model.pipeline;
  const auto groups = summarize_clusters(run.seen, run.labels(), run.clusters(), call.ctx.threads);
  const std::vector<Index> shown = telling_columns(run, groups, kColumns);
  std::vector<std::string> header{"cluster", "rows", "share", ""};
  for (const Index f : shown)
    header.push_back(report::shorten(pipeline.output_columns()[static_cast<size_t>(f)].name, 24));
  TextTable table(header);
  const auto percent = [&](Index rows) {
    return significant(100 * static_cast<double>(rows) / static_cast<double>(run.seen.rows()), 3) + "%";
  };
  Json rows = Json::array();
  for (size_t k = 0; k < groups.size(); ++k) {
    const ClusterSummary& g = groups[k];
    rows.push_back(group_json(run, g, k));
    if (k >= kGroups) continue;
    std::vector<std::string> mean{std::to_string(k), std::to_string(g.rows), percent(g.rows), g.rows ? "mean" : ""},
        typical{"", "", "", "row " + std::to_string(g.typical + 1)};
    for (const Index f : shown) {
      if (g.rows == 0) break;
      mean.push_back(six_digits(in_table_units(pipeline, f, g.mean[f])));
      typical.push_back(six_digits(in_table_units(pipeline, f, run.seen(g.typical, f))));
    }
    table.add(mean);
    if (g.rows) table.add(typical);
  }
  if (run.noise() > 0) table.add({"noise", std::to_string(run.noise()), percent(run.noise())});
  call.result["groups"] = rows;
  print_beside_answer(call, "\n" + table.text());
  std::string note = "row N: the row nearest to the mean of its cluster";
  if (shown.size() < static_cast<size_t>(run.seen.cols()))
    note += "; the " + std::to_string(shown.size()) + " of " + std::to_string(run.seen.cols()) +
            " columns that tell the clusters apart best (--json has all)";
  if (groups.size() > kGroups)
    note += "; the first " + std::to_string(kGroups) + " of " + std::to_string(groups.size()) + " clusters";
  call.say(note);
}

// ---- indices

void put_silhouette(Invocation& call, const Run& run, Json& indices, Json& undefined) {
  const std::string how = call.options.text("silhouette");
  Index sample = how == "auto" ? silhouette_sample(run.seen.rows(), run.seen.cols()) : 0;
  if (how != "auto" && how != "exact") sample = call.options.integer("silhouette", at_least(2));
  const Silhouette s = silhouette(run.seen, run.labels(), sample, call.ctx);
  if (!s.mean.value) {
    undefined["silhouette"] = s.mean.reason;
    return;
  }
  indices["silhouette"] = *s.mean.value;
  const bool exact = static_cast<Index>(s.rows.size()) == run.seen.rows() - run.noise();
  call.result["silhouette"] = {{"exact", exact}, {"rows", s.rows.size()}, {"standard_error", s.standard_error}};
  if (!exact)
    call.say("silhouette: mean over " + std::to_string(s.rows.size()) + " rows drawn by the seed, standard error " +
             significant(s.standard_error, 2) + "  [--silhouette exact]");
}

void put_truth(Invocation& call, const Run& run, Json& indices) {
  const Features& data = run.data;
  std::vector<int> truth, cluster;
  for (size_t i = 0; i < data.code.size(); ++i)
    if (data.code[i] >= 0) truth.push_back(data.code[i]), cluster.push_back(run.labels()[i]);
  if (truth.size() < data.code.size())
    call.warn(std::to_string(data.code.size() - truth.size()) +
              " rows without a known group take no part in the comparison");
  const PartitionScores s = compare_partitions(truth, cluster);
  for (const auto& [name, value] : {std::pair{"ari", s.ari}, std::pair{"ami", s.ami}, std::pair{"nmi", s.nmi},
                                    std::pair{"homogeneity", s.homogeneity}, std::pair{"completeness", s.completeness},
                                    std::pair{"v_measure", s.v_measure}, std::pair{"purity", s.purity},
                                    std::pair{"fowlkes_mallows", s.fowlkes_mallows}})
    indices[name] = value;
  const bool noise = std::find(cluster.begin(), cluster.end(), kNoise) != cluster.end();
  const size_t columns = static_cast<size_t>(run.clusters()) + noise;
  std::vector<std::vector<long long>> count(data.classes.size(), std::vector<long long>(columns));
  for (size_t i = 0; i < truth.size(); ++i)
    ++count[static_cast<size_t>(truth[i])][cluster[i] < 0 ? columns - 1 : static_cast<size_t>(cluster[i])];
  call.result["truth"] = {{"column", data.truth}, {"classes", data.classes}, {"counts", count}};
  constexpr size_t kMost = 20;
  if (count.size() > kMost || columns > kMost) return;
  std::vector<std::string> header{data.truth + " \\ cluster"};
  for (int k = 0; k < run.clusters(); ++k) header.push_back(std::to_string(k));
  if (noise) header.emplace_back("noise");
  TextTable table(header);
  for (size_t c = 0; c < count.size(); ++c) {
    std::vector<std::string> row{data.classes[c]};
    for (const long long n : count[c]) row.push_back(std::to_string(n));
    table.add(row);
  }
  print_beside_answer(call, "\n" + table.text());
}

void put_indices(Invocation& call, const Run& run) {
  Json indices = Json::object(), undefined = Json::object();
  const Stopwatch watch;
  if (run.seen.rows() == run.data.samples.n()) {
    put_silhouette(call, run, indices, undefined);
    for (const auto& [name, score] :
         {std::pair{"davies_bouldin", davies_bouldin(run.seen, run.labels(), call.ctx.threads)},
          std::pair{"calinski_harabasz", calinski_harabasz(run.seen, run.labels(), call.ctx.threads)}}) {
      if (score.value)
        indices[name] = *score.value;
      else
        undefined[name] = score.reason;
    }
  }
  if (!run.data.truth.empty()) put_truth(call, run, indices);
  call.time("score", watch);
  call.result["indices"] = indices;
  if (!undefined.empty()) call.result["undefined"] = undefined;
  TextTable table({"index", "value", "", ""});
  for (const ClusterIndex& index : cluster_indices())
    if (indices.contains(index.name))
      table.add({index.name, score_text(indices[index.name].get<double>()),
                 index.higher_is_better ? "higher is better" : "lower is better", index.text});
  if (!table.empty()) print_beside_answer(call, "\n" + table.text());
  if (!undefined.empty())
    call.say(
        "no " +
        std::string(undefined.size() == 3 ? "silhouette, davies_bouldin, calinski_harabasz" : undefined.begin().key()) +
        ": " + undefined.begin()->get<std::string>());
  if (run.noise() > 0)
    call.say("noise: left out of silhouette, davies_bouldin and calinski_harabasz; one group more beside known ones");
}

// ---- the picture

/// The tree of a method that makes one.
void write_dendrogram(Invocation& call, const Run& run) {
  const std::string linkage =
      run.model.params->find("linkage") ? run.model.params->find("linkage")->get() + " linkage" : "";
  report::DendrogramPicture picture;
  picture.title = std::string(run.model.clusterer->name()) + ": " + std::to_string(run.clusters()) +
                  (run.clusters() == 1 ? " cluster" : " clusters") + " of " + std::to_string(run.seen.rows()) + " rows";
  picture.subtitle = linkage + "; a branch is as high as the distance of the two parts it joins";
  picture.height_name = "distance";
  picture.merges = run.model.model->merges();
  picture.labels = run.labels();
  picture.clusters = run.clusters();
  for (size_t i = 0; i < run.data.code.size(); ++i)
    picture.names.push_back(run.data.code[i] < 0 ? std::to_string(i + 1)
                                                 : run.data.classes[static_cast<size_t>(run.data.code[i])]);
  const std::string file = call.options.text("plot");
  write_file(file, report::dendrogram_picture(picture));
  call.say("dendrogram written to " + file);
}

void write_plot(Invocation& call, const Run& run) {
  if (!call.options.given("plot")) return;
  const AnyClustering& m = *run.model.model;
  if (!m.merges().empty()) return write_dendrogram(call, run);
  const Plane plane = Plane::of(call.options, run.model, run.seen, call.ctx);
  std::vector<std::string> names;
  for (int k = 0; k < run.clusters(); ++k) names.push_back(std::to_string(k));
  report::GroupPicture picture = group_rows(plane, run.seen, run.labels(), names);
  picture.title = std::string(run.model.clusterer->name()) + ": " + std::to_string(run.clusters()) +
                  (run.clusters() == 1 ? " cluster" : " clusters") + " of " + report::count_text(run.seen.rows()) +
                  " rows";
  if (!plane.numbers_rows())
    for (Index k = 0; k < m.centers().rows(); ++k)
      picture.centers.push_back({plane.x(m.centers().row(k).data()), plane.y(m.centers().row(k).data())});
  if (m.has_predict() && run.clusters() > 1) {
    Samples cells;
    cells.columns = run.model.pipeline.output_columns();
    picture.regions =
        regions_of(plane, picture, static_cast<double>(run.clusters()) * static_cast<double>(run.seen.cols()),
                   [&](const Matrix& rows) {
                     if (run.model.clusterer->traits().layout == Layout::rows)
                       cells.X = rows;
                     else
                       cells.X = Columns(rows);
                     return m.predict(cells, call.ctx);
                   });
    picture.subtitle = plane.flat() ? "shaded: what the model answers there"
                                    : "shaded: what the model answers in this plane, through the mean of all rows";
  }
  if (run.noise() > 0) picture.subtitle += std::string(picture.subtitle.empty() ? "" : "; ") + "grey: noise";
  std::string left_out;
  const std::string file = call.options.text("plot");
  write_file(file, report::group_picture(picture, &left_out));
  call.say("picture written to " + file + (left_out.empty() ? "" : " (" + left_out + ")"));
}

/// dbscan: the plot from which eps is read.
void write_k_distances(Invocation& call, const Run& run) {
  if (!call.options.given("k-distance")) return;
  Samples seen;
  seen.columns = run.model.pipeline.output_columns();
  seen.X = run.seen;
  seen.weight = run.data.samples.weight;
  const int min_points = std::stoi(run.model.params->find("min-points")->get());
  double eps = 0;
  for (const auto& [name, value] : run.model.model->report().more)
    if (name == "eps") eps = value;
  const KDistanceCurve curve = k_distance_curve(seen, min_points, call.ctx);
  const std::string file = call.options.text("k-distance");
  write_file(file, report::k_distance_picture(curve, min_points, eps));
  call.say("k-distance plot written to " + file);
}

void write_labels(Invocation& call, const Run& run) {
  if (!call.options.given("out")) {
    call.say("labels not written; add --out labels.csv");
    return;
  }
  std::vector<OutColumn> columns;
  if (call.options.flag("keep")) columns = kept_columns(run.data.table);
  columns.push_back(label_column("cluster", run.labels()));
  write_answer(call, columns, run.data.samples.n());
  if (!writes_to_stdout(call.options)) call.say("labels written to " + call.options.text("out"));
}

void cluster(Invocation& call) {
  const auto range = take_cluster_range(call);
  const Chosen<Clusterer> chosen = chosen_clusterer(call);
  const std::string& path = call.argument(1, "a table");
  call.no_more_than(2);
  check_outputs_of(call.options);
  if (call.options.given("k-distance") && chosen.algorithm->name() != "dbscan")
    throw UsageError("option '--k-distance' draws the plot from which eps of dbscan is read",
                     "leave it out, or cluster by dbscan");
  const Features data = load_features(call, path);
  if (range) {
    const std::optional<int> k = choose_number_of_clusters(call, chosen, data, *range);
    if (!k) return call.say("no labels written; --clusters N groups the rows all the same");
    chosen.params->set("clusters", std::to_string(*k), chosen.algorithm->name());
  }
  const Stopwatch watch;
  const ClusterModel model =
      fit_model(*chosen.algorithm, *chosen.params, data.samples, scaling_of(call.options), call.ctx);
  call.time("fit", watch);
  const Matrix seen = seen_rows(model, data.samples, call.ctx.threads);
  const Run run{data, model, seen};
  say_pipeline(call, model, seen);
  const FitReport& report = model.model->report();
  put_fit(call, std::string(chosen.algorithm->name()), model, report, data);
  call.result["clusters"] = run.clusters();
  call.result["noise"] = run.noise();
  if (const std::string what = chosen.algorithm->traits().objective; !what.empty()) {
    call.result[what] = report.objective;
    print_beside_answer(call, what + " " + shortest(report.objective) + "\n");
  }
  if (!call.options.flag("no-score")) {
    put_groups(call, run);
    put_indices(call, run);
  }
  save_to_model_option(call, model);
  write_plot(call, run);
  write_k_distances(call, run);
  write_labels(call, run);
}

}  // namespace

Verb cluster_verb() {
  return {.name = "cluster",
          .arguments = "ALGO DATA",
          .summary = "groups the rows of a table",
          .text =
              "All columns are features; --truth takes one out and compares with it, --ignore leaves one out. Nothing "
              "is scaled\n"
              "unless asked. Labels are 0, 1, ...; rows of no cluster are -1. Parameters may also stand in the "
              "algorithm's name:\n"
              "kmeans:clusters=3.",
          .examples = {"cluster kmeans @iris --truth species --clusters 3 --plot iris.svg",
                       "cluster dbscan data.csv --eps 0.5 --out labels.csv",
                       "cluster kmeans @wine --truth class --clusters 3 --scale standard --model wine.json"},
          .options = unsupervised_options(
              {cluster_range_options()[0],
               {.name = "silhouette",
                .value = "HOW",
                .text = "auto, exact, or from so many rows drawn by the seed; auto: what takes a second",
                .standard = "auto"},
               {.name = "k-distance", .value = "P.svg", .text = "dbscan: the plot from which eps is read"},
               {.name = "no-score", .text = "skip sizes, means and indices"}},
              "labels"),
          .more_options = clusterer_options,
          .run = cluster};
}

}  // namespace assay::cli
