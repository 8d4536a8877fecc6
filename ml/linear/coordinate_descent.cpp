// Notation   S(z, g) = sign(z) max(|z| - g, 0), the soft threshold;  c = X'y / W;  g = X'(y - Xw) / W, the gradient;  X: columns
//            centred by the weighted mean (never stored);  A: the working set
// Method     1 strong rule: look first at columns with |g_j| >= rho (2 alpha - alpha before)   2 those with |g_j| > rho alpha
//            join A, the most promising first   3 sweep: w_j = S(g_j + G_jj w_j, alpha rho) / (G_jj + alpha (1 - rho)),
//            g -= G_j (change of w_j); sweeps over nonzero weights until they rest, then one over all of A   4 look at every
//            column; back to 2 while one breaks its condition   5 duality gap
// Departures from the paper: only so many columns join at once, those that alone would lower P most: over a wide step of alpha the
//            strong rule discards nothing, and most columns that break their condition at first keep it in the end. Covariance
//            updates are used on the working set of wide tables too: its Gram matrix costs less than one naive sweep for each of
//            its columns. Where correlated columns make the sweeps crawl, the nonzero weights are solved for at once by Cholesky,
//            every kRestless sweeps.
#include "assay/ml/linear/coordinate_descent.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/column_gram.h"
#include "assay/core/error.h"
#include "assay/core/parallel.h"

namespace assay {
namespace {

constexpr Index kWholeGram = 1000;   // up to so many columns one Gram matrix of all
constexpr Index kJoin = 100;         // columns that may always join at once
constexpr double kRounding = 4e-15;  // of the gap over y'y / W, and the least tolerance of a sweep
constexpr int kRestless = 10;        // sweeps after which the nonzero weights are solved for at once
constexpr double kBreaks = 1e-10;    // relative excess of a gradient that breaks its condition
constexpr double kConstant = 1e-28;  // variance over squared mean: what rounding leaves of a constant column

struct CoordinateStep {
  static constexpr const char* kind = "coordinate-descent";
  static constexpr const char* title = "one alpha, and the columns that join on the way (4), (5)";
  static constexpr const char* source = "ml/linear/coordinate_descent.cpp:solve";
  long long t;
  double alpha, objective, gap;
  long long set, nonzero, violations;
  int sweeps;
  std::string why;
  static void fields(const CoordinateStep& s, auto&& field) {
    field("t", s.t, "step");
    field("alpha", s.alpha, "weight of the penalty");
    field("P", s.objective, "objective: mean squared error / 2 plus the penalty");
    field("gap", s.gap, "duality gap: P is at most so far from its minimum, on the columns looked at");
    field("set", s.set, "columns in the working set A");
    field("nonzero", s.nonzero, "active: weights that are not zero");
    field("violations", s.violations, "columns outside that broke their condition and joined");
    field("sweeps", s.sweeps, "sweeps so far");
  }
};

struct SweepStep {
  static constexpr const char* kind = "sweep";
  static constexpr const char* title = "a sweep: each weight to the minimum along its own axis (3)";
  static constexpr const char* source = "ml/linear/coordinate_descent.cpp:sweep";
  long long t;
  double alpha, moved;
  long long nonzero;
  std::vector<double> w;
  std::string why;
  static void fields(const SweepStep& s, auto&& field) {
    field("t", s.t, "sweep");
    field("alpha", s.alpha, "weight of the penalty");
    field("moved", s.moved, "longest movement of a weight, times its column's length");
    field("nonzero", s.nonzero, "weights that are not zero");
    field("w", s.w, "the first weights");
  }
};

}  // namespace

ElasticNetPath::ElasticNetPath(const ElasticNet& problem, const Context& ctx) : q_(problem), ctx_(ctx) {
  const Index d = q_.d();
  if (q_.weight.size()) root_ = q_.weight.cwiseSqrt();
  total_ = q_.weight.size() ? sum(q_.weight.data(), q_.n) : static_cast<double>(q_.n);
  w_ = Vector::Zero(d);
  in_set_.assign(static_cast<size_t>(d), 0);
  whole_ = d <= std::min(q_.n, kWholeGram);
  read_all_columns();
  for (Index f = 0; f < d; ++f)
    if (!std::isfinite(square_[f]))
      throw DataError("the squares of a column are too large to add up", "scale the columns");
  if (!std::isfinite(yy_)) throw DataError("the squares of the target are too large to add up", "scale the target");
  gradient_ = c_;
  last_alpha_ = alpha_max();
}

// Means, squares and products with y. Whole: from the one Gram matrix.
void ElasticNetPath::read_all_columns() {
  const Index d = q_.d(), n = q_.n;
  const auto weighted_mean = [&](const double* x) {
    if (!q_.intercept) return 0.0;
    return (q_.weight.size() ? dot(x, q_.weight.data(), n) : sum(x, n)) / total_;
  };
  y_mean_ = weighted_mean(q_.y.data());
  mean_ = Vector::Zero(d);
  parallel_for(ctx_.threads, d, 16, [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f) mean_[f] = weighted_mean(q_.columns[static_cast<size_t>(f)]);
  });
  Vector centred = q_.y.array() - y_mean_;
  residual_ = q_.weight.size() ? Vector(centred.cwiseProduct(q_.weight)) : centred;
  yy_ = dot(centred.data(), residual_.data(), n) / total_;
  if (whole_) {
    std::vector<const double*> columns = q_.columns;
    columns.push_back(q_.y.data());
    Vector shift(d + 1);
    shift << mean_, y_mean_;
    const Matrix G = column_gram(columns, n, shift, root_, ctx_.threads) / total_;
    G_ = G.topLeftCorner(d, d);
    c_ = G.row(d).head(d);
    square_ = G_.diagonal();
    set_.resize(static_cast<size_t>(d));
    std::iota(set_.begin(), set_.end(), 0);
    std::fill(in_set_.begin(), in_set_.end(), char(1));
  } else {
    c_ = Vector::Zero(d);
    square_ = Vector::Zero(d);
    parallel_for(ctx_.threads, d, 16, [&](Index begin, Index end) {
      std::vector<double> x(static_cast<size_t>(n));
      for (Index f = begin; f < end; ++f) {
        const double* raw = q_.columns[static_cast<size_t>(f)];
        const double m = mean_[f];
        for (Index i = 0; i < n; ++i) x[static_cast<size_t>(i)] = raw[i] - m;
        if (root_.size())
          for (Index i = 0; i < n; ++i) x[static_cast<size_t>(i)] *= root_[i];
        square_[f] = dot(x.data(), x.data(), n) / total_;
        c_[f] = dot(raw, residual_.data(), n) / total_;
      }
    });
  }
  for (Index f = 0; f < d; ++f)
    if (!(square_[f] > kConstant * mean_[f] * mean_[f])) square_[f] = c_[f] = 0;  // a constant column stays at zero
}

