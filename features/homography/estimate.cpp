// features/homography/estimate.cpp
// Notation   pairs in normalised coordinates (dlt.h);  t threshold;  e errors
// Method     1 normalise   2 search among models of samples (ransac.cpp, least_median.cpp)   3 least squares over the inliers,
//            whose errors say anew who belongs to them, until the set rests   4 take the normalisation back
// Departures from the paper: step 3 is that of [HartleyZisserman2004, alg. 4.6] (iv, v), with the transfer error.

#include "assay/features/homography/estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/features/homography/closed_form.h"
#include "assay/features/homography/consensus_internal.h"
#include "assay/features/homography/draw_pairs.h"
#include "assay/features/homography/gold_standard.h"
#include "assay/imgproc/op.h"

namespace assay {

namespace detail {

Pairs::Pairs(PointPairs pairs, PlaneModel model) {
  const std::optional<Normalisation> n = normalise(pairs);
  n_ = n ? *n
         : Normalisation{{1, 0, -pairs[0].x1, 0, 1, -pairs[0].y1, 0, 0, 1},
                         {1, 0, -pairs[0].x2, 0, 1, -pairs[0].y2, 0, 0, 1}};
  if (model == PlaneModel::translation || model == PlaneModel::rigid) {
    const double change = n_.T2[0] / n_.T1[0];
    for (size_t i = 0; i < 6; ++i) n_.T1[i] *= change;
  }
  pairs_ = normalised(pairs, n_);
  const size_t count = pairs_.size();
  x_.resize(count), y_.resize(count), u_.resize(count), v_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    x_[i] = static_cast<float>(pairs_[i].x1), y_[i] = static_cast<float>(pairs_[i].y1);
    u_[i] = static_cast<float>(pairs_[i].x2), v_[i] = static_cast<float>(pairs_[i].y2);
  }
  view_ = {x_.data(), y_.data(), u_.data(), v_.data(), static_cast<ptrdiff_t>(count)};
}

std::vector<double> Pairs::squared_errors(const Matrix3& H) const {
  std::vector<double> e(pairs_.size());
  for (size_t i = 0; i < e.size(); ++i) {
    const PointPair& p = pairs_[i];
    const double t = 1 / (H[6] * p.x1 + H[7] * p.y1 + H[8]);
    const double a = (H[0] * p.x1 + H[1] * p.y1 + H[2]) * t - p.x2, b = (H[3] * p.x1 + H[4] * p.y1 + H[5]) * t - p.y2;
    e[i] = a * a + b * b;
    if (std::isnan(e[i])) e[i] = std::numeric_limits<double>::infinity();
  }
  return e;
}

std::vector<int> Pairs::within(const Matrix3& H, double limit) const {
  const std::vector<double> e = squared_errors(H);
  std::vector<int> some;
  some.reserve(e.size());
  for (size_t i = 0; i < e.size(); ++i)
    if (e[i] <= limit) some.push_back(static_cast<int>(i));
  return some;
}

std::optional<Matrix3> Pairs::refit(PlaneModel model, const Matrix3& H, const std::vector<int>& some, int steps) const {
  if (some.size() < static_cast<size_t>(sample_size(model))) return std::nullopt;
  if (model == PlaneModel::homography) {
    PairColumns columns;
    columns.reserve(some.size());
    for (int i : some) columns.add(pairs_[static_cast<size_t>(i)]);
    return refine_transfer(columns, H, steps);
  }
  std::vector<PointPair> chosen;
  chosen.reserve(some.size());
  for (int i : some) chosen.push_back(pairs_[static_cast<size_t>(i)]);
  return model_of_sample(model, chosen);
}

}  // namespace detail

namespace {

constexpr int kSettle = 20;  // sets of inliers at the end

struct Refined {
  static constexpr const char* kind = "refined";
  static constexpr const char* title = "least squares over the inliers [HartleyZisserman2004, alg. 4.6 iv]";
  static constexpr const char* source = "features/homography/estimate.cpp:settle";
  int t, inliers;
  double rms;
  std::vector<double> H;
  std::string why;
  static void fields(const Refined& s, auto&& field) {
    field("t", s.t, "fit");
    field("inliers", s.inliers, "pairs that took part");
    field("rms", s.rms, "of their errors after it, pixels");
    field("H", s.H, "the model, row by row, h33 = 1");
  }
};

double rms_of(const std::vector<double>& squares, const std::vector<int>& some, double unit) {
  double sum = 0;
  for (int i : some) sum += squares[static_cast<size_t>(i)];
  return some.empty() ? 0 : std::sqrt(sum / static_cast<double>(some.size())) / unit;
}

// 3 least squares and the inliers in turn
void settle(const detail::Pairs& pairs, PlaneModel model, detail::Found& found, const Context& ctx) {
  for (int t = 0; t < kSettle; ++t) {
    const std::optional<Matrix3> H = pairs.refit(model, found.H, found.inliers, 50);
    if (!H) return;
    std::vector<int> inliers = pairs.within(*H, found.limit);
    if (inliers.size() < static_cast<size_t>(sample_size(model))) return;
    const bool rests = inliers == found.inliers;
    found.H = *H;
    ctx.trace.step([&] {
      const Matrix3 shown = pairs.in_pixels(*H);
      return Refined{
          t + 1,
          static_cast<int>(found.inliers.size()),
          rms_of(pairs.squared_errors(*H), found.inliers, pairs.unit()),
          {shown.begin(), shown.end()},
          rests ? "the same pairs agree with the new model: done" : "other pairs agree with the new model: fit these"};
    });
    found.inliers = std::move(inliers);
    if (rests) return;
  }
  found.converged = false;
}

TraceImage picture_of(const cv::Mat& drawing) {
  return {"model",
          "The model and who agrees with it",
          "Second points: green rings agree, red ones do not. Yellow: where the model lays the rectangle of the first "
          "points.",
          view_of(drawing),
          false,
          {},
          "features/homography/draw_pairs.cpp:draw_estimate"};
}

}  // namespace

