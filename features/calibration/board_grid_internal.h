// features/calibration/board_grid_internal.h: what linking, growing and completing share; not installed.
#pragma once
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "assay/features/calibration/saddle.h"

namespace assay {

/// One side of the line from p to q is bright, the other dark, all the way; `edge` is the edge of p that it follows.
bool edge_between(const cv::Mat_<float>& I, const Saddle& p, const Saddle& q, int edge);

using Cell = std::pair<int, int>;  // column, row
inline constexpr std::array<Cell, 4> kSteps{{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}};
inline Cell operator+(const Cell& a, const Cell& b) { return {a.first + b.first, a.second + b.second}; }
inline Cell operator-(const Cell& a, const Cell& b) { return {a.first - b.first, a.second - b.second}; }

/// Saddles at whole coordinates from -half to half.
class Lattice {
 public:
  explicit Lattice(int half)
      : half_(half), side_(2 * half + 1), at_(static_cast<size_t>(side_) * static_cast<size_t>(side_), -1) {}
  bool within(const Cell& c) const { return std::abs(c.first) <= half_ && std::abs(c.second) <= half_; }
  const Saddle* find(const Cell& c) const {
    if (!within(c)) return nullptr;
    const int k = at_[index(c)];
    return k < 0 ? nullptr : &nodes_[static_cast<size_t>(k)].second;
  }
  const std::vector<std::pair<Cell, Saddle>>& nodes() const { return nodes_; }
  int columns() const { return last_.first - first_.first + 1; }
  int rows() const { return last_.second - first_.second + 1; }
  Cell first() const { return first_; }
  Cell last() const { return last_; }
  /// The cell is free and within.
  void insert(const Cell& c, const Saddle& s);
  void remove(const std::vector<Cell>& cells);
  void clear();

  struct Prediction {
    cv::Point2f place;
    float step;  ///< how long a step is there
  };
  /// Where the saddle of a free cell should be; nothing where too few neighbours say so.
  std::optional<Prediction> predict(const Cell& c) const;

 private:
  size_t index(const Cell& c) const {
    return static_cast<size_t>(c.second + half_) * static_cast<size_t>(side_) + static_cast<size_t>(c.first + half_);
  }
  int half_, side_;
  std::vector<int> at_;
  std::vector<std::pair<Cell, Saddle>> nodes_;
  Cell first_, last_;
};

}  // namespace assay
