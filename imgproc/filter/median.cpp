// imgproc/filter/median.cpp
// Notation   r = (size - 1) / 2;  padded rows: r pixels wider on each side;  rank: position among the window's values
// Method     sizes 3 and 5: a network (median_kernels.cpp)
//            u8 above [Perreault2007]: 1 each column keeps the histogram of its 2r + 1 rows   2 the window's histogram gains
//            a column and loses one   3 first its 16 coarse bins find the median's bin, then the 16 fine ones within,
//            which are brought up to date only when they are looked at
//            u16, f32 above [Huang1979]: 1 the values of a tile become ranks among its distinct values   2 a histogram
//            of ranks slides along the row   3 the median moves from where it was
// Departures from the papers: work goes by tiles, so that histograms stay in cache; [Huang1979] has no ranks

#include "assay/imgproc/filter/median.h"

#include <algorithm>
#include <bit>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/core/simd.h"
#include "assay/imgproc/filter/median_kernels.h"

namespace assay {

namespace {

// Rows first .. last of the picture, each padded by r pixels: one row of `values` a row.
template <class T>
cv::Mat_<T> padded_tile(const cv::Mat& image, const MedianParams& p, int x0, int x1, int y0, int y1) {
  const int r = p.size / 2;
  cv::Mat_<T> values(y1 - y0 + 2 * r, (x1 - x0 + 2 * r) * image.channels());
  for (int y = 0; y < values.rows; ++y)
    padded_row<T>(image, y0 - r + y, x0, x1, r, p.border, cv::saturate_cast<T>(p.value), values[y]);
  return values;
}

// --- sizes 3 and 5 ---------------------------------------------------------------------------------------------------

// Rows in blocks, each strip by strip. Where windows reach beyond the picture's left or right edge, the strip is copied with
// its border.
template <class T>
class NetworkBand {
 public:
  NetworkBand(const cv::Mat& image, const MedianParams& p, cv::Mat& out)
      : image_(image),
        out_(out),
        p_(p),
        value_(cv::saturate_cast<T>(p.value)),
        n_(static_cast<ptrdiff_t>(image.cols) * image.channels()),
        reach_(static_cast<ptrdiff_t>(p.size / 2) * image.channels()),
        blank_(static_cast<size_t>(n_), value_),
        spare_(blank_),
        edge_(kRows + 2 * (p.size / 2), static_cast<int>(kLanes + 2 * reach_), value_),
        result_(kRows, static_cast<int>(kLanes)) {}

  void filter(int begin, int end) {
    // Size 3 waits for memory, not for the network: few rows at a time are fetched ahead best.
    const int rows = p_.size == 3 ? 8 : kRows;
    for (int y = begin; y < end; y += rows) filter_block(y, std::min(rows, end - y));
  }

 private:
  static constexpr int kRows = 128;  // of a block at most; even
  static constexpr ptrdiff_t kLanes = kMedianLanes<T>;

