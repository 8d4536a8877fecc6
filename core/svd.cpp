// core/svd.cpp: what all methods end with.
#include "assay/core/svd.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/svd_internal.h"

namespace assay {

void complete_orthonormal(Columns& V) {
  Index next = 0;  // unit vector to try
  for (Index j = 0; j < V.cols(); ++j) {
    if (V.col(j).cwiseAbs().maxCoeff() > 0) continue;
    for (; next < V.rows(); ++next) {
      Vector x = Vector::Unit(V.rows(), next);
      for (int twice = 0; twice < 2; ++twice) x -= V * (V.transpose() * x);
      const double length = x.norm();  // the squares of these lengths sum to the number of missing columns
      if (length * length * 2 < 1.0 / static_cast<double>(V.rows())) continue;
      x /= length;
      x -= V * (V.transpose() * x);
      V.col(j) = x / x.norm();
      ++next;
      break;
    }
  }
}

void sort_and_sign(Svd& result) {
  const Index k = result.S.size();
  std::vector<Index> order(static_cast<size_t>(k));
  std::iota(order.begin(), order.end(), Index(0));
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return result.S[a] > result.S[b]; });
  Svd s;
  s.U.resize(result.U.rows(), k);
  s.V.resize(result.V.rows(), k);
  s.S.resize(k);
  for (Index j = 0; j < k; ++j) {
    const Index from = order[static_cast<size_t>(j)];
    const double sign = sign_rule(result.V.col(from).data(), result.V.rows());
    s.S[j] = result.S[from];
    s.U.col(j) = sign * result.U.col(from);
    s.V.col(j) = sign * result.V.col(from);
  }
  s.converged = result.converged;
  s.iterations = result.iterations;
  result = std::move(s);
}

Svd turned(Svd result) {
  result.U.swap(result.V);
  for (Index j = 0; j < result.S.size(); ++j) {
    const double sign = sign_rule(result.V.col(j).data(), result.V.rows());
    result.U.col(j) *= sign;
    result.V.col(j) *= sign;
  }
  return result;
}

}  // namespace assay
