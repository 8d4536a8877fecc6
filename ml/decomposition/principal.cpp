// ml/decomposition/principal.cpp
// Notation   Y: the table with rows sqrt(w_i) (x_i - center)';  S, V: its singular values and right singular vectors
// Method     1 choose the solver, check the cells, find the centre (covariance does both on its way)   2 covariance: eigenvectors of Y'Y; gram: eigenvectors U of Y Y', then Y'U made
//            orthonormal; svd: of Y; randomized: of Y, which is only multiplied   3 keep k, or as many as the share asks
// Departures from the textbook: gram makes V = Y'U / S orthonormal again by a Householder QR, as dividing by a small S
//            loses orthogonality, and that also completes the axes where Y has no full rank.
#include "assay/ml/decomposition/principal.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/error.h"
#include "assay/core/svd.h"
#include "assay/core/text.h"

namespace assay {
namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();
constexpr Index kOversample = 10;
constexpr int kAutoIterations = 10;  // of randomized, before auto falls back

bool is_sparse(const Samples& samples) { return std::holds_alternative<Csr>(samples.X); }

// How many axes are computed: all of them where a share of the variance decides.
Index computed(const PrincipalProblem& p) {
  const Index r = std::min(p.samples.n(), p.samples.d());
  const double* number = std::get_if<double>(&p.components);
  if (!number || *number < 1) return r;
  if (*number > static_cast<double>(r))
    throw ParameterError("parameter 'components' is " + shortest(*number) + " but a table of " +
                         std::to_string(p.samples.n()) + " rows and " + std::to_string(p.samples.d()) +
                         " columns has at most " + std::to_string(r));
  return static_cast<Index>(*number);
}

// sum_i w_i |x_i - center|^2, in fixed chunks.
double total_squares(const PrincipalProblem& p, const Vector& center, int threads) {
  constexpr Index kRows = 1024;
  const Samples& samples = p.samples;
  return parallel_reduce(
      threads, samples.n(), kRows, 0.0,
      [&](Index begin, Index end) {
        double total = 0;
        Vector moved;
        for (Index i = begin; i < end; ++i) {
          double squares = 0;
          if (is_sparse(samples)) {
            const Csr& X = samples.sparse();
            const auto from = X.row_start[static_cast<size_t>(i)], to = X.row_start[static_cast<size_t>(i) + 1];
            squares = dot(X.value.data() + from, X.value.data() + from, to - from);
          } else if (center.size()) {
            moved = samples.rows().row(i).transpose() - center;
            squares = dot(moved.data(), moved.data(), moved.size());
          } else {
            const double* x = samples.rows().row(i).data();
            squares = dot(x, x, samples.d());
          }
          total += samples.weight_of(i) * squares;
        }
        return total;
      },
      [](double& total, double part) { total += part; });
}

void check_total(double total) {
  if (!std::isfinite(total)) throw DataError("the squares of the table are beyond the range of numbers", "rescale it");
}

Vector root_weights(const Samples& samples) { return samples.weight.cwiseSqrt(); }

// Y of a dense table.
Matrix weighted_table(const PrincipalProblem& p, const Vector& center, int threads) {
  const Matrix& X = p.samples.rows();
  Matrix Y(X.rows(), X.cols());
  parallel_for(threads, X.rows(), 256, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      Y.row(i) = X.row(i);
      if (center.size()) Y.row(i) -= center.transpose();
      if (p.samples.weight.size()) Y.row(i) *= std::sqrt(p.samples.weight[i]);
    }
  });
  return Y;
}

// Eigenvalues of a Gram matrix as squares: what rounding left below zero is zero.
void take_eigenvalues(const SymmetricEigen& e, PrincipalAxes& result) {
  result.squares = e.values.cwiseMax(0.0);
  result.converged = e.converged;
  result.iterations = e.iterations;
}

PrincipalAxes by_covariance(const PrincipalProblem& p, Index k, const Context& ctx) {
  const Matrix& X = p.samples.rows();
  Scatter s = p.centered ? scatter(X, p.samples.weight, ctx.threads)
                         : Scatter{Vector(), gram(X, p.samples.weight, ctx.threads)};
  PrincipalAxes result;
  result.center = std::move(s.mean);
  result.total = s.products.trace();
  if (!std::isfinite(result.total)) check_finite(p.samples);
  check_total(result.total);
  const SymmetricEigen e = eigen_symmetric_largest(s.products, k, ctx);
  take_eigenvalues(e, result);
  result.axes = e.vectors.transpose();
  return result;
}

