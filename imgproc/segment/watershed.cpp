// imgproc/segment/watershed.cpp
// Notation   h height of a pixel;  level: how high the water stands;  front: pixels to be flooded, by height, then by age
// Method     1 minima: h is filled up by `depth`: r(p) = min over q of max(h along a path from q, h(q) + depth), by the lowest
//            first; its plateaus without a lower neighbour are the sources   2 all pixels of the markers join the front
//            3 the lowest, oldest pixel takes the label of the water that reached it; its dry neighbours join
// Departures from the papers: [Meyer1994] has a list for each level; so has whole-numbered height here (8 and 16 bits, squared
//            distances), while a heap serves the others, in the same order

#include "assay/imgproc/segment/watershed.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <opencv2/core.hpp>
#include <queue>
#include <vector>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/imgproc/io/image_file.h"
#include "assay/imgproc/segment/components.h"

namespace assay {

namespace {

struct Reached {
  float height;
  int64_t age;
  int pixel;
  bool operator>(const Reached& o) const { return height != o.height ? height > o.height : age > o.age; }
};

// The lowest first, of equal ones the oldest.
class Front {
 public:
  void push(float height, int pixel) { heap_.push({height, age_++, pixel}); }
  bool pop(Reached& next) {
    if (heap_.empty()) return false;
    next = heap_.top();
    heap_.pop();
    return true;
  }

 private:
  int64_t age_ = 0;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> heap_;
};

template <class F>
void for_neighbours(int pixel, cv::Size size, PathNeighbours connectivity, F&& f) {
  constexpr int dx[8] = {0, -1, 1, 0, -1, 1, -1, 1}, dy[8] = {-1, 0, 0, 1, -1, -1, 1, 1};
  const int x = pixel % size.width, y = pixel / size.width, n = connectivity == PathNeighbours::four ? 4 : 8;
  for (int k = 0; k < n; ++k) {
    const int i = x + dx[k], j = y + dy[k];
    if (i >= 0 && j >= 0 && i < size.width && j < size.height) f(j * size.width + i);
  }
}

// Step 1's r.
cv::Mat_<float> filled_up(const cv::Mat_<float>& height, float depth, PathNeighbours connectivity,
                          const cv::Mat_<uint8_t>& outside) {
  if (depth == 0) return height.clone();
  const auto pixels = static_cast<int>(height.total());
  const float* h = height[0];
  cv::Mat_<float> filled = height + depth;
  float* r = filled[0];
  Front front;
  for (int p = 0; p < pixels; ++p)
    if (!outside(p / height.cols, p % height.cols)) front.push(r[p], p);
  for (Reached at; front.pop(at);) {
    if (at.height > r[at.pixel]) continue;  // reached from elsewhere at a lower level
    for_neighbours(at.pixel, height.size(), connectivity, [&](int q) {
      const float level = std::max(h[q], at.height);
      if (outside(q / height.cols, q % height.cols) || level >= r[q]) return;
      r[q] = level;
      front.push(level, q);
    });
  }
  return filled;
}

cv::Mat_<float> heights(const cv::Mat& image, bool invert) {
  cv::Mat_<float> height;
  image.convertTo(height, CV_32F, invert ? -1 : 1);
  return height;
}

cv::Mat_<int> labels_of(const cv::Mat& markers, const std::string& path, cv::Size size) {
  if (markers.size() != size || markers.channels() != 1)
    throw DataError("watershed needs markers of 1 channel and of the picture's size", "", Place{path, 0, 0});
  cv::Mat_<int> labels;
  markers.convertTo(labels, CV_32S);
  return labels;
}

}  // namespace

int mark_minima(const cv::Mat_<float>& height, double depth, PathNeighbours connectivity,
                const cv::Mat_<uint8_t>& outside, cv::Mat_<int>& labels) {
  const cv::Mat_<float> filled = filled_up(height, static_cast<float>(depth), connectivity, outside);
  const auto pixels = static_cast<int>(height.total());
  const float* r = filled[0];
  labels.create(height.size());
  labels.setTo(0);
  cv::Mat_<uint8_t> seen = outside.clone();
  uint8_t* known = seen[0];
  std::vector<int> plateau;
  int count = 0;
  for (int p = 0; p < pixels; ++p) {
    if (known[p]) continue;
    bool lowest = true;
    plateau.assign(1, p);
    known[p] = 1;
    for (size_t k = 0; k < plateau.size(); ++k)
      for_neighbours(plateau[k], height.size(), connectivity, [&](int q) {
        if (outside(q / height.cols, q % height.cols)) return;
        if (r[q] < r[p]) lowest = false;
        if (r[q] != r[p] || known[q]) return;
        known[q] = 1;
        plateau.push_back(q);
      });
    if (!lowest) continue;
    ++count;
    for (int q : plateau) labels[0][q] = count;
  }
  return count;
}

namespace {

// Height and label side by side: a flood jumps about, and each jump costs a line of cache. Labels: 0 dry, 1 .. kWaiting - 1.
template <class Label, class Height>
struct Cell {
  // outside; decided, on a line; in the front, where lines decide later
  static constexpr Label kOutside = std::numeric_limits<Label>::max(), kBorder = kOutside - 1, kWaiting = kOutside - 2;
  Label label;
  Height height;
  bool in_basin() const { return static_cast<Label>(label - 1) < kWaiting - 1; }
};

// The front of any heights.
template <class Cell>
class HeapFront {
 public:
  explicit HeapFront(const std::vector<Cell>&) {}
  void push_if(bool wanted, float height, int pixel) {
    if (wanted) front_.push(height, pixel);
  }
  bool pop(int& pixel) {
    Reached next{};
    const bool any = front_.pop(next);
    pixel = next.pixel;
    return any;
  }
  int ahead() const { return -1; }

