// cli/report/figures/dendrogram.h: a tree of merges, drawn upright: leaves at the foot, the height of each merge on the axis.
#pragma once
#include <string>
#include <vector>

#include "assay/ml/clusterer.h"
#include "cli/report/figures/axis.h"

namespace assay::report {

struct DendrogramPicture {
  std::string title, subtitle;
  std::string height_name = "distance";
  std::vector<Merge> merges;       ///< at least one, each above its parts
  std::vector<int> labels;         ///< cluster of each row
  int clusters = 1;                ///< the cut leaves so many: merges.size() + 1 - clusters merges lie below it
  std::vector<std::string> names;  ///< of the rows, shown while they fit; empty: row numbers
};

/// A whole SVG file. Branches below the cut have the colour of their cluster; branches narrower than a pixel are one line, so
/// the file stays under 200 KB whatever the number of rows.
std::string dendrogram_picture(const DendrogramPicture& picture);

}  // namespace assay::report
