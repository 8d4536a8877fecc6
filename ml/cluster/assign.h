// ml/cluster/assign.h: Lloyd's first half-step, for a sequence of centres: the nearest centre of every row.
//
// All three give nearest.h (2), bit for bit; they differ in how many distances they measure.
//   lloyd    all n k of them                                                                       [Lloyd1982]
//   hamerly  bounds u_i >= |x_i - m_a|, l_i <= |x_i - m_c| for every c but the label a; a row stays where
//            u_i < max(l_i, s_a), s_a half the distance of m_a to the nearest other centre         [Hamerly2010]
//   elkan    bounds l_ic, one a centre; c needs no distance where u_i < max(l_ic, |m_a - m_c| / 2)   [Elkan2003]
//
// When centres move by p_c, u grows by p_a and l falls by p_c (hamerly: by the largest p of the others).
#pragma once
#include <memory>
#include <vector>

#include "assay/core/context.h"
#include "assay/ml/cluster/kmeans.h"
#include "assay/ml/cluster/rounded_rows.h"

namespace assay::kmeans {

/// A row that changed its cluster; from -1: it had none.
struct Change {
  Index row;
  int from, to;
};

/// What one half-step did, in rows and in distances.
struct AssignCounts {
  long rows_kept_by_center = 0;    ///< u < s_a: no other centre can be nearer (hamerly, elkan)
  long rows_kept_by_bound = 0;     ///< u < l
  long rows_kept_by_distance = 0;  ///< the same, after measuring u
  long rows_searched = 0;          ///< all other rows
  long distances = 0;              ///< of row and centre, measured or bounded in single precision
};

class Assigner {
 public:
  virtual ~Assigner() = default;
  /// Labels every row; the changes in the order of the rows. From the second call on, `centers` are the ones of the last
  /// call, moved.
  std::vector<Change> assign(const Matrix& centers);
  /// Puts a row into a cluster by force: its bounds are forgotten.
  virtual void move(Index row, int to) { labels_[static_cast<size_t>(row)] = to; }
  const std::vector<int>& labels() const { return labels_; }
  std::vector<int> take_labels() { return std::move(labels_); }
  const AssignCounts& counts() const { return counts_; }

 protected:
  Assigner(const Matrix& X, const Context& ctx) : X_(X), ctx_(ctx), labels_(static_cast<size_t>(X.rows()), -1) {}
  /// What moved since the last call; then rows() for every chunk.
  virtual void prepare(const Matrix& centers) = 0;
  virtual void rows(Index begin, Index end, std::vector<Change>& changes, AssignCounts& counts) = 0;
  void relabel(Index row, int to, std::vector<Change>& changes) {
    int& label = labels_[static_cast<size_t>(row)];
    if (label != to) changes.push_back({row, label, to});
    label = to;
  }

  const Matrix& X_;
  const Context& ctx_;
  std::vector<int> labels_;

 private:
  AssignCounts counts_;
};

std::unique_ptr<Assigner> lloyd(const Matrix& X, const Context& ctx);
std::unique_ptr<Assigner> hamerly(const Matrix& X, const Context& ctx);
/// `rows` may serve many starts; it is used as long as the assigner is.
std::unique_ptr<Assigner> elkan(const RoundedRows& rows, Index clusters, const Context& ctx);

/// The distance each centre moved, and half the distances between centres: upper and lower bounds.
struct Geometry {
  std::vector<double> moved;    ///< at least |m_c - m'_c|
  double most = 0, second = 0;  ///< the largest and the second largest of them
  Index farthest = 0;           ///< whose move is the largest
  Matrix half;                  ///< at most |m_a - m_c| / 2; where asked for
  std::vector<double> nearest;  ///< the least of a row of `half`: s_a
  /// `before` is empty on the first call.
  void measure(const Matrix& before, const Matrix& centers, bool keep_half, int threads);
};

}  // namespace assay::kmeans