 private:
  Front front_;
};

// The front of whole heights: a list for each, with room for all pixels of that height and for one that is not wanted: it is
// written, too, as nobody can foresee which are. Lists are read in order, so it is known what comes next.
template <class Cell>
class ListFront {
 public:
  explicit ListFront(const std::vector<Cell>& cells) {
    std::vector<uint32_t> count;
    for (const Cell& cell : cells) {
      if (cell.height >= count.size()) count.resize(size_t{cell.height} + 1, 0);
      count[cell.height] += cell.label != Cell::kOutside;
    }
    uint32_t begin = 0;
    for (uint32_t pixels : count) {
      lists_.push_back({begin, begin});
      begin += pixels + 1;
    }
    lowest_ = lists_.size();
    pixels_ = std::make_unique_for_overwrite<int[]>(begin);
  }
  void push_if(bool wanted, size_t level, int pixel) {
    List& list = lists_[level];
    pixels_[list.end] = pixel;
    list.end += wanted;
    lowest_ = std::min(lowest_, wanted ? level : lowest_);
  }
  bool pop(int& pixel) {
    while (lowest_ < lists_.size() && lists_[lowest_].next == lists_[lowest_].end) ++lowest_;
    if (lowest_ == lists_.size()) return false;
    pixel = pixels_[lists_[lowest_].next++];
    return true;
  }
  /// A pixel that comes soon, or -1.
  int ahead() const {
    constexpr size_t kSoon = 12;
    const List& list = lists_[lowest_];
    return list.next + kSoon < list.end ? pixels_[list.next + kSoon] : -1;
  }