  void filter_block(int y, int height) {
    const int r = p_.size / 2, count = height + height % 2;
    const T *rows[kRows + 4], *edge_rows[kRows + 4];
    T *to[kRows], *edge_to[kRows];
    for (int j = 0; j < count + 2 * r; ++j) {
      const int inside = border_index(y - r + j, image_.rows, p_.border);
      rows[j] = inside < 0 ? blank_.data() : image_.ptr<T>(inside);
      edge_rows[j] = edge_[j];
    }
    for (int j = 0; j < count; ++j) {
      to[j] = j < height ? out_.ptr<T>(y + j) : spare_.data();
      edge_to[j] = result_[j];
    }
    for (ptrdiff_t x = 0; x < n_; x += kLanes) {
      if (x >= reach_ && x + kLanes + reach_ <= n_) {
        median_down_strip<T>(rows, x - reach_, p_.size, image_.channels(), to, x, count, signs_);
        continue;
      }
      copy_edge(rows, x, count + 2 * r);
      median_down_strip<T>(edge_rows, 0, p_.size, image_.channels(), edge_to, 0, count, signs_);
      for (int j = 0; j < height; ++j) std::copy_n(edge_to[j], std::min(kLanes, n_ - x), to[j] + x);
    }
  }
  // The values that the windows of x .. x + kLanes - 1 reach; what lies beyond the picture's border is not read.
  void copy_edge(const T* const* rows, ptrdiff_t x, int height) {
    const ptrdiff_t channels = image_.channels(), begin = x - reach_, end = std::min(n_, x + kLanes) + reach_;
    const ptrdiff_t first = std::max<ptrdiff_t>(0, begin), last = std::min(n_, end);
    for (int j = 0; j < height; ++j) std::copy(rows[j] + first, rows[j] + last, edge_[j] + first - begin);
    const auto border = [&](ptrdiff_t from, ptrdiff_t to) {
      for (ptrdiff_t i = from + reach_; i < to + reach_; ++i) {
        const int inside = border_index(static_cast<int>(i / channels) - p_.size / 2, image_.cols, p_.border);
        for (int j = 0; j < height; ++j)
          edge_[j][i - x] = inside < 0 ? value_ : rows[j][inside * channels + i % channels];
      }
    };
    border(begin, first);
    border(last, end);
  }

  const cv::Mat& image_;
  cv::Mat& out_;
  const MedianParams& p_;
  T value_;
  ptrdiff_t n_, reach_;  // values
  std::vector<T> blank_, spare_;
  cv::Mat_<T> edge_, result_;
  bool signs_ = false;
};

// --- u8, any size: constant time -------------------------------------------------------------------------------------

// 16 cumulative bins: bin b counts the values up to b, so that the median's bin is found by comparing, not by walking.
// The compiler's vector type: a + b adds bin by bin, in one instruction.
using Bins = Simd<uint16_t, 16>;

// steps.of[v]: the bins of the one value v, 0 below it and 1 from it on.
struct Steps {
  Bins of[16];
  Steps() {
    for (int v = 0; v < 16; ++v)
      for (int i = 0; i < 16; ++i) of[v][i] = i >= v;
  }
};

// The first bin up to which more than `wanted` values lie: as many bins come before it as have `wanted` or less.
unsigned find_bin(const Bins& bins, int wanted) {
  using Marks = Simd<int8_t, 16>;
  using Halves = Simd<uint64_t, 2>;
  const Marks before = __builtin_convertvector(bins <= static_cast<uint16_t>(wanted), Marks);  // 0 or all bits
  const Halves halves = reinterpret_cast<Halves>(before);
  return static_cast<unsigned>(std::popcount(halves[0]) + std::popcount(halves[1])) / 8;
}

// One tile and channel.
class HistogramTile {
 public:
  HistogramTile(const cv::Mat_<uint8_t>& values, int channels, int channel, int size)
      : values_(values),
        channels_(channels),
        channel_(channel),
        size_(size),
        columns_(values.cols / channels),
        coarse_(static_cast<size_t>(columns_)),
        fine_(static_cast<size_t>(columns_) * 16) {}

  /// Medians of output rows 0 .. of the tile, `width` pixels each, to out(y) + pixel * channels.
  template <class Out>
  void filter(int height, int width, Out&& out) {
    for (int y = 0; y < size_ - 1; ++y) enter(y);
    for (int y = 0; y < height; ++y) {
      y == 0 ? enter(size_ - 1) : exchange(y + size_ - 1, y - 1);  // 1
      filter_row(width, out(y));
    }
  }

