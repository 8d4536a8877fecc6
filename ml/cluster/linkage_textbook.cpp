// Method     n - 1 times: 1 search all pairs of clusters for the nearest   2 merge it   3 the new cluster's distances by
//            the recurrence of [Lance1967]
// Departures from the paper: none; ties as linkage.h says.
#include <cmath>
#include <numeric>

#include "assay/ml/cluster/linkage_internal.h"

namespace assay::cluster {
namespace {

// Each pair's distance with the two rows the pair goes by: its slots, or, for single, its two nearest rows.
std::vector<std::vector<Joint>> all_pairs(const Matrix& X, Linkage linkage) {
  const Matrix Xt = X.transpose();
  std::vector<std::vector<Joint>> D(static_cast<size_t>(X.rows()));
  std::vector<double> distance(D.size());
  for (Index i = 0; i < X.rows(); ++i) {
    squared_distances(Xt, i, 0, i, distance.data());
    for (Index j = 0; j < i; ++j) {
      const double d = distance[static_cast<size_t>(j)];
      D[static_cast<size_t>(i)].push_back({is_squared(linkage) ? d : std::sqrt(d), j, i});
    }
  }
  return D;
}

}  // namespace

std::vector<Merge> merge_textbook(const Matrix& X, Linkage linkage, const Context& ctx) {
  const size_t n = static_cast<size_t>(X.rows());
  std::vector<std::vector<Joint>> D = all_pairs(X, linkage);
  const auto pair = [&](size_t i, size_t j) -> Joint& { return i > j ? D[i][j] : D[j][i]; };
  std::vector<size_t> alive(n);
  std::iota(alive.begin(), alive.end(), size_t(0));
  std::vector<double> sizes(n, 1.0);
  std::vector<Joint> joints;
  while (alive.size() > 1) {
    ctx.check_cancelled();
    size_t a = alive[0], b = alive[1];
    for (const size_t i : alive)
      for (const size_t j : alive)
        if (i < j && pair(i, j) < pair(a, b)) a = i, b = j;
    const Joint joint = pair(a, b);
    joints.push_back(joint);
    alive.erase(std::find(alive.begin(), alive.end(), a));
    for (const size_t k : alive) {
      if (k == b) continue;
      Joint &ac = pair(a, k), &bc = pair(b, k);
      if (linkage == Linkage::single)
        bc = std::min(ac, bc);
      else
        bc.distance = joined_distance(linkage, ac.distance, bc.distance, joint.distance, sizes[a], sizes[b], sizes[k]);
    }
    sizes[b] += sizes[a];
  }
  return number_merges(std::move(joints), X.rows(), linkage, ctx);
}

}  // namespace assay::cluster
