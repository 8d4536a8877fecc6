// Notation   W_k inertia, W*_kb that of reference table b, B tables; n rows, d columns
// Method     1 k-means and its indices for every k   2 the gap curve on at most 2000 rows   3 the verdict
// Departures from the papers: the gap is taken on a sample where there are more rows (its expectation hardly depends on n);
//            its rule, the first k with (c), is only one of three here, since on clusters of clusters it stops too early and on
//            shapes that are not round it never says no. Noise of d > 64 columns is drawn in the box of the columns, (a) in
//            the paper, not of the principal axes. Weights count in k-means, not in the indices or the gap.
#include "assay/ml/cluster/choose_k.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/metrics/clustering.h"

namespace assay {
namespace {

constexpr Index kGapRows = 2000, kSilhouetteRows = 1000;
constexpr double kReasonable = 0.5;  // [Kaufman1990, table 4]

/// Uniform noise in the box of the rows along the axes, as many rows.
class Noise {
 public:
  Noise(const Matrix& X, int threads) : mean_(X.colwise().mean()) {
    const Matrix centred = X.rowwise() - mean_;
    if (X.cols() <= 64)
      axes_ = eigen_symmetric(gram(centred, {}, threads), Context(0, threads)).vectors;
    else
      axes_ = Matrix::Identity(X.cols(), X.cols());
    const Matrix turned = centred * axes_;
    lo_ = turned.colwise().minCoeff();
    hi_ = turned.colwise().maxCoeff();
  }
  Matrix table(Index n, Rng rng) const {
    Matrix Z(n, lo_.size());
    for (Index i = 0; i < n; ++i)
      for (Index f = 0; f < Z.cols(); ++f) Z(i, f) = rng.uniform(lo_[f], hi_[f]);
    return (Z * axes_.transpose()).rowwise() + mean_;
  }

