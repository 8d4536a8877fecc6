// features/corner/structure_tensor.cpp
// Notation   A, B, C: window sums of gx^2, gy^2, gx gy;  r: the window reaches r pixels before and after
// Method     for each tile of columns, row by row: 1 gradient and its products   2 window sums, a ring of rows each
//            3 the measure R
// Departures from the papers: gradients are Sobel's (Harris' are differences -1 0 1). In floating point a sum along rows
//            and then columns differs from one along columns and then rows in the last bits. A is summed in the first
//            order, B in the second, C in both and averaged: a transposed picture exchanges A and B and keeps C, so that
//            R turns with the picture.

#include "assay/features/corner/structure_tensor.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/features/corner/corner_kernels.h"
#include "assay/imgproc/filter/convolve_kernels.h"
#include "assay/imgproc/filter/gaussian.h"

namespace assay {

TensorSetting tensor_setting(CornerMeasure measure, CornerConvention convention, CornerWindow window, double sigma,
                             int size, double k, const cv::Mat& image) {
  const bool skimage = convention == CornerConvention::skimage, opencv = convention == CornerConvention::opencv;
  TensorSetting s;
  s.measure = measure, s.k = k;
  s.box = window == CornerWindow::box || (window == CornerWindow::automatic && opencv);
  if (s.box) {
    s.before = size / 2, s.after = size - 1 - s.before;
  } else {
    s.before = s.after = skimage ? static_cast<int>(4 * sigma + 0.5) : gaussian_radius(sigma);
    s.weights = gaussian_weights(sigma, s.before);
  }
  if (skimage) s.gradient_border = s.window_border = Border::constant;
  if (opencv) s.gradient_border = Border::reflect101;
  double product = (skimage ? 1.0 : opencv ? 1.0 / 16 : 1.0 / 64) / (full_scale(image) * full_scale(image));
  if (opencv) product /= static_cast<double>(size) * size;
  if (s.box && !opencv) product /= static_cast<double>(size) * size;
  s.scale = measure == CornerMeasure::harris ? product * product : product;
  return s;
}

namespace {

// Row after row of one product over a tile, and its window sums.
template <class Real>
class WindowSum {
 public:
  enum Order { rows_first, columns_first, both };
  WindowSum(const TensorSetting& s, const std::vector<Real>& w, Order order, int columns)
      : w_(w),
        box_(s.box),
        order_(s.box ? columns_first : order),
        before_(s.before),
        after_(s.after),
        rows_(s.before + s.after + 1),
        products_(rows_, columns + rows_ - 1),
        along_(rows_, columns),
        column_(1, columns + rows_ - 1),
        other_(1, columns),
        list_(static_cast<size_t>(2 * rows_)) {}

  /// Row y of the product, columns -before .. n + after - 1 of the tile.
  Real* product(int y) { return products_[slot(y)]; }
  void enter(int y, ptrdiff_t n) {
    if (order_ != columns_first) along(products_[slot(y)], along_[slot(y)], n);
  }
  /// Rows y - before .. y + after are there: their sums column by column, as many more columns as the window has.
  const Real* column_sums(int y, ptrdiff_t n) {
    down(products_, y, column_[0], n + rows_ - 1);
    return column_[0];
  }
  void sum(int y, Real* out, ptrdiff_t n) {
    if (order_ != columns_first) down(along_, y, out, n);
    if (order_ == rows_first) return;
    along(column_sums(y, n), order_ == both ? other_[0] : out, n);
    if (order_ == both) average_with(other_[0], out, n);
  }

 private:
  int slot(int y) const { return (y % rows_ + rows_) % rows_; }
  void along(const Real* padded, Real* out, ptrdiff_t n) {
    for (int k = 0; k < rows_; ++k) list_[static_cast<size_t>(k)] = padded + k;
    add(out, n);
  }
  void down(cv::Mat_<Real>& rows, int y, Real* out, ptrdiff_t n) {
    for (int k = 0; k < rows_; ++k) list_[static_cast<size_t>(k)] = rows[slot(y - before_ + k)];
    add(out, n);
  }
  // The rows of the list, first to last, under the window.
  void add(Real* out, ptrdiff_t n) {
    if (box_) return sum_rows(list_.data(), rows_, out, n);
    const int r = after_;  // centre r; pairs at distance k: before r - k, after r + k
    const Real** before = list_.data() + rows_;
    for (int k = 1; k <= r; ++k) before[k] = list_[static_cast<size_t>(r - k)];
    symmetric_sum(list_[static_cast<size_t>(r)], before, list_.data() + r, w_.data(), r, out, n);
  }

  const std::vector<Real>& w_;
  bool box_;
  Order order_;
  int before_, after_, rows_;
  cv::Mat_<Real> products_, along_, column_, other_;
  std::vector<const Real*> list_;
};

template <class Real>
class Tile {
 public:
  Tile(const cv::Mat& image, const TensorSetting& s, const std::vector<Real>& w, int columns)
      : image_(image),
        s_(s),
        f_(3, columns + s.before + s.after + 2),
        xx_(s, w, WindowSum<Real>::rows_first, columns),
        yy_(s, w, WindowSum<Real>::columns_first, columns),
        xy_(s, w, WindowSum<Real>::both, columns),
        tensor_(3, columns) {}

