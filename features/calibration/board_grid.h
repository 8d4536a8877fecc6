// features/calibration/board_grid.h: saddle points put in rows and columns.
//
// Two saddle points are linked where each is the other's nearest along one of its edges, their colours alternate (edge
// 0 of one is edge 1 of the other), and one side of the line between them is bright, the other dark. A board is a
// connected set of links; its nodes get whole coordinates (column, row), places that are missing are predicted from
// their neighbours and looked for in the picture.
//
// Guarantees coordinates are right-handed: turning from columns to rows is turning from x to y
// See        [Geiger2012] sec. 3 for growing from neighbours and prediction
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "assay/features/calibration/saddle.h"

namespace assay {

/// links[p][r]: the saddle at the end of ray r, or -1. Rays 0, 1 run along +edge 0, -edge 0; 2, 3 along edge 1.
using Links = std::vector<std::array<int, 4>>;
/// `reach`: no link is longer.
Links link_saddles(const SaddleMap& map, float reach);

struct BoardNode {
  Saddle saddle;
  int column, row;
};

/// The sets of at least `least` saddles that hang together and lie where their neighbours predict them, the largest
/// first; coordinates from -half to half.
std::vector<std::vector<BoardNode>> grow_grids(const SaddleMap& map, const Links& links, size_t least, int half);

struct BoardGrid {
  int columns = 0, rows = 0;     ///< extent
  std::vector<BoardNode> nodes;  ///< filled places, in reading order, columns and rows from 0
  std::string reason;            ///< why this is not the board that was asked for; empty: it is
};

/// Fills the gaps of a grid, extends it towards `columns` x `rows` (or turned), and judges the result.
BoardGrid complete_grid(const SaddleMap& map, const std::vector<BoardNode>& nodes, int columns, int rows, int half);

}  // namespace assay
