// imgproc/segment/components.h: connected components: which white pixels belong together, with area, box and centroid.
//
// Takes      u8, u16, f32; 1 channel: what is above 0 is white
// Gives      u16: 0 on black, 1, 2, .. by the first pixel of each component, row by row from the top left
// Tells      count, largest (area in pixels)
// Guarantees two pixels have one label if and only if a path of white neighbours joins them; areas add up to the white pixels
// Cost       O(pixels), by runs; memory: two numbers a run
// Errors     DataError: more than 65 535 components of at least min-area
// Trace      pictures "labels"
// See        [Rosenfeld1966]; [He2008] for runs
#pragma once
#include <string>
#include <vector>

#include "assay/imgproc/morphology/fill_holes.h"
#include "assay/imgproc/op.h"

namespace assay {

struct Component {
  int64_t area = 0;
  int left = 0, top = 0, right = 0, bottom = 0;  ///< the box: first and last column and row
  double x = 0, y = 0;                           ///< centroid
};

struct ComponentsParams {
  PathNeighbours connectivity = PathNeighbours::eight;
  int min_area = 1;
  std::string table;
  static void fields(auto& p, auto&& field) {
    field("connectivity", p.connectivity, path_neighbours_names, "neighbours that belong together");
    field("min-area", p.min_area, at_least(1), "smaller components are left out, in pixels");
    field("table", p.table, "write label, area, box and centroid of each to this CSV file");
  }
};
struct Components {
  using Params = ComponentsParams;
  static constexpr ImageOpInfo info{"components",
                                    "connected components, counted and measured",
                                    "Rosenfeld1966",
                                    {"label", "connected-components"},
                                    {kAnyDepth, kGrey, Law::none, Law::none}};
  static ImageFacts apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// Labels 1, 2, .. of all components; component k stands at k - 1 of what is returned.
std::vector<Component> label_components(const cv::Mat& image, PathNeighbours connectivity, cv::Mat_<int>& labels);

/// "label,area,x,y,left,top,width,height" and a line each.
std::string components_csv(const std::vector<Component>& components);

/// Area, box and centroid of labels 1 .. greatest.
std::vector<Component> measure_labels(const cv::Mat_<int>& labels);

}  // namespace assay
