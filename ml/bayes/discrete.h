// ml/bayes/discrete.h: naive Bayes for counts (multinomial, complement) and for what is there or not (Bernoulli).
//
//   multinomial  log P(k | x) = log P(k) + sum_f x_f log t_kf + const      t_kf = (N_kf + alpha) / sum_g (N_kg + alpha)       (1)
//   Bernoulli    log P(k | x) = log P(k) + sum_f log (b_f p_kf + (1 - b_f)(1 - p_kf)) + const                              (2)
//                b_f = [x_f > binarize]      p_kf = (N_kf + alpha) / (N_k + 2 alpha)
//   complement   score_k = - sum_f x_f w_kf      w_kf = log of (1) with the counts of all other classes in the place of N_kf;
//                with norm, w_k is divided by the sum of its entries                                                     (3)
//
// Shapes     X: n x d, rows or Csr (never made dense);  N_kf: weighted sum of x_f (Bernoulli: of b_f) over class k;  N_k:
//            weight of class k
// Ranges     alpha > 0; binarize >= 0; multinomial, complement: x >= 0
// Guarantees a row of weight w is w rows; a sparse table and the same dense one give the same sums but for rounding
// Cost       fit and predict: one reading of the cells that are not 0; predict K multiply-adds each
// Errors     DataError (negative counts, cells that are not finite)
// See        [McCallum1998] (1), (2); [Rennie2003] table 4 (3), steps 4-8 of it for complement; evidence() for single columns
#pragma once
#include "assay/ml/learner.h"

namespace assay {

enum class CountModel { multinomial, bernoulli, complement };

struct DiscreteNbModel {
  FitReport report;
  CountModel kind = CountModel::multinomial;
  double binarize = 0;  ///< Bernoulli: x counts as there where it is greater
  Vector class_weight;  ///< weight of each class's training rows
  Vector start;         ///< what each class's score begins with: log P(k), for Bernoulli with the columns that are 0
  Matrix weight;        ///< d x K: what one unit of x_f (Bernoulli: its presence) adds to the score of k
  Matrix absent;        ///< d x K, Bernoulli: log (1 - p_kf), part of `start`; empty otherwise

  Vector predict(const Samples& samples, const Context& ctx) const;
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  Matrix log_joint(const Samples& samples, const Context& ctx) const;  ///< n x K: the scores
  /// Terms of the score of one row: row 0 is log P(k), row 1 + f what column f adds.
  Matrix evidence(const Samples& samples, Index row) const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static DiscreteNbModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct MultinomialNbParams {
  double alpha = 1.0;
  static void fields(auto& p, auto&& field) {
    field("alpha", p.alpha, positive, "added to the count of each column in each class");
  }
};
struct BernoulliNbParams {
  double alpha = 1.0;
  double binarize = 0.0;
  static void fields(auto& p, auto&& field) {
    field("alpha", p.alpha, positive, "added to the rows of each class with a column, and to those without");
    field("binarize", p.binarize, non_negative, "a column is there where its cell is greater");
  }
};
struct ComplementNbParams {
  double alpha = 1.0;
  bool norm = false;
  static void fields(auto& p, auto&& field) {
    field("alpha", p.alpha, positive, "added to the count of each column outside each class");
    field("norm", p.norm, "divide each class's weights by their sum, so that no class wins by the size of its weights");
  }
};

struct MultinomialNb {
  using Params = MultinomialNbParams;
  using Model = DiscreteNbModel;
  static constexpr LearnerInfo info{"multinomial-nb",
                                    "naive Bayes for counts",
                                    "McCallum1998, sec. 2.2",
                                    {"multinomialnb", "mnb"},
                                    {.classification = true,
                                     .accepts_sparse = true,
                                     .weights = Weights::exact,
                                     .non_negative = true,
                                     .baseline = false}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};
struct BernoulliNb {
  using Params = BernoulliNbParams;
  using Model = DiscreteNbModel;
  static constexpr LearnerInfo info{
      "bernoulli-nb",
      "naive Bayes for what is there or not",
      "McCallum1998, sec. 2.1",
      {"bernoullinb"},
      {.classification = true, .accepts_sparse = true, .weights = Weights::exact, .baseline = false}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};
struct ComplementNb {
  using Params = ComplementNbParams;
  using Model = DiscreteNbModel;
  static constexpr LearnerInfo info{"complement-nb",
                                    "naive Bayes for counts, from all other classes",
                                    "Rennie2003, table 4",
                                    {"complementnb", "cnb"},
                                    {.classification = true,
                                     .accepts_sparse = true,
                                     .weights = Weights::exact,
                                     .non_negative = true,
                                     .baseline = false}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
