// Notation   theta: unknowns;  F: objective;  g: its gradient;  H: its Hessian;  delta: step
// Method     Newton: 1 F, g and H at theta   2 gradient small enough: stop   3 solve H delta = -g by Cholesky   4 halve the step
//            until F falls enough
//            quasi-Newton and trust region: lbfgs.h, trust_region.h
// Departures from the paper: Newton's step is damped by halving [Nocedal2006, alg. 3.1]; with more than two classes H gets a one
//            on the directions along which F does not change (logistic_loss.h), along which g is 0. The trust region's M: dense
//            tables of up to kBlockColumns columns: of each class c_k X'X + ridge, c_k the mean of C s p_k (1 - p_k), factored
//            by Cholesky; else the diagonal of H, mixed with one part in a hundred of the identity [Hsia2018].
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "assay/ml/linear/lbfgs.h"
#include "assay/ml/linear/logistic_solvers.h"
#include "assay/ml/linear/trust_region.h"

namespace assay::logistic {
namespace {

constexpr Index kBlockColumns = 256;

struct NewtonStep {
  static constexpr const char* kind = "newton";
  int t;
  double objective, gradient_norm, step;
  std::string why;
  static void fields(const NewtonStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("F", s.objective, "objective: C times the summed log loss plus the penalty");
    field("gradient_norm", s.gradient_norm, "largest component of the gradient of F");
    field("step", s.step, "share of the Newton step that was taken");
  }
};

// Solves H delta = -g; where rounding leaves H not positive definite, a growing multiple of the identity helps it.
Vector newton_direction(Matrix H, const Vector& g) {
  for (double ridge = 1e-10 * std::max(1.0, H.diagonal().maxCoeff()); std::isfinite(ridge); ridge *= 100) {
    if (const auto delta = solve_cholesky(H, -g); delta && delta->dot(g) < 0) return *delta;
    H.diagonal().array() += ridge;
  }
  return -g;
}

const char* why_step(bool done, long t, double step) {
  if (done) return "The gradient is as small as asked: done.";
  if (t == 0) return "Start at zero: every class is equally likely everywhere.";
  if (step < 1) return "The whole Newton step would not have lowered F enough, so it was halved.";
  return "F is nearly quadratic here, so the whole Newton step was taken.";
}

// Step 1: in one reading where that is possible; else H waits until the point is accepted.
double look_at(Loss& loss, const Vector& theta, Vector& g, Matrix& H) {
  return reads_once(loss) ? evaluate_with_hessian(loss, theta, g, H) : loss.evaluate(theta, g);
}

// M of the trust region for dense tables of several classes.
class ClassBlocks {
 public:
  explicit ClassBlocks(const Loss& loss) : loss_(loss), G_(loss.weighted_gram(loss.row_weight())) {
    G_ /= loss.total_weight();
  }
  void factor() {
    factors_.clear();
    const Matrix& P = loss_.state();
    for (Index k = 0; k < loss_.K(); ++k) {
      const double c = loss_.K() == 1 ? sum(P.data(), P.rows())
                                      : (loss_.row_weight().array() * P.col(k).array() * (1 - P.col(k).array())).sum();
      Eigen::MatrixXd M = c * G_;
      M.diagonal().head(loss_.d()).array() += loss_.ridge();
      M.diagonal().array() += 1e-10 * std::max(1e-300, M.diagonal().maxCoeff());
      factors_.emplace_back(M);
    }
  }
  Vector solve(const Vector& r) const {
    Vector z = r;
    const Index p = loss_.p();
    for (Index k = 0; k < loss_.K(); ++k) factors_[static_cast<size_t>(k)].solveInPlace(z.segment(k * p, p));
    return z;
  }

