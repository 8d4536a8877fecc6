// imgproc/geometry/pyramid.cpp
// Notation   w = (1, 4, 6, 4, 1): weights times 16;  g_l, L_l as in the paper
// Method     reduce: five rows are summed, then every second pixel of the sums.  expand: one row in, two rows of sums out,
//            each spread to twice its length.  Integers: sums are whole, one rounding at the end
// Departures from the paper: its edge rows are extrapolated, ours mirrored (reflect101). Integer levels are rounded, and
//            details are taken from the rounded expansion, so that collapsing gives every bit back.

#include "assay/imgproc/geometry/pyramid.h"

#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/geometry/pyramid_kernels.h"
#include "assay/imgproc/geometry/size.h"

namespace assay {

namespace {

// f(T(), Sum())
template <class F>
void with_types(int depth, F&& f) {
  if (depth == CV_8U)
    f(uint8_t(), uint16_t());
  else if (depth == CV_16U)
    f(uint16_t(), uint32_t());
  else
    f(float(), float());
}

// Two pixels before and after the row, as reflect101 of `fine` pixels has them; `every`: of the finer grid, one place in
// that many is a pixel of this row.
template <class Sum>
void mirror_ends(Sum* row, int n, int channels, int fine, int every) {
  for (int k : {-2, -1, n, n + 1}) {
    const int from = border_index(k * every, fine, Border::reflect101) / every;
    for (int c = 0; c < channels; ++c) row[k * channels + c] = row[from * channels + c];
  }
}

template <class T, class Sum>
void reduce_rows(const cv::Mat& image, bool up, cv::Mat& out, int begin, int end) {
  const int channels = image.channels();
  std::vector<Sum> sums(static_cast<size_t>((image.cols + 6) * channels));
  Sum* s = sums.data() + 2 * channels;
  for (int y = begin; y < end; ++y) {
    const T* rows[5];
    for (int m = -2; m <= 2; ++m) rows[m + 2] = image.ptr<T>(border_index(2 * y + m, image.rows, Border::reflect101));
    binomial_rows(rows, s, static_cast<ptrdiff_t>(image.cols) * channels);
    mirror_ends(s, image.cols, channels, image.cols, 1);
    binomial_halve(s, channels, out.cols, up, out.ptr<T>(y));
  }
}

template <class T, class Sum>
void expand_row_pairs(const cv::Mat& image, bool up, cv::Mat& out, int begin, int end) {
  const int channels = image.channels();
  const size_t length = static_cast<size_t>((image.cols + 4) * channels);
  std::vector<Sum> even(length), odd(length);
  Sum *e = even.data() + 2 * channels, *o = odd.data() + 2 * channels;
  const int columns = up ? 2 * image.cols : out.cols;  // OpenCV mirrors as if both sides were even
  const int height = up ? 2 * image.rows : out.rows;
  for (int y = begin; y < end; ++y) {
    const T* rows[3];
    for (int m = -1; m <= 1; ++m) rows[m + 1] = image.ptr<T>(border_index(2 * (y + m), height, Border::reflect101) / 2);
    expand_rows(rows, e, o, static_cast<ptrdiff_t>(image.cols) * channels);
    mirror_ends(e, image.cols, channels, columns, 2);
    expand_along(e, channels, out.cols, up, out.ptr<T>(2 * y));
    if (2 * y + 1 == out.rows) break;
    mirror_ends(o, image.cols, channels, columns, 2);
    expand_along(o, channels, out.cols, up, out.ptr<T>(2 * y + 1));
  }
}

cv::Mat as_float(const cv::Mat& image) {
  cv::Mat real;
  image.convertTo(real, CV_32F);
  return real;
}

cv::Mat detail_of(const cv::Mat& fine, const cv::Mat& coarse, PyramidConvention convention, const Context& ctx) {
  cv::Mat expanded;
  pyramid_expand(coarse, fine.size(), convention, expanded, ctx);
  return as_float(fine) - as_float(expanded);
}

}  // namespace

void pyramid_reduce(const cv::Mat& image, PyramidConvention convention, cv::Mat& out, const Context& ctx) {
  out.create((image.rows + 1) / 2, (image.cols + 1) / 2, image.type());
  with_types(image.depth(), [&](auto t, auto sum) {
    parallel_for(ctx.threads, out.rows, 64, [&](Index begin, Index end) {
      reduce_rows<decltype(t), decltype(sum)>(image, convention == PyramidConvention::opencv, out,
                                              static_cast<int>(begin), static_cast<int>(end));
    });
  });
}

void pyramid_expand(const cv::Mat& image, const cv::Size& size, PyramidConvention convention, cv::Mat& out,
                    const Context& ctx) {
  out.create(size, image.type());
  with_types(image.depth(), [&](auto t, auto sum) {
    parallel_for(ctx.threads, image.rows, 32, [&](Index begin, Index end) {
      expand_row_pairs<decltype(t), decltype(sum)>(image, convention == PyramidConvention::opencv, out,
                                                   static_cast<int>(begin), static_cast<int>(end));
    });
  });
}

std::vector<cv::Mat> gaussian_pyramid(const cv::Mat& image, int levels, const Context& ctx) {
  std::vector<cv::Mat> g{image};
  for (int l = 0; l < levels; ++l) {
    cv::Mat next;
    pyramid_reduce(g.back(), PyramidConvention::exact, next, ctx);
    g.push_back(next);
  }
  return g;
}

std::vector<cv::Mat> laplacian_pyramid(const cv::Mat& image, int levels, const Context& ctx) {
  std::vector<cv::Mat> g = gaussian_pyramid(image, levels, ctx);
  for (size_t l = 0; l + 1 < g.size(); ++l) g[l] = detail_of(g[l], g[l + 1], PyramidConvention::exact, ctx);
  return g;
}

cv::Mat collapse_pyramid(const std::vector<cv::Mat>& laplacian, const Context& ctx) {
  cv::Mat g = laplacian.back().clone();
  for (size_t l = laplacian.size() - 1; l-- > 0;) {
    cv::Mat expanded;
    pyramid_expand(g, laplacian[l].size(), PyramidConvention::exact, expanded, ctx);
    const cv::Mat sum = as_float(expanded) + laplacian[l];
    sum.convertTo(g, laplacian.back().depth());
  }
  return g;
}

void Pyramid::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  cv::Mat level = image;
  for (int l = 0; l < p.levels; ++l) {
    ctx.check_cancelled();
    cv::Mat next, &to = l + 1 == p.levels && p.kind != PyramidKind::laplacian ? out : next;
    if (p.kind == PyramidKind::expand)
      pyramid_expand(level, output_size("pyramid", 2.0 * level.cols, 2.0 * level.rows), p.convention, to, ctx);
    else
      pyramid_reduce(level, p.convention, to, ctx);
    if (p.kind == PyramidKind::laplacian && l + 1 == p.levels) detail_of(level, next, p.convention, ctx).copyTo(out);
    level = to;
    ctx.trace.image([&] {
      return TraceImage{
          "level-" + std::to_string(l + 1),
          p.kind == PyramidKind::expand ? "Expand [Burt, Adelson, eq. 2]" : "Reduce [Burt, Adelson, eq. 1]",
          "The picture at this level.",
          view_of(level),
          false,
          {{"l", static_cast<long long>(l + 1), "level"}},
          "imgproc/geometry/pyramid.cpp:Pyramid::apply"};
    });
  }
}

}  // namespace assay
