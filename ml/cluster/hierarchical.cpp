// Method     1 check that the distances fit into memory   2 merge: single by a spanning tree, the others by chains of
//            nearest neighbours (linkage.cpp)   3 cut
// Departures from the paper: none beyond those of linkage.cpp.
#include "assay/ml/cluster/hierarchical.h"

#include <cmath>

#include "assay/core/text.h"

namespace assay {
namespace {

constexpr double kMegabyte = 1048576;
constexpr Index kLastMerges = 15;  // shown by explain

std::string megabytes(double bytes) { return significant(bytes / kMegabyte, 4) + " MB"; }

void check_memory(const HierarchicalParams& params, Index n) {
  const double bytes = cluster::distance_bytes(n);
  if (params.linkage == Linkage::single || bytes <= params.memory_mb * kMegabyte) return;
  const double fit = std::floor(0.5 + std::sqrt(0.25 + params.memory_mb * kMegabyte / 4));
  throw DataError("hierarchical keeps the distances of all pairs: " + std::to_string(n) + " rows make " +
                      megabytes(bytes) + ", and memory-mb=" + std::to_string(params.memory_mb) + " holds those of " +
                      significant(fit, 15) + " rows",
                  "raise --memory-mb, take fewer rows, or --linkage single, which keeps none");
}

// Ward's recurrence multiplies squared distances by numbers of rows.
void check_spread(const Matrix& X) {
  const Vector range = X.colwise().maxCoeff() - X.colwise().minCoeff();
  if (!std::isfinite(2 * static_cast<double>(X.rows()) * range.squaredNorm()))
    throw DataError("the squared distances of some rows are too large for a double",
                    "scale the columns (--scale standard)");
}

Index merges_kept(const HierarchicalParams& params, const std::vector<Merge>& merges, Index n) {
  if (params.height)
    return std::upper_bound(merges.begin(), merges.end(), *params.height,
                            [](double height, const Merge& m) { return height < m.height; }) -
           merges.begin();
  return n - std::min<Index>(n, params.clusters.value_or(2));
}

const char* word(Linkage linkage) {
  for (const auto& item : linkage_names.items)
    if (item.second == linkage) return item.first;
  return "";
}

Index rows_of(const HierarchicalModel& model) { return static_cast<Index>(model.merges.size()) + 1; }

// Where the cut is, in words: between the last merge kept and the first one undone.
std::string cut_note(const HierarchicalModel& model) {
  const std::vector<Merge>& merges = model.merges;
  const size_t kept = merges.size() + 1 - static_cast<size_t>(model.clusters);
  if (merges.empty()) return "one row, nothing to merge";
  if (kept == merges.size()) return "the cut is above the last merge, at height " + six_digits(merges.back().height);
  if (kept == 0) return "the cut is below the first merge, at height " + six_digits(merges.front().height);
  const double below = merges[kept - 1].height, above = merges[kept].height;
  if (below == above)
    return "the cut parts merges of the same height " + six_digits(above) + ": the tie rule decided which";
  return "cut between heights " + six_digits(below) + " and " + six_digits(above);
}

// The most clusters at a gap that is the largest one: the height doubles or more between few merges in good data.
size_t widest_gap(const std::vector<Merge>& merges) {
  size_t best = merges.size() - 1;
  for (size_t t = 1; t < merges.size(); ++t)
    if (merges[t].height - merges[t - 1].height > merges[best].height - merges[best - 1].height) best = t;
  return merges.size() + 1 - best;
}

}  // namespace

HierarchicalModel Hierarchical::fit(const Params& params, const Samples& samples, const Context& ctx) {
  check_fit_input(samples);
  if (samples.weight.size())
    throw DataError("hierarchical cannot use weights of rows", "leave out --weights, or repeat rows instead");
  const Index n = samples.n();
  if (params.clusters && *params.clusters > n)
    throw ParameterError("parameter 'clusters' is " + std::to_string(*params.clusters) + " but there are only " +
                         std::to_string(n) + " rows");
  check_memory(params, n);
  check_finite(samples.rows(), samples.columns);
  check_spread(samples.rows());
  HierarchicalModel model;
  model.linkage = params.linkage;
  model.merges = params.linkage == Linkage::single ? cluster::merge_by_spanning_tree(samples.rows(), ctx)
                                                   : cluster::merge_by_chain(samples.rows(), params.linkage, ctx);
  const Index kept = merges_kept(params, model.merges, n);
  model.labels = cluster::labels_after(model.merges, n, kept);
  model.clusters = static_cast<int>(n - kept);
  model.report.iterations = static_cast<long>(model.merges.size());
  model.report.objective = kept > 0 ? model.merges[static_cast<size_t>(kept - 1)].height : 0;
  model.report.note = cut_note(model);
  return model;
}

Explanation HierarchicalModel::explain(const std::vector<Column>&) const {
  Explanation e;
  e.sentences.push_back(std::to_string(rows_of(*this)) + " rows, merged by " + word(linkage) + " linkage; " +
                        cut_note(*this) + ": " + std::to_string(clusters) +
                        (clusters == 1 ? " cluster." : " clusters."));
  if (merges.size() < 2) return e;
  const size_t k = widest_gap(merges);
  e.sentences.push_back("The widest gap between two merges stands where " + std::to_string(k) +
                        " clusters are left; a wide gap suggests a cut, and proves nothing.");
  Explanation::Table table{"the last merges", {"clusters after", "height", "gap", "rows"}, {}};
  for (size_t t = merges.size(); t-- > 1 && static_cast<Index>(table.rows.size()) < kLastMerges;)
    table.rows.push_back({static_cast<double>(merges.size() - t), merges[t].height,
                          merges[t].height - merges[t - 1].height, static_cast<double>(merges[t].rows)});
  e.tables.push_back(std::move(table));
  return e;
}

void HierarchicalModel::save(ArchiveWriter& out) const {
  out.text("linkage", word(linkage));
  out.integer("rows", rows_of(*this));
  out.integer("clusters", clusters);
  std::vector<int> a, b;
  std::vector<double> heights;
  for (const Merge& m : merges) a.push_back(m.a), b.push_back(m.b), heights.push_back(m.height);
  out.integers("a", a);
  out.integers("b", b);
  out.numbers("heights", heights);
}

HierarchicalModel HierarchicalModel::load(const ArchiveReader& in, const std::vector<Column>&) {
  HierarchicalModel model;
  const std::string linkage = in.text("linkage");
  bool known = false;
  for (const auto& item : linkage_names.items)
    if (linkage == item.first) model.linkage = item.second, known = true;
  if (!known) in.fail("linkage: unknown word " + quoted(linkage));
  const Index n = static_cast<Index>(in.integer("rows", 1, 1 << 30));
  model.clusters = static_cast<int>(in.integer("clusters", 1, n));
  const int last = static_cast<int>(2 * n - 2);
  const std::vector<int> a = in.integers("a", 0, last), b = in.integers("b", 0, last);
  const std::vector<double> heights = in.numbers("heights");
  const size_t count = static_cast<size_t>(n - 1);
  if (a.size() != count || b.size() != count || heights.size() != count) in.fail("one merge less than rows expected");
  std::vector<int> rows(static_cast<size_t>(2 * n - 1), 0);  // 0: not made yet, or merged away
  std::fill_n(rows.begin(), n, 1);
  for (size_t t = 0; t < count; ++t) {
    int &left = rows[static_cast<size_t>(a[t])], &right = rows[static_cast<size_t>(b[t])];
    if (a[t] >= b[t] || left == 0 || right == 0)
      in.fail("merge " + std::to_string(t) + ": not two clusters that exist");
    if (heights[t] < (t ? heights[t - 1] : 0)) in.fail("heights: they must not fall");
    rows[static_cast<size_t>(n) + t] = left + right;
    model.merges.push_back({a[t], b[t], heights[t], left + right});
    left = right = 0;
  }
  model.labels = cluster::labels_after(model.merges, n, n - model.clusters);
  model.report.iterations = static_cast<long>(count);
  return model;
}

}  // namespace assay