 private:
  struct List {
    uint32_t next, end;  // (no size_t: the compiler would fear that they are lowest_)
  };
  size_t lowest_;
  std::vector<List> lists_;
  std::unique_ptr<int[]> pixels_;
};

// With a frame of pixels outside around the picture, so that every pixel has all its neighbours. Heights from `least` on.
template <class Cell>
std::vector<Cell> cells_of(const cv::Mat_<float>& height, float least, const cv::Mat_<int>& labels) {
  const int w = height.cols + 2;
  std::vector<Cell> cells(static_cast<size_t>(w) * (static_cast<size_t>(height.rows) + 2), {Cell::kOutside, 0});
  for (int y = 0; y < height.rows; ++y) {
    Cell* to = cells.data() + static_cast<ptrdiff_t>(y + 1) * w + 1;
    for (int x = 0; x < height.cols; ++x) {
      to[x].label = labels[y][x] < 0 ? Cell::kOutside : static_cast<decltype(to->label)>(labels[y][x]);
      to[x].height = static_cast<decltype(to->height)>(height[y][x] - least);
    }
  }
  return cells;
}

// The label of pixel p by its neighbours: their basin's, or where they are of two, a border.
template <int neighbours, class Cell>
auto water_at(const Cell* p, const int* to) {
  decltype(p->label) own = 0;
  bool meets = false;
  for (int k = 0; k < neighbours; ++k) {
    const Cell& other = p[to[k]];
    const bool wet = other.in_basin();
    meets |= wet & (own != 0) & (other.label != own);
    own = wet ? other.label : own;
  }
  return meets ? Cell::kBorder : own;
}

template <int neighbours, template <class> class Front, class Cell>
void flood(std::vector<Cell> cells, bool lines, cv::Mat_<int>& labels) {
  const int w = labels.cols + 2, pixels = static_cast<int>(cells.size());
  const int to[8] = {-w, -1, 1, w, -w - 1, -w + 1, w - 1, w + 1};
  Front<Cell> front(cells);
  Cell* cell = cells.data();
  for (int p = 0; p < pixels; ++p)  // 2
    if (cell[p].in_basin()) front.push_if(true, cell[p].height, p);
  for (int p; front.pop(p);) {  // 3
    if (const int soon = front.ahead(); soon >= 0)
      for (int row : {-w, 0, w}) __builtin_prefetch(cell + soon + row);
    for (int row : {-2 * w, 2 * w}) __builtin_prefetch(cell + p + row);  // beyond those that may be pushed now
    if (lines && cell[p].label == Cell::kWaiting) {
      cell[p].label = water_at<neighbours>(cell + p, to);
      if (cell[p].label == Cell::kBorder) continue;
    }
    const auto reached = lines ? Cell::kWaiting : cell[p].label;
    for (int k = 0; k < neighbours; ++k) {
      Cell& next = cell[p + to[k]];
      const bool dry = next.label == 0;
      front.push_if(dry, next.height, p + to[k]);
      next.label = dry ? reached : next.label;
    }
  }
  for (int y = 0; y < labels.rows; ++y) {
    const Cell* from = cell + static_cast<ptrdiff_t>(y + 1) * w + 1;
    for (int x = 0; x < labels.cols; ++x)
      labels[y][x] = from[x].label == Cell::kOutside  ? -1
                     : from[x].label == Cell::kBorder ? 0
                                                      : static_cast<int>(from[x].label);
  }
}

template <template <class> class Front, class Cell>
void flood(const cv::Mat_<float>& height, float least, PathNeighbours connectivity, bool lines, cv::Mat_<int>& labels) {
  if (connectivity == PathNeighbours::four)
    flood<4, Front>(cells_of<Cell>(height, least, labels), lines, labels);
  else
    flood<8, Front>(cells_of<Cell>(height, least, labels), lines, labels);
}

bool is_whole(const cv::Mat_<float>& height) {
  for (int y = 0; y < height.rows; ++y)
    if (std::any_of(height[y], height[y] + height.cols, [](float v) { return v != std::floor(v); })) return false;
  return true;
}

}  // namespace

void flood_from_markers(const cv::Mat_<float>& height, PathNeighbours connectivity, bool lines, cv::Mat_<int>& labels) {
  using Small = Cell<uint16_t, uint16_t>;
  double least, most, last_label;
  cv::minMaxIdx(height, &least, &most);
  cv::minMaxIdx(labels, nullptr, &last_label);
  if (most - least >= 65536 || !is_whole(height))
    flood<HeapFront, Cell<uint32_t, float>>(height, 0, connectivity, lines, labels);
  else if (last_label >= Small::kWaiting)
    flood<ListFront, Cell<uint32_t, uint16_t>>(height, static_cast<float>(least), connectivity, lines, labels);
  else
    flood<ListFront, Small>(height, static_cast<float>(least), connectivity, lines, labels);
}

void Watershed::prepare(Params& p) {
  if (!p.markers.empty()) p.marker_picture = read_image(p.markers);
}

ImageFacts Watershed::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const cv::Mat_<float> height = heights(image, p.invert);
  cv::Mat_<uint8_t> outside(image.size(), uint8_t{0});
  if (p.background)
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x)
        outside(y, x) = static_cast<double>(p.invert ? -height(y, x) : height(y, x)) <= *p.background;
  cv::Mat_<int> labels;
  if (p.markers.empty())
    mark_minima(height, p.depth, p.connectivity, outside, labels);
  else
    labels = labels_of(p.marker_picture.empty() ? read_image(p.markers) : p.marker_picture, p.markers, image.size());
  if (p.background) labels.setTo(-1, outside);
  ctx.check_cancelled();
  ctx.trace.image([&] {
    const cv::Mat_<uint8_t> sources = labels > 0;
    return TraceImage{"markers", "Sources", "White: where the water rises from.",       view_of(sources),
                      false,     {},        "imgproc/segment/watershed.cpp:mark_minima"};
  });
  flood_from_markers(height, p.connectivity, p.lines, labels);
  cv::max(labels, 0, labels);

  const std::vector<Component> basins = measure_labels(labels);
  if (basins.size() > 65535) throw DataError("watershed: more than 65 535 basins", "raise depth");
  if (!p.table.empty()) write_file(p.table, components_csv(basins));
  labels.convertTo(out, CV_16U);
  ctx.trace.image([&] {
    return TraceImage{"basins", "Basins", "Each basin in its own grey, by its label.",       view_of(out),
                      true,     {},       "imgproc/segment/watershed.cpp:flood_from_markers"};
  });
  return {{"count", static_cast<double>(
                        std::count_if(basins.begin(), basins.end(), [](const Component& c) { return c.area > 0; }))}};
}

}  // namespace assay
