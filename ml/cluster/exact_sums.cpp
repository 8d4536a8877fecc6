// Method     grid   1 the largest |x| of each column, the sum of the weights W   2 T = 2^p >= W max|x|, so no sum leaves T
//                   3 q1 = 2^-51 T; the lo are at most q1/2 each, T2 = 2^ceil(log2 n) q1, q2 = 2^-51 T2
//            add    hi = (v + 3/2 2^52 q1) - 3/2 2^52 q1, the remainder is exact, and the same with q2
// Departures from the paper: two bins, always; the grid comes from the data once and not from a running maximum, so that
//            rows can also be taken away.
#include "assay/ml/cluster/exact_sums.h"

#include <cmath>

namespace assay::kmeans {
namespace {

constexpr Index kGrain = 4096;

// The smallest power of two above x; 0 for 0.
double power_above(double x) { return x > 0 ? std::ldexp(1.0, std::ilogb(x) + 1) : 0; }

void keep_largest(std::vector<double>& largest, const double* x, Index d) {
  double* out = largest.data();
  for (Index f = 0; f < d; ++f) out[f] = std::max(out[f], std::abs(x[f]));
}

}  // namespace

SumGrid::SumGrid(const Samples& samples, int threads) {
  const Matrix& X = samples.rows();
  const Index n = X.rows(), d = X.cols();
  using Largest = std::vector<double>;
  Largest largest = parallel_reduce(
      threads, n, kGrain, Largest(static_cast<size_t>(d), 0.0),
      [&](Index begin, Index end) {
        Largest part(static_cast<size_t>(d), 0.0);
        for (Index i = begin; i < end; ++i) keep_largest(part, X.row(i).data(), d);
        return part;
      },
      [&](Largest& total, const Largest& part) { keep_largest(total, part.data(), d); });
  largest.push_back(1);
  const double W = samples.weight.size() ? samples.weight.sum() : static_cast<double>(n);
  const double rows = power_above(static_cast<double>(n));
  for (const double x : largest) {
    const double T = power_above(1.01 * W * x), q1 = T * 0x1p-51;
    coarse.push_back(3 * T);        // 3/2 2^52 q1
    fine.push_back(3 * rows * q1);  // 3/2 2^52 q2
  }
}

ExactSums::ExactSums(const SumGrid& grid, Index clusters)
    : grid_(&grid),
      d_(static_cast<Index>(grid.coarse.size()) - 1),
      hi_(static_cast<size_t>(clusters * (d_ + 1)), 0.0),
      lo_(hi_.size(), 0.0) {}

void ExactSums::accumulate(Index c, const double* x, double w) {
  double* const hi = hi_.data() + c * (d_ + 1);
  double* const lo = lo_.data() + c * (d_ + 1);
  const double* const coarse = grid_->coarse.data();
  const double* const fine = grid_->fine.data();
#pragma GCC ivdep
  for (Index f = 0; f < d_; ++f) {
    const double v = w * x[f];
    const double h = (v + coarse[f]) - coarse[f];
    hi[f] += h;
    lo[f] += ((v - h) + fine[f]) - fine[f];
  }
  const double h = (w + coarse[d_]) - coarse[d_];
  hi[d_] += h;
  lo[d_] += ((w - h) + fine[d_]) - fine[d_];
}

void ExactSums::merge(const ExactSums& other) {
  for (size_t j = 0; j < hi_.size(); ++j) hi_[j] += other.hi_[j];
  for (size_t j = 0; j < lo_.size(); ++j) lo_[j] += other.lo_[j];
}

void ExactSums::mean(Index c, double* out) const {
  const double w = weight(c);
  for (Index f = 0; f < d_; ++f) out[f] = total(c, f) / w;
}

}  // namespace assay::kmeans
