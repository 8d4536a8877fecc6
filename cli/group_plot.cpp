#include "cli/group_plot.h"

#include <algorithm>
#include <cmath>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/text.h"

namespace assay::cli {
namespace {

Index find_output(const std::vector<Column>& columns, const std::string& name) {
  std::vector<std::string> names;
  for (size_t f = 0; f < columns.size(); ++f) {
    if (columns[f].name == name) return static_cast<Index>(f);
    names.push_back(columns[f].name);
  }
  throw UsageError("--plot-columns: there is no column " + quoted(name) + did_you_mean(name, names),
                   names.size() <= 20 ? "columns: " + join(names, ", ") : "");
}

/// Two directions of the largest variance, and its share of each.
struct PrincipalPlane {
  Matrix axes;  // 2 x d
  double share[2];
};

PrincipalPlane principal_plane(const Matrix& X, const Context& ctx) {
  const Matrix centred = X.rowwise() - X.colwise().mean();
  const Matrix C = gram(centred, {}, ctx.threads);
  const double total = C.trace();
  const SymmetricEigen top = eigen_symmetric_largest(C, 2, Context(0, ctx.threads));
  PrincipalPlane p{top.vectors.transpose(), {0, 0}};
  for (int a = 0; a < 2; ++a) p.share[a] = total > 0 ? top.values[a] / total : 0;
  return p;
}

}  // namespace

double Plane::coordinate(int axis, const double* row) const {
  double value = 0;
  for (Index f = 0; f < origin_.size(); ++f) value += (row[f] - origin_[f]) * axes_(axis, f);
  return offset_[axis] + spread_[axis] * value;
}

Vector Plane::row_at(double x_value, double y_value) const {
  Vector row = origin_ + (x_value - offset_[0]) / spread_[0] * axes_.row(0).transpose();
  if (!numbers_rows_) row += (y_value - offset_[1]) / spread_[1] * axes_.row(1).transpose();
  return row;
}

Plane Plane::of(const Options& options, const Prepared& model, const Matrix& seen, const Context& ctx) {
  const auto& columns = model.pipeline.output_columns();
  const Index d = seen.cols();
  Plane p;
  p.origin_ = seen.colwise().mean().transpose();
  p.axes_ = Matrix::Zero(2, d);
  std::vector<Index> shown;
  if (options.given("plot-columns")) {
    const std::vector<std::string> names = options.list("plot-columns");
    if (names.size() != 2)
      throw UsageError("option '--plot-columns' must be two columns A,B, got " + quoted(options.text("plot-columns")));
    for (const std::string& name : names) shown.push_back(find_output(columns, name));
    if (shown[0] == shown[1]) throw UsageError("option '--plot-columns' names one column twice");
  } else if (d <= 2) {
    for (Index f = 0; f < d; ++f) shown.push_back(f);
  }
  p.flat_ = shown.size() == static_cast<size_t>(d);
  if (!shown.empty()) {
    for (size_t a = 0; a < shown.size(); ++a) {
      const Index f = shown[a];
      p.origin_[f] = 0;
      p.axes_(static_cast<Index>(a), f) = 1;
      p.offset_[a] = model.pipeline.offset()[static_cast<size_t>(f)];
      p.spread_[a] = model.pipeline.spread()[static_cast<size_t>(f)];
      p.name_[a] = columns[static_cast<size_t>(f)].name;
    }
    p.numbers_rows_ = shown.size() == 1;
    if (p.numbers_rows_) p.name_[1] = "row";
    return p;
  }
  const PrincipalPlane principal = principal_plane(seen, ctx);
  p.axes_ = principal.axes;
  for (int a = 0; a < 2; ++a)
    p.name_[a] = "pc" + std::to_string(a + 1) + " (" + significant(100 * principal.share[a], 3) + " % of the variance)";
  return p;
}

report::GroupPicture group_rows(const Plane& plane, const Matrix& seen, const std::vector<int>& group,
                                const std::vector<std::string>& names) {
  report::GroupPicture picture;
  picture.x_name = plane.x_name(), picture.y_name = plane.y_name();
  picture.group = group, picture.names = names;
  picture.sizes.assign(names.size(), 0);
  for (Index i = 0; i < seen.rows(); ++i) {
    picture.x.push_back(plane.x(seen.row(i).data()));
    picture.y.push_back(plane.numbers_rows() ? static_cast<double>(i + 1) : plane.y(seen.row(i).data()));
    if (const int k = group[static_cast<size_t>(i)]; k >= 0) ++picture.sizes[static_cast<size_t>(k)];
  }
  return picture;
}

report::Regions regions_of(const Plane& plane, const report::GroupPicture& picture, double work_per_row,
                           const std::function<std::vector<int>(const Matrix&)>& predict) {
  constexpr double kWork = 1e9;  // about a second
  const report::Frame frame = report::group_frame(picture);
  const double width = frame.x.to - frame.x.from, height = frame.y.from - frame.y.to;
  double cell = 2.5;  // pixels
  while (cell < 20 && width / cell * (height / cell) * work_per_row > kWork) cell *= 1.5;
  report::Regions regions;
  regions.columns = static_cast<int>(std::ceil(width / cell));
  regions.rows = static_cast<int>(std::ceil(height / cell));
  for (int r = 0; r < regions.rows; ++r) {
    Matrix rows(regions.columns, static_cast<Index>(plane.row_at(0, 0).size()));
    for (int c = 0; c < regions.columns; ++c) {
      const report::Point at = report::cell_center(frame, regions, r, c);
      rows.row(c) = plane.row_at(at.x, at.y).transpose();
    }
    const std::vector<int> said = predict(rows);
    regions.cell.insert(regions.cell.end(), said.begin(), said.end());
  }
  return regions;
}

}  // namespace assay::cli
