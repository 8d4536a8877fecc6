// ml/decomposition/principal.h: the principal axes of a table: what `pca` and `svd` share.
//
//   sum_i w_i (x_i - center)(x_i - center)' = V diag(squares) V'        squares descending                              (1)
//
// Shapes     X: n x d, dense or sparse;  center: d, or empty for 0;  axes: k x d, a row a direction (V')
// Guarantees axes orthonormal to d eps; each keeps the sign rule (its first entry within 1e-6 of the largest absolute
//            value is positive). Squares to about n eps squares[0] (covariance, gram), n eps sqrt(squares[0] squares[i])
//            (svd), residual^2 (randomized)
// Cost       covariance: n d^2 + 4/3 d^3; gram: d n^2 + 4/3 n^3; svd: 2 n d^2 and more, and a copy of the table;
//            randomized: 4 n d (k + 10) an iteration
// Rule       auto: randomized, where k axes were asked for, min(n, d) > 500 and six of its iterations cost less than
//            half of the exact way; it then falls back on that where ten do not suffice. Otherwise covariance where
//            d <= n, else gram. Of sparse tables: randomized, always
// See        [Pearson1901]; core/eigen_symmetric.h, core/svd.h
#pragma once
#include <optional>
#include <variant>

#include "assay/core/context.h"
#include "assay/core/params.h"
#include "assay/ml/data/samples.h"

namespace assay {

enum class PrincipalSolver { automatic, covariance, gram, svd, randomized };
inline constexpr EnumNames<PrincipalSolver, 5> principal_solver_names{{{"auto", PrincipalSolver::automatic},
                                                                       {"covariance", PrincipalSolver::covariance},
                                                                       {"gram", PrincipalSolver::gram},
                                                                       {"svd", PrincipalSolver::svd},
                                                                       {"randomized", PrincipalSolver::randomized}}};

enum class NamedCount { all, automatic };
/// `all`, `auto` (two, or one where there is no second; only `svd` has it), how many, or the share of the variance (below
/// 1) that is to be kept.
using Components = std::variant<NamedCount, double>;
inline constexpr Rule kComponentsRange{0, 1e9, true, false};
std::optional<std::string> check_components(const Components& components, PrincipalSolver solver);

struct PrincipalProblem {
  const Samples& samples;
  bool centered;  ///< about the mean of the columns, else about 0
  Components components;
  PrincipalSolver solver = PrincipalSolver::automatic;
  double tolerance = 1e-4;  ///< randomized: see core/svd.h
  int max_iter = 30;
};

struct PrincipalAxes {
  Vector center;                                        ///< d; empty: 0
  Vector squares;                                       ///< k
  Matrix axes;                                          ///< k x d
  double total = 0;                                     ///< sum of all squares of (1), also of those left out
  PrincipalSolver solver = PrincipalSolver::automatic;  ///< the one that answered
  bool converged = true;
  long iterations = 0;
  double residual = 0;  ///< randomized
};

/// Throws DataError where a cell is not finite, and ParameterError for more components than there are.
PrincipalAxes principal_axes(const PrincipalProblem& problem, const Context& ctx);

/// Which solver `auto` is for n x d and k axes (0: a share of the variance).
PrincipalSolver choose_solver(Index n, Index d, Index k, bool sparse);
/// `centered`: about the mean, as `pca`.
const char* solver_title(PrincipalSolver solver, bool centered);

}  // namespace assay
