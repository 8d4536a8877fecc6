// imgproc/geometry/resize.cpp
// Notation   T the picture's type, Real the type of the sums (f32 for u8 and f32, f64 for u16; 16 bits for u8, f32 for u16 where they hold it);  tx, ty: taps along x, y
// Method     1 taps of both axes   2 sums along the row and down the columns, the cheaper order   3 integer depths:
//            round. Where the weights are whole numbers over a small denominator, the sum is a fraction of whole numbers
//            and is rounded exactly; elsewhere the fast sum errs by at most a proven bound, and where it lies within
//            that of a half, the direct sum in f64 decides (bicubic, 8 bits: from the sums along the rows, whole numbers)
// Departures from the papers: none beside those of taps.cpp.

#include "assay/imgproc/geometry/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "assay/core/parallel.h"
#include "assay/imgproc/filter/rounding_internal.h"
#include "assay/imgproc/geometry/byte_rows_kernels.h"
#include "assay/imgproc/geometry/pixels_internal.h"
#include "assay/imgproc/geometry/resize_internal.h"
#include "assay/imgproc/geometry/resize_kernels.h"
#include "assay/imgproc/geometry/size.h"

namespace assay {

namespace {

struct TapsStep {
  static constexpr const char* kind = "taps";
  static constexpr const char* title =
      "Which input pixels the first output pixels are made of: c = (x + 1/2) from / to - 1/2";
  static constexpr const char* source = "imgproc/geometry/taps.cpp:resize_taps";
  const char* axis;
  int x, first;
  double c;
  std::vector<double> w;
  static void fields(const TapsStep& s, auto&& field) {
    field("axis", s.axis, "along the rows (x) or down the columns (y)");
    field("x", s.x, "output position");
    field("c", s.c, "the input position over which its centre stands");
    field("first", s.first, "first input pixel with a weight");
    field("w", s.w, "weights of the pixels from there on; they sum to 1");
  }
};

void show_taps(const char* axis, const Taps& taps, const Context& ctx) {
  for (int x = 0; x < std::min(taps.to, 16); ++x)
    ctx.trace.step([&] {
      const auto begin = taps.weight.begin() + static_cast<ptrdiff_t>(x) * taps.count;
      return TapsStep{axis, x, taps.first[static_cast<size_t>(x)], (x + 0.5) * taps.from / taps.to - 0.5,
                      std::vector<double>(begin, begin + taps.count)};
    });
}

// Whole weights, none below 0: no sum leaves the scale.
bool are_shares(const Taps& taps) {
  return taps.denominator > 0 && std::all_of(taps.whole.begin(), taps.whole.end(), [](double w) { return w >= 0; });
}

template <class T, class Real>
class Resizer {
 public:
  Resizer(const cv::Mat& image, const Taps& tx, const Taps& ty, cv::Mat& out, WholeDivision division = {})
      : image_(image),
        tx_(tx),
        ty_(ty),
        out_(out),
        whole_(fraction_is_exact()),
        division_(division),
        plan_(tx, whole_ ? tx.whole : tx.weight, image.channels()) {
    if constexpr (kSmall) bytes_ = BytePlan::of(tx, image.channels());
    if constexpr (kBytes) {
      if (tx.denominator > 0 && ty.denominator > 0) dots_ = ByteDots<Real>::of(tx, image.channels());
      whole_ = whole_ && (kSmall || !dots_);  // sums of rows straight to bytes are faster than fractions
    }
    const std::vector<double>& wy = whole_ ? ty.whole : ty.weight;
    wy_.assign(wy.begin(), wy.end());
    const double sums = tx.largest_sum() * ty.largest_sum() * full_scale(image);
    const double terms = tx.count + ty.count + 4;
    if constexpr (kRounds)
      rounding_.emplace((std::is_same_v<Real, float> ? 0x1p-24 : 0x1p-53) * terms * sums * 1.001,
                        2 * 0x1p-53 * terms * sums);
    fast_error_ = 0x1p-24 * (dots_ ? ty.count + 3 : terms) * (sums + 1) * 1.001;
    direct_error_ = 2 * 0x1p-53 * terms * sums;
    if (dots_ && !whole_) {
      wy_.assign(ty.whole.begin(), ty.whole.end());
      for (Real& w : wy_) w = static_cast<Real>(static_cast<double>(w) / (tx.denominator * ty.denominator));
    }
  }