PrincipalAxes by_gram(const PrincipalProblem& p, const Vector& mean, Index k, const Context& ctx) {
  const bool plain = p.samples.weight.size() == 0;
  const Matrix Y = plain ? Matrix() : weighted_table(p, mean, ctx.threads);
  const Matrix& X = plain ? p.samples.rows() : Y;
  const Vector center = plain ? mean : Vector();
  const Matrix G = row_gram(X, center, ctx.threads);
  PrincipalAxes result;
  result.total = G.trace();
  check_total(result.total);
  const SymmetricEigen e = eigen_symmetric_largest(G, k, ctx);
  take_eigenvalues(e, result);
  Matrix U = e.vectors;
  const double smallest = static_cast<double>(X.rows()) * kEps * (k ? result.squares[0] : 0.0);
  for (Index j = 0; j < k; ++j) {  // unit lengths, so that no axis drowns in another's rounding
    if (result.squares[j] <= smallest) result.squares[j] = 0;
    U.col(j) *= result.squares[j] > 0 ? 1 / std::sqrt(result.squares[j]) : 0.0;
  }
  Columns V = transposed_times(X, U, ctx.threads);
  if (center.size()) V -= center * U.colwise().sum();
  const Eigen::HouseholderQR<Eigen::Ref<Columns>> qr(V);
  Columns Q = Columns::Identity(X.cols(), k);
  Q.applyOnTheLeft(qr.householderQ());
  result.axes = Q.transpose();
  for (Index j = 0; j < k; ++j) result.axes.row(j) *= sign_rule(result.axes.row(j).data(), X.cols());
  return result;
}

PrincipalAxes from_svd(const Svd& s, Index k) {
  PrincipalAxes result;
  result.squares = s.S.head(k).cwiseAbs2();
  result.axes = s.V.leftCols(k).transpose();
  result.converged = s.converged;
  result.iterations = s.iterations;
  return result;
}

PrincipalAxes by_svd(const PrincipalProblem& p, const Vector& mean, Index k, const Context& ctx) {
  const double total = total_squares(p, mean, ctx.threads);
  check_total(total);
  PrincipalAxes result = from_svd(svd(weighted_table(p, mean, ctx.threads), ctx), k);
  result.total = total;
  return result;
}

LinearMap sparse_map(const Samples& samples) {
  const Csr& X = samples.sparse();
  const Vector root = root_weights(samples);
  const auto each = [&X, root](auto&& entry) {
    for (Index i = 0; i < X.rows; ++i)
      for (auto e = X.row_start[static_cast<size_t>(i)]; e < X.row_start[static_cast<size_t>(i) + 1]; ++e)
        entry(i, X.column[static_cast<size_t>(e)], X.value[static_cast<size_t>(e)] * (root.size() ? root[i] : 1.0));
  };
  return {X.rows, X.columns,
          [each, &X](const Columns& Z) {
            const Matrix rows = Z;
            Matrix Y = Matrix::Zero(X.rows, Z.cols());
            each([&](Index i, Index f, double value) { Y.row(i) += value * rows.row(f); });
            return Columns(Y);
          },
          [each, &X](const Columns& Y) {
            const Matrix rows = Y;
            Matrix P = Matrix::Zero(X.columns, Y.cols());
            each([&](Index i, Index f, double value) { P.row(f) += value * rows.row(i); });
            return Columns(P);
          }};
}

// Y as products: the centre and the weights are applied to the thin factors.
LinearMap dense_map(const PrincipalProblem& p, const Vector& center, int threads) {
  const LinearMap X = linear_map(p.samples.rows(), threads);
  const Vector root = root_weights(p.samples);
  return {X.rows, X.cols,
          [X, center, root](const Columns& Z) {
            Columns Y = X.times(Z);
            if (center.size()) Y.rowwise() -= (center.transpose() * Z).eval();
            if (root.size()) Y = (root.asDiagonal() * Y).eval();
            return Y;
          },
          [X, center, root](const Columns& Y) {
            const Columns W = root.size() ? Columns(root.asDiagonal() * Y) : Y;
            Columns P = X.transposed_times(W);
            if (center.size()) P -= center * W.colwise().sum();
            return P;
          }};
}

PrincipalAxes by_randomized(const PrincipalProblem& p, const Vector& mean, Index k, int max_iter, const Context& ctx) {
  const double total = total_squares(p, mean, ctx.threads);
  check_total(total);
  const LinearMap Y = is_sparse(p.samples) ? sparse_map(p.samples) : dense_map(p, mean, ctx.threads);
  double residual = 0;
  PrincipalAxes result = from_svd(svd_randomized(Y, {k, kOversample, p.tolerance, max_iter}, ctx, &residual), k);
  result.residual = residual;
  result.total = total;
  return result;
}

