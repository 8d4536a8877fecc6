// assay detect chessboard: the inner corners of a board, or why there are none.
#include "assay/features/calibration/chessboard.h"
#include "cli/detectors.h"

namespace assay::cli {

namespace {

constexpr FeatureInfo kInfo{"chessboard",
                            "inner corners of a chessboard",
                            "ChenZhang2005; Geiger2012, sec. 3",
                            {"find-chessboard-corners"},
                            {kAnyDepth, kGrey, Law::none, Law::none}};

const Chessboard& board_of(const Found& found) { return std::any_cast<const Chessboard&>(found.more); }

std::string stage_name(const Chessboard& board) {
  for (const auto& [name, stage] : chessboard_stage_names.items)
    if (stage == board.stage) return name;
  return "";
}

Found find(const ChessboardParams& params, const cv::Mat& image, const Context& ctx) {
  Chessboard board = find_chessboard(image, params, ctx);
  FeatureTable table{{"x", "y"}, {}};
  for (const cv::Point2d& c : board.corners) table.values.insert(table.values.end(), {c.x, c.y});
  return {std::move(table), std::move(board)};
}

void tell(const Found& found, const AnyParams&, Json& result) {
  const Chessboard& board = board_of(found);
  result["found"] = board.found();
  result["corners"] = Json::array();
  for (const cv::Point2d& c : board.corners) result["corners"].push_back({c.x, c.y});
  result["stage"] = stage_name(board);
  result["reason"] = board.reason;
  result["saddles"] = board.saddles.size();
}

std::string summary(const Found& found, const AnyParams&) {
  const Chessboard& board = board_of(found);
  if (board.found()) return std::to_string(found.rows()) + " corners";
  return "no board, stopped at " + stage_name(board) + ": " + board.reason;
}

}  // namespace

Detector chessboard_detector() {
  Detector d;
  d.info = &kInfo;
  d.key = "corners";
  d.example = "detect chessboard @left01 --board 9x6 --draw board.png";
  d.params = []() -> std::unique_ptr<AnyParams> { return std::make_unique<ParamsOf<ChessboardParams>>(); };
  d.prepare = [](const AnyParams& p) -> Finder {
    const ChessboardParams* params = &dynamic_cast<const ParamsOf<ChessboardParams>&>(p).value;
    return [params](const cv::Mat& image, const Context& ctx) { return find(*params, image, ctx); };
  };
  d.tell = tell;
  d.summary = summary;
  d.draw = [](const cv::Mat& image, const Found& found) { return draw_chessboard(image, board_of(found)); };
  return d;
}

}  // namespace assay::cli
