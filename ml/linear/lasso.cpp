// Notation   alpha_max: the smallest alpha with w = 0;  the path: alpha_max r^k, k = 0 .. 99
// Method     1 products of columns, where asked for   2 alpha=auto: a path on the rows outside each fold, warm from alpha to
//            alpha; the error on the fold   3 the one-standard-error rule   4 the path on all rows, down to the alpha chosen
// Departures from the paper: none. A fold is left out by weights of zero, so the table is never copied.
#include "assay/ml/linear/lasso.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/linear/coordinate_descent.h"
#include "assay/ml/selection/split.h"

namespace assay {
namespace {

constexpr int kPath = 100;
constexpr size_t kShownRows = 20;  // of the path, in explain

// Squared errors of a point on the rows of a fold, weighted: the mean.
double held_out_error(const ElasticNet& q, const std::vector<int>& rows, const ElasticNetPoint& point) {
  Vector r(static_cast<Index>(rows.size()));
  for (size_t i = 0; i < rows.size(); ++i) r[static_cast<Index>(i)] = q.y[rows[i]] - point.b;
  for (Index f = 0; f < q.d(); ++f) {
    const double w = point.w[f];
    if (w == 0) continue;
    const double* x = q.columns[static_cast<size_t>(f)];
    for (size_t i = 0; i < rows.size(); ++i) r[static_cast<Index>(i)] -= w * x[rows[i]];
  }
  double total = 0, weight = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const double s = q.weight.size() ? q.weight[rows[i]] : 1.0;
    total += s * r[static_cast<Index>(i)] * r[static_cast<Index>(i)];
    weight += s;
  }
  return weight > 0 ? total / weight : 0;
}

// Step 2: errors, a row an alpha, a column a fold.
Matrix fold_errors(const ElasticNet& q, const std::vector<PathRow>& path, int folds, const Context& ctx) {
  const std::vector<Fold> cuts = k_fold(q.n, static_cast<int>(std::min<Index>(folds, q.n)), ctx.child("folds", 0));
  Matrix errors = Matrix::Zero(static_cast<Index>(path.size()), static_cast<Index>(cuts.size()));
  for (size_t k = 0; k < cuts.size(); ++k) {
    Context fold = ctx.child("fold", k, cuts.size());
    Vector weight = q.weight.size() ? q.weight : Vector(Vector::Ones(q.n));
    for (const int i : cuts[k].test) weight[i] = 0;
    if (!(weight.sum() > 0)) continue;
    ElasticNet part{q.columns, q.n, q.y, weight, q.intercept, q.rho, q.tolerance, q.max_iter, q.most_gram};
    ElasticNetPath solver(part, fold);
    for (size_t t = 0; t < path.size() && !ctx.out_of_time(); ++t) {
      fold.progress.report(static_cast<double>(t), static_cast<double>(path.size()));
      errors(static_cast<Index>(t), static_cast<Index>(k)) =
          held_out_error(q, cuts[k].test, solver.solve(path[t].alpha));
    }
  }
  return errors;
}

// Step 3: the index of the alpha chosen.
size_t one_standard_error(const std::vector<PathRow>& path) {
  const auto best =
      std::min_element(path.begin(), path.end(), [](const PathRow& a, const PathRow& b) { return a.error < b.error; });
  const double limit = best->error + best->standard_error;
  size_t t = 0;
  while (path[t].error > limit) ++t;
  return t;
}

LassoModel fit_elastic_net(const LassoParams& params, double rho, const Samples& samples, const Target& target,
                           const Context& ctx) {
  check_fit_input(samples, target, 1);
  const Columns& raw = samples.cols();
  check_finite(raw, samples.columns);
  LassoModel model;
  model.terms = Terms(samples.d(), params.polynomial);
  model.intercept = params.intercept;
  model.dropped.assign(static_cast<size_t>(model.terms.count()), false);
  Columns products;
  if (params.polynomial > 1) products = model.terms.expand(raw, ctx.threads);
  const Columns& X = params.polynomial > 1 ? products : raw;
  ElasticNet q{{}, X.rows(), target.value, samples.weight, params.intercept, rho, params.tolerance, params.max_iter};
  for (Index f = 0; f < X.cols(); ++f) q.columns.push_back(X.col(f).data());

  ElasticNetPath solver(q, ctx);
  ElasticNetPoint point;
  long sweeps = 0;
  if (const auto* alpha = std::get_if<double>(&params.alpha)) {
    point = solver.solve(*alpha);
    sweeps = point.sweeps;
  } else {
    const double top = std::max(solver.alpha_max(), 1e-300), end = X.cols() > X.rows() ? 1e-2 : 1e-3;
    for (int t = 0; t < kPath; ++t) model.path.push_back({top * std::pow(end, t / (kPath - 1.0)), 0, 0, 0});
    const Matrix errors = fold_errors(q, model.path, params.folds, ctx);
    const auto folds = static_cast<double>(errors.cols());
    for (size_t t = 0; t < model.path.size(); ++t) {
      const auto row = errors.row(static_cast<Index>(t));
      model.path[t].error = row.mean();
      model.path[t].standard_error = std::sqrt((row.array() - row.mean()).square().sum() / (folds * (folds - 1)));
    }
    const size_t chosen = one_standard_error(model.path);
    if (X.cols() <= LassoModel::kPathColumns) model.path_weights.resize(kPath, X.cols());
    for (size_t t = 0; t < model.path.size(); ++t) {
      if (t > chosen && model.path_weights.size() == 0) break;
      const ElasticNetPoint p = solver.solve(model.path[t].alpha);
      model.path[t].nonzero = p.nonzero;
      sweeps += p.sweeps;
      if (model.path_weights.size()) model.path_weights.row(static_cast<Index>(t)) = p.w;
      if (t == chosen) point = p;
    }
    if (model.path_weights.size() == 0) model.path.resize(chosen + 1);
  }
  model.w = point.w;
  model.b = point.b;
  model.alpha = point.alpha;
  FitReport& report = model.report;
  report.objective = point.objective;
  report.iterations = sweeps;
  report.converged = point.converged;
  report.note =
      std::string(solver.updates()) + ", " + std::to_string(point.nonzero) + " of " + std::to_string(X.cols()) +
      (model.path.empty() ? " weights are not zero" : " weights are not zero at alpha " + six_digits(point.alpha));
  if (!point.converged)
    report.note += "; stopped at a duality gap of " + six_digits(point.gap) +
                   "; raise --max-iter or --tolerance, or scale the columns";
  report.more = {{"duality_gap", point.gap}, {"nonzero", static_cast<double>(point.nonzero)}, {"alpha", point.alpha}};
  return model;
}

}  // namespace

