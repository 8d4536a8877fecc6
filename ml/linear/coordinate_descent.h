// ml/linear/coordinate_descent.h: the elastic net along a path of penalties, by coordinate descent.
//
//   P(w) = 1 / (2 W) sum_i s_i (y_i - b - w'x_i)^2 + alpha (rho |w|_1 + (1 - rho) |w|^2 / 2)       W = sum_i s_i     (1)
//
// Requires   everything finite; alpha > 0; 0 < rho <= 1
// Guarantees duality gap <= tolerance * P and no weight would move by more than tolerance standard deviations of y in a sweep,
//            or converged == false
// Method     d <= min(n, 1000): one Gram matrix of all columns, covariance updates. Else a working set: the columns that broke
//            their condition so far, with a Gram matrix of their own; the strong rule says where to look first, and every
//            column is looked at in the end. Above kMostGram columns in the set: naive updates of the residual
// Cost       n d^2 once (Gram); a sweep: d for each weight that changes; else n d for each look at all columns
// See        [Friedman2010] sec. 2 (updates, warm starts); [Tibshirani2012] eq. 7 (sequential strong rule); [Kim2007] eq. 9
//            (duality gap); trace kind "coordinate-descent"
#pragma once
#include <vector>

#include "assay/core/context.h"
#include "assay/core/linalg.h"

namespace assay {

/// sign(z) max(|z| - g, 0): argmin_w (w - z)^2 / 2 + g |w|
inline double soft_threshold(double z, double g) { return z > g ? z - g : z < -g ? z + g : 0.0; }

struct ElasticNet {
  std::vector<const double*> columns;
  Eigen::Index n = 0;
  const Vector& y;
  const Vector& weight;  ///< empty: all 1
  bool intercept = true;
  double rho = 1;
  double tolerance = 1e-8;
  int max_iter = 10000;           ///< sweeps for one alpha
  Eigen::Index most_gram = 3000;  ///< larger working sets get naive updates

  Eigen::Index d() const { return static_cast<Eigen::Index>(columns.size()); }
};

struct ElasticNetPoint {
  double alpha = 0, b = 0, objective = 0, gap = 0;
  Vector w;
  int nonzero = 0;
  int sweeps = 0;
  bool converged = false;
};

/// Call `solve` with falling alphas: each starts from the last one's weights.
class ElasticNetPath {
 public:
  ElasticNetPath(const ElasticNet& problem, const Context& ctx);
  /// The smallest alpha at which every weight is zero.
  double alpha_max() const;
  ElasticNetPoint solve(double alpha);
  const char* updates() const { return whole_ ? "covariance updates on one Gram matrix" : set_method_; }

 private:
  using Index = Eigen::Index;
  struct Sweep {
    double moved = 0;
    int violations = 0;
  };
  void read_all_columns();
  void look_at(const std::vector<Index>& columns);  ///< gradient of these columns from the residual
  void set_residual();
  void enlarge(const std::vector<Index>& more);
  void watch(double alpha, double moved, const char* why);
  bool descend(double alpha, double tolerance, int& sweeps);
  Sweep sweep(double alpha, bool active_only);
  void solve_active(double alpha);
  void step_naive(size_t a, double delta);
  double gap(double alpha, double& objective) const;
  std::vector<Index> joining(const std::vector<Index>& columns, double alpha) const;
  void leave_set();
  bool solve_working_set(double alpha, double tolerance, int& sweeps);

  ElasticNet q_;
  Context ctx_;
  double total_ = 0, yy_ = 0, y_mean_ = 0;
  Vector root_;             ///< roots of the weights; empty: 1
  Vector mean_, c_;         ///< of the columns; X'y / W
  Vector square_;           ///< diag of X'X / W
  Vector w_, gradient_;     ///< X'(y - Xw) / W
  std::vector<Index> set_;  ///< the columns G_ is of
  std::vector<char> in_set_;
  Matrix G_;         ///< of the set, over W
  Vector residual_;  ///< weighted: s (y - b - Xw)
  bool whole_ = false, naive_ = false;
  double last_alpha_ = 0;
  const char* set_method_ = "covariance updates on a working set";
  long long watched_ = 0, watched_sweeps_ = 0;  // steps of the trace
};

}  // namespace assay