PrincipalAxes by(PrincipalSolver solver, const PrincipalProblem& p, Index k, int max_iter, const Context& ctx) {
  PrincipalAxes result;
  if (solver == PrincipalSolver::covariance) {
    result = by_covariance(p, k, ctx);
  } else {
    check_finite(p.samples);
    Vector mean;
    if (p.centered) mean = column_means(p.samples.rows(), p.samples.weight, ctx.threads);
    result = solver == PrincipalSolver::gram  ? by_gram(p, mean, k, ctx)
             : solver == PrincipalSolver::svd ? by_svd(p, mean, k, ctx)
                                              : by_randomized(p, mean, k, max_iter, ctx);
    result.center = std::move(mean);
  }
  result.solver = solver;
  return result;
}

// Step 3: the first axes that together keep the share.
void keep_share(double share, PrincipalAxes& result) {
  double kept = 0;
  Index k = 0;
  while (k < result.squares.size() && (k == 0 || kept < share * result.total)) kept += result.squares[k++];
  result.squares = result.squares.head(k).eval();
  result.axes = result.axes.topRows(k).eval();
}

}  // namespace

std::optional<std::string> check_components(const Components& components, PrincipalSolver solver) {
  const double* number = std::get_if<double>(&components);
  if (!number && std::get<NamedCount>(components) == NamedCount::automatic) return std::nullopt;
  if (number && *number > 1 && *number != std::floor(*number))
    return "parameter 'components' is " + shortest(*number) + ", must be all, a whole number, or a share below 1";
  if (solver == PrincipalSolver::randomized && (!number || *number < 1))
    return "parameter 'solver' is randomized, which needs to know how many components; 'components' is " +
           (number ? "a share of the variance" : std::string("all"));
  return std::nullopt;
}

const char* solver_title(PrincipalSolver solver, bool centered) {
  switch (solver) {
    case PrincipalSolver::covariance:
      return centered ? "eigenvectors of the covariance matrix" : "eigenvectors of the products of the columns, X'X";
    case PrincipalSolver::gram:
      return "eigenvectors of the Gram matrix of the rows";
    case PrincipalSolver::svd:
      return "singular values of the whole table";
    case PrincipalSolver::randomized:
      return "randomized subspace iteration";
    default:
      return "auto";
  }
}

PrincipalSolver choose_solver(Index n, Index d, Index k, bool sparse) {
  if (sparse) return PrincipalSolver::randomized;
  const double shorter = static_cast<double>(std::min(n, d)), longer = static_cast<double>(std::max(n, d));
  const double exact = longer * shorter * shorter + 4.0 / 3 * shorter * shorter * shorter;
  const double six_iterations = 6 * 4 * shorter * longer * static_cast<double>(k + kOversample);
  if (k > 0 && shorter > 500 && 2 * six_iterations < exact) return PrincipalSolver::randomized;
  return d <= n ? PrincipalSolver::covariance : PrincipalSolver::gram;
}

PrincipalAxes principal_axes(const PrincipalProblem& p, const Context& ctx) {
  const Index n = p.samples.n(), d = p.samples.d(), k = computed(p);
  const double* number = std::get_if<double>(&p.components);
  const bool share = number && *number < 1, counted = number && !share, sparse = is_sparse(p.samples);
  if (sparse && (!counted || (p.solver != PrincipalSolver::automatic && p.solver != PrincipalSolver::randomized)))
    throw DataError("a sparse table needs solver=randomized (or auto) and a number of components",
                    "add --components 10, or convert the table to CSV");
  const PrincipalSolver solver =
      p.solver == PrincipalSolver::automatic ? choose_solver(n, d, counted ? k : 0, sparse) : p.solver;
  const bool may_fall_back = p.solver == PrincipalSolver::automatic && !sparse;
  PrincipalAxes result = by(solver, p, k, may_fall_back ? std::min(p.max_iter, kAutoIterations) : p.max_iter, ctx);
  if (solver == PrincipalSolver::randomized && !result.converged && may_fall_back)
    result = by(choose_solver(n, d, 0, false), p, k, 0, ctx);
  result.total = std::max(result.total, sum(result.squares.data(), result.squares.size()));
  if (share) keep_share(*number, result);
  return result;
}

}  // namespace assay
