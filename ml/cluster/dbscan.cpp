// ml/cluster/dbscan.cpp
// Method     1 check   2 eps (k_distance.h where it is auto)   3 ask the question in units near eps   4 answer it: density.h
// Departures from the paper: none in what is a cluster; density.h names those of each way. A row of weight 0 is never core,
//            as if it were not there, and still learns which cluster it is within reach of.
#include "assay/ml/cluster/dbscan.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/cluster/density.h"
#include "assay/ml/cluster/k_distance.h"

namespace assay {
namespace {

using density::Answer;
using density::Question;

constexpr Index kShown = 400;  // rows whose neighbourhood a trace shows

struct CellsStep {
  static constexpr const char* kind = "cells";
  static constexpr const char* title = "rows that lie together are treated together";
  static constexpr const char* source = "ml/cluster/dbscan.cpp:answer_by";
  std::string method;
  Index cells, dense, n;
  std::string why;
  static void fields(const CellsStep& s, auto&& field) {
    field("method", s.method, "how neighbours are found");
    field("n", static_cast<long long>(s.n), "rows");
    field("cells", static_cast<long long>(s.cells), "cells of the grid, or leaves of the tree, that hold rows");
    field("dense", static_cast<long long>(s.dense), "of them: narrow and heavy enough, all their rows are core");
  }
};

struct PointStep {
  static constexpr const char* kind = "point";
  static constexpr const char* title = "core, border or noise (1), (2), (4)";
  static constexpr const char* source = "ml/cluster/dbscan.cpp:show_point";
  Index p;
  std::vector<double> neighbors;
  double weight;
  int min_points;
  std::string is;
  long long cluster;
  std::string why;
  static void fields(const PointStep& s, auto&& field) {
    field("p", static_cast<long long>(s.p + 1), "row number");
    field("N(p)", s.neighbors, "row numbers within eps, itself included (the first 50)");
    field("|N(p)|", s.weight, "how many they are, or their weights' sum");
    field("min-points", s.min_points, "what a core needs");
    field("p is", s.is, "core, border or noise");
    field("cluster", s.cluster, "its cluster; -1: none");
  }
};

/// Step 3: coordinates in units of a power of two near eps, weights as whole numbers.
Question ask(const Samples& samples, double eps, int min_points) {
  const Matrix& X = samples.rows();
  Question question{X, std::ldexp(1.0, std::min(1000, -std::ilogb(eps))), 1, {}, min_points};
  question.reach = (question.scale * eps) * (question.scale * eps);
  for (Index f = 0; f < X.cols(); ++f) {
    const double largest = X.col(f).cwiseAbs().maxCoeff();
    if (!(largest * question.scale < 0x1p900))
      throw ParameterError("parameter 'eps' is " + shortest(eps) + " but column '" +
                           samples.columns[static_cast<size_t>(f)].name + "' reaches " + shortest(largest) +
                           ": squares of such numbers cannot be compared; scale the columns or raise eps");
  }
  if (samples.weight.size() == 0) return question;
  const double total = samples.weight.sum();
  const int unit = 50 - std::ilogb(total);  // a weight of 2^-unit counts as 1
  for (Index i = 0; i < samples.n(); ++i)
    question.weight.push_back(
        static_cast<density::Weight>(std::ceil(std::ldexp(samples.weight[i], std::min(unit, 1000)))));
  const double enough = std::ldexp(static_cast<double>(min_points), std::min(unit, 1000));
  question.enough =
      enough < 0x1p62 ? static_cast<density::Weight>(enough) : std::numeric_limits<density::Weight>::max();
  return question;
}

/// Step 4. `method` receives how.
Answer answer_by(DbscanAlgorithm algorithm, const Question& question, const Context& ctx, std::string& method) {
  method = "measuring every row";
  if (algorithm == DbscanAlgorithm::textbook) return density::expand_clusters(question, ctx);
  method = "a grid of cells";
  if (algorithm == DbscanAlgorithm::automatic)
    if (std::optional<Answer> answer = density::by_grid(question, ctx)) return std::move(*answer);
  method = "a kd-tree";
  return density::by_tree(question, ctx);
}

PointStep show_point(const Question& question, const Samples& samples, const DbscanModel& model, Index p) {
  PointStep step{p, {}, 0, model.min_points, "", model.labels[static_cast<size_t>(p)], ""};
  Index core = -1;
  double nearest = 0;
  for (Index q = 0; q < samples.n(); ++q) {
    const double distance = density::distance(question, p, q);
    if (!(distance <= question.reach)) continue;
    if (step.neighbors.size() < 50) step.neighbors.push_back(static_cast<double>(q + 1));
    step.weight += samples.weight_of(q);
    if (!model.core[static_cast<size_t>(q)] || q == p || model.labels[static_cast<size_t>(q)] != step.cluster) continue;
    if (core >= 0 && nearest <= distance) continue;
    core = q;
    nearest = distance;
  }
  if (model.core[static_cast<size_t>(p)]) {
    step.is = "core";
    step.why = "its neighbourhood weighs at least min-points";
  } else if (step.cluster >= 0) {
    step.is = "border";
    step.why = "it is no core, but core " + std::to_string(core + 1) + " of this cluster lies within eps";
  } else {
    step.is = "noise";
    step.why = "it is no core, and no core lies within eps";
  }
  return step;
}

struct Size {
  Index rows = 0, cores = 0;
};

/// Of each cluster, and of the noise last.
std::vector<Size> sizes(const DbscanModel& model) {
  std::vector<Size> out(static_cast<size_t>(model.clusters) + 1);
  for (size_t i = 0; i < model.labels.size(); ++i) {
    Size& size = model.labels[i] < 0 ? out.back() : out[static_cast<size_t>(model.labels[i])];
    ++size.rows;
    size.cores += model.core[i];
  }
  return out;
}

}  // namespace

DbscanModel Dbscan::fit(const Params& params, const Samples& samples, const Context& ctx) {
  check_fit_input(samples);
  check_finite(samples.rows(), samples.columns);
  DbscanModel model;
  model.min_points = params.min_points;
  if (const double* eps = std::get_if<double>(&params.eps)) {
    model.eps = *eps;
  } else {
    const KDistanceCurve curve = k_distance_curve(samples, params.min_points, ctx);
    model.eps = curve.eps;
    model.report.note = curve.note + "; ";
  }
  const Question question = ask(samples, model.eps, params.min_points);
  std::string method;
  Answer answer = answer_by(params.algorithm, question, ctx, method);
  model.labels = std::move(answer.labels);
  model.core = std::move(answer.core);
  model.clusters = answer.clusters;
  ctx.trace.step([&] {
    return CellsStep{method, answer.cells, answer.dense, samples.n(),
                     "two rows of a cell are at most eps apart, so a heavy cell is core without a distance"};
  });
  if (ctx.trace)
    for (Index i = 0; i < samples.n(); i += std::max<Index>(1, samples.n() / kShown))
      ctx.trace.step([&] { return show_point(question, samples, model, i); });

  const double cores = static_cast<double>(std::count(model.core.begin(), model.core.end(), 1));
  const double noise = static_cast<double>(std::count(model.labels.begin(), model.labels.end(), -1));
  model.report.note += "neighbours are found by " + method;
  if (model.clusters == 0) model.report.note += "; no row has min-points within eps: raise eps or lower min-points";
  model.report.more = {{"eps", model.eps},
                       {"cores", cores},
                       {"borders", static_cast<double>(samples.n()) - cores - noise},
                       {"noise", noise},
                       {"contested", static_cast<double>(answer.contested)}};
  return model;
}

Explanation DbscanModel::explain(const std::vector<Column>&) const {
  Explanation e;
  const std::vector<Size> size = sizes(*this);
  e.sentences.push_back(
      "A core point has rows of weight " + std::to_string(min_points) + " within " + shortest(eps) +
      ", itself counted; cores within that distance of each other are one cluster, rows that a core " +
      "reaches are its border, and " + std::to_string(size.back().rows) + " of " + std::to_string(labels.size()) +
      " rows are noise.");
  Explanation::Table table{"clusters", {"cluster", "rows", "cores", "borders"}, {}};
  for (int k = 0; k < clusters; ++k) {
    const Size& s = size[static_cast<size_t>(k)];
    table.rows.push_back({std::to_string(k), static_cast<double>(s.rows), static_cast<double>(s.cores),
                          static_cast<double>(s.rows - s.cores)});
  }
  e.tables.push_back(std::move(table));
  return e;
}

void DbscanModel::save(ArchiveWriter& out) const {
  out.number("eps", eps);
  out.integer("min_points", min_points);
  out.integer("clusters", clusters);
  out.integers("labels", labels);
  out.integers("core", core);
}

DbscanModel DbscanModel::load(const ArchiveReader& in, const std::vector<Column>&) {
  DbscanModel model;
  model.eps = in.number("eps");
  if (!(model.eps > 0)) in.fail("eps: must be > 0");
  model.min_points = static_cast<int>(in.integer("min_points", 1, std::numeric_limits<int>::max()));
  model.core = in.integers("core", 0, 1);
  model.clusters = static_cast<int>(in.integer("clusters", 0, static_cast<long long>(model.core.size())));
  model.labels = in.integers("labels", -1, model.clusters - 1);
  if (model.labels.size() != model.core.size()) in.fail("core: one a label expected");
  const std::vector<Size> size = sizes(model);
  if (size.back().cores > 0) in.fail("core: a core point belongs to a cluster");
  for (int k = 0; k < model.clusters; ++k)
    if (size[static_cast<size_t>(k)].cores == 0) in.fail("labels: cluster " + std::to_string(k) + " has no core");
  model.report.note = "eps=" + shortest(model.eps) + ", min-points=" + std::to_string(model.min_points);
  return model;
}

}  // namespace assay
