// imgproc/geometry/warp_opencv.cpp: see warp_internal.h.
// Departures from the library: none known for affine, perspective and remap, one thread.

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>
#include <optional>

#include "assay/core/parallel.h"
#include "assay/imgproc/geometry/resize_internal.h"
#include "assay/imgproc/geometry/warp_internal.h"

namespace assay::detail {

namespace {

// A place in 1/32 of a pixel.
struct Place32 {
  int u = 0, v = 0;
};

int saturated(double v) { return static_cast<int>(std::clamp(std::nearbyint(v), -2147483648.0, 2147483647.0)); }

template <class T>
double read(const cv::Mat& image, const WarpParams& p, int x, int y, int c) {
  const int column = border_index(x, image.cols, p.border), row = border_index(y, image.rows, p.border);
  return row < 0 || column < 0
             ? p.value
             : static_cast<double>(image.ptr<T>(row)[static_cast<ptrdiff_t>(column) * image.channels() + c]);
}

// Four products and three sums in f32, left to right.
float in_single(double p00, double p01, double p10, double p11, int a, int b) {
  const auto product = [](double v, int w) { return static_cast<float>(v) * (static_cast<float>(w) / 1024); };
  return product(p00, (32 - a) * (32 - b)) + product(p01, a * (32 - b)) + product(p10, (32 - a) * b) +
         product(p11, a * b);
}

template <class T>
T weighed(const cv::Mat& image, const WarpParams& p, Place32 at, int c) {
  const int x = at.u >> 5, y = at.v >> 5, a = at.u & 31, b = at.v & 31;
  const double p00 = read<T>(image, p, x, y, c), p01 = read<T>(image, p, x + 1, y, c);
  const double p10 = read<T>(image, p, x, y + 1, c), p11 = read<T>(image, p, x + 1, y + 1, c);
  const double sum = (32 - b) * ((32 - a) * p00 + a * p01) + b * ((32 - a) * p10 + a * p11);  // exact on integers
  if constexpr (std::is_same_v<T, uint8_t>)
    return static_cast<T>(std::clamp((static_cast<int>(sum) * 32 + (1 << 14)) >> 15, 0, 255));
  else if constexpr (std::is_same_v<T, uint16_t>)
    return static_cast<T>(std::clamp(std::nearbyint(in_single(p00, p01, p10, p11, a, b)), 0.f, 65535.f));
  else
    return in_single(p00, p01, p10, p11, a, b);
}

// Of bicubic or lanczos: the weights of a place whose fractions are a / 32 and b / 32.
class WeightTable {
 public:
  explicit WeightTable(Interpolation method) {
    for (int a = 0; a < 32; ++a) {
      const std::vector<float> w = opencv_weights(static_cast<float>(a) / 32, method);
      count_ = static_cast<int>(w.size());
      along_.insert(along_.end(), w.begin(), w.end());
    }
    whole_.resize(static_cast<size_t>(32 * 32 * count_ * count_));
    for (int b = 0; b < 32; ++b)
      for (int a = 0; a < 32; ++a) round_weights(a, b);
  }

  int count() const { return count_; }
  float real(int a, int b, int i, int j) const { return along(b, j) * along(a, i); }
  int whole(int a, int b, int i, int j) const { return whole_[index(a, b, i, j)]; }

 private:
  float along(int a, int i) const { return along_[static_cast<size_t>(a * count_ + i)]; }
  size_t index(int a, int b, int i, int j) const {
    return static_cast<size_t>(((b * 32 + a) * count_ + j) * count_ + i);
  }

  // What the rounded weights lack is given to the largest of the four at and beyond the middle, what they have too much taken
  // from the smallest.
  void round_weights(int a, int b) {
    int sum = 0;
    for (int j = 0; j < count_; ++j)
      for (int i = 0; i < count_; ++i)
        sum += whole_[index(a, b, i, j)] = static_cast<int16_t>(std::nearbyint(real(a, b, i, j) * (1 << 15)));
    const int middle = count_ / 2;
    size_t least = index(a, b, middle, middle), most = least;
    for (int j = middle; j < middle + 2; ++j)
      for (int i = middle; i < middle + 2; ++i) {
        const size_t k = index(a, b, i, j);
        if (whole_[k] < whole_[least])
          least = k;
        else if (whole_[k] > whole_[most])
          most = k;
      }
    const int lacking = (1 << 15) - sum;
    int16_t& to = whole_[lacking > 0 ? most : least];
    to = static_cast<int16_t>(to + lacking);
  }

