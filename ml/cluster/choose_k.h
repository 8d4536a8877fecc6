// ml/cluster/choose_k.h: how many clusters? Six curves over k, and a verdict that may be "no clear k".
//
//   elbow       W_k, the inertia of k-means
//   silhouette, calinski_harabasz, davies_bouldin   of those clusters (ml/metrics/clustering.h)
//   gap         mean_b log W*_kb - log W_k, over B tables of uniform noise in the box of the rows' principal axes; its
//               spread s_k = sd_b(log W*_kb) sqrt(1 + 1/B)                                                           (1)
//   bic         -2 log L + k (d + 1) log n of k round Gaussians of one variance, each row in one of them              (2)
//
// Verdict  k is clear if  a) the silhouette is largest at k, and at least 0.5;
//                         b) the gap at k is beyond that of one cluster by both spreads: Gap(k) - s_k > Gap(1) + s_1;
//                         c) one cluster more gains nothing: Gap(k) >= Gap(k + 1) - s_{k + 1}.
//          Otherwise there is none. a) asks for compact clusters far apart, b) for more of them than noise has, c) is the
//          rule of [Tibshirani2001]; 0.5 is where [Kaufman1990, table 4] begin to speak of structure that is reasonable.
// Cost     gap: B tables of at most 2000 rows; silhouette: at most 1000 rows against all; k-means on all rows
// See      [Tibshirani2001] sec. 3 and 4, reference (b); [Kaufman1990]; BIC as in [Pelleg2000]
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "assay/ml/cluster/kmeans.h"

namespace assay {

struct ChooseKOptions {
  int lo = 2, hi = 10;
  int references = 20;
};

/// What was found for one k.
struct KRow {
  int k = 1;
  double inertia = 0;
  std::optional<double> silhouette, calinski_harabasz, davies_bouldin;
  double gap = 0, gap_spread = 0, bic = 0;
};

struct KChoice {
  std::vector<KRow> rows;  ///< k = 1, lo .. hi + 1; the last has only its gap (rule c)
  std::optional<int> k;    ///< none: no clear k
  std::string verdict;     ///< one sentence
  int best_gap = 0, best_silhouette = 0, best_calinski = 0, best_davies = 0, best_bic = 0;  ///< where each curve points
};

/// ParameterError: lo < 2, hi < lo, more clusters than rows. `base`: init, starts, tolerance and so on of each run.
KChoice choose_clusters(const KMeansParams& base, const ChooseKOptions& options, const Samples& samples,
                        const Context& ctx);

}  // namespace assay
