// cli/report/figures/groups.h: rows in a plane, coloured by the cluster they belong to.
#pragma once
#include <string>
#include <vector>

#include "cli/report/figures/axis.h"

namespace assay::report {

/// A coarse picture of what a model answers at every place of the plane: cell (row r from the top, column c) has label
/// cell[r * columns + c]; negative: none.
struct Regions {
  int columns = 0, rows = 0;
  std::vector<int> cell;
};

struct GroupPicture {
  std::string title, subtitle;
  std::string x_name, y_name;
  std::vector<double> x, y;
  std::vector<int> group;          ///< of each row: 0..K-1, -1 for none
  std::vector<std::string> names;  ///< of each group, for the legend
  std::vector<long long> sizes;    ///< rows of each group
  std::string none = "noise";      ///< what group -1 is called
  std::vector<Point> centers;      ///< in data units, one a group; empty: none are drawn
  Regions regions;                 ///< over the whole frame; empty: none are drawn
};

/// The frame that the picture of these points will have: its axes say where each cell of the regions lies.
Frame group_frame(const GroupPicture& picture);
/// Data coordinates of the middle of a cell.
Point cell_center(const Frame& frame, const Regions& regions, int row, int column);

/// Of so many dots in one place one is drawn; at most about 14 000 in all. Rows in drawing order.
std::vector<size_t> thinned_rows(const std::vector<Point>& pixels, const std::vector<int>& group);

/// A whole SVG file, under 400 KB whatever the number of rows. `caption` receives what was left out ("" for nothing).
std::string group_picture(const GroupPicture& picture, std::string* left_out = nullptr);

/// Arrows of a biplot: where one unit of each column points, in the units of the picture.
struct Arrow {
  std::string name;
  double x, y;
};
struct ReductionPicture {
  GroupPicture scores;           ///< of the first two components
  std::vector<Arrow> arrows;     ///< longest first
  std::vector<double> share;     ///< explained variance ratio of each component; empty: singular values stand in
  std::vector<double> singular;  ///< singular values
};
/// Scree plot and biplot side by side; a whole SVG file.
std::string reduction_picture(const ReductionPicture& picture, std::string* left_out = nullptr);

}  // namespace assay::report
