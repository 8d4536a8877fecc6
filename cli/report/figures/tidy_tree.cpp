// Notation   L_t[j], R_t[j]: the contour of branch t, its least and greatest edge j rows below its root, from the root's
//            middle; s: distance of two siblings
// Method     1 from the bottom: s is the least distance at which the right contour of the left branch and the left contour
//            of the right one keep the gap in every row that both have   2 the contour of both   3 from the top: add up
// Departures from the paper: nodes have widths of their own; contours are lists of numbers instead of threads through the
// tree, so a node costs its height and not a constant: what is drawn has a few hundred nodes.
#include "cli/report/figures/tidy_tree.h"

#include <algorithm>

namespace assay::report {
namespace {

struct Contour {
  std::vector<double> L, R;
};

double sibling_distance(const Contour& left, const Contour& right, double gap) {
  double s = 0;
  for (size_t j = 0; j < std::min(left.R.size(), right.L.size()); ++j) s = std::max(s, left.R[j] - right.L[j] + gap);
  return s;
}

Contour joined(const Contour& left, const Contour& right, double s, double width) {
  Contour both{{-width / 2}, {width / 2}};
  const size_t height = std::max(left.L.size(), right.L.size());
  for (size_t j = 0; j < height; ++j) {
    both.L.push_back(j < left.L.size() ? left.L[j] - s / 2 : right.L[j] + s / 2);
    both.R.push_back(j < right.R.size() ? right.R[j] + s / 2 : left.R[j] - s / 2);
  }
  return both;
}

}  // namespace

std::vector<double> tidy_tree(const std::vector<TidyNode>& nodes, double gap) {
  std::vector<Contour> contour(nodes.size());
  std::vector<double> s(nodes.size(), 0.0), x(nodes.size(), 0.0);
  for (size_t t = nodes.size(); t-- > 0;) {
    const TidyNode& node = nodes[t];
    if (node.left < 0) {
      const size_t rows = static_cast<size_t>(node.rows);
      contour[t] = {std::vector<double>(rows, -node.width / 2), std::vector<double>(rows, node.width / 2)};
      continue;
    }
    Contour &left = contour[static_cast<size_t>(node.left)], &right = contour[static_cast<size_t>(node.right)];
    s[t] = sibling_distance(left, right, gap);
    contour[t] = joined(left, right, s[t], node.width);
    left = right = {};
  }
  if (nodes.empty()) return x;
  x[0] = -*std::min_element(contour[0].L.begin(), contour[0].L.end());
  for (size_t t = 0; t < nodes.size(); ++t)
    if (nodes[t].left >= 0) {
      x[static_cast<size_t>(nodes[t].left)] = x[t] - s[t] / 2;
      x[static_cast<size_t>(nodes[t].right)] = x[t] + s[t] / 2;
    }
  return x;
}

std::vector<int> tree_levels(const std::vector<TidyNode>& nodes) {
  std::vector<int> level(nodes.size(), 0);
  for (size_t t = 0; t < nodes.size(); ++t)
    if (nodes[t].left >= 0)
      level[static_cast<size_t>(nodes[t].left)] = level[static_cast<size_t>(nodes[t].right)] = level[t] + 1;
  return level;
}

double tidy_width(const std::vector<TidyNode>& nodes, const std::vector<double>& x) {
  double right = 0;
  for (size_t t = 0; t < nodes.size(); ++t) right = std::max(right, x[t] + nodes[t].width / 2);
  return right;
}

}  // namespace assay::report
