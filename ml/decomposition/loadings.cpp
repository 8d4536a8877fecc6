#include "assay/ml/decomposition/loadings.h"

#include <algorithm>

#include "assay/core/text.h"

namespace assay {

void report_axes(const PrincipalAxes& axes, bool centered, FitReport& report) {
  report.converged = axes.converged;
  report.iterations = axes.iterations;
  report.objective = axes.total > 0 ? sum(axes.squares.data(), axes.squares.size()) / axes.total : 1.0;
  report.note = solver_title(axes.solver, centered);
  report.more = {{"components", static_cast<double>(axes.squares.size())}};
  if (axes.solver == PrincipalSolver::randomized) report.more.push_back({"residual", axes.residual});
  if (axes.converged) return;
  if (axes.solver == PrincipalSolver::randomized)
    report.note += " stopped at residual " + six_digits(axes.residual) +
                   "; raise --max-iter or --tolerance, or use solver=covariance or gram";
  else
    report.note += " stopped early; give it more time";
}

Explanation::Table loadings_table(const Matrix& components, const std::vector<Column>& columns, const char* prefix) {
  constexpr Index kComponents = 6;
  const Index k = std::min(components.rows(), kComponents);
  Explanation::Table table{"coefficient of each column", {"column"}, {}};
  for (Index j = 0; j < k; ++j) table.header.push_back(prefix + std::to_string(j + 1));
  for (Index f = 0; f < std::min(components.cols(), kTableRows); ++f) {
    table.rows.push_back({columns[static_cast<size_t>(f)].name});
    for (Index j = 0; j < k; ++j) table.rows.back().push_back(components(j, f));
  }
  return table;
}

std::vector<double> column_shares(const Matrix& components, const Vector& squares) {
  const double total = squares.sum();
  std::vector<double> shares(static_cast<size_t>(components.cols()), 0.0);
  for (Index f = 0; f < components.cols() && total > 0; ++f)
    for (Index j = 0; j < components.rows(); ++j)
      shares[static_cast<size_t>(f)] += squares[j] / total * components(j, f) * components(j, f);
  return shares;
}

Vector load_falling(const ArchiveReader& in, const char* name, Index k) {
  const Vector values = in.vector(name, k);
  for (Index j = 0; j < k; ++j)
    if (values[j] < 0 || (j && values[j] > values[j - 1])) in.fail(std::string(name) + ": must fall, and not below 0");
  return values;
}

}  // namespace assay