std::optional<Matrix3> plane_least_squares(PlaneModel model, PointPairs pairs, const Context& ctx) {
  if (model != PlaneModel::homography) {
    if (pairs.size() < static_cast<size_t>(sample_size(model))) return std::nullopt;
    return model_of_sample(model, pairs);
  }
  const std::optional<HomographyFit> fit = homography_least_squares(pairs, GeometricCost::transfer, ctx);
  if (!fit) return std::nullopt;
  return fit->H;
}

std::optional<PlaneEstimate> estimate_plane(PointPairs pairs, const PlaneParams& params, const Context& ctx) {
  check_params(params);
  check_finite("plane estimation", pairs);
  if (pairs.size() < static_cast<size_t>(sample_size(params.model))) return std::nullopt;
  const detail::Pairs inner(pairs, params.model);
  PlaneEstimate out;
  if (params.method == RobustMethod::least_squares) {
    const std::optional<Matrix3> H = plane_least_squares(params.model, pairs, ctx);
    if (!H) return std::nullopt;
    out.H = *H;
    for (size_t i = 0; i < pairs.size(); ++i) out.inliers.push_back(static_cast<int>(i));
  } else {
    std::optional<detail::Found> found =
        params.method == RobustMethod::ransac ? ransac(inner, params, ctx) : least_median(inner, params, ctx);
    if (!found) return std::nullopt;
    settle(inner, params.model, *found, ctx);
    out.H = inner.in_pixels(found->H);
    out.inliers = std::move(found->inliers);
    out.trials = found->trials;
    out.converged = found->converged;
    out.threshold = std::sqrt(found->limit) / inner.unit();
  }
  double sum = 0;
  for (int i : out.inliers) sum += std::pow(transfer_error(out.H, pairs[static_cast<size_t>(i)]), 2);
  out.rms = std::sqrt(sum / static_cast<double>(out.inliers.size()));
  if (ctx.trace) {
    const cv::Mat drawing = draw_estimate(pairs, out.inliers, out.H);
    ctx.trace.image([&] { return picture_of(drawing); });
  }
  return out;
}

std::string why_no_model(PlaneModel model, PointPairs pairs) {
  const int m = sample_size(model);
  if (pairs.size() < static_cast<size_t>(m))
    return std::to_string(m) + (m == 1 ? " pair determines" : " pairs determine") + " it, there are " +
           std::to_string(pairs.size());
  std::vector<PointPair> all(pairs.begin(), pairs.end());
  const auto less = [](const PointPair& a, const PointPair& b) {
    return std::tie(a.x1, a.y1, a.x2, a.y2) < std::tie(b.x1, b.y1, b.x2, b.y2);
  };
  std::sort(all.begin(), all.end(), less);
  const auto same = [&](const PointPair& a, const PointPair& b) { return !less(a, b) && !less(b, a); };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  if (all.size() < static_cast<size_t>(m))
    return "without repetitions there are only " + std::to_string(all.size()) + " pairs, " + std::to_string(m) +
           " determine it";
  for (int picture : {1, 2}) {
    std::vector<PointPair> seen = all;
    if (picture == 2)
      for (PointPair& p : seen) std::swap(p.x1, p.x2), std::swap(p.y1, p.y2);
    const std::string where = picture == 1 ? "first" : "second";
    for (PointPair& p : seen) p.x2 = p.x1, p.y2 = p.y1;
    if (!rigid_least_squares(seen)) return "all points of the " + where + " picture are equal";
    if (m >= 3 && !affine_least_squares(seen)) return "all points of the " + where + " picture lie on one line";
  }
  return m == 4 ? "no four pairs determine it: too many points lie on lines, or coincide" : "the points determine none";
}

}  // namespace assay
