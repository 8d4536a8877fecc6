// ml/linear/terms.h: what a linear model sees of a table: its columns, or every product of them up to a degree.
//
//   degree N: all x_a x_b ... x_z with 1 to N factors, a <= b <= ... <= z;  C(d + N, N) - 1 of them
//
// Order      by number of factors, then by the first factor, the second, ... (that of scikit-learn's PolynomialFeatures)
// Errors     DataError: more than kMaxTerms terms
#pragma once
#include <string>
#include <vector>

#include "assay/ml/data/samples.h"

namespace assay {

class Terms {
 public:
  static constexpr Index kMaxTerms = 100000;

  Terms() = default;
  Terms(Index d, int degree);
  Index count() const { return degree_ == 1 ? d_ : static_cast<Index>(factors_.size()); }
  int degree() const { return degree_; }
  /// "x1", "x1^2", "x1 x3"
  std::string name(Index term, const std::vector<Column>& columns) const;
  /// Values of a term for rows begin .. end.
  void values(const Columns& X, Index term, Index begin, Index end, double* out) const;
  /// All terms, n x count.
  Columns expand(const Columns& X, int threads) const;

 private:
  Index d_ = 0;
  int degree_ = 1;
  std::vector<std::vector<int>> factors_;  ///< columns of each term, ascending; empty where the degree is 1
};

}  // namespace assay
