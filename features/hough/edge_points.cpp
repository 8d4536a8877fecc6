// features/hough/edge_points.cpp
// Method     1 for each row of tiles: the picture smoothed, its gradient, Canny's candidates   2 tile by tile, each candidate moved
//            along its gradient to the steepest place   3 hysteresis   4 those that are edges
// Departures from the paper: [Ballard1981] takes edge pixels where they are.
#include <bit>
#include <cstring>

#include "assay/core/parallel.h"
#include "assay/features/hough/edge_points_internal.h"
#include "assay/imgproc/filter/gaussian.h"

namespace assay::hough {

namespace {

using GradientBand = canny_stages::Band<float>;

// Of a row of tiles.
struct Candidates {
  std::vector<int> column, row;  // of their pixels; row: of the picture
  std::vector<float> dx, dy;     // from there to the steepest place
  std::vector<float> ux, uy;
  std::vector<size_t> begin;  // of each tile's, and the end

  // Of n pixels of a row, those from column x on.
  void add(const uint8_t* classes, int n, int x, int y) {
    for (int first = 0; first < n; first += 8) {
      uint64_t eight = 0;
      std::memcpy(&eight, classes + first, static_cast<size_t>(std::min(8, n - first)));
      for (eight = (eight | eight >> 1) & 0x0101010101010101; eight != 0; eight &= eight - 1) {
        column.push_back(x + first + std::countr_zero(eight) / 8);
        row.push_back(y);
      }
    }
  }
  // The band is rows y0 .. of a picture of that size.
  void find_places(const GradientBand& band, int y0, cv::Size size) {
    const size_t n = column.size();
    for (std::vector<float>* v : {&dx, &dy, &ux, &uy}) v->resize(n);
    for (int& y : row) y -= y0;
    steepest_places(band.gx[0], band.gy[0], static_cast<ptrdiff_t>(band.gx.step1()), &band.magnitude(1, 1),
                    static_cast<ptrdiff_t>(band.magnitude.step1()), column.data(), row.data(), n, dx.data(), dy.data(),
                    ux.data(), uy.data());
    for (size_t i = 0; i < n; ++i) {
      row[i] += y0;  // on the frame there is nothing before or behind
      if (column[i] == 0 || row[i] == 0 || column[i] == size.width - 1 || row[i] == size.height - 1) dx[i] = dy[i] = 0;
    }
  }
};
static_assert((canny_stages::kWeak | canny_stages::kStrong) <= 3);

}  // namespace

OrientedEdgePoints::OrientedEdgePoints(const cv::Mat& image, double sigma, double low, double high, const Context& ctx)
    : edges(image.size(), CV_8U), columns_((image.cols + kTile - 1) / kTile), rows_((image.rows + kTile - 1) / kTile) {
  GaussianParams g;
  g.sigma = sigma;
  CannyParams c;
  c.low = low, c.high = high;
  const canny_stages::Thresholds thresholds = canny_stages::thresholds_for(c, image);
  cv::Mat_<uint8_t> classes(image.rows + 2, image.cols + 2, canny_stages::kNone);
  std::vector<Candidates> found(static_cast<size_t>(rows_));
  parallel_for(ctx.threads, rows_, 1, [&](Index from, Index to) {
    ctx.check_cancelled();
    cv::Mat_<float> smooth;
    for (int tile_row = static_cast<int>(from); tile_row < static_cast<int>(to); ++tile_row) {
      const int y0 = tile_row * kTile, y1 = std::min(image.rows, y0 + kTile);
      const int first = std::max(0, y0 - 2),
                last = std::min(image.rows, y1 + 2);  // the gradient of a row beside reads them
      gaussian_rows(image, g, first, last, smooth);
      const GradientBand band = canny_stages::gradient<float>(smooth, c, y0 - first, y1 - first);
      cv::Mat_<uint8_t> of_rows = classes.rowRange(first, last + 2);
      canny_stages::suppress_non_maxima(band, c, thresholds, of_rows);
      Candidates& here = found[static_cast<size_t>(tile_row)];
      for (int x0 = 0; x0 < image.cols; x0 += kTile) {
        here.begin.push_back(here.column.size());
        for (int py = y0; py < y1; ++py) here.add(classes[py + 1] + 1 + x0, std::min(kTile, image.cols - x0), x0, py);
      }
      here.begin.push_back(here.column.size());
      here.find_places(band, y0, image.size());
    }
  });
  canny_stages::link_words(classes, edges);
  size_t most = 0;
  for (const Candidates& row : found) most += row.column.size();
  for (std::vector<float>* v : {&x, &y, &ux, &uy}) v->reserve(most);
  for (const Candidates& row : found)
    for (size_t tile = 0; tile + 1 < row.begin.size(); ++tile) {
      begin_.push_back(x.size());
      for (size_t i = row.begin[tile]; i < row.begin[tile + 1]; ++i) {
        if (edges.at<uint8_t>(row.row[i], row.column[i]) == 0) continue;
        x.push_back(static_cast<float>(row.column[i]) + row.dx[i]),
            y.push_back(static_cast<float>(row.row[i]) + row.dy[i]);
        ux.push_back(row.ux[i]), uy.push_back(row.uy[i]);
      }
    }
  begin_.push_back(x.size());
}

}  // namespace assay::hough
