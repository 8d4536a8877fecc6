// Notation   f_i = w'x_i + b;  G_i = y_i f_i - 1 + D_i alpha_i: gradient of (1);  PG: G without what a bound holds back;
//            Q_i = |x_i|^2 + kappa^2 + D_i: curvature along alpha_i;  b = anchor + kappa^2 sum_j y_j alpha_j
// Method     a sweep: 1 the active rows, in random order   2 G_i from w and b   3 at a bound and well held there: row i is set
//            aside   4 alpha_i <- clip(alpha_i - G_i / Q_i), w and b follow   5 the range of PG over the sweep small enough: look at
//            all rows with w as it stands, and stop if it still is; else go on with those that no bound holds
//            free intercept: the sweeps minimise (1) with a column kappa beside x and (b - anchor)^2 / (2 kappa^2) in the primal's
//            penalty; then the anchor moves to b, until sum y alpha is 0: the proximal point method, on one unknown
// Departures from the paper: the free intercept, which the paper leaves out; kappa^2 is the mean squared length of a row, so that
//            the column of ones is neither hard nor soft beside the others. The first sweeps after an anchor need not be exact: their
//            tolerance falls tenfold each time. The paper looks at all rows in a sweep over them; a look alone takes them in their
//            order, which memory likes better.
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/ml/data/sparse.h"
#include "assay/ml/linear/linear_svm_solvers.h"

namespace assay::linear_svm {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr size_t kAhead = 4;  // a row is fetched that many turns before its own
constexpr double kFirstTolerance = 0.1;

struct DescentStep {
  static constexpr const char* kind = "dual-descent";
  static constexpr const char* title = "a sweep over the active rows [Hsieh2008, alg. 3]";
  static constexpr const char* source = kSweepSource;
  long t;
  double dual, range, balance;
  long active;
  std::string why;
  static void fields(const DescentStep& s, auto&& field) {
    field("t", s.t, "sweep");
    field("D", s.dual, "dual objective, with the sign of the primal: it rises towards the primal's minimum");
    field("range", s.range, "largest less smallest projected gradient in the sweep, in units of the margin");
    field("balance", s.balance, "sum y alpha: 0 at the end where the intercept is free");
    field("active", s.active, "rows that the sweep visited");
  }
};

// `fetch` is inlined in any case: alone, a function that only prefetches is one without effect, and its calls are dropped.
class DenseRows {
 public:
  explicit DenseRows(const Matrix& X) : X_(X) {}
  double times(Index i, const Vector& w) const { return dot(X_.row(i).data(), w.data(), w.size()); }
  void add(Index i, double a, Vector& w) const { w += a * X_.row(i).transpose(); }
  double square(Index i) const { return X_.row(i).squaredNorm(); }
  [[gnu::always_inline]] void fetch(Index i) const {
    for (Index f = 0; f < X_.cols(); f += 8) __builtin_prefetch(X_.row(i).data() + f);
  }

 private:
  const Matrix& X_;
};

class SparseRows {
 public:
  explicit SparseRows(const Csr& X) : X_(X) {}
  double times(Index i, const Vector& w) const {
    return sparse_dot(X_.value.data(), X_.column.data(), start(i), start(i + 1), w.data());
  }
  void add(Index i, double a, Vector& w) const { add_row(X_, i, a, w); }
  double square(Index i) const {
    double total = 0;
    for (auto e = static_cast<size_t>(start(i)); e < static_cast<size_t>(start(i + 1)); ++e)
      total += X_.value[e] * X_.value[e];
    return total;
  }
  [[gnu::always_inline]] void fetch(Index i) const {
    const int64_t first = start(i), end = start(i + 1);
    for (int64_t e = first; e < end; e += 8) __builtin_prefetch(X_.value.data() + e);
    for (int64_t e = first; e < end; e += 16) __builtin_prefetch(X_.column.data() + e);
  }

 private:
  int64_t start(Index i) const { return X_.row_start[static_cast<size_t>(i)]; }
  const Csr& X_;
};

template <class Rows>
class Descent {
 public:
  Descent(const Rows& rows, const Machine& m, int max_iter, const Context& ctx)
      : rows_(rows), machine_(m), max_iter_(max_iter), ctx_(ctx), rng_(ctx.rng()) {
    const Index n = m.sign.size();
    double mean_square = 0;
    for (Index i = 0; i < n; ++i) {
      const double c = m.cost[i], D = m.squared && c > 0 ? 1 / (2 * c) : 0, square = rows.square(i);
      row_.push_back({m.sign[i], 0, m.squared && c > 0 ? kInfinity : c, D, square + D});
      mean_square += square / static_cast<double>(n);
    }
    if (m.intercept) kappa2_ = m.penalized || !(mean_square > 0) ? 1 : mean_square;
    for (Row& r : row_) r.Q = std::max(r.Q + kappa2_, std::numeric_limits<double>::min());
    s_.w = Vector::Zero(m.samples.d());
  }

  Solution solve(double tolerance, bool free_intercept) {
    double inner = free_intercept ? std::max(tolerance, kFirstTolerance) : tolerance;
    for (;;) {
      s_.converged = sweeps(inner);
      if (!free_intercept || !s_.converged) break;
      double alphas = 0;
      for (const Row& r : row_) alphas += r.alpha;
      if (inner <= tolerance && std::abs(balance_) <= tolerance * alphas) break;
      anchor_ = s_.b;
      balance_ = 0;  // of the alphas as they stand: summed anew
      for (const Row& r : row_) balance_ += r.y * r.alpha;
      set_intercept();
      inner = std::max(tolerance, inner / 10);
    }
    s_.alpha = alphas_now();
    return std::move(s_);
  }

 private:
  struct Row {
    double y, alpha, upper, D, Q;
    bool aside = false;
  };

