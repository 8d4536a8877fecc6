// Notation   P: the rows that are no noise, cluster after cluster, column-major; start_k: where cluster k begins in P
// Method     1 lay out P   2 sums of distances from a row to every cluster (silhouette), or the mean of every cluster (the
//            others)   3 the formula
// Departures from the paper: rows of a cluster of one have s(i) = 0, as [Rousseeuw1987] proposes; rows equal to all rows of two
//            clusters (a = b = 0) too. A sample of rows is compared with all rows, not with the sample alone as in
//            scikit-learn, whose sampled silhouette is biased where clusters are small.
#include "assay/ml/metrics/clustering.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/error.h"
#include "assay/ml/metrics/clustering_kernels.h"
#include "assay/ml/metrics/formulas.h"

namespace assay {
namespace {

constexpr ClusterIndex kIndices[] = {
    {"silhouette", false, true, "mean of (b - a) / max(a, b): own cluster against the nearest other one; -1..1",
     "Rousseeuw1987"},
    {"davies_bouldin", false, false, "spread of two clusters over the distance of their centres, the worst pair each",
     "Davies1979"},
    {"calinski_harabasz", false, true, "variance between clusters over variance within, per degree of freedom",
     "Calinski1974"},
    {"ari", true, true, "pairs that both groupings treat alike, 0 by chance, 1 when equal", "Hubert1985"},
    {"ami", true, true, "mutual information, 0 by chance, 1 when equal", "Vinh2010"},
    {"nmi", true, true, "mutual information over the mean of both entropies", "Vinh2010"},
    {"homogeneity", true, true, "1 where every cluster holds one class alone", "Rosenberg2007"},
    {"completeness", true, true, "1 where every class lies in one cluster", "Rosenberg2007"},
    {"v_measure", true, true, "harmonic mean of homogeneity and completeness (the same number as nmi)",
     "Rosenberg2007"},
    {"purity", true, true, "share of rows that are of their cluster's largest class", ""},
    {"fowlkes_mallows", true, true, "geometric mean of precision and recall over pairs", "Fowlkes1983"},
};

// Rows grouped by cluster; clusters without a row are left out.
struct Grouped {
  Columns P;
  std::vector<Index> start;  // K + 1
  std::vector<int> row;      // of X, for each row of P
  std::vector<int> cluster;  // of each row of P, 0..K-1
  Index n() const { return P.rows(); }
  Index K() const { return static_cast<Index>(start.size()) - 1; }
  Index size(Index k) const { return start[static_cast<size_t>(k) + 1] - start[static_cast<size_t>(k)]; }
};

void check_labels(const Matrix& X, const std::vector<int>& labels) {
  if (static_cast<Index>(labels.size()) != X.rows())
    throw DataError("there are " + std::to_string(labels.size()) + " labels for " + std::to_string(X.rows()) + " rows");
}

Grouped group_rows(const Matrix& X, const std::vector<int>& labels, int threads) {
  check_labels(X, labels);
  Grouped g;
  for (Index i = 0; i < X.rows(); ++i)
    if (labels[static_cast<size_t>(i)] >= 0) g.row.push_back(static_cast<int>(i));
  std::stable_sort(g.row.begin(), g.row.end(),
                   [&](int a, int b) { return labels[static_cast<size_t>(a)] < labels[static_cast<size_t>(b)]; });
  const auto n = static_cast<Index>(g.row.size());
  for (Index j = 0; j < n; ++j) {
    const auto label = [&](Index at) { return labels[static_cast<size_t>(g.row[static_cast<size_t>(at)])]; };
    if (j == 0 || label(j) != label(j - 1)) g.start.push_back(j);
    g.cluster.push_back(static_cast<int>(g.start.size()) - 1);
  }
  g.start.push_back(n);
  g.P.resize(n, X.cols());
  constexpr Index kRows = 256;
  parallel_for(threads, n, kRows, [&](Index begin, Index end) {
    for (Index f = 0; f < X.cols(); ++f)
      for (Index j = begin; j < end; ++j) g.P(j, f) = X(g.row[static_cast<size_t>(j)], f);
  });
  return g;
}

// Why (1) to (3) have no value; "" where they have one.
std::string undefined_for(const Grouped& g) {
  if (g.n() == 0) return "every row is noise";
  if (g.K() < 2) return "there is one cluster";
  if (g.K() > g.n() - 1) return "every row is a cluster of its own";
  return "";
}

// c_k, K x d.
Matrix means_of(const Grouped& g, int threads) {
  Matrix c(g.K(), g.P.cols());
  parallel_for(threads, g.K(), 1, [&](Index begin, Index end) {
    for (Index k = begin; k < end; ++k)
      for (Index f = 0; f < g.P.cols(); ++f)
        c(k, f) = sum(g.P.col(f).data() + g.start[static_cast<size_t>(k)], g.size(k)) / static_cast<double>(g.size(k));
  });
  return c;
}

double squared_distance(const Grouped& g, Index j, const double* c) {
  double total = 0;
  for (Index f = 0; f < g.P.cols(); ++f) total += (g.P(j, f) - c[f]) * (g.P(j, f) - c[f]);
  return total;
}

// Sum over the rows of each cluster of term(|x - c_k|^2).
template <class Term>
Vector sums_within(const Grouped& g, const Matrix& c, int threads, Term term) {
  Vector totals(g.K());
  parallel_for(threads, g.K(), 1, [&](Index begin, Index end) {
    for (Index k = begin; k < end; ++k) {
      std::vector<double> terms;
      for (Index j = g.start[static_cast<size_t>(k)]; j < g.start[static_cast<size_t>(k) + 1]; ++j)
        terms.push_back(term(squared_distance(g, j, c.row(k).data())));
      totals[k] = sum(terms.data(), g.size(k));
    }
  });
  return totals;
}

// ---- silhouette

// D(m, k): sum of the distances from row at[m] of P to all rows of cluster k. Eight rows go together, so that a block of P is
// read once for them.
constexpr Index kTogether = 8;

double silhouette_of(const Grouped& g, Index j, const double* to_cluster) {
  const Index own = g.cluster[static_cast<size_t>(j)];
  if (g.size(own) == 1) return 0;
  const double a = to_cluster[own] / static_cast<double>(g.size(own) - 1);
  double b = INFINITY;
  for (Index k = 0; k < g.K(); ++k)
    if (k != own) b = std::min(b, to_cluster[k] / static_cast<double>(g.size(k)));
  const double most = std::max(a, b);
  return most > 0 && std::isfinite(most) ? (b - a) / most : 0;
}

std::vector<double> silhouettes(const Grouped& g, const std::vector<Index>& at, const Context& ctx) {
  std::vector<double> s(at.size());
  parallel_for(ctx.threads, static_cast<Index>(at.size()), kTogether, [&](Index begin, Index end) {
    ctx.check_cancelled();
    Matrix to_cluster = Matrix::Zero(end - begin, g.K()), rows(end - begin, g.P.cols());
    for (Index m = begin; m < end; ++m) rows.row(m - begin) = g.P.row(at[static_cast<size_t>(m)]);
    for (Index k = 0; k < g.K(); ++k)
      for (Index b = g.start[static_cast<size_t>(k)]; b < g.start[static_cast<size_t>(k) + 1]; b += kDistanceBlock) {
        const Index stop = std::min(b + kDistanceBlock, g.start[static_cast<size_t>(k) + 1]);
        for (Index m = 0; m < end - begin; ++m)
          to_cluster(m, k) += sum_of_distances(g.P.data(), g.n(), b, stop, rows.row(m).data(), g.P.cols());
      }
    for (Index m = begin; m < end; ++m)
      s[static_cast<size_t>(m)] = silhouette_of(g, at[static_cast<size_t>(m)], to_cluster.row(m - begin).data());
  });
  return s;
}

// m of 0..n-1, rising: the first m steps of a shuffle.
std::vector<Index> draw_rows(Index n, Index m, Rng rng) {
  std::vector<Index> all(static_cast<size_t>(n));
  std::iota(all.begin(), all.end(), Index{0});
  for (Index i = 0; i < m; ++i)
    std::swap(all[static_cast<size_t>(i)],
              all[static_cast<size_t>(i) + static_cast<size_t>(rng.below(static_cast<uint64_t>(n - i)))]);
  all.resize(static_cast<size_t>(m));
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

std::span<const ClusterIndex> cluster_indices() { return kIndices; }

Index silhouette_sample(Index n, Index d) {
  constexpr double kWork = 4e9;  // about a second of one core
  constexpr double kLeast = 500;
  const double row = static_cast<double>(n) * static_cast<double>(d + 8);
  if (row * static_cast<double>(n) <= kWork) return 0;
  const double m = std::max(kLeast, kWork / row);
  return m >= static_cast<double>(n) ? 0 : static_cast<Index>(m);
}

Silhouette silhouette(const Matrix& X, const std::vector<int>& labels, Index sample, const Context& ctx) {
  const Grouped g = group_rows(X, labels, ctx.threads);
  Silhouette result;
  if (const std::string why = undefined_for(g); !why.empty()) {
    result.mean.reason = why;
    return result;
  }
  const bool sampled = sample > 0 && sample < g.n();
  std::vector<Index> place(labels.size());  // of a row of X in P
  for (Index j = 0; j < g.n(); ++j) place[static_cast<size_t>(g.row[static_cast<size_t>(j)])] = j;
  std::vector<int> rows = g.row;
  std::sort(rows.begin(), rows.end());
  std::vector<Index> at;
  for (const Index r : draw_rows(g.n(), sampled ? sample : g.n(), ctx.child("silhouette", 0).rng())) {
    result.rows.push_back(rows[static_cast<size_t>(r)]);
    at.push_back(place[static_cast<size_t>(result.rows.back())]);
  }
  result.value = silhouettes(g, at, ctx);
  const auto m = static_cast<double>(at.size());
  const double mean = sum(result.value.data(), static_cast<Index>(at.size())) / m;
  result.mean = finite_score(mean);
  if (!sampled || at.size() < 2) return result;
  std::vector<double> squares;
  for (const double v : result.value) squares.push_back((v - mean) * (v - mean));
  const double variance = sum(squares.data(), static_cast<Index>(squares.size())) / (m - 1);
  result.standard_error = std::sqrt(variance / m * (1 - m / static_cast<double>(g.n())));
  return result;
}

Score davies_bouldin(const Matrix& X, const std::vector<int>& labels, int threads) {
  const Grouped g = group_rows(X, labels, threads);
  if (const std::string why = undefined_for(g); !why.empty()) return {std::nullopt, why};
  const Matrix c = means_of(g, threads);
  Vector S = sums_within(g, c, threads, [](double square) { return std::sqrt(square); });
  for (Index k = 0; k < g.K(); ++k) S[k] /= static_cast<double>(g.size(k));
  double total = 0;
  for (Index k = 0; k < g.K(); ++k) {
    double worst = 0;
    for (Index l = 0; l < g.K(); ++l) {
      const double apart = l == k ? 0 : (c.row(k) - c.row(l)).norm();
      if (l == k || (apart == 0 && S[k] + S[l] == 0)) continue;
      if (apart == 0) return {std::nullopt, "two clusters have the same centre"};
      worst = std::max(worst, (S[k] + S[l]) / apart);
    }
    total += worst;
  }
  return finite_score(total / static_cast<double>(g.K()));
}

Score calinski_harabasz(const Matrix& X, const std::vector<int>& labels, int threads) {
  const Grouped g = group_rows(X, labels, threads);
  if (const std::string why = undefined_for(g); !why.empty()) return {std::nullopt, why};
  const Matrix c = means_of(g, threads);
  const double W = sums_within(g, c, threads, [](double square) { return square; }).sum();
  if (W == 0) return {std::nullopt, "every row lies on its cluster's centre"};
  Vector mean(g.P.cols());
  for (Index f = 0; f < g.P.cols(); ++f) mean[f] = sum(g.P.col(f).data(), g.n()) / static_cast<double>(g.n());
  double B = 0;
  for (Index k = 0; k < g.K(); ++k) B += static_cast<double>(g.size(k)) * (c.row(k).transpose() - mean).squaredNorm();
  return finite_score((B / static_cast<double>(g.K() - 1)) / (W / static_cast<double>(g.n() - g.K())));
}

std::vector<ClusterSummary> summarize_clusters(const Matrix& X, const std::vector<int>& labels, int clusters,
                                               int threads) {
  const Grouped g = group_rows(X, labels, threads);
  const Matrix c = means_of(g, threads);
  std::vector<ClusterSummary> all(static_cast<size_t>(std::max(clusters, 0)));
  for (Index k = 0; k < g.K(); ++k) {
    const Index first = g.start[static_cast<size_t>(k)];
    ClusterSummary& s = all.at(static_cast<size_t>(labels[static_cast<size_t>(g.row[static_cast<size_t>(first)])]));
    s.rows = g.size(k);
    s.mean = c.row(k).transpose();
    double least = INFINITY;
    for (Index j = first; j < first + s.rows; ++j) {
      const double distance = squared_distance(g, j, c.row(k).data());
      if (s.typical >= 0 && !(distance < least)) continue;
      least = distance;
      s.typical = g.row[static_cast<size_t>(j)];
    }
  }
  return all;
}

}  // namespace assay
