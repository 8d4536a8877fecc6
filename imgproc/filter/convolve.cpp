// imgproc/filter/convolve.cpp
// Notation   k kernel;  taps: its cells that are not 0, each with the place it reads;  T the picture's type, Real the
//            type of the sums (f32 for u8 and f32, f64 for u16; 16 bits for u8 and whole weights, if that holds all sums)
// Method     1 the kernel, turned unless told otherwise   2 rows of a tile, padded, as reals   3 some rows of sums: a kernel
//            without holes reads each pixel once for all, another is summed tap by tap   4 integer depths: round, and
//            decide the close cases by the sum in f64
// Departures from the textbook: none

#include "assay/imgproc/filter/convolve.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "assay/core/error.h"
#include "assay/core/parallel.h"
#include "assay/imgproc/filter/convolve_kernels.h"
#include "assay/imgproc/filter/kernel_file.h"
#include "assay/imgproc/filter/rounding_internal.h"

namespace assay {

namespace {

struct Tap {
  int x, y;  // from the pixel
  double weight;
};

std::vector<Tap> taps_of(const Matrix& kernel, int left, int up) {
  std::vector<Tap> taps;
  for (int i = 0; i < kernel.cols(); ++i)
    for (int j = 0; j < kernel.rows(); ++j)
      if (kernel(j, i) != 0) taps.push_back({i - left, j - up, kernel(j, i)});
  return taps;
}

struct Job {
  const cv::Mat& image;
  std::vector<Tap> taps;  // column by column
  int reach_x = 0, up = 0, down = 0;
  double offset, value, magnitude;  // magnitude: of the largest sum
  Border border;
  int wide() const { return taps.empty() ? 0 : taps.back().x - taps.front().x + 1; }
  /// No cell of the rectangle is 0.
  bool dense() const {
    return !taps.empty() && static_cast<int>(taps.size()) == wide() * (up + down + 1) && taps[0].y == -up;
  }
};

// A number of 16 bits counts on beyond its ends, so that sums of it may be negative in between.
template <class Real>
Real as_real(double v) {
  if constexpr (std::is_same_v<Real, uint16_t>)
    return static_cast<uint16_t>(static_cast<int>(v));
  else
    return static_cast<Real>(v);
}

template <class Real>
std::vector<Real> weights_by_columns(const Job& job) {
  std::vector<Real> weights;
  for (const Tap& tap : job.taps) weights.push_back(as_real<Real>(tap.weight));
  return weights;
}

// The weights of a dense kernel row by row, each filled up with zeros to whole eights.
struct WeightsByRows {
  int eights = 0;
  std::vector<double> w;
  explicit WeightsByRows(const Job& job) {
    if (!job.dense()) return;
    eights = (job.wide() + 7) / 8;
    w.resize(static_cast<size_t>((job.up + job.down + 1) * 8 * eights));
    for (const Tap& tap : job.taps)
      w[static_cast<size_t>((tap.y + job.up) * 8 * eights + tap.x - job.taps[0].x)] = tap.weight;
  }
};

// The sum in f64 for one value, eight taps at a time, where the picture reaches as far as they do.
template <ptrdiff_t step, class T>
double sum_of_eights(const Job& job, const WeightsByRows& weights, int x, int y, int channel) {
  rounding::Eight sums{};
  const double* w = weights.w.data();
  for (int j = -job.up; j <= job.down; ++j) {
    const T* from = job.image.ptr<T>(y + j) + (x + job.taps[0].x) * step + channel;
    for (int e = 0; e < weights.eights; ++e, w += 8, from += 8 * step) {
      rounding::Eight eight;
      std::copy_n(w, 8, reinterpret_cast<double*>(&eight));
      rounding::add_eight<step>(sums, eight, from);
    }
  }
  double sum = 0;
  for (int i = 0; i < 8; ++i) sum += sums[i];
  return sum + job.offset;
}

// The sum in f64 for one value.
template <class T>
double direct_sum(const Job& job, const WeightsByRows& weights, int x, int y, int channel) {
  const int channels = job.image.channels();
  if (weights.eights > 0 && x + job.taps[0].x >= 0 && x + job.taps[0].x + 8 * weights.eights <= job.image.cols &&
      y >= job.up && y + job.down < job.image.rows) {
    if (channels == 1) return sum_of_eights<1, T>(job, weights, x, y, channel);
    if (channels == 3) return sum_of_eights<3, T>(job, weights, x, y, channel);
    return sum_of_eights<4, T>(job, weights, x, y, channel);
  }
  double sum = 0;
  if (x >= job.reach_x && x + job.reach_x < job.image.cols && y >= job.up && y + job.down < job.image.rows) {
    const T* centre = job.image.ptr<T>(y) + static_cast<ptrdiff_t>(x) * channels + channel;
    const ptrdiff_t stride = static_cast<ptrdiff_t>(job.image.step1());
    for (const Tap& tap : job.taps) sum += tap.weight * static_cast<double>(centre[tap.y * stride + tap.x * channels]);
    return sum + job.offset;
  }
  for (const Tap& tap : job.taps) {
    const int row = border_index(y + tap.y, job.image.rows, job.border);
    const int col = border_index(x + tap.x, job.image.cols, job.border);
    sum += tap.weight *
           (row < 0 || col < 0
                ? job.value
                : static_cast<double>(job.image.ptr<T>(row)[static_cast<ptrdiff_t>(col) * channels + channel]));
  }
  return sum + job.offset;
}

template <class T, class Real>
void correlate_tile(const Job& job, int x0, int x1, int y0, int y1, cv::Mat& out) {
  const int channels = job.image.channels(), tall = job.up + job.down + 1, slots = tall + kDenseRows - 1;
  const int n = (x1 - x0) * channels, padded = n + 2 * job.reach_x * channels;
  const double terms = static_cast<double>(job.taps.size()) + 3;
  const double unit = std::is_same_v<Real, float> ? 0x1p-24 : 0x1p-53;
  const rounding::Rounding<T, std::conditional_t<std::is_same_v<Real, uint16_t>, float, Real>> round(
      std::min(0.49, terms * unit * job.magnitude), std::min(0.49, terms * 0x1p-53 * job.magnitude));
  cv::Mat_<Real> ring(slots, padded + static_cast<int>(kDenseBlock), Real{0});
  cv::Mat_<Real> sums(kDenseRows, n + static_cast<int>(kDenseBlock));
  const std::vector<Real> weights = weights_by_columns<Real>(job);
  const WeightsByRows by_rows(job);
  std::vector<const Real*> from(std::max(job.taps.size(), static_cast<size_t>(slots)));
  std::vector<const Real*> rows(static_cast<size_t>(slots));
  const auto row = [&](int y) -> const Real*& { return rows[static_cast<size_t>(((y % slots) + slots) % slots)]; };
  const auto read = [&](int y) {
    if constexpr (std::is_same_v<T, Real>)  // where the picture reaches as far as the kernel it is read in its place
      if (const int inside = border_index(y, job.image.rows, job.border);
          inside >= 0 && n >= kDenseBlock && x0 >= job.reach_x && x1 + job.reach_x <= job.image.cols) {
        row(y) = job.image.ptr<T>(inside) + static_cast<ptrdiff_t>(x0 - job.reach_x) * channels;
        return;
      }
    Real* copy = ring[((y % slots) + slots) % slots];
    padded_row<Real>(job.image, y, x0, x1, job.reach_x, job.border, static_cast<Real>(job.value), copy);
    row(y) = copy;
  };
  for (int y = y0 - job.up; y < y0 + job.down; ++y) read(y);
  for (int y = y0; y < y1; y += kDenseRows) {
    Real* to_sums[kDenseRows];
    for (int j = 0; j < kDenseRows; ++j) {
      read(y + job.down + j);
      to_sums[j] = sums[j];
    }
    if constexpr (std::is_same_v<T, Real>)  // the sums are the result
      for (int j = 0; j < kDenseRows && y + j < y1 && n >= kDenseBlock; ++j)
        to_sums[j] = out.ptr<T>(y + j) + static_cast<ptrdiff_t>(x0) * channels;
    constexpr bool whole = std::is_same_v<Real, uint16_t>;
    if (!whole && job.dense()) {
      for (int j = 0; j < slots; ++j)
        from[static_cast<size_t>(j)] =
            row(y - job.up + j) + static_cast<ptrdiff_t>(job.reach_x + job.taps[0].x) * channels;
      if constexpr (!whole)
        dense_sums<Real>(from.data(), weights.data(), tall, job.wide(), channels, static_cast<Real>(job.offset),
                         to_sums, n);
    } else {
      for (int j = 0; j < kDenseRows; ++j) {
        for (size_t t = 0; t < job.taps.size(); ++t)
          from[t] = row(y + j + job.taps[t].y) + static_cast<ptrdiff_t>(job.reach_x + job.taps[t].x) * channels;
        weighted_sum<Real>(from.data(), weights.data(), static_cast<int>(job.taps.size()), as_real<Real>(job.offset),
                           to_sums[j], n);
      }
    }
    for (int j = 0; j < std::min(kDenseRows, y1 - y); ++j) {
      T* to = out.ptr<T>(y + j) + static_cast<ptrdiff_t>(x0) * channels;
      if constexpr (std::is_same_v<T, Real>) {
        if (to_sums[j] != to) std::copy_n(to_sums[j], n, to);
      } else if constexpr (whole) {
        keep_bytes(to_sums[j], n, to);
      } else {
        round.row(to_sums[j], to, n, [&](ptrdiff_t i) {
          return direct_sum<T>(job, by_rows, x0 + static_cast<int>(i / channels), y + j,
                               static_cast<int>(i % channels));
        });
      }
    }
  }
}

// --- bytes, in whole numbers -----------------------------------------------------------------------------------------

// A dense kernel times 2^shift, rounded: v = 127.5 + (v - 127.5), and of the first part nothing is lost, so that a sum errs by
// at most 127.5 times what the weights lost.
struct WholeWeights {
  std::vector<int32_t> pairs;  // as dense_pair_sums takes them
  int count = 0, shift = 0;
  int32_t start = 0, doubt = 0;
};

// None where too many sums would be in doubt.
std::optional<WholeWeights> whole_weights(const Job& job) {
  const int tall = job.up + job.down + 1;
  double largest = 0, all = 0, error = 0, lost = 0;
  for (const Tap& tap : job.taps) largest = std::max(largest, std::abs(tap.weight)), all += std::abs(tap.weight);
  WholeWeights w;
  w.count = tall / 2 + 1;
  w.shift = 24;  // a product with a byte, all of them, and the offset fit 32 bits
  const auto too_large = [&](double one) {
    return largest * one > 32767 || (255 * (all + 1e-3) + std::abs(job.offset) + 2) * one > 0x1p31;
  };
  while (w.shift > 0 && too_large(std::ldexp(1, w.shift))) --w.shift;
  const double one = std::ldexp(1, w.shift);
  std::vector<int16_t> cells(static_cast<size_t>(job.wide() * 2 * 2 * w.count), 0);
  for (const Tap& tap : job.taps) {
    const double whole = std::nearbyint(tap.weight * one), miss = tap.weight * one - whole;
    error += 127.5 * std::abs(miss), lost += 127.5 * miss;
    for (int j = 0; j < 2; ++j)
      cells[static_cast<size_t>(((tap.x - job.taps[0].x) * 2 + j) * 2 * w.count + tap.y + job.up + j)] =
          static_cast<int16_t>(whole);
  }
  const double bound = std::ceil(error) + 2;  // and what the offset loses
  if (2 * bound > one / 32) return std::nullopt;
  w.start = static_cast<int32_t>(std::nearbyint(job.offset * one + lost + one / 2 + bound));
  w.doubt = static_cast<int32_t>(2 * bound);
  for (size_t i = 0; i < cells.size(); i += 2)
    w.pairs.push_back(
        static_cast<int32_t>(static_cast<uint16_t>(cells[i]) | static_cast<uint32_t>(cells[i + 1]) << 16));
  return w;
}

void correlate_bytes(const Job& job, const WholeWeights& w, int begin, int end, cv::Mat& out) {
  const int channels = job.image.channels(), width = job.image.cols;
  const ptrdiff_t n = static_cast<ptrdiff_t>(width) * channels;
  const int padded = (width + 2 * job.reach_x) * channels, slots = w.count + kDenseRows / 2 - 1;
  cv::Mat_<uint8_t> two(2, padded);
  cv::Mat_<int32_t> ring(slots, padded + static_cast<int>(kDenseBlock), 0);
  cv::Mat_<int32_t> sums(kDenseRows, static_cast<int>(n + kDenseBlock));
  std::vector<uint8_t> close(static_cast<size_t>(n) + 8);
  const WeightsByRows by_rows(job);
  const double direct_error = std::min(0.49, (static_cast<double>(job.taps.size()) + 3) * 0x1p-53 * job.magnitude);
  const auto read = [&](int pair) {  // rows 2 pair and 2 pair + 1 from the first one needed
    for (int j = 0; j < 2; ++j)
      padded_row<uint8_t>(job.image, begin - job.up + 2 * pair + j, 0, width, job.reach_x, job.border,
                          static_cast<uint8_t>(job.value), two[j]);
    join_rows(two[0], two[1], ring[pair % slots], padded);
  };
  for (int pair = 0; pair < w.count - 1; ++pair) read(pair);
  for (int y = begin, first = 0; y < end; y += kDenseRows, first += kDenseRows / 2) {
    std::vector<const int32_t*> from;
    for (int pair = first + w.count - 1; pair < first + slots; ++pair) read(pair);
    for (int pair = first; pair < first + slots; ++pair)
      from.push_back(ring[pair % slots] + static_cast<ptrdiff_t>(job.reach_x + job.taps[0].x) * channels);
    int32_t* to[kDenseRows];
    for (int j = 0; j < kDenseRows; ++j) to[j] = sums[j];
    dense_pair_sums(from.data(), w.pairs.data(), w.count, job.wide(), channels, w.start, to, n);
    for (int j = 0; j < std::min(kDenseRows, end - y); ++j) {
      uint8_t* result = out.ptr<uint8_t>(y + j);
      floor_values(to[j], w.shift, w.doubt, result, close.data(), n);
      rounding::for_marked(close.data(), n, [&](ptrdiff_t i) {
        const int x = static_cast<int>(i / channels), channel = static_cast<int>(i % channels);
        result[i] = rounding::decide<uint8_t>(direct_sum<uint8_t>(job, by_rows, x, y + j, channel), direct_error);
      });
    }
  }
}

// Sums of bytes with few whole weights that 16 bits hold: nothing is rounded.
bool fits_16_bits(const Job& job) {
  constexpr size_t kFew = 25;  // more go by pairs of rows
  const auto is_whole = [](double v) { return v == std::nearbyint(v); };
  return job.taps.size() <= kFew && job.magnitude <= 32767 && is_whole(job.offset) &&
         cv::saturate_cast<uint8_t>(job.value) == job.value &&
         std::all_of(job.taps.begin(), job.taps.end(), [&](const Tap& tap) { return is_whole(tap.weight); });
}

// --- the picture -----------------------------------------------------------------------------------------------------

template <class T, class Real>
void correlate_picture(const Job& job, cv::Mat& out, const Context& ctx) {
  const int tall = job.up + job.down + 1, width = job.image.cols, channels = job.image.channels();
  constexpr int kCache = 64 << 10;  // bytes of the ring
  const int columns =
      std::min(width, std::max({64, 2 * job.reach_x, kCache / (tall * channels * static_cast<int>(sizeof(Real)))}));
  std::optional<WholeWeights> whole;
  if constexpr (std::is_same_v<Real, float> && std::is_same_v<T, uint8_t>)
    if (job.dense() && cv::saturate_cast<uint8_t>(job.value) == job.value) whole = whole_weights(job);
  parallel_for(ctx.threads, job.image.rows, std::max(128, 4 * tall), [&](Index begin, Index end) {
    ctx.check_cancelled();
    if (whole) return correlate_bytes(job, *whole, static_cast<int>(begin), static_cast<int>(end), out);
    const auto tile = [&](int from, int to) {
      correlate_tile<T, Real>(job, from, to, static_cast<int>(begin), static_cast<int>(end), out);
    };
    const int edge = std::max(64, job.reach_x);
    if (std::is_same_v<T, Real> && width > 4 * edge) {  // all but the edges are read in their place
      tile(0, edge), tile(edge, width - edge), tile(width - edge, width);
      return;
    }
    for (int x = 0; x < width; x += columns) tile(x, std::min(width, x + columns));
  });
}

Matrix kernel_of(const ConvolveParams& p) {
  Matrix kernel = Matrix::Constant(3, 3, 1.0 / 9);
  if (p.kernel.find_first_of(" ;") != std::string::npos &&
      p.kernel.find_first_not_of("0123456789+-.eE,; \t") == std::string::npos) {
    std::string rows = p.kernel;
    std::replace(rows.begin(), rows.end(), ';', '\n');
    kernel = parse_kernel(rows, "kernel");
  } else if (!p.kernel.empty()) {
    kernel = read_kernel_file(p.kernel);
  }
  if (p.normalize) {
    const double sum = kernel.sum();
    if (std::abs(sum) < 1e-12 * kernel.cwiseAbs().sum() || sum == 0)
      throw ParameterError("parameter 'normalize' needs a kernel whose sum is not 0");
    kernel /= sum;
  }
  return kernel;
}

void show(const cv::Mat& out, const char* title, const Context& ctx) {
  ctx.trace.image([&] {
    return TraceImage{"result", title, "The picture after the operator.",      view_of(out),
                      false,    {},    "imgproc/filter/convolve.cpp:correlate"};
  });
}

}  // namespace

void correlate(const cv::Mat& image, const Matrix& kernel, int anchor_x, int anchor_y, double offset, Border border,
               double value, cv::Mat& out, const Context& ctx) {
  Job job{image, taps_of(kernel, anchor_x, anchor_y), 0, 0, 0, offset, value, 0, border};
  double weights = 0;
  for (const Tap& tap : job.taps) {
    job.reach_x = std::max(job.reach_x, std::abs(tap.x));
    job.up = std::max(job.up, -tap.y);
    job.down = std::max(job.down, tap.y);
    weights += std::abs(tap.weight);
  }
  job.magnitude = weights * std::max(full_scale(image), std::abs(value)) + std::abs(offset);
  out.create(image.size(), image.type());
  if (image.depth() == CV_8U && fits_16_bits(job))
    correlate_picture<uint8_t, uint16_t>(job, out, ctx);
  else if (image.depth() == CV_8U)
    correlate_picture<uint8_t, float>(job, out, ctx);
  else if (image.depth() == CV_16U)
    correlate_picture<uint16_t, double>(job, out, ctx);
  else
    correlate_picture<float, float>(job, out, ctx);
}

void Convolve::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  Matrix kernel = kernel_of(p);
  int left = static_cast<int>(kernel.cols() / 2), up = static_cast<int>(kernel.rows() / 2);
  if (p.orientation == KernelOrientation::convolve) {  // k(i, j) meets f(x - i, y - j)
    kernel = kernel.reverse().eval();
    left = static_cast<int>(kernel.cols()) - 1 - left;
    up = static_cast<int>(kernel.rows()) - 1 - up;
  }
  correlate(image, kernel, left, up, p.offset, p.border, p.value, out, ctx);
  show(out, "Convolve (1)", ctx);
}

void Sharpen::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  Matrix kernel = Matrix::Zero(3, 3);
  kernel(0, 1) = kernel(1, 0) = kernel(1, 2) = kernel(2, 1) = -p.amount;
  kernel(1, 1) = 1 + 4 * p.amount;
  correlate(image, kernel, 1, 1, 0, p.border, p.value, out, ctx);
  show(out, "Sharpen: f minus a times its Laplacian", ctx);
}

}  // namespace assay
