// ml/cluster/density.h: the ways to answer dbscan.h (1) to (4). All give the same labels.
//
//   expand_clusters   [Ester1996, fig. 2 and 3]: region queries that measure every row, O(n^2)
//   by_grid           cells of side eps / sqrt(d), 1 to 3 columns
//   by_tree           the leaves of a kd-tree, any number of columns
//
// Coordinates are measured in units of a power of two near eps: nothing is rounded by that, and squares neither overflow
// nor vanish where it matters.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "assay/core/context.h"
#include "assay/core/linalg.h"
#include "assay/core/parallel.h"

namespace assay::density {

/// Weights are whole multiples of one power of two: sums are exact, whatever their order.
using Weight = int64_t;

struct Question {
  const Matrix& X;
  double scale = 1;  ///< a power of two; scale * eps is in [1, 2)
  double reach = 1;  ///< (scale * eps)^2: p and q are neighbours if their scaled squared distance is at most this
  std::vector<Weight> weight;  ///< of each row; empty: all 1
  Weight enough = 1;           ///< min_points in the same unit
  Weight weight_of(Index row) const { return weight.empty() ? 1 : weight[static_cast<size_t>(row)]; }
  double at(Index row, Index f) const { return scale * X(row, f); }
};

struct Answer {
  std::vector<int> labels;
  std::vector<int> core;
  int clusters = 0;
  Index contested = 0;  ///< border points within reach of several clusters
  Index cells = 0;      ///< cells of the grid, leaves of the tree
  Index dense = 0;      ///< cells whose points are core without a distance
};

/// Squared distance of two rows in the units of the question, added up in the order of the columns.
double distance(const Question& question, Index a, Index b);

Answer expand_clusters(const Question& question, const Context& ctx);
/// Nothing where the cells cannot be numbered: more than three columns, or a range of far more than 2^20 cells each.
std::optional<Answer> by_grid(const Question& question, const Context& ctx);
Answer by_tree(const Question& question, const Context& ctx);

/// Disjoint sets of 0 .. n-1 that grow together; any number of threads may unite at once. The sets do not depend on the
/// order of the unions, the representatives do: a representative is the lowest member.
class DisjointSets {
 public:
  explicit DisjointSets(Index n);
  int find(int i) const;
  /// False where they were together already.
  bool unite(int a, int b);

 private:
  mutable std::vector<std::atomic<int>> parent_;
};

/// Two cores that tie two components together, as they are found; `left`: components that remain.
struct JoinStep {
  static constexpr const char* kind = "join";
  static constexpr const char* title = "two groups of cores are tied together (3)";
  static constexpr const char* source = "ml/cluster/density.cpp:JoinStep";
  Index p, q;
  double distance, eps;
  std::string why;
  static void fields(const JoinStep& s, auto&& field) {
    field("p", static_cast<long long>(s.p + 1), "row number of a core point of the one group");
    field("q", static_cast<long long>(s.q + 1), "row number of a core point of the other");
    field("d(p, q)", s.distance, "their distance");
    field("eps", s.eps, "radius of a neighbourhood");
  }
};
/// Describes the union that rows p and q brought about, if somebody watches.
void watch_join(const Question& question, const Context& ctx, Index p, Index q);

/// Turns labels[row], the set of a core or -1, into clusters, numbered by their first core row; how many there are.
/// number[set], -1 at first, receives its cluster.
int number_clusters(std::vector<int>& labels, std::vector<int>& number);

}  // namespace assay::density
