// core/tridiagonal_few.cpp: the k largest eigenvalues and their vectors of a tridiagonal matrix.
// Notation   T, d, e as in tridiagonal.h;  L U: factors of T - lambda I with row exchanges
// Method     values: bisection on the number of eigenvalues above x, kSturmLanes of them side by side
//            vectors, for each value: 1 factor T - lambda I   2 solve from a random vector   3 orthogonalise against the
//            vectors before it   4 normalise; twice or more from 2   5 check the residual
// Departures from the paper: see tridiagonal.cpp.
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/decomposition_kernels.h"
#include "assay/core/tridiagonal.h"

namespace assay {
namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();
constexpr int kSolves = 6;  // of one vector at most; two are usual

// Largest absolute row sum: no eigenvalue is larger.
double norm_of(const Tridiagonal& T) {
  double norm = 0;
  for (Index i = 0; i < T.d.size(); ++i)
    norm = std::max(
        norm, std::abs(T.d[i]) + (i ? std::abs(T.e[i - 1]) : 0.0) + (i + 1 < T.d.size() ? std::abs(T.e[i]) : 0.0));
  return norm;
}

// P L U of T - lambda I: U has three diagonals, L one multiplier a row.
struct ShiftedFactors {
  Vector diagonal, above, above2, multiplier;
  std::vector<char> exchanged;

  ShiftedFactors(const Tridiagonal& T, double lambda, double smallest_pivot) {
    const Index n = T.d.size();
    diagonal = T.d.array() - lambda;
    above = Vector::Zero(n);
    above2 = Vector::Zero(n);
    multiplier = Vector::Zero(n);
    exchanged.assign(static_cast<size_t>(n), 0);
    if (n > 1) above.head(n - 1) = T.e;
    for (Index i = 0; i + 1 < n; ++i) {
      const double below = T.e[i];
      if (std::abs(below) > std::abs(diagonal[i])) {
        exchanged[static_cast<size_t>(i)] = 1;
        multiplier[i] = diagonal[i] / below;
        diagonal[i] = below;
        const double old_above = above[i];
        above[i] = diagonal[i + 1];
        diagonal[i + 1] = old_above - multiplier[i] * above[i];
        above2[i] = above[i + 1];
        above[i + 1] = -multiplier[i] * above2[i];
      } else {
        if (std::abs(diagonal[i]) < smallest_pivot) diagonal[i] = smallest_pivot;
        multiplier[i] = below / diagonal[i];
        diagonal[i + 1] -= multiplier[i] * above[i];
      }
    }
    if (std::abs(diagonal[n - 1]) < smallest_pivot) diagonal[n - 1] = smallest_pivot;
  }

  void solve(Vector& x) const {
    const Index n = x.size();
    for (Index i = 0; i + 1 < n; ++i) {
      if (exchanged[static_cast<size_t>(i)]) std::swap(x[i], x[i + 1]);
      x[i + 1] -= multiplier[i] * x[i];
    }
    for (Index i = n - 1; i >= 0; --i) {
      if (i + 1 < n) x[i] -= above[i] * x[i + 1];
      if (i + 2 < n) x[i] -= above2[i] * x[i + 2];
      x[i] /= diagonal[i];
    }
  }
};

double residual(const Tridiagonal& T, double lambda, const Vector& z) {
  Vector r = (T.d.array() - lambda) * z.array();
  const Index n = z.size();
  if (n > 1) {
    r.head(n - 1).array() += T.e.array() * z.tail(n - 1).array();
    r.tail(n - 1).array() += T.e.array() * z.head(n - 1).array();
  }
  return r.norm();
}

}  // namespace

Vector largest_eigenvalues(const Tridiagonal& T, Index k) {
  const double norm = norm_of(T), pivot = std::max(std::numeric_limits<double>::min(), 1e-290 * norm);
  const Vector e2 = T.e.array().square();
  Vector values(k);
  for (Index first = 0; first < k; first += kSturmLanes) {
    double low[kSturmLanes], high[kSturmLanes], middle[kSturmLanes];
    int above[kSturmLanes];
    std::fill_n(low, kSturmLanes, -norm * (1 + 4 * kEps));
    std::fill_n(high, kSturmLanes, norm * (1 + 4 * kEps));
    for (int halvings = 0; halvings < 56; ++halvings) {  // 2 norm / 2^56 is below the last bit of the norm
      for (int l = 0; l < kSturmLanes; ++l) middle[l] = 0.5 * (low[l] + high[l]);
      eigenvalues_above(T.d, e2, pivot, middle, above);
      for (int l = 0; l < kSturmLanes; ++l) (above[l] > first + l ? low : high)[l] = middle[l];
    }
    for (Index l = 0; l < std::min<Index>(kSturmLanes, k - first); ++l) values[first + l] = 0.5 * (low[l] + high[l]);
  }
  return values;
}

bool inverse_iteration(const Tridiagonal& T, const Vector& values, Columns& Z) {
  const Index n = T.d.size(), k = values.size();
  const double norm = norm_of(T), allowed = 100 * static_cast<double>(n) * kEps * norm;
  Z.resize(n, k);
  Vector x(n);
  for (Index j = 0; j < k; ++j) {
    const ShiftedFactors factors(T, values[j], kEps * norm);
    Rng rng(0, static_cast<uint64_t>(j));
    for (Index i = 0; i < n; ++i) x[i] = rng.uniform(-1, 1);
    bool found = false;
    for (int solve = 0; solve < kSolves; ++solve) {
      x /= x.lpNorm<Eigen::Infinity>();  // what follows grows by up to 1 / eps
      factors.solve(x);
      if (!x.allFinite()) return false;
      x /= x.lpNorm<Eigen::Infinity>();
      for (int twice = 0; twice < 2; ++twice) x.noalias() -= Z.leftCols(j) * (Z.leftCols(j).transpose() * x);
      const double length = x.norm();
      if (!(length > 0)) return false;
      x /= length;
      if (found) break;  // one solve more than the residual asks for
      found = residual(T, values[j], x) <= allowed;
    }
    if (!found || residual(T, values[j], x) > allowed) return false;
    Z.col(j) = x;
  }
  return true;
}

}  // namespace assay
