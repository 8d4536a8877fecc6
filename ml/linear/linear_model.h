// ml/linear/linear_model.h: what linear, ridge, lasso and elastic-net learn: a weight for each term, and an intercept.
//
//   y = b + sum_t w_t x_t          x_t: the table's columns, or their products (terms.h)                              (1)
#pragma once
#include "assay/ml/learner.h"
#include "assay/ml/linear/terms.h"

namespace assay {

struct LinearModel {
  Terms terms;
  Vector w;
  double b = 0;
  bool intercept = true;
  Vector standard_error;      ///< of w, then b; empty: not computed; 0: the term was left out
  double freedom = 0;         ///< n - degrees of the fit
  std::vector<bool> dropped;  ///< terms that depend on others
  FitReport report;

  /// DataError where a cell is not finite.
  Vector predict(const Samples& samples, const Context& ctx) const;
  Explanation explain(const std::vector<Column>& columns, const Target& target) const;
  void save(ArchiveWriter& out) const;
  static LinearModel load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target);
};

/// DataError with row and column where X holds NaN or infinity.
void check_finite(const Columns& X, const std::vector<Column>& columns);

}  // namespace assay
