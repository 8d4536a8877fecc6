// imgproc/segment/polygon.h: measures of a closed polygon of pixel centres.
#pragma once
#include <opencv2/core/types.hpp>
#include <vector>

namespace assay {

/// Half the sum of cross products [Green's theorem]: positive where the points go clockwise on the screen (y down).
double signed_area(const std::vector<cv::Point>& points);
/// Length of the closed line.
double perimeter(const std::vector<cv::Point>& points);

/// Moments of the area within, about the origin: m_pq = integral of x^p y^q.
struct PolygonMoments {
  double m00 = 0, m10 = 0, m01 = 0, m20 = 0, m11 = 0, m02 = 0;
};
/// By Green's theorem, edge by edge; m00 = |signed_area|.
PolygonMoments moments(const std::vector<cv::Point>& points);

/// Corners of the convex hull, clockwise on the screen, none on a side between two others. [Andrew1979]
std::vector<cv::Point> convex_hull(std::vector<cv::Point> points);

struct TurnedRectangle {
  double x = 0, y = 0;           ///< centre
  double width = 0, height = 0;  ///< width along `angle`
  double angle_rad = 0;          ///< of the width, clockwise on the screen from the x axis, in [0, pi / 2)
};
/// The rectangle of least area that holds all points: one of its sides lies on a side of the hull [Freeman1975].
TurnedRectangle least_rectangle(const std::vector<cv::Point>& hull);

}  // namespace assay
