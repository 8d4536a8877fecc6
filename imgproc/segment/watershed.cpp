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
  int ahead() const { return -1; }

 private:
  int64_t age_ = 0;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> heap_;
};

// The same for whole heights from 0 on: a list for each. Lists are read in order, so it is known what comes next.
class Levels {
 public:
  explicit Levels(size_t levels) : lowest_(levels), lists_(levels) {}
  void push(size_t level, int pixel) {
    lists_[level].pixels.push_back(pixel);
    lowest_ = std::min(lowest_, level);
  }
  bool pop(Reached& next) {
    for (; lowest_ < lists_.size(); ++lowest_) {
      List& list = lists_[lowest_];
      if (list.read < list.pixels.size()) {
        next.pixel = list.pixels[list.read++];
        return true;
      }
      list.pixels.clear();
      list.read = 0;
    }
    return false;
  }
  /// A pixel that comes soon, or -1.
  int ahead() const {
    constexpr size_t kSoon = 8;
    const List& list = lists_[lowest_];
    return list.read + kSoon < list.pixels.size() ? list.pixels[list.read + kSoon] : -1;
  }

 private:
  struct List {
    std::vector<int> pixels;
    size_t read = 0;
  };
  size_t lowest_;
  std::vector<List> lists_;
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

cv::Mat_<int> read_markers(const std::string& path, cv::Size size) {
  const cv::Mat markers = read_image(path);
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

// Height and label side by side: a flood jumps about, and each jump costs a line of cache.
template <class Height>
struct Cell {
  int label;
  Height height;
};

// With a frame of label -1 around the picture, so that every pixel has all its neighbours. Heights from `least` on.
template <class Height>
std::vector<Cell<Height>> cells_of(const cv::Mat_<float>& height, float least, const cv::Mat_<int>& labels) {
  const int w = height.cols + 2;
  std::vector<Cell<Height>> cells(static_cast<size_t>(w) * (static_cast<size_t>(height.rows) + 2), {-1, Height(0)});
  for (int y = 0; y < height.rows; ++y) {
    Cell<Height>* to = cells.data() + static_cast<ptrdiff_t>(y + 1) * w + 1;
    for (int x = 0; x < height.cols; ++x) to[x] = {labels[y][x], static_cast<Height>(height[y][x] - least)};
  }
  return cells;
}

template <class Height, class AFront>
void flood(std::vector<Cell<Height>> cells, PathNeighbours connectivity, bool lines, cv::Mat_<int>& labels,
           AFront&& front) {
  constexpr int kBorder = -2, kWaiting = -3;  // decided: on a line; in the front, where lines decide later
  const int w = labels.cols + 2, pixels = static_cast<int>(cells.size());
  const int to[8] = {-w, -1, 1, w, -w - 1, -w + 1, w - 1, w + 1}, n = connectivity == PathNeighbours::four ? 4 : 8;
  Cell<Height>* cell = cells.data();
  for (int p = 0; p < pixels; ++p)  // 2
    if (cell[p].label > 0) front.push(cell[p].height, p);
  for (Reached at; front.pop(at);) {  // 3
    if (const int soon = front.ahead(); soon >= 0)
      for (int row : {-w, 0, w}) __builtin_prefetch(cell + soon + row);
    const int p = at.pixel;
    if (lines && cell[p].label == kWaiting) {
      int own = 0;
      bool meets = false;
      for (int k = 0; k < n; ++k) {
        const int other = cell[p + to[k]].label;
        if (other <= 0 || other == own) continue;
        meets |= own != 0;
        own = other;
      }
      cell[p].label = meets ? kBorder : own;
      if (meets) continue;
    }
    for (int k = 0; k < n; ++k) {
      const int q = p + to[k];
      if (cell[q].label != 0) continue;
      cell[q].label = lines ? kWaiting : cell[p].label;
      front.push(cell[q].height, q);
    }
  }
  for (int y = 0; y < labels.rows; ++y)
    for (int x = 0; x < labels.cols; ++x) {
      const int label = cell[static_cast<ptrdiff_t>(y + 1) * w + x + 1].label;
      labels[y][x] = label == kBorder ? 0 : label;
    }
}

bool is_whole(const cv::Mat_<float>& height) {
  for (int y = 0; y < height.rows; ++y)
    if (std::any_of(height[y], height[y] + height.cols, [](float v) { return v != std::floor(v); })) return false;
  return true;
}

}  // namespace

void flood_from_markers(const cv::Mat_<float>& height, PathNeighbours connectivity, bool lines, cv::Mat_<int>& labels) {
  double least, most;
  cv::minMaxIdx(height, &least, &most);
  if (most - least < 65536 && is_whole(height))
    flood(cells_of<uint16_t>(height, static_cast<float>(least), labels), connectivity, lines, labels,
          Levels(static_cast<size_t>(most - least) + 1));
  else
    flood(cells_of<float>(height, 0, labels), connectivity, lines, labels, Front());
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
    labels = read_markers(p.markers, image.size());
  labels.setTo(-1, outside);
  ctx.check_cancelled();
  ctx.trace.image([&] {
    const cv::Mat_<uint8_t> sources = labels > 0;
    return TraceImage{"markers", "Sources", "White: where the water rises from.",       view_of(sources),
                      false,     {},        "imgproc/segment/watershed.cpp:mark_minima"};
  });
  flood_from_markers(height, p.connectivity, p.lines, labels);
  labels.setTo(0, labels < 0);

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
