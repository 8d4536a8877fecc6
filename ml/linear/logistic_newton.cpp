// Notation   theta: unknowns;  F: objective;  g: its gradient;  H: its Hessian;  delta: step
// Method     newton.h, lbfgs.h, trust_region.h; Newton's F, g and H come from one reading of the table where that is possible, else H
//            waits until a point is accepted
// Departures from the paper: with more than two classes H gets a one on the directions along which F does not change
//            (logistic_loss.h), along which g is 0. The trust region's M: dense
//            tables of up to kBlockColumns columns: of each class c_k X'X + ridge, c_k the mean of C s p_k (1 - p_k), factored
//            by Cholesky; else the diagonal of H, mixed with one part in a hundred of the identity [Hsia2018].
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "assay/ml/linear/lbfgs.h"
#include "assay/ml/linear/logistic_solvers.h"
#include "assay/ml/linear/newton.h"
#include "assay/ml/linear/trust_region.h"

namespace assay::logistic {
namespace {

constexpr Index kBlockColumns = 256;

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
  const bool once = reads_once(loss);
  Matrix H, H_next;
  const auto evaluate = [&](const Vector& x, Vector& g) {
    return once ? evaluate_with_hessian(loss, x, g, H_next) : loss.evaluate(x, g);
  };
  const auto accept = [&] {
    loss.accept();
    H.swap(H_next);
  };
  const auto hessian = [&]() -> const Matrix& {
    if (!once) H = loss.hessian();
    return H;
  };
  const NewtonResult r =
      minimize_newton(Vector::Zero(loss.unknowns()), {evaluate, accept, hessian}, {goal.tolerance, goal.max_iter}, ctx);
  return {r.x, r.value, r.gradient_norm, r.iterations, r.converged, once ? std::move(H) : Matrix()};
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
