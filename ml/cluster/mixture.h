// ml/cluster/mixture.h: the two steps of EM for a mixture of Gaussians (gmm.h, (1)-(4)), in one reading of the table.
//
//   log pi_k N(x; m_k, S_k) = c_k - |W_k (x - m_k)|^2 / 2        W_k = L_k^-1, S_k = L_k L_k'                          (5)
//   c_k = log pi_k - d/2 log 2 pi + sum_f log W_k[f, f]
//
// Requires   finite rows; weights >= 0, not all 0
// Guarantees em_step and em_step_textbook agree to rounding; both give the same bits for any number of threads, and a row's
//            density does not depend on the other rows
// Cost       em_step: n K d (d + 3) multiply-adds (full, tied), 4 n K d (diagonal, spherical)
#pragma once
#include <optional>
#include <vector>

#include "assay/core/linalg.h"
#include "assay/core/parallel.h"

namespace assay {

enum class Covariance { full, tied, diagonal, spherical };

namespace mixture {

/// Of one mixture: as gmm.h says. `covariances` as GmmModel's.
struct Mixture {
  Covariance covariance = Covariance::full;
  Vector pi;
  Matrix means;
  std::vector<Matrix> covariances;
  Index K() const { return means.rows(); }
  Index d() const { return means.cols(); }
};

/// A mixture with what its densities need: W_k and c_k of (5).
struct Densities {
  bool diagonal = false;  ///< each W_k is its diagonal alone
  Matrix means;
  std::vector<Matrix> W;  ///< K (one for all where tied) lower triangles; diagonal: one, K x d
  Vector c;
  const Matrix& W_of(Index k) const { return W.size() == 1 ? W[0] : W[static_cast<size_t>(k)]; }
};

/// nullopt where a component has no weight, or its covariance is not positive definite by more than rounding; `component`
/// receives which.
std::optional<Densities> densities(const Mixture& mixture, int* component = nullptr);

/// Rows in blocks of kBlock, column by column: the layout of the kernels. Lanes past the end have weight 0.
inline constexpr Index kBlock = 128;
struct Packed {
  Packed(const Matrix& X, const Vector& weight, int threads);
  Index n, d;
  std::vector<double> cells;   ///< block b: d x kBlock
  std::vector<double> weight;  ///< of each lane
  double total = 0;            ///< sum of the weights
  Index blocks() const { return (n + kBlock - 1) / kBlock; }
  const double* block(Index b) const { return cells.data() + b * d * kBlock; }
  const double* weights(Index b) const { return weight.data() + b * kBlock; }
};

/// Weighted sums over the rows, for each component k, around its present mean m_k:
///   N_k = sum w r     first_k = sum w r (x - m_k)     second_k = sum w r (x - m_k)(x - m_k)'
struct Moments {
  double log_likelihood = 0;
  Vector N;
  Matrix first;
  std::vector<Matrix> second;  ///< K lower triangles d x d; diagonal: one, K x d
};

/// E (2), the log-likelihood (1) of the mixture as it is, and the sums that M needs.
Moments em_step(const Densities& p, const Packed& rows, int threads);
/// The same, a row at a time.
Moments em_step_textbook(const Densities& p, const Matrix& X, const Vector& weight);
/// M (3), (4), from sums around the means `around`.
Mixture maximize(Covariance covariance, const Moments& moments, const Matrix& around, double regularization);
/// The mixture whose responsibilities are 1 for each row's own label: where EM starts. Every label must occur.
Mixture from_labels(Covariance covariance, const Matrix& X, const Vector& weight, const std::vector<int>& labels,
                    Index K, double regularization);

/// n x K: log pi_k N(x_i; m_k, S_k).
Matrix log_joint(const Densities& p, const Packed& rows, int threads);

/// Free parameters: K - 1 shares, K d means, and the covariances'.
double free_parameters(Covariance covariance, Index K, Index d);

}  // namespace mixture
}  // namespace assay