double ElasticNetPath::alpha_max() const { return c_.size() ? c_.cwiseAbs().maxCoeff() / q_.rho : 0; }

void ElasticNetPath::set_residual() {
  residual_ = q_.y.array() - y_mean_;
  for (const Index f : set_) {
    const double w = w_[f], m = mean_[f];
    if (w == 0) continue;
    const double* x = q_.columns[static_cast<size_t>(f)];
    for (Index i = 0; i < q_.n; ++i) residual_[i] -= w * (x[i] - m);
  }
  if (q_.weight.size()) residual_ = residual_.cwiseProduct(q_.weight);
}

void ElasticNetPath::look_at(const std::vector<Index>& columns) {
  parallel_for(ctx_.threads, static_cast<Index>(columns.size()), 64, [&](Index begin, Index end) {
    for (Index a = begin; a < end; ++a) {
      const Index f = columns[static_cast<size_t>(a)];
      if (square_[f] > 0) gradient_[f] = dot(q_.columns[static_cast<size_t>(f)], residual_.data(), q_.n) / total_;
    }
  });
}

// Between alphas: columns that came to nothing leave the set.
void ElasticNetPath::leave_set() {
  const Index used = (w_.array() != 0).count();
  if (static_cast<Index>(set_.size()) <= 2 * (used + kJoin)) return;
  for (const Index f : set_) in_set_[static_cast<size_t>(f)] = w_[f] != 0;
  std::erase_if(set_, [&](Index f) { return w_[f] == 0; });
  enlarge({});
}

// Step 2: the set's Gram matrix is made anew; its gradient follows from it.
void ElasticNetPath::enlarge(const std::vector<Index>& more) {
  for (const Index f : more) {
    set_.push_back(f);
    in_set_[static_cast<size_t>(f)] = 1;
  }
  naive_ = static_cast<Index>(set_.size()) > q_.most_gram;
  if (naive_) {
    set_method_ = "naive updates on a working set";
    G_.resize(0, 0);
    return;
  }
  std::vector<const double*> columns;
  Vector shift(static_cast<Index>(set_.size()));
  for (size_t a = 0; a < set_.size(); ++a) {
    columns.push_back(q_.columns[static_cast<size_t>(set_[a])]);
    shift[static_cast<Index>(a)] = mean_[set_[a]];
  }
  G_ = column_gram(columns, q_.n, shift, root_, ctx_.threads) / total_;
}

// The naive update: the residual moves, and a gradient is a product with it.
void ElasticNetPath::step_naive(size_t a, double delta) {
  const Index f = set_[a];
  const double* x = q_.columns[static_cast<size_t>(f)];
  const double m = mean_[f];
  if (q_.weight.size())
    for (Index i = 0; i < q_.n; ++i) residual_[i] -= delta * (x[i] - m) * q_.weight[i];
  else
    for (Index i = 0; i < q_.n; ++i) residual_[i] -= delta * (x[i] - m);
}

