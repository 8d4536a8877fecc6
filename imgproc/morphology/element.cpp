#include "assay/imgproc/morphology/element.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/imgproc/filter/kernel_file.h"

namespace assay {

namespace {

std::vector<ElementRun> runs_of(const std::vector<std::vector<bool>>& cells, int anchor_x, int anchor_y) {
  std::vector<ElementRun> runs;
  for (int y = 0; y < static_cast<int>(cells.size()); ++y) {
    const std::vector<bool>& row = cells[static_cast<size_t>(y)];
    const int width = static_cast<int>(row.size());
    for (int x = 0; x < width; ++x) {
      if (!row[static_cast<size_t>(x)]) continue;
      const int begin = x;
      while (x < width && row[static_cast<size_t>(x)]) ++x;
      runs.push_back({y - anchor_y, begin - anchor_x, x - begin});
    }
  }
  return runs;
}

// Whole-number tests of the ellipse inequality, in doubled coordinates from the centre of the box.
bool in_ellipse(int x, int y, int width, int height) {
  const long long dx = 2LL * x - (width - 1), dy = 2LL * y - (height - 1), w = width, h = height;
  return dx * dx * h * h + dy * dy * w * w <= w * w * h * h;
}

bool in_opencv_ellipse(int x, int y, int width, int height) {
  const int r = height / 2, c = width / 2, dy = y - r;
  if (std::abs(dy) > r) return false;
  const double share = r > 0 ? 1.0 / (static_cast<double>(r) * r) : 0.0;
  const int half = static_cast<int>(std::nearbyint(c * std::sqrt((r * r - dy * dy) * share)));
  return std::abs(x - c) <= half;
}

bool in_disk(int x, int y, int width, int height) {
  const int r = width / 2, q = height / 2, dx = x - r, dy = y - q;
  return static_cast<long long>(dx) * dx * q * q + static_cast<long long>(dy) * dy * r * r <=
         static_cast<long long>(r) * r * q * q;
}

}  // namespace

Element::Element(std::vector<ElementRun> runs) : runs_(std::move(runs)) {
  for (const ElementRun& run : runs_) {
    left_ = std::max(left_, -run.begin);
    right_ = std::max(right_, run.begin + run.length - 1);
    up_ = std::max(up_, -run.dy);
    down_ = std::max(down_, run.dy);
  }
  rectangle_ = static_cast<int>(runs_.size()) == up_ + down_ + 1;
  for (const ElementRun& run : runs_) rectangle_ &= run.begin == -left_ && run.length == left_ + right_ + 1;
}

Element::Element(const std::vector<std::vector<bool>>& cells, int anchor_x, int anchor_y)
    : Element(runs_of(cells, anchor_x, anchor_y)) {}

Element Element::reflected() const {
  std::vector<ElementRun> runs;
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run)
    runs.push_back({-run->dy, -(run->begin + run->length - 1), run->length});
  return Element(std::move(runs));
}

Element make_element(ElementShape shape, int width, int height, MorphologyConvention convention) {
  std::vector<std::vector<bool>> cells(static_cast<size_t>(height), std::vector<bool>(static_cast<size_t>(width)));
  const auto holds = [&](int x, int y) {
    if (shape == ElementShape::rect) return true;
    if (shape == ElementShape::cross) return x == width / 2 || y == height / 2;
    if (convention == MorphologyConvention::opencv) return in_opencv_ellipse(x, y, width, height);
    if (convention == MorphologyConvention::skimage) return in_disk(x, y, width, height);
    return in_ellipse(x, y, width, height);
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) cells[static_cast<size_t>(y)][static_cast<size_t>(x)] = holds(x, y);
  return Element(cells, width / 2, height / 2);
}

Element read_element(const std::string& path) {
  const Matrix kernel = read_kernel_file(path);
  std::vector<std::vector<bool>> cells;
  bool any = false;
  for (Eigen::Index i = 0; i < kernel.rows(); ++i) {
    cells.emplace_back();
    for (Eigen::Index j = 0; j < kernel.cols(); ++j) {
      cells.back().push_back(kernel(i, j) != 0);
      any |= cells.back().back();
    }
  }
  if (!any) throw DataError("this structuring element is empty: every cell is 0", "", Place{path, 0, 0});
  return Element(cells, static_cast<int>(kernel.cols() / 2), static_cast<int>(kernel.rows() / 2));
}

}  // namespace assay