 private:
  Eigen::RowVectorXd mean_, lo_, hi_;
  Matrix axes_;
};

KMeansModel fit_k(KMeansParams params, int k, const Samples& samples, const Context& ctx) {
  params.clusters = k;
  return KMeans::fit(params, samples, ctx.child("k", static_cast<uint64_t>(k)));
}

double log_inertia(const KMeansModel& m) { return std::log(std::max(m.report.objective, 1e-300)); }

// (2), less is better.
double bic_of(const KMeansModel& m, Index n, Index d) {
  const double rows = m.sizes.sum(), k = m.clusters, cells = static_cast<double>(d) * std::max(rows - k, 1.0);
  const double variance = std::max(m.report.objective / cells, 1e-300);
  double log_likelihood = -static_cast<double>(d) * rows / 2 * std::log(2 * std::numbers::pi * variance) - cells / 2;
  for (const double size : m.sizes)
    if (size > 0) log_likelihood += size * std::log(size / rows);
  return -2 * log_likelihood + k * static_cast<double>(d + 1) * std::log(static_cast<double>(n));
}

// Step 1.
KRow row_of(const KMeansParams& base, int k, const Samples& samples, const Context& ctx) {
  const KMeansModel m = fit_k(base, k, samples, ctx);
  KRow row;
  row.k = k;
  row.inertia = m.report.objective;
  row.bic = bic_of(m, samples.n(), samples.d());
  if (k == 1) return row;
  const Index sample = samples.n() > 2 * kSilhouetteRows ? kSilhouetteRows : 0;
  row.silhouette = silhouette(samples.rows(), m.labels, sample, ctx).mean.value;
  row.calinski_harabasz = calinski_harabasz(samples.rows(), m.labels, ctx.threads).value;
  row.davies_bouldin = davies_bouldin(samples.rows(), m.labels, ctx.threads).value;
  return row;
}

// Step 2: gap and spread of every row.
void add_gaps(const KMeansParams& base, int references, const Samples& samples, std::vector<KRow>& rows,
              const Context& ctx) {
  Samples some;
  some.columns = samples.columns;
  some.X = samples.rows();
  if (samples.n() > kGapRows) {
    std::vector<int> chosen = ctx.child("gap-rows", 0).rng().permutation(static_cast<int>(samples.n()));
    chosen.resize(kGapRows);
    std::sort(chosen.begin(), chosen.end());
    some = gather(some, chosen);
  }
  KMeansParams params = base;
  params.starts = std::min(base.starts, 3);  // the same for rows and noise
  const Noise noise(some.rows(), ctx.threads);
  const auto B = static_cast<size_t>(references);
  std::vector<std::vector<double>> log_w(rows.size(), std::vector<double>(B));
  parallel_for(ctx.threads, references, 1, [&](Index begin, Index end) {
    for (Index b = begin; b < end; ++b) {
      Context here = ctx.child("reference", static_cast<uint64_t>(b));
      here.trace = Trace();
      here.threads = 1;
      Samples table = some;
      table.X = noise.table(some.n(), here.rng());
      for (size_t j = 0; j < rows.size(); ++j)
        log_w[j][static_cast<size_t>(b)] = log_inertia(fit_k(params, rows[j].k, table, here));
    }
  });
  for (size_t j = 0; j < rows.size(); ++j) {
    double mean = 0, variance = 0;
    for (const double w : log_w[j]) mean += w / static_cast<double>(B);
    for (const double w : log_w[j]) variance += (w - mean) * (w - mean) / static_cast<double>(B);
    rows[j].gap = mean - log_inertia(fit_k(params, rows[j].k, some, ctx.child("gap", 0)));
    rows[j].gap_spread = std::sqrt(variance * (1 + 1 / static_cast<double>(B)));
  }
}

/// The k whose value is best; rows without one are passed over.
template <class Value>
int best_k(const std::vector<KRow>& rows, Value value) {
  int k = 0;
  double best = 0;
  for (size_t j = 0; j + 1 < rows.size(); ++j) {
    const std::optional<double> v = value(rows[j]);
    if (v && (k == 0 || *v > best)) best = *v, k = rows[j].k;
  }
  return k;
}

// Step 3.
void judge(KChoice& choice) {
  const std::vector<KRow>& rows = choice.rows;
  choice.best_silhouette = best_k(rows, [](const KRow& r) { return r.silhouette; });
  choice.best_calinski = best_k(rows, [](const KRow& r) { return r.calinski_harabasz; });
  choice.best_davies =
      best_k(rows, [](const KRow& r) { return r.davies_bouldin ? std::optional(-*r.davies_bouldin) : std::nullopt; });
  choice.best_bic = best_k(rows, [](const KRow& r) { return std::optional(-r.bic); });
  for (size_t j = rows.size() - 1; j-- > 0;)
    if (rows[j].gap >= rows[j + 1].gap - rows[j + 1].gap_spread) choice.best_gap = rows[j].k;
  const auto at =
      std::find_if(rows.begin(), rows.end() - 1, [&](const KRow& r) { return r.k == choice.best_silhouette; });
  if (at == rows.end() - 1) {
    choice.verdict = "no clear k: no number of clusters has a silhouette";
    return;
  }
  const std::string k = std::to_string(at->k);
  if (*at->silhouette < kReasonable) {
    choice.verdict = "no clear k: the silhouette is largest at " + k + ", but " + significant(*at->silhouette, 3) +
                     " is below 0.5: clusters touch or are not round";
  } else if (!(at->gap - at->gap_spread > rows[0].gap + rows[0].gap_spread)) {
    choice.verdict = "no clear k: " + k + " clusters are no better than uniform noise cut into " + k + " (gap " +
                     significant(at->gap, 3) + ", one cluster " + significant(rows[0].gap, 3) + ")";
  } else if (!(at->gap >= (at + 1)->gap - (at + 1)->gap_spread)) {
    choice.verdict =
        "no clear k: the silhouette is largest at " + k + ", but the gap still rises at " + std::to_string((at + 1)->k);
  } else {
    choice.k = at->k;
    choice.verdict = k + " clusters are clear: silhouette " + significant(*at->silhouette, 3) +
                     ", the largest; the gap rises by " + significant(at->gap - rows[0].gap, 3) +
                     " above one cluster, and one cluster more gains nothing";
  }
}

}  // namespace

KChoice choose_clusters(const KMeansParams& base, const ChooseKOptions& options, const Samples& samples,
                        const Context& ctx) {
  if (options.lo < 2 || options.hi < options.lo)
    throw ParameterError("parameter 'clusters': a range A..B needs 2 <= A <= B, not " + std::to_string(options.lo) +
                         ".." + std::to_string(options.hi));
  if (options.hi >= samples.n())
    throw ParameterError("parameter 'clusters' goes up to " + std::to_string(options.hi) + " but there are only " +
                         std::to_string(samples.n()) + " rows");
  KChoice choice;
  choice.rows.push_back(row_of(base, 1, samples, ctx));
  for (int k = options.lo; k <= options.hi + 1; ++k) {
    ctx.check_cancelled();
    choice.rows.push_back(row_of(base, k, samples, ctx));
  }
  add_gaps(base, options.references, samples, choice.rows, ctx);
  judge(choice);
  return choice;
}

}  // namespace assay
