// ml/cluster/dbscan.h: clusters are what dense neighbourhoods connect; what none of them reaches is noise.
//
//   N(p) = { q : d(p, q) <= eps }                                          the neighbourhood, p itself among it       (1)
//   core p:      the weights of N(p) add up to at least min_points         (weights 1: its size)                      (2)
//   cluster:     cores p, q with q in N(p) belong together; and what follows from that                                (3)
//   border:      no core, but one within eps: joins the cluster of such a core;   noise: neither                      (4)
//
// Shapes     X: n x d by rows, finite; labels 0 .. clusters - 1, noise -1
// Guarantees d is the Euclidean distance, its square added up coordinate by coordinate and compared with eps^2. Which rows
//            are cores, which cores belong together and which rows are noise does not depend on the order of the rows.
//            Clusters are numbered by their first core row. A border point within reach of several clusters ("contested")
//            joins the lowest number: what [Ester1996, fig. 2] does when it walks the rows in order, label for label
// Weights    exact: a row of weight 2 is that row twice, one of weight 0 is never core; each weight is rounded up to a
//            multiple of about 2^-50 of their total, so that a sum is exact, whatever its order (three thirds are one)
// Cost       O(n) memory; in 1 to 3 columns a grid of cells: O(n) for a bounded number of rows within eps; in more a kd-tree
// Errors     ParameterError (eps not above 0 or far below the resolution of the values), DataError (a missing cell)
// See        [Ester1996], [Gunawan2013] (grid of cells); k_distance.h (eps=auto); trace kinds "cells", "join", "point"
#pragma once
#include <cmath>
#include <variant>
#include <vector>

#include "assay/ml/learner.h"

namespace assay {

enum class EpsRule { automatic };
enum class DbscanAlgorithm { automatic, kd_tree, textbook };
inline constexpr EnumNames<EpsRule, 1> eps_rule_names{{{"auto", EpsRule::automatic}}};
inline constexpr EnumNames<DbscanAlgorithm, 3> dbscan_algorithm_names{{{"auto", DbscanAlgorithm::automatic},
                                                                       {"kd-tree", DbscanAlgorithm::kd_tree},
                                                                       {"textbook", DbscanAlgorithm::textbook}}};

struct DbscanParams {
  std::variant<EpsRule, double> eps = EpsRule::automatic;
  int min_points = 5;
  DbscanAlgorithm algorithm = DbscanAlgorithm::automatic;

  static void fields(auto& p, auto&& field) {
    field("eps", p.eps, WordOrNumber<EpsRule, 1>{eps_rule_names, positive},
          "radius of a neighbourhood; auto: where the k-distance plot bends");
    field("min-points", p.min_points, at_least(1), "rows within eps, the row itself counted, that make a core",
          {"min-samples", "minpts", "min-pts"});
    field("algorithm", p.algorithm, dbscan_algorithm_names,
          "how neighbours are found, never which; auto: a grid of cells in 1 to 3 columns, else kd-tree");
  }
};

struct DbscanModel {
  FitReport report;
  std::vector<int> labels;
  int clusters = 0;
  std::vector<int> core;  ///< one a row: 1 for a core point
  double eps = 0;
  int min_points = 0;

  void save(ArchiveWriter& out) const;
  static DbscanModel load(const ArchiveReader& in, const std::vector<Column>& columns);
  Explanation explain(const std::vector<Column>& columns) const;
};

struct Dbscan {
  using Params = DbscanParams;
  using Model = DbscanModel;
  static constexpr LearnerInfo info{"dbscan",
                                    "clusters of any shape, connected by dense neighbourhoods; the rest is noise",
                                    "Ester1996",
                                    {},
                                    {.layout = Layout::rows, .weights = Weights::exact, .transductive = true}};
  static Model fit(const Params& params, const Samples& samples, const Context& ctx);
};

}  // namespace assay
