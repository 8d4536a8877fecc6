// features/corner/fast.cpp
// Notation   p: the pixel in the middle;  ring 0..15: the circle of radius 3 around it, clockwise from above
// Method     1 response of each pixel   2 keep the strongest among 8 neighbours   3 select, refine (corner.cpp)
// Departures from the paper: no decision tree is learned; the response decides, which gives the same corners. The paper's
//            score for step 2 is the largest t too (sec. 2.3 names it beside the sum of differences, which it takes for
//            speed). Equal neighbours suppress each other, as in OpenCV.

#include "assay/features/corner/fast.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/features/corner/corner_kernels.h"
#include "assay/features/corner/corner_trace_internal.h"

namespace assay {

namespace {

constexpr int kRingX[16] = {0, 1, 2, 3, 3, 3, 2, 1, 0, -1, -2, -3, -3, -3, -2, -1};
constexpr int kRingY[16] = {-3, -3, -2, -1, 0, 1, 2, 3, 3, 3, 2, 1, 0, -1, -2, -3};

// --- 1 response ------------------------------------------------------------------------------------------------------

// The largest difference at which all nine pixels of an arc still differ by more than a threshold, as a threshold: of whole numbers
// one less. No branch: -1 where no corner is, since a corner may have response 0 (threshold 0, difference 1).
template <class T>
void responses(const T* __restrict score, ptrdiff_t n, double threshold, double per_level, float* __restrict R) {
  constexpr double kStep = std::is_integral_v<T> ? 1 : 0;
  const double least = threshold * per_level;
  if constexpr (std::is_same_v<T, uint8_t>) {  // levels are the unit
    const int beyond = static_cast<int>(std::min(std::floor(least), 255.0)) + 1;
    for (ptrdiff_t i = 0; i < n; ++i) R[i] = static_cast<float>(score[i] >= beyond ? score[i] - 1 : -1);
    return;
  }
  for (ptrdiff_t i = 0; i < n; ++i) {
    const double difference = static_cast<double>(score[i]), largest = (difference - kStep) / per_level;
    R[i] = static_cast<float>(difference > least ? std::max(largest, 0.0) : -1.0);
  }
}

template <class T>
void respond(const cv::Mat& image, double threshold, cv::Mat_<float>& R, const Context& ctx) {
  const double per_level = full_scale(image) / 255;
  parallel_for(ctx.threads, image.rows, 64, [&](Index begin, Index end) {
    ctx.check_cancelled();
    T score[fast_tile];
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const int frame = y < 3 || y + 3 >= image.rows ? R.cols : std::min(3, R.cols);  // no circle fits there
      std::fill_n(R[y], frame, -1.0F);
      std::fill_n(R[y] + R.cols - frame, frame, -1.0F);
      if (frame == R.cols) continue;
      for (int x = 3; x < image.cols - 3; x += static_cast<int>(fast_tile)) {
        const T* ring[16];
        for (int k = 0; k < 16; ++k) ring[k] = image.ptr<T>(y + kRingY[k]) + x + kRingX[k];
        const int n = std::min(static_cast<int>(fast_tile), image.cols - 3 - x);
        fast_scores<T>(image.ptr<T>(y) + x, ring, score, n);
        responses<T>(score, n, threshold, per_level, R[y] + x);
      }
    }
  });
}

template <class T>
void respond_textbook(const cv::Mat& image, double threshold, cv::Mat_<float>& R) {
  const double per_level = full_scale(image) / 255;
  R.setTo(-1);
  for (int y = 3; y < image.rows - 3; ++y)
    for (int x = 3; x < image.cols - 3; ++x) {
      T largest = 0;
      for (int first = 0; first < 16; ++first)
        for (const bool brighter : {true, false}) {
          T least = std::numeric_limits<T>::max();
          for (int k = first; k < first + 9; ++k) {
            const T p = image.at<T>(y, x), q = image.at<T>(y + kRingY[k % 16], x + kRingX[k % 16]);
            least = std::min(least, brighter == (q > p) ? static_cast<T>(q > p ? q - p : p - q) : T(0));
          }
          largest = std::max(largest, least);
        }
      responses<T>(&largest, 1, threshold, per_level, &R(y, x));
    }
}

// --- 2 ---------------------------------------------------------------------------------------------------------------

bool exceeds_neighbours(const cv::Mat_<float>& R, int x, int y) {
  for (int j = -1; j <= 1; ++j)
    for (int i = -1; i <= 1; ++i)
      if ((i != 0 || j != 0) && R(y + j, x + i) >= R(y, x)) return false;
  return true;
}

std::vector<Corner> find_corners(const cv::Mat_<float>& R, const FastParams& p, const Context& ctx) {
  if (p.nms && p.threshold >= 1) {  // then responses are above 0
    std::vector<Corner> corners = find_maxima(R, 0.0F, ctx);
    std::erase_if(corners, [&](const Corner& c) { return !exceeds_neighbours(R, c.x, c.y); });
    return corners;
  }
  std::vector<Corner> corners;
  for (int y = 3; y < R.rows - 3; ++y) {
    const float* row = R[y];
    for (int x = 3; x < R.cols - 3; ++x)
      if (row[x] >= 0 && (!p.nms || exceeds_neighbours(R, x, y)))
        corners.push_back({x, y, static_cast<double>(row[x])});
  }
  return corners;
}

cv::Mat_<float> signed_response(const cv::Mat& image, double threshold, const Context& ctx) {
  cv::Mat_<float> R(image.size());
  if (image.depth() == CV_8U)
    respond<uint8_t>(image, threshold, R, ctx);
  else if (image.depth() == CV_16U)
    respond<uint16_t>(image, threshold, R, ctx);
  else
    respond<float>(image, threshold, R, ctx);
  return R;
}

}  // namespace

cv::Mat fast_response(const cv::Mat& image, const FastParams& p, const Context& ctx) {
  check_params(p);
  check_image(Fast::info.name, Fast::info.traits, image);
  cv::Mat R = signed_response(image, p.threshold, ctx);
  return cv::max(R, 0.0F);
}

cv::Mat fast_response_textbook(const cv::Mat& image, const FastParams& p) {
  check_params(p);
  check_image(Fast::info.name, Fast::info.traits, image);
  cv::Mat_<float> R(image.size());
  if (image.depth() == CV_8U)
    respond_textbook<uint8_t>(image, p.threshold, R);
  else if (image.depth() == CV_16U)
    respond_textbook<uint16_t>(image, p.threshold, R);
  else
    respond_textbook<float>(image, p.threshold, R);
  return cv::max(R, 0.0F);
}

FeatureTable Fast::detect(const Params& p, const cv::Mat& image, const Context& ctx) {
  const cv::Mat_<float> R = signed_response(image, p.threshold, ctx);
  const std::vector<Corner> corners = select_corners(find_corners(R, p, ctx), R, p);
  FeatureTable table = corner_table(corners, R, image, p, 1.0, ctx);
  if (ctx.trace)
    detail::trace_corners(image, cv::Mat(cv::max(R, 0.0F)), table,
                          {"FAST", "R = the largest t for nine neighbours on the circle",
                           "Bright: nine pixels in a row differ strongly from the one in the middle.",
                           "features/corner/corner_kernels.cpp:fast_scores"},
                          ctx);
  return table;
}

}  // namespace assay