 private:
  void enter(int y) {
    const uint8_t* row = values_[y] + channel_;
    for (int x = 0; x < columns_; ++x) {
      const unsigned v = row[x * channels_];
      coarse_[static_cast<size_t>(x)] += steps_.of[v >> 4];
      fine_[bins_of(v >> 4, x)] += steps_.of[v & 15];
    }
  }
  void exchange(int enters, int leaves) {
    const uint8_t *in = values_[enters] + channel_, *out = values_[leaves] + channel_;
    for (int x = 0; x < columns_; ++x) {
      const unsigned v = in[x * channels_], w = out[x * channels_];
      coarse_[static_cast<size_t>(x)] += steps_.of[v >> 4] - steps_.of[w >> 4];
      fine_[bins_of(v >> 4, x)] += steps_.of[v & 15];
    }
    // A loop of its own: often the same bins, and what has just been written is slow to be read.
    for (int x = 0; x < columns_; ++x) {
      const unsigned w = out[x * channels_];
      fine_[bins_of(w >> 4, x)] -= steps_.of[w & 15];
    }
  }
  // All columns of one coarse bin stand together: it is along them that the fine bins are summed.
  size_t bins_of(unsigned coarse, int x) const {
    return coarse * static_cast<size_t>(columns_) + static_cast<size_t>(x);
  }

  void filter_row(int width, uint8_t* out) {
    Bins window{};
    Bins inside[16]{};  // fine bins of the window
    int upto[16]{};     // the column up to which they are summed
    for (int x = 0; x < size_ - 1; ++x) window += coarse_[static_cast<size_t>(x)];
    const int half = size_ * size_ / 2;
    for (int x = 0; x < width; ++x) {
      const int last = x + size_;                        // columns x .. last - 1
      window += coarse_[static_cast<size_t>(last - 1)];  // 2
      const unsigned bin = find_bin(window, half);       // 3
      const int wanted = bin == 0 ? half : half - window[bin - 1];
      bring_up(inside[bin], upto[bin], bin, last);
      out[static_cast<ptrdiff_t>(x) * channels_] = static_cast<uint8_t>(16 * bin + find_bin(inside[bin], wanted));
      window -= coarse_[static_cast<size_t>(x)];
    }
  }
  void bring_up(Bins& kept, int& upto, unsigned bin, int last) const {
    Bins fine = kept;
    if (2 * (last - upto) >= size_) {  // as many columns come and go as the window has
      fine = Bins{};
      for (int x = last - size_; x < last; ++x) fine += fine_[bins_of(bin, x)];
    } else {
      for (int x = upto; x < last; ++x) fine += fine_[bins_of(bin, x)] - fine_[bins_of(bin, x - size_)];
    }
    kept = fine;
    upto = last;
  }

  const cv::Mat_<uint8_t>& values_;
  int channels_, channel_, size_, columns_;
  std::vector<Bins> coarse_, fine_;
  Steps steps_;
};

// --- u16 and f32, any size: a histogram of ranks ---------------------------------------------------------------------

template <class T>
class RankTile {
 public:
  RankTile(const cv::Mat_<T>& values, int channels, int channel, int size)
      : size_(size), ranks_(values.rows, values.cols / channels) {
    for (int y = 0; y < ranks_.rows; ++y)
      for (int x = 0; x < ranks_.cols; ++x) distinct_.push_back(values(y, x * channels + channel));
    const auto before = [](T a, T b) { return a < b || (b != b && a == a); };  // what is no number comes last
    std::sort(distinct_.begin(), distinct_.end(), before);
    distinct_.erase(std::unique(distinct_.begin(), distinct_.end()), distinct_.end());
    for (int y = 0; y < ranks_.rows; ++y)  // 1
      for (int x = 0; x < ranks_.cols; ++x)
        ranks_(y, x) = static_cast<int>(
            std::lower_bound(distinct_.begin(), distinct_.end(), values(y, x * channels + channel), before) -
            distinct_.begin());
    count_.resize((distinct_.size() / kBlock + 1) * kBlock);
    block_.resize(distinct_.size() / kBlock + 1);
  }

