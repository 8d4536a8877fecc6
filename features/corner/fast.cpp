// features/corner/fast.cpp
// Notation   p: the pixel in the middle;  ring 0..15: the circle of radius 3 around it, clockwise from above
// Method     1 response of each pixel   2 keep the strongest among 8 neighbours   3 select, refine (corner.cpp)
// Departures from the paper: no decision tree is learned; the response decides, which gives the same corners. The paper's
//            score for step 2 is the largest t too (sec. 2.3 names it beside the sum of differences, which it takes for
//            speed). Equal neighbours suppress each other, as in OpenCV.

#include "assay/features/corner/fast.h"

#include <algorithm>
#include <cmath>
#include <limits>
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

// No score up to this one is a response.
template <class T>
T no_more_than(double threshold, double per_level) {
  const double least = threshold * per_level;
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(std::min(std::floor(least), double{std::numeric_limits<T>::max()}));
  else
    return std::nextafter(static_cast<T>(least), T(-1));
}

// Of row y; whether there may be any.
template <class T>
bool respond(const cv::Mat& image, int y, double threshold, float* R) {
  const double per_level = full_scale(image) / 255;
  const T least = no_more_than<T>(threshold, per_level);
  const int columns = image.cols;
  const int frame = y < 3 || y + 3 >= image.rows ? columns : std::min(3, columns);  // no circle fits there
  std::fill_n(R, frame, -1.0F);
  std::fill_n(R + columns - frame, frame, -1.0F);
  if (frame == columns) return false;
  bool any = false;
  T score[fast_tile];
  constexpr int kTile = static_cast<int>(fast_tile);
  for (int begin = 3; begin < columns - 3; begin += kTile) {
    const int x = std::max(3, std::min(begin, columns - 3 - kTile));  // the last one is whole, too, if any
    const int n = std::min(kTile, columns - 3 - x);
    const T* ring[16];
    for (int k = 0; k < 16; ++k) ring[k] = image.ptr<T>(y + kRingY[k]) + x + kRingX[k];
    const T* centre = image.ptr<T>(y) + x;
    const FastSides sides = n == kTile ? fast_sides<T>(centre, ring, least) : FastSides{true, true};
    if (sides.brighter || sides.darker) {
      any = true;
      fast_scores<T>(centre, ring, sides, score, n);
      responses<T>(score, n, threshold, per_level, R + x);
    } else {
      std::fill_n(R + x, n, -1.0F);
    }
  }
  return any;
}

bool respond(const cv::Mat& image, int y, double threshold, float* R) {
  return image.depth() == CV_8U    ? respond<uint8_t>(image, y, threshold, R)
         : image.depth() == CV_16U ? respond<uint16_t>(image, y, threshold, R)
                                   : respond<float>(image, y, threshold, R);
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

cv::Mat_<float> signed_response(const cv::Mat& image, double threshold, const Context& ctx) {
  cv::Mat_<float> R(image.size());
  parallel_for(ctx.threads, image.rows, 64, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (int y = static_cast<int>(begin); y < end; ++y) respond(image, y, threshold, R[y]);
  });
  return R;
}

// --- 2 ---------------------------------------------------------------------------------------------------------------

// The last three rows of responses.
class ResponseRows {
 public:
  ResponseRows(const cv::Mat& image, double threshold)
      : image_(image), threshold_(threshold), R_(3, image.cols + 2, -1.0F), place_(static_cast<size_t>(image.cols)) {}
  // Row y enters; beyond the picture there are none.
  void enter(int y) {
    any_[slot(y)] = y >= 0 && y < image_.rows && respond(image_, y, threshold_, R_[slot(y)] + 1);
    if (y < 0 || y >= image_.rows) R_.row(slot(y)).setTo(-1.0F);
  }
  // Calls visit(x, R) for the corners of row y; the rows beside it are there.
  template <class Visit>
  void for_corners(int y, bool nms, Visit&& visit) {
    if (!any_[slot(y)]) return;
    const float *above = R_[slot(y - 1)] + 1, *row = R_[slot(y)] + 1, *below = R_[slot(y + 1)] + 1;
    if (!nms) {
      for (int x = 0; x < image_.cols; ++x)
        if (row[x] >= 0) visit(x, row[x]);
      return;
    }
    const int count = maxima_of_row<float>(above, row, below, 0.0F, place_.data(), image_.cols);
    for (const int* x = place_.data(); x != place_.data() + count; ++x)
      if (!has_equal(above, row, below, *x)) visit(*x, row[*x]);
  }

 private:
  static int slot(int y) { return (y + 3) % 3; }
  // Of a maximum: whether a pixel around is as large.
  static bool has_equal(const float* above, const float* row, const float* below, int x) {
    const float R = row[x];
    bool equal = row[x - 1] == R || row[x + 1] == R;
    for (const float* beside : {above, below})
      for (int i = -1; i <= 1; ++i) equal = equal || beside[x + i] == R;
    return equal;
  }
  const cv::Mat& image_;
  double threshold_;
  cv::Mat_<float> R_;  // with a frame
  bool any_[3] = {};
  std::vector<int> place_;
};

std::vector<Corner> find_corners(const cv::Mat& image, const FastParams& p, const Context& ctx) {
  const auto find = [&](Index begin, Index end) {
    ctx.check_cancelled();
    const int first = static_cast<int>(begin), last = static_cast<int>(end);
    std::vector<Corner> corners;
    ResponseRows rows(image, p.threshold);
    rows.enter(first - 1), rows.enter(first);
    for (int y = first; y < last; ++y) {
      rows.enter(y + 1);
      rows.for_corners(y, p.nms, [&](int x, float R) { corners.push_back({x, y, double{R}}); });
    }
    return corners;
  };
  return parallel_reduce(ctx.threads, image.rows, 64, std::vector<Corner>(), find,
                         [](std::vector<Corner>& all, const std::vector<Corner>& some) {
                           all.insert(all.end(), some.begin(), some.end());
                         });
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
  const bool compares_far = p.suppression == CornerSuppression::square && p.min_distance > 1;
  const bool needs_map = compares_far || p.sub_pixel == SubPixel::peak || ctx.trace;
  const cv::Mat_<float> R = needs_map ? signed_response(image, p.threshold, ctx) : cv::Mat_<float>();
  const std::vector<Corner> corners = select_corners(find_corners(image, p, ctx), R, p);
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
