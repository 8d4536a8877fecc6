// imgproc/color/convert_internal.h: other libraries' ways to convert colours, so that their results can be reproduced, and
// what the ways share. `out` is made here.
#pragma once
#include <algorithm>
#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/imgproc/color/convert.h"

namespace assay::detail {

void convert_opencv(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx);
void convert_skimage(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx);
void convert_pillow(ColourSpace space, bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx);

/// Throws a DataError that begins with the operator's name.
[[noreturn]] void refuse_depth(ColourSpace space, const char* rule);

template <class V>
using Triple = std::array<V, 3>;

/// Each pixel of T by `convert`, a Triple<V> from a Triple<V>; R, G, B are turned to and from the order of memory,
/// whole numbers clamped; alpha is `keep(alpha)`.
template <class T, class Out, class V, class Convert, class Keep>
void convert_pixels(bool inverse, const cv::Mat& image, cv::Mat& out, const Context& ctx, const Convert& convert,
                    const Keep& keep) {
  const int channels = image.channels();
  parallel_for(ctx.threads, image.rows, 32, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const T* from = image.ptr<T>(y);
      Out* to = out.ptr<Out>(y);
      for (int x = 0; x < image.cols; ++x, from += channels, to += channels) {
        Triple<V> c{static_cast<V>(from[0]), static_cast<V>(from[1]), static_cast<V>(from[2])};
        if (!inverse) std::swap(c[0], c[2]);
        c = convert(c);
        if (inverse) std::swap(c[0], c[2]);
        for (size_t k = 0; k < 3; ++k)
          if constexpr (std::is_same_v<Out, float>)
            to[k] = static_cast<float>(c[k]);
          else
            to[k] = static_cast<Out>(std::clamp<V>(c[k], 0, std::numeric_limits<Out>::max()));
        if (channels == 4) to[3] = keep(from[3]);
      }
    }
  });
}

/// The colour of sector 0 .. 5 of the turn, where one channel is `most`, one `least`, and the one between them has come so far.
template <class V>
Triple<V> of_sector(int sector, V most, V least, V falling, V rising) {
  switch (sector) {
    case 0:
      return {most, rising, least};
    case 1:
      return {falling, most, least};
    case 2:
      return {least, most, rising};
    case 3:
      return {least, falling, most};
    case 4:
      return {rising, least, most};
    default:
      return {most, least, falling};
  }
}

}  // namespace assay::detail
