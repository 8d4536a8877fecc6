// ml/linear/linear.h: least squares, and ridge regression.
//
//   linear   min_{w, b}  sum_i s_i (y_i - b - w'x_i)^2                                                                (1)
//   ridge    min_{w, b}  sum_i s_i (y_i - b - w'x_i)^2 + alpha |w|^2          b is not penalised                      (2)
//
// Shapes     X: n x d, columns, or their products up to a degree (terms.h);  s: weights, a row of weight w is w rows
// Guarantees how it was solved is in report.note (least_squares.h says which when); report.objective is (1) or (2)
// Statistics standard errors from the noise's variance RSS / (sum s - degrees): of ridge, those of the shrunken estimate about
//            its own mean, with the trace of the hat matrix as degrees [Hastie2009, eq. 3.50]
// Errors     ParameterError (ranges), DataError (a missing cell; squares that overflow)
// See        [Hastie2009] sec. 3.2, 3.4.1; [Hoerl1970]
#pragma once
#include "assay/ml/linear/least_squares.h"
#include "assay/ml/linear/linear_model.h"

namespace assay {

inline constexpr EnumNames<LeastSquaresSolver, 3> linear_solver_names{{{"auto", LeastSquaresSolver::automatic},
                                                                       {"cholesky", LeastSquaresSolver::cholesky},
                                                                       {"qr", LeastSquaresSolver::qr}}};
inline constexpr EnumNames<LeastSquaresSolver, 5> ridge_solver_names{{{"auto", LeastSquaresSolver::automatic},
                                                                      {"cholesky", LeastSquaresSolver::cholesky},
                                                                      {"qr", LeastSquaresSolver::qr},
                                                                      {"cg", LeastSquaresSolver::cg},
                                                                      {"dual", LeastSquaresSolver::dual}}};

struct LinearParams {
  bool intercept = true;
  int polynomial = 1;
  LeastSquaresSolver solver = LeastSquaresSolver::automatic;
  static void fields(auto& p, auto&& field) {
    field("intercept", p.intercept, "a constant b beside the weights", {"fit-intercept"});
    field("polynomial", p.polynomial, between(1, 100), "products of up to so many columns become columns", {"degree"});
    field("solver", p.solver, linear_solver_names,
          "auto: cholesky where the Gram matrix's condition is below 1e4, else qr");
  }
};

struct RidgeParams {
  double alpha = 1;
  bool intercept = true;
  int polynomial = 1;
  LeastSquaresSolver solver = LeastSquaresSolver::automatic;
  static void fields(auto& p, auto&& field) {
    field("alpha", p.alpha, non_negative, "weight of |w|^2 beside the sum of squares: more is smoother");
    field("intercept", p.intercept, "a constant b beside the weights", {"fit-intercept"});
    field("polynomial", p.polynomial, between(1, 100), "products of up to so many columns become columns", {"degree"});
    field("solver", p.solver, ridge_solver_names, "auto: cholesky or qr; cg where there are more columns than rows");
  }
  static std::optional<std::string> check(const RidgeParams& p) {
    if (p.alpha == 0 && (p.solver == LeastSquaresSolver::cg || p.solver == LeastSquaresSolver::dual))
      return "solver cg or dual needs alpha > 0";
    return std::nullopt;
  }
};

struct Linear {
  using Params = LinearParams;
  using Model = LinearModel;
  static constexpr LearnerInfo info{"linear",
                                    "linear regression by least squares",
                                    "Hastie2009, sec. 3.2",
                                    {"linear-regression", "ols", "least-squares"},
                                    {.regression = true, .layout = Layout::columns, .weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

struct Ridge {
  using Params = RidgeParams;
  using Model = LinearModel;
  static constexpr LearnerInfo info{
      "ridge",
      "linear regression with an L2 penalty",
      "Hoerl1970",
      {"ridge-regression"},
      {.regression = true, .layout = Layout::columns, .needs_scaling = true, .weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
