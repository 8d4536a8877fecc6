// Notation   n_ij rows of class i in cluster j (cells with any), a_i rows of class i, b_j rows of cluster j
// Method     1 count n_ij, a_i, b_j   2 pairs: ari, fowlkes_mallows   3 entropies and mutual information   4 its expectation
//            under random labels with the same a and b: ami
// Departures from the paper: equal a_i (b_j) are taken together, so that the expectation costs by distinct sizes, of which there
//            are at most sqrt(2 n); its terms are added from the logarithms of factorials. The mean of both entropies is the
//            arithmetic one, scikit-learn's default.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "assay/core/error.h"
#include "assay/ml/metrics/clustering.h"

namespace assay {
namespace {

struct Counts {
  double n = 0;
  std::map<int, long long> a, b;
  std::map<std::pair<int, int>, long long> cell;  // (class, cluster)
};

Counts count(const std::vector<int>& truth, const std::vector<int>& cluster) {
  Counts c;
  c.n = static_cast<double>(truth.size());
  std::vector<std::pair<int, int>> pairs(truth.size());
  for (size_t i = 0; i < truth.size(); ++i) pairs[i] = {truth[i], cluster[i]};
  std::sort(pairs.begin(), pairs.end());
  for (size_t i = 0, next; i < pairs.size(); i = next) {
    for (next = i; next < pairs.size() && pairs[next] == pairs[i]; ++next) {
    }
    const auto rows = static_cast<long long>(next - i);
    c.cell.emplace_hint(c.cell.end(), pairs[i], rows);
    c.a[pairs[i].first] += rows;
    c.b[pairs[i].second] += rows;
  }
  return c;
}

// Sum of x^2 over a map's counts: ordered pairs and the rows themselves.
template <class Map>
double sum_of_squares(const Map& counts) {
  double total = 0;
  for (const auto& item : counts) total += static_cast<double>(item.second) * static_cast<double>(item.second);
  return total;
}

// - sum p ln p
double entropy(const std::map<int, long long>& counts, double n) {
  double total = 0;
  for (const auto& item : counts) {
    const double p = static_cast<double>(item.second) / n;
    total -= p * std::log(p);
  }
  return counts.size() == 1 ? 0 : total;
}

// sum n_ij / n ln(n n_ij / (a_i b_j))
double mutual_information(const Counts& c) {
  double total = 0;
  for (const auto& item : c.cell) {
    const auto x = static_cast<double>(item.second);
    const auto a = static_cast<double>(c.a.at(item.first.first)), b = static_cast<double>(c.b.at(item.first.second));
    total += x / c.n * (std::log(x / a) + std::log(c.n / b));
  }
  return std::max(total, 0.0);
}

// size -> how many groups have it
std::map<long long, long long> sizes_of(const std::map<int, long long>& counts) {
  std::map<long long, long long> sizes;
  for (const auto& item : counts) ++sizes[item.second];
  return sizes;
}

// ln x! for x = 0..n, with the rounding of the additions carried along.
std::vector<double> log_factorials(long long n) {
  std::vector<double> lf(static_cast<size_t>(n) + 1, 0.0);
  double lost = 0;
  for (size_t x = 2; x < lf.size(); ++x) {
    const double term = std::log(static_cast<double>(x)) - lost;
    lf[x] = lf[x - 1] + term;
    lost = (lf[x] - lf[x - 1]) - term;
  }
  return lf;
}

// [Vinh2010, eq. 24a]: sum over i, j and x of x / n ln(n x / (a b)) P(x), P hypergeometric.
double expected_information(const Counts& c) {
  const auto n = static_cast<long long>(c.n);
  const std::vector<double> log_factorial = log_factorials(n);
  const auto lf = [&](long long x) { return log_factorial[static_cast<size_t>(x)]; };
  double total = 0;
  for (const auto& [a, classes] : sizes_of(c.a))
    for (const auto& [b, clusters] : sizes_of(c.b)) {
      const double fixed = lf(a) + lf(b) + lf(n - a) + lf(n - b) - lf(n);
      double cell = 0;
      for (long long x = std::max<long long>(1, a + b - n); x <= std::min(a, b); ++x) {
        const double p = std::exp(fixed - lf(x) - lf(a - x) - lf(b - x) - lf(n - a - b + x));
        const auto value = static_cast<double>(x);
        cell += value / c.n * (std::log(value / static_cast<double>(a)) + std::log(c.n / static_cast<double>(b))) * p;
      }
      total += static_cast<double>(classes) * static_cast<double>(clusters) * cell;
    }
  return total;
}

// A ratio whose limit is 1 where nothing is to be explained.
double share(double part, double whole) { return whole == 0 ? 1 : std::min(part / whole, 1.0); }

}  // namespace

PartitionScores compare_partitions(const std::vector<int>& truth, const std::vector<int>& cluster) {
  if (truth.size() != cluster.size())
    throw DataError("there are " + std::to_string(truth.size()) + " known groups for " +
                    std::to_string(cluster.size()) + " rows");
  if (truth.empty()) throw DataError("there are no rows to compare");
  const Counts c = count(truth, cluster);
  const bool equal = c.cell.size() == c.a.size() && c.cell.size() == c.b.size();  // one and the same grouping

  // Unordered pairs: together in both, in truth, in the clustering.
  const double both = (sum_of_squares(c.cell) - c.n) / 2, in_truth = (sum_of_squares(c.a) - c.n) / 2,
               in_cluster = (sum_of_squares(c.b) - c.n) / 2, pairs = c.n * (c.n - 1) / 2;
  PartitionScores s{};
  const double expected = pairs > 0 ? in_truth * in_cluster / pairs : 0;
  s.ari = equal ? 1 : (both - expected) / ((in_truth + in_cluster) / 2 - expected);
  s.fowlkes_mallows = equal ? 1 : both > 0 ? std::sqrt(both / in_truth) * std::sqrt(both / in_cluster) : 0;

  const double H_truth = entropy(c.a, c.n), H_cluster = entropy(c.b, c.n), I = mutual_information(c);
  const double mean = (H_truth + H_cluster) / 2;
  s.homogeneity = equal ? 1 : share(I, H_truth);
  s.completeness = equal ? 1 : share(I, H_cluster);
  s.nmi = s.v_measure = equal ? 1 : share(I, mean);
  if (equal) {
    s.ami = 1;
  } else {
    const double chance = expected_information(c), room = mean - chance;
    s.ami = (I - chance) / (std::abs(room) < std::numeric_limits<double>::epsilon()
                                ? std::copysign(std::numeric_limits<double>::epsilon(), room)
                                : room);
  }

  std::map<int, long long> largest;
  for (const auto& item : c.cell) {
    long long& most = largest[item.first.second];
    most = std::max(most, item.second);
  }
  for (const auto& item : largest) s.purity += static_cast<double>(item.second);
  s.purity /= c.n;
  return s;
}

}  // namespace assay
