// ml/cluster/minibatch_kmeans.h: k-means from small random batches: nearly the centres of k-means, for a fraction of its time.
//
//   for each row x of a batch, c its nearest centre:   v_c += w,   m_c += (w / v_c) (x - m_c)                       (1)
//
// so that each centre is the weighted mean of all rows it was ever given.
//
// Shapes      as kmeans; labels are those of the nearest centre, over all rows, at the end
// Guarantees  results do not depend on threads; the inertia is that of all rows, never of a batch
// Cost        O(b k d) a batch; O(n k d) once at the end
// Errors      as kmeans
// See         [Sculley2010] algorithm 1; kmeans.h; trace kind "batch"
#pragma once
#include "assay/ml/cluster/kmeans.h"

namespace assay {

struct MiniBatchKMeansParams {
  int clusters = 8;
  std::string init = "greedy-k-means++";
  int batch = 1024;
  int max_iter = 1000;
  int patience = 20;
  Matrix centers;  ///< as in KMeansParams

  static void fields(auto& p, auto&& field) {
    field("clusters", p.clusters, at_least(1), "k: how many centres", {"k", "n-clusters"});
    field("init", p.init, "the first centres, as for kmeans; chosen among three batches of rows");
    field("batch", p.batch, at_least(1), "rows of a batch", {"batch-size"});
    field("max-iter", p.max_iter, at_least(1), "batches at most");
    field("patience", p.patience, at_least(1),
          "stop when the smoothed inertia of a batch has not fallen for so many batches", {"max-no-improvement"});
  }
};

struct MiniBatchKMeans {
  using Params = MiniBatchKMeansParams;
  using Model = KMeansModel;
  static constexpr LearnerInfo info{"minibatch-kmeans",
                                    "k-means from small random batches, for many rows",
                                    "Sculley2010",
                                    {"mini-batch-kmeans"},
                                    {.weights = Weights::approximate, .objective = "inertia"}};
  static Model fit(const Params& params, const Samples& samples, const Context& ctx);
};

}  // namespace assay
