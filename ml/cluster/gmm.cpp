// Method     1 labels of k-means are the first responsibilities (a start)   2 E and M by turns (mixture.cpp) until the
//            log-likelihood rises no more   3 the most likely start is kept   4 each row goes to its largest responsibility
// Departures from the paper: regularization is added to each variance (4), as in scikit-learn, so M is not exactly the maximum;
//            where that would lower the log-likelihood, EM ends with the mixture before. The paper's EM is
//            regularization 0.
#include "assay/ml/cluster/gmm.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/text.h"

namespace assay {
namespace {

using mixture::Densities;
using mixture::Mixture;
using mixture::Moments;
using mixture::Packed;

constexpr Index kTracedRows = 6;      // whose responsibilities a trace shows
constexpr Index kTracedNumbers = 60;  // means of a trace at most

// Of columns 0 and 1 of each component: half axes and direction of the ellipse one standard deviation around its mean.
std::vector<double> ellipses(const Mixture& m) {
  std::vector<double> numbers;
  const bool diagonal = m.covariance == Covariance::diagonal || m.covariance == Covariance::spherical;
  if (m.d() < 2) return numbers;
  for (Index k = 0; k < m.K(); ++k) {
    const Matrix& S = m.covariances[diagonal || m.covariance == Covariance::tied ? 0 : static_cast<size_t>(k)];
    const double a = diagonal ? S(k, 0) : S(0, 0), b = diagonal ? S(k, 1) : S(1, 1), c = diagonal ? 0 : S(0, 1);
    const double middle = (a + b) / 2, radius = std::hypot((a - b) / 2, c);
    numbers.insert(numbers.end(), {std::sqrt(middle + radius), std::sqrt(std::max(0.0, middle - radius)),
                                   0.5 * std::atan2(2 * c, a - b)});
  }
  return numbers;
}

struct EmStep {
  static constexpr const char* kind = "em";
  static constexpr const char* title = "E: responsibilities (2); M: shares, means and covariances from them (3), (4)";
  static constexpr const char* source = "ml/cluster/gmm.cpp:climb";
  long t;
  double log_likelihood, rise;
  std::vector<double> pi, N, means, axes, r;
  std::string why;
  static void fields(const EmStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("log L", s.log_likelihood, "log-likelihood (1) of this mixture, a row");
    field("rise", s.rise, "above the iteration before: never below 0");
    field("pi", s.pi, "share of each component");
    field("N", s.N, "rows each component answers for, in responsibilities (3)");
    field("m", s.means, "means, component by component");
    field("ellipses", s.axes,
          "first two columns: half axes and direction (radian) of one standard deviation, component by component");
    field("r", s.r, "responsibilities of the first rows, row by row");
  }
};

struct StartStep {
  static constexpr const char* kind = "start";
  static constexpr const char* title = "a run of EM from one solution of k-means";
  static constexpr const char* source = "ml/cluster/gmm.cpp:Gmm::fit";
  int start;
  double log_likelihood;
  long iterations;
  std::string why;
  static void fields(const StartStep& s, auto&& field) {
    field("start", s.start + 1, "number of the start");
    field("log L", s.log_likelihood, "log-likelihood it reached, a row");
    field("iterations", static_cast<long long>(s.iterations), "of EM");
  }
};

std::vector<double> list(const auto& values, Index most = kTracedNumbers) {
  return {values.data(), values.data() + std::min<Index>(values.size(), most)};
}

// Where EM starts: rows drawn with probability weight times squared distance to those drawn before; each row goes to the
// nearest of them.
std::vector<int> start_labels(const Samples& samples, int K, const Context& ctx) {
  const Matrix& X = samples.rows();
  Rng rng = ctx.rng();
  std::vector<int> labels(static_cast<size_t>(X.rows()), 0);
  Vector nearest = Vector::Ones(X.rows());
  for (int k = 0; k < K; ++k) {
    double total = 0;
    for (Index i = 0; i < X.rows(); ++i) total += samples.weight_of(i) * nearest[i];
    if (!(total > 0)) throw DataError("there are fewer different rows than clusters", "take fewer --clusters");
    double u = rng.uniform() * total;
    Index seed = -1;
    for (Index i = 0; i < X.rows(); ++i) {
      const double share = samples.weight_of(i) * nearest[i];
      if (share > 0 && (seed < 0 || u >= 0)) seed = i;
      if ((u -= share) < 0 && seed >= 0) break;
    }
    for (Index i = 0; i < X.rows(); ++i) {
      const double distance = (X.row(i) - X.row(seed)).squaredNorm();
      if (k == 0 || distance < nearest[i]) nearest[i] = distance, labels[static_cast<size_t>(i)] = k;
    }
  }
  return labels;
}

// What one start ends with; without a mixture where a component lost its spread.
struct Climb {
  std::optional<Mixture> mixture;
  double log_likelihood = -std::numeric_limits<double>::infinity();  // a row
  long iterations = 0;
  bool converged = false, held_back = false;
  std::string failure;
};

std::string collapse_text(const Mixture& m, const Packed& rows, int component) {
  const double N = m.pi[component] * rows.total;
  if (m.covariance == Covariance::tied) return "the common covariance is singular: some columns follow from others";
  return "component " + std::to_string(component + 1) + " of " + std::to_string(m.K()) + " has closed in on " +
         significant(std::isfinite(N) ? N : 0, 3) +
         " rows that have no spread in some direction: its covariance is singular";
}

const char* why_em(const Climb& c, double rise) {
  if (c.held_back) return "Regularization or rounding would lower the log-likelihood now: the mixture before is kept.";
  if (c.converged) return "The log-likelihood rises by less than the tolerance: done.";
  if (!std::isfinite(rise)) return "Where EM starts: each row belongs wholly to its cluster of k-means.";
  return "Rows were shared out anew, and each component moved to the rows it answers for.";
}

// Each row of log pi_k N becomes its responsibilities (2).
Matrix responsibilities_of(Matrix L) {
  for (Index i = 0; i < L.rows(); ++i) {
    double* row = L.row(i).data();
    const double top = *std::max_element(row, row + L.cols());
    double total = 0;
    for (Index k = 0; k < L.cols(); ++k) total += row[k] = std::exp(row[k] - top);
    for (Index k = 0; k < L.cols(); ++k) row[k] /= total;
  }
  return L;
}

Climb climb(const GmmParams& params, const Matrix& X, const Packed& rows, Mixture m, const Context& ctx) {
  Climb c;
  Mixture before;
  for (long& t = c.iterations;; ++t) {
    ctx.check_cancelled();
    ctx.progress.report(static_cast<double>(std::min(19L, t)), 20);
    int component = 0;
    const std::optional<Densities> p = densities(m, &component);
    if (!p) {
      c.failure = collapse_text(m, rows, component);
      return c;
    }
    const Moments moments = em_step(*p, rows, ctx.threads);
    const double now = moments.log_likelihood / rows.total, rise = now - c.log_likelihood;
    if (!std::isfinite(now))
      throw DataError("the rows are too far apart for doubles", "scale the columns (--scale standard)");
    c.held_back = rise < 0;
    c.converged = rise <= params.tolerance;
    ctx.trace.step([&] {
      const Packed first(X.topRows(std::min(X.rows(), kTracedRows)), Vector(), 1);
      return EmStep{t,
                    now,
                    t ? rise : 0,
                    list(m.pi),
                    list(moments.N),
                    list(m.means),
                    ellipses(m),
                    list(responsibilities_of(log_joint(*p, first, 1))),
                    why_em(c, rise)};
    });
    if (c.held_back) {
      c.mixture = before;
      --t;
      return c;
    }
    c.log_likelihood = now;
    if (c.converged || t >= params.max_iter || ctx.out_of_time()) break;
    before = m;
    m = maximize(params.covariance, moments, m.means, params.regularization);
  }
  c.mixture = m;
  return c;
}

Mixture mixture_of(const GmmModel& model) { return {model.covariance, model.pi, model.centers, model.covariances}; }

// Components whose variance in some direction is little more than the regularization.
std::string held_open(const GmmModel& model, double regularization) {
  std::vector<std::string> which;
  const std::optional<Densities> p = densities(mixture_of(model));
  for (Index k = 0; k < model.clusters; ++k) {
    const double steepest = p->diagonal ? p->W[0].row(k).maxCoeff() : p->W_of(k).diagonal().maxCoeff();
    if (regularization > 0 && 1 / (steepest * steepest) < 4 * regularization) which.push_back(std::to_string(k + 1));
  }
  if (which.empty()) return "";
  return "; regularization alone holds component " + join(which, ", ") +
         " open in some direction: fewer clusters, or a simpler --covariance";
}

Matrix log_joint_of(const GmmModel& model, const Samples& samples, const Context& ctx) {
  check_finite(samples.rows(), samples.columns);
  const Matrix L = log_joint(*densities(mixture_of(model)), Packed(samples.rows(), Vector(), ctx.threads), ctx.threads);
  for (Index i = 0; i < L.rows(); ++i)
    if (!std::isfinite(L.row(i).maxCoeff()))
      throw DataError("row " + std::to_string(i + 1) + " lies so far from every component that its density is 0");
  return L;
}

// The first of the largest.
std::vector<int> largest(const Matrix& L) {
  std::vector<int> labels(static_cast<size_t>(L.rows()));
  for (Index i = 0; i < L.rows(); ++i) {
    const double* row = L.row(i).data();
    labels[static_cast<size_t>(i)] = static_cast<int>(std::max_element(row, row + L.cols()) - row);
  }
  return labels;
}

void write_report(const GmmParams& params, const Climb& best, const Packed& rows, GmmModel& model) {
  FitReport& r = model.report;
  r.converged = best.converged;
  r.iterations = best.iterations;
  r.objective = best.log_likelihood * rows.total;
  const double p = mixture::free_parameters(params.covariance, model.clusters, rows.d);
  r.more = {{"log_likelihood_per_row", best.log_likelihood},
            {"parameters", p},
            {"bic", p * std::log(rows.total) - 2 * r.objective},
            {"aic", 2 * p - 2 * r.objective}};
  r.note = "EM, " + std::to_string(best.iterations) + " iterations";
  if (!r.converged) r.note += ", stopped before the log-likelihood was level; raise --max-iter or --tolerance";
  r.note += held_open(model, params.regularization);
}

}  // namespace

GmmModel Gmm::fit(const Params& params, const Samples& samples, const Context& ctx) {
  check_fit_input(samples);
  const Matrix& X = samples.rows();
  if (params.clusters > X.rows())
    throw ParameterError("parameter 'clusters' is " + std::to_string(params.clusters) + " but there are only " +
                         std::to_string(X.rows()) + " rows");
  check_finite(X, samples.columns);
  const Packed rows(X, samples.weight, ctx.threads);
  Climb best;
  for (int s = 0; s < params.starts; ++s) {
    const Context child = ctx.child("start", static_cast<uint64_t>(s), static_cast<uint64_t>(params.starts));
    const std::vector<int> labels = start_labels(samples, params.clusters, child);
    Climb c = climb(
        params, X, rows,
        mixture::from_labels(params.covariance, X, samples.weight, labels, params.clusters, params.regularization),
        child);
    ctx.trace.step([&] { return StartStep{s, c.log_likelihood, c.iterations, c.failure}; });
    if (s == 0 || (c.mixture && c.log_likelihood > best.log_likelihood)) best = std::move(c);
    if (ctx.out_of_time()) break;
  }
  if (!best.mixture)
    throw DataError(best.failure,
                    "raise --regularization, take fewer clusters or a simpler --covariance, or leave out columns that "
                    "follow from others");
  GmmModel model;
  model.clusters = params.clusters;
  model.covariance = params.covariance;
  model.pi = best.mixture->pi;
  model.centers = best.mixture->means;
  model.covariances = best.mixture->covariances;
  model.labels = largest(log_joint(*densities(*best.mixture), rows, ctx.threads));
  write_report(params, best, rows, model);
  return model;
}

std::vector<int> GmmModel::predict(const Samples& samples, const Context& ctx) const {
  return largest(log_joint_of(*this, samples, ctx));
}

Matrix GmmModel::predict_proba(const Samples& samples, const Context& ctx) const {
  return responsibilities_of(log_joint_of(*this, samples, ctx));
}

Vector GmmModel::log_density(const Samples& samples, const Context& ctx) const {
  const Matrix L = log_joint_of(*this, samples, ctx);
  Vector density(L.rows());
  for (Index i = 0; i < L.rows(); ++i) {
    const double top = L.row(i).maxCoeff();
    double total = 0;
    for (Index k = 0; k < L.cols(); ++k) total += std::exp(L(i, k) - top);
    density[i] = top + std::log(total);
  }
  return density;
}

}  // namespace assay
