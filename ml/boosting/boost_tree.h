// ml/boosting/boost_tree.h: grows one tree of boosting, given the gradients of the rows.
//
//   At a node with rows S the split of greatest gain (gain.h, eq. 2) is chosen among the candidates that a SplitFinder offers;
//   a node whose best gain is not positive is a leaf and answers w* (gain.h, eq. 1). When the tree stands, a split of two leaves
//   that does not gain gamma is taken back, from the bottom up.
//
// Growth     depth: every node down to max_depth; leaf: always the open node of greatest gain, up to max_leaves leaves
// Missing    both sides are tried, the better one is the node's default [Chen2016, Alg. 3]; where no row of the node was missing,
//            it is the side of greater H
// Levels     a categorical column's levels in the order of G/H: the best subset is a prefix [Fisher1958]
// Ties       keys that are equal as float32: the lowest column, then the lowest threshold, then missing goes right
// Cost       by finder: exact.h, approximate.h, histogram.h; 4 bytes a row beside theirs
// Departures from the paper: a split must raise the score by more than 1e-6 of it, so that rounding is not taken for gain.
// See        [Chen2016] sec. 2.2, Alg. 1 and 3; [Shi2007] (leaf-wise); trace kind "split"
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "assay/ml/boosting/gain.h"
#include "assay/ml/boosting/objective.h"
#include "assay/ml/tree/tree.h"

namespace assay::boosting {

enum class Growth { depth, leaf };

struct TreeRules {
  Growth growth = Growth::depth;
  std::optional<int> max_depth = 6, max_leaves;
  Regularization regularization;
  double columns_by_level = 1, columns_by_node = 1;  ///< shares of the tree's columns
};

/// `nodes.value` holds the answers w*, `nodes.cover` H, `gain` what each split gained (0: leaf). Nodes are numbered depth first.
struct BoostTree {
  TreeNodes nodes;
  std::vector<double> gain;
};

struct BoostSplit {
  int feature = -1;
  float key = 0;  ///< score(left) + score(right), by which candidates are compared
  double gain = 0;
  double threshold = 0;
  bool default_left = false;
  std::vector<int> against;  ///< categorical column: the levels, ascending, that do not go the default way
  Sums left, right;
};

/// A node while the tree grows: its rows are rows[begin, begin + count).
struct GrowingNode {
  uint64_t number = 1;  ///< root 1, the children of i are 2 i and 2 i + 1 (modulo 2^64 in very deep trees)
  int depth = 0, begin = 0, count = 0;
  int slot = -1;  ///< what its finder keeps about it
  Sums sums;
  std::vector<int> columns;  ///< that may split it, ascending
  BoostSplit best;
  GrowingNode *left = nullptr, *right = nullptr;  ///< null: a leaf
};

/// One candidate of a node, as the trace shows it.
struct Offer {
  int feature = 0;
  double threshold = 0;
  std::vector<int> levels;  ///< categorical column: those that go left
  bool missing_left = false;
  Sums left, right;
  double gain = 0;
};

/// Offers the candidate splits of nodes. The three of them: exact.h, approximate.h, histogram.h. `divide`, `find` and `close` may
/// be called for nodes of different subtrees at once.
class SplitFinder {
 public:
  virtual ~SplitFinder() = default;
  /// A new tree on `rows`, ascending. Both outlive the tree; `rows` is divided as the tree grows.
  virtual void begin_tree(const std::vector<Gradient>& gradients, const std::vector<int>& rows) = 0;
  virtual Sums total() const = 0;
  /// The root's state.
  virtual void open(GrowingNode& root) = 0;
  /// `parent` was split; `left`, `right` have their rows and sums. A child that is null is a leaf and needs no state.
  /// `side[row]` is 1 where the row went left.
  virtual void divide(GrowingNode& parent, const GrowingNode& l, const GrowingNode& r, GrowingNode* left,
                      GrowingNode* right, const uint8_t* side) = 0;
  /// Fills in `best` of each.
  virtual void find(std::span<GrowingNode* const> nodes) = 0;
  /// A node that will not be split after all.
  virtual void close(GrowingNode&) {}
  /// Every candidate of column f, in order.
  virtual std::vector<Offer> offers(const GrowingNode& node, int f) const = 0;
};

/// What a tree is grown on.
struct BoostData {
  const Columns& X;
  const std::vector<Column>& columns;
};

/// Leaves of the growing tree as ranges of rows: what follows is done a leaf at a time.
struct LeafRows {
  int node, begin, count;
};

/// `rows`: ascending; afterwards in the order of `leaves`. `columns`: that the tree may use, ascending.
BoostTree grow_tree(const BoostData& data, const std::vector<Gradient>& gradients, std::vector<int>& rows,
                    const std::vector<int>& columns, const TreeRules& rules, SplitFinder& finder, const Context& ctx,
                    std::vector<LeafRows>& leaves);

/// A share of items, without putting back, in their order; all where share >= 1, at least one.
std::vector<int> draw(const std::vector<int>& items, double share, Rng rng);

}  // namespace assay::boosting
