// ml/tree/ratio.h: Quinlan's gain ratio: the gain of a split for each bit that the split itself tells.
//
//   ratio = G / H,   H = -W_L/W log2(W_L/W) - W_R/W log2(W_R/W)   (split information)                            (1)
//
// Alone, (1) would favour splits that cut off a row or two, since H is small there. So each column sends its split of
// greatest gain; of these only the ones whose gain is at least the columns' average compete; the greatest ratio wins.
//
// See  [Quinlan1986] p. 101; [Quinlan1993] sec. 2.2; [Quinlan1996] sec. 3 (thresholds by gain)
#pragma once
#include <optional>
#include <vector>

#include "assay/ml/tree/split.h"

namespace assay::tree {

/// H of (1), in bits; 0 where a side weighs nothing.
double split_information(double W_L, double W_R);

/// The split of greatest ratio among the columns' best ones; ratios that differ by at most kTie are equal, and the lowest
/// column wins. `average`: of the gains of all columns that can split the node; none: `features` are these columns, and
/// it is computed. `gains` as in choose_split.
Split choose_by_ratio(const NodeStats& node, const std::vector<int>& features, Walk walk, std::optional<double> average,
                      std::vector<double>* gains);

}  // namespace assay::tree
