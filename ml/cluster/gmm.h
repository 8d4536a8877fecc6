// ml/cluster/gmm.h: a mixture of Gaussians, fitted by expectation and maximisation (EM).
//
//   max  sum_i w_i log sum_k pi_k N(x_i; m_k, S_k)          N(x; m, S) = exp(-(x-m)' S^-1 (x-m) / 2) / sqrt |2 pi S|   (1)
//   E    r_ik = pi_k N(x_i; m_k, S_k) / sum_l pi_l N(x_i; m_l, S_l)                                                  (2)
//   M    N_k = sum_i w_i r_ik     pi_k = N_k / sum w     m_k = sum_i w_i r_ik x_i / N_k                               (3)
//        S_k = sum_i w_i r_ik (x_i - m_k)(x_i - m_k)' / N_k + regularization I                                       (4)
//
// Covariance full: (4). tied: one S, the mean of the S_k weighted by N_k. diagonal: the diagonal of (4). spherical: the
//            mean of that diagonal, times I
// Shapes     X: n x d, rows;  pi: K;  means: K x d;  r: n x K, the responsibilities (predict_proba)
// Ranges     1 <= clusters <= n; tolerance >= 0; regularization >= 0, in squared units of the columns
// Guarantees the log-likelihood never falls from one iteration to the next: a step by which regularization would lower it
//            is not taken; EM stops when it rises by less than tolerance a row. Labels: largest responsibility, ties to
//            the lowest cluster. A row of weight w is w rows. Results do not depend on threads
// Cost       full, tied: about n K d^2 multiply-adds an iteration; others n K d. Memory: a copy of the table
// Errors     ParameterError (clusters > n), DataError (weights, missing cells, a component without spread)
// See        [Dempster1977] sec. 4.3; [Schwarz1978] BIC; [Akaike1974] AIC; trace kinds "em", "start"
#pragma once
#include "assay/ml/cluster/mixture.h"
#include "assay/ml/clusterer.h"

namespace assay {

inline constexpr EnumNames<Covariance, 4> covariance_names{{{"full", Covariance::full},
                                                            {"tied", Covariance::tied},
                                                            {"diagonal", Covariance::diagonal},
                                                            {"spherical", Covariance::spherical}}};

struct GmmParams {
  int clusters = 2;
  Covariance covariance = Covariance::full;
  int starts = 1;
  double tolerance = 1e-6;
  int max_iter = 1000;
  double regularization = 1e-6;
  static void fields(auto& p, auto&& field) {
    field("clusters", p.clusters, at_least(1), "K: how many Gaussians", {"k", "components", "n-components"});
    field("covariance", p.covariance, covariance_names, "the shapes allowed: any, one for all, along the axes, round",
          {"covariance-type"});
    field("starts", p.starts, at_least(1), "runs from different k-means solutions; the most likely one is kept",
          {"n-init"});
    field("tolerance", p.tolerance, non_negative, "stop when the log-likelihood a row rises by less", {"tol"});
    field("max-iter", p.max_iter, at_least(1), "iterations of a start at most");
    field("regularization", p.regularization, non_negative,
          "added to each variance, in squared units of the columns: keeps a component from closing in on one point",
          {"reg-covar"});
  }
};

struct GmmModel {
  FitReport report;  ///< objective: the log-likelihood (1)
  std::vector<int> labels;
  int clusters = 0;
  Covariance covariance = Covariance::full;
  Vector pi;
  Matrix centers;  ///< the means, K x d
  /// full: K matrices d x d; tied: one; diagonal, spherical: one, K x d (a variance for each component and column).
  std::vector<Matrix> covariances;

  std::vector<int> predict(const Samples& samples, const Context& ctx) const;
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;  ///< responsibilities (2)
  /// log sum_k pi_k N(x; m_k, S_k) of each row: small where a row is unlike the training rows.
  Vector log_density(const Samples& samples, const Context& ctx) const;
  Explanation explain(const std::vector<Column>& columns) const;
  void save(ArchiveWriter& out) const;
  static GmmModel load(const ArchiveReader& in, const std::vector<Column>& columns);
};

struct Gmm {
  using Params = GmmParams;
  using Model = GmmModel;
  static constexpr LearnerInfo info{"gmm",
                                    "a mixture of Gaussians, fitted by EM",
                                    "Dempster1977, sec. 4.3",
                                    {"gaussian-mixture", "em", "mixture"},
                                    {.weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& samples, const Context& ctx);
};

}  // namespace assay
