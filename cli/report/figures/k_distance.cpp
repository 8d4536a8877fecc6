#include "cli/report/figures/k_distance.h"

#include <algorithm>

#include "cli/report/svg/svg_file.h"

namespace assay::report {

std::string k_distance_picture(const KDistanceCurve& curve, int min_points, double eps) {
  Frame frame;
  frame.width = 560, frame.height = 330;
  frame.left = 58, frame.top = 52, frame.right = 18;
  const double top = curve.distance.empty() ? eps : std::max(curve.distance.front(), eps);
  const double foot = curve.distance.empty() ? 0 : curve.distance.back();
  frame.y.log = foot > 0 && top > 30 * std::max(foot, eps / 3);  // else noise presses the bend to the ground
  frame.y.lo = frame.y.log ? foot * 0.9 : 0;
  frame.y.hi = frame.y.log ? top * 1.1 : top * 1.04;
  frame.x.lo = 0, frame.x.hi = 100;
  frame.x_name = "per cent of the rows, the largest distance first";
  frame.y_name = "distance that holds " + std::to_string(min_points) + " rows";
  frame.fit_axes();
  Markup content = label(frame.left, 24, "k-distance plot, min-points " + std::to_string(min_points), "dummy-text");
  content += frame.draw();
  std::vector<Point> pixels;
  for (size_t i = 0; i < curve.distance.size(); ++i)
    if (!frame.y.log || curve.distance[i] > 0) pixels.push_back(frame.at(100 * curve.share[i], curve.distance[i]));
  content += polyline(pixels, "curve");
  const bool other = eps != curve.eps;
  content += line(frame.left, frame.y(eps), frame.x(100), frame.y(eps), "chance");
  content += label(frame.x(100), frame.y(eps) - 7, "eps " + brief(eps) + (other ? " (used)" : ""), "caption", "end");
  std::string says = "The distance within which each row has " + std::to_string(min_points) +
                     " rows, largest first; left of the bend lies the noise.";
  if (!curve.distance.empty()) {
    const double x = frame.x(100 * curve.share[curve.bend]), y = frame.y(curve.distance[curve.bend]);
    content += circle(x, y, 5, "curve-end");
    content += label(x + 9, y - 9, "bend: " + brief(curve.eps), "caption");
    says += " It bends at " + brief(curve.eps) + "; eps is " + brief(eps) + ".";
  }
  return svg_file(frame.width, frame.height, {"k-distance plot", says}, content);
}

}  // namespace assay::report