 private:
  const Loss& loss_;
  Matrix G_;
  std::vector<Eigen::LLT<Eigen::MatrixXd>> factors_;
};

Vector mixed_diagonal(const Loss& loss) {
  constexpr double kIdentity = 0.01;
  Vector D = loss.hessian_diagonal();
  const double largest = D.maxCoeff();
  for (Index j = 0; j < D.size(); ++j) D[j] = std::max(1e-12 * largest, kIdentity + (1 - kIdentity) * D[j]);
  return D;
}

}  // namespace

Solution newton(Loss& loss, const Goal& goal, const Context& ctx) {
  Solution s;
  s.theta = Vector::Zero(loss.unknowns());
  Vector g, next, g_next;
  Matrix H_next;
  double step = 0;
  s.value = look_at(loss, s.theta, g, s.hessian);
  loss.accept();
  for (long& t = s.iterations;; ++t) {
    ctx.check_cancelled();
    s.gradient_norm = g.lpNorm<Eigen::Infinity>();
    s.converged = s.gradient_norm <= goal.tolerance;
    ctx.trace.step([&] {
      return NewtonStep{static_cast<int>(t), s.value, s.gradient_norm, step, why_step(s.converged, t, step)};
    });
    if (s.converged || t >= goal.max_iter || ctx.out_of_time()) break;
    ctx.progress.report(static_cast<double>(std::min(9L, t)), 10);
    if (!reads_once(loss)) s.hessian = loss.hessian();
    const Vector delta = newton_direction(s.hessian, g);
    const double slope = g.dot(delta);
    double F_next = s.value;
    for (step = 1; step > 1e-10; step /= 2) {
      next = s.theta + step * delta;
      F_next = look_at(loss, next, g_next, H_next);
      // Near the optimum F cannot show a decrease below its own rounding; there a smaller gradient decides.
      const bool below_rounding = std::abs(slope) * step <= 1e-12 * std::max(1.0, std::abs(s.value));
      if (F_next <= s.value + 1e-4 * step * slope ||
          (below_rounding && g_next.lpNorm<Eigen::Infinity>() < s.gradient_norm))
        break;
    }
    if (step <= 1e-10) break;  // no decrease can be seen any more
    s.theta.swap(next);
    g.swap(g_next);
    s.hessian.swap(H_next);
    loss.accept();
    s.value = F_next;
  }
  if (!reads_once(loss)) s.hessian.resize(0, 0);  // it is of the point before
  return s;
}

Solution quasi_newton(Loss& loss, const Goal& goal, const Context& ctx) {
  const auto evaluate = [&](const Vector& x, Vector& g) { return loss.evaluate(x, g); };
  const LbfgsResult r =
      minimize_lbfgs(Vector::Zero(loss.unknowns()), evaluate, {goal.tolerance, goal.max_iter, 10}, ctx);
  Vector g;
  loss.evaluate(r.x, g);
  loss.accept();
  return {r.x, r.value, r.gradient_norm, r.iterations, r.converged, {}};
}

Solution trust_region(Loss& loss, const Goal& goal, const Context& ctx) {
  std::optional<ClassBlocks> blocks;
  if (!loss.sparse() && loss.p() <= kBlockColumns) blocks.emplace(loss);
  Vector D;
  const auto prepare = [&] {
    if (blocks)
      blocks->factor();
    else
      D = mixed_diagonal(loss);
  };
  const auto evaluate = [&](const Vector& x, Vector& g) { return loss.evaluate(x, g); };
  const auto accept = [&] { loss.accept(); };
  const auto hessian_times = [&](const Vector& v) { return loss.hessian_times(v); };
  const auto precondition = [&](const Vector& r) { return blocks ? blocks->solve(r) : Vector(r.cwiseQuotient(D)); };
  const TrustRegionResult r =
      minimize_trust_region(Vector::Zero(loss.unknowns()), {evaluate, accept, hessian_times, prepare, precondition},
                            {goal.tolerance, goal.max_iter}, ctx);
  return {r.x, r.value, r.gradient_norm, r.iterations, r.converged, {}};
}

}  // namespace assay::logistic
