// imgproc/filter/bilateral_bytes.cpp
// Notation   s, c the two sigmas;  (a, b): four taps at the distance sqrt(a^2 + b^2), (+-a, +-b), or on the axes if b = 0
//            beside(a), above(a): streams of pairs of bytes, the pixels a to the left and right, or above and below, of each
// Method     1 a table of weights for each distance   for each row of a tile:   2 the rows near it as planes of bytes less 128
//            3 the streams of its pairs   4 the means of all taps, four from two pairs at once (bilateral_bytes_kernels.cpp)
// Departures from the paper: taps beyond the radius are left out; weights are rounded to 2^-24 of that of the pixel itself

#include "assay/imgproc/filter/bilateral_bytes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/color/planes_kernels.h"

namespace assay {

namespace {

constexpr int kColumns = 512;  // of a tile
constexpr int kReach = 32;     // columns kept on both sides of it
constexpr int kPlane = kColumns + 2 * kReach;

WeightTable weight_table(const BilateralParams& p, int squared_distance) {
  WeightTable table;
  for (int d = 0; d < 256; ++d) {
    const double exponent = -squared_distance / (2 * p.sigma_space * p.sigma_space) -
                            static_cast<double>(d) * d / (2 * p.sigma_color * p.sigma_color);
    const auto w =
        std::min<int32_t>((1 << 24) - 1, static_cast<int32_t>(std::lround(std::ldexp(std::exp(exponent), 24))));
    table.weight[d] = w;
    for (int b = 0; b < 3; ++b) table.byte[b][d] = static_cast<uint8_t>(w >> (8 * b));
    if (d >= 127 && w > 255) table.far_is_low = false;
  }
  return table;
}

// One for each squared distance up to the radius.
std::map<int, WeightTable> weight_tables(const BilateralParams& p, int radius) {
  std::map<int, WeightTable> tables;
  for (int a = 1; a <= radius; ++a)
    for (int b = 0; b <= a; ++b)
      if (a * a + b * b <= radius * radius) tables.emplace(a * a + b * b, weight_table(p, a * a + b * b));
  return tables;
}

class ByteTile {
 public:
  ByteTile(const cv::Mat& image, const BilateralParams& p, int radius)
      : image_(image),
        p_(p),
        r_(radius),
        planes_(image.channels() == 1 ? 1 : 3),
        packed_(1, kPlane * image.channels()),
        split_(planes_, kPlane),
        ring_(2 * r_ + 1, kPlane * planes_, int8_t{0}),
        streams_((2 * r_ + 1) * planes_, 2 * kPlane, int8_t{0}),
        rounded_(planes_, kColumns),
        tables_(weight_tables(p, radius)) {  // 1
    for (const auto& [squared, table] : tables_)
      for (int a = 1; a <= r_; ++a)
        for (int b = 0; b <= r_; ++b)
          if (a * a + b * b == squared) taps_.push_back(taps_at(a, b, table));
  }

  void filter(int x0, int x1, int y0, int y1, cv::Mat& out) {
    const int n = x1 - x0;
    for (int y = y0 - r_; y < y0 + r_; ++y) read(x0, x1, y);
    for (int y = y0; y < y1; ++y) {
      read(x0, x1, y + r_);  // 2
      make_streams(y, n);    // 3
      const int8_t* centre[3];
      uint8_t* to[3];
      uint8_t* pixels = out.ptr<uint8_t>(y) + static_cast<ptrdiff_t>(x0) * image_.channels();
      for (int c = 0; c < planes_; ++c) centre[c] = twice(c), to[c] = rounded_[c];
      bilateral_bytes(taps_.data(), static_cast<int>(taps_.size()), centre, planes_, to, n);  // 4
      store(x0, y, n, pixels);
    }
  }

 private:
  // Streams begin at the tile's first column.
  int8_t* stream(int index, int c) { return streams_[index * planes_ + c] + 2 * kReach; }
  int8_t* twice(int c) { return stream(0, c); }
  int8_t* beside(int a, int c) { return stream(a, c); }
  int8_t* above(int a, int c) { return stream(r_ + a, c); }
  const int8_t* row(int y, int c) { return ring_[(y % ring_.rows + ring_.rows) % ring_.rows] + c * kPlane + kReach; }

  FourTaps taps_at(int a, int b, const WeightTable& table) {
    FourTaps taps{{}, {}, &table};
    for (int c = 0; c < planes_; ++c) {
      taps.first[c] = b == 0 ? above(a, c) : above(a, c) - 2 * b;
      taps.second[c] = b == 0 ? beside(a, c) : above(a, c) + 2 * b;
    }
    return taps;
  }

