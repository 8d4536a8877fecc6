// features/hog/object_detector.cpp
// Notation   s scale: a pixel of the smaller picture is s of the input;  h, W, b: as in the header;  (bx, by) block
// Method     1 the scales   2 the picture at each   3 its blocks, and the scores of all windows   4 the best of those that
//            overlap
// Departures from the paper: it fits modes to the candidates by mean shift in place and scale; here the best of each
//            neighbourhood is kept as it is. A picture is shrunk from one at most twice as large, so that bilinear
//            sampling passes over no pixel.

#include "assay/features/hog/object_detector.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/parallel.h"
#include "assay/features/drawing.h"
#include "assay/features/hog/hog_internal.h"
#include "assay/features/hog/hog_kernels.h"
#include "assay/imgproc/geometry/crop.h"
#include "assay/imgproc/geometry/resize.h"

namespace assay {

namespace {

using detail::WindowRows;

// --- 1, 2 ------------------------------------------------------------------------------------------------------------

cv::Size scaled(const cv::Size& size, double s) {
  return {static_cast<int>(std::lround(size.width / s)), static_cast<int>(std::lround(size.height / s))};
}

// As long as the window fits.
std::vector<double> scales(const cv::Size& size, const HogWindow& w, const ObjectParams& p) {
  std::vector<double> all;
  for (double s = p.first_scale; s <= p.last_scale.value_or(s);
       s = p.first_scale * std::pow(p.scale_step, all.size())) {
    const cv::Size at_s = scaled(size, s);
    if (at_s.width < w.width || at_s.height < w.height) break;
    all.push_back(s);
  }
  return all;
}

class Pyramid {
 public:
  Pyramid(const cv::Mat& image, double last_scale, const Context& ctx) : halves_{image} {
    for (int o = 1; std::ldexp(1, o) <= last_scale; ++o)
      halves_.push_back(shrunk(image, scaled(image.size(), std::ldexp(1, o)), Interpolation::area, ctx));
  }
  cv::Mat at(double s, int padding, const Context& ctx) const {
    const auto o = static_cast<size_t>(std::max(0.0, std::floor(std::log2(s))));
    const cv::Mat& from = halves_[std::min(o, halves_.size() - 1)];
    const cv::Mat level = shrunk(from, scaled(halves_[0].size(), s), Interpolation::bilinear, ctx);
    return padding == 0 ? level : pad(level, {padding, padding, padding, padding, Border::reflect101, 0}, ctx);
  }

 private:
  static cv::Mat shrunk(const cv::Mat& image, const cv::Size& size, Interpolation method, const Context& ctx) {
    if (size == image.size()) return image;
    ResizeParams to;
    to.width = size.width, to.height = size.height, to.method = method;
    return resize(image, to, ctx);
  }
  std::vector<cv::Mat> halves_;  ///< the picture, half of it, a quarter ...
};

// --- 3 ---------------------------------------------------------------------------------------------------------------

// The weights of a linear model, in the order of the blocks: entry f of the block (bx, by) of the window at
// (by length + f) across + bx.
class LinearScores {
 public:
  LinearScores(const WindowModel& model, const HogWindow& w, bool rows_first)
      : window_(w), weights_(model.classes, static_cast<int>(model.W.cols())), b_(model.b) {
    const int length = static_cast<int>(w.length) / (w.across * w.down);
    for (int k = 0; k < model.classes; ++k)
      for (int by = 0; by < w.down; ++by)
        for (int bx = 0; bx < w.across; ++bx)
          for (int f = 0; f < length; ++f) {
            const int block = rows_first ? by * w.across + bx : bx * w.down + by;
            weights_(k, (by * length + f) * w.across + bx) = static_cast<float>(model.W(k, block * length + f));
          }
  }
  /// Of the windows whose first blocks are those of row by; out: one row a class.
  void row(const HogBlocks& blocks, int by, cv::Mat_<double>& out) const {
    const int lines = blocks.length * window_.across;
    for (int k = 0; k < out.rows; ++k) {
      std::fill_n(out[k], out.cols, b_[k]);
      for (int wy = 0; wy < window_.down; ++wy)
        hog_correlate(blocks.values.ptr<float>((by + wy) * blocks.length),
                      static_cast<ptrdiff_t>(blocks.values.step1()), blocks.length,
                      weights_[k] + static_cast<ptrdiff_t>(wy) * lines, window_.across, out[k], out.cols);
    }
  }

