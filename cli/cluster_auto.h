// cli/cluster_auto.h: `cluster kmeans --clusters auto` and `2..12`: how many clusters are there?
#pragma once
#include "cli/unsupervised.h"

namespace assay::cli {

/// The range that --clusters asks to choose from; the option is set to its lowest number, so that it reads as one.
std::optional<std::pair<int, int>> take_cluster_range(Invocation& call);
std::vector<Option> cluster_range_options();

/// Prints the table of all curves and the verdict, writes --k-plot. None: no clear k.
std::optional<int> choose_number_of_clusters(Invocation& call, const Chosen<Clusterer>& chosen, const Features& data,
                                             std::pair<int, int> range);

}  // namespace assay::cli
