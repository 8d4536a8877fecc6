// Notation   m_c centre, w_i weight, S_c the rows of cluster c
// Method     until no row changes:  1 give every row the nearest centre   2 a cluster without rows takes the farthest row
//            3 m_c = sum_{S_c} w_i x_i / sum_{S_c} w_i
// Departures from the paper: 2, which [Lloyd1982] leaves open. 3 adds and removes only the rows that changed; exact_sums.h
//            makes that the same as adding up all of them. With a tolerance, or after max_iter, the rows are given their
//            nearest centre once more, so that labels and centres always agree.
#include "assay/ml/cluster/lloyd.h"

#include <algorithm>
#include <optional>

#include "assay/ml/cluster/nearest.h"
#include "assay/ml/cluster/trace_steps.h"

namespace assay::kmeans {
namespace {

constexpr Index kGrain = 4096;

void apply(const Samples& samples, const Change* changes, Index count, ExactSums& sums) {
  for (Index j = 0; j < count; ++j) {
    const double* x = samples.rows().row(changes[j].row).data();
    const double w = samples.weight_of(changes[j].row);
    if (changes[j].from >= 0) sums.remove(changes[j].from, x, w);
    sums.add(changes[j].to, x, w);
  }
}

// At most eight parts, each far larger than the sums themselves.
void update_sums(const Samples& samples, const SumGrid& grid, const std::vector<Change>& changes, Index k,
                 ExactSums& sums, int threads) {
  const auto count = static_cast<Index>(changes.size());
  const Index grain = std::max(32 * k, (count + 7) / 8);
  if (count <= grain) return apply(samples, changes.data(), count, sums);
  using Part = std::optional<ExactSums>;
  const Part all = parallel_reduce(
      threads, count, grain, Part(),
      [&](Index begin, Index end) {
        Part part;
        part.emplace(grid, k);
        apply(samples, changes.data() + begin, end - begin, *part);
        return part;
      },
      [](Part& total, Part& part) {
        if (total)
          total->merge(*part);
        else
          total = std::move(part);
      });
  sums.merge(*all);
}

/// Step 2. The rows that are moved, and where.
class EmptyClusters {
 public:
  EmptyClusters(const Samples& samples, const Matrix& centers, Assigner& assigner, const ExactSums& sums, int threads)
      : samples_(samples), assigner_(assigner), own_(static_cast<size_t>(samples.n())), left_(centers.rows()) {
    const Matrix& X = samples.rows();
    parallel_for(threads, X.rows(), kGrain, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i)
        own_[static_cast<size_t>(i)] =
            samples.weight_of(i) > 0 ? squared_distance(X.row(i).data(), centers.row(label(i)).data(), X.cols()) : 0;
    });
    for (Index c = 0; c < centers.rows(); ++c) left_[c] = sums.weight(c);
  }

  /// False where every row lies on its centre, or is all there is of its cluster.
  bool fill(int empty, std::vector<Change>& changes) {
    for (;;) {
      const Index row = std::max_element(own_.begin(), own_.end()) - own_.begin();
      if (own_[static_cast<size_t>(row)] <= 0) return false;
      const std::vector<Index> twins = twins_of(row);
      double weight = 0;
      for (const Index i : twins) {
        own_[static_cast<size_t>(i)] = 0;
        weight += samples_.weight_of(i);
      }
      const int from = label(row);
      if (weight >= left_[from] * (1 - 1e-12)) continue;
      left_[from] -= weight;
      for (const Index i : twins) {
        changes.push_back({i, from, empty});
        assigner_.move(i, empty);
      }
      return true;
    }
  }

 private:
  int label(Index i) const { return assigner_.labels()[static_cast<size_t>(i)]; }
  std::vector<Index> twins_of(Index row) const {
    std::vector<Index> twins;
    const Matrix& X = samples_.rows();
    for (Index i = row; i < X.rows(); ++i)  // equal rows are equally far, and max_element gives the first
      if (label(i) == label(row) && samples_.weight_of(i) > 0 && X.row(i) == X.row(row)) twins.push_back(i);
    return twins;
  }

  const Samples& samples_;
  Assigner& assigner_;
  std::vector<double> own_;  ///< squared distance to the own centre; 0 for rows that stay
  Vector left_;
};

