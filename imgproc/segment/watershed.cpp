// imgproc/segment/watershed.cpp
// Notation   h height of a pixel;  level: how high the water stands;  front: pixels to be flooded, by height, then by age
// Method     1 minima: h is filled up by `depth`: r(p) = min over q of max(h along a path from q, h(q) + depth), by the lowest
//            first; its plateaus without a lower neighbour are the sources   2 all pixels of the markers join the front
//            3 the lowest, oldest pixel takes the label of the water that reached it; its dry neighbours join
// Departures from the papers: [Meyer1994] has a list for each level; here one heap serves every depth

#include "assay/imgproc/segment/watershed.h"

#include <algorithm>
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

void flood_from_markers(const cv::Mat_<float>& height, PathNeighbours connectivity, bool lines, cv::Mat_<int>& labels) {
  constexpr int kBorder = -2;  // decided: on a line
  const cv::Size size = height.size();
  const auto pixels = static_cast<int>(height.total());
  const float* h = height[0];
  int* label = labels[0];
  std::vector<uint8_t> waiting(static_cast<size_t>(pixels), 0);
  Front front;
  const auto reach = [&](int from) {
    for_neighbours(from, size, connectivity, [&](int q) {
      if (label[q] != 0 || waiting[static_cast<size_t>(q)]) return;
      waiting[static_cast<size_t>(q)] = 1;
      if (!lines) label[q] = label[from];
      front.push(h[q], q);
    });
  };
  for (int p = 0; p < pixels; ++p)  // 2
    if (label[p] > 0) waiting[static_cast<size_t>(p)] = 1, front.push(h[p], p);
  for (Reached at; front.pop(at);) {  // 3
    if (lines && label[at.pixel] == 0) {
      int own = 0;
      bool meets = false;
      for_neighbours(at.pixel, size, connectivity, [&](int q) {
        if (label[q] <= 0 || label[q] == own) return;
        meets |= own != 0;
        own = label[q];
      });
      label[at.pixel] = meets ? kBorder : own;
      if (meets) continue;
    }
    reach(at.pixel);
  }
  if (lines)
    for (int p = 0; p < pixels; ++p)
      if (label[p] == kBorder) label[p] = 0;
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
