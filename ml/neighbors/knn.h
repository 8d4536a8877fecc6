// ml/neighbors/knn.h: answers with the k nearest training rows.
//
//   class        the one with most votes among N_k(q)          value   the mean of y over N_k(q)                      (1)
//   weighting    uniform: each neighbour counts 1; distance: 1 / distance (rows at distance 0, if any, alone)
//
// Ties       neighbours are ordered by (distance, row number), so equal distances favour the earlier row; equal votes
//            favour the lowest class
// Distances  cosine: 1 - cos of the angle, measured as |u - v|^2 / 2 between rows of length 1; a row of zeros has distance 1 to
//            every other kind of row and 0 to its like
// Weights    none: a row twice is two neighbours and drives another out, which no weight of one row can do
// Sparse     a sparse table stays one, unscaled: an absent cell is 0; brute force, whose cost is that of the entries
// Cost       fit: a copy of the table, kd-tree O(d n log n); a prediction O(n d) brute, about O(d log n) kd-tree in few
//            columns
// Errors     ParameterError (more neighbours than rows, kd-tree on a sparse table), DataError (weights, a missing cell)
// See        [Cover1967]; search.h; trace kind "neighbors"
#pragma once
#include <memory>
#include <variant>
#include <vector>

#include "assay/ml/learner.h"

namespace assay {

enum class Weighting { uniform, distance };
enum class Distance { euclidean, manhattan, chebyshev, minkowski, cosine };
enum class Algorithm { automatic, brute, kd_tree };
inline constexpr EnumNames<Weighting, 2> weighting_names{
    {{"uniform", Weighting::uniform}, {"distance", Weighting::distance}}};
inline constexpr EnumNames<Distance, 5> distance_names{{{"euclidean", Distance::euclidean},
                                                        {"manhattan", Distance::manhattan},
                                                        {"chebyshev", Distance::chebyshev},
                                                        {"minkowski", Distance::minkowski},
                                                        {"cosine", Distance::cosine}}};
inline constexpr EnumNames<Algorithm, 3> algorithm_names{
    {{"auto", Algorithm::automatic}, {"brute", Algorithm::brute}, {"kd-tree", Algorithm::kd_tree}}};

namespace neighbors {
class Search;
class SparseSearch;
struct Neighbor;
}  // namespace neighbors

struct KnnParams {
  int neighbors = 5;
  Weighting weighting = Weighting::uniform;
  Distance distance = Distance::euclidean;
  double p = 2;
  Algorithm algorithm = Algorithm::automatic;

  static void fields(auto& p, auto&& field) {
    field("neighbors", p.neighbors, at_least(1), "k: training rows that answer; more is smoother",
          {"k", "n-neighbors"});
    field("weighting", p.weighting, weighting_names, "what a neighbour counts: the same, or 1 / distance");
    field("distance", p.distance, distance_names, "what near means", {"metric"});
    field("p", p.p, at_least(1), "exponent of distance=minkowski: the p-th root of sum |x_f - z_f|^p");
    field("algorithm", p.algorithm, algorithm_names,
          "how neighbours are found, never which; auto: the cheaper one, after a few queries of the kd-tree");
  }
};

struct KnnModel {
  KnnParams params;
  Task task = Task::classification;
  int K = 0;  ///< classes
  std::variant<std::shared_ptr<const Matrix>, std::shared_ptr<const Csr>> X;
  std::vector<int> code;  ///< of each row of X, or
  Vector value;
  std::shared_ptr<const neighbors::Search> search;  ///< made from X, not stored; or
  std::shared_ptr<const neighbors::SparseSearch> sparse_search;
  Algorithm found_by = Algorithm::brute;  ///< how it searches
  FitReport report;

  Vector predict(const Samples& samples, const Context& ctx) const;
  bool has_proba() const { return task == Task::classification; }
  /// Shares of the votes.
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static KnnModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);

 private:
  Matrix answers(const Samples& samples, const Context& ctx) const;  ///< m x K shares, or m x 1 values
  void answer(const neighbors::Neighbor* nearest, double* out) const;
  void make_search();
  Index rows() const;
  std::vector<neighbors::Neighbor> nearest(const Samples& samples, const Context& ctx) const;
  double distance_of(const neighbors::Neighbor& neighbor) const;
  friend struct Knn;
};

struct Knn {
  using Params = KnnParams;
  using Model = KnnModel;
  static constexpr LearnerInfo info{"knn",
                                    "the answer of the nearest training rows",
                                    "Cover1967",
                                    {"nearest-neighbors", "k-nearest-neighbors", "kneighbors"},
                                    {.classification = true,
                                     .regression = true,
                                     .layout = Layout::rows,
                                     .needs_scaling = true,
                                     .accepts_sparse = true,
                                     .weights = Weights::none}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
