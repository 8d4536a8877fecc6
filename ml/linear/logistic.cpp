// Notation   X: n x (d+1), a last column of ones for b;  theta: W and b, row by row;  Z = X theta': n x K (or n x 1);
//            P: probabilities;  F: objective;  g: its gradient;  H: its Hessian
// Method     1 loss and gradient at theta   2 gradient small enough: stop   3 Newton: solve H delta = -g by Cholesky (or
//            a quasi-Newton direction, lbfgs.h)   4 halve the step until F falls enough
// Departures from the paper: Newton's step is damped by halving [Nocedal2006, alg. 3.1]; with more than two classes a
//            constant may be added to all of b without changing F, so H gets a one on that direction, along which g is 0.
#include "assay/ml/linear/logistic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/text.h"
#include "assay/ml/linear/lbfgs.h"

namespace assay {
namespace {

constexpr Index kNewtonUnknowns = 1000;  // auto: Cholesky of this size costs less than the iterations L-BFGS needs more
constexpr Index kRows = 4096;            // rows of one partial sum

struct NewtonStep {
  static constexpr const char* kind = "newton";
  int t;
  double objective, gradient_norm, step;
  std::string why;
  static void fields(const NewtonStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("F", s.objective, "objective: C times the summed log loss plus |w|^2 / 2");
    field("gradient_norm", s.gradient_norm, "largest component of the gradient of F");
    field("step", s.step, "share of the Newton step that was taken");
  }
};

// The problem (1) or (2) on one data set. K = 1 stands for two classes: theta is then one row, the log odds of class 1.
struct Problem {
  const Matrix& X;  // n x (d+1), last column 1
  const std::vector<int>& y;
  const Samples& samples;  // for the weights
  Index K;
  double C;
  int threads;

  Index n() const { return X.rows(); }
  Index p() const { return X.cols(); }
  Index unknowns() const { return K * p(); }
  Matrix theta(const Vector& x) const { return Eigen::Map<const Matrix>(x.data(), K, p()); }
};

// log(1 + exp(t)) without overflow.
double log1p_exp(double t) { return t > 0 ? t + std::log1p(std::exp(-t)) : std::log1p(std::exp(t)); }

double sigmoid(double z) { return z >= 0 ? 1 / (1 + std::exp(-z)) : std::exp(z) / (1 + std::exp(z)); }

// Turns a row of scores into probabilities; returns log sum exp.
double softmax(double* z, Index K) {
  const double top = *std::max_element(z, z + K);
  double total = 0;
  for (Index k = 0; k < K; ++k) total += z[k] = std::exp(z[k] - top);
  for (Index k = 0; k < K; ++k) z[k] /= total;
  return top + std::log(total);
}

// Z becomes the probabilities; returns the summed weighted loss.
double loss_and_probabilities(const Problem& q, Matrix& Z) {
  return parallel_reduce(
      q.threads, q.n(), kRows, 0.0,
      [&](Index begin, Index end) {
        double loss = 0;
        for (Index i = begin; i < end; ++i) {
          const int k = q.y[static_cast<size_t>(i)];
          double* z = Z.row(i).data();
          const double s = q.samples.weight_of(i);
          if (q.K == 1) {
            loss += s * log1p_exp(k == 1 ? -z[0] : z[0]);
            z[0] = sigmoid(z[0]);
          } else {
            const double own = z[k];
            loss += s * (softmax(z, q.K) - own);
          }
        }
        return loss;
      },
      [](double& total, double part) { total += part; });
}

// F(theta) and its gradient; P receives the probabilities.
double objective(const Problem& q, const Vector& x, Vector& g, Matrix& P) {
  const Matrix theta = q.theta(x);
  P = times_transposed(q.X, theta, q.threads);
  const double loss = loss_and_probabilities(q, P);
  Matrix R = P;  // residuals C s (p - y)
  parallel_for(q.threads, q.n(), kRows, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const int k = q.y[static_cast<size_t>(i)];
      if (q.K == 1)
        R(i, 0) -= k;
      else
        R(i, k) -= 1;
      R.row(i) *= q.C * q.samples.weight_of(i);
    }
  });
  Matrix G = transposed_times(q.X, R, q.threads).transpose();
  const Index d = q.p() - 1;
  G.leftCols(d) += theta.leftCols(d);
  g = Eigen::Map<const Vector>(G.data(), G.size());
  return q.C * loss + 0.5 * theta.leftCols(d).squaredNorm();
}

