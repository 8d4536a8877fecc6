// ml/decomposition/loadings.h: what the reducers say about their directions, and how they store them.
#pragma once
#include <string>
#include <vector>

#include "assay/ml/decomposition/principal.h"
#include "assay/ml/learner.h"

namespace assay {

inline constexpr Index kTableRows = 50;  ///< of an explanation

/// Converged, iterations, the share kept as objective; the solver, and what to do where it stopped early, as note.
void report_axes(const PrincipalAxes& axes, bool centered, FitReport& report);
/// A row a column of the data, a coefficient for each of the first components.
Explanation::Table loadings_table(const Matrix& components, const std::vector<Column>& columns, const char* prefix);
/// sum_j squares_j v_jf^2 / sum of all, for each column f.
std::vector<double> column_shares(const Matrix& components, const Vector& squares);
/// k numbers that are not negative and do not rise; ModelError.
Vector load_falling(const ArchiveReader& in, const char* name, Index k);

}  // namespace assay
