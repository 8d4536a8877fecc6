// core/linalg.h: matrices, and the few products and solves that everything shares, compiled once.
//
// Eigen's products run on 64-byte-aligned copies of whole fixed chunks of rows, so that a result depends neither on the
// thread count nor on the address of the data.
#pragma once
#include <Eigen/Core>
#include <optional>

namespace assay {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Columns = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
using Vector = Eigen::VectorXd;

/// Sum of x[0..n) in eight fixed lanes: the same bits at every address.
double sum(const double* x, Eigen::Index n);
double dot(const double* x, const double* y, Eigen::Index n);
/// No NaN and no infinity among them.
bool all_finite(const double* x, Eigen::Index n);

/// X (n x d) times W' (k x d): n x k.
Matrix times_transposed(const Matrix& X, const Matrix& W, int threads);
/// The same of rows about a point: (X - 1 center') W'; center empty: 0.
Matrix times_transposed(const Matrix& X, const Vector& center, const Matrix& W, int threads);
/// X' diag(w) X, d x d, symmetric; w empty: all 1.
Matrix gram(const Matrix& X, const Vector& w, int threads);
/// The same about a point: sum_i w_i (x_i - center)(x_i - center)'; center empty: 0.
Matrix gram(const Matrix& X, const Vector& center, const Vector& w, int threads);
struct Scatter {
  Vector mean;
  Matrix products;  ///< sum_i w_i (x_i - mean)(x_i - mean)', d x d; not finite where a cell is not
};
/// Mean and scatter matrix in one reading of X; w empty: all 1, and must not sum to 0.
Scatter scatter(const Matrix& X, const Vector& w, int threads);
/// Products of rows about a point, n x n: entry (i, j) is (x_i - center)'(x_j - center); center empty: 0.
Matrix row_gram(const Matrix& X, const Vector& center, int threads);
/// Mean of each column, weighted by w (empty: all 1), which must not sum to 0.
Vector column_means(const Matrix& X, const Vector& w, int threads);
/// X' R, d x k for R n x k.
Matrix transposed_times(const Matrix& X, const Matrix& R, int threads);

/// Solves A x = b for symmetric positive definite A by Cholesky; nullopt where A is not positive definite.
std::optional<Vector> solve_cholesky(const Matrix& A, const Vector& b);
/// A^-1 for symmetric positive definite A; nullopt where it is not.
std::optional<Matrix> inverse_cholesky(const Matrix& A);
/// Least-squares solution of A x = b by column-pivoted Householder QR; `rank` receives the numerical rank.
Vector solve_qr(const Matrix& A, const Vector& b, int* rank = nullptr);

}  // namespace assay
