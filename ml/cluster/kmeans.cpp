// Method     fit: 1 check   2 for each start: first centres (seed.h), then iterate (lloyd.h)   3 keep the least inertia
//            predict: the nearest centre (nearest.h)
// Departures from the papers: see seed.cpp, assign.cpp, lloyd.cpp.
#include "assay/ml/cluster/kmeans.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/cluster/assign.h"
#include "assay/ml/cluster/cluster_input.h"
#include "assay/ml/cluster/lloyd.h"
#include "assay/ml/cluster/nearest.h"
#include "assay/ml/cluster/rounded_rows.h"
#include "assay/ml/cluster/seed.h"
#include "assay/ml/cluster/trace_steps.h"

namespace assay {
namespace {

using namespace kmeans;

// Mean over the columns of the variance of a column (1/n).
double mean_variance(const Samples& samples, int threads) {
  const Matrix& X = samples.rows();
  const Index d = X.cols();
  const Vector ones = Vector::Ones(X.rows());
  const Vector& w = samples.weight.size() ? samples.weight : ones;
  const auto sum_rows = [&](auto add) {
    return parallel_reduce(
        threads, X.rows(), 4096, Vector(Vector::Zero(d)),
        [&](Index begin, Index end) {
          Vector part = Vector::Zero(d);
          for (Index i = begin; i < end; ++i) add(i, part.data());
          return part;
        },
        [](Vector& total, const Vector& part) { total += part; });
  };
  const Vector mean = sum_rows([&](Index i, double* out) {
                        const double* x = X.row(i).data();
                        for (Index f = 0; f < d; ++f) out[f] += w[i] * x[f];
                      }) /
                      w.sum();
  const Vector squares = sum_rows([&](Index i, double* out) {
    const double* x = X.row(i).data();
    for (Index f = 0; f < d; ++f) out[f] += w[i] * (x[f] - mean[f]) * (x[f] - mean[f]);
  });
  return squares.sum() / w.sum() / static_cast<double>(d);
}

// Measured on 20 000 to 200 000 rows of blobs and images: elkan's bound a centre pays where a distance is dear.
KMeansAlgorithm algorithm_for(KMeansAlgorithm wanted, Index k, Index d) {
  if (wanted != KMeansAlgorithm::automatic) return wanted;
  return d >= 64 && k <= 2 * d ? KMeansAlgorithm::elkan : KMeansAlgorithm::hamerly;
}

std::unique_ptr<Assigner> make_assigner(KMeansAlgorithm algorithm, const Matrix& X,
                                        const std::optional<RoundedRows>& rounded, Index k, const Context& ctx) {
  if (rounded) return elkan(*rounded, k, ctx);
  return algorithm == KMeansAlgorithm::lloyd ? lloyd(X, ctx) : hamerly(X, ctx);
}

std::string note_of(const Run& run, const KMeansParams& params, KMeansAlgorithm used) {
  std::string note;
  for (const auto& item : kmeans_algorithm_names.items)
    if (item.second == used) note = std::string("nearest centres by ") + item.first;
  if (run.empty)
    note += "; " + std::to_string(run.empty) + (run.empty == 1 ? " cluster is" : " clusters are") +
            " empty: there are fewer different rows than centres";
  if (run.out_of_time)
    note += "; stopped by the time budget, rows still changed clusters";
  else if (!run.converged)
    note += "; stopped after " + std::to_string(run.iterations) +
            " iterations, rows still changed clusters: raise --max-iter (now " + std::to_string(params.max_iter) + ")";
  return note;
}

}  // namespace

KMeansModel KMeans::fit(const Params& params, const Samples& samples, const Context& ctx) {
  check_rows(samples, params.clusters, ctx.threads);
  const Matrix& X = samples.rows();
  const Matrix given = given_centers(params.centers, params.init, params.clusters, samples.columns);
  const SumGrid grid(samples, ctx.threads);
  const Stop stop{params.tolerance > 0 ? params.tolerance * mean_variance(samples, ctx.threads) : 0, params.max_iter};
  const KMeansAlgorithm used = algorithm_for(params.algorithm, params.clusters, X.cols());
  const int starts = given.rows() > 0 || params.clusters == 1 ? 1 : params.starts;
  std::optional<RoundedRows> rounded;  // for all starts
  if (used == KMeansAlgorithm::elkan) rounded.emplace(X, ctx.threads);
  Run best;
  std::vector<double> inertias;
  int best_start = 0;
  double filled = 0;
  for (int s = 0; s < starts; ++s) {
    if (s > 0 && ctx.out_of_time()) break;
    const Context here = ctx.child("start", static_cast<uint64_t>(s), static_cast<uint64_t>(starts));
    const std::unique_ptr<Assigner> assigner = make_assigner(used, X, rounded, params.clusters, here);
    Run run =
        iterate(samples, grid, given.rows() > 0 ? given : first_centers(params.init, params.clusters, samples, here),
                *assigner, stop, here);
    filled += run.filled;
    inertias.push_back(run.summary.total());
    if (s > 0 && inertias.back() >= best.summary.total()) continue;
    best = std::move(run);
    best_start = s;
  }
  trace_starts(ctx, inertias, best_start);
  KMeansModel model;
  model.clusters = params.clusters;
  model.report.converged = best.converged;
  model.report.iterations = best.iterations;
  model.report.objective = best.summary.total();
  model.report.note = note_of(best, params, used);
  const double all = static_cast<double>(X.rows()) * params.clusters * static_cast<double>(best.iterations);
  model.report.more = {{"starts", static_cast<double>(inertias.size())},
                       {"best_start", best_start + 1.0},
                       {"empty_clusters_filled", filled},
                       {"share_of_distances_measured", best.distances / all}};
  model.labels = std::move(best.labels);
  model.centers = std::move(best.centers);
  model.sizes = std::move(best.summary.sizes);
  model.inertia = std::move(best.summary.inertia);
  model.typical = std::move(best.summary.typical);
  return model;
}

std::vector<int> KMeansModel::predict(const Samples& samples, const Context& ctx) const {
  return nearest_centers(samples, centers, ctx);
}

Explanation KMeansModel::explain(const std::vector<Column>& columns) const {
  return explain_centers(columns, centers, sizes, inertia, typical);
}

void KMeansModel::save(ArchiveWriter& out) const {
  out.matrix("centers", centers);
  out.vector("sizes", sizes);
  out.vector("inertia", inertia);
  out.integers("typical", typical);
}

KMeansModel KMeansModel::load(const ArchiveReader& in, const std::vector<Column>& columns) {
  KMeansModel m;
  m.centers = read_centers(in, columns);
  m.clusters = static_cast<int>(m.centers.rows());
  m.sizes = in.vector("sizes", m.clusters);
  m.inertia = in.vector("inertia", m.clusters);
  m.typical = in.integers("typical", -1, std::numeric_limits<int>::max());
  if (static_cast<int>(m.typical.size()) != m.clusters) in.fail("typical: one row a centre expected");
  return m;
}

}  // namespace assay
