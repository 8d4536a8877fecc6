// features/calibration/calibrate.cpp
// Notation   a: the camera's free parameters, b_v: pose of view v (a turn w and t);  U = sum_v of the a-a blocks of J'J,
//            V_v of b_v-b_v, W_v of a-b_v;  g_a, g_v the same of J'r;  S = U - sum_v W_v V_v^-1 W_v' (Schur complement)
// Method     1 homographies of the views   2 starts: closed form with and without skew, centred, guessed focal lengths;
//            poses from each   3 a few steps from each start, the best goes on   4 a step: S da = -(g_a - sum W_v V_v^-1
//            g_v), then V_v db_v = -(g_v + W_v' da), diagonals of U and V_v raised by 1 + lambda   5 kept where f falls:
//            lambda / 10, otherwise lambda * 10 (levenberg_marquardt.h's rule)   6 standard deviations from S^-1
// Departures from the paper: [Zhang2000] starts without a lens or with its linear estimate, and parametrises rotations by a
//            vector; here the lens starts at 0 and a rotation is multiplied by small turns. Five lens coefficients, not two.

#include "assay/features/calibration/calibrate.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/features/calibration/calibrate_kernels.h"
#include "assay/features/calibration/zhang.h"
#include "assay/features/homography/dlt.h"

namespace assay {

namespace {

using Block = Eigen::Matrix<double, kPose, kPose>;
using Border = Eigen::Matrix<double, kIntrinsics, kPose>;
using Square = Eigen::Matrix<double, kIntrinsics, kIntrinsics>;
using CameraVector = Eigen::Matrix<double, kIntrinsics, 1>;
using PoseVector = Eigen::Matrix<double, kPose, 1>;

struct Problem {
  std::vector<double> board;                ///< x, y, x, y, ...
  std::vector<std::vector<double>> pixels;  ///< of each view, the same way
  std::array<bool, kCameraParameters> free{};
  ptrdiff_t n() const { return static_cast<ptrdiff_t>(board.size() / 2); }
};

struct State {
  Camera camera;
  std::vector<Pose> poses;
  double cost = std::numeric_limits<double>::infinity();
};

double cost_of(const Problem& problem, State& state, std::vector<ViewEquations>* equations) {
  const std::array<double, kCameraParameters> camera = state.camera.values();
  state.cost = 0;
  for (size_t v = 0; v < state.poses.size() && std::isfinite(state.cost); ++v)
    state.cost += view_equations(camera.data(), state.poses[v].R.data(), state.poses[v].t.data(), problem.board.data(),
                                 problem.pixels[v].data(), problem.n(), equations ? &(*equations)[v] : nullptr);
  if (!(camera[0] > 0 && camera[1] > 0)) state.cost = std::numeric_limits<double>::infinity();
  return state.cost;
}

// --- 4 a step --------------------------------------------------------------------------------------------------------

// The blocks of J'J at a state; what is not free has the unit matrix's rows.
struct Normal {
  Square U = Square::Zero();
  CameraVector g = CameraVector::Zero();
  std::vector<Border> W;
  std::vector<Block> V;
  std::vector<PoseVector> gv;

