// ml/tree/search_kernels.cpp
#include "assay/ml/tree/search_kernels.h"

#include <algorithm>
#include <cstring>

#include "assay/core/simd.h"

namespace assay::tree {
namespace {

constexpr int kLanes = kSimdBytes / sizeof(double);
using Reals = Simd<double>;
using Words = Simd<uint64_t>;
static_assert(sizeof(Entry) == sizeof(uint64_t) && offsetof(Entry, rank) == 0);

template <class T>
T load(const void* at) {
  T out;
  std::memcpy(&out, at, sizeof out);
  return out;
}

template <bool Weighted>
double greatest(const Entry* entries, int from, int to, const double* L, const double* W_L, double before, double W,
                double T) {
  double most = -1;
  if (to - from < kLanes) {
    for (int j = from; j < to; ++j) {
      const double left = Weighted ? W_L[j] : before + (j + 1), difference = L[j] * W - T * left;
      const double v = difference * difference / (left * (W - left));
      most = entries[j].rank != entries[j + 1].rank && v > most ? v : most;
    }
    return most;
  }
  Reals best = Reals{} - 1;
  Reals place;
  for (int lane = 0; lane < kLanes; ++lane) place[lane] = lane + 1 + before;
  const auto look = [&](int j) {
    const Reals left = Weighted ? load<Reals>(W_L + j) : place + j, difference = load<Reals>(L + j) * W - T * left;
    const Reals v = difference * difference / (left * (W - left));
    const auto boundary = ((load<Words>(entries + j) ^ load<Words>(entries + j + 1)) << 32) != 0;  // other rank
    best = boundary & (v > best) ? v : best;
  };
  for (int j = from; j + kLanes <= to; j += kLanes) look(j);
  look(to - kLanes);  // the rest, and some again
  for (int lane = 0; lane < kLanes; ++lane) most = std::max(most, best[lane]);
  return most;
}

}  // namespace

double greatest_of_boundaries(const Entry* entries, int from, int to, const double* L, const double* W_L, double before,
                              double W, double T) {
  return W_L ? greatest<true>(entries, from, to, L, W_L, before, W, T)
             : greatest<false>(entries, from, to, L, W_L, before, W, T);
}

}  // namespace assay::tree
