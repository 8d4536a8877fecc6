// imgproc/edge/laplacian.cpp
// Notation   g, h: weights of the Gaussian and of its second derivative;  r their radius
// Method     laplacian: three rows at a time, where they stand; at the edges of the picture, padded
//            log: 1 each row is filtered by g and by h   2 down the columns the first by h, the second by g; their sum
//            3 zero crossings
//            dog: two Gaussians of the picture as floats, and their difference
// Departures from the paper: the sampled second derivative is shifted to sum 0, else a constant picture had a response

#include "assay/imgproc/edge/laplacian.h"

#include <cmath>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/edge/derivative_kernels.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/filter/gaussian_kernels.h"

namespace assay {

namespace {

// A whole row, from padded rows.
void laplacian_padded(const LaplacianParams& p, const cv::Mat& image, int y, cv::Mat& out) {
  const int channels = image.channels(), n = image.cols * channels;
  cv::Mat_<float> rows(3, n + 2 * channels);
  for (int j = 0; j < 3; ++j)
    padded_row<float>(image, y - 1 + j, 0, image.cols, 1, p.border, static_cast<float>(p.value), rows[j]);
  laplacian_row<float>(rows[0] + channels, rows[1] + channels, rows[2] + channels, channels,
                       p.neighbours == LaplacianNeighbours::eight, out.ptr<float>(y), n);
}

template <class T>
void laplacian_rows(const LaplacianParams& p, const cv::Mat& image, int begin, int end, cv::Mat& out) {
  const int channels = image.channels(), last = image.cols - 1;
  const bool eight = p.neighbours == LaplacianNeighbours::eight;
  for (int y = begin; y < end; ++y) {
    const int up = border_index(y - 1, image.rows, p.border), down = border_index(y + 1, image.rows, p.border);
    if (up < 0 || down < 0 || last < 2) {
      laplacian_padded(p, image, y, out);
      continue;
    }
    const T* rows[3] = {image.ptr<T>(up), image.ptr<T>(y), image.ptr<T>(down)};
    float* to = out.ptr<float>(y);
    laplacian_row(rows[0] + channels, rows[1] + channels, rows[2] + channels, channels, eight, to + channels,
                  static_cast<ptrdiff_t>(last - 1) * channels);
    for (const int x : {0, last}) {
      float around[3][3 * 4];
      for (int i = 0; i < 3; ++i) {
        const int inside = border_index(x - 1 + i, image.cols, p.border);
        for (int j = 0; j < 3; ++j)
          for (int c = 0; c < channels; ++c)
            around[j][i * channels + c] =
                static_cast<float>(inside < 0 ? p.value : static_cast<double>(rows[j][inside * channels + c]));
      }
      laplacian_row<float>(around[0] + channels, around[1] + channels, around[2] + channels, channels, eight,
                           to + x * channels, channels);
    }
  }
}

// A band of rows, by panels of as many pixels as a tile has values: a tile a channel.
class LogPanels {
 public:
  LogPanels(const LogParams& p, const cv::Mat& image, int begin, int end)
      : p_(p),
        image_(image),
        begin_(begin),
        end_(end),
        r_(gaussian_radius(p.sigma)),
        channels_(image.channels()),
        padded_(1, (kColumns + 2 * r_) * channels_, 0.0F),
        by_g_((end - begin + 2 * r_ + kTileRows) * channels_, static_cast<int>(kTileStride), 0.0F),
        by_h_(by_g_.size(), 0.0F),
        xx_(kTileRows, kColumns),
        yy_(kTileRows, kColumns) {
    for (double w : gaussian_weights(p.sigma, r_)) g_.push_back(static_cast<float>(w));
    for (double w : second_derivative_weights(p.sigma, r_)) h_.push_back(static_cast<float>(w));
  }
  void filter(cv::Mat& out, const Context& ctx) {
    for (int x = 0; x < image_.cols; x += kColumns) {
      ctx.check_cancelled();
      for (int y = begin_ - r_; y < end_ + r_; ++y) along_row(x, std::min(image_.cols, x + kColumns), y);  // 1
      const int n = std::min(kColumns, image_.cols - x) * channels_;
      for (int tile = 0; tile * kColumns < n; ++tile)
        for (int y = begin_; y < end_; y += kTileRows) {  // 2
          sum_down_columns(row(by_h_, tile, y), g_.data(), r_, xx_[0], kTileWidth);
          sum_down_columns(row(by_g_, tile, y), h_.data(), r_, yy_[0], kTileWidth);
          for (int k = 0; k < kTileRows && y + k < end_; ++k) {
            float* to = out.ptr<float>(y + k) + static_cast<ptrdiff_t>(x) * channels_ + tile * kColumns;
            for (int i = 0; i < std::min(kColumns, n - tile * kColumns); ++i) to[i] = yy_[k][i] + xx_[k][i];
          }
        }
    }
  }

 private:
  static constexpr int kColumns = static_cast<int>(kTileWidth);
  float* row(cv::Mat_<float>& rows, int tile, int y) { return rows[tile * (rows.rows / channels_) + y - begin_ + r_]; }
  void along_row(int x0, int x1, int y) {
    padded_row<float>(image_, y, x0, x1, r_, p_.border, static_cast<float>(p_.value), padded_[0]);
    const float* centre = padded_[0] + static_cast<ptrdiff_t>(r_) * channels_;
    for (int tile = 0; tile < channels_; ++tile, centre += kColumns) {
      sum_along_row(centre, channels_, g_.data(), r_, row(by_g_, tile, y));
      sum_along_row(centre, channels_, h_.data(), r_, row(by_h_, tile, y));
    }
  }

