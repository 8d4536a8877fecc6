// imgproc/segment/watershed.h: the picture as a landscape, flooded from its markers; where two waters meet, a border stands.
//
// Without markers the sources are the regional minima that are at least `depth` deep: from which no path leads lower without
// climbing that much first.
//
// Takes      u8, u16, f32 (no NaN); 1 channel
// Gives      u16: the label of each pixel's basin, 1, 2, ..; 0 outside (background), and on the borders with lines=true
// Tells      count
// Guarantees a basin is connected and holds exactly one marker; without lines every pixel that a marker reaches has a label; pixels
//            are flooded in the order of their values, equal ones in the order in which they were reached
// Cost       O(pixels log pixels)
// Errors     DataError: markers of another size or more than one channel, more than 65 535 basins
// Trace      pictures "markers", "basins"
// See        [Meyer1994]; [Vincent1991]; [Grimaud1992] for the depth of a minimum
#pragma once
#include <optional>
#include <string>

#include "assay/imgproc/morphology/fill_holes.h"
#include "assay/imgproc/op.h"

namespace assay {

struct WatershedParams {
  std::string markers;
  cv::Mat marker_picture;  ///< what the file holds, once `prepare` has read it
  double depth = 0;
  bool invert = false;
  std::optional<double> background;
  PathNeighbours connectivity = PathNeighbours::eight;
  bool lines = false;
  std::string table;
  static void fields(auto& p, auto&& field) {
    field("markers", p.markers, "a picture of labels: flooding begins where it is not 0; none: at the minima");
    field("depth", p.depth, non_negative, "shallower minima are no sources, in the picture's own scale");
    field("invert", p.invert, "flood from the maxima down (of distances, say)");
    field("background", p.background, any_number, "pixels at or below this value take no part");
    field("connectivity", p.connectivity, path_neighbours_names, "neighbours to which water flows");
    field("lines", p.lines, "leave the pixels where waters meet at 0");
    field("table", p.table, "write label, area, box and centroid of each basin to this CSV file");
  }
};
struct Watershed {
  using Params = WatershedParams;
  static constexpr ImageOpInfo info{"watershed",
                                    "basins of the picture as a landscape: parts what touches",
                                    "Meyer1994",
                                    {},
                                    {kAnyDepth, kGrey, Law::none, Law::none}};
  static void prepare(Params&);
  static ImageFacts apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// Floods from `labels` (> 0: markers, 0: to be flooded, < 0: outside), in place. With `lines` the borders become 0.
void flood_from_markers(const cv::Mat_<float>& height, PathNeighbours connectivity, bool lines, cv::Mat_<int>& labels);
/// Labels 1, 2, .. of the minima of at least this depth, row by row; pixels where `outside` is not 0 take no part.
int mark_minima(const cv::Mat_<float>& height, double depth, PathNeighbours connectivity,
                const cv::Mat_<uint8_t>& outside, cv::Mat_<int>& labels);

}  // namespace assay
