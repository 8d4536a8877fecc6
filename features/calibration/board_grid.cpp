// features/calibration/board_grid.cpp: grids grown from links, their gaps filled, their size judged.
// Notation   u, v the directions of columns and rows;  c a cell (column, row)
// Method     1 grow: from a saddle along its links, counting columns and rows, where places are as predicted
//            2 fill: a free place beside the grid is predicted from its neighbours; the saddle there is taken, or looked
//            for, while the grid is not larger than the board   3 judge: the board, a larger one, a part of one
// Departures from the paper: [Geiger2012] grow whole rows and weigh an energy; here single places, each proven by the
//            edges to its neighbours.

#include "assay/features/calibration/board_grid.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/features/calibration/board_grid_internal.h"

namespace assay {

namespace {

constexpr float kAlike = 1.7F;    // ratio of the contrasts of neighbours, at most
constexpr float kStrong = 0.75F;  // of the next node's contrast, at least, where a board goes on
constexpr float kAstray = 0.35F;  // of a step: how far from its prediction a saddle may lie

// --- 1 grow ----------------------------------------------------------------------------------------------------------

cv::Point2f along_ray(const Saddle& s, int ray) { return s.edge[ray / 2] * (ray % 2 == 0 ? 1.F : -1.F); }

// The rays of a saddle towards the next column and the next row.
struct Axes {
  int u, v;
};
// Rows lie a turn from x towards y away from columns.
Axes axes_along_u(const Saddle& s, int u) {
  const int v = u < 2 ? 2 : 0;
  return {u, along_ray(s, u).cross(along_ray(s, v)) > 0 ? v : v + 1};
}
Axes axes_along_v(const Saddle& s, int v) {
  const int u = v < 2 ? 2 : 0;
  return {along_ray(s, u).cross(along_ray(s, v)) > 0 ? u : u + 1, v};
}

// How many of the links of a saddle look like a grid's: opposite ones equally long, in opposite directions.
int regular_links(const SaddleMap& map, const Links& links, size_t i) {
  int regular = 0;
  for (size_t ray = 0; ray < 4; ray += 2) {
    const int a = links[i][ray], b = links[i][ray + 1];
    if (a < 0 || b < 0) continue;
    const cv::Point2f p = map.saddles[i].place, d = map.saddles[static_cast<size_t>(a)].place - p,
                      e = p - map.saddles[static_cast<size_t>(b)].place, apart = d - e;
    regular += apart.dot(apart) < 0.16F * std::max(d.dot(d), e.dot(e)) ? 2 : 0;
  }
  return regular;
}

// From a seed along the links, as long as places agree with their prediction.
class Grower {
 public:
  Grower(const SaddleMap& map, const Links& links, int half)
      : map_(map), links_(links), taken_(links.size(), 0), lattice_(half) {}

  bool taken(size_t i) const { return taken_[i] != 0; }

  std::vector<BoardNode> grow(size_t seed, size_t least) {
    lattice_.clear();
    queue_.clear();
    place(seed, {0, 0}, axes_along_u(map_.saddles[seed], 0));
    for (size_t k = 0; k < queue_.size(); ++k) {
      const Placed p = queue_[k];
      for (int direction = 0; direction < 4; ++direction) follow(p, direction);
    }
    std::vector<BoardNode> nodes;
    if (lattice_.nodes().size() >= least)
      for (const auto& [c, s] : lattice_.nodes()) nodes.push_back({s, c.first, c.second});
    else
      for (const Placed& p : queue_) taken_[p.saddle] = 0;
    return nodes;
  }

 private:
  struct Placed {
    size_t saddle;
    Cell cell;
    Axes axes;
  };

  void place(size_t i, const Cell& c, const Axes& axes) {
    lattice_.insert(c, map_.saddles[i]);
    queue_.push_back({i, c, axes});
    taken_[i] = 1;
  }

  // direction: next column, previous column, next row, previous row
  void follow(const Placed& p, int direction) {
    const bool along_u = direction < 2;
    const int back = direction % 2, ray = (along_u ? p.axes.u : p.axes.v) ^ back;
    const int next = links_[p.saddle][static_cast<size_t>(ray)];
    if (next < 0 || taken_[static_cast<size_t>(next)]) return;
    const size_t q = static_cast<size_t>(next);
    const Cell c = p.cell + kSteps[static_cast<size_t>(direction)];
    if (!lattice_.within(c) || lattice_.find(c)) return;
    const Saddle& s = map_.saddles[q];
    if (const auto predicted = lattice_.predict(c)) {
      const cv::Point2f off = s.place - predicted->place;
      if (off.dot(off) > kAstray * kAstray * predicted->step * predicted->step) return;
    }
    const auto home = std::find(links_[q].begin(), links_[q].end(), static_cast<int>(p.saddle));
    const int forth = static_cast<int>(home - links_[q].begin()) ^ 1 ^ back;  // towards the next column or row
    place(q, c, along_u ? axes_along_u(s, forth) : axes_along_v(s, forth));
  }