// K x K blocks of p x p: block (k, l) = C X' diag(s p_k (1[k = l] - p_l)) X, plus one on each penalised coordinate.
Matrix hessian(const Problem& q, const Matrix& P) {
  const Index p = q.p();
  Matrix H(q.unknowns(), q.unknowns());
  Vector w(q.n());
  for (Index k = 0; k < q.K; ++k)
    for (Index l = 0; l <= k; ++l) {
      for (Index i = 0; i < q.n(); ++i)
        w[i] = q.C * q.samples.weight_of(i) * (k == l ? P(i, k) * (1 - P(i, k)) : -P(i, k) * P(i, l));
      const Matrix block = gram(q.X, w, q.threads);
      H.block(k * p, l * p, p, p) = block;
      H.block(l * p, k * p, p, p) = block;
    }
  for (Index k = 0; k < q.K; ++k)
    for (Index f = 0; f + 1 < p; ++f) H(k * p + f, k * p + f) += 1;
  if (q.K > 1)  // the direction along which b is free
    for (Index k = 0; k < q.K; ++k)
      for (Index l = 0; l < q.K; ++l) H(k * p + p - 1, l * p + p - 1) += 1;
  return H;
}

// Solves H delta = -g; where rounding leaves H not positive definite, a growing multiple of the identity helps it.
Vector newton_direction(Matrix H, const Vector& g) {
  for (double ridge = 1e-10 * std::max(1.0, H.diagonal().maxCoeff()); std::isfinite(ridge); ridge *= 100) {
    if (const auto delta = solve_cholesky(H, -g); delta && delta->dot(g) < 0) return *delta;
    H.diagonal().array() += ridge;
  }
  return -g;
}

struct Solution {
  Vector x;
  FitReport report;
  double gradient_norm = 0;
};

const char* why_step(bool done, long t, double step) {
  if (done) return "The gradient is as small as asked: done.";
  if (t == 0) return "Start at zero: every class is equally likely everywhere.";
  if (step < 1) return "The whole Newton step would not have lowered F enough, so it was halved.";
  return "F is nearly quadratic here, so the whole Newton step was taken.";
}

Solution minimize_newton(const Problem& q, const LogisticParams& params, double tolerance, const Context& ctx) {
  Solution s;
  s.x = Vector::Zero(q.unknowns());
  Vector g(q.unknowns()), x_next, g_next(q.unknowns());
  Matrix P, P_next;
  double F = objective(q, s.x, g, P), step = 0;
  for (long& t = s.report.iterations;; ++t) {
    ctx.check_cancelled();
    s.gradient_norm = g.lpNorm<Eigen::Infinity>();
    s.report.converged = s.gradient_norm <= tolerance;
    ctx.trace.step([&] {
      return NewtonStep{static_cast<int>(t), F, s.gradient_norm, step, why_step(s.report.converged, t, step)};
    });
    if (s.report.converged || t >= params.max_iter || ctx.out_of_time()) break;
    ctx.progress.report(static_cast<double>(std::min(9L, t)), 10);
    const Vector delta = newton_direction(hessian(q, P), g);
    const double slope = g.dot(delta);
    double F_next = F;
    for (step = 1; step > 1e-10; step /= 2) {
      x_next = s.x + step * delta;
      F_next = objective(q, x_next, g_next, P_next);
      // Near the optimum F cannot show a decrease below its own rounding; there a smaller gradient decides.
      const bool below_rounding = std::abs(slope) * step <= 1e-12 * std::max(1.0, std::abs(F));
      if (F_next <= F + 1e-4 * step * slope || (below_rounding && g_next.lpNorm<Eigen::Infinity>() < s.gradient_norm))
        break;
    }
    if (step <= 1e-10) break;  // no decrease can be seen any more
    s.x.swap(x_next);
    g.swap(g_next);
    P.swap(P_next);
    F = F_next;
  }
  s.report.objective = F;
  return s;
}

Solution minimize_quasi_newton(const Problem& q, const LogisticParams& params, double tolerance, const Context& ctx) {
  Matrix P;
  const auto evaluate = [&](const Vector& x, Vector& g) { return objective(q, x, g, P); };
  const LbfgsResult r = minimize_lbfgs(Vector::Zero(q.unknowns()), evaluate, {tolerance, params.max_iter, 10}, ctx);
  Solution s;
  s.x = r.x;
  s.gradient_norm = r.gradient_norm;
  s.report.converged = r.converged;
  s.report.iterations = r.iterations;
  s.report.objective = r.value;
  return s;
}

// Whether Z has every row of weight on its side, by more than rounding: then Z is a proof that planes separate the classes.
bool separates(const Matrix& Z, const Target& target, const Samples& samples) {
  constexpr double kRounding = 1e-10;
  double margin = std::numeric_limits<double>::infinity(), largest = 0;
  for (Index i = 0; i < Z.rows(); ++i) {
    if (!(samples.weight_of(i) > 0)) continue;
    const int own = target.code[static_cast<size_t>(i)];
    if (Z.cols() == 1) {
      margin = std::min(margin, own == 1 ? Z(i, 0) : -Z(i, 0));
    } else {
      for (Index k = 0; k < Z.cols(); ++k)
        if (k != own) margin = std::min(margin, Z(i, own) - Z(i, k));
    }
    largest = std::max(largest, Z.row(i).cwiseAbs().maxCoeff());
  }
  return largest > 0 && margin > kRounding * largest;
}

}  // namespace

