// Notation   Z: scores;  P: probabilities;  R: C s (P - Y);  V = C s p (1 - p);  U = X v', scores of a direction v
// Method     value and gradient, in one reading of the table (one_reading.h): 1 Z = X W' + b   2 P, R and the loss, a row at a time
//            (logistic_kernels.h)   3 G = R'X + ridge W
//            Hessian times v, likewise: 1 U   2 T = V o U, or C s P o (U - rows' means of U under P)   3 T'X + ridge v
//            Hessian of K classes: blocks C X' diag(s p_k) X on the diagonal, less A'A with A = sqrt(C s) p_k x, one product
// Departures from the paper: none.
#include "assay/ml/linear/logistic_loss.h"

#include <cmath>

#include "assay/core/grain.h"
#include "assay/ml/linear/logistic_kernels.h"
#include "assay/ml/linear/one_reading.h"

namespace assay::logistic {
namespace {

constexpr Index kRows = 4096;      // rows of one partial sum
constexpr Index kProducts = 2048;  // rows of A at a time

// Sums of the columns of R.
Vector column_sums(const Matrix& R) {
  if (R.cols() == 1) return Vector::Constant(1, sum(R.data(), R.rows()));
  Vector total = Vector::Zero(R.cols());
  for (Index i = 0; i < R.rows(); ++i)
    for (Index k = 0; k < R.cols(); ++k) total[k] += R(i, k);
  return total;
}

}  // namespace

Loss::Loss(const Samples& samples, const Target& target, double C, double ridge, bool intercept, int threads)
    : n_(samples.n()),
      d_(samples.d()),
      K_(target.K() == 2 ? 1 : target.K()),
      C_(C),
      ridge_(ridge),
      intercept_(intercept),
      threads_(threads),
      codes_(target.code) {
  weight_ = samples.weight.size() ? Vector(C * samples.weight) : Vector(Vector::Constant(n_, C));
  total_ = sum(weight_.data(), n_);
  sparse_ = std::get_if<Csr>(&samples.X);
  if (!sparse_) dense_ = &samples.rows();
}

Matrix Loss::scores(const Vector& theta) const {
  const Eigen::Map<const Matrix> T(theta.data(), K_, p());
  Matrix Z = times_transposed(*dense_, T.leftCols(d_), threads_);
  if (intercept_) Z.rowwise() += T.col(d_).transpose();
  return Z;
}

double Loss::read(const Vector& theta, const ClassLoss& rows, Vector& sums) const {
  const Eigen::Map<const Matrix> T(theta.data(), K_, p());
  Matrix G;
  double loss = 0;
  if (sparse_) {
    loss = read_classes(*sparse_, intercept_, T, rows, threads_, G);
  } else if (K_ > 1) {
    loss = read_classes(*dense_, intercept_, T, rows, threads_, G);
  } else {
    Matrix Z = scores(theta), R(n_, 1);
    loss = parallel_reduce(
        threads_, n_, kRows, 0.0,
        [&](Index begin, Index end) { return rows(begin, end - begin, 1, Z.data() + begin, R.data() + begin); },
        [](double& total, double part) { total += part; });
    G.resize(1, p());
    G.leftCols(d_) = transposed_times(*dense_, R, threads_).transpose();
    if (intercept_) G(0, d_) = sum(R.data(), n_);
  }
  sums = Eigen::Map<const Vector>(G.data(), unknowns());
  if (ridge_ != 0) Eigen::Map<Matrix>(sums.data(), K_, p()).leftCols(d_) += ridge_ * T.leftCols(d_);
  return loss;
}

double Loss::evaluate(const Vector& theta, Vector& gradient) {
  trial_.resize(n_, K_);
  const auto rows = [&](Index begin, Index count, Index stride, double* z, double* r) {
    const int* code = codes_.data() + begin;
    const double* s = weight_.data() + begin;
    double* state = trial_.data() + begin * K_;
    if (K_ == 1) return two_class_rows(count, z, code, s, r, state);
    return softmax_rows(count, K_, stride, z, code, s, state, r);
  };
  const double loss = read(theta, rows, gradient);
  return loss + 0.5 * ridge_ * Eigen::Map<const Matrix>(theta.data(), K_, p()).leftCols(d_).squaredNorm();
}

Vector Loss::hessian_times(const Vector& v) const {
  const auto rows = [&](Index begin, Index count, Index stride, double* u, double* r) {
    const double* state = state_.data() + begin * K_;
    if (K_ > 1)
      softmax_curvature_rows(count, K_, stride, state, weight_.data() + begin, u, r);
    else
      for (Index i = 0; i < count; ++i) r[i] = state[i] * u[i];
    return 0.0;
  };
  Vector Hv;
  read(v, rows, Hv);
  return Hv;
}

Vector Loss::hessian_diagonal() const {
  Matrix V = state_;
  if (K_ > 1)
    for (Index i = 0; i < n_; ++i) V.row(i).array() *= weight_[i] * (1 - V.row(i).array());
  Matrix D = Matrix::Zero(d_, K_);
  if (sparse_) {
    D = square_sums(*sparse_, V, threads_);
  } else {
    D = parallel_reduce(
        threads_, n_, kRows, std::move(D),
        [&](Index begin, Index end) {
          Matrix part = Matrix::Zero(d_, K_);
          for (Index i = begin; i < end; ++i)
            for (Index k = 0; k < K_; ++k) part.col(k) += V(i, k) * dense_->row(i).transpose().cwiseAbs2();
          return part;
        },
        [](Matrix& total, const Matrix& part) { total += part; });
  }
  Vector diagonal(unknowns());
  Eigen::Map<Matrix> out(diagonal.data(), K_, p());
  out.leftCols(d_) = D.transpose().array() + ridge_;
  if (intercept_) out.col(d_) = column_sums(V);
  return diagonal;
}

Matrix Loss::class_curvature() const {
  if (K_ == 1) return Matrix::Constant(1, 1, sum(state_.data(), n_));
  Matrix A = -gram(state_, weight_, threads_);
  A.diagonal() += state_.transpose() * weight_;
  return A;
}

Matrix Loss::weighted_gram(const Vector& w) const { return gram_with_ones(*dense_, intercept_, w, threads_); }

bool reads_once(const Loss& loss) { return !loss.sparse() && loss.K() == 1 && loss.unknowns() <= kReadOnceUnknowns; }

double evaluate_with_hessian(const Loss& loss, const Vector& theta, Vector& gradient, Matrix& hessian) {
  const auto rows = [&](Index begin, Index count, const double* z, double* r, double* v) {
    return two_class_rows(count, z, loss.codes().data() + begin, loss.row_weight().data() + begin, r, v);
  };
  const double value = read_once(loss.rows(), loss.intercept(), theta, rows, loss.threads(), gradient, hessian);
  const Index d = loss.d();
  hessian.diagonal().head(d).array() += loss.ridge();
  gradient.head(d) += loss.ridge() * theta.head(d);
  return value + 0.5 * loss.ridge() * theta.head(d).squaredNorm();
}

Matrix Loss::hessian() const {
  const Index m = p();
  Matrix H = Matrix::Zero(unknowns(), unknowns());
  if (K_ == 1) {
    H = weighted_gram(state_.col(0));
  } else {
    for (Index begin = 0; begin < n_; begin += kProducts) {
      const Index rows = std::min(kProducts, n_ - begin);
      Matrix A(rows, unknowns());
      parallel_for(threads_for_steps(threads_, rows * unknowns()), rows, 64, [&](Index from, Index to) {
        for (Index i = from; i < to; ++i)
          for (Index k = 0; k < K_; ++k) {
            const double a = std::sqrt(weight_[begin + i]) * state_(begin + i, k);
            A.row(i).segment(k * m, d_) = a * dense_->row(begin + i);
            if (intercept_) A(i, k * m + d_) = a;
          }
      });
      H -= gram(A, Vector(), threads_);
    }
    for (Index k = 0; k < K_; ++k) H.block(k * m, k * m, m, m) += weighted_gram(weight_.cwiseProduct(state_.col(k)));
    for (Index k = 0; k < K_; ++k)
      for (Index l = 0; l < K_; ++l)
        for (Index f = ridge_ == 0 ? 0 : d_; f < m; ++f) H(k * m + f, l * m + f) += 1;
  }
  for (Index k = 0; k < K_; ++k)
    for (Index f = 0; f < d_; ++f) H(k * m + f, k * m + f) += ridge_;
  return H;
}

}  // namespace assay::logistic
