#include "assay/ml/linear/class_scores.h"

#include "assay/ml/data/sparse.h"

namespace assay {

Matrix class_scores(const Samples& samples, const Matrix& W, const Vector& b, int threads) {
  check_finite(samples);
  const Csr* sparse = std::get_if<Csr>(&samples.X);
  Matrix Z = sparse ? times(*sparse, Matrix(W.transpose()), threads) : times_transposed(samples.rows(), W, threads);
  Z.rowwise() += b.transpose();
  return Z;
}

Vector class_of_scores(const Matrix& Z) {
  Vector y(Z.rows());
  for (Index i = 0; i < Z.rows(); ++i) {
    Index k = 0;
    if (Z.cols() == 1)
      k = Z(i, 0) > 0;
    else
      Z.row(i).maxCoeff(&k);
    y[i] = static_cast<double>(k);
  }
  return y;
}

}  // namespace assay
