// Notation   F, up, low as in smo.cpp
// Method     kSums vectors of eight lanes each keep their best value and where it was; the lanes are compared at the end. A gain
//            b^2 / a is compared with the lane's best by cross-multiplication, since a division takes five times as long
#include "assay/ml/svm/smo_kernels.h"

#include <limits>

namespace assay::svm {
namespace {

constexpr int kSums = 4;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
typedef double Wide __attribute__((vector_size(64), aligned(8), may_alias));
typedef long long Whole __attribute__((vector_size(64)));
typedef float Narrow __attribute__((vector_size(32), aligned(4), may_alias));

inline Wide load(const double* x) { return *reinterpret_cast<const Wide*>(x); }
inline Wide load(const float* x) { return __builtin_convertvector(*reinterpret_cast<const Narrow*>(x), Wide); }
inline void store(double* x, Wide v) { *reinterpret_cast<Wide*>(x) = v; }
inline Wide greater(Wide a, Wide b) { return a > b ? a : b; }
inline Wide all(double x) { return Wide{x, x, x, x, x, x, x, x}; }

constexpr Whole kCount = {0, 1, 2, 3, 4, 5, 6, 7};

// The best of all lanes above `floor`; of equal ones the last.
template <class Value>
inline Chosen best_lane(const Whole* at, double floor, const Value& value) {
  Chosen best{floor, -1};
  for (int u = 0; u < kSums; ++u)
    for (int l = 0; l < 8; ++l) {
      const double v = value(u, l);
      if (v > best.value || (v == best.value && v > floor && at[u][l] > best.at))
        best = {v, static_cast<Index>(at[u][l])};
    }
  return best;
}

// Extremes of F(t) for t, t + 8, ...
template <class Next>
inline Extremes extremes(const double* up, const double* low, Index n, const Next& next) {
  Wide most[kSums], least[kSums];
  Whole at[kSums];
  for (int u = 0; u < kSums; ++u) most[u] = all(-kInfinity), least[u] = all(-kInfinity), at[u] = kCount - 1;
  for (Index t = 0; t < n; t += 8 * kSums)
    for (int u = 0; u < kSums; ++u) {
      const Wide F = next(t + 8 * u);
      const Wide rise = load(up + t + 8 * u) - F;
      const Whole better = rise >= most[u];
      most[u] = better ? rise : most[u];
      at[u] = better ? kCount + (t + 8 * u) : at[u];
      least[u] = greater(F - load(low + t + 8 * u), least[u]);
    }
  Extremes e;
  e.up = best_lane(at, -kInfinity, [&](int u, int l) { return most[u][l]; });
  const Wide both = greater(greater(least[0], least[1]), greater(least[2], least[3]));
  double top = both[0];
  for (int l = 1; l < 8; ++l) top = both[l] > top ? both[l] : top;
  e.low = -top;
  return e;
}

}  // namespace

void add_rows(double* F, const float* Ki, double di, const float* Kj, double dj, Index n) {
  const Wide wi = all(di), wj = all(dj);
  for (Index t = 0; t < n; t += 8) store(F + t, (load(F + t) + wi * load(Ki + t)) + wj * load(Kj + t));
}

Extremes find_extremes(const double* F, const double* up, const double* low, Index n) {
  return extremes(up, low, n, [&](Index t) { return load(F + t); });
}

Extremes add_rows_and_find(double* F, const double* up, const double* low, const float* Ki, double di, const float* Kj,
                           double dj, Index n) {
  const Wide wi = all(di), wj = all(dj);
  return extremes(up, low, n, [&](Index t) {
    const Wide sum = (load(F + t) + wi * load(Ki + t)) + wj * load(Kj + t);
    store(F + t, sum);
    return sum;
  });
}

Chosen largest_gain(const double* F, const double* low, const float* Ki, const double* diagonal, double top, double Kii,
                    double tau, Index n) {
  const Wide zero = all(0), floor = all(tau), first = all(Kii), m = all(top);
  Wide best[kSums], over[kSums];  // b^2 and a
  Whole at[kSums];
  for (int u = 0; u < kSums; ++u) best[u] = zero, over[u] = all(1), at[u] = kCount - 1;
  for (Index t = 0; t < n; t += 8 * kSums)
    for (int u = 0; u < kSums; ++u) {
      const Index s = t + 8 * u;
      const Wide b = greater(m - (load(low + s) - load(F + s)), zero), square = b * b;
      const Wide a = greater((first + load(diagonal + s)) - 2 * load(Ki + s), floor);
      const Whole better = square * over[u] >= best[u] * a;
      best[u] = better ? square : best[u];
      over[u] = better ? a : over[u];
      at[u] = better ? kCount + s : at[u];
    }
  return best_lane(at, 0, [&](int u, int l) { return best[u][l] / over[u][l]; });
}

}  // namespace assay::svm
