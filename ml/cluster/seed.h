// ml/cluster/seed.h: the first centres: k rows.
//
//   k-means++   the first row by weight, each further one with probability  w_i D_i^2 / sum_j w_j D_j^2,             (1)
//               D_i the distance to the nearest centre so far
//   greedy      2 + floor(ln k) rows drawn by (1), and the one kept that leaves the smallest sum
//   random      k different rows, by weight
//
// Guarantees  k-means++: expected inertia at most 8 (ln k + 2) times the least [Arthur2007, theorem 1.1]. No row of
//             weight 0; where every row lies on a centre, the rest is drawn by weight
// Cost        O(n k d), greedy (2 + ln k) times as much, less what the triangle inequality saves; memory 12 n bytes
// See         [Arthur2007] sec. 2.2; greedy: sec. 5, and scikit-learn
#pragma once
#include <vector>

#include "assay/core/context.h"
#include "assay/ml/data/samples.h"

namespace assay::kmeans {

enum class Seeding { random, plus_plus, greedy };

/// Numbers of k rows, in the order of their choice. Random numbers from ctx; requires 1 <= k <= n.
std::vector<Index> seed_rows(const Samples& samples, Index k, Seeding how, const Context& ctx);

}  // namespace assay::kmeans
