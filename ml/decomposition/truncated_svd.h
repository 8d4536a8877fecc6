// ml/decomposition/truncated_svd.h: the reducer `svd`: the best approximation of a table by one of low rank.
//
//   min_{B: rank B <= k}  sum_i w_i |x_i - b_i|^2        B = U S V',  scores of a row: V x                             (1)
//
// As `pca`, but columns are not centred: zeros stay zeros, so sparse tables are taken as they are.
//
// Shapes     X: n x d, rows or sparse;  V (components): k x d;  scores: n x k
// Guarantees components orthonormal, sign rule as pca; explained_variance_ratio[j] = singular_values[j]^2 / sum of all
//            squares of X: the share of the squares that component j keeps, and the error of (1) is the rest
// Weights    exact: a row of weight 2 is two rows
// Errors     as pca; a sparse table needs a number of components
// See        [Eckart1936]; principal.h
#pragma once
#include "assay/ml/decomposition/principal.h"
#include "assay/ml/learner.h"

namespace assay {

struct TruncatedSvdParams {
  Components components = NamedCount::automatic;
  PrincipalSolver solver = PrincipalSolver::automatic;
  double tolerance = 1e-4;
  int max_iter = 30;
  static void fields(auto& p, auto&& field) {
    field(
        "components", p.components,
        WordOrNumber<NamedCount, 2>{{{{"all", NamedCount::all}, {"auto", NamedCount::automatic}}}, kComponentsRange},
        "rank k: all, auto (2, or 1 where there is no second), a number, or (below 1) the share of the squares to keep",
        {"n-components", "rank"});
    field("solver", p.solver, principal_solver_names,
          "how they are found; auto: covariance where columns <= rows, else gram; randomized where few of many",
          {"algorithm"});
    field("tolerance", p.tolerance, Rule{0, 1, true, true},
          "randomized: relative residual of each component at the end", {"tol"});
    field("max-iter", p.max_iter, at_least(1), "randomized: iterations at most", {"n-iter"});
  }
  static std::optional<std::string> check(const TruncatedSvdParams& p) {
    return check_components(p.components, p.solver);
  }
};

struct TruncatedSvdModel {
  Matrix components;  ///< k x d
  Vector explained_variance_ratio, singular_values;
  FitReport report;

  Matrix transform(const Samples& samples, const Context& ctx) const;
  Matrix inverse_transform(const Matrix& scores) const;
  Explanation explain(const std::vector<Column>& columns) const;
  void save(ArchiveWriter& out) const;
  static TruncatedSvdModel load(const ArchiveReader& in, const std::vector<Column>& columns);
};

struct TruncatedSvd {
  using Params = TruncatedSvdParams;
  using Model = TruncatedSvdModel;
  static constexpr LearnerInfo info{"svd",
                                    "truncated singular value decomposition: the best approximation of rank k",
                                    "Eckart1936",
                                    {"truncated-svd", "lsa"},
                                    {.layout = Layout::rows, .accepts_sparse = true, .weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& samples, const Context& ctx);
};

}  // namespace assay
