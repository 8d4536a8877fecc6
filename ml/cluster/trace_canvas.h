// ml/cluster/trace_canvas.h: rows in a plane as a small picture: what the trace of a clusterer shows.
#pragma once
#include <array>
#include <vector>

#include "assay/core/image_view.h"
#include "assay/ml/data/samples.h"

namespace assay::kmeans {

using Color = std::array<uint8_t, 3>;  ///< blue, green, red

/// The colour of a cluster: hues that stay apart.
Color cluster_color(int c);
/// Between white (0) and `color` (1).
Color tint(Color color, double strength);

/// The plane of two columns: those of the data where there are two, else the two of largest variance.
class Plane {
 public:
  explicit Plane(const Samples& samples);
  bool whole() const { return whole_; }  ///< there are no other columns
  double x(const double* row) const { return (row[across_] - lo_[0]) / (hi_[0] - lo_[0]); }
  double y(const double* row) const { return up_ < 0 ? 0.5 : (row[up_] - lo_[1]) / (hi_[1] - lo_[1]); }
  /// A row at a place, for planes that are whole.
  void place(double x, double y, double* row) const;
  std::string text(const std::vector<Column>& columns) const;  ///< "across: a, up: b"

 private:
  Index across_ = 0, up_ = -1;
  bool whole_ = true;
  std::array<double, 2> lo_{}, hi_{};
};

class Canvas {
 public:
  static constexpr int kSize = 420;
  Canvas();
  void pixel(int x, int y, Color color);
  /// In the plane: 0..1 each, y upwards.
  void disc(double x, double y, double radius, Color color);
  void ring(double x, double y, double radius, Color color);
  void line(double x0, double y0, double x1, double y1, Color color);
  ImageView view() const;
  static double across(int x) { return (x - kMargin + 0.5) / (kSize - 2 * kMargin); }
  static double up(int y) { return 1 - across(y); }

 private:
  static constexpr int kMargin = 14;
  static double to_x(double x) { return kMargin + x * (kSize - 2 * kMargin); }
  static double to_y(double y) { return kMargin + (1 - y) * (kSize - 2 * kMargin); }
  std::vector<uint8_t> bgr_;
};

}  // namespace assay::kmeans