  void all_rows(const Context& ctx) {
    // A value of a column sum costs 1, one of a row sum about 2, from bytes about 1.
    const double w_in = image_.cols, w_out = out_.cols, h_in = image_.rows, h_out = out_.rows;
    const double rows = (dots_ ? 0.5 : bytes_ ? 1 : 2) * h_in * w_out * tx_.count;
    const bool columns_first =
        !(dots_ && !whole_) &&
        (plan_.groups() || h_out * (w_in * ty_.count + 2 * w_out * tx_.count) < rows + h_out * w_out * ty_.count);
    parallel_for(ctx.threads, out_.rows, 64, [&](Index begin, Index end) {
      ctx.check_cancelled();
      if (columns_first)
        columns_then_rows(static_cast<int>(begin), static_cast<int>(end));
      else
        rows_then_columns(static_cast<int>(begin), static_cast<int>(end));
    });
  }

 private:
  static constexpr ptrdiff_t kSlack = RowPlan<Real>::kSlack;
  static constexpr bool kSmall = std::is_same_v<Real, uint16_t>;  // bytes, whole weights, sums below 2^16
  static constexpr bool kBytes = std::is_same_v<T, uint8_t>;
  static constexpr bool kFractions = kSmall || (std::is_same_v<T, uint16_t> && std::is_same_v<Real, float>);  // always
  static constexpr bool kRounds = !kFractions && !std::is_same_v<T, Real>;

  bool fraction_is_exact() const {
    if (kFractions) return true;
    if (std::is_same_v<T, float> || !are_shares(tx_) || !are_shares(ty_)) return false;
    return tx_.denominator * ty_.denominator <= largest_denominator<T, Real>;
  }
  ptrdiff_t values_in() const { return static_cast<ptrdiff_t>(image_.cols) * image_.channels(); }
  ptrdiff_t values_out() const { return static_cast<ptrdiff_t>(out_.cols) * image_.channels(); }
  const Real* row_weights(int y) const { return wy_.data() + static_cast<ptrdiff_t>(y) * ty_.count; }

  void columns_then_rows(int begin, int end) {
    std::vector<Real> column(static_cast<size_t>(values_in() + kSlack)),
        sums(static_cast<size_t>(values_out() + kSlack));
    std::vector<const T*> rows(static_cast<size_t>(ty_.count));
    for (int y = begin; y < end; ++y) {
      for (int t = 0; t < ty_.count; ++t)
        rows[static_cast<size_t>(t)] = image_.ptr<T>(ty_.first[static_cast<size_t>(y)] + t);
      sum_rows(rows.data(), row_weights(y), ty_.count, column.data(), values_in());
      plan_.row_sums(column.data(), sums.data());
      finish(sums.data(), 0, values_out(), y);
    }
  }

  // Strip by strip, so that the filtered rows, a ring of `count` (row r in slot r mod count), stay in the first-level cache.
  void rows_then_columns(int begin, int end) {
    constexpr size_t kUnit = 1024, kCached = 24576;  // values, a multiple of every block; bytes
    const size_t count = static_cast<size_t>(ty_.count);
    const size_t strip = std::max<size_t>(1, kCached / (count * sizeof(Real)) / kUnit) * kUnit;
    const size_t step = strip + 3 * 64 / sizeof(Real);  // not all rows in the same place of the cache
    std::vector<Real> wide(static_cast<size_t>(values_in() + kSlack)), sums(strip);
    LineVector<Real> ring(count * step);
    std::vector<int> doubts(kBytes ? strip : 0);
    std::vector<const Real*> rows(count);
    for (ptrdiff_t left = 0; left < values_out(); left += static_cast<ptrdiff_t>(strip)) {
      const ptrdiff_t n = std::min(static_cast<ptrdiff_t>(strip), values_out() - left);
      int filtered = ty_.first[static_cast<size_t>(begin)];  // rows below this are in the ring, or no longer needed
      for (int y = begin; y < end; ++y) {
        const int first = ty_.first[static_cast<size_t>(y)];
        for (filtered = std::max(filtered, first); filtered < first + ty_.count; ++filtered)
          filter_row(filtered, left, n, wide, ring.data() + step * (static_cast<size_t>(filtered) % count));
        for (size_t t = 0; t < count; ++t) rows[t] = ring.data() + step * ((static_cast<size_t>(first) + t) % count);
        if constexpr (std::is_same_v<T, Real>) {
          sum_rows(rows.data(), row_weights(y), ty_.count, out_.ptr<T>(y) + left, n);
        } else if (kBytes && sum_and_finish(rows, left, n, y, doubts.data())) {
        } else {
          sum_rows(rows.data(), row_weights(y), ty_.count, sums.data(), n);
          finish(sums.data(), left, n, y);
        }
      }
    }
  }