int fill_empty_clusters(const Samples& samples, const SumGrid& grid, const Matrix& centers, Assigner& assigner,
                        ExactSums& sums, std::vector<Change>& moved, const Context& ctx) {
  std::optional<EmptyClusters> empty;
  int filled = 0;
  for (Index c = 0; c < centers.rows(); ++c) {
    if (sums.weight(c) > 0) continue;
    if (!empty) empty.emplace(samples, centers, assigner, sums, ctx.threads);
    if (!empty->fill(static_cast<int>(c), moved)) break;
    ++filled;
  }
  update_sums(samples, grid, moved, centers.rows(), sums, ctx.threads);
  return filled;
}

// Step 3; a cluster without rows keeps its centre. Returns the sum of the squared moves.
double move_centers(const ExactSums& sums, Matrix& centers) {
  double moved = 0;
  Eigen::RowVectorXd mean(centers.cols());
  for (Index c = 0; c < centers.rows(); ++c) {
    if (sums.weight(c) <= 0) continue;
    sums.mean(c, mean.data());
    moved += squared_distance(mean.data(), centers.row(c).data(), centers.cols());
    centers.row(c) = mean;
  }
  return moved;
}

}  // namespace

Summary summarize(const Samples& samples, const std::vector<int>& labels, const Matrix& centers, int threads) {
  struct Part {
    Vector inertia, sizes;
    std::vector<int> typical;
    std::vector<double> nearest;
  };
  const Matrix& X = samples.rows();
  const Index k = centers.rows();
  const Part none{Vector::Zero(k), Vector::Zero(k), std::vector<int>(static_cast<size_t>(k), -1),
                  std::vector<double>(static_cast<size_t>(k), 0.0)};
  const Part all = parallel_reduce(
      threads, X.rows(), std::max(kGrain, k), none,
      [&](Index begin, Index end) {
        Part part = none;
        for (Index i = begin; i < end; ++i) {
          const double w = samples.weight_of(i);
          if (w <= 0) continue;
          const auto c = static_cast<size_t>(labels[static_cast<size_t>(i)]);
          const double s = squared_distance(X.row(i).data(), centers.row(static_cast<Index>(c)).data(), X.cols());
          part.inertia[static_cast<Index>(c)] += w * s;
          part.sizes[static_cast<Index>(c)] += w;
          if (part.typical[c] >= 0 && s >= part.nearest[c]) continue;
          part.typical[c] = static_cast<int>(i);
          part.nearest[c] = s;
        }
        return part;
      },
      [](Part& total, const Part& part) {
        total.inertia += part.inertia;
        total.sizes += part.sizes;
        for (size_t c = 0; c < total.typical.size(); ++c) {
          if (part.typical[c] < 0 || (total.typical[c] >= 0 && part.nearest[c] >= total.nearest[c])) continue;
          total.typical[c] = part.typical[c];
          total.nearest[c] = part.nearest[c];
        }
      });
  return {all.inertia, all.sizes, all.typical};
}

Run iterate(const Samples& samples, const SumGrid& grid, Matrix centers, Assigner& assigner, const Stop& stop,
            const Context& ctx) {
  Run run;
  ExactSums sums(grid, centers.rows());
  TraceHalfSteps trace(ctx, samples);
  bool settled = false;  // labels are those of the nearest centres
  while (run.iterations < stop.max_iter && !run.out_of_time) {
    ctx.check_cancelled();
    ++run.iterations;
    const std::vector<Change> changes = assigner.assign(centers);
    run.distances += static_cast<double>(assigner.counts().distances);
    trace.assigned(run.iterations, centers, assigner, changes);
    if (run.iterations > 1 && changes.empty()) {
      settled = run.converged = true;
      break;
    }
    update_sums(samples, grid, changes, centers.rows(), sums, ctx.threads);
    std::vector<Change> moved;
    run.filled += fill_empty_clusters(samples, grid, centers, assigner, sums, moved, ctx);
    trace.filled(run.iterations, moved);
    const double squared_move = move_centers(sums, centers);
    trace.moved(run.iterations, centers, assigner, squared_move);
    run.converged = moved.empty() && squared_move <= stop.squared_move;
    if (run.converged) break;
    run.out_of_time = ctx.out_of_time();
  }
  if (!settled) {
    const std::vector<Change> changes = assigner.assign(centers);
    run.distances += static_cast<double>(assigner.counts().distances);
    run.converged = run.converged || changes.empty();
    trace.assigned(run.iterations + 1, centers, assigner, changes);
  }
  run.labels = assigner.take_labels();
  run.summary = summarize(samples, run.labels, centers, ctx.threads);
  for (Index c = 0; c < centers.rows(); ++c) run.empty += run.summary.sizes[c] <= 0;
  run.centers = std::move(centers);
  return run;
}

}  // namespace assay::kmeans