  const LogParams& p_;
  const cv::Mat& image_;
  int begin_, end_, r_, channels_;
  cv::Mat_<float> padded_, by_g_, by_h_, xx_, yy_;  // rows that g and h have passed along; a panel's second derivatives
  std::vector<float> g_, h_;
};

void mark_crossings(const cv::Mat& response, float threshold, cv::Mat& out) {
  const int channels = response.channels(), n = response.cols * channels;
  for (int y = 0; y < response.rows; ++y) {
    const float* here = response.ptr<float>(y);
    const auto compare = [&](int i, const float* there, int other_y, int j) {
      const float a = here[i], b = there[j];
      if ((a < 0) == (b < 0) || std::abs(a - b) < threshold || a == b) return;
      if (std::abs(a) <= std::abs(b))
        out.ptr<uint8_t>(y)[i] = 255;
      else
        out.ptr<uint8_t>(other_y)[j] = 255;
    };
    for (int i = 0; i + channels < n; ++i) compare(i, here, y, i + channels);
    if (y + 1 == response.rows) break;
    const float* below = response.ptr<float>(y + 1);
    for (int i = 0; i < n; ++i) compare(i, below, y + 1, i);
  }
}

}  // namespace

std::vector<double> second_derivative_weights(double sigma, int radius) {
  std::vector<double> w = gaussian_weights(sigma, radius);
  const double s2 = sigma * sigma;
  double sum = 0;
  for (int i = radius; i >= 0; --i) {
    double& v = w[static_cast<size_t>(i)];
    v *= (i * i / s2 - 1) / s2;
    sum += (i == 0 ? 1 : 2) * v;
  }
  for (double& v : w) v -= sum / (2 * radius + 1);
  return w;
}

void Laplacian::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), CV_32FC(image.channels()));
  const auto rows = image.depth() == CV_8U    ? laplacian_rows<uint8_t>
                    : image.depth() == CV_16U ? laplacian_rows<uint16_t>
                                              : laplacian_rows<float>;
  parallel_for(ctx.threads, image.rows, 64, [&](Index begin, Index end) {
    ctx.check_cancelled();
    rows(p, image, static_cast<int>(begin), static_cast<int>(end), out);
  });
  ctx.trace.image([&] {
    return TraceImage{"response",
                      "Laplacian",
                      "Bright: darker than its neighbours; dark: brighter.",
                      view_of(out),
                      true,
                      {},
                      "imgproc/edge/laplacian.cpp:laplacian_row"};
  });
}

void LaplacianOfGaussian::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  cv::Mat response;
  cv::Mat& to = p.output == LogOutput::response ? out : response;
  to.create(image.size(), CV_32FC(image.channels()));
  const int band = std::max(128, 4 * gaussian_radius(p.sigma));  // rows: the 2r rows around it are done twice
  parallel_for(ctx.threads, image.rows, band, [&](Index begin, Index end) {
    LogPanels(p, image, static_cast<int>(begin), static_cast<int>(end)).filter(to, ctx);
  });
  ctx.trace.image([&] {
    return TraceImage{"response",
                      "Laplacian of the Gaussian",
                      "Bright: darker than what is around; dark: brighter.",
                      view_of(to),
                      true,
                      {{"sigma", p.sigma, "in pixels"}},
                      "imgproc/edge/laplacian.cpp:LogPanels::filter"};
  });
  if (p.output == LogOutput::response) return;
  out.create(image.size(), CV_8UC(image.channels()));
  out.setTo(0);
  mark_crossings(response, static_cast<float>(p.threshold), out);
  ctx.trace.image([&] {
    return TraceImage{
        "crossings", "Where the response changes its sign",      "Closed lines: one at each edge.", view_of(out), false,
        {},          "imgproc/edge/laplacian.cpp:mark_crossings"};
  });
}

void DifferenceOfGaussians::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  GaussianParams narrow, wide;
  narrow.border = wide.border = p.border;
  narrow.sigma = p.sigma;
  wide.sigma = p.ratio * p.sigma;
  out.create(image.size(), CV_32FC(image.channels()));
  parallel_for(ctx.threads, image.rows, gaussian_band(wide), [&](Index from, Index to) {
    const int begin = static_cast<int>(from), end = static_cast<int>(to);
    cv::Mat_<float> a, b;
    gaussian_rows(image, narrow, begin, end, a, ctx);
    gaussian_rows(image, wide, begin, end, b, ctx);
    for (int y = begin; y < end; ++y) {
      const float *first = a[y - begin], *second = b[y - begin];
      float* difference = out.ptr<float>(y);
      for (int i = 0; i < a.cols; ++i) difference[i] = first[i] - second[i];
    }
  });
  ctx.trace.image([&] {
    return TraceImage{"response",
                      "Difference of two Gaussians",
                      "Bright: brighter than what is around.",
                      view_of(out),
                      true,
                      {},
                      "imgproc/edge/laplacian.cpp:DifferenceOfGaussians::apply"};
  });
}

}  // namespace assay
