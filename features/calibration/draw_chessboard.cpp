// features/calibration/draw_chessboard.cpp: what the finder saw, as a picture (chessboard.h).

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/features/calibration/chessboard.h"

namespace assay {

namespace {

using Colour = cv::Vec3b;  // B, G, R

cv::Mat_<Colour> dimmed(const cv::Mat& image) {
  cv::Mat_<Colour> picture(image.size());
  cv::Mat grey;
  image.convertTo(grey, CV_8U, 0.6 * 255 / full_scale(image));
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) picture(y, x) = Colour::all(grey.at<uint8_t>(y, x));
  return picture;
}

// Every pixel in the box, covered as `share(x, y)` says.
template <class Share>
void blend(cv::Mat_<Colour>& picture, const cv::Point2d& low, const cv::Point2d& high, const Colour& colour,
           Share&& share) {
  for (int y = std::max(0, static_cast<int>(low.y)); y <= std::min<double>(picture.rows - 1, high.y); ++y)
    for (int x = std::max(0, static_cast<int>(low.x)); x <= std::min<double>(picture.cols - 1, high.x); ++x) {
      const double a = std::clamp(share(x, y), 0.0, 1.0);
      for (int c = 0; c < 3; ++c)
        picture(y, x)[c] = cv::saturate_cast<uchar>((1 - a) * picture(y, x)[c] + a * colour[c]);
    }
}

void ring(cv::Mat_<Colour>& picture, const cv::Point2d& p, double radius, double width, const Colour& colour) {
  const cv::Point2d reach(radius + width, radius + width);
  blend(picture, p - reach, p + reach, colour,
        [&](int x, int y) { return width / 2 + 0.5 - std::abs(std::hypot(x - p.x, y - p.y) - radius); });
}

void segment(cv::Mat_<Colour>& picture, const cv::Point2d& p, const cv::Point2d& q, double width,
             const Colour& colour) {
  const cv::Point2d d = q - p, reach(width + 1, width + 1);
  const double squared = std::max(1e-9, d.dot(d));
  blend(picture, cv::Point2d(std::min(p.x, q.x), std::min(p.y, q.y)) - reach,
        cv::Point2d(std::max(p.x, q.x), std::max(p.y, q.y)) + reach, colour, [&](int x, int y) {
          const cv::Point2d r = cv::Point2d(x, y) - p;
          const double t = std::clamp(r.dot(d) / squared, 0.0, 1.0);
          return width / 2 + 0.5 - cv::norm(r - t * d);
        });
}

// From red (first row) over yellow, green and blue.
Colour colour_of_row(int row, int rows) {
  const double h = 270.0 * row / std::max(1, rows - 1);
  const auto channel = [&](double at) {
    const double away = std::abs(std::remainder(h - at, 360));
    return static_cast<uchar>(255 * std::clamp(2 - away / 60, 0.15, 1.0));
  };
  return {channel(240), channel(120), channel(0)};
}

const Colour kSaddle(60, 210, 255), kRefused(150, 110, 60), kGridNode(90, 230, 90);

}  // namespace

cv::Mat draw_chessboard(const cv::Mat& image, const Chessboard& board) {
  cv::Mat_<Colour> picture = dimmed(image);
  const double unit = std::max(1.0, std::max(image.cols, image.rows) / 640.0);
  if (board.found()) {
    const int n = board.board.columns;
    for (size_t i = board.corners.size(); i-- > 1;)
      segment(picture, board.corners[i - 1], board.corners[i], unit,
              colour_of_row(static_cast<int>(i) / n, board.board.rows));
    for (size_t i = 0; i < board.corners.size(); ++i)
      ring(picture, board.corners[i], (i == 0 ? 7 : 3.5) * unit, 1.5 * unit,
           colour_of_row(static_cast<int>(i) / n, board.board.rows));
    return picture;
  }
  for (const cv::Point2d& p : board.refused) ring(picture, p, 0.5 * unit, unit, kRefused);
  for (const cv::Point2d& p : board.saddles) ring(picture, p, 3 * unit, 1.2 * unit, kSaddle);
  for (const Chessboard::Node& a : board.grid) {
    for (const Chessboard::Node& b : board.grid)
      if ((b.column == a.column + 1 && b.row == a.row) || (b.row == a.row + 1 && b.column == a.column))
        segment(picture, a.place, b.place, 1.5 * unit, kGridNode);
    ring(picture, a.place, 3.5 * unit, 1.5 * unit, kGridNode);
  }
  return picture;
}

}  // namespace assay
