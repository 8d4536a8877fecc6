// imgproc/edge/canny_internal.h: the stages of Canny, shared by the detector and its trace.
#pragma once
#include "assay/imgproc/edge/canny.h"

namespace assay::canny_stages {

/// What a pixel is between suppression and linking.
enum Class : uint8_t { kNone = 0, kWeak = 1, kStrong = 2, kEdge = 3 };

/// Both thresholds in the picture's own scale.
struct Thresholds {
  double low, high;
};
Thresholds thresholds_for(const CannyParams& p, const cv::Mat& image);
Suppression suppression_of(const CannyParams& p);

/// Gradient of the rows a band needs: gx and gy of rows [begin, end), magnitude of rows begin-1 .. end with one column
/// more on each side, 0 outside the picture. m(y, x) = magnitude(y - begin + 1, x + 1).
template <class Real>
struct Band {
  int begin, end;
  cv::Mat_<Real> gx, gy, magnitude;
};

template <class Real>
Band<Real> gradient(const cv::Mat& image, const CannyParams& p, int begin, int end);

/// Classes of the band's rows into `candidates`, a picture with a margin of one pixel around it.
template <class Real>
void suppress_non_maxima(const Band<Real>& band, const CannyParams& p, Thresholds t, cv::Mat_<uint8_t>& candidates);

/// Turns strong candidates, and weak ones joined to them, into kEdge.
void link_by_hysteresis(cv::Mat_<uint8_t>& candidates);

/// The same, 64 pixels of a row at a time, as a picture: 255 on an edge, 0 elsewhere. `edges` has its size and depth.
void link_words(const cv::Mat_<uint8_t>& candidates, cv::Mat& edges);

/// All stages as pictures, one pixel's story, and a grid of threshold pairs.
void show_stages(const CannyParams& p, const cv::Mat& image, const cv::Mat& edges, const Context& ctx);

}  // namespace assay::canny_stages
