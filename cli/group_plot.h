// cli/group_plot.h: from rows and labels to the pictures of `cluster` and `reduce`.
#pragma once
#include <functional>

#include "cli/report/figures/groups.h"
#include "cli/unsupervised.h"

namespace assay::cli {

/// Where the rows lie in a picture: two columns in their own units, or the first two principal components.
class Plane {
 public:
  /// `seen`: rows as the algorithm sees them. --plot-columns names two of the pipeline's columns; a table of one column
  /// has its row numbers as the other axis; one of two columns shows them; others their principal components.
  static Plane of(const Options& options, const Prepared& model, const Matrix& seen, const Context& ctx);
  double x(const double* row) const { return coordinate(0, row); }
  double y(const double* row) const { return coordinate(1, row); }
  /// The point of the plane as a row that the algorithm could see; columns that the picture does not show are at their mean.
  Vector row_at(double x_value, double y_value) const;
  bool numbers_rows() const { return numbers_rows_; }  ///< the second axis is the row number
  const std::string& x_name() const { return name_[0]; }
  const std::string& y_name() const { return name_[1]; }
  bool flat() const { return flat_; }  ///< the plane shows all there is: two columns of two

 private:
  double coordinate(int axis, const double* row) const;
  Vector origin_;
  Matrix axes_;  // 2 x d
  double offset_[2] = {0, 0}, spread_[2] = {1, 1};
  std::string name_[2];
  bool numbers_rows_ = false, flat_ = false;
};

/// Rows, groups and names filled in; no centres, no regions.
report::GroupPicture group_rows(const Plane& plane, const Matrix& seen, const std::vector<int>& group,
                                const std::vector<std::string>& names);
/// What a model answers over the whole picture. `predict` gets rows as the algorithm sees them.
report::Regions regions_of(const Plane& plane, const report::GroupPicture& picture, double work_per_row,
                           const std::function<std::vector<int>(const Matrix&)>& predict);

}  // namespace assay::cli
