// features/hog/object_detector.h: things of one shape and any size, by a window that slides over a pyramid.
//
//   for s = s0, s0 q, s0 q^2, ...    picture / s;  each window of it: score f(h), h the window's row (hog.h)
//   candidates                       windows with f(h) > threshold
//   best first: a candidate is kept unless it overlaps a kept one by more than `overlap`
//   overlap of A and B               |A intersected with B| / |A united with B|
//
// Takes      what hog takes; a trained model as weights (a linear one) or as a function of rows
// Gives      the best first: x, y, width, height in pixels from the picture's left and upper edge (a window that hangs over
//            the edge, `padding`, may begin at less than 0), score, scale s, and which class
// Guarantees at scale 1 the score is that of the window's row of `hog --sliding` (a linear model's summed in f32 over a row of
//            blocks, f64 beyond); no two that are kept overlap by more; the same for any number of threads
// Cost       O(pixels q^2 / (q^2 - 1)) blocks, each made once for all its windows, and for each window one product with the
//            weights; O(candidates kept) overlaps
// Errors     ParameterError (sizes that do not fit one another, a model for rows of another length)
// See        [DalalTriggs2005] sec. 6; trace pictures "weights", "scores", steps "found"
#pragma once
#include <functional>

#include "assay/core/linalg.h"
#include "assay/features/hog/hog.h"

namespace assay {

struct ObjectParams {
  HogParams hog;
  double scale_step = 1.1, first_scale = 1;
  std::optional<double> last_scale;
  int padding = 0;
  std::optional<double> threshold;
  double overlap = 0.3;
  static void fields(auto& p, auto&& field) {
    HogParams::window_fields(p.hog, field);
    field("scale-step", p.scale_step, between(1.01, 10), "q: from size to size", {"scale"});
    field("first-scale", p.first_scale, between(0.1, 1000),
          "s0: 1 looks for things as large as the window, 0.5 half as");
    field("last-scale", p.last_scale, between(0.1, 1000), "no larger ones than this; none: up to the whole picture");
    field("padding", p.padding, between(0, 1000), "pixels around each size of the picture, for things at its edge");
    field("threshold", p.threshold, any_number, "score that a window must exceed; none: 0, of probabilities 1/2",
          {"hit-threshold"});
    field("overlap", p.overlap, unit_interval, "share of their union that two findings may have in common", {"iou"});
  }
  static std::optional<std::string> check(const ObjectParams& p);
};

/// What a trained model says of a window: one score, or one a class, of which the largest counts.
struct WindowModel {
  Matrix W{};  ///< scores = W h + b; empty: `scores` instead
  Vector b{};
  std::function<Matrix(const Matrix& rows, const Context&)> scores{};  ///< n x length -> n x classes
  size_t length = 0;                                                   ///< of a row
  int classes = 1;
  int background = -1;   ///< the class that is nothing; -1: there is none
  double threshold = 0;  ///< where the parameters name none
};

struct FoundObject {
  double x, y, width, height;
  double score, scale;
  int what;  ///< class
};

/// |A intersected with B| / |A united with B|
double overlap(const FoundObject& a, const FoundObject& b);
/// Step 4: the best first, none overlapping a better one by more than `most`. Of equal scores the earlier is better.
std::vector<FoundObject> suppress_overlaps(std::vector<FoundObject> candidates, double most);

/// ParameterError where the model is for rows of another length than the parameters' windows have.
void check_window_model(const WindowModel& model, const ObjectParams& params);

std::vector<FoundObject> detect_objects(const cv::Mat& image, const WindowModel& model, const ObjectParams& params = {},
                                        const Context& ctx = {});

/// Their frames over the dimmed picture, the best red.
cv::Mat draw_objects(const cv::Mat& image, const std::vector<FoundObject>& found);

}  // namespace assay
