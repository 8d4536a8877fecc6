// ml/bayes/naive_bayes.h: naive Bayes with a distribution for each column: given the class, the columns are independent.
//
//   log P(k | x) = log P(k) + sum_f log p(x_f | k) + const                                                         (1)
//   numbers      p(x_f | k) = N(x_f; m_kf, v_kf),  v_kf the variance in class k plus var-smoothing * max_f v_f      (2)
//   text         p(x_f = l | k) = (N_kfl + alpha) / (N_kf + alpha L_f)                                              (3)
//
// A missing cell is left out of the sum (1), and of the counts, means and variances of its column.
//
// Shapes     X: n x d, columns; m, v: K x d; N_kfl: weight of the rows of class k with level l of L_f in column f
// Ranges     alpha > 0; var-smoothing >= 0
// Guarantees a row of weight w is w rows; any column order gives the same model
// Cost       fit: one reading of the table; predict: n K d
// Errors     DataError (infinite cells; a column without spread within a class, where var-smoothing is 0)
// See        [Maron1961]; [Chan1983] (1.5) for adding variances up; evidence() for each column's share in (1)
#pragma once
#include "assay/ml/learner.h"

namespace assay {

struct NaiveBayesParams {
  double alpha = 1.0;
  double var_smoothing = 1e-9;
  static void fields(auto& p, auto&& field) {
    field("alpha", p.alpha, positive, "added to the count of each level of a text column in each class");
    field("var-smoothing", p.var_smoothing, non_negative,
          "added to each variance, as a share of the largest variance of a column");
  }
};

struct NaiveBayesModel {
  FitReport report;
  Vector class_weight;            ///< weight of each class's training rows: P(k) is its share
  Matrix mean, variance;          ///< K x d; 0 and 1 in text columns. Where a class has no cell, those of all classes
  std::vector<Matrix> level_log;  ///< of each column: K x L of log p (3); empty for numbers

  Vector predict(const Samples& samples, const Context& ctx) const;
  Matrix predict_proba(const Samples& samples, const Context& ctx) const;
  /// n x K: log P(k) + sum_f log p(x_f | k); -infinity for a class without rows.
  Matrix log_joint(const Samples& samples, const Context& ctx) const;
  /// Terms of (1) for one row: row 0 is log P(k), row 1 + f is log p(x_f | k), 0 where the cell is missing.
  Matrix evidence(const Samples& samples, Index row) const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static NaiveBayesModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

struct NaiveBayes {
  using Params = NaiveBayesParams;
  using Model = NaiveBayesModel;
  static constexpr LearnerInfo info{"naive-bayes",
                                    "naive Bayes: Gaussian numbers, categorical text",
                                    "Maron1961",
                                    {"gaussian-nb", "gnb", "categorical-nb", "gaussiannb"},
                                    {.classification = true,
                                     .layout = Layout::columns,
                                     .accepts_missing = true,
                                     .accepts_categories = true,
                                     .weights = Weights::exact,
                                     .baseline = false}};
  static Model fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx);
};

}  // namespace assay
