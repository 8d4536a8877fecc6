// Method   1 terms with k factors are those with k - 1 factors, each times a column that is not before its last one   2 a
//          value is the product of its factors from left to right, so that a row's value does not depend on other rows
// Departures from the paper: none; the rule has no paper.
#include "assay/ml/linear/terms.h"

#include <algorithm>

#include "assay/core/error.h"
#include "assay/core/grain.h"

namespace assay {

Terms::Terms(Index d, int degree) : d_(d), degree_(degree) {
  if (degree == 1) return;
  double total = 1;  // C(d + N, N)
  for (int k = 1; k <= degree; ++k) total *= static_cast<double>(d + k) / k;
  if (total > static_cast<double>(kMaxTerms))
    throw DataError("polynomial " + std::to_string(degree) + " of " + std::to_string(d) + " columns has more than " +
                        std::to_string(kMaxTerms) + " terms",
                    "lower --polynomial, or --ignore columns");
  for (int f = 0; f < d; ++f) factors_.push_back({f});
  size_t first = 0;  // of the terms with one factor less
  for (int k = 2; k <= degree; ++k) {
    const size_t last = factors_.size();
    for (size_t t = first; t < last; ++t)
      for (int f = factors_[t].back(); f < d; ++f) {
        std::vector<int> longer = factors_[t];
        longer.push_back(f);
        factors_.push_back(std::move(longer));
      }
    first = last;
  }
}

std::string Terms::name(Index term, const std::vector<Column>& columns) const {
  if (degree_ == 1) return columns[static_cast<size_t>(term)].name;
  const std::vector<int>& factors = factors_[static_cast<size_t>(term)];
  std::string text;
  for (size_t i = 0; i < factors.size();) {
    size_t power = 1;
    while (i + power < factors.size() && factors[i + power] == factors[i]) ++power;
    if (!text.empty()) text += ' ';
    text += columns[static_cast<size_t>(factors[i])].name;
    if (power > 1) text += '^' + std::to_string(power);
    i += power;
  }
  return text;
}

void Terms::values(const Columns& X, Index term, Index begin, Index end, double* out) const {
  if (degree_ == 1) {
    std::copy(X.col(term).data() + begin, X.col(term).data() + end, out);
    return;
  }
  const std::vector<int>& factors = factors_[static_cast<size_t>(term)];
  std::copy(X.col(factors[0]).data() + begin, X.col(factors[0]).data() + end, out);
  for (size_t i = 1; i < factors.size(); ++i) {
    const double* x = X.col(factors[i]).data() + begin;
    for (Index r = 0; r < end - begin; ++r) out[r] *= x[r];
  }
}

Columns Terms::expand(const Columns& X, int threads) const {
  Columns out(X.rows(), count());
  parallel_for(threads, count(), grain_of(X.rows()), [&](Index begin, Index end) {
    for (Index t = begin; t < end; ++t) values(X, t, 0, X.rows(), out.col(t).data());
  });
  return out;
}

}  // namespace assay
