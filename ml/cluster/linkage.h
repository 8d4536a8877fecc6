// ml/cluster/linkage.h: agglomerative clustering: begin with every row alone, merge the two nearest clusters, n - 1 times.
//
//   single     d(A, B) = min |a - b|                complete  d(A, B) = max |a - b|        a in A, b in B             (1)
//   average    d(A, B) = mean |a - b|               Ward      d(A, B)^2 = 2 |A||B| / (|A| + |B|) |m_A - m_B|^2        (2)
//
// Ward's d^2 is twice what the merge adds to the sum of squares around the means m. |.| is Euclid's distance.
//
// Shapes     X: n x d;  a dendrogram: n - 1 merges, of clusters 0 .. n-1 (the rows) and n + t (what merge t made)
// Requires   n >= 1; X finite
// Guarantees heights never fall from one merge to the next; merge_by_chain and merge_by_spanning_tree make the merges of
//            merge_textbook: the same clusters, heights and order
// Ties       complete, average, Ward: a cluster goes by its highest row number; of equally near pairs the one comes first
//            whose lower number, then whose higher one is smaller. single: the same rule for the two rows that are
//            nearest. With average and Ward, distances equal but for rounding count as different
// Cost       textbook O(n^3); chain O(n^2 + n^2 d), memory n(n-1)/2 doubles; spanning tree O(n^2 d), memory O(n d)
// See        [Murtagh1983], [Lance1967], [Gower1969], [Ward1963]; trace kinds "chain", "merge"
#pragma once
#include <vector>

#include "assay/core/context.h"
#include "assay/core/linalg.h"
#include "assay/core/parallel.h"
#include "assay/core/params.h"
#include "assay/ml/clusterer.h"

namespace assay {

enum class Linkage { single, complete, average, ward };
inline constexpr EnumNames<Linkage, 4> linkage_names{{{"ward", Linkage::ward},
                                                      {"average", Linkage::average},
                                                      {"complete", Linkage::complete},
                                                      {"single", Linkage::single}}};

namespace cluster {

/// The merges in order, by searching all pairs each time: the definition.
std::vector<Merge> merge_textbook(const Matrix& X, Linkage linkage, const Context& ctx);
/// The same by chains of nearest neighbours; not for single.
std::vector<Merge> merge_by_chain(const Matrix& X, Linkage linkage, const Context& ctx);
/// The same for single: the edges of the shortest spanning tree.
std::vector<Merge> merge_by_spanning_tree(const Matrix& X, const Context& ctx);

/// Bytes of the distances merge_by_chain keeps.
double distance_bytes(Index n);

/// Cluster of each row once the first `count` merges are done, numbered in the order of their first rows.
std::vector<int> labels_after(const std::vector<Merge>& merges, Index n, Index count);
/// The rows in an order in which no branches of the drawn tree cross: of two branches the lower cluster number first.
std::vector<int> leaf_order(const std::vector<Merge>& merges, Index n);

}  // namespace cluster
}  // namespace assay
