// Notation   f decision values;  t targets;  p_i = P(y_i = +1);  d1 = t_i - p_i, d2 = p_i (1 - p_i);  g, H gradient and Hessian
//            of (1) in (A, B);  Q_ii = sum_{j != i} r_ji^2, Q_ij = -r_ji r_ij
// Method     sigmoid: 1 start at A = 0, B = log((N- + 1) / (N+ + 1))   2 gradient small: stop   3 Newton step with
//            H + 1e-12 I   4 halve it until (1) falls enough [Lin2007, algorithm 1]
//            coupling: p is proportional to (Q + e e')^-1 e [Wu2004, eq. 19 with Delta = 1], by Cholesky
// Departures from the papers: the gradient stops at 1e-10 (N+ + N-) rather than 1e-5, or where (1) falls no more, so that A and B are
//            those of the minimum; the coupling system is solved, where [Wu2004, algorithm 2] iterates
#include "assay/ml/svm/probability.h"

#include <algorithm>
#include <cmath>

namespace assay::svm {
namespace {

// -t log p - (1 - t) log(1 - p) for p = 1 / (1 + exp(u)).
double cross_entropy(double t, double u) {
  return u >= 0 ? t * u + std::log1p(std::exp(-u)) : (t - 1) * u + std::log1p(std::exp(u));
}

struct Likelihood {
  const std::vector<double>&f, &t, &w;
  double value(const Sigmoid& s) const {
    double total = 0;
    for (size_t i = 0; i < f.size(); ++i) total += w[i] * cross_entropy(t[i], f[i] * s.A + s.B);
    return total;
  }
};

}  // namespace

double sigmoid(double value, const Sigmoid& s) {
  const double u = value * s.A + s.B;
  return u >= 0 ? std::exp(-u) / (1 + std::exp(-u)) : 1 / (1 + std::exp(u));
}

Sigmoid fit_sigmoid(const std::vector<double>& value, const std::vector<int>& label,
                    const std::vector<double>& weight) {
  const std::vector<double> w = weight.empty() ? std::vector<double>(value.size(), 1.0) : weight;
  double positive = 0, negative = 0;
  for (size_t i = 0; i < label.size(); ++i) (label[i] > 0 ? positive : negative) += w[i];
  std::vector<double> t(value.size());
  for (size_t i = 0; i < t.size(); ++i) t[i] = label[i] > 0 ? (positive + 1) / (positive + 2) : 1 / (negative + 2);
  const Likelihood F{value, t, w};
  Sigmoid s{0, std::log((negative + 1) / (positive + 1))};
  double now = F.value(s);
  for (int iteration = 0; iteration < 100; ++iteration) {
    double h11 = 1e-12, h22 = 1e-12, h21 = 0, g1 = 0, g2 = 0;
    for (size_t i = 0; i < t.size(); ++i) {
      const double p = sigmoid(value[i], s), d1 = w[i] * (t[i] - p), d2 = w[i] * p * (1 - p);
      h11 += value[i] * value[i] * d2;
      h22 += d2;
      h21 += value[i] * d2;
      g1 += value[i] * d1;
      g2 += d1;
    }
    if (std::max(std::abs(g1), std::abs(g2)) < 1e-10 * (positive + negative)) break;
    const double determinant = h11 * h22 - h21 * h21;
    const double dA = -(h22 * g1 - h21 * g2) / determinant, dB = -(h11 * g2 - h21 * g1) / determinant;
    const double slope = g1 * dA + g2 * dB;
    double step = 1;
    for (; step >= 1e-10; step /= 2) {
      const Sigmoid next{s.A + step * dA, s.B + step * dB};
      const double then = F.value(next);
      if (then < now + 1e-4 * step * slope) {
        s = next;
        now = then;
        break;
      }
    }
    if (step < 1e-10 || !std::isfinite(slope)) break;
  }
  return s;
}

Vector couple(const Matrix& r) {
  const Index k = r.rows();
  Matrix Q(k, k);
  for (Index i = 0; i < k; ++i) {
    double own = 0;
    for (Index j = 0; j < k; ++j) {
      if (j == i) continue;
      own += r(j, i) * r(j, i);
      Q(i, j) = 1 - r(j, i) * r(i, j);
    }
    Q(i, i) = own + 1;
  }
  Vector p = solve_cholesky(Q, Vector::Ones(k)).value_or(Vector::Ones(k)).cwiseMax(0.0);
  return p / p.sum();
}

}  // namespace assay::svm