  const SaddleMap& map_;
  const Links& links_;
  std::vector<uint8_t> taken_;
  Lattice lattice_;
  std::vector<Placed> queue_;
};

// --- 2 fill free places ----------------------------------------------------------------------------------------------

std::optional<Saddle> nearest_detected(const SaddleMap& map, const cv::Point2f& place, float radius) {
  std::optional<Saddle> best;
  float least = radius * radius;
  for (const Saddle& s : map.saddles) {
    const cv::Point2f d = s.place - place;
    if (d.dot(d) < least) least = d.dot(d), best = s;
  }
  return best;
}

// The maximum of D among the pixels around a place, if its ring is that of a crossing.
std::optional<Saddle> strongest_around(const cv::Mat_<float>& I, const cv::Point2f& place, float radius) {
  const int r = std::clamp(static_cast<int>(std::lround(radius)), 1, 8);
  const int px = static_cast<int>(std::lround(place.x)), py = static_cast<int>(std::lround(place.y));
  float most = 0;
  cv::Point2f best;
  for (int y = std::max(1, py - r); y <= std::min(I.rows - 2, py + r); ++y)
    for (int x = std::max(1, px - r); x <= std::min(I.cols - 2, px + r); ++x) {
      const float *a = I[y - 1] + x, *b = I[y] + x, *c = I[y + 1] + x;
      const float xx = b[-1] + b[1] - 2 * b[0], yy = a[0] + c[0] - 2 * b[0];
      const float xy = (a[-1] + c[1] - a[1] - c[-1]) / 4, D = xy * xy - xx * yy;
      if (D > most) most = D, best = cv::Point2f(static_cast<float>(x), static_cast<float>(y));
    }
  Saddle saddle{};
  if (most > 0 && measure_saddle(I, best, kLenientRing, saddle)) return saddle;
  return std::nullopt;
}

bool alike(const Saddle& p, const Saddle& q) {
  return p.contrast < kAlike * q.contrast && q.contrast < kAlike * p.contrast;
}

// Most edges to its neighbours are there.
bool belongs(const SaddleMap& map, const Lattice& lattice, const Cell& c, const Saddle& s) {
  const auto followed = [](const Saddle& a, const cv::Point2f& d) {
    return std::abs(a.edge[0].dot(d)) > std::abs(a.edge[1].dot(d)) ? 0 : 1;
  };
  int there = 0, proven = 0;
  for (const Cell& d : kSteps)
    if (const Saddle* q = lattice.find(c + d)) {
      const cv::Point2f along = q->place - s.place;
      const int edge = followed(s, along);
      ++there, proven += edge != followed(*q, along) && alike(s, *q) && edge_between(map.smooth, s, *q, edge);
    }
  return proven > 0 && 2 * proven >= there;
}

// A saddle at a free cell whose edges lead to its neighbours.
std::optional<Saddle> look_for(const SaddleMap& map, const Lattice& lattice, const Cell& c) {
  const auto predicted = lattice.predict(c);
  if (!predicted) return std::nullopt;
  const float radius = kAstray * predicted->step;
  std::optional<Saddle> saddle = nearest_detected(map, predicted->place, radius);
  if (saddle && belongs(map, lattice, c, *saddle)) return saddle;
  saddle = strongest_around(map.smooth, predicted->place, radius);
  if (saddle && belongs(map, lattice, c, *saddle)) return saddle;
  return std::nullopt;
}

// --- 3 judge ---------------------------------------------------------------------------------------------------------

bool fits(int a, int b, int columns, int rows) { return (a <= columns && b <= rows) || (a <= rows && b <= columns); }

// As strong as the next node inwards: where squares end at a white rim, what crosses there has half the contrast.
bool as_strong(const Lattice& lattice, const Cell& c, const Cell& inwards, const Saddle& s) {
  const Saddle* next = lattice.find(c + inwards);
  return next && s.contrast > kStrong * next->contrast;
}

// Rows and columns at the rim with few such nodes beside a fuller neighbour are not of the board.
void trim(Lattice& lattice) {
  for (bool again = true; again;) {
    const Cell first = lattice.first(), last = lattice.last();
    std::vector<Cell> drop;
    for (const Cell& d : kSteps) {  // the side opposite to d
      const auto depth = [&](const Cell& c) {
        return d.first > 0    ? c.first - first.first
               : d.first < 0  ? last.first - c.first
               : d.second > 0 ? c.second - first.second
                              : last.second - c.second;
      };
      int rim = 0, beside = 0;
      for (const auto& [c, s] : lattice.nodes()) {
        rim += depth(c) == 0 && as_strong(lattice, c, d, s);
        beside += depth(c) == 1;
      }
      if (beside < 3 || 2 * rim > beside) continue;
      for (const auto& [c, s] : lattice.nodes())
        if (depth(c) == 0) drop.push_back(c);
    }
    again = !drop.empty();
    if (again) lattice.remove(drop);
  }
}

// Fills free cells beside the grid until there is nothing to add.
void extend(const SaddleMap& map, Lattice& lattice, int columns, int rows) {
  for (bool again = true; again;) {
    again = false;
    std::vector<Cell> beside;
    for (const auto& [c, s] : lattice.nodes())
      for (const Cell& d : kSteps)
        if (lattice.within(c + d) && !lattice.find(c + d)) beside.push_back(c + d);
    std::sort(beside.begin(), beside.end());
    beside.erase(std::unique(beside.begin(), beside.end()), beside.end());
    for (const Cell& c : beside) {
      const int a = std::max(lattice.last().first, c.first) - std::min(lattice.first().first, c.first) + 1;
      const int b = std::max(lattice.last().second, c.second) - std::min(lattice.first().second, c.second) + 1;
      const bool inside = a == lattice.columns() && b == lattice.rows();
      if (!inside && !fits(a, b, columns, rows)) continue;
      if (const std::optional<Saddle> s = look_for(map, lattice, c)) lattice.insert(c, *s), again = true;
    }
  }
}

// The share of places found along the four sides just outside; the largest.
double continued(const SaddleMap& map, const Lattice& lattice) {
  double most = 0;
  for (const Cell& d : kSteps) {
    const bool vertical = d.first != 0;
    const int n = vertical ? lattice.rows() : lattice.columns();
    const Cell start = d.first + d.second < 0 ? lattice.last() - d : lattice.first() - d;
    int found = 0;
    for (int k = 0; k < n; ++k) {
      Cell c = start;
      (vertical ? c.second : c.first) = (vertical ? lattice.first().second : lattice.first().first) + k;
      const std::optional<Saddle> s = look_for(map, lattice, c);
      found += s && as_strong(lattice, c, d, *s);
    }
    most = std::max(most, static_cast<double>(found) / n);
  }
  return most;
}

std::string size_text(int a, int b) { return std::to_string(a) + "x" + std::to_string(b); }

}  // namespace

std::vector<std::vector<BoardNode>> grow_grids(const SaddleMap& map, const Links& links, size_t least, int half) {
  std::vector<std::pair<int, size_t>> seeds;
  for (size_t i = 0; i < links.size(); ++i) {
    const auto linked = std::count_if(links[i].begin(), links[i].end(), [](int q) { return q >= 0; });
    if (linked >= 2) seeds.emplace_back(-regular_links(map, links, i), i);
  }
  std::sort(seeds.begin(), seeds.end());
  Grower grower(map, links, half);
  std::vector<std::vector<BoardNode>> grids;
  for (const auto& [regular, seed] : seeds) {
    if (grower.taken(seed)) continue;
    std::vector<BoardNode> grid = grower.grow(seed, least);
    if (!grid.empty()) grids.push_back(std::move(grid));
  }
  std::stable_sort(grids.begin(), grids.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return grids;
}

BoardGrid complete_grid(const SaddleMap& map, const std::vector<BoardNode>& nodes, int columns, int rows, int half) {
  // The grid is moved so that it has room on all sides.
  Cell low{nodes[0].column, nodes[0].row}, high = low;
  for (const BoardNode& n : nodes)
    low = {std::min(low.first, n.column), std::min(low.second, n.row)},
    high = {std::max(high.first, n.column), std::max(high.second, n.row)};
  const Cell middle{(low.first + high.first) / 2, (low.second + high.second) / 2};
  Lattice lattice(half + 2);
  for (const BoardNode& n : nodes) lattice.insert(Cell{n.column, n.row} - middle, n.saddle);
  trim(lattice);
  extend(map, lattice, columns, rows);
  const int a = lattice.columns(), b = lattice.rows();
  BoardGrid board{a, b, {}, ""};
  for (const auto& [c, s] : lattice.nodes())
    board.nodes.push_back({s, c.first - lattice.first().first, c.second - lattice.first().second});
  std::sort(board.nodes.begin(), board.nodes.end(), [](const BoardNode& p, const BoardNode& q) {
    return p.row != q.row ? p.row < q.row : p.column < q.column;
  });
  const size_t wanted = static_cast<size_t>(columns) * static_cast<size_t>(rows);
  if (!fits(a, b, columns, rows))
    board.reason = "the board seen has at least " + size_text(std::max(a, b), std::min(a, b)) +
                   " inner corners, more than " + size_text(columns, rows);
  else if (board.nodes.size() < wanted)
    board.reason = std::to_string(board.nodes.size()) + " of " + std::to_string(wanted) +
                   " inner corners fit into one grid (" + size_text(a, b) + ")";
  else if (continued(map, lattice) > 0.6)
    board.reason = "the board goes on beyond " + size_text(columns, rows) + " inner corners";
  return board;
}

}  // namespace assay