LassoModel Lasso::fit(const LassoParams& params, const Samples& samples, const Target& target, const Context& ctx) {
  return fit_elastic_net(params, 1, samples, target, ctx);
}

LassoModel ElasticNetRegression::fit(const ElasticNetParams& params, const Samples& samples, const Target& target,
                                     const Context& ctx) {
  return fit_elastic_net(params, params.rho, samples, target, ctx);
}

Explanation LassoModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e = LinearModel::explain(columns, target);
  e.sentences.push_back(std::to_string((w.array() != 0).count()) + " of " + std::to_string(w.size()) +
                        " weights are not zero at alpha " + six_digits(alpha) + ".");
  if (path.empty()) return e;
  Explanation::Table table{"The path: held-out mean squared error for each alpha (of " + std::to_string(path.size()) +
                               "), and how many weights are not zero",
                           {"alpha", "error", "std. error", "nonzero", ""},
                           {}};
  const size_t every = std::max<size_t>(1, path.size() / kShownRows);
  for (size_t t = 0; t < path.size(); ++t) {
    const bool chosen = path[t].alpha == alpha;
    if (t % every == 0 || chosen)
      table.rows.push_back({path[t].alpha, path[t].error, path[t].standard_error, static_cast<double>(path[t].nonzero),
                            std::string(chosen ? "chosen" : "")});
  }
  e.tables.push_back(std::move(table));
  const auto x = [](double a) { return -std::log10(a); };
  if (path_weights.size()) {
    Explanation::Curves weights{
        "weights", "from the left, columns enter as the penalty falls", "-log10 alpha", {}, x(alpha)};
    for (Index f = 0; f < path_weights.cols(); ++f) {
      Explanation::Curve curve{terms.name(f, columns), {}};
      for (size_t t = 0; t < path.size(); ++t)
        curve.points.emplace_back(x(path[t].alpha), path_weights(static_cast<Index>(t), f));
      weights.curves.push_back(std::move(curve));
    }
    e.curves.push_back(std::move(weights));
  }
  Explanation::Curve error{"held-out mean squared error", {}};
  for (const PathRow& row : path) {
    error.points.emplace_back(x(row.alpha), row.error);
    error.spread.push_back(row.standard_error);
  }
  e.curves.push_back({error.name,
                      "bars: one standard error; the model is the leftmost within one of the best",
                      "-log10 alpha",
                      {std::move(error)},
                      x(alpha)});
  return e;
}

void LassoModel::save(ArchiveWriter& out) const {
  LinearModel::save(out);
  out.number("alpha", alpha);
  for (const PathRow& row : path) {
    ArchiveWriter item = out.append("path");
    item.number("alpha", row.alpha);
    item.number("error", row.error);
    item.number("standard_error", row.standard_error);
    item.integer("nonzero", row.nonzero);
  }
  if (path_weights.size()) out.matrix("path_weights", path_weights);
}

LassoModel LassoModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  LassoModel m;
  static_cast<LinearModel&>(m) = LinearModel::load(in, columns, target);
  m.alpha = in.number("alpha");
  if (!(m.alpha > 0)) in.fail("alpha must be > 0");
  if (in.has("path"))
    for (const ArchiveReader& row : in.objects("path")) {
      m.path.push_back({row.number("alpha"), row.number("error"), row.number("standard_error"),
                        static_cast<int>(row.integer("nonzero", 0, 2147483647))});
      if (!(m.path.back().alpha > 0)) row.fail("alpha must be > 0");
    }
  if (in.has("path_weights"))
    m.path_weights = in.matrix("path_weights", static_cast<Index>(m.path.size()), m.terms.count());
  return m;
}

}  // namespace assay
