// ml/cluster/kmeans.h: k centres, each row with the nearest of them.
//
//   min_{m_1..m_k}  sum_i w_i min_c |x_i - m_c|^2                                                    (1), the inertia
//
// Lloyd's iteration: give each row the nearest centre, move each centre to the mean of its rows, until no row changes.
//
// Algorithms  lloyd measures every distance (the textbook); hamerly keeps two bounds a row, elkan one a row and centre, and
//             measure only what the bounds leave open. All three give the same bits: labels, centres, iterations.
// Ties        a row between two equally near centres goes to the lower one
// Empty       a centre without rows takes the row farthest from its own centre (the earliest of equals) with all rows equal
//             to it; where every row lies on its centre there are fewer different rows than centres, and it stays empty
// Shapes      centres k x d; labels n, 0..k-1
// Guarantees  the inertia never rises; a row of weight w is w rows; results do not depend on threads
// Cost        lloyd O(n k d) an iteration; memory beyond the table: hamerly 12 n, elkan 4 n k bytes; 32 k d
// Errors      ParameterError (more clusters than rows), DataError (weights, missing cells, cells beyond 1e150, centres file)
// See         [Lloyd1982], [Hamerly2010], [Elkan2003], [Arthur2007]; trace kinds "seed", "half-step", "start"
#pragma once
#include <string>
#include <vector>

#include "assay/ml/clusterer.h"

namespace assay {

enum class KMeansAlgorithm { automatic, lloyd, hamerly, elkan };
inline constexpr EnumNames<KMeansAlgorithm, 4> kmeans_algorithm_names{{{"auto", KMeansAlgorithm::automatic},
                                                                       {"lloyd", KMeansAlgorithm::lloyd},
                                                                       {"hamerly", KMeansAlgorithm::hamerly},
                                                                       {"elkan", KMeansAlgorithm::elkan}}};

struct KMeansParams {
  int clusters = 8;
  std::string init = "greedy-k-means++";
  int starts = 10;
  double tolerance = 1e-4;
  int max_iter = 300;
  KMeansAlgorithm algorithm = KMeansAlgorithm::automatic;
  Matrix centers;  ///< not a parameter by name: where it has rows, the first centres, and there is one start

  static void fields(auto& p, auto&& field) {
    field("clusters", p.clusters, at_least(1), "k: how many centres", {"k", "n-clusters"});
    field("init", p.init,
          "the first centres: greedy-k-means++, k-means++, random, or a CSV file (columns by name, one centre a row)");
    field("starts", p.starts, at_least(1), "runs from different first centres; the one of least inertia is kept",
          {"n-init"});
    field("tolerance", p.tolerance, non_negative,
          "stop when the centres' squared moves add up to no more than this times the mean variance of a column",
          {"tol"});
    field("max-iter", p.max_iter, at_least(1), "iterations of a start at most");
    field("algorithm", p.algorithm, kmeans_algorithm_names, "how the nearest centre is found, never which");
  }
};

struct KMeansModel {
  FitReport report;         ///< objective: the inertia
  std::vector<int> labels;  ///< of the training rows; not stored
  int clusters = 0;
  Matrix centers;
  Vector sizes;              ///< weight of each cluster's rows
  Vector inertia;            ///< each cluster's share of (1)
  std::vector<int> typical;  ///< number of the row nearest to each centre; -1 for an empty cluster

  std::vector<int> predict(const Samples& samples, const Context& ctx) const;
  Explanation explain(const std::vector<Column>& columns) const;
  void save(ArchiveWriter& out) const;
  static KMeansModel load(const ArchiveReader& in, const std::vector<Column>& columns);
};

struct KMeans {
  using Params = KMeansParams;
  using Model = KMeansModel;
  static constexpr LearnerInfo info{"kmeans",
                                    "k centres, each row with the nearest",
                                    "Lloyd1982",
                                    {"k-means"},
                                    {.weights = Weights::exact, .objective = "inertia"}};
  static Model fit(const Params& params, const Samples& samples, const Context& ctx);
};

}  // namespace assay
