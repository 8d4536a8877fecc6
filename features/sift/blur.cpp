// features/sift/blur.cpp: from one scale to the next, some rows at a time.
// Notation   w_0..w_r weights of a Gaussian, `stride` samples apart; reach = r stride
// Method     for each tile of columns, some rows at a time: sum down the columns, then along the rows
// Departures from the papers: a picture already smooth is blurred by every second weight. Kernels reach ceil(4 sigma).
//            Roundings of columns first and of rows first differ; the mean of both turns with the picture, bit by bit.

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/features/sift/blur_kernels.h"
#include "assay/features/sift/sift_internal.h"
#include "assay/imgproc/filter/gaussian.h"

namespace assay::sift_stages {

namespace {

// Every second weight of the Gaussian, normalised, stands for a sum over the samples of every second pixel: right up to
// what the picture holds near half the sampling frequency, pi. There a picture blurred by `smooth` and then by sigma has
// lost all but exp(-(pi^2 / 2) smooth^2 sigma^2 / (smooth^2 + sigma^2)) of any wave.
bool may_thin(double sigma, double smooth) {
  const double a = sigma * sigma, b = smooth * smooth;
  return std::exp(-0.5 * CV_PI * CV_PI * a * b / (a + b)) < 1e-5;
}

constexpr int kTile = 512;  // columns: the rows that a row of the result needs stay in the first-level cache

int whole_vectors(int n) { return (n + kLanes - 1) / kLanes * kLanes; }

// Columns [x0, x1), x0 at a whole vector.
class Tile {
 public:
  Tile(const Rows& in, const BlurWeights& b, Border border, int x0, int x1)
      : in_(in),
        b_(b),
        border_(border),
        reach_(b.reach()),
        radius_(static_cast<int>(b.w.size()) - 1),
        x0_(x0),
        x1_(x1),
        origin_(x0 - whole_vectors(b.reach())),
        left_(std::max(0, origin_)),
        right_(std::min(in.cols, x1 + b.reach())),
        sums_(kRowsAtOnce, whole_vectors(x1 - x0) + 2 * whole_vectors(b.reach())) {}

  static int columns(const BlurWeights& b) { return std::max(4 * kLanes, kTile - 2 * whole_vectors(b.reach())); }

  // First down the columns, then along the rows.
  void filter(int y0, int y1, const Rows& out) {
    std::vector<const float*> rows;
    for (int y = y0 - reach_; y < y1 + reach_ + kRowsAtOnce - 1; ++y) rows.push_back(row_of(y) + left_);
    for (int y = y0; y < y1; y += kRowsAtOnce) {
      sum_down_columns(rows.data() + (y - y0) + reach_, b_.stride, b_.w.data(), radius_, sums_[0] + (left_ - origin_),
                       sums_.cols, right_ - left_);
      for (int j = 0; j < kRowsAtOnce && y + j < y1; ++j) sum_along(sums_[j], out[y + j] + x0_);
    }
  }

  // First along the rows, then down the columns; the mean of both orders.
  void filter_otherwise(int y0, int y1, const Rows& out) {
    cv::Mat_<float> along(y1 - y0 + 2 * reach_ + kRowsAtOnce - 1, whole_vectors(x1_ - x0_));
    std::vector<const float*> rows;
    for (int j = 0; j < along.rows; ++j) {
      std::copy(row_of(y0 - reach_ + j) + left_, row_of(y0 - reach_ + j) + right_, sums_[0] + (left_ - origin_));
      sum_along(sums_[0], along[j]);
      rows.push_back(along[j]);
    }
    for (int y = y0; y < y1; y += kRowsAtOnce) {
      sum_down_columns(rows.data() + (y - y0) + reach_, b_.stride, b_.w.data(), radius_, sums_[0], sums_.cols,
                       x1_ - x0_);
      for (int j = 0; j < kRowsAtOnce && y + j < y1; ++j) {
        float* const to = out[y + j] + x0_;
        for (int i = 0; i < x1_ - x0_; ++i) to[i] = 0.5f * (to[i] + sums_[j][i]);
      }
    }
  }

 private:
  const float* row_of(int y) const { return in_[border_index(y, in_.rows, border_)]; }
  // `line` holds columns left_ .. right_ - 1, from origin_ on; those beyond the picture's edges are filled in.
  void sum_along(float* line, float* out) const {
    for (int x = x0_ - reach_; x < left_; ++x) line[x - origin_] = line[border_index(x, in_.cols, border_) - origin_];
    for (int x = right_; x < x1_ + reach_; ++x) line[x - origin_] = line[border_index(x, in_.cols, border_) - origin_];
    sum_along_row(line + (x0_ - origin_), b_.stride, b_.w.data(), radius_, out, x1_ - x0_);
  }

  const Rows& in_;
  const BlurWeights& b_;
  Border border_;
  int reach_, radius_;
  int x0_, x1_, origin_, left_, right_;
  cv::Mat_<float> sums_;  // down the columns
};

}  // namespace

BlurWeights blur_weights(double sigma, double smooth) {
  const int stride = may_thin(sigma, smooth) ? 2 : 1, reach = gaussian_radius(sigma);
  const std::vector<double> w = gaussian_weights(sigma / stride, (reach + stride - 1) / stride);
  return {{w.begin(), w.end()}, stride};
}

void blur(const Rows& in, const BlurWeights& b, Border border, bool both_orders, int y0, int y1, const Rows& out,
          const Context& ctx) {
  parallel_for(ctx.threads, in.cols, Tile::columns(b), [&](Index begin, Index end) {
    Tile tile(in, b, border, static_cast<int>(begin), static_cast<int>(end));
    tile.filter(y0, y1, out);
    if (both_orders) tile.filter_otherwise(y0, y1, out);
  });
}

}  // namespace assay::sift_stages
