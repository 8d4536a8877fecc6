#include "assay/features/hough/chance.h"

#include <algorithm>
#include <cmath>

namespace assay {

namespace {

double evidence(int k, int n, double p) {
  const double r = static_cast<double>(k) / n;
  if (r <= p) return 0;
  const double hit = r * std::log(r / p), miss = r < 1 ? (1 - r) * std::log((1 - r) / (1 - p)) : 0;
  return n * (hit + miss);
}

}  // namespace

std::vector<int> meaningful_counts(int longest, double p, double log_tests) {
  std::vector<int> least(static_cast<size_t>(longest) + 1);
  int k = 1;
  for (int n = 0; n <= longest; ++n) {  // k never falls as n rises
    k = std::min(k, n + 1);
    while (k <= n && evidence(k, n, p) < log_tests) ++k;
    least[static_cast<size_t>(n)] = k <= n ? k : kNever;
  }
  return least;
}

}  // namespace assay