  Normal(const Problem& problem, const std::vector<ViewEquations>& equations) {
    for (const ViewEquations& e : equations) {
      const Eigen::Map<const Eigen::Matrix<double, kUnknowns, kUnknowns, Eigen::RowMajor>> N(&e.N[0][0]);
      const Eigen::Map<const Eigen::Matrix<double, kUnknowns, 1>> h(e.g);
      U += N.topLeftCorner<kIntrinsics, kIntrinsics>();
      g += h.head<kIntrinsics>();
      W.emplace_back(N.topRightCorner<kIntrinsics, kPose>());
      V.emplace_back(N.bottomRightCorner<kPose, kPose>());
      gv.emplace_back(h.tail<kPose>());
    }
    for (int i = 0; i < kIntrinsics; ++i) {
      if (problem.free[static_cast<size_t>(i)]) continue;
      U.row(i).setZero(), U.col(i).setZero();
      U(i, i) = 1, g[i] = 0;
      for (Border& w : W) w.row(i).setZero();
    }
  }
};

struct Step {
  CameraVector a;
  std::vector<PoseVector> b;
  double foretold = 0;  ///< fall of f by the quadratic model
};

std::optional<Step> damped_step(const Normal& n, double lambda) {
  Square S = n.U;
  S.diagonal() *= 1 + lambda;
  CameraVector right = -n.g;
  std::vector<Eigen::LLT<Block>> factors;
  for (size_t v = 0; v < n.V.size(); ++v) {
    Block V = n.V[v];
    V.diagonal() *= 1 + lambda;
    factors.emplace_back(V);
    if (factors.back().info() != Eigen::Success) return std::nullopt;
    S.noalias() -= n.W[v] * factors.back().solve(n.W[v].transpose());
    right.noalias() += n.W[v] * factors.back().solve(n.gv[v]);
  }
  const Eigen::LLT<Square> llt(S);
  if (llt.info() != Eigen::Success) return std::nullopt;
  Step step{llt.solve(right), {}, 0};
  double damping = step.a.cwiseAbs2().dot(n.U.diagonal());
  double linear = n.g.dot(step.a);
  for (size_t v = 0; v < n.V.size(); ++v) {
    step.b.emplace_back(factors[v].solve(-n.gv[v] - n.W[v].transpose() * step.a));
    damping += step.b.back().cwiseAbs2().dot(n.V[v].diagonal());
    linear += n.gv[v].dot(step.b.back());
  }
  step.foretold = lambda * damping - linear;  // -2 g'd - d'Nd with (N + lambda D) d = -g
  if (!step.a.allFinite() || !std::isfinite(step.foretold)) return std::nullopt;
  return step;
}

State moved(const State& from, const Step& step) {
  State to = from;
  std::array<double, kCameraParameters> c = from.camera.values();
  for (size_t i = 0; i < c.size(); ++i) c[i] += step.a[static_cast<Eigen::Index>(i)];
  to.camera.set(c);
  for (size_t v = 0; v < to.poses.size(); ++v) {
    const PoseVector& b = step.b[v];
    to.poses[v].R = product(rotation_about({b[0], b[1], b[2]}), from.poses[v].R);
    for (size_t i = 0; i < 3; ++i) to.poses[v].t[i] += b[static_cast<Eigen::Index>(3 + i)];
  }
  return to;
}

struct CalibrationStep {
  static constexpr const char* kind = "calibration-step";
  static constexpr const char* title = "a damped Gauss-Newton step [Zhang2000, eq. 10]";
  static constexpr const char* source = "features/calibration/calibrate.cpp:descend";
  int t;
  double rms, tried, lambda, fx, fy, cx, cy, k1, k2;
  std::string why;
  static void fields(const CalibrationStep& s, auto&& field) {
    field("t", s.t, "step");
    field("rms", s.rms, "root mean square distance before the step, in pixels");
    field("rms+", s.tried, "after it");
    field("lambda", s.lambda, "damping: 0 is Gauss-Newton, large is gradient descent");
    field("fx", s.fx, "focal length, in pixels");
    field("fy", s.fy, "focal length, in pixels");
    field("cx", s.cx, "principal point, column");
    field("cy", s.cy, "principal point, row");
    field("k1", s.k1, "lens");
    field("k2", s.k2, "lens");
  }
};

struct Descent {
  bool converged = false;
  int iterations = 0;
};

// --- 5 -----------------------------------------------------------------------------------------------------------------
Descent descend(const Problem& problem, State& state, int max_iter, const Context& ctx) {
  constexpr double kTolerance = 1e-10;
  std::vector<ViewEquations> equations(state.poses.size());
  cost_of(problem, state, &equations);
  Descent descent;
  double lambda = 1e-3;
  const double points = static_cast<double>(problem.n()) * static_cast<double>(state.poses.size());
  std::optional<Normal> normal;
  normal.emplace(problem, equations);
  while (std::isfinite(state.cost) && descent.iterations < max_iter && !descent.converged && state.cost > 0) {
    ctx.check_cancelled();
    ++descent.iterations;
    const std::optional<Step> step = damped_step(*normal, lambda);
    if (!step) {
      if (lambda > 1e15) break;
      lambda *= 10;
      continue;
    }
    State next = moved(state, *step);
    const double cost = cost_of(problem, next, nullptr);
    const bool better = cost < state.cost;
    ctx.trace.step([&] {
      const Camera& c = state.camera;
      return CalibrationStep{
          descent.iterations,
          std::sqrt(state.cost / points),
          std::sqrt(cost / points),
          lambda,
          c.fx,
          c.fy,
          c.cx,
          c.cy,
          c.k1,
          c.k2,
          better ? "the error fell: trust the quadratic model more" : "the error did not fall: shorter steps"};
    });
    descent.converged = step->foretold <= kTolerance * kTolerance * state.cost;
    if (better) {
      state = std::move(next);
      cost_of(problem, state, &equations);
      normal.emplace(problem, equations);
      lambda /= 10;
    } else {
      if (lambda > 1e15) descent.converged = true;  // no step, however short, leads down
      lambda *= 10;
    }
  }
  if (state.cost == 0) descent.converged = true;
  return descent;
}

// --- 1 homographies, 2 starts ----------------------------------------------------------------------------------------

std::vector<Matrix3> homographies_of(const std::vector<cv::Point2d>& board, const std::vector<CalibrationView>& views) {
  std::vector<Matrix3> H;
  std::vector<PointPair> pairs(board.size());
  for (const CalibrationView& view : views) {
    for (size_t i = 0; i < board.size(); ++i) pairs[i] = {board[i].x, board[i].y, view.pixels[i].x, view.pixels[i].y};
    const std::optional<Matrix3> h = homography_dlt(pairs);
    if (!h)
      throw DataError(view.name + ": its points lie on one line, or too many of them are equal",
                      "leave that view out, or turn the board so that it does not shrink to a line");
    H.push_back(*h);
  }
  return H;
}

std::vector<Camera> starts_for(const std::vector<Matrix3>& H, const cv::Size& size, bool skew) {
  std::vector<Camera> starts;
  const auto add = [&](const std::optional<Camera>& c) {
    if (!c) return;
    const double side = std::max(size.width, size.height);
    const bool sane = c->fx > 0.05 * side && c->fx < 100 * side && c->fy > 0.05 * side && c->fy < 100 * side &&
                      std::abs(c->cx - size.width / 2.0) < 2 * side && std::abs(c->cy - size.height / 2.0) < 2 * side;
    if (sane) starts.push_back(*c);
  };
  add(closed_form(H, size, false));
  if (skew) add(closed_form(H, size, true));
  add(closed_form_centred(H, size));
  for (const double f : {0.6, 1.2, 3.0}) {
    Camera c;
    c.size = size;
    c.fx = c.fy = f * std::max(size.width, size.height);
    c.cx = (size.width - 1) / 2.0, c.cy = (size.height - 1) / 2.0;
    starts.push_back(c);
  }
  if (!skew)
    for (Camera& c : starts) c.skew = 0;
  return starts;
}

// --- 6 standard deviations -------------------------------------------------------------------------------------------

[[noreturn]] void refuse_views() {
  throw DataError("the views do not constrain the camera: some of its parameters can change without any effect",
                  "tilt the board in different directions, about 30 degrees; or free fewer parameters (--distortion)");
}

// sqrt diag(s^2 S^-1); DataError where the views leave a free parameter open.
std::array<double, kCameraParameters> deviations(const Problem& problem, State& state, double s2) {
  std::vector<ViewEquations> equations(state.poses.size());
  cost_of(problem, state, &equations);
  const Normal n(problem, equations);
  Square S = n.U;
  for (size_t v = 0; v < n.V.size(); ++v) S.noalias() -= n.W[v] * n.V[v].llt().solve(n.W[v].transpose());
  // In units in which each parameter alone weighs 1, the weakest direction tells how far the views constrain all of them.
  const CameraVector scale = n.U.diagonal().cwiseSqrt().cwiseInverse();
  const Matrix relative = scale.asDiagonal() * S * scale.asDiagonal();
  double weakest = 0;
  if (relative.allFinite()) weakest = eigen_symmetric_jacobi(relative, {}).values.minCoeff();
  if (!(weakest > 1e-11)) refuse_views();
  const Matrix inverse = Matrix(S).llt().solve(Matrix::Identity(kIntrinsics, kIntrinsics));
  std::array<double, kCameraParameters> sd{};
  for (size_t i = 0; i < sd.size(); ++i)
    if (problem.free[i]) sd[i] = std::sqrt(s2 * inverse(static_cast<Index>(i), static_cast<Index>(i)));
  return sd;
}

void check_input(const std::vector<cv::Point2d>& board, const std::vector<CalibrationView>& views,
                 const cv::Size& size) {
  if (size.width < 1 || size.height < 1) throw DataError("calibrate needs the size of the pictures");
  if (views.size() < 2)
    throw DataError("calibrate needs two views at least, and has " + std::to_string(views.size()),
                    "take ten to twenty pictures of the board, tilted and in all parts of the picture");
  const auto finite = [](const cv::Point2d& p) { return std::isfinite(p.x) && std::isfinite(p.y); };
  if (!std::all_of(board.begin(), board.end(), finite)) throw DataError("the board has a point that is not finite");
  for (const CalibrationView& view : views) {
    if (view.pixels.size() != board.size())
      throw DataError(view.name + ": " + std::to_string(view.pixels.size()) + " points, but the board has " +
                      std::to_string(board.size()));
    if (!std::all_of(view.pixels.begin(), view.pixels.end(), finite))
      throw DataError(view.name + ": a point is not finite");
  }
}

// The view whose error stands out: more than three times the median, and more than a tenth of a pixel above it.
std::optional<size_t> standing_out(const std::vector<CalibratedView>& views) {
  std::vector<double> rms;
  for (const CalibratedView& v : views) rms.push_back(v.rms_px);
  const auto worst = std::max_element(rms.begin(), rms.end());
  const size_t index = static_cast<size_t>(worst - rms.begin());
  const double largest = *worst;
  std::nth_element(rms.begin(), rms.begin() + static_cast<ptrdiff_t>(rms.size() / 2), rms.end());
  const double median = rms[rms.size() / 2];
  if (views.size() >= 3 && largest > 3 * median && largest > median + 0.1) return index;
  return std::nullopt;
}

}  // namespace

Calibration calibrate(const std::vector<cv::Point2d>& board, const std::vector<CalibrationView>& views,
                      const cv::Size& size, const CalibrationOptions& options, const Context& ctx) {
  check_input(board, views, size);
  Problem problem;
  for (const cv::Point2d& p : board) problem.board.insert(problem.board.end(), {p.x, p.y});
  for (const CalibrationView& view : views) {
    problem.pixels.emplace_back();
    for (const cv::Point2d& p : view.pixels) problem.pixels.back().insert(problem.pixels.back().end(), {p.x, p.y});
  }
  problem.free = {true, true, true, true, options.k1, options.k2, options.p1, options.p2, options.k3, options.skew};
  const double residuals = 2.0 * static_cast<double>(board.size() * views.size());
  const double parameters = 6.0 * static_cast<double>(views.size()) +
                            static_cast<double>(std::count(problem.free.begin(), problem.free.end(), true));
  if (!(residuals > parameters))
    throw DataError(std::to_string(views.size()) + " views of " + std::to_string(board.size()) +
                    " points are too few for " + significant(parameters, 6) + " parameters");

  const std::vector<Matrix3> H = homographies_of(board, views);
  if (!(determinacy(H, size) > 1e-7)) refuse_views();  // one direction again and again
  Calibration result;
  State best;
  constexpr int kFewSteps = 6;
  for (const Camera& start : starts_for(H, size, options.skew)) {
    State state{start, {}};
    for (const Matrix3& h : H) state.poses.push_back(pose_of(start, h));
    const Descent d = descend(problem, state, kFewSteps, Context());
    ++result.starts, result.iterations += d.iterations;
    if (state.cost < best.cost) best = std::move(state);
  }
  if (!std::isfinite(best.cost))
    throw DataError("no camera fits these views", "check that board points and pixels are in the same order");
  const Descent d = descend(problem, best, options.max_iter, ctx);
  result.converged = d.converged;
  result.iterations += d.iterations;
  result.camera = best.camera;
  result.camera.size = size;
  result.rms_px = std::sqrt(best.cost / (residuals / 2));
  result.sd = deviations(problem, best, best.cost / (residuals - parameters));
  for (size_t v = 0; v < views.size(); ++v) {
    CalibratedView view{best.poses[v], 0, 0};
    double sum = 0;
    for (size_t i = 0; i < board.size(); ++i) {
      const Pose& p = view.pose;
      const cv::Point2d m = board[i];
      const double Z = p.R[6] * m.x + p.R[7] * m.y + p.t[2];
      const cv::Point2d seen = to_pixel(
          best.camera, {(p.R[0] * m.x + p.R[1] * m.y + p.t[0]) / Z, (p.R[3] * m.x + p.R[4] * m.y + p.t[1]) / Z});
      const cv::Point2d off = seen - views[v].pixels[i];
      sum += off.dot(off);
      view.worst_px = std::max(view.worst_px, std::sqrt(off.dot(off)));
    }
    view.rms_px = std::sqrt(sum / static_cast<double>(board.size()));
    result.views.push_back(view);
  }
  result.retake = standing_out(result.views);
  return result;
}

std::vector<cv::Point2d> chessboard_points(int columns, int rows, double square) {
  std::vector<cv::Point2d> points;
  for (int j = 0; j < rows; ++j)
    for (int i = 0; i < columns; ++i) points.emplace_back(i * square, j * square);
  return points;
}

double Coverage::share() const {
  const auto covered = std::count_if(count.begin(), count.end(), [](int c) { return c > 0; });
  return count.empty() ? 0 : static_cast<double>(covered) / static_cast<double>(count.size());
}

Coverage coverage_of(const std::vector<CalibrationView>& views, const cv::Size& size) {
  Coverage c;
  const double cell = std::sqrt(static_cast<double>(size.width) * size.height / 48);
  c.across = std::clamp(static_cast<int>(std::lround(size.width / cell)), 1, 48);
  c.down = std::clamp(static_cast<int>(std::lround(size.height / cell)), 1, 48);
  c.count.assign(static_cast<size_t>(c.across * c.down), 0);
  for (const CalibrationView& view : views)
    for (const cv::Point2d& p : view.pixels) {
      const int x = static_cast<int>(std::floor((p.x + 0.5) * c.across / size.width));
      const int y = static_cast<int>(std::floor((p.y + 0.5) * c.down / size.height));
      if (x >= 0 && y >= 0 && x < c.across && y < c.down) ++c.count[static_cast<size_t>(y * c.across + x)];
    }
  return c;
}

}  // namespace assay
