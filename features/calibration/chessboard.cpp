// features/calibration/chessboard.cpp
// Notation   level l: the picture halved l times;  (column, row) of a corner
// Method     1 halve the picture until its longer side is below kCoarse   2 saddles of the level   3 links and grids
//            4 complete the largest grids, judge their size   5 number the corners   6 refine them, level by level down to
//            the picture   7 not found: the next finer level
// Departures from the paper: the detectors cited work at one or two scales of the whole picture and grow one grid; here
//            the first level that shows the whole board ends the search.

#include "assay/features/calibration/chessboard.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>

#include "assay/core/text.h"
#include "assay/features/calibration/corner_sub_pixel.h"
#include "assay/features/calibration/saddle_kernels.h"

namespace assay {

namespace {

constexpr int kCoarse = 400;      // the longer side of the first level is at most this
constexpr int kLeastSide = 24;    // smaller levels hold no board
constexpr size_t kMaxima = 4000;  // looked at on a level
constexpr double kNoisy = 0.1;    // noise of so much of the contrast: corners are refined in a smoother picture

// --- 1 levels --------------------------------------------------------------------------------------------------------

// f32, full scale 1.
cv::Mat_<float> as_float(const cv::Mat& image) {
  cv::Mat_<float> out;
  image.convertTo(out, CV_32F, 1 / full_scale(image));
  return out;
}

cv::Mat_<float> halved(const cv::Mat& image) {
  cv::Mat_<float> out(image.rows / 2, image.cols / 2);
  for (int y = 0; y < out.rows; ++y) {
    if (image.depth() == CV_8U)
      halve_row(image.ptr<uint8_t>(2 * y), image.ptr<uint8_t>(2 * y + 1), 1.F / 255, out[y], out.cols);
    else
      halve_row(image.ptr<float>(2 * y), image.ptr<float>(2 * y + 1), 1.F, out[y], out.cols);
  }
  return out;
}

// A place of level l in the pixels of level l - 1, and back: the first pixel of two is at 2 x, the second at 2 x + 1.
cv::Point2d finer(const cv::Point2d& p) { return 2 * p + cv::Point2d(0.5, 0.5); }
cv::Point2d in_picture(cv::Point2d p, int level) {
  for (; level > 0; --level) p = finer(p);
  return p;
}

// The levels above the picture; level 0 in f32 only once it is asked for.
class Levels {
 public:
  explicit Levels(const cv::Mat& image) : image_(image.depth() == CV_16U ? cv::Mat(as_float(image)) : image) {
    for (cv::Size size = image.size(); std::max(size.width, size.height) > kCoarse;
         size = {size.width / 2, size.height / 2})
      ++coarsest_;
    if (coarsest_ == 0 && std::min(image.rows, image.cols) >= 2 * kCoarse / 4) coarsest_ = 1;
    halved_.resize(static_cast<size_t>(coarsest_) + 1);
  }
  int coarsest() const { return coarsest_; }
  const cv::Mat_<float>& at(int level) {
    cv::Mat_<float>& m = halved_[static_cast<size_t>(level)];
    if (m.empty()) {
      if (level == 0)
        m = image_.depth() == CV_32F ? cv::Mat_<float>(image_) : as_float(image_);
      else
        m = halved(level == 1 ? image_ : cv::Mat(at(level - 1)));
    }
    return m;
  }
  /// For refinement: level 0 as it came.
  cv::Mat pixels(int level) { return level == 0 ? image_ : cv::Mat(at(level)); }