  /// R of columns [x0, x1), rows [y0, y1).
  Real respond(int x0, int x1, int y0, int y1, cv::Mat_<Real>& out, Real largest) {
    const int n = x1 - x0;
    std::fill_n(held_, 3, -2);
    for (int y = y0 - s_.before; y < y0 + s_.after; ++y) enter(y, x0, x1);
    for (int y = y0; y < y1; ++y) {
      enter(y + s_.after, x0, x1);
      if (s_.box)  // the kernel adds along the row
        largest = measure(xx_.column_sums(y, n), yy_.column_sums(y, n), xy_.column_sums(y, n), s_.before + s_.after + 1,
                          out[y] + x0, n, largest);
      else {
        xx_.sum(y, tensor_[0], n);
        yy_.sum(y, tensor_[1], n);
        xy_.sum(y, tensor_[2], n);
        largest = measure(tensor_[0], tensor_[1], tensor_[2], 1, out[y] + x0, n, largest);
      }
    }
    return largest;
  }

 private:
  Real measure(const Real* A, const Real* B, const Real* C, int window, Real* R, int n, Real largest) const {
    const Real scale = static_cast<Real>(s_.scale);
    return s_.measure == CornerMeasure::harris
               ? harris_row(A, B, C, window, static_cast<Real>(s_.k), scale, R, n, largest)
               : eigenvalue_row(A, B, C, window, scale, R, n, largest);
  }

  // The products of row y (beyond the picture: of the row that stands for it), by the border beyond its sides.
  void enter(int y, int x0, int x1) {
    const int width = image_.cols, begin = x0 - s_.before, end = x1 + s_.after, n = x1 - x0;
    const int row = border_index(y, image_.rows, s_.window_border);
    Real* const products[] = {xx_.product(y), yy_.product(y), xy_.product(y)};
    if (row < 0) {
      for (Real* p : products) std::fill_n(p, end - begin, Real(0));
    } else {
      // Of the picture: all columns that stand for one of the tile, which lie in it but for small pictures.
      int first = std::clamp(begin, 0, width - 1), last = std::clamp(end, first + 1, width);
      const Real* f[3];
      for (int j = 0; j < 3; ++j) f[j] = row_of(row - 1 + j, first, last);
      gradient_products<Real>(f[0], f[1], f[2], products[0] + (first - begin), products[1] + (first - begin),
                              products[2] + (first - begin), last - first);
      const auto outside = [&](int x) {
        const int from = border_index(x, width, s_.window_border);
        if (from >= first && from < last)
          for (Real* p : products) p[x - begin] = p[from - begin];
        else
          outside_of_tile(row, from, products, x - begin);
      };
      for (int x = begin; x < first; ++x) outside(x);
      for (int x = last; x < end; ++x) outside(x);
    }
    xx_.enter(y, n), yy_.enter(y, n), xy_.enter(y, n);
  }

  // Row y of the picture as reals, kept while its two neighbours are needed.
  const Real* row_of(int y, int first, int last) {
    const int slot = (y + 3) % 3;
    if (held_[slot] != y) padded_row<Real>(image_, y, first, last, 1, s_.gradient_border, Real(0), f_[slot]);
    held_[slot] = y;
    return f_[slot];
  }

  // A column of a picture narrower than the window's reach, or (from < 0) none.
  void outside_of_tile(int row, int from, Real* const (&products)[3], int to) {
    Real v[3] = {};
    if (from >= 0) {
      Real f[3][3];
      for (int j = 0; j < 3; ++j)
        padded_row<Real>(image_, row - 1 + j, from, from + 1, 1, s_.gradient_border, Real(0), f[j]);
      gradient_products<Real>(f[0], f[1], f[2], v, v + 1, v + 2, 1);
    }
    for (int c = 0; c < 3; ++c) products[c][to] = v[c];
  }

  const cv::Mat& image_;
  const TensorSetting& s_;
  cv::Mat_<Real> f_;
  int held_[3] = {-2, -2, -2};  // which rows stand in f_
  WindowSum<Real> xx_, yy_, xy_;
  cv::Mat_<Real> tensor_;
};

}  // namespace

template <class Real>
Real tensor_response(const cv::Mat& image, const TensorSetting& s, cv::Mat_<Real>& out, const Context& ctx) {
  out.create(image.size());
  const std::vector<Real> w(s.weights.begin(), s.weights.end());
  const int columns = std::min(image.cols, 384);  // the rings of three products stay in cache
  const Index grain = std::max(64, 4 * (s.before + s.after));
  return parallel_reduce(
      ctx.threads, image.rows, grain, Real(0),
      [&](Index begin, Index end) {
        ctx.check_cancelled();
        Tile<Real> tile(image, s, w, columns);
        Real largest = 0;
        for (int x0 = 0; x0 < image.cols; x0 += columns)
          largest = tile.respond(x0, std::min(image.cols, x0 + columns), static_cast<int>(begin), static_cast<int>(end),
                                 out, largest);
        return largest;
      },
      [](Real& total, Real part) { total = std::max(total, part); });
}

template float tensor_response(const cv::Mat&, const TensorSetting&, cv::Mat_<float>&, const Context&);
template double tensor_response(const cv::Mat&, const TensorSetting&, cv::Mat_<double>&, const Context&);

}  // namespace assay
