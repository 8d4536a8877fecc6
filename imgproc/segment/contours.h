// imgproc/segment/contours.h: the borders of white regions, outer ones and those of holes, and what lies within which.
//
// Takes      u8, u16, f32; 1 channel: what is above 0 is white (8 neighbours; black: 4)
// Gives      u8: 255 on the pixels of all borders, which are white pixels beside black ones
// Tells      count, holes
// Guarantees a region's outer border and the border of each of its holes are one contour each; a contour's parent is the contour
//            that encloses it most closely
// Cost       O(pixels + length of the borders)
// Trace      picture "contours"
// See        [Suzuki1985] appendix I; measures: polygon.h
#pragma once
#include <opencv2/core/types.hpp>
#include <string>
#include <vector>

#include "assay/imgproc/op.h"

namespace assay {

struct Contour {
  std::vector<cv::Point>
      points;         ///< in order along the border, each step to one of 8 neighbours; the last joins the first
  bool hole = false;  ///< the border of a hole: its points are white and lie around the hole
  int parent = -1;    ///< index of the contour around it; -1: none
};

struct ContoursParams {
  std::string table, points;
  static void fields(auto& p, auto&& field) {
    field("table", p.table, "write the measures of each contour to this CSV file");
    field("points", p.points, "write the points of each contour to this CSV file");
  }
};
struct Contours {
  using Params = ContoursParams;
  static constexpr ImageOpInfo info{"contours",
                                    "borders of white regions, with area, perimeter and hull",
                                    "Suzuki1985, appendix I",
                                    {"find-contours"},
                                    {kAnyDepth, kGrey, Law::exact, Law::exact}};
  static ImageFacts apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// Contours in the order in which a scan by rows meets them.
std::vector<Contour> find_contours(const cv::Mat& image);

/// A line each: contour, parent, hole, points, area, perimeter, x, y (centroid), left, top, width, height, hull_area, and the
/// least rectangle: rect_x, rect_y, rect_width, rect_height, rect_angle (degrees, clockwise).
std::string contours_csv(const std::vector<Contour>& contours);

}  // namespace assay