LogisticModel Logistic::fit(const LogisticParams& params, const Samples& samples, const Target& target,
                            const Context& ctx) {
  check_fit_input(samples, target, 2);
  check_finite(samples.rows(), samples.columns);
  const Index d = samples.d();
  Matrix X(samples.n(), d + 1);
  X.leftCols(d) = samples.rows();
  X.col(d).setOnes();
  const Problem q{X, target.code, samples, target.K() == 2 ? 1 : target.K(), params.C, ctx.threads};

  const double total =
      samples.weight.size() ? sum(samples.weight.data(), samples.weight.size()) : static_cast<double>(samples.n());
  const double tolerance = params.tolerance * std::max(1.0, params.C * total);
  const bool newton = params.solver == LogisticSolver::newton ||
                      (params.solver == LogisticSolver::automatic && q.unknowns() <= kNewtonUnknowns);
  const Solution s =
      newton ? minimize_newton(q, params, tolerance, ctx) : minimize_quasi_newton(q, params, tolerance, ctx);

  LogisticModel model;
  model.report = s.report;
  model.report.more = {{"gradient_norm", s.gradient_norm}};
  model.report.note = newton ? "Newton with Cholesky" : "L-BFGS";
  if (!s.report.converged)
    model.report.note += " stopped at gradient " + six_digits(s.gradient_norm) + " > " + six_digits(tolerance) +
                         "; raise --max-iter, lower --C, or scale the columns";
  const Matrix theta = q.theta(s.x);
  model.W = theta.leftCols(d);
  model.b = theta.col(d);
  if (q.K > 1) model.b.array() -= model.b.mean();
  if (separates(model.decision_function(samples, ctx), target, samples))
    model.report.warning =
        "separable: a plane has every training row on its side, so that the loss alone has no minimum; the penalty "
        "decides how long the weights are, and with them how sure the probabilities; choose --C by cv";
  return model;
}

Matrix LogisticModel::decision_function(const Samples& samples, const Context& ctx) const {
  check_finite(samples.rows(), samples.columns);
  Matrix Z = times_transposed(samples.rows(), W, ctx.threads);
  Z.rowwise() += b.transpose();
  return Z;
}

Matrix LogisticModel::predict_proba(const Samples& samples, const Context& ctx) const {
  Matrix Z = decision_function(samples, ctx);
  if (W.rows() > 1) {
    for (Index i = 0; i < Z.rows(); ++i) softmax(Z.row(i).data(), Z.cols());
    return Z;
  }
  Matrix P(Z.rows(), 2);
  for (Index i = 0; i < Z.rows(); ++i) {
    P(i, 1) = sigmoid(Z(i, 0));
    P(i, 0) = sigmoid(-Z(i, 0));
  }
  return P;
}

Vector LogisticModel::predict(const Samples& samples, const Context& ctx) const {
  const Matrix Z = decision_function(samples, ctx);
  Vector y(Z.rows());
  for (Index i = 0; i < Z.rows(); ++i) {
    Index k = 0;
    if (W.rows() == 1)
      k = Z(i, 0) > 0;
    else
      Z.row(i).maxCoeff(&k);
    y[i] = static_cast<double>(k);
  }
  return y;
}

Explanation LogisticModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e;
  e.coefficients = W;
  e.intercepts = b;
  e.sentences.push_back(
      W.rows() == 1 ? "Log odds of '" + target.classes[1] + "' against '" + target.classes[0] +
                          "': the intercept plus the sum of coefficient times value."
                    : "Score of each class: the intercept plus the sum of coefficient times value; the softmax of the "
                      "scores gives the probabilities.");
  e.importance_name = "mean absolute coefficient";
  for (Index f = 0; f < static_cast<Index>(columns.size()); ++f) e.importance.push_back(W.col(f).cwiseAbs().mean());
  return e;
}

void LogisticModel::save(ArchiveWriter& out) const {
  out.matrix("W", W);
  out.vector("b", b);
}

LogisticModel LogisticModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  if (target.K() < 2) in.fail("logistic needs a target with at least two classes");
  const Index rows = target.K() == 2 ? 1 : target.K();
  LogisticModel model;
  model.W = in.matrix("W", rows, static_cast<Index>(columns.size()));
  model.b = in.vector("b", rows);
  return model;
}

}  // namespace assay
