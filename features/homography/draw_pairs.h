// features/homography/draw_pairs.h: pairs of points as pictures: over both photographs, or on their own.
#pragma once
#include <opencv2/core/mat.hpp>
#include <optional>
#include <vector>

#include "assay/features/homography/point_pair.h"

namespace assay {

/// Rings at the points, and lines between some sixty pairs of each kind: inliers (ascending indices) green, the others red
/// and on top. With H: the outline of the first picture where H lays it in the second.
cv::Mat draw_matches(const cv::Mat& first, const cv::Mat& second, PointPairs pairs, const std::vector<int>& inliers,
                     const std::optional<Matrix3>& H = std::nullopt);

/// The places of second points, right ones green and wrong ones red, over a plane in which H lays the rectangle of the first
/// points: what a robust estimate believed.
cv::Mat draw_estimate(PointPairs pairs, const std::vector<int>& inliers, const Matrix3& H);

}  // namespace assay
