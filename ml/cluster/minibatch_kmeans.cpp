// Notation   m_c centre, v_c the weight of all rows it was given, b rows of a batch
// Method     1 first centres among 3 b rows   2 draw b rows   3 the nearest centre of each, all with the same centres
//            4 move the centres row by row (1)   5 stop?   6 label all rows
// Departures from the paper: 5: the paper runs a given number of batches; here the mean inertia of the batches, smoothed over
//            about n / b of them (at least ten), has to fall. A centre that is never given a row stays where it began.
#include "assay/ml/cluster/minibatch_kmeans.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "assay/ml/cluster/cluster_input.h"
#include "assay/ml/cluster/lloyd.h"
#include "assay/ml/cluster/nearest.h"

namespace assay {
namespace {

using namespace kmeans;

struct BatchStep {
  static constexpr const char* kind = "batch";
  static constexpr const char* title = "move the centres towards the rows of a batch (1)";
  static constexpr const char* source = "ml/cluster/minibatch_kmeans.cpp:move_centers";
  long t;
  double inertia, smoothed;
  static void fields(const BatchStep& s, auto&& field) {
    field("t", s.t, "batch");
    field("inertia", s.inertia, "mean squared distance of the batch's rows to their centres, before they moved");
    field("smoothed", s.smoothed, "the same, smoothed over batches: falls until the centres have settled");
  }
};

// `count` rows of positive weight, drawn with repetition.
std::vector<int> draw_rows(const Samples& samples, Index count, Rng& rng) {
  std::vector<int> rows;
  while (static_cast<Index>(rows.size()) < count) {
    const auto i = static_cast<int>(rng.below(static_cast<uint64_t>(samples.n())));
    if (samples.weight_of(i) > 0) rows.push_back(i);
  }
  return rows;
}

// Step 1.
Matrix centers_among_some(const MiniBatchKMeansParams& params, const Samples& samples, const Context& ctx) {
  const Index wanted = std::max<Index>(3 * static_cast<Index>(params.batch), 3 * static_cast<Index>(params.clusters));
  if (wanted >= samples.n()) return first_centers(params.init, params.clusters, samples, ctx);
  Rng rng = ctx.child("rows", 0).rng();
  std::vector<int> rows = rng.permutation(static_cast<int>(samples.n()));
  std::stable_partition(rows.begin(), rows.end(), [&](int i) { return samples.weight_of(i) > 0; });
  rows.resize(static_cast<size_t>(wanted));
  return first_centers(params.init, params.clusters, gather(samples, rows), ctx);
}

// Steps 3 and 4; returns the mean inertia of the batch.
double move_centers(const Samples& samples, const std::vector<int>& batch, Matrix& centers, Vector& given) {
  const Matrix& X = samples.rows();
  const Filter filter(centers);
  std::vector<Index> rows(batch.begin(), batch.end());
  std::vector<Filter::Answer> answers(batch.size());
  filter.nearest(X, rows.data(), static_cast<Index>(rows.size()), answers.data());
  double inertia = 0, weight = 0;
  for (size_t j = 0; j < rows.size(); ++j)
    inertia += samples.weight_of(rows[j]) *
               squared_distance(X.row(rows[j]).data(), centers.row(answers[j].label).data(), X.cols());
  for (size_t j = 0; j < rows.size(); ++j) {
    const Index c = answers[j].label;
    const double w = samples.weight_of(rows[j]);
    given[c] += w;
    weight += w;
    centers.row(c) += (w / given[c]) * (X.row(rows[j]) - centers.row(c));
  }
  return inertia / weight;
}

}  // namespace

KMeansModel MiniBatchKMeans::fit(const Params& params, const Samples& samples, const Context& ctx) {
  check_rows(samples, params.clusters, ctx.threads);
  Matrix centers = given_centers(params.centers, params.init, params.clusters, samples.columns);
  if (centers.rows() == 0) centers = centers_among_some(params, samples, ctx);
  Vector given = Vector::Zero(params.clusters);
  Rng rng = ctx.child("batches", 0).rng();
  const Index b = std::min<Index>(params.batch, samples.n());
  const double share = std::min(0.1, 2 * static_cast<double>(b) / static_cast<double>(samples.n() + 1));
  KMeansModel model;
  double smoothed = 0, least = std::numeric_limits<double>::infinity();
  int since = 0;
  model.report.converged = false;
  for (long t = 1; t <= params.max_iter && since < params.patience && !ctx.out_of_time(); ++t) {
    ctx.check_cancelled();
    const double inertia = move_centers(samples, draw_rows(samples, b, rng), centers, given);
    smoothed = t == 1 ? inertia : (1 - share) * smoothed + share * inertia;
    since = smoothed < least ? 0 : since + 1;
    least = std::min(least, smoothed);
    model.report.iterations = t;
    ctx.trace.step([&] { return BatchStep{t, inertia, smoothed}; });
  }
  model.report.converged = since >= params.patience;
  model.report.note = std::to_string(model.report.iterations) + " batches of " + std::to_string(b) + " rows";
  if (!model.report.converged)
    model.report.note +=
        "; the inertia of the batches still fell: raise --max-iter (now " + std::to_string(params.max_iter) + ")";
  model.clusters = params.clusters;
  model.centers = std::move(centers);
  model.labels = nearest_centers(samples, model.centers, ctx);
  Summary summary = summarize(samples, model.labels, model.centers, ctx.threads);
  model.report.objective = summary.total();
  model.report.more = {{"rows_seen", static_cast<double>(model.report.iterations * b)}};
  model.sizes = std::move(summary.sizes);
  model.inertia = std::move(summary.inertia);
  model.typical = std::move(summary.typical);
  return model;
}

}  // namespace assay