  template <class Out>
  void filter(int height, int width, int channels, Out&& out) {
    for (int y = 0; y < height; ++y) {
      std::fill(count_.begin(), count_.end(), 0);
      std::fill(block_.begin(), block_.end(), 0);
      at_ = below_ = 0;
      for (int x = 0; x < size_ - 1; ++x) change_column(x, y, 1);
      T* to = out(y);
      for (int x = 0; x < width; ++x) {
        change_column(x + size_ - 1, y, 1);  // 2
        to[static_cast<ptrdiff_t>(x) * channels] = distinct_[static_cast<size_t>(median_rank())];
        change_column(x, y, -1);
      }
    }
  }

 private:
  static constexpr int kBlock = 64;  // ranks

  void change_column(int x, int y, int by) {
    for (int j = y; j < y + size_; ++j) {
      const int rank = ranks_(j, x), block = rank / kBlock;
      count_[static_cast<size_t>(rank)] += by;
      block_[static_cast<size_t>(block)] += by;
      below_ += block < at_ ? by : 0;
    }
  }
  // Moves `at_` to the block that holds the median.
  int median_rank() {
    const int half = size_ * size_ / 2;
    while (below_ > half) below_ -= block_[static_cast<size_t>(--at_)];
    while (below_ + block_[static_cast<size_t>(at_)] <= half) below_ += block_[static_cast<size_t>(at_++)];
    int wanted = half - below_, place = 0;
    const int* counts = count_.data() + static_cast<ptrdiff_t>(kBlock) * at_;
    while (wanted >= counts[place]) wanted -= counts[place++];
    return kBlock * at_ + place;
  }

  int size_;
  cv::Mat_<int> ranks_;
  std::vector<T> distinct_;
  std::vector<int> count_, block_;
  int at_ = 0, below_ = 0;  // a block of ranks; how many of the window's values lie in blocks below it
};

// --- the picture -----------------------------------------------------------------------------------------------------

template <class T>
void tile_median(const cv::Mat& image, const MedianParams& p, int x0, int x1, int y0, int y1, cv::Mat& out,
                 const Context& ctx) {
  const cv::Mat_<T> values = padded_tile<T>(image, p, x0, x1, y0, y1);
  const int channels = image.channels();
  for (int c = 0; c < channels; ++c) {
    const auto row = [&](int y) {
      ctx.check_cancelled();
      return out.ptr<T>(y0 + y) + static_cast<ptrdiff_t>(x0) * channels + c;
    };
    if constexpr (std::is_same_v<T, uint8_t>)
      HistogramTile(values, channels, c, p.size).filter(y1 - y0, x1 - x0, row);
    else
      RankTile<T>(values, channels, c, p.size).filter(y1 - y0, x1 - x0, channels, row);
  }
}

template <class T>
void filter_picture(const cv::Mat& image, const MedianParams& p, cv::Mat& out, const Context& ctx) {
  if (p.size == 1) return image.copyTo(out);
  const bool network = p.size <= 5;
  const int side = network ? 128 : std::max(128, 4 * p.size), columns = std::is_same_v<T, uint8_t> ? 256 : side;
  parallel_for(ctx.threads, image.rows, side, [&](Index begin, Index end) {
    ctx.check_cancelled();
    const int y0 = static_cast<int>(begin), y1 = static_cast<int>(end);
    if (network) return NetworkBand<T>(image, p, out).filter(y0, y1);
    for (int x = 0; x < image.cols; x += columns)
      tile_median<T>(image, p, x, std::min(image.cols, x + columns), y0, y1, out, ctx);
  });
}

}  // namespace

void Median::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  if (image.depth() == CV_8U)
    filter_picture<uint8_t>(image, p, out, ctx);
  else if (image.depth() == CV_16U)
    filter_picture<uint16_t>(image, p, out, ctx);
  else
    filter_picture<float>(image, p, out, ctx);
  ctx.trace.image([&] {
    return TraceImage{"result",
                      "Median of each window",
                      "The picture without specks; its edges are where they were.",
                      view_of(out),
                      false,
                      {},
                      "imgproc/filter/median.cpp:Median::apply"};
  });
}

}  // namespace assay
