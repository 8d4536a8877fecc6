// features/hough/sheared_rows.cpp
// Notation   u: place on the axis of rows;  4 w + q: how far a row moves, in quarters of a pixel
// Method     1 move each row that has edge pixels by its 4 w + q   2 count the places of each quarter   3 sums of counts from
//            the left; a bin's votes are a difference of two
// Departures from the paper: [DudaHart1972] rounds each pixel's rho; here the way of a row is rounded first, to 1/4 pixel.

#include <algorithm>
#include <cmath>
#include <memory>
#include <opencv2/core.hpp>

#include "assay/features/hough/bit_count_kernels.h"
#include "assay/features/hough/place_kernels.h"
#include "assay/features/hough/sheared_rows_internal.h"

namespace assay::hough {

namespace {

size_t rounded_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

}  // namespace

// --- 1 how far a row moves -------------------------------------------------------------------------------------------

bool Shear::by_columns(double theta) { return std::abs(std::sin(theta)) > std::abs(std::cos(theta)); }

Shear::Shear(double theta, int begin, int n, int length) {
  const double c = std::cos(theta), s = std::sin(theta);
  scale_ = by_columns(theta) ? s : c;
  slope_ = std::llround(std::ldexp(kQuarters * (by_columns(theta) ? c / s : s / c), kFraction));
  const int nearest = of(begin), furthest = of(begin + n - 1);
  least_ = std::min(nearest, furthest);
  most_ = kQuarters * (length - 1) + std::abs(furthest - nearest);
}

// --- 2 places --------------------------------------------------------------------------------------------------------

ShearedRows::ShearedRows(const cv::Mat& edges, int first, Form form)
    : form_(form), stride_(rounded_up(static_cast<size_t>(edges.cols + edges.rows) + 1, 8 * kBitVector)) {
  form == Form::bits ? pack_rows(edges, first) : list_pixels(edges, first);
}

// Rows as bits cost the same however many pixels they have. Of long narrow pictures they would fill the memory.
ShearedRows::Form ShearedRows::cheaper_form(cv::Size size, size_t pixels) {
  const auto longer = static_cast<size_t>(std::max(size.width, size.height)),
             shorter = static_cast<size_t>(std::min(size.width, size.height));
  return longer >= kMostBitRows || longer > 8 * shorter || 100 * pixels < longer * shorter ? Form::pixels : Form::bits;
}

void ShearedRows::list_pixels(const cv::Mat& edges, int first) {
  EdgePixels pixels = edge_pixels(edges);
  for (size_t begin = 0, end = 0; begin < pixels.size(); begin = end) {
    while (end < pixels.size() && pixels.y[end] == pixels.y[begin]) ++end;
    rows_.push_back({first + pixels.y[begin], begin, end});
  }
  x_ = std::move(pixels.x);
}

void ShearedRows::pack_rows(const cv::Mat& edges, int first) {
  bytes_ = stride_ / 8;
  reach_ = rounded_up(static_cast<size_t>(edges.rows), kBitVector);
  const size_t next = reach_ + bytes_;
  bits_ = std::make_unique_for_overwrite<uint8_t[]>((static_cast<size_t>(edges.rows) + 1) * next);
  uint8_t* bits = bits_.get() + reach_;
  std::vector<uint8_t> ones(stride_, 0);
  pack_columns(ones.data(), bytes_, reach_, bits);  // an empty row, to make up numbers
  for (int y = 0; y < edges.rows; ++y) {
    const uint8_t* edge = edges.ptr<uint8_t>(y);
    uint8_t any = 0;
    for (int x = 0; x < edges.cols; ++x) ones[static_cast<size_t>(x)] = edge[x] != 0, any |= edge[x];
    if (any == 0) continue;
    rows_.push_back({first + y, 0, 0});
    pack_columns(ones.data(), bytes_, reach_, bits += next);
  }
}

void ShearedRows::count_pixels(const Shear& shear, Places& places) const {
  std::fill(places.count.begin(), places.count.end(), 0);
  for (const Row& row : rows_) {
    const int move = shear.of(row.y);
    int* place = places.count.data() + static_cast<size_t>(move % kQuarters) * stride_ + move / kQuarters;
    for (size_t i = row.begin; i < row.end; ++i) ++place[x_[i]];
  }
}

void ShearedRows::count_bit_rows(const Shear& shear, Places& places) const {
  const size_t next = reach_ + bytes_;
  const uint8_t *const empty = bits_.get() + reach_, *bits = empty;
  const size_t room = rows_.size() + kTogether;
  places.rows.resize(kQuarters * room);
  const uint8_t** list = places.rows.data();
  uint64_t counts = 0;  // rows of each quarter, 16 bits each: one register, so that no row waits for the one before
  for (const Row& row : rows_) {
    const auto move = static_cast<unsigned>(shear.of(row.y)), q = move % kQuarters;
    list[q * room + (counts >> (16 * q) & 0xffff)] = (bits += next) - move / kQuarters;
    counts += uint64_t{1} << (16 * q);
  }
  for (size_t q = 0; q < kQuarters; ++q) {
    const size_t n = counts >> (16 * q) & 0xffff;
    std::fill_n(list + q * room + n, kTogether - 1, empty);
    count_bits(list + q * room, rounded_up(n, kTogether), bytes_, shear.places(), places.count.data() + q * stride_);
  }
}

void ShearedRows::vote(const Shear& shear, Places& places, int* zero) const {
  places.count.resize(kQuarters * stride_);
  form_ == Form::bits ? count_bit_rows(shear, places) : count_pixels(shear, places);
  shear.sum_bins(places, stride_, zero);
}

// --- 3 bins ----------------------------------------------------------------------------------------------------------

void Shear::sum_bins(Places& places, size_t stride, int* zero) const {
  const size_t n = this->places();
  places.before.resize(kQuarters * n);
  sum_from_left(places.count.data(), stride, n, places.before.data());
  // Bin b begins at the first place with |scale| (place + least_) / 4 >= b - 1/2.
  const double per_bin = kQuarters / std::abs(scale_);
  const auto bin_of = [&](int quarters) { return static_cast<int>(std::floor(quarters / per_bin + 0.5)); };
  const int first = bin_of(least_), last = bin_of(least_ + most_);
  const auto bins = static_cast<size_t>(last - first) + 1;
  places.border.resize(bins + 1);
  int* border = places.border.data();
  const int64_t step = std::llround(std::ldexp(per_bin, kFraction)), one = int64_t{1} << kFraction;
  bin_borders((2 * first - 1) * step / 2 - least_ * one + one - 1, step, most_ + 1, static_cast<int>(n), bins + 1,
              border);
  for (size_t k = 0; k <= bins; ++k) border[k] = places.before[static_cast<size_t>(border[k])];
  if (scale_ > 0)
    add_differences(border, bins, zero + first);
  else
    add_mirrored_differences(border, bins, zero - first);
}

}  // namespace assay::hough
