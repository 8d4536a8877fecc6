// features/sift/blur.cpp: from one scale to the next, some rows at a time.
// Notation   w_0..w_r weights of a Gaussian, `stride` samples apart; reach = r stride
// Method     for each tile of columns, some rows at a time: sum down the columns, then along the rows
// Departures from the papers: a picture already smooth is blurred by every second weight. Kernels reach ceil(4 sigma).

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
        x0_(x0),
        x1_(x1),
        left_(std::max(0, x0 - whole_vectors(b.reach()))),
        right_(std::min(in.cols, x1 + b.reach())),
        sums_(kRowsAtOnce, whole_vectors(x1 - x0) + 2 * whole_vectors(b.reach())) {}

  static int columns(const BlurWeights& b) { return std::max(4 * kLanes, kTile - 2 * whole_vectors(b.reach())); }

  void filter(int y0, int y1, const Rows& out) {
    const int radius = static_cast<int>(b_.w.size()) - 1, reach = b_.reach(), origin = x0_ - whole_vectors(reach);
    std::vector<const float*> rows;
    for (int y = y0 - reach; y < y1 + reach + kRowsAtOnce - 1; ++y)
      rows.push_back(in_[border_index(y, in_.rows, border_)] + left_);
    for (int y = y0; y < y1; y += kRowsAtOnce) {
      sum_down_columns(rows.data() + (y - y0) + reach, b_.stride, b_.w.data(), radius, sums_[0] + (left_ - origin),
                       sums_.cols, right_ - left_);
      for (int j = 0; j < kRowsAtOnce && y + j < y1; ++j) {
        float* const sums = sums_[j];
        for (int x = x0_ - reach; x < left_; ++x) sums[x - origin] = sums[border_index(x, in_.cols, border_) - origin];
        for (int x = right_; x < x1_ + reach; ++x) sums[x - origin] = sums[border_index(x, in_.cols, border_) - origin];
        sum_along_row(sums + (x0_ - origin), b_.stride, b_.w.data(), radius, out[y + j] + x0_, x1_ - x0_);
      }
    }
  }

 private:
  const Rows& in_;
  const BlurWeights& b_;
  Border border_;
  int x0_, x1_, left_, right_;
  cv::Mat_<float> sums_;  // down the columns
};

}  // namespace

BlurWeights blur_weights(double sigma, double smooth) {
  const int stride = may_thin(sigma, smooth) ? 2 : 1, reach = gaussian_radius(sigma);
  const std::vector<double> w = gaussian_weights(sigma / stride, (reach + stride - 1) / stride);
  return {{w.begin(), w.end()}, stride};
}

void blur(const Rows& in, const BlurWeights& b, Border border, int y0, int y1, const Rows& out, const Context& ctx) {
  parallel_for(ctx.threads, in.cols, Tile::columns(b), [&](Index begin, Index end) {
    Tile(in, b, border, static_cast<int>(begin), static_cast<int>(end)).filter(y0, y1, out);
  });
}

}  // namespace assay::sift_stages