  // In one step, where there is one for it.
  bool sum_and_finish([[maybe_unused]] const std::vector<const Real*>& rows, [[maybe_unused]] ptrdiff_t left,
                      [[maybe_unused]] ptrdiff_t n, [[maybe_unused]] int y, [[maybe_unused]] int* doubts) const {
    if constexpr (kSmall) {
      if (ty_.count != 2) return false;
      const Real* w = row_weights(y);
      blend_rows_divided(rows[0], rows[1], w[0], w[1], division_, out_.ptr<T>(y) + left, n);
      return true;
    } else if constexpr (kBytes) {
      if (whole_ || ty_.count > 8) return false;
      T* to = out_.ptr<T>(y) + left;
      const int* end = doubts + sum_rows_rounded(rows.data(), row_weights(y), ty_.count, fast_error_, to, n, doubts);
      for (; doubts < end; ++doubts) {
        const ptrdiff_t i = *doubts;
        const double sum = dots_ ? sum_of_whole(rows, i, y) : direct_sum(left + i, y);
        to[i] = static_cast<T>(std::clamp(rounding::nearest_or_tie(sum, direct_error_), 0.0, 255.0));
      }
      return true;
    }
    return false;
  }

  // The rows are whole numbers, and so are the weights: one rounding, that of the division.
  double sum_of_whole(const std::vector<const Real*>& rows, ptrdiff_t i, int y) const {
    double sum = 0;
    for (int t = 0; t < ty_.count; ++t)
      sum += ty_.whole[static_cast<size_t>(static_cast<ptrdiff_t>(y) * ty_.count + t)] *
             static_cast<double>(rows[static_cast<size_t>(t)][i]);
    return sum / (tx_.denominator * ty_.denominator);
  }

  // Output values left..left + n of row r of the picture.
  void filter_row(int r, ptrdiff_t left, ptrdiff_t n, std::vector<Real>& wide, Real* to) const {
    const T* row = image_.ptr<T>(r);
    if constexpr (kBytes)
      if (dots_ || bytes_) {
        if (static_cast<size_t>(image_.rows - 1 - r) * image_.step[0] <
            BytePlan::kSlack) {  // else the next rows follow
          auto* copy = reinterpret_cast<uint8_t*>(wide.data());
          std::copy_n(row, values_in(), copy);
          row = copy;
        }
        const auto sums = [&](const auto& plan) {
          constexpr ptrdiff_t kBlock = std::decay_t<decltype(plan)>::kBlock;
          plan.block_range_sums(row, left / kBlock, (left + n + kBlock - 1) / kBlock, to);
        };
        if (dots_) return sums(*dots_);
        if constexpr (kSmall) return sums(*bytes_);
      }
    constexpr ptrdiff_t kBlock = RowPlan<Real>::kBlock;
    const ptrdiff_t channels = image_.channels(), x0 = left / channels, x1 = (left + n - 1) / channels;
    const ptrdiff_t low = tx_.first[static_cast<size_t>(x0)] * channels,
                    high = (tx_.first[static_cast<size_t>(x1)] + tx_.count) * channels;
    widen_values(row + low, wide.data() + low, high - low);
    plan_.block_range_sums(wide.data(), left / kBlock, (left + n + kBlock - 1) / kBlock, to);
  }

  // `sums` holds n values of row y, from value `begin` on.
  void finish(const Real* sums, ptrdiff_t begin, ptrdiff_t n, int y) {
    T* to = out_.ptr<T>(y) + begin;
    if constexpr (std::is_same_v<T, Real>) {
      std::copy_n(sums, n, to);
    } else if (whole_) {
      if constexpr (std::is_same_v<Real, uint16_t>)
        round_fractions(sums, division_, to, n);
      else
        round_fractions(sums, static_cast<Real>(tx_.denominator * ty_.denominator), to, n);
    } else if constexpr (kRounds) {
      rounding_->row(sums, to, n, [&](ptrdiff_t i) { return direct_sum(begin + i, y); });
    }
  }