// Step 3, one sweep. `moved`: the largest change, in the same unit as y.
ElasticNetPath::Sweep ElasticNetPath::sweep(double alpha, bool active_only) {
  Sweep result;
  const double l1 = alpha * q_.rho, l2 = alpha * (1 - q_.rho);
  for (size_t a = 0; a < set_.size(); ++a) {
    const Index f = set_[a];
    const double square = square_[f], before = w_[f];
    if (square == 0 || (active_only && before == 0)) continue;
    if (naive_) gradient_[f] = dot(q_.columns[static_cast<size_t>(f)], residual_.data(), q_.n) / total_;
    const double now = soft_threshold(gradient_[f] + square * before, l1) / (square + l2);
    const double delta = now - before;
    if (delta == 0) continue;
    w_[f] = now;
    result.moved = std::max(result.moved, std::abs(delta) * std::sqrt(square));
    if (naive_) {
      step_naive(a, delta);
      continue;
    }
    const double* G = G_.row(static_cast<Index>(a)).data();
    if (whole_) {
      double* g = gradient_.data();
      for (Index k = 0; k < q_.d(); ++k) g[k] -= delta * G[k];
    } else {
      for (size_t k = 0; k < set_.size(); ++k) gradient_[set_[k]] -= delta * G[k];
    }
  }
  return result;
}

// The minimum of P over the nonzero weights of A with their signs, by Cholesky: the whole way where every sign keeps, else up to
// the first weight that reaches zero. P falls either way, being quadratic there.
void ElasticNetPath::solve_active(double alpha) {
  const double l1 = alpha * q_.rho, l2 = alpha * (1 - q_.rho);
  std::vector<Index> active;
  for (size_t a = 0; a < set_.size(); ++a)
    if (w_[set_[a]] != 0) active.push_back(static_cast<Index>(a));
  const auto k = static_cast<Index>(active.size());
  Matrix H(k, k);
  Vector g(k);
  for (Index a = 0; a < k; ++a) {
    const Index row = active[static_cast<size_t>(a)], f = set_[static_cast<size_t>(row)];
    for (Index b = 0; b < k; ++b) H(a, b) = G_(row, active[static_cast<size_t>(b)]);
    H(a, a) += l2;
    g[a] = gradient_[f] - std::copysign(l1, w_[f]) - l2 * w_[f];
  }
  const auto step = solve_cholesky(H, g);
  if (!step) return;
  double share = 1;
  Index first = -1;
  for (Index a = 0; a < k; ++a) {
    const double w = w_[set_[static_cast<size_t>(active[static_cast<size_t>(a)])]];
    if (w * (w + share * (*step)[a]) < 0) {
      share = -w / (*step)[a];
      first = a;
    }
  }
  Vector delta = Vector::Zero(static_cast<Index>(set_.size()));
  for (Index a = 0; a < k; ++a) {
    const Index row = active[static_cast<size_t>(a)], f = set_[static_cast<size_t>(row)];
    const double before = w_[f];
    w_[f] = a == first ? 0.0 : before + share * (*step)[a];
    delta[row] = w_[f] - before;
  }
  for (size_t a = 0; a < set_.size(); ++a)
    gradient_[set_[a]] -= dot(G_.row(static_cast<Index>(a)).data(), delta.data(), delta.size());
}

void ElasticNetPath::watch(double alpha, double moved, const char* why) {
  ctx_.trace.step([&] {
    const Index shown = std::min<Index>(w_.size(), 30);
    return SweepStep{watched_sweeps_++, alpha, moved, (w_.array() != 0).count(), {w_.data(), w_.data() + shown}, why};
  });
}

// Step 3; false where the sweeps have run out.
bool ElasticNetPath::descend(double alpha, double tolerance, int& sweeps) {
  const double still = tolerance * std::sqrt(yy_);
  while (sweeps < q_.max_iter) {
    ctx_.check_cancelled();
    if (ctx_.out_of_time()) return false;
    ++sweeps;
    const double moved = sweep(alpha, false).moved;
    watch(alpha, moved, moved <= still ? "Nothing moves any more." : "A sweep over all columns of the set.");
    if (moved <= still) return true;
    for (int t = 1; sweeps < q_.max_iter; ++t) {
      ++sweeps;
      const double moved_on = sweep(alpha, true).moved;
      watch(alpha, moved_on, "A sweep over the weights that are not zero: cheap, until they rest.");
      if (moved_on <= still) break;
      if (t % kRestless == 0 && !naive_) solve_active(alpha);
      ctx_.check_cancelled();
    }
  }
  return false;
}

