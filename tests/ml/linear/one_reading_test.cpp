// ml/linear/one_reading.h: several scores a row, dense and sparse, against the sums as they are written.
#include "assay/ml/linear/one_reading.h"

#include "tests/ml/linear/clouds.h"

using namespace assay;
using namespace assay::test;

namespace {

// A loss that mixes the scores of a row: sum over rows of a_i |z_i|^2 / 2, so that r_i = a_i z_i.
double a_of(Index i) { return 1 + 0.01 * static_cast<double>(i % 7); }

struct Reading {
  double loss;
  Matrix gradient;
};

template <class Table>
Reading read(const Table& X, bool intercept, const Matrix& theta, int threads) {
  const Index K = theta.rows();
  Reading out;
  out.loss = read_classes(
      X, intercept, theta,
      [&](Index begin, Index rows, Index stride, double* z, double* r) {
        double loss = 0;
        for (Index i = 0; i < rows; ++i) {
          for (Index k = 0; k < K; ++k) {
            r[i * stride + k] = a_of(begin + i) * z[i * stride + k];
            loss += 0.5 * r[i * stride + k] * z[i * stride + k];
          }
          for (Index k = K; k < stride; ++k) r[i * stride + k] = 0;
        }
        return loss;
      },
      threads, out.gradient);
  return out;
}

Reading by_definition(const Matrix& X, bool intercept, const Matrix& theta) {
  Matrix ones(X.rows(), theta.cols());
  ones.leftCols(X.cols()) = X;
  if (intercept) ones.col(X.cols()).setOnes();
  const Matrix Z = ones * theta.transpose();
  Reading out{0, Matrix::Zero(theta.rows(), theta.cols())};
  for (Index i = 0; i < X.rows(); ++i) {
    out.loss += 0.5 * a_of(i) * Z.row(i).squaredNorm();
    out.gradient += a_of(i) * Z.row(i).transpose() * ones.row(i);
  }
  return out;
}

}  // namespace

TEST_CASE("one reading: the sums of several classes are those of the definition, whatever the shape", "[parallel]") {
  for (const Index n : {1, 7, 8, 129, 5000})
    for (const Index d : {1, 23, 24, 49})
      for (const Index K : {1, 2, 8, 9, 26, 50}) {
        const bool intercept = (d + K) % 2 == 1;
        const Data data = clouds(n, d, 3, static_cast<uint64_t>(n + K));
        const Matrix& X = data.samples.rows();
        const Csr S = std::get<Csr>(as_sparse(data).samples.X);
        const Index unknowns = K * (d + (intercept ? 1 : 0));
        const Vector weights = Vector::LinSpaced(unknowns, -0.5, 0.7);
        const Matrix theta = Eigen::Map<const Matrix>(weights.data(), K, unknowns / K);
        const Reading exact = by_definition(X, intercept, theta), dense = read(X, intercept, theta, 1),
                      thin = read(S, intercept, theta, 1);
        const double size = 1 + exact.gradient.cwiseAbs().maxCoeff();
        CHECK(dense.loss == Approx(exact.loss).epsilon(1e-12));
        CHECK(thin.loss == Approx(exact.loss).epsilon(1e-12));
        CHECK((dense.gradient - exact.gradient).cwiseAbs().maxCoeff() < 1e-12 * size);
        CHECK((thin.gradient - exact.gradient).cwiseAbs().maxCoeff() < 1e-12 * size);
        for (const int threads : {2, 7}) {
          CHECK(read(X, intercept, theta, threads).gradient == dense.gradient);
          CHECK(read(S, intercept, theta, threads).gradient == thin.gradient);
        }
      }
}

TEST_CASE("one reading: squares of a sparse table's cells are summed by column") {
  const Data data = clouds(300, 6, 2);
  const Csr S = std::get<Csr>(as_sparse(data).samples.X);
  Matrix V(300, 3);
  for (Index i = 0; i < 300; ++i) V.row(i) << 1, static_cast<double>(i), 0.5;
  const Matrix exact = data.samples.rows().cwiseAbs2().transpose() * V;
  CHECK((square_sums(S, V, 1) - exact).cwiseAbs().maxCoeff() < 1e-12 * exact.cwiseAbs().maxCoeff());
  CHECK(square_sums(S, V, 7) == square_sums(S, V, 1));
}
