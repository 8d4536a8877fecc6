// ml/cluster/k_distance.cpp
// Method     1 choose the rows that are asked   2 their nearest rows, until the weight is enough   3 sort   4 bend
// Departures from the paper: k-distances there do not count the row itself (its k is min_points - 1 here) and the user
//            looks for the bend; rows carry weights.
#include "assay/ml/cluster/k_distance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/text.h"
#include "assay/ml/neighbors/distance.h"
#include "assay/ml/neighbors/search.h"

namespace assay {
namespace {

constexpr Index kAsked = 2000;
constexpr double kIgnored = 0.02;

/// Step 1.
std::vector<int> rows_to_ask(Index n, int min_points, const Context& ctx) {
  const Index count = std::min<Index>(n, std::clamp<Index>(2000000 / min_points, 50, kAsked));
  std::vector<int> rows;
  Rng rng = ctx.rng();
  for (Index i = 0; i < count; ++i) {
    const Index begin = i * n / count, end = (i + 1) * n / count;
    rows.push_back(static_cast<int>(begin + static_cast<Index>(rng.below(static_cast<uint64_t>(end - begin)))));
  }
  return rows;
}

struct Item {
  double distance, weight;
};

/// Step 2: nothing where even k rows do not weigh enough.
bool k_distances(const Samples& samples, const neighbors::Search& search, const std::vector<int>& rows, Index k,
                 int min_points, const Context& ctx, std::vector<Item>& items) {
  const Matrix& X = samples.rows();
  Matrix queries(static_cast<Index>(rows.size()), X.cols());
  for (Index i = 0; i < queries.rows(); ++i) queries.row(i) = X.row(rows[static_cast<size_t>(i)]);
  const auto nearest = neighbors::all_nearest(search, queries, static_cast<int>(k), ctx);
  items.clear();
  for (size_t i = 0; i < rows.size(); ++i) {
    double total = 0;
    Index j = 0;
    for (; j < k && total < min_points; ++j)
      total += samples.weight_of(nearest[i * static_cast<size_t>(k) + static_cast<size_t>(j)].row);
    if (total < min_points) return false;
    const double reduced = nearest[i * static_cast<size_t>(k) + static_cast<size_t>(j) - 1].distance;
    items.push_back({neighbors::from_reduced(Distance::euclidean, reduced), samples.weight_of(rows[i])});
  }
  return true;
}

/// Step 4: the first of the points that lie furthest below the chord.
size_t bend_of(const KDistanceCurve& curve) {
  const size_t begin =
      static_cast<size_t>(std::lower_bound(curve.share.begin(), curve.share.end(), kIgnored) - curve.share.begin());
  if (begin >= curve.share.size()) return 0;
  const double top = curve.distance[begin], fall = top - curve.distance.back();
  const double from = curve.share[begin], width = 1 - from;
  size_t bend = begin;
  double furthest = -1;
  for (size_t i = begin; i < curve.share.size(); ++i) {
    const double chord = 1 - (curve.share[i] - from) / width;
    const double below = chord - (fall > 0 ? (curve.distance[i] - curve.distance.back()) / fall : 0);
    if (fall > 0 && curve.distance[i] > 0 && below > furthest) {
      furthest = below;
      bend = i;
    }
  }
  return bend;
}

}  // namespace

KDistanceCurve k_distance_curve(const Samples& samples, int min_points, const Context& ctx) {
  const Index n = samples.n();
  KDistanceCurve curve;
  const double total = samples.weight.size() ? samples.weight.sum() : static_cast<double>(n);
  if (total < min_points) {
    curve.note = "eps=1, which does not matter: all rows together weigh less than min-points";
    return curve;
  }
  const auto X = std::shared_ptr<const Matrix>(std::shared_ptr<void>(), &samples.rows());  // not owned: outlived here
  Algorithm used = Algorithm::automatic;
  const auto search =
      neighbors::chosen_search(X, Distance::euclidean, static_cast<int>(std::min<Index>(n, min_points)), used);
  const std::vector<int> rows = rows_to_ask(n, min_points, ctx);
  std::vector<Item> items;
  Index k = std::min<Index>(n, min_points);
  while (!k_distances(samples, *search, rows, k, min_points, ctx, items) && k < n) k = std::min<Index>(n, 2 * k);

  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.distance > b.distance; });
  double asked = 0, before = 0;
  for (const Item& item : items) asked += item.weight;
  for (const Item& item : items) {
    if (item.weight == 0) continue;
    curve.distance.push_back(item.distance);
    curve.share.push_back(before / asked);
    before += item.weight;
  }
  if (curve.distance.empty() || !(curve.distance.front() > 0)) {
    curve.note = "eps=1, which does not matter: every row has min-points twins";
    return curve;
  }
  curve.bend = bend_of(curve);
  while (curve.bend > 0 && !(curve.distance[curve.bend] > 0)) --curve.bend;
  curve.eps = curve.distance[curve.bend];
  if (!(curve.eps > 0) || !std::isfinite(curve.eps)) curve.eps = 1;
  curve.note = "eps=" + shortest(curve.eps) + " is where the k-distance plot bends" +
               (static_cast<Index>(rows.size()) < n ? " (of " + std::to_string(rows.size()) + " rows)" : "");
  return curve;
}

}  // namespace assay
