// features/calibration/lattice.cpp: saddles at whole coordinates (board_grid_internal.h).
// Notation   p(c) the place of cell c;  d, e steps to neighbours
// Method     a free cell is predicted as the mean of 2 p(c + d) - p(c + 2 d), of (p(c - d) + p(c + d)) / 2, twice as
//            heavy, and of p(c + d) + p(c + e) - p(c + d + e)

#include <algorithm>
#include <opencv2/core.hpp>

#include "assay/features/calibration/board_grid_internal.h"

namespace assay {

void Lattice::insert(const Cell& c, const Saddle& s) {
  if (nodes_.empty()) first_ = last_ = c;
  at_[index(c)] = static_cast<int>(nodes_.size());
  nodes_.emplace_back(c, s);
  first_ = {std::min(first_.first, c.first), std::min(first_.second, c.second)};
  last_ = {std::max(last_.first, c.first), std::max(last_.second, c.second)};
}

void Lattice::clear() {
  for (const auto& [c, s] : nodes_) at_[index(c)] = -1;
  nodes_.clear();
}

void Lattice::remove(const std::vector<Cell>& cells) {
  std::vector<std::pair<Cell, Saddle>> kept;
  for (const auto& node : nodes_)
    if (std::find(cells.begin(), cells.end(), node.first) == cells.end()) kept.push_back(node);
  clear();
  for (const auto& [c, s] : kept) insert(c, s);
}

std::optional<Lattice::Prediction> Lattice::predict(const Cell& c) const {
  cv::Point2f sum(0, 0);
  float weight = 0, lengths = 0;
  int counted = 0;
  const auto add = [&](const cv::Point2f& p, float w) { sum += w * p, weight += w; };
  const auto count = [&](const cv::Point2f& step, float steps) {
    lengths += std::sqrt(step.dot(step)) / steps, ++counted;
  };
  for (const Cell& d : kSteps) {
    const Saddle* near = find(c + d);
    if (!near) continue;
    if (const Saddle* far = find(c + d + d)) {
      add(near->place + (near->place - far->place), 1);
      count(near->place - far->place, 1);
    }
    if (const Saddle* across = find(c - d)) {
      add((near->place + across->place) * 0.5F, 2);
      count(near->place - across->place, 2);
    }
    const Cell turned{-d.second, d.first};
    for (const Cell& e : {turned, Cell{} - turned}) {
      const Saddle *side = find(c + e), *corner = find(c + d + e);
      if (!side || !corner) continue;
      add(near->place + side->place - corner->place, 1);
      count(side->place - corner->place, 1);
    }
  }
  if (counted == 0) return std::nullopt;
  return Prediction{sum * (1 / weight), lengths / static_cast<float>(counted)};
}

}  // namespace assay
