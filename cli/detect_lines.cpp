// assay detect lines
#include "assay/core/text.h"
#include "assay/features/drawing.h"
#include "assay/features/hough/lines.h"
#include "cli/detectors.h"

namespace assay::cli {

namespace {

const LinesParams& lines_params(const AnyParams& p) { return dynamic_cast<const ParamsOf<LinesParams>&>(p).value; }

}  // namespace

Detector lines_detector() {
  Detector d = detector<Lines>("lines", draw_lines);
  d.takes_edges = true;
  d.votes_picture = [](const AnyParams& p, const cv::Mat& edges, const Context& ctx) {
    return cv::Mat(brightness_of_votes(space_picture(line_space(edges, lines_params(p), ctx))));
  };
  d.votes_csv = [](const AnyParams& p, const cv::Mat& edges, const Context& ctx) {
    const LineSpace space = line_space(edges, lines_params(p), ctx);
    std::string text = "rho_px";
    for (const double theta : space.theta) text += "," + shortest(theta);
    text += "\n";
    for (int b = 0; b < space.bins(); ++b) {
      text += std::to_string(b - space.offset);
      for (int a = 0; a < space.angles(); ++a) text += "," + std::to_string(space.votes(a, b));
      text += "\n";
    }
    return text;
  };
  return d;
}

}  // namespace assay::cli
