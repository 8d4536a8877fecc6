// features/calibration/link_saddles.cpp: links (board_grid.h).
// Method     1 nearest saddle along each ray, of the other colour, an edge all the way   2 keep what is mutual

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/features/calibration/board_grid.h"
#include "assay/features/calibration/board_grid_internal.h"

namespace assay {

namespace {

constexpr float kCosTurn = 0.88F;  // cos 28 degrees: how far an edge may seem turned
constexpr float kAlike = 2;        // ratio of their contrasts, at most
constexpr float kLeastLength = 3;  // pixels of the level

struct Candidate {
  int saddle = -1, ray = 0;  // whom, and which ray of it points back
  float length = 0;
};

// Which ray of p leads to q and which of q leads back; false where their edges do not lie along the line.
bool rays_between(const Saddle& p, const Saddle& q, const cv::Point2f& d, float length, int& ray, int& back) {
  for (int t = 0; t < 2; ++t) {
    const float along = p.edge[t].dot(d);
    if (std::abs(along) < kCosTurn * length) continue;
    const float other = q.edge[1 - t].dot(d);
    if (std::abs(other) < kCosTurn * length) continue;
    ray = 2 * t + (along < 0 ? 1 : 0);
    back = 2 * (1 - t) + (other > 0 ? 1 : 0);
    return true;
  }
  return false;
}

// The saddles by cells of the plane.
class Cells {
 public:
  Cells(const std::vector<Saddle>& saddles, const cv::Size& size, float side)
      : side_(side),
        across_(static_cast<int>(static_cast<float>(size.width) / side) + 1),
        down_(static_cast<int>(static_cast<float>(size.height) / side) + 1),
        begin_(static_cast<size_t>(across_) * static_cast<size_t>(down_) + 1, 0),
        items_(saddles.size()) {
    for (const Saddle& s : saddles) ++begin_[cell(s.place) + 1];
    for (size_t c = 1; c < begin_.size(); ++c) begin_[c] += begin_[c - 1];
    std::vector<size_t> next(begin_.begin(), begin_.end() - 1);
    for (size_t i = 0; i < saddles.size(); ++i) items_[next[cell(saddles[i].place)]++] = static_cast<int>(i);
  }
  /// Calls visit(i) for the saddles of the cells exactly `ring` cells away from that of p.
  template <class Visit>
  void visit_ring(const cv::Point2f& p, int ring, Visit&& visit) const {
    const int cx = column(p), cy = row(p);
    for (int y = std::max(0, cy - ring); y <= std::min(down_ - 1, cy + ring); ++y) {
      const bool whole = y == cy - ring || y == cy + ring;
      for (int x = cx - ring; x <= cx + ring; x += whole || ring == 0 ? 1 : 2 * ring) {
        if (x < 0 || x >= across_) continue;
        const size_t c = static_cast<size_t>(y) * static_cast<size_t>(across_) + static_cast<size_t>(x);
        for (size_t k = begin_[c]; k < begin_[c + 1]; ++k) visit(items_[k]);
      }
    }
  }
  float side() const { return side_; }

 private:
  int column(const cv::Point2f& p) const { return std::clamp(static_cast<int>(p.x / side_), 0, across_ - 1); }
  int row(const cv::Point2f& p) const { return std::clamp(static_cast<int>(p.y / side_), 0, down_ - 1); }
  size_t cell(const cv::Point2f& p) const {
    return static_cast<size_t>(row(p)) * static_cast<size_t>(across_) + static_cast<size_t>(column(p));
  }
  float side_;
  int across_, down_;
  std::vector<size_t> begin_;
  std::vector<int> items_;
};

}  // namespace

bool edge_between(const cv::Mat_<float>& I, const Saddle& p, const Saddle& q, int edge) {
  const cv::Point2f d = q.place - p.place;
  const float length = std::sqrt(d.dot(d)), offset = std::max(1.5F, 0.2F * length) / length;
  const cv::Point2f side = cv::Point2f(-d.y, d.x) * (edge == 0 ? offset : -offset);  // towards the bright
  const float least = 0.3F * std::min(p.contrast, q.contrast);
  for (const float f : {0.5F, 0.25F, 0.75F}) {
    const cv::Point2f at = p.place + f * d, bright = at + side, dark = at - side;
    for (const cv::Point2f& s : {bright, dark})
      if (!(s.x >= 0 && s.y >= 0 && s.x < static_cast<float>(I.cols - 1) && s.y < static_cast<float>(I.rows - 1)))
        return false;
    if (value_between(I, bright.x, bright.y) - value_between(I, dark.x, dark.y) < least) return false;
  }
  return true;
}

Links link_saddles(const SaddleMap& map, float reach) {
  const std::vector<Saddle>& saddles = map.saddles;
  const Cells cells(saddles, map.smooth.size(), 12);
  const int rings = static_cast<int>(reach / cells.side()) + 1;
  std::vector<std::array<Candidate, 4>> nearest(saddles.size());
  for (size_t i = 0; i < saddles.size(); ++i) {
    const Saddle& p = saddles[i];
    std::array<Candidate, 4>& mine = nearest[i];
    for (int ring = 0; ring <= rings; ++ring) {
      cells.visit_ring(p.place, ring, [&](int j) {
        const Saddle& q = saddles[static_cast<size_t>(j)];
        const cv::Point2f d = q.place - p.place;
        const float length = std::sqrt(d.dot(d));
        if (length < kLeastLength || length > reach) return;
        if (p.contrast > kAlike * q.contrast || q.contrast > kAlike * p.contrast) return;
        int ray = 0, back = 0;
        if (!rays_between(p, q, d, length, ray, back)) return;
        Candidate& best = mine[static_cast<size_t>(ray)];
        if (best.saddle >= 0 && best.length <= length) return;
        if (edge_between(map.smooth, p, q, ray / 2)) best = {j, back, length};
      });
      const auto settled = [&](const Candidate& c) {
        return c.saddle >= 0 && c.length <= static_cast<float>(ring) * cells.side();
      };
      if (std::all_of(mine.begin(), mine.end(), settled)) break;
    }
  }
  Links links(saddles.size(), {-1, -1, -1, -1});
  for (size_t i = 0; i < saddles.size(); ++i)
    for (size_t ray = 0; ray < 4; ++ray) {
      const Candidate& c = nearest[i][ray];
      if (c.saddle < 0) continue;
      const Candidate& back = nearest[static_cast<size_t>(c.saddle)][static_cast<size_t>(c.ray)];
      if (back.saddle == static_cast<int>(i)) links[i][ray] = c.saddle;
    }
  return links;
}

}  // namespace assay
