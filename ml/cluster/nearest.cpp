// Notation   m a centre, x a row;  z = s (m - shift), p = s (x - shift) rounded to single precision, s a power of two;
//            u = 2^-24;  S = half - p.z the score of a centre, half = (1 - 2 c) |z|^2 / 2
// Method     1 pack 32 rows   2 the least and second least score of each row, over all centres (nearest_kernels)
//            3 bounds on both distances   4 where they overlap: all distances directly, in double precision
// Bound      Let D = s^2 |x - m|^2. Rounding x and m to p and z moves D by less than 4.1 u (|p|^2 + |z|^2); the score's sum
//            of d + 1 terms, in any order, twice the score by (d + 3) u (|p|^2 + 2 |z|^2). With c = 1.05 (d + 16) u
//              (1 - c) |p|^2 + 2 S - tiny  <=  D  <=  (1 + c) |p|^2 + 2 S + 4 c |z|^2 + tiny
//            as long as d u < 0.01; `tiny` covers underflow. Rows far outside (|p|^2 >= 2^80) are measured directly.
#include "assay/ml/cluster/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay::kmeans {
namespace {

constexpr double kUnit = 0x1p-24;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Index kTile = 16;  // columns packed together

}  // namespace

Direct::Answer Direct::nearest(const double* x) const {
  Answer answer{0, kInfinity, kInfinity};
  for (Index c = 0; c < centers_.rows(); ++c) {
    const double distance = squared_distance(x, centers_.row(c).data(), centers_.cols());
    if (distance < answer.least) {
      answer = {static_cast<int>(c), distance, answer.least};
    } else {
      answer.second = std::min(answer.second, distance);
    }
  }
  return answer;
}

Filter::Filter(const Matrix& centers)
    : k_(centers.rows()),
      d_(centers.cols()),
      direct_(centers),
      c_(1.05 * static_cast<double>(d_ + 16) * kUnit),
      tiny_(static_cast<double>(d_) * 0x1p-100) {
  const Eigen::RowVectorXd mean = centers.colwise().mean();
  shift_.assign(mean.data(), mean.data() + d_);
  const double largest = (centers.rowwise() - mean).cwiseAbs().maxCoeff();
  if (largest > 0) scale_ = std::ldexp(1.0, std::clamp(-std::ilogb(largest) - 1, -1000, 1000));
  const Index blocks = (k_ + kCenters - 1) / kCenters;
  blocks_.assign(static_cast<size_t>(blocks * kCenters * d_), 0.0F);
  half_.assign(static_cast<size_t>(blocks * kCenters), std::numeric_limits<float>::infinity());
  for (Index c = 0; c < k_; ++c) {
    double square = 0;
    for (Index f = 0; f < d_; ++f) {
      const auto z = static_cast<float>(scale_ * (centers(c, f) - mean[f]));
      blocks_[static_cast<size_t>((c / kCenters * d_ + f) * kCenters + c % kCenters)] = z;
      square += static_cast<double>(z) * static_cast<double>(z);
    }
    squares_.push_back(square);
    half_[static_cast<size_t>(c)] = static_cast<float>((0.5 - c_) * square);
  }
}

// Step 1: panel[f * kPanel + r] = p_f of row r, squares[r] = |p|^2; NaN, and a row of zeros, where a row is far outside.
void Filter::pack(const Matrix& X, const Index* rows, Index count, float* panel, double* squares) const {
  std::fill_n(squares, kPanel, 0.0);
  for (Index first = 0; first < d_; first += kTile) {
    const Index width = std::min(kTile, d_ - first);
    for (Index r = 0; r < count; ++r) {
      const double* x = X.data() + rows[r] * d_ + first;
      float p[kTile];
      double square = 0;
      for (Index f = 0; f < width; ++f)
        p[f] = static_cast<float>(scale_ * (x[f] - shift_[static_cast<size_t>(first + f)]));
      for (Index f = 0; f < width; ++f) square += static_cast<double>(p[f]) * static_cast<double>(p[f]);
      for (Index f = 0; f < width; ++f) panel[(first + f) * kPanel + r] = p[f];
      squares[r] += square;
    }
  }
  for (Index r = 0; r < count; ++r) {
    if (squares[r] < 0x1p80) continue;
    for (Index f = 0; f < d_; ++f) panel[f * kPanel + r] = 0;
    squares[r] = std::numeric_limits<double>::quiet_NaN();
  }
}

void Filter::panel_of_rows(const Matrix& X, const Index* rows, Index count, Answer* out, float* bounds) const {
  thread_local std::vector<float> panel, scores;
  panel.resize(static_cast<size_t>(d_ * kPanel));
  const auto blocks = static_cast<Index>(half_.size()) / kCenters;
  if (bounds) scores.resize(static_cast<size_t>(blocks * kCenters * kPanel));
  double squares[kPanel];
  float least[kPanel], second[kPanel];
  int which[kPanel];
  pack(X, rows, count, panel.data(), squares);
  least_scores(panel.data(), blocks_.data(), half_.data(), blocks, d_, least, second, which,
               bounds ? scores.data() : nullptr);
  double upper[kPanel], lower[kPanel];
  for (int r = 0; r < kPanel; ++r) {  // step 3
    const double U = (1 + c_) * squares[r] + 2 * static_cast<double>(least[r]) +
                     4 * c_ * squares_[static_cast<size_t>(which[r])] + tiny_;
    const double L = (1 - c_) * squares[r] + 2 * static_cast<double>(second[r]) - tiny_;
    upper[r] = std::sqrt(U) / scale_;
    lower[r] = std::sqrt(L > 0 ? L : 0) / scale_;
  }
  for (Index r = 0; r < count; ++r) {
    if (surely_nearer(upper[r], lower[r])) {
      out[r] = {which[r], rounded_up(upper[r]), rounded_down(lower[r])};
    } else {  // step 4
      const Direct::Answer a = direct_.nearest(X.data() + rows[r] * d_);
      out[r] = {a.label, rounded_up(std::sqrt(a.least)), rounded_down(std::sqrt(a.second))};
    }
  }
  if (!bounds) return;
  for (Index c = 0; c < k_; ++c)
    for (Index r = 0; r < count; ++r) {
      const double L =
          (1 - c_) * squares[r] + 2 * static_cast<double>(scores[static_cast<size_t>(c * kPanel + r)]) - tiny_;
      bounds[r * k_ + c] = rounded_down(std::sqrt(L > 0 ? L : 0) / scale_);
    }
}

void Filter::nearest(const Matrix& X, const Index* rows, Index count, Answer* out, float* bounds) const {
  if (static_cast<double>(d_) * kUnit >= 0.01) {
    for (Index j = 0; j < count; ++j) {
      const Direct::Answer a = direct_.nearest(X.data() + rows[j] * d_);
      out[j] = {a.label, rounded_up(std::sqrt(a.least)), rounded_down(std::sqrt(a.second))};
    }
    if (bounds) std::fill_n(bounds, count * k_, 0.0F);
    return;
  }
  for (Index j = 0; j < count; j += kPanel)
    panel_of_rows(X, rows + j, std::min<Index>(kPanel, count - j), out + j, bounds ? bounds + j * k_ : nullptr);
}

}  // namespace assay::kmeans