 private:
  HogWindow window_;
  cv::Mat_<float> weights_;
  Vector b_;
};

// One scale: scores row by row of its windows, (classes down) x across.
struct Scores {
  int classes, step;
  cv::Mat_<double> values;
  int down() const { return values.rows / classes; }
  double& at(int k, int wy, int wx) { return values(wy * classes + k, wx); }
};

Scores empty_scores(const HogBlocks& blocks, const HogWindow& w, const HogParams& p, int classes) {
  const int step = hog_window_step(p);
  return {classes, step,
          cv::Mat_<double>(((blocks.down - w.down) / step + 1) * classes, (blocks.across - w.across) / step + 1)};
}

Scores linear_scores(const HogBlocks& blocks, const HogWindow& w, const HogParams& p, const LinearScores& linear,
                     int classes, const Context& ctx) {
  Scores scores = empty_scores(blocks, w, p, classes);
  parallel_for(ctx.threads, scores.down(), 4, [&](Index begin, Index end) {
    ctx.check_cancelled();
    cv::Mat_<double> row(classes, blocks.across - w.across + 1);
    for (int wy = static_cast<int>(begin); wy < end; ++wy) {
      linear.row(blocks, wy * scores.step, row);
      for (int k = 0; k < classes; ++k)
        for (int wx = 0; wx < scores.values.cols; ++wx) scores.at(k, wy, wx) = row(k, wx * scores.step);
    }
  });
  return scores;
}

// Any other model: its answer to the rows of a line of windows at a time.
Scores scores_of_rows(const HogBlocks& blocks, const HogWindow& w, const HogParams& p, const WindowModel& model,
                      const Context& ctx) {
  Scores scores = empty_scores(blocks, w, p, model.classes);
  const WindowRows windows(blocks, w, p);
  Matrix rows(windows.across(), static_cast<Index>(w.length));
  for (int wy = 0; wy < windows.down(); ++wy) {
    ctx.check_cancelled();
    windows.copy_lines(wy, wy + 1, rows.data(), w.length);
    const Matrix said = model.scores(rows, ctx);
    for (int wx = 0; wx < windows.across(); ++wx)
      for (int k = 0; k < model.classes; ++k) scores.at(k, wy, wx) = said(wx, k);
  }
  return scores;
}

// Windows whose best class is something, and exceeds the threshold.
std::vector<FoundObject> candidates(Scores& scores, const cv::Mat& level, const cv::Mat& image, double s,
                                    const HogWindow& w, const ObjectParams& p, const WindowModel& model, int stride) {
  std::vector<FoundObject> found;
  const double threshold = p.threshold.value_or(model.threshold);
  const double sx = static_cast<double>(image.cols) / (level.cols - 2 * p.padding);
  const double sy = static_cast<double>(image.rows) / (level.rows - 2 * p.padding);
  for (int wy = 0; wy < scores.down(); ++wy)
    for (int wx = 0; wx < scores.values.cols; ++wx) {
      int best = 0;
      for (int k = 1; k < scores.classes; ++k)
        if (scores.at(k, wy, wx) > scores.at(best, wy, wx)) best = k;
      const double score = scores.at(best, wy, wx);
      if (best == model.background || !(score > threshold)) continue;
      const int x = wx * scores.step * stride - p.padding, y = wy * scores.step * stride - p.padding;
      found.push_back({x * sx, y * sy, w.width * sx, w.height * sy, score, s, best});
    }
  return found;
}

// --- 4 ---------------------------------------------------------------------------------------------------------------

struct FoundStep {
  static constexpr const char* kind = "found";
  static constexpr const char* title = "The best candidate that is left, and those it overlaps";
  static constexpr const char* source = "features/hog/object_detector.cpp:suppress_overlaps";
  FoundObject object;
  long long suppressed;
  static void fields(const FoundStep& s, auto&& field) {
    field("x", s.object.x, "left edge, pixels");
    field("y", s.object.y, "upper edge, pixels");
    field("width", s.object.width, "pixels");
    field("height", s.object.height, "pixels");
    field("score", s.object.score, "what the model says");
    field("s", s.object.scale, "scale at which it was seen");
    field("suppressed", s.suppressed, "candidates that overlap it by more than is allowed");
  }
};

// The positive weights as stars: the outline the model looks for.
void show_weights(const WindowModel& model, const HogWindow& w, const HogParams& p, const cv::Mat& image,
                  const Context& ctx) {
  const detail::HogSetting s = detail::hog_setting(p, image);
  for (int k = 0; k < model.classes; ++k) {
    HogBlocks blocks{w.across, w.down, s.length(), s.stride, cv::Mat_<float>(w.down * s.length(), w.across)};
    for (int by = 0; by < w.down; ++by)
      for (int bx = 0; bx < w.across; ++bx)
        for (int f = 0; f < s.length(); ++f) {
          const int block = s.rows_first ? by * w.across + bx : bx * w.down + by;
          blocks.values.at<float>(by * s.length() + f, bx) =
              static_cast<float>(std::max(0.0, model.W(k, block * s.length() + f)));
        }
    const cv::Mat stars = detail::draw_cells(blocks, s);
    ctx.trace.image([&] {
      return TraceImage{"weights",
                        "The positive weights of W, as stars",
                        "Rays where the model wants edges.",
                        view_of(stars),
                        false,
                        {},
                        "features/hog/object_detector.cpp:show_weights"};
    });
  }
}

void show_scores(const Scores& scores, double s, const Context& ctx) {
  cv::Mat values;
  scores.values.convertTo(values, CV_32F);
  ctx.trace.image([&] {
    return TraceImage{"scores",
                      "f(h) of each window at this scale",
                      "A pixel a window; bright: the model says yes.",
                      view_of(values),
                      true,
                      {{"s", s, "scale"}},
                      "features/hog/object_detector.cpp:linear_scores"};
  });
}

}  // namespace

std::optional<std::string> ObjectParams::check(const ObjectParams& p) {
  HogParams windows = p.hog;
  if (windows.window.empty()) windows.window = "64x128";
  if (auto problem = HogParams::check(windows)) return problem;
  if (p.last_scale && *p.last_scale < p.first_scale) return "last-scale must not be below first-scale";
  return std::nullopt;
}

void check_window_model(const WindowModel& model, const ObjectParams& p) {
  const HogWindow w = hog_window(p.hog);
  if (model.length == w.length) return;
  throw ParameterError("the model takes rows of " + std::to_string(model.length) + " numbers, a window of " +
                           std::to_string(w.width) + " x " + std::to_string(w.height) + " pixels has " +
                           std::to_string(w.length),
                       "--preset, --window, --cell, --block, --stride, --bins as `features hog` had them");
}

double overlap(const FoundObject& a, const FoundObject& b) {
  const double across = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double down = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (across <= 0 || down <= 0) return 0;
  return across * down / (a.width * a.height + b.width * b.height - across * down);
}

std::vector<FoundObject> suppress_overlaps(std::vector<FoundObject> candidates, double most) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const FoundObject& a, const FoundObject& b) { return a.score > b.score; });
  std::vector<FoundObject> kept;
  for (const FoundObject& c : candidates)
    if (std::none_of(kept.begin(), kept.end(), [&](const FoundObject& k) { return overlap(k, c) > most; }))
      kept.push_back(c);
  return kept;
}