  double direct_sum(ptrdiff_t i, int y) const {
    const ptrdiff_t channels = image_.channels(), x = i / channels, c = i % channels;
    double sum = 0;
    for (int ty = 0; ty < ty_.count; ++ty) {
      const T* row = image_.ptr<T>(ty_.first[static_cast<size_t>(y)] + ty) +
                     static_cast<ptrdiff_t>(tx_.first[static_cast<size_t>(x)]) * channels + c;
      double along = 0;
      for (ptrdiff_t tx = 0; tx < tx_.count; ++tx)
        along += tx_.weight[static_cast<size_t>(x * tx_.count + tx)] * static_cast<double>(row[tx * channels]);
      sum += ty_.weight[static_cast<size_t>(static_cast<ptrdiff_t>(y) * ty_.count + ty)] * along;
    }
    return sum;
  }

  const cv::Mat& image_;
  const Taps &tx_, &ty_;
  cv::Mat& out_;
  bool whole_;
  WholeDivision division_;
  RowPlan<Real> plan_;
  std::optional<BytePlan> bytes_;
  std::conditional_t<kBytes, std::optional<ByteDots<std::conditional_t<kBytes, Real, float>>>, bool> dots_{};
  std::vector<Real> wy_;
  std::conditional_t<kRounds, std::optional<rounding::Rounding<T, Real>>, bool> rounding_{};
  double fast_error_ = 0, direct_error_ = 0;
};

// Half or a quarter of the size, bilinear (half: area, too): means of the four pixels in the middle of a square; bytes by area, a
// quarter: of all sixteen. Their taps need not be made, which would take a third of the time.
template <class T>
void mean_rows(const cv::Mat& image, int times, bool area, cv::Mat& out, const Context& ctx) {
  parallel_for(ctx.threads, out.rows, 128, [&](Index begin, Index end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const T *upper = image.ptr<T>(times * y + times / 2 - 1), *lower = image.ptr<T>(times * y + times / 2);
      if constexpr (std::is_same_v<T, uint8_t>) {
        if (area && times == 4)
          mean_of_sixteen({image.ptr(4 * y), upper, lower, image.ptr(4 * y + 3)}, out.ptr(y), out.cols);
        else if (image.channels() > 1)
          mean_of_four_colours(upper, lower, times, image.channels(), out.ptr(y), out.cols);
        else
          mean_of_four(upper, lower, times, out.ptr<T>(y), out.cols);
      } else {
        mean_of_four(upper, lower, times, out.ptr<T>(y), out.cols);
      }
    }
  });
}

bool shrink_by_means(const cv::Mat& image, const ResizeParams& p, cv::Mat& out, const Context& ctx) {
  const int times = image.cols / out.cols;
  const bool area = p.method == Interpolation::area, bytes = image.depth() == CV_8U, grey = image.channels() == 1;
  if ((times != 2 && times != 4) || image.cols != times * out.cols || image.rows != times * out.rows) return false;
  if (!(area ? times == 2 || (bytes && grey) : p.method == Interpolation::bilinear && !p.antialias)) return false;
  if (!bytes && !grey) return false;
  if (bytes)
    mean_rows<uint8_t>(image, times, area, out, ctx);
  else if (image.depth() == CV_16U)
    mean_rows<uint16_t>(image, times, area, out, ctx);
  else
    mean_rows<float>(image, times, area, out, ctx);
  return true;
}

// In 16 bits where the weights are small enough, twice as many at once.
void resize_bytes(const cv::Mat& image, const Taps& tx, const Taps& ty, cv::Mat& out, const Context& ctx) {
  const std::optional<WholeDivision> division =
      are_shares(tx) && are_shares(ty) ? WholeDivision::by(tx.denominator * ty.denominator) : std::nullopt;
  if (division)
    Resizer<uint8_t, uint16_t>(image, tx, ty, out, *division).all_rows(ctx);
  else
    Resizer<uint8_t, float>(image, tx, ty, out).all_rows(ctx);
}

// In f32 where sums are whole numbers that it holds.
void resize_words(const cv::Mat& image, const Taps& tx, const Taps& ty, cv::Mat& out, const Context& ctx) {
  if (are_shares(tx) && are_shares(ty) && tx.denominator * ty.denominator <= largest_denominator<uint16_t, float>)
    Resizer<uint16_t, float>(image, tx, ty, out).all_rows(ctx);
  else
    Resizer<uint16_t, double>(image, tx, ty, out).all_rows(ctx);
}

void resize_exact(const cv::Mat& image, const ResizeParams& p, cv::Mat& out, const Context& ctx) {
  if (!ctx.trace && shrink_by_means(image, p, out, ctx)) return;
  const Taps tx = resize_taps(image.cols, out.cols, p.method, p.antialias);
  const Taps ty = resize_taps(image.rows, out.rows, p.method, p.antialias);
  show_taps("x", tx, ctx);
  show_taps("y", ty, ctx);
  if (p.method == Interpolation::nearest)
    detail::pick_pixels(image, tx.first, ty.first, out, ctx);
  else if (image.depth() == CV_8U)
    resize_bytes(image, tx, ty, out, ctx);
  else if (image.depth() == CV_16U)
    resize_words(image, tx, ty, out, ctx);
  else
    Resizer<float, float>(image, tx, ty, out).all_rows(ctx);
}

int rounded_side(double side) { return static_cast<int>(std::clamp(std::round(side), 1.0, 2e9)); }

}  // namespace

