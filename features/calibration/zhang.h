// features/calibration/zhang.h: a camera without lens from homographies of a plane, in closed form.
//
//   H ~ K [r1 r2 t],   r1' r2 = 0,  |r1| = |r2|      so with B = K^-T K^-1, h_i the columns of H:
//   h1' B h2 = 0,   h1' B h1 = h2' B h2               two linear equations a view in the 6 entries b of B           (1)
//   V b = 0, |b| = 1;   K from b                                                   [Zhang2000, eq. 8, 9, appendix B]
//
// Requires   homographies (pixels from board) of planes in at least three directions; two without skew
// Gives      nothing where B is not positive definite: the views do not determine a camera, or a strong lens misleads
// See        [Zhang2000] sec. 3.1, appendices B and C
#pragma once
#include <span>

#include "assay/features/calibration/camera.h"

namespace assay {

std::optional<Camera> closed_form(std::span<const Matrix3> homographies, const cv::Size& size, bool skew);

/// How far the views determine a camera without skew: the least singular value of V that must not be 0, over the largest.
double determinacy(std::span<const Matrix3> homographies, const cv::Size& size);

/// Centre of the picture given: the focal lengths are linear in (1) then, and two equations a view remain.
std::optional<Camera> closed_form_centred(std::span<const Matrix3> homographies, const cv::Size& size);

/// Rotation and place of the plane; Z > 0 in front of the camera.
Pose pose_of(const Camera& camera, const Matrix3& homography);

}  // namespace assay