  void set_intercept() { s_.b = anchor_ + kappa2_ * balance_; }

  // G_i, and PG where nothing holds row i back.
  double gradient(Index i) const {
    const Row& r = row_[static_cast<size_t>(i)];
    return r.y * (rows_.times(i, s_.w) + s_.b) - 1 + r.D * r.alpha;
  }
  static double projected(const Row& r, double G) {
    if (r.alpha == 0) return std::min(G, 0.0);
    return r.alpha == r.upper ? std::max(G, 0.0) : G;
  }
  void set_range(double high, double low) {
    s_.violation = high < low ? 0 : std::max(high, 0.0) - std::min(low, 0.0);
    highest_ = high > 0 ? high : kInfinity;
    lowest_ = low < 0 ? low : -kInfinity;
  }

  void take_all() {
    active_.clear();
    for (size_t i = 0; i < row_.size(); ++i)
      if (row_[i].upper > 0) active_.push_back(static_cast<int>(i));
  }

  // Step 5: the range of PG over all rows, in their order; those that a bound does not hold are active again.
  void look_at_all() {
    double high = -kInfinity, low = kInfinity;
    active_.clear();
    for (size_t i = 0; i < row_.size(); ++i) {
      if (!(row_[i].upper > 0)) continue;
      const double PG = projected(row_[i], gradient(static_cast<Index>(i)));
      high = std::max(high, PG);
      low = std::min(low, PG);
      if (PG != 0) active_.push_back(static_cast<int>(i));
    }
    set_range(high, low);
  }

  bool sweeps(double tolerance) {
    take_all();
    for (;;) {
      if (s_.iterations >= max_iter_ || ctx_.out_of_time()) return false;
      ctx_.check_cancelled();
      const size_t visited = active_.size();
      sweep();
      ++s_.iterations;
      const bool small = s_.violation <= tolerance;
      if (small) look_at_all();
      trace(visited, small, s_.violation <= tolerance);
      ctx_.progress.report(static_cast<double>(std::min(9L, s_.iterations / 10)), 10);
      if (small && s_.violation <= tolerance) return true;
    }
  }

  void sweep() {
    order_ = active_;
    rng_.shuffle(order_);  // blocks of neighbours would be read twice as fast, but need twice the sweeps
    double high = -kInfinity, low = kInfinity;
    bool any_aside = false;
    for (size_t t = 0; t < order_.size(); ++t) {
      if (t + kAhead < order_.size()) {
        rows_.fetch(order_[t + kAhead]);
        __builtin_prefetch(&row_[static_cast<size_t>(order_[t + kAhead])]);
      }
      const int i = order_[t];
      Row& r = row_[static_cast<size_t>(i)];
      const double G = gradient(i), PG = projected(r, G);
      r.aside = (r.alpha == 0 && G > highest_) || (r.alpha == r.upper && G < lowest_);
      if (r.aside) {
        any_aside = true;
        continue;
      }
      high = std::max(high, PG);
      low = std::min(low, PG);
      if (PG == 0) continue;
      const double next = std::clamp(r.alpha - G / r.Q, 0.0, r.upper), step = (next - r.alpha) * r.y;
      if (step == 0) continue;
      r.alpha = next;
      rows_.add(i, step, s_.w);
      balance_ += step;
      set_intercept();
    }
    if (any_aside) std::erase_if(active_, [&](int i) { return row_[static_cast<size_t>(i)].aside; });
    set_range(high, low);
  }

  Vector alphas_now() const {
    Vector alpha(static_cast<Index>(row_.size()));
    for (size_t i = 0; i < row_.size(); ++i) alpha[static_cast<Index>(i)] = row_[i].alpha;
    return alpha;
  }

  void trace(size_t visited, bool small, bool done) {
    if (!ctx_.trace) return;
    if (s_.iterations >= next_picture_) {
      next_picture_ = s_.iterations + std::max(1L, s_.iterations / 2);
      trace_plane(machine_, s_.w, s_.b, alphas_now(), "The plane after sweep " + std::to_string(s_.iterations),
                  kSweepSource, ctx_);
    }
    ctx_.trace.step([&] {
      double dual = -0.5 * s_.w.squaredNorm() - 0.5 * kappa2_ * balance_ * balance_ - anchor_ * balance_;
      for (const Row& r : row_) dual += r.alpha - 0.5 * r.D * r.alpha * r.alpha;
      const char* why =
          !small ? "Some rows still pull at the plane: one more sweep, without the rows that their bounds hold."
          : done ? "No row pulls harder than the tolerance."
                 : "The active rows agree; the rows set aside are looked at again.";
      return DescentStep{s_.iterations, dual, s_.violation, balance_, static_cast<long>(visited), why};
    });
  }

  const Rows& rows_;
  const Machine& machine_;
  int max_iter_;
  const Context& ctx_;
  Rng rng_;
  std::vector<Row> row_;
  std::vector<int> active_, order_;
  Solution s_;
  long next_picture_ = 1;
  double kappa2_ = 0, anchor_ = 0, balance_ = 0;
  double highest_ = kInfinity,
         lowest_ = -kInfinity;  // range of PG in the last sweep; beyond it a held row is set aside
};

}  // namespace

Solution dual_descent(const Machine& m, double tolerance, int max_iter, const Context& ctx) {
  const bool free_intercept = m.intercept && !m.penalized;
  if (const Csr* X = std::get_if<Csr>(&m.samples.X)) {
    const SparseRows rows(*X);
    return Descent(rows, m, max_iter, ctx).solve(tolerance, free_intercept);
  }
  const DenseRows rows(m.samples.rows());
  return Descent(rows, m, max_iter, ctx).solve(tolerance, free_intercept);
}

}  // namespace assay::linear_svm