std::vector<FoundObject> detect_objects(const cv::Mat& image, const WindowModel& model, const ObjectParams& p,
                                        const Context& ctx) {
  check_params(p);
  check_image(Hog::info.name, Hog::info.traits, image);
  const HogWindow w = hog_window(p.hog);
  check_window_model(model, p);
  const std::vector<double> all = scales(image.size(), w, p);
  if (all.empty()) return {};
  const bool is_linear = model.W.size() > 0;
  std::optional<LinearScores> linear;
  if (is_linear) linear.emplace(model, w, p.hog.preset == HogPreset::skimage);
  if (is_linear && ctx.trace) show_weights(model, w, p.hog, image, ctx);
  Context quiet = ctx;
  quiet.trace = Trace();

  const Pyramid pyramid(image, all.back(), quiet);
  std::vector<std::vector<FoundObject>> at_scale(all.size());
  // A model that is asked for rows, and the trace, take one scale after the other.
  parallel_for(is_linear && !ctx.trace ? ctx.threads : 1, static_cast<Index>(all.size()), 1, [&](Index i, Index) {
    ctx.check_cancelled();
    const double s = all[static_cast<size_t>(i)];
    const cv::Mat level = pyramid.at(s, p.padding, quiet);
    HogBlocks blocks = hog_blocks(level, p.hog, quiet);
    if (is_linear && blocks.values.depth() != CV_32F) blocks.values.convertTo(blocks.values, CV_32F);
    Scores scores = is_linear ? linear_scores(blocks, w, p.hog, *linear, model.classes, quiet)
                              : scores_of_rows(blocks, w, p.hog, model, quiet);
    at_scale[static_cast<size_t>(i)] = candidates(scores, level, image, s, w, p, model, blocks.stride);
    if (ctx.trace) show_scores(scores, s, ctx);
  });
  std::vector<FoundObject> every;
  for (const auto& found : at_scale) every.insert(every.end(), found.begin(), found.end());
  const std::vector<FoundObject> kept = suppress_overlaps(every, p.overlap);
  for (const FoundObject& object : kept)
    ctx.trace.step([&] {
      const auto covered = [&](const FoundObject& c) { return overlap(object, c) > p.overlap; };
      return FoundStep{object, std::count_if(every.begin(), every.end(), covered) - 1};
    });
  return kept;
}

cv::Mat draw_objects(const cv::Mat& image, const std::vector<FoundObject>& found) {
  Drawing picture = dimmed(image);
  for (size_t i = found.size(); i-- > 0;) {
    const FoundObject& o = found[i];
    const double x1 = o.x - 0.5, y1 = o.y - 0.5, x2 = x1 + o.width, y2 = y1 + o.height;
    const cv::Vec3b colour = rank_colour(i, found.size());
    draw_segment(picture, x1, y1, x2, y1, colour);
    draw_segment(picture, x2, y1, x2, y2, colour);
    draw_segment(picture, x2, y2, x1, y2, colour);
    draw_segment(picture, x1, y2, x1, y1, colour);
  }
  return picture;
}

}  // namespace assay
