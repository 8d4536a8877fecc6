// features/calibration/calibrate.h: a camera from views of a flat board [Zhang2000].
//
//   min  f = sum_v sum_i |m_vi - m(camera, R_v, t_v, M_i)|^2       M_i board, m_vi seen at, m() camera.h       (1)
//
// Takes      board points (X, Y), Z = 0, in any unit; for each view the pixels they are seen at, in the same order
// Gives      the camera, a pose and the error of each view, standard deviations: sqrt diag(s^2 (J'J)^-1), with
//            s^2 = f / (2N - p), N points in all views, p free parameters (those of the poses included)
// Requires   a view shows four points at least, no three of them on one line; 2N > p; tilted boards
// Guarantees f never grows from the best start; noise-free views give the camera to 1e-8
// Cost       O(N) a step, and one Cholesky of the camera's parameters: poses are eliminated view by view (Schur)
// Errors     DataError: too few views or points, views that do not constrain the camera
// See        [Zhang2000] sec. 3.1 (start), 3.2 (eq. 10), 3.3 (lens); [Marquardt1963]; trace kind "calibration-step"
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "assay/core/context.h"
#include "assay/features/calibration/camera.h"

namespace assay {

struct CalibrationView {
  std::string name;                 ///< for messages
  std::vector<cv::Point2d> pixels;  ///< as many as the board has
};

/// Which parameters of the lens are free; the others are 0.
struct CalibrationOptions {
  bool k1 = true, k2 = true, p1 = true, p2 = true, k3 = true;
  bool skew = false;
  int max_iter = 100;
};

struct CalibratedView {
  Pose pose;
  double rms_px = 0;  ///< sqrt(mean squared distance)
  double worst_px = 0;
};

struct Calibration {
  Camera camera;
  std::array<double, kCameraParameters> sd{};  ///< 0 of what is not free
  std::vector<CalibratedView> views;
  double rms_px = 0;  ///< sqrt(f / N)
  bool converged = false;
  int iterations = 0, starts = 0;
  std::optional<size_t> retake;  ///< the view that fits far worse than the others
};

Calibration calibrate(const std::vector<cv::Point2d>& board, const std::vector<CalibrationView>& views,
                      const cv::Size& size, const CalibrationOptions& options = {}, const Context& ctx = {});

/// Board points of a chessboard row by row, squares of side `square`.
std::vector<cv::Point2d> chessboard_points(int columns, int rows, double square);

/// How the points of all views cover the picture: a grid of counts, cells as square as the picture allows.
struct Coverage {
  int across = 8, down = 6;
  std::vector<int> count;  ///< row by row
  double share() const;    ///< of cells with a point
};
Coverage coverage_of(const std::vector<CalibrationView>& views, const cv::Size& size);

}  // namespace assay
