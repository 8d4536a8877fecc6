// Notation   as in mixture.h; l_ik = log pi_k N(x_i; m_k, S_k)
// Method     E: 1 y = x - m_k   2 l_ik by (5)   3 r_ik = exp(l_ik - log sum_l exp l_il), the largest l taken out first
//            M: 4 sums of r, r y and r y y'   5 (3) and (4) from them
// Departures from the paper: E and M read the table once: a block of rows gets its responsibilities and leaves only sums, which
//            are taken around the present means, where the new ones will be near. So m_k' = m_k + first / N_k and S_k' =
//            second / N_k - (m_k' - m_k)(m_k' - m_k)', and the n x K responsibilities are never stored.
#include "assay/ml/cluster/mixture.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "assay/ml/cluster/mixture_kernels.h"

namespace assay::mixture {
namespace {

constexpr Index kBlocks = 16;          // blocks of one partial sum, unless these sums are large
constexpr double kRounding = 2.2e-16;  // a pivot that is this much smaller than its variance is rounding alone
constexpr double kPartialCells = 2e6;  // numbers in all partial sums together, about

bool is_diagonal(Covariance covariance) {
  return covariance == Covariance::diagonal || covariance == Covariance::spherical;
}

Moments no_moments(Index K, Index d, bool diagonal) {
  Moments m;
  m.N = Vector::Zero(K);
  m.first = Matrix::Zero(K, d);
  m.second.assign(diagonal ? 1 : static_cast<size_t>(K),
                  diagonal ? Matrix(Matrix::Zero(K, d)) : Matrix(Matrix::Zero(d, d)));
  return m;
}

void add(Moments& total, const Moments& part) {
  total.log_likelihood += part.log_likelihood;
  total.N += part.N;
  total.first += part.first;
  for (size_t k = 0; k < total.second.size(); ++k) total.second[k] += part.second[k];
}

// Scratch of one task: the centred block, its scaled copy, and l of every component.
struct Scratch {
  std::vector<double> y, scaled, l;
  Scratch(Index K, Index d)
      : y(static_cast<size_t>(d * kBlock)), scaled(y.size()), l(static_cast<size_t>(K * kBlock)) {}
};

// l of one block.
void log_joint_of_block(const Densities& p, const double* x, Scratch& s) {
  const Index d = p.means.cols();
  for (Index k = 0; k < p.means.rows(); ++k) {
    double* l = s.l.data() + k * kBlock;
    subtract_mean(x, p.means.row(k).data(), d, s.y.data());
    if (p.diagonal)
      scaled_squares(s.y.data(), p.W[0].row(k).data(), d, l);
    else
      whitened_squares(s.y.data(), p.W_of(k).data(), d, d, l);
    for (Index i = 0; i < kBlock; ++i) l[i] = p.c[k] - 0.5 * l[i];
  }
}

void add_block(const Densities& p, const double* x, const double* weight, Scratch& s, Moments& m) {
  const Index K = p.means.rows(), d = p.means.cols();
  log_joint_of_block(p, x, s);
  m.log_likelihood += responsibilities(weight, K, s.l.data());
  for (Index k = 0; k < K; ++k) {
    const double* r = s.l.data() + k * kBlock;
    const double N = sum_lanes(r);
    if (N == 0) continue;
    m.N[k] += N;
    subtract_mean(x, p.means.row(k).data(), d, s.y.data());
    double* first = m.first.row(k).data();
    if (p.diagonal)
      add_diagonal_moments(r, s.y.data(), d, first, m.second[0].row(k).data());
    else
      add_moments(r, s.y.data(), d, s.scaled.data(), first, m.second[static_cast<size_t>(k)].data(), d);
  }
}

// W = L^-1, and the sum of the logarithms of its diagonal; nullopt where S is not positive definite.
std::optional<double> invert_cholesky(const Matrix& S, Matrix& W) {
  const Eigen::LLT<Eigen::MatrixXd> cholesky(S);
  if (cholesky.info() != Eigen::Success) return std::nullopt;
  for (Index f = 0; f < S.rows(); ++f) {
    const double pivot = cholesky.matrixLLT()(f, f);
    if (pivot * pivot <= kRounding * static_cast<double>(S.rows()) * S(f, f)) return std::nullopt;
  }
  W = Matrix(cholesky.matrixL().solve(Eigen::MatrixXd::Identity(S.rows(), S.cols())));
  W.triangularView<Eigen::StrictlyUpper>().setZero();
  if (!W.allFinite()) return std::nullopt;
  return W.diagonal().array().log().sum();
}

}  // namespace

Packed::Packed(const Matrix& X, const Vector& w, int threads) : n(X.rows()), d(X.cols()) {
  cells.assign(static_cast<size_t>(blocks() * d * kBlock), 0.0);
  weight.assign(static_cast<size_t>(blocks() * kBlock), 0.0);
  for (Index i = 0; i < n; ++i) weight[static_cast<size_t>(i)] = w.size() ? w[i] : 1.0;
  total = sum(weight.data(), static_cast<Index>(weight.size()));
  parallel_for(threads, blocks(), kBlocks, [&](Index begin, Index end) {
    for (Index i = begin * kBlock; i < std::min(n, end * kBlock); ++i) {
      double* lane = cells.data() + i / kBlock * d * kBlock + i % kBlock;
      for (Index f = 0; f < d; ++f) lane[f * kBlock] = X(i, f);
    }
  });
}

std::optional<Densities> densities(const Mixture& mixture, int* component) {
  const Index K = mixture.K(), d = mixture.d();
  Densities p;
  p.diagonal = is_diagonal(mixture.covariance);
  p.means = mixture.means;
  p.c = mixture.pi.array().log() - 0.5 * static_cast<double>(d) * std::log(2 * std::numbers::pi);
  int at = 0;
  if (!component) component = &at;
  if (p.diagonal) {
    p.W = {mixture.covariances[0].array().sqrt().inverse().matrix()};
    for (Index k = 0; k < K; ++k) {
      *component = static_cast<int>(k);
      if (!p.W[0].row(k).allFinite() || !std::isfinite(p.c[k])) return std::nullopt;
      p.c[k] += p.W[0].row(k).array().log().sum();
    }
    return p;
  }
  p.W.resize(mixture.covariances.size());
  for (Index k = 0; k < K; ++k) {
    *component = static_cast<int>(k);
    const size_t own = p.W.size() == 1 ? 0 : static_cast<size_t>(k);
    std::optional<double> log_determinant;
    if (own == static_cast<size_t>(k))
      log_determinant = invert_cholesky(mixture.covariances[own], p.W[own]);
    else
      log_determinant = p.W[own].diagonal().array().log().sum();
    if (!log_determinant || !std::isfinite(p.c[k])) return std::nullopt;
    p.c[k] += *log_determinant;
  }
  return p;
}

Moments em_step(const Densities& p, const Packed& rows, int threads) {
  const Index K = p.means.rows(), d = p.means.cols();
  const double cells = static_cast<double>(K * d) * (p.diagonal ? 2.0 : static_cast<double>(d + 1));
  const Index few = static_cast<Index>(std::ceil(static_cast<double>(rows.blocks()) * cells / kPartialCells));
  return parallel_reduce(
      threads, rows.blocks(), std::max(kBlocks, few), no_moments(K, d, p.diagonal),
      [&](Index begin, Index end) {
        Moments m = no_moments(K, d, p.diagonal);
        Scratch s(K, d);
        for (Index b = begin; b < end; ++b) add_block(p, rows.block(b), rows.weights(b), s, m);
        return m;
      },
      add);
}

Moments em_step_textbook(const Densities& p, const Matrix& X, const Vector& weight) {
  const Index K = p.means.rows(), d = p.means.cols();
  Moments m = no_moments(K, d, p.diagonal);
  for (Index i = 0; i < X.rows(); ++i) {
    const double w = weight.size() ? weight[i] : 1.0;
    Vector l(K);
    for (Index k = 0; k < K; ++k) {
      const Vector y = (X.row(i) - p.means.row(k)).transpose();
      const Vector z = p.diagonal ? Vector(p.W[0].row(k).transpose().cwiseProduct(y)) : Vector(p.W_of(k) * y);
      l[k] = p.c[k] - 0.5 * z.squaredNorm();
    }
    const double top = l.maxCoeff(), log_sum = top + std::log((l.array() - top).exp().sum());
    m.log_likelihood += w * log_sum;
    for (Index k = 0; k < K; ++k) {
      const double r = w * std::exp(l[k] - log_sum);
      const Vector y = (X.row(i) - p.means.row(k)).transpose();
      m.N[k] += r;
      m.first.row(k) += r * y.transpose();
      if (p.diagonal)
        m.second[0].row(k) += r * y.cwiseAbs2().transpose();
      else
        for (Index f = 0; f < d; ++f)
          for (Index g = 0; g <= f; ++g) m.second[static_cast<size_t>(k)](f, g) += r * y[f] * y[g];
    }
  }
  return m;
}

Mixture maximize(Covariance covariance, const Moments& moments, const Matrix& around, double regularization) {
  const Index K = around.rows();
  Mixture next;
  next.covariance = covariance;
  next.pi = moments.N / moments.N.sum();
  const Matrix shift = moments.N.cwiseInverse().asDiagonal() * moments.first;
  next.means = around + shift;
  if (is_diagonal(covariance)) {
    Matrix variances = moments.N.cwiseInverse().asDiagonal() * moments.second[0];
    variances = (variances - shift.cwiseAbs2()).cwiseMax(0).array() + regularization;
    if (covariance == Covariance::spherical)
      for (Index k = 0; k < K; ++k) variances.row(k).setConstant(variances.row(k).mean());
    next.covariances = {variances};
    return next;
  }
  for (Index k = 0; k < K; ++k) {
    Matrix S = moments.second[static_cast<size_t>(k)] / moments.N[k] - shift.row(k).transpose() * shift.row(k);
    S.triangularView<Eigen::StrictlyUpper>() = S.transpose();
    if (covariance == Covariance::full) {
      S.diagonal().array() += regularization;
      next.covariances.push_back(S);
    } else if (k == 0) {
      next.covariances = {next.pi[0] * S};
    } else {
      next.covariances[0] += next.pi[k] * S;
    }
  }
  if (covariance == Covariance::tied) next.covariances[0].diagonal().array() += regularization;
  return next;
}

Mixture from_labels(Covariance covariance, const Matrix& X, const Vector& weight, const std::vector<int>& labels,
                    Index K, double regularization) {
  const Index d = X.cols();
  const auto weight_of = [&](Index i) { return weight.size() ? weight[i] : 1.0; };
  Matrix means = Matrix::Zero(K, d);
  Moments m = no_moments(K, d, is_diagonal(covariance));
  for (Index i = 0; i < X.rows(); ++i) {
    m.N[labels[static_cast<size_t>(i)]] += weight_of(i);
    means.row(labels[static_cast<size_t>(i)]) += weight_of(i) * X.row(i);
  }
  means = m.N.cwiseInverse().asDiagonal() * means;
  Vector y(d);
  for (Index i = 0; i < X.rows(); ++i) {
    const Index k = labels[static_cast<size_t>(i)];
    const double w = weight_of(i);
    y = (X.row(i) - means.row(k)).transpose();
    m.first.row(k) += w * y.transpose();
    if (is_diagonal(covariance))
      m.second[0].row(k) += w * y.cwiseAbs2().transpose();
    else
      m.second[static_cast<size_t>(k)].noalias() += (w * y) * y.transpose();
  }
  return maximize(covariance, m, means, regularization);
}

Matrix log_joint(const Densities& p, const Packed& rows, int threads) {
  const Index K = p.means.rows(), d = p.means.cols();
  Matrix L(rows.n, K);
  parallel_for(threads, rows.blocks(), kBlocks, [&](Index begin, Index end) {
    Scratch s(K, d);
    for (Index b = begin; b < end; ++b) {
      log_joint_of_block(p, rows.block(b), s);
      for (Index i = b * kBlock; i < std::min(rows.n, (b + 1) * kBlock); ++i)
        for (Index k = 0; k < K; ++k) L(i, k) = s.l[static_cast<size_t>(k * kBlock + i % kBlock)];
    }
  });
  return L;
}

double free_parameters(Covariance covariance, Index K, Index d) {
  const double k = static_cast<double>(K), columns = static_cast<double>(d), full = columns * (columns + 1) / 2;
  const double shapes = covariance == Covariance::full       ? k * full
                        : covariance == Covariance::tied     ? full
                        : covariance == Covariance::diagonal ? k * columns
                                                             : k;
  return k - 1 + k * columns + shapes;
}

}  // namespace assay::mixture
