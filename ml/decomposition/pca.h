// ml/decomposition/pca.h: principal components: the directions in which a table varies most.
//
//   max_{V: V V' = I}  sum_i w_i |V (x_i - mean)|^2 / (sum w - 1)        scores of a row: V (x - mean)                  (1)
//
// Shapes     X: n x d, rows;  V (components): k x d, a row a direction;  scores: n x k
// Guarantees components orthonormal; explained_variance[j] = singular_values[j]^2 / (n - 1) (with weights: their sum less
//            1; one row: 1 instead of 0), which is the variance of score j; what the components leave out of the total is
//            the mean squared distance of the rows from their reconstruction, times n / (n - 1). Each component keeps the
//            sign rule: its first entry within 1e-6 of the largest absolute value is positive
// Weights    exact: a row of weight 2 is two rows
// Cost       principal.h
// Errors     ParameterError (more components than rows or columns), DataError (a missing cell, squares beyond all numbers)
// See        [Pearson1901]; [Hastie2009] sec. 14.5; principal.h; trace kinds of core/eigen_symmetric.h and core/svd.h,
//            and "component"
#pragma once
#include "assay/ml/decomposition/principal.h"
#include "assay/ml/learner.h"

namespace assay {

struct PcaParams {
  Components components = NamedCount::all;
  PrincipalSolver solver = PrincipalSolver::automatic;
  bool whiten = false;
  double tolerance = 1e-4;
  int max_iter = 30;
  static void fields(auto& p, auto&& field) {
    field("components", p.components, WordOrNumber<NamedCount, 1>{{{{"all", NamedCount::all}}}, kComponentsRange},
          "how many are kept: all, a number, or (below 1) the share of the variance to keep", {"n-components"});
    field("solver", p.solver, principal_solver_names,
          "how they are found; auto: covariance where columns <= rows, else gram; randomized where few of many",
          {"svd-solver"});
    field("whiten", p.whiten, "scores are divided by their standard deviation");
    field("tolerance", p.tolerance, Rule{0, 1, true, true},
          "randomized: relative residual of each component at the end", {"tol"});
    field("max-iter", p.max_iter, at_least(1), "randomized: iterations at most", {"iterated-power"});
  }
  static std::optional<std::string> check(const PcaParams& p) { return check_components(p.components, p.solver); }
};

struct PcaModel {
  Vector mean;        ///< d
  Matrix components;  ///< k x d
  Vector explained_variance, explained_variance_ratio, singular_values;
  bool whiten = false;
  FitReport report;

  Matrix transform(const Samples& samples, const Context& ctx) const;
  Matrix inverse_transform(const Matrix& scores) const;
  Explanation explain(const std::vector<Column>& columns) const;
  void save(ArchiveWriter& out) const;
  static PcaModel load(const ArchiveReader& in, const std::vector<Column>& columns);

 private:
  Vector spread() const;  ///< what scores are multiplied by: 1, or 1 / standard deviation (0 where that is 0)
};

struct Pca {
  using Params = PcaParams;
  using Model = PcaModel;
  static constexpr LearnerInfo info{"pca",
                                    "principal components: the directions of greatest variance",
                                    "Pearson1901",
                                    {"principal-components", "principal-component-analysis"},
                                    {.layout = Layout::rows, .weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& samples, const Context& ctx);
};

}  // namespace assay
