#include "cli/report/figures/dendrogram.h"

#include <algorithm>
#include <cmath>

#include "assay/ml/cluster/linkage.h"
#include "cli/report/svg/svg_file.h"

namespace assay::report {
namespace {

constexpr int kColours = 12;
constexpr size_t kNamedLeaves = 64;  // so many leaves have their names under them
constexpr double kNarrow = 0.9;      // pixels: a branch this narrow is drawn as one line
constexpr double kStrip = 9;         // height of the strip of clusters

constexpr const char* kStyle =
    ".branch{fill:none;stroke:var(--soft);stroke-width:1.7;stroke-linejoin:round;stroke-linecap:round}"
    ".many .branch{stroke-width:1.15}.crowd .branch{stroke-width:.8}"
    ".cut{stroke:var(--warn);stroke-width:1.3;stroke-dasharray:5 4}svg .cut-text{fill:var(--warn);font-size:11.5px}"
    "svg .leaf{font-size:10.5px;fill:var(--soft)}svg .cluster-name{font-size:11.5px;fill:var(--ink)}"
    ".branch.b0{stroke:var(--c0)}.branch.b1{stroke:var(--c1)}.branch.b2{stroke:var(--c2)}.branch.b3{stroke:var(--c3)}"
    ".branch.b4{stroke:var(--c4)}.branch.b5{stroke:var(--c5)}.branch.b6{stroke:var(--c6)}.branch.b7{stroke:var(--c7)}"
    ".branch.b8{stroke:var(--c8)}.branch.b9{stroke:var(--c9)}.branch.b10{stroke:var(--c10)}.branch.b11{stroke:var(--"
    "c11)}"
    ".f0{fill:var(--c0)}.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}.f4{fill:var(--c4)}.f5{fill:var(--c5)}"
    ".f6{fill:var(--c6)}.f7{fill:var(--c7)}.f8{fill:var(--c8)}.f9{fill:var(--c9)}.f10{fill:var(--c10)}.f11{fill:var(--"
    "c11)}";

/// Where everything stands.
struct Layout {
  double width, height, left = 62, right = 18, top = 62, foot;
  double step;             // pixels a leaf
  Axis y;                  // of heights
  std::vector<int> order;  // rows from left to right
  std::vector<double> x;   // of rows and merges
  size_t kept;             // merges below the cut
  double base() const { return height - foot; }
};

bool shows_names(const DendrogramPicture& p) { return p.labels.size() <= kNamedLeaves; }

std::string name_of(const DendrogramPicture& p, int row) {
  return p.names.empty() ? std::to_string(row + 1) : shorten(p.names[static_cast<size_t>(row)], 14);
}

Layout lay_out(const DendrogramPicture& p) {
  Layout l;
  const size_t n = p.labels.size();
  size_t longest = 1;
  if (shows_names(p))
    for (size_t i = 0; i < n; ++i) longest = std::max(longest, name_of(p, static_cast<int>(i)).size());
  l.width = std::clamp(160 + 26 * static_cast<double>(n), 560.0, 1080.0);
  l.foot = 46 + (shows_names(p) ? 12 + 6 * static_cast<double>(longest) : 0);
  l.height = 430 + l.foot;
  l.step = (l.width - l.left - l.right) / static_cast<double>(n);
  l.y.lo = 0;
  l.y.hi = p.merges.back().height > 0 ? 1.04 * p.merges.back().height : 1;
  l.y.from = l.base(), l.y.to = l.top;
  l.order = cluster::leaf_order(p.merges, static_cast<Index>(n));
  l.x.resize(2 * n - 1);
  for (size_t i = 0; i < n; ++i)
    l.x[static_cast<size_t>(l.order[i])] = l.left + (static_cast<double>(i) + 0.5) * l.step;
  for (size_t t = 0; t < p.merges.size(); ++t)
    l.x[n + t] = (l.x[static_cast<size_t>(p.merges[t].a)] + l.x[static_cast<size_t>(p.merges[t].b)]) / 2;
  l.kept = n - static_cast<size_t>(p.clusters);
  return l;
}

/// The cluster of a node that lies below the cut, or -1.
std::vector<int> clusters_of_nodes(const DendrogramPicture& p, const Layout& l) {
  const size_t n = p.labels.size();
  std::vector<int> of(2 * n - 1, -1);
  std::copy(p.labels.begin(), p.labels.end(), of.begin());
  for (size_t t = 0; t < l.kept; ++t) of[n + t] = of[static_cast<size_t>(p.merges[t].a)];
  return of;
}

double height_of(const DendrogramPicture& p, int node) {
  const size_t n = p.labels.size(), at = static_cast<size_t>(node);
  return at < n ? 0 : p.merges[at - n].height;
}

/// All branches, a path for each colour; those above the cut last.
Markup branches(const DendrogramPicture& p, const Layout& l) {
  const size_t n = p.labels.size();
  const std::vector<int> of = clusters_of_nodes(p, l);
  std::vector<std::vector<Point>> path(kColours + 1);
  std::vector<int> stack{static_cast<int>(2 * n - 2)};
  while (!stack.empty()) {
    const int node = stack.back();
    stack.pop_back();
    if (static_cast<size_t>(node) < n) continue;
    const Merge& m = p.merges[static_cast<size_t>(node) - n];
    const int k = of[static_cast<size_t>(node)];
    std::vector<Point>& to = path[k < 0 ? kColours : static_cast<size_t>(k % kColours)];
    const double top = l.y(m.height);
    if (m.rows * l.step < kNarrow) {
      to.insert(to.end(),
                {{l.x[static_cast<size_t>(node)], top}, {l.x[static_cast<size_t>(node)], l.base()}, {NAN, NAN}});
      continue;
    }
    const double xa = l.x[static_cast<size_t>(m.a)], xb = l.x[static_cast<size_t>(m.b)];
    to.insert(to.end(), {{xa, l.y(height_of(p, m.a))}, {xa, top}, {xb, top}, {xb, l.y(height_of(p, m.b))}, {NAN, NAN}});
    stack.push_back(m.a);
    stack.push_back(m.b);
  }
  Markup content;
  for (int c = 0; c <= kColours; ++c)
    if (!path[static_cast<size_t>(c)].empty())
      content +=
          polyline(path[static_cast<size_t>(c)], c == kColours ? "branch" : ("branch b" + std::to_string(c)).c_str());
  return group(n <= kNamedLeaves ? "few" : n <= 300 ? "many" : "crowd", content);
}

/// A run of leaves of one cluster under the tree, with its number and size where they fit.
Markup strip(const DendrogramPicture& p, const Layout& l) {
  Markup content;
  const size_t n = l.order.size();
  for (size_t i = 0; i < n;) {
    size_t end = i;
    const int k = p.labels[static_cast<size_t>(l.order[i])];
    while (end < n && p.labels[static_cast<size_t>(l.order[end])] == k) ++end;
    const double width = static_cast<double>(end - i) * l.step, from = l.left + static_cast<double>(i) * l.step;
    const double y = l.base() + 7, gap = width > 4 ? 1 : 0;
    const std::string rows = count_text(static_cast<long long>(end - i)) + (end - i == 1 ? " row" : " rows");
    content += rect(from + gap, y, std::max(0.4, width - 2 * gap), kStrip, ("f" + std::to_string(k % kColours)).c_str(),
                    "cluster " + std::to_string(k) + ": " + rows);
    const std::string number = std::to_string(k), full = number + ": " + rows;
    const double at = from + width / 2, below = l.height - 12;
    if (width > 6.2 * static_cast<double>(full.size()))
      content += label(at, below, full, "cluster-name", "middle");
    else if (width > 7.5 * static_cast<double>(number.size()))
      content += label(at, below, number, "cluster-name", "middle");
    i = end;
  }
  return content;
}

Markup leaf_names(const DendrogramPicture& p, const Layout& l) {
  Markup content;
  if (!shows_names(p)) return content;
  for (const int row : l.order)
    content += element("text",
                       {{"class", "leaf"},
                        {"text-anchor", "end"},
                        {"transform", "translate(" + coordinate(l.x[static_cast<size_t>(row)] + 3.5) + " " +
                                          coordinate(l.base() + kStrip + 14) + ") rotate(-90)"}},
                       name_of(p, row));
  return content;
}

/// The cut, half way between the last merge kept and the first one undone.
Markup cut_line(const DendrogramPicture& p, const Layout& l) {
  if (p.clusters < 2 || l.kept == p.merges.size()) return {};
  const double below = l.kept ? p.merges[l.kept - 1].height : 0, above = p.merges[l.kept].height;
  const double y = l.y((below + above) / 2);
  return line(l.left, y, l.width - l.right, y, "cut") +
         label(l.width - l.right, y - 5, std::to_string(p.clusters) + " clusters", "cut-text", "end");
}

Markup axis(const DendrogramPicture& p, const Layout& l) {
  Markup content;
  const std::vector<double> ticks = l.y.ticks(6);
  const std::vector<std::string> names = tick_labels(ticks);
  for (size_t i = 0; i < ticks.size(); ++i) {
    content += line(l.left, l.y(ticks[i]), l.width - l.right, l.y(ticks[i]), "grid");
    content += label(l.left - 8, l.y(ticks[i]) + 4, names[i], "tick", "end");
  }
  return content + upward_label(14, (l.y.from + l.y.to) / 2, p.height_name, "axis-name");
}

}  // namespace

std::string dendrogram_picture(const DendrogramPicture& p) {
  const Layout l = lay_out(p);
  const double below = l.kept ? p.merges[l.kept - 1].height : 0;
  const std::string cut = p.clusters > 1
                              ? "The cut leaves " + std::to_string(p.clusters) + " clusters: it lies between heights " +
                                    brief(below) + " and " + brief(p.merges[l.kept].height) + "."
                              : "Nothing is cut: one cluster.";
  const Markup content = label(l.left, 24, p.title, "title") + label(l.left, 43, p.subtitle, "caption") + axis(p, l) +
                         branches(p, l) + cut_line(p, l) + strip(p, l) + leaf_names(p, l);
  return svg_file(l.width, l.height,
                  {p.title, "Dendrogram of " + count_text(static_cast<long long>(p.labels.size())) +
                                " rows; the last merge is at height " + brief(p.merges.back().height) + ". " + cut},
                  content, kStyle);
}

}  // namespace assay::report