// Step 5, from the gradient alone: r'r = y'y - w'(c + g), r'y = y'y - w'c.
double ElasticNetPath::gap(double alpha, double& objective) const {
  const double l1 = alpha * q_.rho, l2 = alpha * (1 - q_.rho);
  const double rr = std::max(0.0, yy_ - w_.dot(c_) - w_.dot(gradient_)), ry = yy_ - w_.dot(c_);
  const double ww = w_.squaredNorm(), norm1 = w_.lpNorm<1>();
  objective = 0.5 * rr + l1 * norm1 + 0.5 * l2 * ww;
  const double steepest = (gradient_ - l2 * w_).cwiseAbs().maxCoeff();
  const double scale = steepest > l1 ? l1 / steepest : 1.0;
  return 0.5 * (1 + scale * scale) * (rr + l2 * ww) + l1 * norm1 - scale * ry;
}

// Step 2: of the columns that break their condition those that alone would lower P most, at most kJoin or twice the nonzero ones.
std::vector<ElasticNetPath::Index> ElasticNetPath::joining(const std::vector<Index>& columns, double alpha) const {
  const double l1 = alpha * q_.rho, limit = l1 * (1 + kBreaks);
  std::vector<Index> broken;
  for (const Index f : columns)
    if (!in_set_[static_cast<size_t>(f)] && std::abs(gradient_[f]) > limit) broken.push_back(f);
  const auto most = static_cast<size_t>(std::max<Index>(kJoin, 2 * (w_.array() != 0).count()));
  if (broken.size() <= most) return broken;
  const auto gain = [&](Index f) {
    const double excess = std::abs(gradient_[f]) - l1;
    return excess * excess / square_[f];
  };
  std::nth_element(broken.begin(), broken.begin() + static_cast<std::ptrdiff_t>(most), broken.end(),
                   [&](Index a, Index b) { return gain(a) != gain(b) ? gain(a) > gain(b) : a < b; });
  broken.resize(most);
  std::sort(broken.begin(), broken.end());
  return broken;
}

// Steps 1 to 4 for one alpha.
bool ElasticNetPath::solve_working_set(double alpha, double tolerance, int& sweeps) {
  const double first_look = q_.rho * std::max(0.0, 2 * alpha - last_alpha_);
  std::vector<Index> all(static_cast<size_t>(q_.d())), strong;
  std::iota(all.begin(), all.end(), 0);
  for (const Index f : all)
    if (in_set_[static_cast<size_t>(f)] || std::abs(gradient_[f]) >= first_look) strong.push_back(f);
  bool everywhere = false;
  for (;;) {
    const std::vector<Index> more = joining(everywhere ? all : strong, alpha);
    if (!more.empty())
      enlarge(more);
    else if (everywhere)
      return true;
    const bool converged = descend(alpha, tolerance, sweeps);
    set_residual();
    everywhere = more.empty();
    look_at(everywhere ? all : strong);
    ctx_.trace.step([&] {
      CoordinateStep s{watched_++,
                       alpha,
                       0,
                       0,
                       static_cast<long long>(set_.size()),
                       (w_.array() != 0).count(),
                       static_cast<long long>(more.size()),
                       sweeps,
                       ""};
      s.gap = gap(alpha, s.objective);
      s.why = !more.empty()
                  ? "Columns outside the set broke their condition |g_j| <= rho alpha: the worst of them joined."
                  : "No column that was looked at breaks its condition: every column is looked at.";
      return s;
    });
    if (!converged) return false;
  }
}

ElasticNetPoint ElasticNetPath::solve(double alpha) {
  ElasticNetPoint point;
  point.alpha = alpha;
  bool converged = true;
  double tolerance = q_.tolerance;
  if (!whole_) leave_set();
  for (int tries = 0; tries < 6; ++tries, tolerance = std::max(kRounding, 0.1 * tolerance)) {
    converged = whole_ ? descend(alpha, tolerance, point.sweeps) : solve_working_set(alpha, tolerance, point.sweeps);
    point.gap = gap(alpha, point.objective);
    point.converged = converged && point.gap <= q_.tolerance * point.objective + kRounding * yy_;
    if (point.converged || !converged) break;
  }
  last_alpha_ = alpha;
  point.w = w_;
  point.b = y_mean_ - mean_.dot(w_);
  point.nonzero = static_cast<int>((w_.array() != 0).count());
  ctx_.trace.step([&] {
    return CoordinateStep{watched_++,
                          alpha,
                          point.objective,
                          point.gap,
                          static_cast<long long>(set_.size()),
                          point.nonzero,
                          0,
                          point.sweeps,
                          point.converged ? "The gap is as small as asked: done with this alpha."
                                          : "The sweeps ran out before the gap was as small as asked."};
  });
  return point;
}

}  // namespace assay
