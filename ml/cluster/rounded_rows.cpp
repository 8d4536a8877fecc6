// Notation   as in nearest.cpp, with one shift and one scale for all iterations
// Method     D = s^2 |x - m|^2 = |p|^2 + |z|^2 - 2 p.z up to rounding
// Bound      rounding x and m to p and z moves D by less than 4.1 u (|p|^2 + |z|^2); the product of d terms, in any order,
//            twice it by (d + 2) u (|p|^2 + |z|^2); |p|^2, kept in single precision, by 2 u |p|^2. All of it is below
//            c (|p|^2 + |z|^2), c = 1.05 (d + 16) u, as long as d u < 0.01; `tiny` covers underflow. Centres far outside
//            the rows (|z|^2 >= 2^80) are measured directly.
#include "assay/ml/cluster/rounded_rows.h"

#include <cmath>
#include <limits>

namespace assay::kmeans {
namespace {

constexpr double kUnit = 0x1p-24;
constexpr Index kGrain = 1024;

void round_row(const double* x, const std::vector<double>& shift, double scale, float* p) {
  for (size_t f = 0; f < shift.size(); ++f) p[f] = static_cast<float>(scale * (x[f] - shift[f]));
}

}  // namespace

RoundedRows::RoundedRows(const Matrix& X, int threads) : X_(X), d_(X.cols()) {
  const Index n = X.rows();
  struct Columns {
    Eigen::RowVectorXd sum, least, most;
  };
  const Columns columns = parallel_reduce(
      threads, n, kGrain, Columns{Eigen::RowVectorXd::Zero(d_), X.row(0), X.row(0)},
      [&](Index begin, Index end) {
        Columns part{Eigen::RowVectorXd::Zero(d_), X.row(begin), X.row(begin)};
        for (Index i = begin; i < end; ++i) {
          part.sum += X.row(i);
          part.least = part.least.cwiseMin(X.row(i));
          part.most = part.most.cwiseMax(X.row(i));
        }
        return part;
      },
      [](Columns& total, const Columns& part) {
        total.sum += part.sum;
        total.least = total.least.cwiseMin(part.least);
        total.most = total.most.cwiseMax(part.most);
      });
  const Eigen::RowVectorXd mean = columns.sum / static_cast<double>(n);
  shift_.assign(mean.data(), mean.data() + d_);
  const double largest = (columns.most - mean).cwiseMax(mean - columns.least).maxCoeff();
  if (largest > 0) scale_ = std::ldexp(1.0, std::clamp(-std::ilogb(largest) - 1, -1000, 1000));
  rows_.resize(n, d_);
  squares_.resize(static_cast<size_t>(n));
  parallel_for(threads, n, kGrain, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      float* const p = rows_.data() + i * d_;
      round_row(X.row(i).data(), shift_, scale_, p);
      squares_[static_cast<size_t>(i)] = static_cast<float>(sum_of_squares(p, d_));
    }
  });
}

RoundedCenters::RoundedCenters(const RoundedRows& rows, const Matrix& centers)
    : rows_(rows),
      centers_(centers),
      d_(centers.cols()),
      error_(1.05 * static_cast<double>(d_ + 16) * kUnit),
      tiny_(static_cast<double>(d_) * 0x1p-100),
      z_(static_cast<size_t>(centers.size())) {
  for (Index c = 0; c < centers.rows(); ++c) {
    float* const z = z_.data() + c * d_;
    round_row(centers.row(c).data(), rows.shift(), rows.scale(), z);
    const double square = sum_of_squares(z, d_);
    const bool usable = square < 0x1p80 && static_cast<double>(d_) * kUnit < 0.01;
    squares_.push_back(usable ? square : std::numeric_limits<double>::quiet_NaN());
  }
}

RoundedCenters::Bounds RoundedCenters::bounds(Index i, Index c) const {
  const double of_center = squares_[static_cast<size_t>(c)];
  if (std::isnan(of_center)) {
    const double distance =
        std::sqrt(squared_distance(rows_.exact().row(i).data(), centers_.row(c).data(), centers_.cols()));
    return {rounded_down(distance), rounded_up(distance)};
  }
  const double both = rows_.square(i) + of_center;
  const double middle = both - 2 * static_cast<double>(product(rows_.row(i), z_.data() + c * d_, d_));
  const double error = error_ * both + tiny_;
  return {rounded_down(std::sqrt(std::max(middle - error, 0.0)) / rows_.scale()),
          rounded_up(std::sqrt(middle + error) / rows_.scale())};
}

}  // namespace assay::kmeans
