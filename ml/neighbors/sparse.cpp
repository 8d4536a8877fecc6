// Notation   q query, x stored row, as their entries;  D = |q|^2 + |x|^2 - 2 q'x
// Method     Euclidean: 1 q'x of all rows at once, from the columns in which q has entries   2 a row may belong to the answer only if
//            D is not above the limit by more than its rounding, see Bound   3 what passes is measured entry by entry, and that
//            decides   otherwise: every row is measured
// Bound      With L entries in q and the longest row, each of the three sums and the distance itself is off by less than
//            (L + 8) 2^-53 of |q|^2 + |x|^2, or twice that: together by less than c (|q|^2 + |x|^2), c = (8 L + 64) 2^-53.
// Departures: none; a coordinate that is 0 in both rows adds exactly 0, so the answer is search.h (1), bit for bit that of the
//            dense table.
#include <algorithm>
#include <cmath>

#include "assay/ml/data/sparse.h"
#include "assay/ml/neighbors/distance.h"
#include "assay/ml/neighbors/search.h"

namespace assay::neighbors {
namespace {

constexpr Index kTask = 64;  // queries

struct Entries {
  const int32_t* column;
  const double* value;
  Index count;
};

Entries entries_of(const Csr& X, Index i) {
  const int64_t first = X.row_start[static_cast<size_t>(i)];
  return {X.column.data() + first, X.value.data() + first, X.row_start[static_cast<size_t>(i) + 1] - first};
}

double square_of(const Entries& x) {
  double total = 0;
  for (Index e = 0; e < x.count; ++e) total += x.value[e] * x.value[e];
  return total;
}

// The coordinates in which one of both has an entry, in order.
template <class Metric>
double distance_of(const Metric& metric, const Entries& q, const Entries& x) {
  double total = 0;
  Index a = 0, b = 0;
  while (a < q.count && b < x.count) {
    const int32_t f = q.column[a], g = x.column[b];
    const double difference = (f <= g ? q.value[a] : 0.0) - (g <= f ? x.value[b] : 0.0);
    a += f <= g;
    b += g <= f;
    total = metric.add(total, difference);
  }
  for (; a < q.count; ++a) total = metric.add(total, q.value[a]);
  for (; b < x.count; ++b) total = metric.add(total, -x.value[b]);
  return total;
}

}  // namespace

SparseSearch::SparseSearch(std::shared_ptr<const Csr> X, Measure measure) : X_(std::move(X)), measure_(measure) {
  if (!by_product()) return;
  by_column_ = transposed(*X_);
  square_.resize(X_->rows);
  for (Index i = 0; i < X_->rows; ++i) {
    const Entries x = entries_of(*X_, i);
    square_[i] = square_of(x);
    longest_ = std::max(longest_, x.count);
  }
}

bool SparseSearch::by_product() const {
  return measure_.distance == Distance::euclidean || measure_.distance == Distance::cosine;
}

void SparseSearch::nearest(const Csr& queries, Index begin, Index end, int k, Neighbor* out) const {
  NearestList list(k);
  Vector product(by_product() ? X_->rows : 0);
  for (Index i = begin; i < end; ++i) {
    list.clear();
    const Entries q = entries_of(queries, i);
    if (by_product()) {
      product.setZero();
      for (Index e = 0; e < q.count; ++e) add_row(by_column_, q.column[e], q.value[e], product);
      const double own = square_of(q), c = static_cast<double>(8 * (q.count + longest_) + 64) * 0x1p-53;
      for (Index r = 0; r < X_->rows; ++r) {
        const double both = own + square_[r], least = both * (1 - c) - 2 * product[r];
        if (least > list.limit()) continue;  // what is not a number passes
        list.offer({distance_of(Euclidean{}, q, entries_of(*X_, r)), static_cast<int>(r)});
      }
    } else {
      with_metric(measure_, [&](const auto& metric) {
        for (Index r = 0; r < X_->rows; ++r)
          list.offer({distance_of(metric, q, entries_of(*X_, r)), static_cast<int>(r)});
      });
    }
    out = std::copy(list.items().begin(), list.items().end(), out);
  }
}

Csr directions(const Csr& X) {
  Csr U;
  U.rows = X.rows;
  U.columns = X.columns + 1;
  for (Index i = 0; i < X.rows; ++i) {
    const Entries x = entries_of(X, i);
    double largest = 0, square = 0;
    for (Index e = 0; e < x.count; ++e) largest = std::max(largest, std::abs(x.value[e]));
    if (largest > 0) {
      const double unit = unit_of(largest);
      for (Index e = 0; e < x.count; ++e) square += (unit * x.value[e]) * (unit * x.value[e]);
      const double length = std::sqrt(square);
      for (Index e = 0; e < x.count; ++e) {
        U.column.push_back(x.column[e]);
        U.value.push_back(unit * x.value[e] / length);
      }
    } else {
      U.column.push_back(static_cast<int32_t>(X.columns));
      U.value.push_back(1);
    }
    U.row_start.push_back(static_cast<int64_t>(U.value.size()));
  }
  return U;
}

std::vector<Neighbor> all_nearest(const SparseSearch& search, const Csr& queries, int k, const Context& ctx) {
  std::vector<Neighbor> out(static_cast<size_t>(queries.rows) * static_cast<size_t>(k));
  parallel_for(ctx.threads, queries.rows, kTask, [&](Index begin, Index end) {
    ctx.check_cancelled();
    search.nearest(queries, begin, end, k, out.data() + begin * k);
  });
  return out;
}

}  // namespace assay::neighbors
