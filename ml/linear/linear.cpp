// Notation   RSS: sum of squared residuals;  TSS: the same of y about its mean;  R2 = 1 - RSS / TSS
// Method     1 products of columns, where asked for   2 solve (least_squares.h)   3 standard errors from RSS
// Departures from the paper: none.
#include "assay/ml/linear/linear.h"

#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {
namespace {

LinearModel fit_least_squares(const Samples& samples, const Target& target, bool intercept, int polynomial,
                              double alpha, LeastSquaresSolver solver, const Context& ctx) {
  check_fit_input(samples, target, 1);
  const Columns& raw = samples.cols();
  LinearModel model;
  model.terms = Terms(samples.d(), polynomial);
  model.intercept = intercept;
  Columns products;
  if (polynomial > 1) products = model.terms.expand(raw, ctx.threads);
  const Columns& X = polynomial > 1 ? products : raw;
  LeastSquares problem{{}, X.rows(), target.value, samples.weight, intercept, alpha};
  for (Index f = 0; f < X.cols(); ++f) problem.columns.push_back(X.col(f).data());

  const LeastSquaresSolution s = [&] {
    try {
      return solve_least_squares(problem, solver, ctx);
    } catch (const DataError&) {  // what a cell that is not finite leads to: say which it is
      check_finite(raw, samples.columns);
      throw;
    }
  }();
  model.w = s.w;
  model.b = s.b;
  model.dropped = s.dropped;
  model.freedom = std::max(0.0, s.weight - s.degrees);
  const double noise = model.freedom > 0 ? s.residual / model.freedom : 0;
  if (s.variance.size() && model.freedom > 0) model.standard_error = (noise * s.variance.cwiseMax(0)).cwiseSqrt();

  FitReport& report = model.report;
  report.objective = s.residual + alpha * s.w.squaredNorm();
  report.iterations = s.iterations;
  report.converged = s.converged;
  report.note = s.method;
  if (s.condition > 0) report.note += ", condition " + six_digits(s.condition);
  if (s.rank < std::min(X.rows() - (intercept ? 1 : 0), X.cols()) && alpha == 0)
    report.note += ", rank " + std::to_string(s.rank) + " of " + std::to_string(X.cols()) + " columns";
  if (!s.converged) report.note += " was stopped; give it more time";
  report.more = {{"residual_sum_of_squares", s.residual}, {"rank", static_cast<double>(s.rank)}};
  if (s.total > 0) report.more.emplace_back("r2", 1 - s.residual / s.total);
  if (s.condition > 0) report.more.emplace_back("condition", s.condition);
  if (s.degrees > 0) report.more.emplace_back("degrees_of_freedom", s.degrees);
  if (model.freedom > 0 && s.degrees > 0) report.more.emplace_back("residual_sd", std::sqrt(noise));
  return model;
}

}  // namespace

LinearModel Linear::fit(const LinearParams& params, const Samples& samples, const Target& target, const Context& ctx) {
  return fit_least_squares(samples, target, params.intercept, params.polynomial, 0, params.solver, ctx);
}

LinearModel Ridge::fit(const RidgeParams& params, const Samples& samples, const Target& target, const Context& ctx) {
  return fit_least_squares(samples, target, params.intercept, params.polynomial, params.alpha, params.solver, ctx);
}

}  // namespace assay
