// cli/report/figures/k_distance.h: the k-distance plot, from which eps of dbscan is read: a file of its own.
#pragma once
#include "assay/ml/cluster/k_distance.h"
#include "cli/report/figures/axis.h"

namespace assay::report {

/// `eps`: what the run used; marked beside the bend where it is another.
std::string k_distance_picture(const KDistanceCurve& curve, int min_points, double eps);

}  // namespace assay::report
