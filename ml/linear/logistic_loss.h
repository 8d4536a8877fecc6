// ml/linear/logistic_loss.h: the smooth part of logistic regression's objective on one table, dense or sparse.
//
//   F(theta) = C sum_i s_i loss_i(theta) + ridge |W|^2 / 2        theta: K x p, rows (w_k, b_k); b only with an intercept  (1)
//   H = C X' (diag(p) - p p') X + ridge                           two classes: K = 1, p (1 - p)                            (2)
//
// Shapes     theta and gradients as vectors of K p numbers, row by row;  X: n x d, Matrix or Csr, never copied
// State      `evaluate` looks at a point, `accept` makes it the one that Hessians are of
// Guarantees the same bits for any number of threads
// Cost       n d K for each function, `hessian`: n (K p)^2 / 2
#pragma once
#include <optional>

#include "assay/ml/learner.h"
#include "assay/ml/linear/one_reading.h"

namespace assay::logistic {

class Loss {
 public:
  Loss(const Samples& samples, const Target& target, double C, double ridge, bool intercept, int threads);

  Index n() const { return n_; }
  Index d() const { return d_; }
  Index K() const { return K_; }  ///< 1 for two classes
  Index p() const { return d_ + (intercept_ ? 1 : 0); }
  Index unknowns() const { return K_ * p(); }
  bool intercept() const { return intercept_; }
  bool sparse() const { return sparse_ != nullptr; }
  double C() const { return C_; }
  double ridge() const { return ridge_; }
  int threads() const { return threads_; }
  double total_weight() const { return total_; }  ///< C sum s
  const std::vector<int>& codes() const { return codes_; }
  const Vector& row_weight() const { return weight_; }  ///< C s_i
  const Matrix& rows() const { return *dense_; }        ///< requires a dense table
  const Csr& sparse_rows() const { return *sparse_; }   ///< requires a sparse one

  double evaluate(const Vector& theta, Vector& gradient);
  void accept() { state_.swap(trial_); }
  /// At the accepted point: K = 1: C s p (1 - p), n x 1; else the probabilities, n x K.
  const Matrix& state() const { return state_; }

  Vector hessian_times(const Vector& v) const;
  Vector hessian_diagonal() const;
  /// Of a dense table. With several classes a constant added to an unpenalised coordinate of every class changes no
  /// probability: H has a one on that direction.
  Matrix hessian() const;
  /// sum_i C s_i (diag(p_i) - p_i p_i'), K x K.
  Matrix class_curvature() const;
  /// X' diag(w) X with the intercept's row and column, p x p; of a dense table.
  Matrix weighted_gram(const Vector& w) const;
  /// W x + b, n x K; of a dense table.
  Matrix scores(const Vector& theta) const;

 private:
  // Reads the table once: `rows` makes residuals of the scores of theta; sums: those of residual times (x, 1), + ridge theta.
  double read(const Vector& theta, const ClassLoss& rows, Vector& sums) const;

  Index n_ = 0, d_ = 0, K_ = 1;
  double C_ = 1, ridge_ = 0, total_ = 0;
  bool intercept_ = true;
  int threads_ = 1;
  const Matrix* dense_ = nullptr;
  const Csr* sparse_ = nullptr;
  const std::vector<int>& codes_;
  Vector weight_;
  Matrix state_, trial_;
};

/// F, its gradient and its Hessian in one reading of a dense table of two classes.
double evaluate_with_hessian(const Loss& loss, const Vector& theta, Vector& gradient, Matrix& hessian);
/// Whether the table is one for that: two classes, dense, few enough columns for partial sums of a chunk.
bool reads_once(const Loss& loss);

}  // namespace assay::logistic