void detail::pick_pixels(const cv::Mat& image, const std::vector<int>& columns, const std::vector<int>& rows,
                         cv::Mat& out, const Context& ctx) {
  Taps taps;  // as bytes, whatever the pixels are
  taps.from = image.cols, taps.to = out.cols, taps.count = 1, taps.first = columns, taps.denominator = 1;
  taps.whole.assign(columns.size(), 1);
  const auto pixel_bytes = static_cast<int>(image.elemSize());
  const std::optional<BytePlan> plan =
      std::is_sorted(columns.begin(), columns.end()) ? BytePlan::of(taps, pixel_bytes) : std::nullopt;
  with_pixel(image.elemSize(), [&](auto pixel) {
    using Pixel = decltype(pixel);
    parallel_for(ctx.threads, out.rows, 64, [&](Index begin, Index end) {
      for (int y = static_cast<int>(begin); y < end; ++y) {
        const int r = rows[static_cast<size_t>(y)];
        if (y > begin && r == rows[static_cast<size_t>(y - 1)]) {
          std::memcpy(out.ptr(y), out.ptr(y - 1), static_cast<size_t>(out.cols) * sizeof(Pixel));
          continue;
        }
        ptrdiff_t done = 0;
        if (plan &&
            static_cast<size_t>(image.rows - 1 - r) * image.step[0] >= BytePlan::kSlack)  // the next rows follow
          done = plan->pick(image.ptr(r), out.ptr(y)) / pixel_bytes;  // a pixel cut in two is written again
        const Pixel* from = image.ptr<Pixel>(r);
        Pixel* __restrict to = out.ptr<Pixel>(y);
        const int* __restrict at = columns.data();
        for (auto x = static_cast<int>(done); x < out.cols; ++x) to[x] = from[at[x]];
      }
    });
  });
}

std::optional<std::string> ResizeParams::check(const ResizeParams& p) {
  if (p.factor && (p.width || p.height)) return "resize takes factor, or width and height, not both";
  if (p.convention == ResizeConvention::skimage && p.method != Interpolation::nearest &&
      p.method != Interpolation::bilinear)
    return "resize: convention=skimage has the methods nearest and bilinear";
  if (p.antialias && p.convention != ResizeConvention::exact && p.convention != ResizeConvention::pillow)
    return "resize: antialias goes with the conventions exact and pillow";
  return std::nullopt;
}

cv::Size resized(const cv::Size& size, const ResizeParams& p) {
  if (p.factor)
    return output_size("resize", rounded_side(size.width * *p.factor), rounded_side(size.height * *p.factor));
  if (!p.width && !p.height) return size;
  const double w = p.width ? *p.width : rounded_side(static_cast<double>(size.width) * *p.height / size.height);
  const double h = p.height ? *p.height : rounded_side(static_cast<double>(size.height) * *p.width / size.width);
  return output_size("resize", w, h);
}

void Resize::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const int depth =
      p.convention == ResizeConvention::skimage && p.method == Interpolation::bilinear ? CV_32F : image.depth();
  out.create(resized(image.size(), p), CV_MAKETYPE(depth, image.channels()));
  switch (p.convention) {
    case ResizeConvention::exact:
      return resize_exact(image, p, out, ctx);
    case ResizeConvention::opencv:
      return detail::resize_opencv(image, p.method, out, ctx);
    case ResizeConvention::skimage:
      return detail::resize_skimage(image, p.method, out, ctx);
    case ResizeConvention::pillow:
      return detail::resize_pillow(image, p.method, out, ctx);
  }
}

}  // namespace assay
