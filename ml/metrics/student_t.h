// ml/metrics/student_t.h: Student's t distribution, for tests between learners.
//
//   P(|T| > t) = I_x(nu/2, 1/2),  x = nu / (nu + t^2)          [DLMF, 8.17]
//
// Ranges     nu > 0 (need not be whole); t finite; 0 < p < 1
// Accuracy   1e-12 relative, in the far tail too (until it underflows)
// Cost       a continued fraction of some twenty terms; the quantile some ten of them
#pragma once

namespace assay {

/// P(T <= t) for nu degrees of freedom.
double student_t_cdf(double t, double nu);
/// P(|T| >= |t|): the two-sided p value.
double student_t_two_sided(double t, double nu);
/// The t with P(T <= t) = p.
double student_t_quantile(double p, double nu);

}  // namespace assay