  void read(int x0, int x1, int y) {
    const int channels = image_.channels(), padded = x1 - x0 + 2 * r_;
    if (y >= 0 && y + 1 < image_.rows)  // the next row begins its way into the cache
      for (int i = x0 * channels; i < x1 * channels; i += 64) __builtin_prefetch(image_.ptr<uint8_t>(y + 1) + i);
    padded_row<uint8_t>(image_, y, x0, x1, r_, p_.border, static_cast<uint8_t>(p_.value), packed_[0]);
    if (channels == 3) split_planes(packed_[0], padded, split_[0], split_[1], split_[2]);
    for (int c = 0; c < planes_; ++c) {
      const uint8_t* from = channels == 3 ? split_[c] : packed_[0] + c;
      int8_t* to = ring_[(y % ring_.rows + ring_.rows) % ring_.rows] + c * kPlane + kReach - r_;
      const int step = channels == 4 ? 4 : 1;
      if (step == 1)
        for (int i = 0; i < padded; ++i) to[i] = static_cast<int8_t>(from[i] ^ 128);
      else
        for (int i = 0; i < padded; ++i) to[i] = static_cast<int8_t>(from[i * step] ^ 128);
    }
  }
  void make_streams(int y, int n) {
    for (int c = 0; c < planes_; ++c) {
      const int8_t* here = row(y, c);
      join_pairs(here, here, n, twice(c));
      for (int a = 1; a <= r_; ++a) {
        join_pairs(here - a, here + a, n, beside(a, c));
        join_pairs(row(y - a, c) - r_, row(y + a, c) - r_, n + 2 * r_, above(a, c) - 2 * r_);
      }
    }
  }
  void store(int x0, int y, int n, uint8_t* to) const {
    const int channels = image_.channels();
    const uint8_t* alpha = image_.ptr<uint8_t>(y) + static_cast<ptrdiff_t>(x0) * channels + 3;
    if (channels == 1) std::copy_n(rounded_[0], n, to);
    if (channels == 3) join_planes(rounded_[0], rounded_[1], rounded_[2], n, to);
    if (channels == 4)
      for (int i = 0; i < n; ++i) {
        for (int c = 0; c < 3; ++c) to[4 * i + c] = rounded_(c, i);
        to[4 * i + 3] = alpha[4 * i];
      }
  }

  const cv::Mat& image_;
  const BilateralParams& p_;
  int r_, planes_;
  cv::Mat_<uint8_t> packed_, split_;
  cv::Mat_<int8_t> ring_, streams_;
  cv::Mat_<uint8_t> rounded_;
  std::map<int, WeightTable> tables_;
  std::vector<FourTaps> taps_;
};

}  // namespace

TableMean::TableMean(const BilateralParams& p, int radius) : r_(radius), tables_(weight_tables(p, radius)) {
  for (int y = -r_; y <= r_; ++y)
    for (int x = -r_; x <= r_; ++x)
      if (const auto table = tables_.find(x * x + y * y); table != tables_.end())
        taps_.push_back({x, y, &table->second});
}

uint8_t TableMean::operator()(const float* const* rows, ptrdiff_t plane, int planes, ptrdiff_t x, int c) const {
  const float* here = rows[r_] + x;
  ByteSums sums;
  for (const Tap& tap : taps_) {
    const float* there = rows[r_ + tap.y] + x + tap.x;
    float difference = 0;
    for (int k = 0; k < planes; ++k) difference += std::abs(there[k * plane] - here[k * plane]);
    sums.add(tap.table->weight[std::min(static_cast<int>(difference), 255)], static_cast<int>(there[c * plane]) - 128);
  }
  return sums.mean(static_cast<int>(here[c * plane]) - 128);
}

// A weight of f32 errs by at most 3e-7 (of that of the pixel itself, 1; the sum of all is not less), one of a table by 2^-25;
// the sums err by at most half a unit in the last place for each term.
double TableMean::error() const {
  const auto count = static_cast<double>(taps_.size());
  return 255 * (count * (3e-7 + 0x1p-25) + 2 * (count + 6) * 0x1p-24);
}

bool has_weight_tables(const cv::Mat& image, const BilateralParams& p, int radius) {
  if (image.depth() != CV_8U || radius > kTableRadius) return false;
  if (p.border == Border::constant && (p.value < 0 || p.value > 255 || p.value != std::floor(p.value))) return false;
  return image.channels() == 1 ||
         (p.convention == ColourDistance::opencv && weight_table(p, radius > 0 ? 1 : 0).weight[255] == 0);
}

void bilateral_by_tables(const cv::Mat& image, const BilateralParams& p, int radius, cv::Mat& out, const Context& ctx) {
  parallel_for(ctx.threads, image.rows, 128, [&](Index begin, Index end) {
    ByteTile tile(image, p, radius);
    for (int x = 0; x < image.cols; x += kColumns) {
      ctx.check_cancelled();
      tile.filter(x, std::min(image.cols, x + kColumns), static_cast<int>(begin), static_cast<int>(end), out);
    }
  });
}

}  // namespace assay