 private:
  cv::Mat image_;
  int coarsest_ = 0;
  std::vector<cv::Mat_<float>> halved_;
};

// --- 5 number the corners --------------------------------------------------------------------------------------------

// Corners of a whole grid row by row along board.columns, from the end nearest to the top left that does not mirror.
std::vector<cv::Point2d> number_corners(const BoardGrid& grid, const BoardSize& board) {
  const int a = grid.columns, b = grid.rows;
  const auto at = [&](int column, int row) {
    return cv::Point2d(grid.nodes[static_cast<size_t>(row * a + column)].saddle.place);
  };
  std::vector<cv::Point2d> best;
  for (int turn = 0; turn < 4; ++turn) {
    if ((turn % 2 == 0 ? a : b) != board.columns || (turn % 2 == 0 ? b : a) != board.rows) continue;
    std::vector<cv::Point2d> corners;
    for (int j = 0; j < board.rows; ++j)
      for (int i = 0; i < board.columns; ++i) {
        if (turn == 0) corners.push_back(at(i, j));
        if (turn == 1) corners.push_back(at(a - 1 - j, i));
        if (turn == 2) corners.push_back(at(a - 1 - i, b - 1 - j));
        if (turn == 3) corners.push_back(at(j, b - 1 - i));
      }
    if (best.empty() || cv::norm(corners[0]) < cv::norm(best[0])) best = corners;
  }
  return best;
}

// --- 6 refine --------------------------------------------------------------------------------------------------------

// The shortest distance from each corner to a neighbour in its row or column.
std::vector<double> spacing_of(const std::vector<cv::Point2d>& corners, const BoardSize& board) {
  std::vector<double> spacing(corners.size(), std::numeric_limits<double>::infinity());
  const auto meet = [&](size_t a, size_t b) {
    const double d = cv::norm(corners[a] - corners[b]);
    spacing[a] = std::min(spacing[a], d), spacing[b] = std::min(spacing[b], d);
  };
  const size_t columns = static_cast<size_t>(board.columns);
  for (size_t i = 0; i < corners.size(); ++i) {
    if ((i + 1) % columns != 0) meet(i, i + 1);
    if (i + columns < corners.size()) meet(i, i + columns);
  }
  return spacing;
}

// Standard deviation of the noise within the corners' bounding box: the mask (1 -2 1)' (1 -2 1) has no answer to a
// plane and little to an edge [Immerkaer1996]; the median of its absolute values leaves out what structure there is.
double noise_around(const cv::Mat& pixels, const std::vector<cv::Point2d>& corners) {
  double x0 = pixels.cols, x1 = 0, y0 = pixels.rows, y1 = 0;
  for (const cv::Point2d& c : corners)
    x0 = std::min(x0, c.x), x1 = std::max(x1, c.x), y0 = std::min(y0, c.y), y1 = std::max(y1, c.y);
  const int left = std::max(1, static_cast<int>(x0)), right = std::min(pixels.cols - 1, static_cast<int>(x1));
  const int top = std::max(1, static_cast<int>(y0)), bottom = std::min(pixels.rows - 1, static_cast<int>(y1));
  const int step = std::max(1, std::min(right - left, bottom - top) / 40);
  const auto at = [&](int y, int x) {
    return pixels.depth() == CV_8U ? pixels.ptr<uint8_t>(y)[x] / 255.0 : static_cast<double>(pixels.ptr<float>(y)[x]);
  };
  std::vector<double> answers;
  for (int y = top; y < bottom; y += step)
    for (int x = left; x < right; x += step)
      answers.push_back(std::abs(at(y - 1, x - 1) + at(y - 1, x + 1) + at(y + 1, x - 1) + at(y + 1, x + 1) -
                                 2 * (at(y - 1, x) + at(y + 1, x) + at(y, x - 1) + at(y, x + 1)) + 4 * at(y, x)));
  if (answers.empty()) return 0;
  std::nth_element(answers.begin(), answers.begin() + static_cast<ptrdiff_t>(answers.size() / 2), answers.end());
  return answers[answers.size() / 2] / (6 * 0.6745);
}

// The square of pixels around (x, y), as far as the picture goes, in f32; `corner` is its first pixel.
void cut_out(const cv::Mat& pixels, const cv::Point2d& at, int reach, cv::Mat_<float>& patch, cv::Point& corner) {
  const int x = static_cast<int>(std::lround(at.x)), y = static_cast<int>(std::lround(at.y));
  corner = {std::max(0, x - reach), std::max(0, y - reach)};
  const cv::Point end(std::min(pixels.cols, x + reach + 1), std::min(pixels.rows, y + reach + 1));
  pixels(cv::Rect(corner, end)).convertTo(patch, CV_32F);
}

// Each corner settles in its smoothed surroundings: a bilinear value between sharp pixels would draw it towards their
// middle. One that moves further than a quarter of its square, or five pixels, has met something else, and stays.
void refine(const cv::Mat& pixels, const BoardSize& board, int window, bool noisy, std::vector<cv::Point2d>& corners) {
  const std::vector<double> spacing = spacing_of(corners, board);
  const double least = *std::min_element(spacing.begin(), spacing.end());
  SubPixelParams p;
  p.window = std::clamp(static_cast<int>(0.4 * least), 2, window);
  cv::Mat_<float> patch, soft;
  std::vector<cv::Point2d> one(1);
  for (size_t i = 0; i < corners.size(); ++i) {
    const double far = std::clamp(0.25 * spacing[i], 1.5, 5.0);
    const cv::Point2d at = corners[i];
    if (!(at.x >= 0 && at.y >= 0 && at.x <= pixels.cols - 1 && at.y <= pixels.rows - 1)) continue;
    cv::Point origin;
    cut_out(pixels, at, p.window + static_cast<int>(far) + 3, patch, origin);
    smooth(patch, noisy ? std::span<const float>(kSmooth) : kSmoothLittle, soft);
    one[0] = at - cv::Point2d(origin);
    refine_corners(soft, p, one);
    const cv::Point2d place = one[0] + cv::Point2d(origin);
    if (cv::norm(place - at) <= far) corners[i] = place;
  }
}

double median_contrast(const BoardGrid& grid) {
  std::vector<float> contrast;
  for (const BoardNode& n : grid.nodes) contrast.push_back(n.saddle.contrast);
  std::nth_element(contrast.begin(), contrast.begin() + static_cast<ptrdiff_t>(contrast.size() / 2), contrast.end());
  return static_cast<double>(contrast[contrast.size() / 2]);
}

// Refinement must not tear the grid: each corner stays near the middle of its neighbours.
bool orderly(const std::vector<cv::Point2d>& corners, const BoardSize& board) {
  const int n = board.columns, m = board.rows;
  const auto at = [&](int i, int j) { return corners[static_cast<size_t>(j * n + i)]; };
  for (int j = 0; j < m; ++j)
    for (int i = 0; i < n; ++i) {
      if (i > 0 && i + 1 < n &&
          cv::norm(at(i - 1, j) + at(i + 1, j) - 2 * at(i, j)) > 0.5 * cv::norm(at(i + 1, j) - at(i - 1, j)))
        return false;
      if (j > 0 && j + 1 < m &&
          cv::norm(at(i, j - 1) + at(i, j + 1) - 2 * at(i, j)) > 0.5 * cv::norm(at(i, j + 1) - at(i, j - 1)))
        return false;
    }
  return true;
}

// --- 2 to 4 on one level ---------------------------------------------------------------------------------------------

struct Attempt {
  ChessboardStage stage = ChessboardStage::saddles;
  std::string reason;
  SaddleMap map;
  BoardGrid grid;
};

Attempt search_level(const cv::Mat_<float>& level, const BoardSize& board) {
  Attempt attempt;
  attempt.map = find_saddles(level, kMaxima);
  const size_t wanted = board.corners(), seen = attempt.map.saddles.size();
  if (2 * seen < wanted) {
    attempt.reason = std::to_string(seen) + " crossings of two edges in sight, " + std::to_string(wanted) + " wanted";
    return attempt;
  }
  // A row of the board is shorter than the picture's diagonal.
  const float diagonal = std::hypot(static_cast<float>(level.cols), static_cast<float>(level.rows));
  const float reach = 1.2F * diagonal / static_cast<float>(std::max(board.columns, board.rows) - 1);
  const Links links = link_saddles(attempt.map, reach);
  attempt.stage = ChessboardStage::links;
  const int half = std::max(board.columns, board.rows) + 2;
  const std::vector<std::vector<BoardNode>> grids =
      grow_grids(attempt.map, links, std::max<size_t>(4, wanted / 4), half);
  if (grids.empty()) {
    attempt.reason =
        std::to_string(seen) + " crossings in sight, but fewer than a quarter of the board hang together along edges";
    return attempt;
  }
  constexpr size_t kTried = 3;
  for (size_t k = 0; k < std::min(kTried, grids.size()); ++k) {
    BoardGrid grid = complete_grid(attempt.map, grids[k], board.columns, board.rows, half);
    const bool good = grid.reason.empty();
    if (good || k == 0) {
      attempt.stage = good                          ? ChessboardStage::place
                      : grid.nodes.size() >= wanted ? ChessboardStage::size
                                                    : ChessboardStage::grid;
      attempt.reason = grid.reason;
      attempt.grid = std::move(grid);
    }
    if (good) break;
  }
  return attempt;
}

void report(const Attempt& attempt, int level, Chessboard& out) {
  out.stage = attempt.stage;
  out.reason = attempt.reason;
  out.level = level;
  out.saddles.clear(), out.refused.clear(), out.grid.clear();
  for (const Saddle& s : attempt.map.saddles) out.saddles.push_back(in_picture(s.place, level));
  for (const cv::Point2f& p : attempt.map.refused) out.refused.push_back(in_picture(p, level));
  for (const BoardNode& n : attempt.grid.nodes)
    out.grid.push_back({in_picture(n.saddle.place, level), n.column, n.row});
}

// The stages as pictures.
void show(const cv::Mat& image, const Chessboard& found, const Context& ctx) {
  const auto picture = [&](const char* stage, const char* title, const std::string& caption, const cv::Mat& m,
                           const char* source) {
    ctx.trace.image([&] {
      return TraceImage{stage, title, caption, view_of(m), false, {}, std::string("features/calibration/") + source};
    });
  };
  picture("input", "The picture", "The input.", image, "chessboard.cpp:find_chessboard");
  Chessboard seen = found;
  seen.stage = ChessboardStage::links;
  seen.grid.clear();
  picture("saddles", "Maxima of D = Ixy^2 - Ixx Iyy",
          std::to_string(seen.saddles.size()) + " crossings of two edges (yellow rings) at 1/" +
              std::to_string(1 << found.level) + " of the size; " + std::to_string(seen.refused.size()) +
              " other maxima (blue) whose ring is not bright, dark, bright, dark.",
          draw_chessboard(image, seen), "saddle.cpp:measure_saddle");
  seen.grid = found.grid;
  picture("grid", "Rows and columns along the links",
          std::to_string(seen.grid.size()) + " crossings hang together in one grid (green)." +
              (found.reason.empty() ? "" : " Not the board: " + found.reason + "."),
          draw_chessboard(image, seen), "board_grid.cpp:complete_grid");
  if (found.found())
    picture("corners", "Corners refined in the picture itself", "Row by row from the large ring; red is the first row.",
            draw_chessboard(image, found), "corner_sub_pixel.cpp:settle");
}

}  // namespace

std::optional<BoardSize> parse_board(std::string_view text) {
  const std::vector<std::string> parts = split(lower(text), 'x');
  if (parts.size() != 2) return std::nullopt;
  const auto columns = parse_int(parts[0]), rows = parse_int(parts[1]);
  if (!columns || !rows || *columns < 2 || *rows < 2 || *columns > 200 || *rows > 200 || *columns * *rows < 6)
    return std::nullopt;
  return BoardSize{static_cast<int>(*columns), static_cast<int>(*rows)};
}

std::optional<std::string> ChessboardParams::check(const ChessboardParams& p) {
  if (parse_board(p.board)) return std::nullopt;
  return "board: COLSxROWS inner corners, from 3x2 to 200x200, as 9x6; not " + quoted(p.board);
}

Chessboard find_chessboard(const cv::Mat& image, const ChessboardParams& params, const Context& ctx) {
  check_params(params);
  check_image("chessboard", {kAnyDepth, kGrey, Law::none, Law::none}, image);
  Chessboard out;
  out.board = *parse_board(params.board);
  out.reason = "the picture is too small";
  Levels levels(image);
  for (int level = levels.coarsest(); level >= 0; --level) {
    ctx.check_cancelled();
    const cv::Mat_<float>& m = levels.at(level);
    if (std::min(m.rows, m.cols) < kLeastSide) continue;
    Attempt attempt = search_level(m, out.board);
    if (attempt.stage >= out.stage) report(attempt, level, out);
    if (attempt.stage != ChessboardStage::place) continue;
    std::vector<cv::Point2d> corners = number_corners(attempt.grid, out.board);
    const double contrast = median_contrast(attempt.grid);
    for (int l = level;; --l) {
      if (l < level) std::transform(corners.begin(), corners.end(), corners.begin(), finer);
      const double noise = noise_around(levels.pixels(l), corners);
      refine(levels.pixels(l), out.board, params.window, noise > kNoisy * contrast, corners);
      if (l == 0) break;
    }
    if (!orderly(corners, out.board)) {
      out.reason = "corners left their rows when they were refined";
      continue;
    }
    out.corners = std::move(corners);
    out.stage = ChessboardStage::found;
    out.reason.clear();
    break;
  }
  if (ctx.trace) show(image, out, ctx);
  return out;
}

}  // namespace assay
