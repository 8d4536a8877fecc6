// ml/neighbors/search.h: the k nearest of n stored points.
//
//   N_k(q) = the k rows x_i of X with the smallest (distance(q, x_i), i)                                             (1)
//
// Shapes     X: n x d by rows, finite; queries: m x d by rows, finite; k <= n; or both sparse
// Ties       by the lower row number: (1) is a total order, so every method below gives the same rows in the same order,
//            and the same distances bit for bit
// Distances  kept "reduced": what orders as the distance does and costs no root: the square for the Euclidean one
// Threads    a search is not changed by asking it: ask from any number of threads
// See        [Bentley1975], [Friedman1977] (kd-tree)
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "assay/core/linalg.h"
#include "assay/core/parallel.h"
#include "assay/ml/neighbors/knn.h"

namespace assay::neighbors {

struct Neighbor {
  double distance = 0;  ///< reduced
  int row = 0;
};
inline bool before(const Neighbor& a, const Neighbor& b) {
  return a.distance < b.distance || (a.distance == b.distance && a.row < b.row);
}

/// The k nearest seen so far, in order; of those within `limit`, where one is given.
class NearestList {
 public:
  explicit NearestList(int k) : k_(static_cast<size_t>(k)) { items_.reserve(k_ + 1); }
  void clear(double limit = std::numeric_limits<double>::infinity()) {
    items_.clear();
    limit_ = limit;
  }
  bool full() const { return items_.size() == k_; }
  /// The reduced distance above which nothing gets in.
  double limit() const { return full() ? items_.back().distance : limit_; }
  void offer(const Neighbor& candidate) {
    if (full()) {
      if (!before(candidate, items_.back())) return;
    } else {
      items_.emplace_back();
    }
    size_t at = items_.size() - 1;
    if (at > kSteps) {
      const auto last = items_.end() - 1, place = std::upper_bound(items_.begin(), last, candidate, before);
      std::move_backward(place, last, items_.end());
      at = static_cast<size_t>(place - items_.begin());
    }
    for (; at > 0 && before(candidate, items_[at - 1]); --at) items_[at] = items_[at - 1];
    items_[at] = candidate;
  }
  const std::vector<Neighbor>& items() const { return items_; }

 private:
  static constexpr size_t kSteps = 32;  // up to so many are walked past, more are halved
  size_t k_;
  double limit_ = std::numeric_limits<double>::infinity();
  std::vector<Neighbor> items_;
};

class Search {
 public:
  virtual ~Search() = default;
  /// Neighbours of the queries begin .. end - 1, k each, in order, to `out`.
  virtual void nearest(const Matrix& queries, Index begin, Index end, int k, Neighbor* out) const = 0;
  /// How many queries are best asked at once.
  virtual Index asked_at_once() const { return 256; }
};

/// What near means. Minkowski's exponents 1 and 2 are Manhattan's and Euclid's distance; cosine is Euclid's between
/// `directions`.
struct Measure {
  Distance distance;
  double p;
  Measure(Distance wanted, double exponent = 2) : distance(wanted), p(exponent) {  // NOLINT: a distance is a measure
    if (distance == Distance::minkowski && p == 1) distance = Distance::manhattan;
    if (distance == Distance::minkowski && p == 2) distance = Distance::euclidean;
  }
};
/// The rows at length 1, and a last column that is 1 for a row of zeros, else 0.
Matrix directions(const Matrix& X);
Csr directions(const Csr& X);
/// A power of two that brings a row's largest absolute cell near 1, so that squares neither overflow nor vanish.
inline double unit_of(double largest) { return std::ldexp(1.0, -std::clamp(std::ilogb(largest), -1000, 1000)); }

/// (1) as it stands: every distance, sorted. The judge of the others.
std::unique_ptr<Search> exhaustive_search(std::shared_ptr<const Matrix> X, Measure measure);
/// Blocked brute force: a matrix product in single precision rules out nearly all rows (Euclidean and cosine only).
std::unique_ptr<Search> brute_search(std::shared_ptr<const Matrix> X, Measure measure);
/// kd-tree: expected O(log n) a query in few dimensions. Not for Minkowski: rounding of its powers is not monotone.
std::unique_ptr<Search> kd_tree_search(std::shared_ptr<const Matrix> X, Measure measure);
/// What `used` says at first; `automatic`: the cheaper one by the leaves that a few of X's own rows visit for k neighbours
/// (counted, not timed: the choice depends on the data alone). `used` receives it.
std::unique_ptr<Search> chosen_search(std::shared_ptr<const Matrix> X, Measure measure, int k, Algorithm& used);

/// The neighbours of every query, m x k, in parallel.
std::vector<Neighbor> all_nearest(const Search& search, const Matrix& queries, int k, const Context& ctx);

/// (1) on sparse tables, whose zeros cost nothing: the same rows, and the same distances bit for bit.
class SparseSearch {
 public:
  SparseSearch(std::shared_ptr<const Csr> X, Measure measure);
  void nearest(const Csr& queries, Index begin, Index end, int k, Neighbor* out) const;

 private:
  bool by_product() const;
  std::shared_ptr<const Csr> X_;
  Measure measure_;
  Csr by_column_;
  Vector square_;
  Index longest_ = 0;  ///< entries of a row
};
std::vector<Neighbor> all_nearest(const SparseSearch& search, const Csr& queries, int k, const Context& ctx);

}  // namespace assay::neighbors
