// features/drawing.h: what is found, drawn over the picture it was found in. Strokes have soft edges; places are pixels,
// centres at whole numbers; what lies outside the picture is left out.
#pragma once
#include <opencv2/core/mat.hpp>

namespace assay {

using Drawing = cv::Mat_<cv::Vec3b>;

/// The picture as 8-bit colour, at 60 % brightness.
Drawing dimmed(const cv::Mat& image);

/// Votes as brightness 0 to 1: their square roots; white are the highest, one in a thousand of the cells that have any. So
/// one high peak does not darken all the others.
cv::Mat_<float> brightness_of_votes(const cv::Mat& votes);

/// Colour of finding number `row` of `rows`: red for the first, green for the last.
cv::Vec3b rank_colour(size_t row, size_t rows);

/// From (x1, y1) to (x2, y2), `width` pixels wide.
void draw_segment(Drawing& picture, double x1, double y1, double x2, double y2, cv::Vec3b colour, double width = 1.6);

/// The line x cos theta + y sin theta = rho, across the whole picture.
void draw_line(Drawing& picture, double rho_px, double theta_rad, cv::Vec3b colour, double width = 1.6);

/// A ring of radius r around (x, y).
void draw_circle(Drawing& picture, double x, double y, double r, cv::Vec3b colour, double width = 1.6);

}  // namespace assay
