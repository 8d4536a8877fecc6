// ml/decomposition/pca.cpp
// Method     fit: 1 mean and principal axes about it (principal.h)   2 variances   transform: 1 subtract the mean   2 project
// Departures from the paper: variances divide by n - 1, not n. A whitened direction
//            without variance (below 1e-14 of the first) has score 0.
#include "assay/ml/decomposition/pca.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/decomposition/loadings.h"

namespace assay {
namespace {

struct ComponentStep {
  static constexpr const char* kind = "component";
  static constexpr const char* title =
      "the direction of greatest variance among those orthogonal to the earlier ones (1)";
  static constexpr const char* source = "ml/decomposition/pca.cpp:Pca::fit";
  Index j;
  double variance, ratio, kept;
  std::vector<double> direction;
  static void fields(const ComponentStep& s, auto&& field) {
    field("j", static_cast<long long>(s.j + 1), "component");
    field("variance", s.variance, "variance of its scores, with n - 1");
    field("ratio", s.ratio, "its share of the variance of all columns");
    field("kept", s.kept, "share of this and all earlier components");
    field("v_j", s.direction, "the direction: a coefficient a column");
  }
};

double degrees_of_freedom(const Samples& samples) {
  const double n =
      samples.weight.size() ? sum(samples.weight.data(), samples.weight.size()) : static_cast<double>(samples.n());
  return n > 1 ? n - 1 : n;
}

}  // namespace

PcaModel Pca::fit(const PcaParams& params, const Samples& samples, const Context& ctx) {
  check_fit_input(samples);
  PcaModel model;
  model.whiten = params.whiten;
  const PrincipalAxes axes =
      principal_axes({samples, true, params.components, params.solver, params.tolerance, params.max_iter}, ctx);
  model.mean = axes.center;
  model.components = axes.axes;
  model.singular_values = axes.squares.cwiseSqrt();
  model.explained_variance = axes.squares / degrees_of_freedom(samples);
  model.explained_variance_ratio = axes.total > 0 ? Vector(axes.squares / axes.total) : Vector(0 * axes.squares);
  report_axes(axes, true, model.report);
  double kept = 0;
  for (Index j = 0; j < axes.squares.size(); ++j) {
    kept += model.explained_variance_ratio[j];
    ctx.trace.step([&] {
      const double* v = model.components.row(j).data();
      return ComponentStep{j, model.explained_variance[j], model.explained_variance_ratio[j], kept,
                           std::vector<double>(v, v + std::min<Index>(model.components.cols(), 64))};
    });
  }
  return model;
}

Vector PcaModel::spread() const {
  Vector scale = Vector::Ones(explained_variance.size());
  if (!whiten) return scale;
  for (Index j = 0; j < scale.size(); ++j) {
    const double deviation = std::sqrt(explained_variance[j]);
    scale[j] = explained_variance[j] > 1e-14 * explained_variance[0] ? 1 / deviation : 0.0;
  }
  return scale;
}

Matrix PcaModel::transform(const Samples& samples, const Context& ctx) const {
  check_finite(samples.rows(), samples.columns);
  const Matrix scaled = spread().asDiagonal() * components;
  return times_transposed(samples.rows(), mean, scaled, ctx.threads);
}

Matrix PcaModel::inverse_transform(const Matrix& scores) const {
  if (scores.cols() != components.rows())
    throw DataError("scores have " + std::to_string(scores.cols()) + " columns, the model has " +
                    std::to_string(components.rows()) + " components");
  Vector back = Vector::Ones(components.rows());
  if (whiten) back = explained_variance.cwiseSqrt();
  Matrix rows = times_transposed(scores, Matrix((back.asDiagonal() * components).transpose()), 1);
  rows.rowwise() += mean.transpose();
  return rows;
}

Explanation PcaModel::explain(const std::vector<Column>& columns) const {
  Explanation e;
  e.sentences.push_back("A score is the row less the mean, projected on a direction of unit length" +
                        std::string(whiten ? ", divided by the standard deviation of that score." : "."));
  e.sentences.push_back("The " + std::to_string(components.rows()) + " components keep " +
                        six_digits(100 * explained_variance_ratio.sum()) + " % of the variance of the columns.");
  Explanation::Table table{"variance of each component (n - 1)", {"component", "variance", "share", "kept so far"}, {}};
  double kept = 0;
  for (Index j = 0; j < components.rows() && j < kTableRows; ++j) {
    kept += explained_variance_ratio[j];
    table.rows.push_back({"pc" + std::to_string(j + 1), explained_variance[j], explained_variance_ratio[j], kept});
  }
  e.tables.push_back(std::move(table));
  e.tables.push_back(loadings_table(components, columns, "pc"));
  e.importance_name = "share of the column's coefficients in the kept variance";
  e.importance = column_shares(components, explained_variance);
  return e;
}

void PcaModel::save(ArchiveWriter& out) const {
  out.vector("mean", mean);
  out.matrix("components", components);
  out.vector("explained_variance", explained_variance);
  out.vector("explained_variance_ratio", explained_variance_ratio);
  out.vector("singular_values", singular_values);
  out.flag("whiten", whiten);
}

PcaModel PcaModel::load(const ArchiveReader& in, const std::vector<Column>& columns) {
  PcaModel model;
  const auto d = static_cast<Index>(columns.size());
  model.mean = in.vector("mean", d);
  model.components = in.matrix("components", -1, d);
  const Index k = model.components.rows();
  if (k < 1 || k > d) in.fail("components: between 1 and " + std::to_string(d) + " expected");
  model.explained_variance = load_falling(in, "explained_variance", k);
  model.explained_variance_ratio = load_falling(in, "explained_variance_ratio", k);
  model.singular_values = load_falling(in, "singular_values", k);
  model.whiten = in.flag("whiten");
  return model;
}

}  // namespace assay
