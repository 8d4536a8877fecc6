// ml/metrics/clustering.h: how good is a grouping of rows? Seen from the rows alone, and beside groups that are known.
//
//   silhouette         s(i) = (b(i) - a(i)) / max(a(i), b(i)), the mean over rows; a(i): mean distance to the other rows of its
//                      cluster, b(i): the least mean distance to the rows of another; 0 for a cluster of one row         (1)
//   davies_bouldin     mean over k of max over l != k of (S_k + S_l) / |c_k - c_l|, S_k the mean distance to c_k         (2)
//   calinski_harabasz  (B / (K - 1)) / (W / (n - K)), B = sum n_k |c_k - c|^2, W = sum |x_i - c_k(i)|^2                  (3)
//   ari, ami           (index - expected) / (most - expected) over pairs and over mutual information                     (4)
//   nmi = v_measure    2 I / (H(truth) + H(cluster)); homogeneity I / H(truth), completeness I / H(cluster)              (5)
//   purity             sum over clusters of its largest class, over n                                                    (6)
//   fowlkes_mallows    TP / sqrt((TP + FP) (TP + FN)) over pairs                                                         (7)
//
// Notation  n rows that count, K clusters that have any; c_k mean of cluster k, c of all; distances are Euclidean
// Noise     rows of label -1 belong to no cluster: (1) to (3) leave them out; beside known groups they are one cluster more
// Weights   every row counts once
// Undefined (1) to (3) need 2 <= K <= n - 1, (2) two centres apart, (3) W > 0; otherwise no value and the reason. Where both
//           sides of (4), (5) and (7) are one group, or both all single rows, they are equal: 1
// Cost      silhouette O(n^2 d) time, O(n d) memory; sampled: m of the rows against all others, so that the mean is an unbiased
//           estimate of the exact one; the others O(n d) and, ami, O(n sqrt(n)) at worst
// See       [Rousseeuw1987], [Davies1979], [Calinski1974], [Hubert1985] eq. 5, [Vinh2010] eq. 24a, [Rosenberg2007],
//           [Fowlkes1983]
#pragma once
#include <span>
#include <string>
#include <vector>

#include "assay/core/context.h"
#include "assay/ml/metrics/metrics.h"

namespace assay {

/// One line of the catalogue of indices.
struct ClusterIndex {
  const char* name;  ///< as in JSON
  bool needs_truth;
  bool higher_is_better;
  const char* text;       ///< one sentence
  const char* reference;  ///< key of REFERENCES.bib, or ""
};
std::span<const ClusterIndex> cluster_indices();

struct Silhouette {
  Score mean;
  double standard_error = 0;  ///< of a sampled mean; 0 where it is exact
  std::vector<int> rows;      ///< the rows looked at, rising: all that are no noise, or the sample
  std::vector<double> value;  ///< s(i) of each of them
};
/// `sample` rows at most, drawn from the context's seed; 0: all. `labels` -1, 0, 1, ...
Silhouette silhouette(const Matrix& X, const std::vector<int>& labels, Index sample, const Context& ctx);
/// How many rows to draw so that the silhouette takes a second or so; 0: all of them.
Index silhouette_sample(Index n, Index d);

Score davies_bouldin(const Matrix& X, const std::vector<int>& labels, int threads);
Score calinski_harabasz(const Matrix& X, const std::vector<int>& labels, int threads);

/// ari, ami, nmi, v_measure, homogeneity, completeness, purity, fowlkes_mallows of two groupings of the same rows. Names of
/// groups are any whole numbers; which is which changes nothing.
struct PartitionScores {
  double ari, ami, nmi, homogeneity, completeness, v_measure, purity, fowlkes_mallows;
};
/// DataError where the lengths differ or there are no rows.
PartitionScores compare_partitions(const std::vector<int>& truth, const std::vector<int>& cluster);

/// Rows of each cluster, side by side, and what they have in common.
struct ClusterSummary {
  Index rows = 0;
  Vector mean;       ///< of the rows; empty where there are none
  int typical = -1;  ///< the row nearest to the mean, the first of equals; -1 where there are none
};
/// Clusters 0..K-1; noise is left out.
std::vector<ClusterSummary> summarize_clusters(const Matrix& X, const std::vector<int>& labels, int clusters,
                                               int threads);

}  // namespace assay
