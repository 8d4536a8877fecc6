// ml/cluster/nearest.h: the nearest of k centres, for many rows: a direct form that decides, and a fast form that agrees.
//
//   D(x, m) = sum_f (x_f - m_f)^2, in fixed lanes                                                                  (1)
//   label   = the lowest c of the smallest D(x, m_c)                                                               (2)
//
// Every label of k-means is (2), bit for bit, however it was found. One compiled function computes (1).
// Shapes     centres k x d
// Requires   |x|, |m| <= kLargest, so that no square overflows; d < 10^7
// Guarantees bounds hold for the true distances: upper >= |x - m_label|, lower <= |x - m_c| for every other c
// Cost       direct 3 k d operations a row in double precision; Filter k d multiply-adds in single precision
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "assay/ml/cluster/nearest_kernels.h"
#include "assay/ml/data/samples.h"

namespace assay::kmeans {

inline constexpr double kLargest = 1e150;
/// Rounding of a bound, kept in single precision, is below this; so is that of a computed distance (d < 10^7).
inline constexpr double kSlack = 0x1p-20;

/// True distance at most `upper` to one centre and at least `lower` to another: is D smaller for the first, surely?
inline bool surely_nearer(double upper, double lower) { return upper * (1 + kSlack) < lower && lower > 1e-140; }
/// A bound in single precision, on the safe side.
inline float rounded_up(double x) { return static_cast<float>(x * (1 + 0x1p-22) + 0x1p-140); }
inline float rounded_down(double x) { return x > 0 ? static_cast<float>(std::min(x * (1 - 0x1p-22), 3e38)) : 0.0F; }

struct Nearest {
  int label;
  double squared;  ///< D(x, m_label)
};

/// (2) by (1).
class Direct {
 public:
  explicit Direct(Matrix centers) : centers_(std::move(centers)) {}
  struct Answer {
    int label;
    double least, second;  ///< D of the label, and the least of the others (infinite for k = 1)
  };
  Answer nearest(const double* x) const;
  double squared(const double* x, Index c) const {
    return squared_distance(x, centers_.row(c).data(), centers_.cols());
  }

 private:
  Matrix centers_;
};

/// (2) by products in single precision with a proven error bound; where that leaves a doubt, Direct decides.
class Filter {
 public:
  explicit Filter(const Matrix& centers);
  struct Answer {
    int label;
    float upper, lower;  ///< bounds on the distance to the label, and to all others
  };
  /// For the rows of X whose numbers stand in `rows`. `bounds`, if any, receives a lower bound for each centre: k a row.
  void nearest(const Matrix& X, const Index* rows, Index count, Answer* out, float* bounds = nullptr) const;

 private:
  void panel_of_rows(const Matrix& X, const Index* rows, Index count, Answer* out, float* bounds) const;
  void pack(const Matrix& X, const Index* rows, Index count, float* panel, double* squares) const;
  Index k_, d_;
  Direct direct_;
  double c_, tiny_, scale_ = 1;
  std::vector<double> shift_;    ///< the mean of the centres
  std::vector<float> blocks_;    ///< [c / 4][f][c % 4]: z
  std::vector<float> half_;      ///< (1 - 2 c) |z|^2 / 2; infinite past k
  std::vector<double> squares_;  ///< |z|^2
};

}  // namespace assay::kmeans
