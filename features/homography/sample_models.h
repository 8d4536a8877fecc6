// features/homography/sample_models.h: plane transformations of as few pairs as determine them, for robust estimation.
#pragma once
#include <optional>

#include "assay/core/params.h"
#include "assay/features/homography/point_pair.h"

namespace assay {

enum class PlaneModel { translation, rigid, similarity, affine, homography };
inline constexpr EnumNames<PlaneModel, 5> plane_model_names{{{"translation", PlaneModel::translation},
                                                             {"rigid", PlaneModel::rigid},
                                                             {"similarity", PlaneModel::similarity},
                                                             {"affine", PlaneModel::affine},
                                                             {"homography", PlaneModel::homography}}};

/// Pairs that determine it: 1, 2, 2, 3, 4.
int sample_size(PlaneModel model);

/// The homography of four pairs; nullopt where three points of either picture lie on a line, or no view of a plane from one
/// side does this (a triangle changes its sense, another keeps it): then some point is beyond the horizon of H.
std::optional<Matrix3> homography_of_four(const PointPair* sample);

/// The least-squares model of a few pairs (homography: of four exactly).
std::optional<Matrix3> model_of_sample(PlaneModel model, PointPairs sample);

}  // namespace assay
