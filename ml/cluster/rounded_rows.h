// ml/cluster/rounded_rows.h: bounds on the distance of one row and one centre, from a copy of the rows in single precision.
//
// Where rows are asked about one at a time, iteration after iteration, reading and rounding them is all the work there is:
// the copy halves what is read and is rounded once.
// Memory     4 (d + 1) bytes a row
// Cost       d multiply-adds in single precision a distance; the derivation of the bounds is nearest.cpp's
#pragma once
#include <vector>

#include "assay/ml/cluster/nearest.h"

namespace assay::kmeans {

/// p = s (x - shift), rounded: shift the columns' means, s the power of two that makes |p_f| < 1.
class RoundedRows {
 public:
  /// Requires |x| <= kLargest.
  RoundedRows(const Matrix& X, int threads);
  const Matrix& exact() const { return X_; }
  const float* row(Index i) const { return rows_.data() + i * d_; }
  /// |p|^2, with a relative error below 2^-23.
  double square(Index i) const { return static_cast<double>(squares_[static_cast<size_t>(i)]); }
  const std::vector<double>& shift() const { return shift_; }
  double scale() const { return scale_; }

 private:
  const Matrix& X_;
  Index d_;
  std::vector<double> shift_;
  double scale_ = 1;
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows_;
  std::vector<float> squares_;
};

/// The same for k centres.
class RoundedCenters {
 public:
  RoundedCenters(const RoundedRows& rows, const Matrix& centers);
  struct Bounds {
    float lower, upper;
  };
  /// On |x_i - m_c|.
  Bounds bounds(Index i, Index c) const;

 private:
  const RoundedRows& rows_;
  const Matrix& centers_;
  Index d_;
  double error_, tiny_;
  std::vector<float> z_;         ///< k x d
  std::vector<double> squares_;  ///< |z|^2; NaN where single precision is no use: bounds() measures directly
};

}  // namespace assay::kmeans
