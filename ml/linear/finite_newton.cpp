// Notation   m_i = 1 - y_i f_i: how far row i is inside the margin;  I: the rows with m_i > 0
// Method     1 f at the point   2 loss sum_I c m^2, r = -2 c m y, v = 2 c on I and 0 elsewhere   3 gradient X'r + w and Hessian
//            X' diag(v) X + 1   4 newton.h
// Departures from the paper: the step is halved where the paper searches the exact minimum along it; the linear system is factored
//            where the paper takes conjugate gradients. Once I stands still F is a quadratic, and one whole step ends it.
#include "assay/ml/linear/linear_svm_solvers.h"
#include "assay/ml/linear/newton.h"
#include "assay/ml/linear/one_reading.h"

namespace assay::linear_svm {

Solution finite_newton(const Machine& m, double tolerance, int max_iter, int threads, const Context& ctx) {
  const Matrix& X = m.samples.rows();
  const Index n = X.rows(), d = X.cols(), p = d + (m.intercept ? 1 : 0), ridged = m.penalized ? p : d;
  Vector alpha(n), v(n);
  Matrix H, H_next;
  const auto rows = [&](Index begin, Index count, const double* z, double* r, double* curvature) {
    double loss = 0;
    for (Index i = 0; i < count; ++i) {
      const double y = m.sign[begin + i], c = m.cost[begin + i], inside = std::max(0.0, 1 - y * z[i]);
      loss += c * inside * inside;
      alpha[begin + i] = 2 * c * inside;
      r[i] = -y * alpha[begin + i];
      curvature[i] = inside > 0 ? 2 * c : 0;
    }
    return loss;
  };
  const bool once = p <= kReadOnceUnknowns;
  const auto evaluate = [&](const Vector& x, Vector& g) {
    double value = 0;
    if (once) {
      value = read_once(X, m.intercept, x, rows, threads, g, H_next);
    } else {
      Vector z = times_transposed(X, Matrix(x.head(d).transpose()), threads).col(0), r(n);
      if (m.intercept) z.array() += x[d];
      value = rows(0, n, z.data(), r.data(), v.data());
      g.resize(p);
      g.head(d) = transposed_times(X, Matrix(r), threads).col(0);
      if (m.intercept) g[d] = sum(r.data(), n);
    }
    g.head(ridged) += x.head(ridged);
    return value + 0.5 * x.head(ridged).squaredNorm();
  };
  const auto accept = [&] {
    if (!once) H_next = gram_with_ones(X, m.intercept, v, threads);
    H_next.diagonal().head(ridged).array() += 1;
    H.swap(H_next);
  };
  const auto hessian = [&]() -> const Matrix& { return H; };
  const double scale = std::max(1.0, sum(m.cost.data(), n) / static_cast<double>(n));
  const NewtonResult r =
      minimize_newton(Vector::Zero(p), {evaluate, accept, hessian}, {tolerance * scale, max_iter}, ctx);
  return {r.x.head(d), std::move(alpha), m.intercept ? r.x[d] : 0, r.iterations, r.converged, r.gradient_norm};
}

}  // namespace assay::linear_svm
