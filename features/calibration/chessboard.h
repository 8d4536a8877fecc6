// features/calibration/chessboard.h: the inner corners of a chessboard of known size.
//
// An inner corner is where four squares meet: a saddle of the brightness (saddle.h). Saddles are linked along edges whose
// colours alternate and grown into a grid (board_grid.h); a grid of exactly the asked size is the board, and its corners
// are refined in the picture itself (corner_sub_pixel.h). Coarse levels of the picture come first.
//
// Takes      u8, u16, f32; 1 channel; any size
// Gives      corners row by row along COLS. The numbering never mirrors the board (turning from columns to rows is
//            turning from x to y); among such numberings it begins at the corner nearest to the picture's top left
// Guarantees no corners rather than some: found, with all of them, or not found, with the stage that failed and why
// Errors     ParameterError (a board that is none)
// Cost       O(pixels): about a millisecond at 640 x 480
// Trace      pictures of each stage: "input", "saddles", "grid", "corners"
// See        [ChenZhang2005], [BennettLasenby2014] for the points, [Geiger2012] for the grid, [Forstner1987] for the place
#pragma once
#include <optional>

#include "assay/features/calibration/board_grid.h"
#include "assay/imgproc/op.h"

namespace assay {

struct BoardSize {
  int columns = 9, rows = 6;
  size_t corners() const { return static_cast<size_t>(columns) * static_cast<size_t>(rows); }
};
/// "9x6": inner corners along a row, and along a column; nothing where the text is no such size of 2x2 to 200x200, but
/// 2x2.
std::optional<BoardSize> parse_board(std::string_view text);

struct ChessboardParams {
  std::string board = "9x6";
  int window = 11;
  static void fields(auto& p, auto&& field) {
    field("board", p.board, "inner corners along a row and along a column, as 9x6", {"pattern"});
    field("window", p.window, between(2, 60), "half the side of the window that refines a corner, in pixels, at most");
  }
  static std::optional<std::string> check(const ChessboardParams& p);
};

/// How far the search came.
enum class ChessboardStage { saddles, links, grid, size, place, found };
inline constexpr EnumNames<ChessboardStage, 6> chessboard_stage_names{{{"saddles", ChessboardStage::saddles},
                                                                       {"links", ChessboardStage::links},
                                                                       {"grid", ChessboardStage::grid},
                                                                       {"size", ChessboardStage::size},
                                                                       {"place", ChessboardStage::place},
                                                                       {"found", ChessboardStage::found}}};

struct Chessboard {
  BoardSize board;
  std::vector<cv::Point2d> corners;  ///< columns * rows, or none
  ChessboardStage stage = ChessboardStage::saddles;
  std::string reason;  ///< one sentence; empty where found
  bool found() const { return stage == ChessboardStage::found; }

  /// What the search saw where it came furthest, in the picture's pixels: for drawing, and for a student.
  int level = 0;  ///< halvings of the picture
  std::vector<cv::Point2d> saddles, refused;
  struct Node {
    cv::Point2d place;
    int column, row;
  };
  std::vector<Node> grid;
};

Chessboard find_chessboard(const cv::Mat& image, const ChessboardParams& params = {}, const Context& ctx = {});

/// The picture in colour, dimmed, with the corners joined row by row; where none were found, the saddles and the grid.
cv::Mat draw_chessboard(const cv::Mat& image, const Chessboard& board);

}  // namespace assay
