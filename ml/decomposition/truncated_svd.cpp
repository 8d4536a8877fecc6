// ml/decomposition/truncated_svd.cpp
// Method     fit: principal axes about 0 (principal.h)   transform: project
// Departures from the paper: none.
#include "assay/ml/decomposition/truncated_svd.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/decomposition/loadings.h"

namespace assay {

TruncatedSvdModel TruncatedSvd::fit(const TruncatedSvdParams& params, const Samples& samples, const Context& ctx) {
  check_fit_input(samples);
  const auto* word = std::get_if<NamedCount>(&params.components);
  const Components components = word && *word == NamedCount::automatic
                                    ? Components(static_cast<double>(std::min<Index>({2, samples.n(), samples.d()})))
                                    : params.components;
  const PrincipalAxes axes =
      principal_axes({samples, false, components, params.solver, params.tolerance, params.max_iter}, ctx);
  TruncatedSvdModel model;
  model.components = axes.axes;
  model.singular_values = axes.squares.cwiseSqrt();
  model.explained_variance_ratio = axes.total > 0 ? Vector(axes.squares / axes.total) : Vector(0 * axes.squares);
  report_axes(axes, false, model.report);
  return model;
}

Matrix TruncatedSvdModel::transform(const Samples& samples, const Context& ctx) const {
  if (!std::holds_alternative<Csr>(samples.X)) {
    check_finite(samples.rows(), samples.columns);
    return times_transposed(samples.rows(), components, ctx.threads);
  }
  const Csr& X = samples.sparse();
  check_finite(X, samples.columns);
  const Matrix V = components.transpose();
  Matrix scores = Matrix::Zero(X.rows, V.cols());
  parallel_for(ctx.threads, X.rows, 1024, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i)
      for (auto e = X.row_start[static_cast<size_t>(i)]; e < X.row_start[static_cast<size_t>(i) + 1]; ++e)
        scores.row(i) += X.value[static_cast<size_t>(e)] * V.row(X.column[static_cast<size_t>(e)]);
  });
  return scores;
}

Matrix TruncatedSvdModel::inverse_transform(const Matrix& scores) const {
  if (scores.cols() != components.rows())
    throw DataError("scores have " + std::to_string(scores.cols()) + " columns, the model has " +
                    std::to_string(components.rows()) + " components");
  return times_transposed(scores, Matrix(components.transpose()), 1);
}

Explanation TruncatedSvdModel::explain(const std::vector<Column>& columns) const {
  Explanation e;
  e.sentences.push_back("A score is the row projected on a direction of unit length; columns are not centred.");
  e.sentences.push_back("The " + std::to_string(components.rows()) + " components keep " +
                        six_digits(100 * explained_variance_ratio.sum()) + " % of the sum of squares of the table.");
  Explanation::Table table{"singular values", {"component", "singular value", "share of squares"}, {}};
  for (Index j = 0; j < components.rows() && j < kTableRows; ++j)
    table.rows.push_back({"pc" + std::to_string(j + 1), singular_values[j], explained_variance_ratio[j]});
  e.tables.push_back(std::move(table));
  e.tables.push_back(loadings_table(components, columns, "pc"));
  e.importance_name = "share of the column's coefficients in the kept squares";
  e.importance = column_shares(components, explained_variance_ratio);
  return e;
}

void TruncatedSvdModel::save(ArchiveWriter& out) const {
  out.matrix("components", components);
  out.vector("explained_variance_ratio", explained_variance_ratio);
  out.vector("singular_values", singular_values);
}

TruncatedSvdModel TruncatedSvdModel::load(const ArchiveReader& in, const std::vector<Column>& columns) {
  TruncatedSvdModel model;
  const auto d = static_cast<Index>(columns.size());
  model.components = in.matrix("components", -1, d);
  const Index k = model.components.rows();
  if (k < 1 || k > d) in.fail("components: between 1 and " + std::to_string(d) + " expected");
  model.explained_variance_ratio = load_falling(in, "explained_variance_ratio", k);
  model.singular_values = load_falling(in, "singular_values", k);
  return model;
}

}  // namespace assay
