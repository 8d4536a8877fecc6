// ml/linear/lasso.h: linear regression with an L1 penalty, or with L1 and L2: weights that are exactly zero.
//
//   lasso        min  1 / (2 W) sum_i s_i (y_i - b - w'x_i)^2 + alpha |w|_1                    W = sum_i s_i          (1)
//   elastic-net  min  the same + alpha (rho |w|_1 + (1 - rho) |w|^2 / 2)                       rho: l1-ratio          (2)
//
// alpha      a number, or auto: a path of 100 alphas from the smallest that keeps every weight at zero down to a thousandth of
//            it (a hundredth where d > n); the mean squared error of `folds` held-out folds for each; the largest alpha whose
//            mean is within one standard error of the least [Hastie2009, sec. 7.10]
// Guarantees those of coordinate_descent.h; report.objective is (1) or (2), report.more has the duality gap
// Errors     ParameterError (ranges), DataError (a missing cell; squares that overflow), UsageError (auto with one row)
// See        [Tibshirani1996]; [Zou2005]; [Friedman2010]; coordinate_descent.h
#pragma once
#include <variant>

#include "assay/ml/linear/linear_model.h"

namespace assay {

enum class AlphaRule { automatic };
inline constexpr EnumNames<AlphaRule, 1> alpha_words{{{"auto", AlphaRule::automatic}}};

struct LassoParams {
  std::variant<AlphaRule, double> alpha = 1.0;
  bool intercept = true;
  int polynomial = 1;
  double tolerance = 1e-8;
  int max_iter = 10000;
  int folds = 5;
  static void fields(auto& p, auto&& field) {
    field("alpha", p.alpha, WordOrNumber<AlphaRule, 1>{alpha_words, positive},
          "weight of the penalty: more gives fewer columns; auto: by cross-validation, one-standard-error rule");
    field("intercept", p.intercept, "a constant b beside the weights", {"fit-intercept"});
    field("polynomial", p.polynomial, between(1, 100), "products of up to so many columns become columns", {"degree"});
    field("tolerance", p.tolerance, positive,
          "duality gap over the objective, and movement of a weight in deviations of y, at the end", {"tol"});
    field("max-iter", p.max_iter, at_least(1), "sweeps over the columns at most");
    field("cv-folds", p.folds, at_least(2), "held-out folds of alpha=auto");
  }
};

struct ElasticNetParams : LassoParams {
  double rho = 0.5;
  static void fields(auto& p, auto&& field) {
    LassoParams::fields(p, field);
    field("l1-ratio", p.rho, fraction, "share of the penalty that is |w|_1; the rest is |w|^2 / 2");
  }
};

/// One alpha of the path behind alpha=auto.
struct PathRow {
  double alpha, error, standard_error;  ///< held-out mean squared error and that of its mean
  int nonzero;
};

struct LassoModel : LinearModel {
  std::vector<PathRow> path;  ///< empty unless alpha=auto
  Matrix path_weights;        ///< a row an alpha, for tables of up to kPathColumns terms
  double alpha = 0;
  static constexpr Index kPathColumns = 200;

  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static LassoModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct Lasso {
  using Params = LassoParams;
  using Model = LassoModel;
  static constexpr LearnerInfo info{
      "lasso",
      "linear regression with an L1 penalty: few columns",
      "Tibshirani1996",
      {"lasso-regression"},
      {.regression = true, .layout = Layout::columns, .needs_scaling = true, .weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

struct ElasticNetRegression {
  using Params = ElasticNetParams;
  using Model = LassoModel;
  static constexpr LearnerInfo info{
      "elastic-net",
      "linear regression with L1 and L2 penalties",
      "Zou2005",
      {"elasticnet", "enet"},
      {.regression = true, .layout = Layout::columns, .needs_scaling = true, .weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
