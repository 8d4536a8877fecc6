// features/hough/sheared_rows_internal.h: votes of whole rows of pixels at one angle.
//
//   rho = cos theta * u,   u = x + y tan theta
//
// At one angle all pixels of a row move the same way along x, to their places u. The way is rounded to a quarter of a pixel,
// and places are counted for each quarter by itself: in there a row moves by whole pixels. In the end the places whose
// rho rounds alike, a few neighbours, are one bin.
//
// Where |sin theta| > |cos theta| columns take the part of rows: u = y + x / tan theta, rho = sin theta * u.
//
// Rows as bits come in strips that stay in the cache for all angles: the rows of a strip move by little beside each other, so
// that there are fewer places.
//
// Guarantees rho is at most 1/8 pixel off before it is rounded; pixels and bits give the same places
// Cost       an angle: one step for each edge pixel; or, rows as bits, some five for each row and vector of 8 * 64 places.
//            Then one for each place, and one for each bin
#pragma once
#include <cstdint>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assay/features/hough/accumulator.h"

namespace assay::hough {

inline constexpr int kQuarters = 4;

/// What one thread needs to count an angle.
struct Places {
  std::vector<int>
      count;  // kQuarters rows of `stride` places: pixel x of a row moved by 4 w + q is at q * stride + x + w
  std::vector<int> before, border;
  std::vector<const uint8_t*> rows;
};

/// An angle, and how far it moves each row (or column) of a strip.
class Shear {
 public:
  /// Rows or columns begin .. begin + n - 1 of a picture, each of `length` pixels.
  Shear(double theta, int begin, int n, int length);
  static bool by_columns(double theta);
  /// In quarters of a pixel, at least 0.
  int of(int row) const { return static_cast<int>((slope_ * row + kHalf) >> kFraction) - least_; }
  /// Whole pixels that any row can reach, and one more.
  size_t places() const { return static_cast<size_t>(most_ / kQuarters) + 2; }
  /// Adds to the bins; rho = 0 is at `zero`.
  void sum_bins(Places& places, size_t stride, int* zero) const;

 private:
  static constexpr int kFraction = 32;
  static constexpr int64_t kHalf = int64_t{1} << (kFraction - 1);
  double scale_;              // rho / u
  int64_t slope_;             // of a row, in quarters, kFraction bits behind the point
  int least_ = 0, most_ = 0;  // quarters: the first place, and the last one counted from there
};

/// The rows of a strip of an edge map that are not empty.
class ShearedRows {
 public:
  enum class Form { pixels, bits };
  static constexpr size_t kMostBitRows = 65535;
  /// Row 0 of `edges` is row `first` of the picture.
  ShearedRows(const cv::Mat& edges, int first, Form form);
  /// Which form is cheaper.
  static Form cheaper_form(cv::Size size, size_t pixels);
  /// Adds every row's votes: `zero` is the bin rho = 0 of that angle.
  void vote(const Shear& shear, Places& places, int* zero) const;

 private:
  struct Row {
    int y;
    size_t begin, end;  // its pixels in x_
  };
  void list_pixels(const cv::Mat& edges, int first);
  void pack_rows(const cv::Mat& edges, int first);
  void count_pixels(const Shear& shear, Places& places) const;
  void count_bit_rows(const Shear& shear, Places& places) const;

  Form form_;
  size_t stride_;  // places of a quarter
  std::vector<Row> rows_;
  std::vector<int> x_;
  // Bit i of byte m is the pixel x = i * bytes_ + m, also for m < 0 down to -reach_: moved by w, a row begins w bytes before.
  size_t bytes_ = 0, reach_ = 0;
  std::unique_ptr<uint8_t[]> bits_;
};

/// vote_for_lines with the rows in that form.
LineSpace vote_by_rows(const cv::Mat& edges, const std::vector<double>& theta, ShearedRows::Form form,
                       const Context& ctx = {});

}  // namespace assay::hough
