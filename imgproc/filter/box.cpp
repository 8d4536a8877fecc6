// imgproc/filter/box.cpp
// Notation   w, h window;  s: the sums of h rows, one a column
// Method     for each row:   1 s slides: the row that enters is added, the one that leaves is taken away   2 beyond the left
//            and right edge s is mirrored like the picture   3 windows of w sums, by tripling or doubling   4 divide, round
// Departures from the textbook: the row is not slid along (a chain of dependent additions) but summed by tripling; a band
//            of rows begins with a fresh sum, so that the result does not depend on the number of threads

#include "assay/imgproc/filter/box.h"

#include <cmath>
#include <limits>
#include <opencv2/core.hpp>

#include "assay/imgproc/filter/box_internal.h"

namespace assay {

namespace {

template <class T, class Sum>
void box_picture(const BoxParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const double area = static_cast<double>(p.size) * p.height.value_or(p.size);
  const ptrdiff_t n = static_cast<ptrdiff_t>(image.cols) * image.channels();
  for_box_sums<T, Sum>(p, image, ctx,
                       [&](int y, const Sum* sums) { divide_sums<T, Sum>(sums, area, out.ptr<T>(y), n); });  // 4
}

}  // namespace

void Box::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  const double largest_sum = full_scale(image) * p.size * p.height.value_or(p.size);
  const bool fits = largest_sum <= std::numeric_limits<int32_t>::max();
  if (image.depth() == CV_32F)
    box_picture<float, double>(p, image, out, ctx);
  else if (image.depth() == CV_8U && largest_sum <= std::numeric_limits<uint16_t>::max())
    box_picture<uint8_t, uint16_t>(p, image, out, ctx);
  else if (image.depth() == CV_8U)
    fits ? box_picture<uint8_t, uint32_t>(p, image, out, ctx) : box_picture<uint8_t, uint64_t>(p, image, out, ctx);
  else
    fits ? box_picture<uint16_t, uint32_t>(p, image, out, ctx) : box_picture<uint16_t, uint64_t>(p, image, out, ctx);
  ctx.trace.image([&] {
    return TraceImage{"result",
                      "Box: the mean of w x h pixels",
                      "The picture after averaging.",
                      view_of(out),
                      false,
                      {},
                      "imgproc/filter/box_internal.h:BoxBand::rows"};
  });
}

}  // namespace assay
