// ml/metrics/student_t.cpp
// Notation   a = nu/2;  x = nu/(nu + t^2), 1 - x = t^2/(nu + t^2);  I_x(a, b): regularised incomplete beta function
// Method     1 the front factor x^a (1-x)^b / (a B(a,b))   2 the continued fraction [DLMF, 8.17.22] by Lentz's method
//            in its modified form [Lentz1976; Thompson1986]   3 on the side of x where it converges fast: I_x(a,b) = 1
//            - I_{1-x}(b,a)   4 the quantile: bracket in log t, then Newton's steps on the log of the tail, bisection
//            where one leaves the bracket
// Departures from the books: B(a, 1/2) comes from the ratio of Gamma functions half a step apart, by recurrence and the
//            series of its logarithm for large a, so that two large logarithms never cancel (and no lgamma, whose last
//            digits differ between systems).
#include "assay/ml/metrics/student_t.h"

#include <cmath>
#include <initializer_list>

namespace assay {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// Gamma(a + 1/2) / Gamma(a): R(a) = R(a+1) a / (a + 1/2) up to a >= 24, then the asymptotic series of log R.
double half_step_gamma_ratio(double a) {
  double shift = 1;
  for (; a < 24; a += 1) shift *= a / (a + 0.5);
  const double u = 1 / (a * a);
  const double series = (-1.0 / 8 + u * (1.0 / 192 + u * (-1.0 / 640 + u * (17.0 / 14336 - u * 31.0 / 18432)))) / a;
  return shift * std::sqrt(a) * std::exp(series);
}

/// 1 / B(a, 1/2).
double inverse_beta_half(double a) { return half_step_gamma_ratio(a) / std::sqrt(kPi); }

/// The continued fraction of [DLMF, 8.17.22]: 1/(1 + d_1/(1 + d_2/(1 + ...))).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kEnd = 1e-16;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double h = d;
  for (int m = 1; m < 10'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (const double term : {even, odd}) {
      d = 1 + term * d;
      c = 1 + term / c;
      d = 1 / (std::abs(d) < kTiny ? kTiny : d);
      c = std::abs(c) < kTiny ? kTiny : c;
      change = c * d;
      h *= change;
    }
    if (std::abs(change - 1) < kEnd) break;
  }
  return h;
}

/// P(|T| < t) and P(|T| >= t), each accurate where it is the smaller one.
struct Areas {
  double centre, tails;
};

Areas areas(double t, double nu) {
  const double a = nu / 2, r = t * t / nu;
  if (r == 0) return {std::abs(t) * 2 * inverse_beta_half(a) / std::sqrt(nu), 1};  // t^2 may underflow
  const double log_x = -std::log1p(r);                                             // x = 1/(1 + r)
  const double x = 1 / (1 + r), y = r > 1 ? 1 / (1 + 1 / r) : r / (1 + r);         // y = 1 - x
  const double front = std::exp(a * log_x) * std::sqrt(y) * inverse_beta_half(a);  // x^a y^b / B(a, b), b = 1/2
  if (x < (a + 1) / (a + 0.5 + 2)) {
    const double tails = front * beta_fraction(a, 0.5, x) / a;
    return {1 - tails, tails};
  }
  const double centre = front * beta_fraction(0.5, a, y) / 0.5;
  return {centre, 1 - centre};
}

/// The t > 0 that leaves `tail` beyond it, where `centre` = 1/2 - tail lies between 0 and t. Solves for the smaller of
/// the two.
double positive_quantile(double tail, double centre, double nu) {
  const bool by_tail = tail < centre;
  const double goal = std::log(2 * (by_tail ? tail : centre));
  // f falls (tail) or rises (centre) in u = log t; g(u) = f(u) - goal, turned so that it rises.
  auto g = [&](double u) {
    const Areas at = areas(std::exp(u), nu);
    return by_tail ? goal - std::log(at.tails) : std::log(at.centre) - goal;
  };
  double lo = -1, hi = 1;
  while (g(lo) > 0 && lo > -700) lo *= 2;
  while (g(hi) < 0 && hi < 700) hi *= 2;
  double u = (lo + hi) / 2;
  for (int step = 0; step < 200 && hi - lo > 1e-16 * std::abs(u); ++step) {
    const double value = g(u);
    (value < 0 ? lo : hi) = u;
    const double h = 1e-6;
    const double slope = (g(u + h) - value) / h;  // a rough slope suffices: it only chooses the next point
    double next = u - value / slope;
    if (!(next > lo && next < hi)) next = (lo + hi) / 2;
    if (next == u) break;
    const bool done = std::abs(next - u) < 1e-15 * std::abs(u);
    u = next;
    if (done) break;
  }
  return std::exp(u);
}

}  // namespace

double student_t_two_sided(double t, double nu) { return areas(std::abs(t), nu).tails; }

double student_t_cdf(double t, double nu) {
  const Areas at = areas(std::abs(t), nu);
  if (t < 0) return at.tails / 2;
  return at.tails < 0.5 ? 1 - at.tails / 2 : 0.5 + at.centre / 2;
}

double student_t_quantile(double p, double nu) {
  if (p == 0.5) return 0;
  return p > 0.5 ? positive_quantile(1 - p, p - 0.5, nu) : -positive_quantile(p, 0.5 - p, nu);
}

}  // namespace assay
