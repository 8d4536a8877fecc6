// ml/discriminant/discriminant.h: classes as Gaussians: with one covariance for all (lda) or one each (qda).
//
//   lda   log P(k | x) = x' S^-1 m_k - m_k' S^-1 m_k / 2 + log pi_k + const                                            (1)
//         S = sum_k sum_{i in k} w_i (x_i - m_k)(x_i - m_k)' / (sum w - K)
//         with shrinkage g: (1 - g) S + g tr(S) / d I                                                                 (2)
//   qda   log P(k | x) = - (x - m_k)' S_k^-1 (x - m_k) / 2 - log |S_k| / 2 + log pi_k + const                         (3)
//         S_k = sum_{i in k} w_i (x_i - m_k)(x_i - m_k)' / (sum_{i in k} w_i - 1)
//         with regularization r: (1 - r) S_k + r I                                                                    (4)
//
// Shapes     X: n x d, rows;  W: K x d, b: K (lda);  means: K x d, whitening: K lower triangles d x d (qda)
// Requires   lda: more weight than classes; qda: more weight than 1 in each class
// Guarantees a row of weight w is w rows; no covariance is ever formed: R of the QR of the centred rows stands for it, so the
//            error grows with the condition of the table, not with its square
// Cost       2 n d^2 multiply-adds, and a copy of the table; predict n K d (lda), n K d^2 / 2 (qda)
// Singular   lda leaves out columns that are constant, or follow from others, within the classes, and names them in
//            report.note; qda adds a little of the identity unless told (4)
// Errors     DataError (qda without regularization: a covariance that is singular; cells that are missing)
// See        [Fisher1936]; [Hastie2009] sec. 4.3; trace kind "class"
#pragma once
#include "assay/ml/learner.h"

namespace assay {

struct LdaParams {
  double shrinkage = 0;
  static void fields(auto& p, auto&& field) {
    field("shrinkage", p.shrinkage, unit_interval,
          "0: the covariance as it is; 1: round; between, for few rows or columns that follow from others");
  }
};
struct QdaParams {
  double regularization = 1e-4;
  static void fields(auto& p, auto&& field) {
    field("regularization", p.regularization, unit_interval,
          "share of the identity in each covariance, in squared units of the columns", {"reg-param"});
  }
};

struct LdaModel {
  FitReport report;
  Matrix W;  ///< K x d: a score is W x + b
  Vector b;

  Vector predict(const Samples& samples, const Context& ctx) const;
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  Matrix decision_function(const Samples& samples, const Context& ctx) const;  ///< n x K: (1) without its constant
  Matrix evidence(const Samples& samples, Index row) const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static LdaModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct QdaModel {
  FitReport report;
  Matrix means;                   ///< K x d
  std::vector<Matrix> whitening;  ///< K lower triangles: (x - m_k)' S_k^-1 (x - m_k) = |whitening (x - m_k)|^2
  Vector log_share;               ///< log pi_k

  Vector predict(const Samples& samples, const Context& ctx) const;
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  Matrix decision_function(const Samples& samples, const Context& ctx) const;  ///< n x K: (3) without its constant
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static QdaModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct Lda {
  using Params = LdaParams;
  using Model = LdaModel;
  static constexpr LearnerInfo info{
      "lda",
      "linear discriminant: Gaussian classes of one covariance",
      "Fisher1936; Hastie2009, sec. 4.3",
      {"linear-discriminant", "linear-discriminant-analysis"},
      {.classification = true, .weights = Weights::exact, .min_classes = 2, .baseline = false}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};
struct Qda {
  using Params = QdaParams;
  using Model = QdaModel;
  static constexpr LearnerInfo info{
      "qda",
      "quadratic discriminant: Gaussian classes, each with its covariance",
      "Hastie2009, sec. 4.3",
      {"quadratic-discriminant", "quadratic-discriminant-analysis"},
      {.classification = true, .needs_scaling = true, .weights = Weights::exact, .min_classes = 2, .baseline = false}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