  int count_ = 0;
  std::vector<float> along_;
  std::vector<int16_t> whole_;
};

int weighed_in_whole(const cv::Mat& image, const WarpParams& p, const WeightTable& table, Place32 at, int c) {
  const int n = table.count(), x = (at.u >> 5) - n / 2 + 1, y = (at.v >> 5) - n / 2 + 1;
  int sum = 1 << 14;
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < n; ++i)
      sum += table.whole(at.u & 31, at.v & 31, i, j) * static_cast<int>(read<uint8_t>(image, p, x + i, y + j, c));
  return sum >> 15;
}

// Inside, sums of rows are added; where the border is needed, one product after the other, of differences to its value.
template <class T>
float weighed_in_single(const cv::Mat& image, const WarpParams& p, const WeightTable& table, Place32 at, int c) {
  const int n = table.count(), x = (at.u >> 5) - n / 2 + 1, y = (at.v >> 5) - n / 2 + 1, a = at.u & 31, b = at.v & 31;
  const bool inside = x >= 0 && y >= 0 && x + n <= image.cols && y + n <= image.rows;
  const auto value = inside ? 0.f : static_cast<float>(p.value);
  float sum = value;
  for (int j = 0; j < n; ++j) {
    float along = 0;
    for (int i = 0; i < n; ++i) {
      const float product = (static_cast<float>(read<T>(image, p, x + i, y + j, c)) - value) * table.real(a, b, i, j);
      (inside ? along : sum) += product;
    }
    sum += along;
  }
  return sum;
}

template <class T>
T weighed_by_table(const cv::Mat& image, const WarpParams& p, const WeightTable& table, Place32 at, int c) {
  if constexpr (std::is_same_v<T, uint8_t>)
    return static_cast<T>(std::clamp(weighed_in_whole(image, p, table, at, c), 0, 255));
  else if constexpr (std::is_same_v<T, uint16_t>)
    return static_cast<T>(std::clamp(std::nearbyint(weighed_in_single<T>(image, p, table, at, c)), 0.f, 65535.f));
  else
    return weighed_in_single<T>(image, p, table, at, c);
}

template <class T, class Place>
void fill_rows(const cv::Mat& image, const WarpParams& p, cv::Mat& out, const Context& ctx, const Place& place) {
  std::optional<WeightTable> table;
  if (p.method == Interpolation::bicubic || p.method == Interpolation::lanczos) table.emplace(p.method);
  const auto value = [&](Place32 at, int c) {
    if (p.method == Interpolation::nearest) return static_cast<T>(read<T>(image, p, at.u, at.v, c));
    if (p.method == Interpolation::bilinear) return weighed<T>(image, p, at, c);
    return weighed_by_table<T>(image, p, *table, at, c);
  };
  parallel_for(ctx.threads, out.rows, 32, [&](Index begin, Index end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < out.cols; ++x) {
        const Place32 at = place(x, y);
        for (int c = 0; c < out.channels(); ++c) out.ptr<T>(y)[x * out.channels() + c] = value(at, c);
      }
  });
}

template <class Place>
void fill(const cv::Mat& image, const WarpParams& p, cv::Mat& out, const Context& ctx, const Place& place) {
  if (image.depth() == CV_8U)
    fill_rows<uint8_t>(image, p, out, ctx, place);
  else if (image.depth() == CV_16U)
    fill_rows<uint16_t>(image, p, out, ctx, place);
  else
    fill_rows<float>(image, p, out, ctx, place);
}

}  // namespace

void warp_opencv(const cv::Mat& image, const Matrix3& V, const WarpParams& p, cv::Mat& out, const Context& ctx) {
  const bool nearest = p.method == Interpolation::nearest;
  if (V[6] == 0 && V[7] == 0) {
    const int lift = nearest ? 512 : 16, shift = nearest ? 10 : 5;
    return fill(image, p, out, ctx, [&](int x, int y) {
      const int u = saturated((V[1] * y + V[2]) * 1024) + lift, v = saturated((V[4] * y + V[5]) * 1024) + lift;
      return Place32{(u + saturated(V[0] * x * 1024)) >> shift, (v + saturated(V[3] * x * 1024)) >> shift};
    });
  }
  const double unit = nearest ? 1 : 32;
  fill(image, p, out, ctx, [&](int x, int y) {
    double w = V[6] * x + (V[7] * y + V[8]);
    w = w ? unit / w : 0;
    return Place32{saturated((V[0] * x + (V[1] * y + V[2])) * w), saturated((V[3] * x + (V[4] * y + V[5])) * w)};
  });
}

void remap_opencv(const cv::Mat& image, const cv::Mat& map_x, const cv::Mat& map_y, const WarpParams& p, cv::Mat& out,
                  const Context& ctx) {
  const float unit = p.method == Interpolation::nearest ? 1 : 32;
  fill(image, p, out, ctx, [&](int x, int y) {
    const float u = map_x.empty() ? static_cast<float>(x) : map_x.at<float>(y, x);
    const float v = map_y.empty() ? static_cast<float>(y) : map_y.at<float>(y, x);
    return Place32{saturated(static_cast<double>(u * unit)), saturated(static_cast<double>(v * unit))};
  });
}

}  // namespace assay::detail
