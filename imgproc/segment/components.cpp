// imgproc/segment/components.cpp
// Notation   run: white pixels of one row side by side;  parent: the runs' forest; a root is the least run of its component
// Method     1 the runs of each row   2 runs that touch one of the row above are joined: the greater root points to the lesser
//            3 roots are numbered in order, which is that of their first pixels   4 runs are painted, and summed up
// Departures from the papers: [Rosenfeld1966] and [He2008] label while they scan and settle equivalences in a table; here
//            only runs are kept, and pixels are painted once

#include "assay/imgproc/segment/components.h"

#include <numeric>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/imgproc/segment/runs_internal.h"

namespace assay {

namespace {

struct Run {
  int row, begin, end;  // columns begin .. end - 1
};

class Forest {
 public:
  void add() { parent_.push_back(static_cast<int>(parent_.size())); }
  int root(int i) {
    while (parent_[static_cast<size_t>(i)] != i) {
      int& up = parent_[static_cast<size_t>(i)];
      up = parent_[static_cast<size_t>(up)];  // halves the path
      i = up;
    }
    return i;
  }
  void join(int a, int b) {
    a = root(a), b = root(b);
    parent_[static_cast<size_t>(std::max(a, b))] = std::min(a, b);
  }

 private:
  std::vector<int> parent_;
};

// Joins each run of a row with those of the row above that it touches; both lists run from left to right.
void join_rows(const std::vector<Run>& runs, size_t above, size_t row, size_t end, int reach, Forest& forest) {
  size_t a = above;
  for (size_t b = row; b < end; ++b) {
    while (a < row && runs[a].end + reach <= runs[b].begin) ++a;
    for (size_t k = a; k < row && runs[k].begin < runs[b].end + reach; ++k)
      forest.join(static_cast<int>(k), static_cast<int>(b));
  }
}

void add_run(const Run& run, Component& c) {
  const int64_t n = run.end - run.begin;
  if (c.area == 0) c.left = run.begin, c.right = run.end - 1, c.top = run.row;
  c.left = std::min(c.left, run.begin);
  c.right = std::max(c.right, run.end - 1);
  c.bottom = run.row;
  c.area += n;
  c.x += 0.5 * static_cast<double>(n) * (run.begin + run.end - 1);  // sums, divided in the end
  c.y += static_cast<double>(n) * run.row;
}

void divide(std::vector<Component>& components) {
  for (Component& c : components)
    if (c.area > 0) c.x /= static_cast<double>(c.area), c.y /= static_cast<double>(c.area);
}

// The white runs of a picture, each with its component's number, 1, 2, ..
struct LabelledRuns {
  std::vector<Run> runs;
  std::vector<int> number;
  std::vector<Component> components;
};

LabelledRuns label_runs(const cv::Mat& image, PathNeighbours connectivity) {
  LabelledRuns all;
  std::vector<Run>& runs = all.runs;
  Forest forest;
  const int reach = connectivity == PathNeighbours::eight ? 1 : 0;
  size_t above = 0;
  for (int y = 0; y < image.rows; ++y) {
    const size_t row = runs.size();
    const auto add = [&](int begin, int end) { runs.push_back({y, begin, end}), forest.add(); };
    if (image.depth() == CV_8U)
      runs::for_each(image.ptr<uint8_t>(y), image.cols, add);  // 1
    else if (image.depth() == CV_16U)
      runs::for_each(image.ptr<uint16_t>(y), image.cols, add);
    else
      runs::for_each(image.ptr<float>(y), image.cols, add);
    join_rows(runs, above, row, runs.size(), reach, forest);  // 2
    above = row;
  }
  all.number.resize(runs.size());
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto root = static_cast<size_t>(forest.root(static_cast<int>(i)));
    if (root == i) all.components.emplace_back();
    all.number[i] = root == i ? static_cast<int>(all.components.size()) : all.number[root];  // 3
    add_run(runs[i], all.components[static_cast<size_t>(all.number[i]) - 1]);
  }
  divide(all.components);
  return all;
}

// 4: row by row, each pixel once. T: u16, int.
template <class T>
void paint(const LabelledRuns& all, const std::vector<T>& label_of, cv::Mat& out) {
  size_t i = 0;
  for (int y = 0; y < out.rows; ++y) {
    T* row = out.ptr<T>(y);
    int x = 0;
    for (; i < all.runs.size() && all.runs[i].row == y; ++i) {
      std::fill(row + x, row + all.runs[i].begin, T(0));
      x = all.runs[i].end;
      std::fill(row + all.runs[i].begin, row + x, label_of[static_cast<size_t>(all.number[i])]);
    }
    std::fill(row + x, row + out.cols, T(0));
  }
}

}  // namespace

std::vector<Component> label_components(const cv::Mat& image, PathNeighbours connectivity, cv::Mat_<int>& labels) {
  LabelledRuns all = label_runs(image, connectivity);
  std::vector<int> label_of(all.components.size() + 1);
  std::iota(label_of.begin(), label_of.end(), 0);
  labels.create(image.size());
  paint(all, label_of, labels);
  return std::move(all.components);
}

std::vector<Component> measure_labels(const cv::Mat_<int>& labels) {
  std::vector<Component> components;
  for (int y = 0; y < labels.rows; ++y) {
    const int* row = labels[y];
    for (int x = 0, end; x < labels.cols; x = end) {
      const int label = row[x];
      for (end = x + 1; end < labels.cols && row[end] == label;) ++end;
      if (label <= 0) continue;
      if (static_cast<size_t>(label) > components.size()) components.resize(static_cast<size_t>(label));
      add_run({y, x, end}, components[static_cast<size_t>(label) - 1]);
    }
  }
  divide(components);
  return components;
}

std::string components_csv(const std::vector<Component>& components) {
  std::string text = "label,area,x,y,left,top,width,height\n";
  for (size_t k = 0; k < components.size(); ++k) {
    const Component& c = components[k];
    char line[160];
    std::snprintf(line, sizeof line, "%zu,%lld,%.3f,%.3f,%d,%d,%d,%d\n", k + 1, static_cast<long long>(c.area), c.x,
                  c.y, c.left, c.top, c.right - c.left + 1, c.bottom - c.top + 1);
    text += line;
  }
  return text;
}

ImageFacts Components::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const LabelledRuns all = label_runs(image, p.connectivity);
  std::vector<Component> kept;
  std::vector<uint16_t> label_of{0};
  int64_t largest = 0;
  for (const Component& c : all.components) {
    if (c.area >= p.min_area) kept.push_back(c);
    if (kept.size() > 65535) throw DataError("components: more than 65 535 components", "raise min-area");
    label_of.push_back(static_cast<uint16_t>(c.area >= p.min_area ? kept.size() : 0));
    largest = std::max(largest, c.area);
  }
  ctx.check_cancelled();
  out.create(image.size(), CV_16U);
  paint(all, label_of, out);
  if (!p.table.empty()) write_file(p.table, components_csv(kept));
  ctx.trace.image([&] {
    return TraceImage{"labels", "Components", "Each component in its own grey, by its label.",  view_of(out),
                      true,     {},           "imgproc/segment/components.cpp:label_components"};
  });
  return {{"count", static_cast<double>(kept.size())}, {"largest", static_cast<double>(kept.empty() ? 0 : largest)}};
}

}  // namespace assay
