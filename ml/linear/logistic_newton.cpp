// Notation   theta: unknowns;  F: objective;  g: its gradient;  H: its Hessian;  delta: step
// Method     newton.h, lbfgs.h, trust_region.h; Newton's F, g and H come from one reading of the table where that is possible, else H
//            waits until a point is accepted
// Departures from the paper: with more than two classes H gets a one on the directions along which F does not change
//            (logistic_loss.h), along which g is 0. The trust region's M: on dense tables of up to kProductColumns columns the
//            Kronecker product A (x) X'X / n + ridge (below), as if probabilities and rows did not depend on each other; else
//            the diagonal of H, mixed with one part in a hundred of the identity [Hsia2018].
#include <algorithm>
#include <cmath>

#include "assay/core/eigen_symmetric.h"
#include "assay/ml/linear/lbfgs.h"
#include "assay/ml/linear/logistic_solvers.h"
#include "assay/ml/linear/newton.h"
#include "assay/ml/linear/trust_region.h"

namespace assay::logistic {
namespace {

constexpr Index kProductColumns = 256;

// M = A (x) G + ridge: G = X'X / n of all rows, A = sum_i C s_i (diag(p_i) - p_i p_i') at the accepted point. Both are
// diagonal in the bases of their eigenvectors, and so is M.
class ClassProducts {
 public:
  explicit ClassProducts(const Loss& loss)
      : loss_(loss), G_(eigen_symmetric(loss.weighted_gram(loss.row_weight()) / loss.total_weight(), Context())) {}
  void prepare() {
    const SymmetricEigen A = eigen_symmetric(loss_.class_curvature(), Context());
    U_ = A.vectors;
    M_ = A.values * G_.values.transpose();
    M_.array() += loss_.ridge();
    M_ = M_.cwiseMax(kLeast * M_.maxCoeff());
  }
  Vector solve(const Vector& r) const {
    const Eigen::Map<const Matrix> R(r.data(), loss_.K(), loss_.p());
    const Matrix inside = (U_.transpose() * R * G_.vectors).cwiseQuotient(M_);
    Vector z(r.size());
    Eigen::Map<Matrix>(z.data(), loss_.K(), loss_.p()) = U_ * inside * G_.vectors.transpose();
    return z;
  }

 private:
  static constexpr double kLeast = 1e-10;
  const Loss& loss_;
  SymmetricEigen G_;
  Columns U_;
  Matrix M_;
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
  std::optional<ClassProducts> products;
  if (!loss.sparse() && loss.p() <= kProductColumns) products.emplace(loss);
  Vector D;
  const auto prepare = [&] {
    if (products)
      products->prepare();
    else
      D = mixed_diagonal(loss);
  };
  const auto evaluate = [&](const Vector& x, Vector& g) { return loss.evaluate(x, g); };
  const auto accept = [&] { loss.accept(); };
  const auto hessian_times = [&](const Vector& v) { return loss.hessian_times(v); };
  const auto precondition = [&](const Vector& r) { return products ? products->solve(r) : Vector(r.cwiseQuotient(D)); };
  const TrustRegionResult r =
      minimize_trust_region(Vector::Zero(loss.unknowns()), {evaluate, accept, hessian_times, prepare, precondition},
                            {goal.tolerance, goal.max_iter}, ctx);
  return {r.x, r.value, r.gradient_norm, r.iterations, r.converged, {}};
}

}  // namespace assay::logistic
