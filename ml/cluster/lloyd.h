// ml/cluster/lloyd.h: one start of k-means: half-steps in turn until no row changes its cluster.
#pragma once
#include "assay/core/context.h"
#include "assay/ml/cluster/assign.h"
#include "assay/ml/cluster/exact_sums.h"

namespace assay::kmeans {

/// What the rows say about their clusters.
struct Summary {
  Vector inertia;            ///< sum of w |x - m|^2, a cluster
  Vector sizes;              ///< sum of w
  std::vector<int> typical;  ///< the row nearest to the centre, the earliest of equals; -1 without rows of weight
  double total() const { return inertia.sum(); }
};
Summary summarize(const Samples& samples, const std::vector<int>& labels, const Matrix& centers, int threads);

struct Run {
  Matrix centers;
  std::vector<int> labels;  ///< of the nearest of `centers`
  Summary summary;
  long iterations = 0;
  bool converged = false, out_of_time = false;
  int filled = 0, empty = 0;  ///< times an empty cluster took a row; clusters that stayed empty at the end
  double distances = 0;
};

struct Stop {
  double squared_move = 0;  ///< of all centres together, at most
  int max_iter = 300;
};

/// Requires finite cells up to kLargest, 1 <= k <= n.
Run iterate(const Samples& samples, const SumGrid& grid, Matrix centers, Assigner& assigner, const Stop& stop,
            const Context& ctx);

}  // namespace assay::kmeans
