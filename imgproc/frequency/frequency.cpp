// imgproc/frequency/frequency.cpp
// Notation   f picture, F its transform;  u, v frequencies along x and y, in cycles a pixel;  H the filter
// Method     1 a channel as real numbers, mirrored to twice its size if told   2 transform   3 times H   4 transform back
// Departures from the textbook: the picture is mirrored, not padded with zeros; H is a function of cycles a pixel, so that it is
//            round in pictures that are not square

#include "assay/imgproc/frequency/frequency.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/core/rng.h"
#include "assay/imgproc/frequency/fft_kernels.h"
#include "assay/imgproc/frequency/real_fft.h"

namespace assay {

namespace {

double low_pass(double r, double cutoff, PassShape shape, int order) {
  switch (shape) {
    case PassShape::ideal:
      return r <= cutoff ? 1 : 0;
    case PassShape::butterworth:
      return 1 / (1 + std::pow(r / cutoff, 2 * order));
    case PassShape::gaussian:
      break;
  }
  return std::exp(-r * r / (2 * cutoff * cutoff));
}

// Signed frequency of index k of n.
double frequency(int k, int n) { return static_cast<double>(2 * k > n ? k - n : k) / n; }

void store(const cv::Mat_<double>& values, int channel, cv::Mat& out) {
  const int channels = out.channels();
  for (int y = 0; y < out.rows; ++y)
    for (int x = 0; x < out.cols; ++x) {
      const double v = values[y][x];
      const ptrdiff_t i = static_cast<ptrdiff_t>(x) * channels + channel;
      if (out.depth() == CV_8U)
        out.ptr<uint8_t>(y)[i] = static_cast<uint8_t>(std::clamp(std::nearbyint(v), 0.0, 255.0));
      else if (out.depth() == CV_16U)
        out.ptr<uint16_t>(y)[i] = static_cast<uint16_t>(std::clamp(std::nearbyint(v), 0.0, 65535.0));
      else
        out.ptr<float>(y)[i] = static_cast<float>(v);
    }
}

// Step 3: H(r) for rows v and -v alike.
template <class H>
void weigh(HalfSpectrum& spectrum, int threads, H&& h) {
  const int height = spectrum.height();
  parallel_for(threads, spectrum.blocks(), 8, [&](Index begin, Index end) {
    for (int b = static_cast<int>(begin); b < end; ++b) {
      ComplexOf<Four>* column = spectrum.block(b);
      for (int y = 0; 2 * y <= height; ++y) {
        Four factor;
        for (int i = 0; i < 4; ++i)
          factor[i] = h(std::hypot(frequency(4 * b + i, spectrum.width()), frequency(y, height)));
        const int mirrored = y == 0 ? 0 : height - y;
        column[y].re *= factor, column[y].im *= factor;
        if (mirrored != y) column[mirrored].re *= factor, column[mirrored].im *= factor;
      }
    }
  });
}

template <class H>
void filter(const cv::Mat& image, FrequencyBorder border, int depth, cv::Mat& out, const Context& ctx, H&& h) {
  out.create(image.size(), CV_MAKETYPE(depth, image.channels()));
  const int times = border == FrequencyBorder::reflect ? 2 : 1;
  HalfSpectrum spectrum(times * image.cols, times * image.rows);
  cv::Mat_<double> values(image.size());
  for (int c = 0; c < image.channels(); ++c) {
    ctx.check_cancelled();
    forward_2d(image, c, spectrum, ctx.threads);  // 1, 2
    weigh(spectrum, ctx.threads, h);              // 3
    inverse_2d(spectrum, values, ctx.threads);    // 4
    store(values, c, out);
  }
  ctx.trace.image([&] {
    return TraceImage{"result",
                      "Times H in the frequency domain",
                      "The picture with some sizes of structure taken out.",
                      view_of(out),
                      out.depth() == CV_32F,
                      {},
                      "imgproc/frequency/frequency.cpp:filter"};
  });
}

template <class T>
void add_noise(const T* from, int n, int channels, const NoiseParams& p, double full, Rng rng, T* to) {
  const auto keep = [&](double v) {
    if constexpr (std::is_same_v<T, float>)
      return static_cast<float>(v);
    else
      return static_cast<T>(std::clamp(std::nearbyint(v), 0.0, static_cast<double>(std::numeric_limits<T>::max())));
  };
  for (int x = 0; x < n; ++x, from += channels, to += channels) {
    const bool hit = p.kind == NoiseKind::salt_pepper && rng.uniform() < p.amount, white = hit && rng.below(2) == 1;
    for (int c = 0; c < channels; ++c) {
      const auto v = static_cast<double>(from[c]);
      if (c == 3 || (p.kind == NoiseKind::salt_pepper && !hit))
        to[c] = from[c];
      else if (p.kind == NoiseKind::salt_pepper)
        to[c] = keep(white ? full : 0);
      else if (p.kind == NoiseKind::gaussian)
        to[c] = keep(v + p.amount * full * rng.normal());
      else
        to[c] = keep(v + p.amount * full * rng.uniform(-1, 1));
    }
  }
}

// log(1 + |F|), frequency 0 in the middle; |F(-u, -v)| = |F(u, v)|. From the transforms of the rows, some columns at a time: they
// are drawn while they are in cache.
void draw(const HalfSpectrum& rows, int channel, cv::Mat& out, int threads) {
  constexpr int kBlocks = 8, kWide = 4 * kBlocks, kSoon = 16;
  const int w = out.cols, h = out.rows;
  const ptrdiff_t step = out.channels();
  const Fft down(h);
  parallel_for(threads, rows.blocks(), kBlocks, [&](Index begin, Index end) {
    std::vector<ComplexOf<Four>> column(static_cast<size_t>(h)), work(down.work_size());
    cv::Mat_<float> logs(h, kWide);
    for (Index b = begin; b < end; ++b) {
      down.forward(rows.block(static_cast<int>(b)), column.data(), work.data());
      for (int v = 0; v < h; v += kSoon) {
        const int some = std::min(kSoon, h - v);
        if (b + 1 < rows.blocks())  // far from this one
          for (int k = 0; k < some; ++k) __builtin_prefetch(rows.block(static_cast<int>(b) + 1) + v + k);
        log_magnitudes(column.data() + v, some, logs[v] + 4 * (b - begin), kWide);
      }
    }
    // columns u = first .. last - 1; of them those up to `right` stand right of the middle, and those up to `left` left of it, too
    const int first = static_cast<int>(4 * begin), last = std::min(rows.columns(), static_cast<int>(4 * end)),
              right = std::min(last, w - w / 2), left = std::min(last, (w + 1) / 2);
    for (int v = 0; v < h; ++v) {
      const float* from = logs[v] - first;
      float* up = out.ptr<float>((v + h / 2) % h) + channel;
      float* down_middle = out.ptr<float>(((v == 0 ? 0 : h - v) + h / 2) % h) + channel + w / 2 * step;
      if (step == 1) {
        std::copy(from + first, from + right, up + w / 2 + first);
        for (int u = std::max(first, 1); u < left; ++u) down_middle[-u] = from[u];
      } else {
        for (int u = first; u < right; ++u) up[(w / 2 + u) * step] = from[u];
        for (int u = std::max(first, 1); u < left; ++u) down_middle[-u * step] = from[u];
      }
      if (right < last) up[0] = from[right];  // w even: the highest frequency stands at the left end
    }
  });
}

}  // namespace

void LowPass::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  filter(image, p.border, image.depth(), out, ctx, [&](double r) { return low_pass(r, p.cutoff, p.shape, p.order); });
}
void HighPass::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  filter(image, p.border, CV_32F, out, ctx, [&](double r) { return 1 - low_pass(r, p.cutoff, p.shape, p.order); });
}
void BandPass::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  filter(image, p.border, CV_32F, out, ctx,
         [&](double r) { return low_pass(r, p.high, p.shape, p.order) - low_pass(r, p.low, p.shape, p.order); });
}

