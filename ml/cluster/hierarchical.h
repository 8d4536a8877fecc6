// ml/cluster/hierarchical.h: a tree of clusters, from single rows up to all of them, and a cut through it.
//
//   merge the two nearest clusters (linkage.h, (1) and (2)) n - 1 times; clusters below the cut are the answer
//
// Shapes     X: n x d, rows
// Ranges     1 <= clusters <= n, or height >= 0; neither given: 2 clusters
// Guarantees heights never fall; `clusters` gives exactly that many. Labels are numbered in the order of first rows
// Weights    none
// Cost       single: O(n^2 d), memory O(n d). Others: O(n^2 d), memory n(n-1)/2 doubles, at most memory-mb
// Errors     ParameterError (clusters > n), DataError (weights, a missing cell, more rows than fit)
// See        linkage.h; [Murtagh1983]; trace kinds "chain", "merge"
#pragma once
#include "assay/ml/cluster/linkage.h"

namespace assay {

struct HierarchicalParams {
  Linkage linkage = Linkage::ward;
  std::optional<int> clusters;
  std::optional<double> height;
  int memory_mb = 2048;
  static void fields(auto& p, auto&& field) {
    field("linkage", p.linkage, linkage_names, "the distance of two clusters, by their rows or (ward) their means");
    field("clusters", p.clusters, at_least(1), "cut where so many are left; none: 2, unless height is given",
          {"k", "n-clusters"});
    field("height", p.height, non_negative, "cut at this height: merges at most so far apart are kept",
          {"distance-threshold"});
    field("memory-mb", p.memory_mb, at_least(1), "the distances of all pairs of rows take at most this much");
  }
  static std::optional<std::string> check(const HierarchicalParams& p) {
    if (p.clusters && p.height) return "parameters 'clusters' and 'height' exclude each other: both say where to cut";
    return std::nullopt;
  }
};

struct HierarchicalModel {
  FitReport report;
  Linkage linkage = Linkage::ward;
  std::vector<int> labels;
  int clusters = 0;
  std::vector<Merge> merges;  ///< the dendrogram: n - 1 of them

  Explanation explain(const std::vector<Column>& columns) const;
  void save(ArchiveWriter& out) const;
  static HierarchicalModel load(const ArchiveReader& in, const std::vector<Column>& columns);
};

struct Hierarchical {
  using Params = HierarchicalParams;
  using Model = HierarchicalModel;
  static constexpr LearnerInfo info{"hierarchical",
                                    "a tree of clusters, cut at a height",
                                    "Murtagh1983",
                                    {"agglomerative", "agglomerative-clustering", "hclust", "linkage"},
                                    {.quadratic = true, .transductive = true}};
  static Model fit(const Params& params, const Samples& samples, const Context& ctx);
};

}  // namespace assay
