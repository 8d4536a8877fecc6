// imgproc/filter/gaussian_recursive.cpp
// Notation   h the response (1);  u one term's recursion;  R: how far a line is continued beyond its ends;  lines: rows or
//            columns, kLines side by side
// Method     1 the four coefficients of each term, scaled so that h sums to 1   2 lines continued by the border rule, R values
//            on each side   3 each term runs forwards and backwards; the centre, met twice, is taken off once   4 first all
//            rows, then all columns   5 integer depths: rounded to the nearest, ties to even
// Departures from the paper: terms run side by side (sections of second order) instead of as one recursion of fourth order,
//            which loses more digits at a large sigma; both directions take the same filter, with the centre in both; h is
//            scaled to the exact sum 1

#include "assay/imgproc/filter/gaussian_recursive.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/filter/gaussian_recursive_kernels.h"
#include "assay/imgproc/filter/rounding_internal.h"

namespace assay {

namespace {

// [Deriche1993], the fourth-order approximation: a, b, c, d of (1), up to a factor.
constexpr double kDeriche[2][4] = {{1.783, 0.6318, 1.68, 3.735}, {1.723, 1.997, -0.6803, -0.2598}};

double response(double i, double sigma) {
  double sum = 0;
  for (const auto& [a, b, c, d] : kDeriche)
    sum += std::exp(-a * i / sigma) * (c * std::cos(b * i / sigma) + d * std::sin(b * i / sigma));
  return sum;
}

struct Recursion {
  RecursiveTerm terms[2];
  double centre;  // h(0)
  int reach;      // R
};

// 1
Recursion recursion_for(double sigma) {
  Recursion r{};
  double total = -response(0, sigma);
  for (int k = 0; k < 2; ++k) {
    const auto& [a, b, c, d] = kDeriche[k];
    const double decay = std::exp(-a / sigma), cosine = std::cos(b / sigma), sine = std::sin(b / sigma);
    r.terms[k] = {c, decay * (d * sine - c * cosine), -2 * decay * cosine, decay * decay};
    total += 2 * (r.terms[k].n0 + r.terms[k].n1) / (1 + r.terms[k].d1 + r.terms[k].d2);
  }
  for (RecursiveTerm& t : r.terms) t.n0 /= total, t.n1 /= total;
  r.centre = response(0, sigma) / total;
  r.reach = static_cast<int>(std::ceil(10 * sigma));  // beyond it lies less than 1e-6 of h
  return r;
}

// Lines [first, first + kLines) of a picture of doubles, rows or columns, with R values more on each side.
struct Lines {
  std::vector<double> from, to;
  explicit Lines(ptrdiff_t length) : from(static_cast<size_t>(length) * kLines), to(from.size()) {}
};

// 3
void filter(const Recursion& r, Lines& lines) {
  filter_lines(lines.from.data(), r.terms, r.centre, lines.to.data(),
               static_cast<ptrdiff_t>(lines.from.size()) / kLines);
}

// Rows y .. y + kLines - 1 (fewer at the end), one channel after the other; the rows are as wide as the picture.
void filter_rows(const Recursion& r, const cv::Mat& image, const GaussianParams& p, int begin, int end,
                 cv::Mat_<double>& half) {
  const int channels = image.channels(), padded = image.cols + 2 * r.reach;
  std::vector<double> row(static_cast<size_t>(padded) * static_cast<size_t>(channels));
  std::vector<Lines> lines(static_cast<size_t>(channels), Lines(padded));
  for (int y = begin; y < end; y += kLines) {
    const int count = std::min(kLines, end - y);
    for (int j = 0; j < count; ++j) {
      padded_row(image, y + j, 0, image.cols, r.reach, p.border, p.value, row.data());  // 2
      for (int c = 0; c < channels; ++c)
        for (ptrdiff_t i = 0; i < padded; ++i)
          lines[static_cast<size_t>(c)].from[static_cast<size_t>(i * kLines + j)] =
              row[static_cast<size_t>(i * channels + c)];
    }
    for (int c = 0; c < channels; ++c) {
      Lines& l = lines[static_cast<size_t>(c)];
      filter(r, l);
      for (int j = 0; j < count; ++j)
        for (ptrdiff_t x = 0; x < image.cols; ++x)
          half[y + j][x * channels + c] = l.to[static_cast<size_t>((x + r.reach) * kLines + j)];
    }
  }
}

template <class T>
T rounded(double v) {
  if constexpr (std::is_same_v<T, float>) return static_cast<float>(v);
  return static_cast<T>(rounding::nearest(std::clamp(v, 0.0, static_cast<double>(std::numeric_limits<T>::max()))));
}

// Columns [begin, end) of values.
template <class T>
void filter_columns(const Recursion& r, const cv::Mat_<double>& half, const GaussianParams& p, int begin, int end,
                    cv::Mat& out) {
  Lines lines(half.rows + 2 * r.reach);
  for (int x = begin; x < end; x += kLines) {
    const int count = std::min(kLines, end - x);
    for (int y = -r.reach; y < half.rows + r.reach; ++y) {  // 2
      double* to = lines.from.data() + static_cast<ptrdiff_t>(y + r.reach) * kLines;
      const int inside = border_index(y, half.rows, p.border);
      if (inside < 0)
        std::fill_n(to, count, p.value);
      else
        std::copy_n(half[inside] + x, count, to);
    }
    filter(r, lines);
    for (int y = 0; y < half.rows; ++y) {
      const double* from = lines.to.data() + static_cast<ptrdiff_t>(y + r.reach) * kLines;
      std::transform(from, from + count, out.ptr<T>(y) + x, rounded<T>);  // 5
    }
  }
}

}  // namespace

double recursive_error(double sigma) {
  const Recursion r = recursion_for(sigma);
  const int far = static_cast<int>(std::ceil(30 * sigma));
  const std::vector<double> g = gaussian_weights(sigma, far);
  double apart = 0;  // sum of |h(i) - g(i)|; |h h - g g| <= |h - g| |h| + |g| |h - g|
  for (int i = -far; i <= far; ++i)
    apart +=
        std::abs(r.centre / response(0, sigma) * response(std::abs(i), sigma) - g[static_cast<size_t>(std::abs(i))]);
  return apart * (2 + apart) / 2 + 2e-6;  // and what lies beyond R
}

void gaussian_recursive(const GaussianParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const Recursion r = recursion_for(p.sigma);
  const int values = image.cols * image.channels();
  cv::Mat_<double> half(image.rows, values);
  parallel_for(ctx.threads, image.rows, 4 * kLines, [&](Index begin, Index end) {  // 4
    ctx.check_cancelled();
    filter_rows(r, image, p, static_cast<int>(begin), static_cast<int>(end), half);
  });
  parallel_for(ctx.threads, values, 8 * kLines, [&](Index begin, Index end) {
    ctx.check_cancelled();
    const int x0 = static_cast<int>(begin), x1 = static_cast<int>(end);
    if (image.depth() == CV_8U) return filter_columns<uint8_t>(r, half, p, x0, x1, out);
    if (image.depth() == CV_16U) return filter_columns<uint16_t>(r, half, p, x0, x1, out);
    filter_columns<float>(r, half, p, x0, x1, out);
  });
}

}  // namespace assay
