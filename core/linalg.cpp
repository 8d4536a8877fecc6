// Method   A product over n rows runs in blocks of kBlock rows copied to aligned storage; the last block is filled with
//          zero rows. So the arithmetic of a row depends on its own numbers alone, not on n or on its neighbours, and a
//          sum over rows depends on n alone.
#include "assay/core/linalg.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>

#include "assay/core/parallel.h"

namespace assay {
namespace {

constexpr Index kBlock = 256;        // rows of one product
constexpr Index kReduceRows = 4096;  // rows of one partial sum
constexpr Index kDotColumns = 4;     // up to so many columns of a product are plain dot products

// Rows begin .. end of X, in aligned storage of kBlock rows; those past the end are zero.
void copy_block(const Matrix& X, Index begin, Index end, Matrix& block) {
  block.topRows(end - begin) = X.middleRows(begin, end - begin);
  block.bottomRows(kBlock - (end - begin)).setZero();
}

void add_matrix(Matrix& total, Matrix& partial) { total += partial; }

}  // namespace

Matrix times_transposed(const Matrix& X, const Matrix& W, int threads) {
  return times_transposed(X, Vector(), W, threads);
}

Matrix times_transposed(const Matrix& X, const Vector& center, const Matrix& W, int threads) {
  Matrix result(X.rows(), W.rows());
  if (W.rows() <= kDotColumns) {
    parallel_for(threads, X.rows(), kBlock, [&](Index begin, Index end) {
      Vector moved(center.size());
      for (Index i = begin; i < end; ++i) {
        const double* x = X.row(i).data();
        if (center.size()) moved = X.row(i).transpose() - center;
        for (Index k = 0; k < W.rows(); ++k)
          result(i, k) = dot(center.size() ? moved.data() : x, W.row(k).data(), X.cols());
      }
    });
    return result;
  }
  const Matrix Wt = W.transpose();
  parallel_for(threads, X.rows(), kBlock, [&](Index begin, Index end) {
    Matrix block(kBlock, X.cols()), product(kBlock, W.rows());
    copy_block(X, begin, end, block);
    if (center.size()) block.rowwise() -= center.transpose();
    product.noalias() = block * Wt;
    result.middleRows(begin, end - begin) = product.topRows(end - begin);
  });
  return result;
}

Vector column_means(const Matrix& X, const Vector& w, int threads) {
  Vector total = parallel_reduce(
      threads, X.rows(), kReduceRows, Vector(Vector::Zero(X.cols())),
      [&](Index begin, Index end) {
        Vector part = Vector::Zero(X.cols());
        for (Index i = begin; i < end; ++i) {
          const double weight = w.size() ? w[i] : 1.0;
          const double* x = X.row(i).data();
          for (Index f = 0; f < X.cols(); ++f) part[f] += weight * x[f];
        }
        return part;
      },
      [](Vector& sum_so_far, const Vector& part) { sum_so_far += part; });
  return total / (w.size() ? sum(w.data(), w.size()) : static_cast<double>(X.rows()));
}

Matrix transposed_times(const Matrix& X, const Matrix& R, int threads) {
  return parallel_reduce(
      threads, X.rows(), kReduceRows, Matrix(Matrix::Zero(X.cols(), R.cols())),
      [&](Index begin, Index end) {
        Matrix partial = Matrix::Zero(X.cols(), R.cols()), block(kBlock, X.cols()), right(kBlock, R.cols());
        for (Index b = begin; b < end; b += kBlock) {
          copy_block(X, b, std::min(b + kBlock, end), block);
          copy_block(R, b, std::min(b + kBlock, end), right);
          partial.noalias() += block.transpose() * right;
        }
        return partial;
      },
      add_matrix);
}

std::optional<Vector> solve_cholesky(const Matrix& A, const Vector& b) {
  const Eigen::LLT<Eigen::MatrixXd> cholesky(A);
  if (cholesky.info() != Eigen::Success) return std::nullopt;
  Vector x = cholesky.solve(b);
  if (!x.allFinite()) return std::nullopt;
  return x;
}

std::optional<Matrix> inverse_cholesky(const Matrix& A) {
  const Eigen::LLT<Eigen::MatrixXd> cholesky(A);
  if (cholesky.info() != Eigen::Success) return std::nullopt;
  const Eigen::MatrixXd inverse = cholesky.solve(Eigen::MatrixXd::Identity(A.rows(), A.cols()));
  if (!inverse.allFinite()) return std::nullopt;
  return Matrix(inverse);
}

Vector solve_qr(const Matrix& A, const Vector& b, int* rank) {
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(A);
  if (rank) *rank = static_cast<int>(qr.rank());
  return qr.solve(b);
}

}  // namespace assay