void Spectrum::apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), CV_32FC(image.channels()));
  HalfSpectrum spectrum(image.cols, image.rows);
  for (int c = 0; c < image.channels(); ++c) {
    ctx.check_cancelled();
    forward_rows(image, c, spectrum, ctx.threads);
    draw(spectrum, c, out, ctx.threads);
  }
  ctx.trace.image([&] {
    return TraceImage{"spectrum",
                      "log(1 + |F|), frequency 0 in the middle",
                      "Coarse structure in the middle, fine structure outside.",
                      view_of(out),
                      true,
                      {},
                      "imgproc/frequency/frequency.cpp:Spectrum::apply"};
  });
}

void Noise::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  const int channels = image.channels();
  parallel_for(ctx.threads, image.rows, 32, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const Rng rng(ctx.seed, mix_stream(0, "noise", static_cast<uint64_t>(y)));
      if (image.depth() == CV_8U)
        add_noise(image.ptr<uint8_t>(y), image.cols, channels, p, 255, rng, out.ptr<uint8_t>(y));
      else if (image.depth() == CV_16U)
        add_noise(image.ptr<uint16_t>(y), image.cols, channels, p, 65535, rng, out.ptr<uint16_t>(y));
      else
        add_noise(image.ptr<float>(y), image.cols, channels, p, 1, rng, out.ptr<float>(y));
    }
  });
  ctx.trace.image([&] {
    return TraceImage{"result",
                      "Noise",
                      "The picture with noise.",
                      view_of(out),
                      false,
                      {},
                      "imgproc/frequency/frequency.cpp:add_noise"};
  });
}

}  // namespace assay
