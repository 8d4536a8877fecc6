// imgproc/lowrank/low_rank.cpp
// Notation   A: one channel, h x w;  V_k: its first k right singular vectors
// Method     1 a channel as a matrix, its shorter side as columns (else A')   2 eigenvectors of A'A: V_k, and s_j^2   3 A_k =
//            A V_k V_k'   4 round
// Departures from the textbook: U and S are not formed, as A V_k V_k' = U_k S_k V_k'. Eigenvectors of A'A suffice: the
//            projection errs only by the square of their error, and at full rank V V' = I.
#include "assay/imgproc/lowrank/low_rank.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/error.h"

namespace assay {

namespace {

struct SingularValuesStep {
  static constexpr const char* kind = "singular-values";
  static constexpr const char* title = "the singular values of a channel [Eckart1936]";
  static constexpr const char* source = "imgproc/lowrank/low_rank.cpp:approximate";
  int channel;
  std::vector<double> values;
  double kept;
  static void fields(const SingularValuesStep& s, auto&& field) {
    field("channel", s.channel, "blue, green, red are 0, 1, 2");
    field("s_j", s.values, "those that are kept, greatest first");
    field("energy kept", s.kept, "their squares over the squares of all");
  }
};

// Step 1. `turned`: A' instead.
template <class T>
Matrix channel_matrix(const cv::Mat& image, int channel, bool turned) {
  Matrix A(turned ? image.cols : image.rows, turned ? image.rows : image.cols);
  for (int y = 0; y < image.rows; ++y) {
    const T* row = image.ptr<T>(y) + channel;
    for (int x = 0; x < image.cols; ++x) {
      const auto value = static_cast<double>(row[static_cast<ptrdiff_t>(x) * image.channels()]);
      if (!std::isfinite(value))
        throw DataError("svd needs finite values, that of pixel (" + std::to_string(x) + ", " + std::to_string(y) +
                        ") is not");
      (turned ? A(x, y) : A(y, x)) = value;
    }
  }
  return A;
}

template <class T>
T stored(double value, double scale) {
  if constexpr (std::is_same_v<T, float>) return static_cast<float>(value);
  return static_cast<T>(std::nearbyint(std::clamp(value, 0.0, scale)));
}

struct Energy {
  double kept = 0, all = 0, squared_error = 0;
};

// Steps 1 to 4 for one channel.
template <class T>
void approximate(const cv::Mat& image, int channel, Index k, cv::Mat& out, const Context& ctx, Energy& energy) {
  const bool turned = image.cols > image.rows;
  const Matrix A = channel_matrix<T>(image, channel, turned);
  const SymmetricEigen e = eigen_symmetric_largest(gram(A, Vector(), ctx.threads), k, ctx);
  const Matrix V = e.vectors;                                             // shorter side x k
  const Matrix scores = times_transposed(A, V.transpose(), ctx.threads);  // A V = U S
  const Matrix nearest = times_transposed(scores, V, ctx.threads);
  const double all = A.squaredNorm(), kept = std::min(all, scores.squaredNorm());
  energy.all += all;
  energy.kept += kept;
  ctx.trace.step([&] {
    std::vector<double> values;
    for (Index j = 0; j < k; ++j) values.push_back(std::sqrt(std::max(0.0, e.values[j])));
    return SingularValuesStep{channel, values, all > 0 ? kept / all : 1};
  });
  for (int y = 0; y < image.rows; ++y) {
    T* row = out.ptr<T>(y) + channel;
    for (int x = 0; x < image.cols; ++x) {
      const T value = stored<T>(turned ? nearest(x, y) : nearest(y, x), full_scale(image));
      const double error = static_cast<double>(value) - (turned ? A(x, y) : A(y, x));
      energy.squared_error += error * error;
      row[static_cast<ptrdiff_t>(x) * image.channels()] = value;
    }
  }
}

template <class T>
Energy approximate_all(const cv::Mat& image, Index k, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  Energy energy;
  const int colours = std::min(image.channels(), 3);
  for (int c = 0; c < colours; ++c) {
    ctx.check_cancelled();
    approximate<T>(image, c, k, out, ctx, energy);
  }
  if (image.channels() == 4)
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x)
        out.ptr<T>(y)[static_cast<ptrdiff_t>(x) * 4 + 3] = image.ptr<T>(y)[static_cast<ptrdiff_t>(x) * 4 + 3];
  return energy;
}

Energy low_rank(const cv::Mat& image, Index k, cv::Mat& out, const Context& ctx) {
  if (image.depth() == CV_8U) return approximate_all<uint8_t>(image, k, out, ctx);
  if (image.depth() == CV_16U) return approximate_all<uint16_t>(image, k, out, ctx);
  return approximate_all<float>(image, k, out, ctx);
}

void show_lower_ranks(const cv::Mat& image, Index k, const Context& ctx) {
  Context quiet = ctx;
  quiet.trace = Trace();
  for (const Index rank : {1, 2, 5, 10, 20, 50, 100}) {
    if (rank >= k) break;
    cv::Mat out;
    low_rank(image, rank, out, quiet);
    ctx.trace.image([&] {
      return TraceImage{"rank-" + std::to_string(rank),
                        "the sum of the first " + std::to_string(rank) + " parts (1)",
                        "The picture of rank " + std::to_string(rank) + ": every row is a mixture of " +
                            std::to_string(rank) + " rows.",
                        view_of(out),
                        false,
                        {},
                        "imgproc/lowrank/low_rank.cpp:approximate"};
    });
  }
}

}  // namespace

ImageFacts LowRank::apply(const LowRankParams& params, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const Index k = std::min<Index>(params.rank, std::min(image.rows, image.cols));
  if (ctx.trace) show_lower_ranks(image, k, ctx);
  const Energy energy = low_rank(image, k, out, ctx);
  ctx.trace.image([&] {
    return TraceImage{"result",
                      "the sum of the first " + std::to_string(k) + " parts (1)",
                      "The nearest picture of rank " + std::to_string(k) + ".",
                      view_of(out),
                      false,
                      {},
                      "imgproc/lowrank/low_rank.cpp:LowRank::apply"};
  });
  const double pixels = static_cast<double>(image.rows) * image.cols;
  const double numbers = static_cast<double>(k) * (image.rows + image.cols + 1.0);
  return {{"rank", static_cast<double>(k)},
          {"energy_kept", energy.all > 0 ? energy.kept / energy.all : 1},
          {"rmse", std::sqrt(energy.squared_error / (pixels * std::min(image.channels(), 3)))},
          {"storage", numbers / pixels}};
}

}  // namespace assay
