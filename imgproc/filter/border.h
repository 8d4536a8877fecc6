// imgproc/filter/border.h: what a filter reads beyond the edge of the picture. Names and meanings are OpenCV's.
//
//   reflect101  dcb|abcd|cba      reflect  cba|abcd|dcb      replicate  aaa|abcd|ddd      wrap  bcd|abcd|abc
//   constant    vvv|abcd|vvv
//
// Reach may exceed the picture: a row of one pixel has every border of every width.
#pragma once
#include <opencv2/core/mat.hpp>

#include "assay/core/params.h"

namespace assay {

enum class Border { reflect101, reflect, replicate, constant, wrap };
inline constexpr EnumNames<Border, 5> border_names{{{"reflect101", Border::reflect101},
                                                    {"reflect", Border::reflect},
                                                    {"replicate", Border::replicate},
                                                    {"constant", Border::constant},
                                                    {"wrap", Border::wrap}}};

/// The pixel of 0..n-1 that stands for position i (any integer); -1 for `constant` outside. n >= 1.
int border_index(int i, int n, Border border);

/// Row y of the picture (any integer) as reals (or, Real being the picture's own type, as it is), columns first-reach .. last+reach, channels interleaved, into
/// out[0 .. (last - first + 2 reach) * channels). `constant` gives `value` in every channel outside.
template <class Real>
void padded_row(const cv::Mat& image, int y, int first, int last, int reach, Border border, Real value, Real* out);

}  // namespace assay
