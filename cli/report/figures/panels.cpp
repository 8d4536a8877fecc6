#include "cli/report/figures/panels.h"

#include <algorithm>
#include <cmath>

#include "cli/report/figures/axis.h"
#include "cli/report/svg/svg_file.h"

namespace assay::report {
namespace {

constexpr double kWidth = 460, kHeight = 360, kTop = 44, kNames = 110;
constexpr size_t kColours = 12;
constexpr size_t kFew = 3;          // curves that are all named, whatever they say at the cursor
constexpr double kCursorName = 62;  // room beside the cursor for its name

struct Named {
  std::string name, css_class;
  double y;
};

double value_at(const Explanation::Curve& curve, double x) {
  const auto nearest = std::min_element(curve.points.begin(), curve.points.end(), [&](const auto& a, const auto& b) {
    return std::abs(a.first - x) < std::abs(b.first - x);
  });
  return nearest == curve.points.end() ? 0 : nearest->second;
}

// Names beside the ends of their lines, a line of text apart, within the panel.
Markup names_at_ends(std::vector<Named> names, double x, double top, double bottom) {
  constexpr double kApart = 13;
  std::sort(names.begin(), names.end(), [](const Named& a, const Named& b) { return a.y < b.y; });
  double least = top;
  for (Named& n : names) {
    n.y = std::max(n.y, least);
    least = n.y + kApart;
  }
  double most = bottom;
  for (auto n = names.rbegin(); n != names.rend(); ++n) {
    n->y = std::min(n->y, most);
    most = n->y - kApart;
  }
  Markup content;
  for (const Named& n : names) content += label(x, n.y + 4, n.name, n.css_class.c_str());
  return content;
}

Frame frame_of(const Explanation::Curves& panel, double left) {
  std::vector<double> xs, ys;
  for (const Explanation::Curve& curve : panel.curves)
    for (size_t t = 0; t < curve.points.size(); ++t) {
      const double s = t < curve.spread.size() ? curve.spread[t] : 0;
      xs.push_back(curve.points[t].first);
      ys.insert(ys.end(), {curve.points[t].second - s, curve.points[t].second + s});
    }
  Frame frame;
  frame.width = left + kWidth, frame.height = kTop + kHeight;
  frame.left = left + 58, frame.right = panel.curves.size() > 1 ? kNames : 14, frame.top = kTop + 44, frame.bottom = 42;
  frame.x = axis_over(xs), frame.y = axis_over(ys);
  frame.x_name = panel.x_name;
  frame.fit_axes();
  return frame;
}

Markup panel_content(const Explanation::Curves& panel, double left) {
  const Frame frame = frame_of(panel, left);
  Markup content = frame.draw() + label(left + 58, kTop + 14, panel.title, "title") +
                   label(left + 58, kTop + 31, panel.says, "caption");
  content += line(frame.x(panel.cursor), frame.y.from, frame.x(panel.cursor), frame.y.to, "cursor", "the model") +
             (frame.x(panel.cursor) + kCursorName > frame.x.to + frame.right
                  ? label(frame.x(panel.cursor) - 5, frame.top + 12, "the model", "label", "end")
                  : label(frame.x(panel.cursor) + 5, frame.top + 12, "the model"));
  std::vector<Named> names;
  size_t coloured = 0;
  for (const Explanation::Curve& curve : panel.curves) {
    std::vector<Point> pixels;
    for (size_t t = 0; t < curve.points.size(); ++t) {
      const Point p = frame.at(curve.points[t].first, curve.points[t].second);
      pixels.push_back(p);
      if (t < curve.spread.size())
        content += line(p.x, frame.y(curve.points[t].second - curve.spread[t]), p.x,
                        frame.y(curve.points[t].second + curve.spread[t]), "bar-line");
    }
    const bool stands_out = panel.curves.size() <= kFew || (value_at(curve, panel.cursor) != 0 && coloured < kColours);
    const std::string colour = stands_out ? "path c" + std::to_string(coloured++) : "path rest";
    content += polyline(pixels, colour.c_str(), curve.name);
    if (panel.curves.size() > 1 && stands_out && !pixels.empty())
      names.push_back({curve.name, "name n" + std::to_string(coloured - 1), pixels.back().y});
  }
  return content + names_at_ends(std::move(names), frame.x.to + 6, frame.top, frame.height - frame.bottom);
}

}  // namespace

std::string panels_picture(const std::string& title, const std::vector<Explanation::Curves>& panels) {
  std::string style =
      ".path{fill:none;stroke-width:1.6}.rest{stroke:var(--soft);stroke-width:.8}.bar-line{stroke:var(--soft);"
      "stroke-width:.8}.cursor{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:4 3}";
  for (size_t c = 0; c < kColours; ++c) {
    const std::string n = std::to_string(c);
    style += ".c" + n + "{stroke:var(--c" + n + ")}.n" + n + "{fill:var(--c" + n + ")}";
  }
  Markup content = label(16, 26, title, "title");
  std::string says;
  for (size_t p = 0; p < panels.size(); ++p) {
    content += panel_content(panels[p], static_cast<double>(p) * kWidth);
    says += (p ? "; " : "") + panels[p].title + ": " + panels[p].says;
  }
  return svg_file(static_cast<double>(panels.size()) * kWidth + 10, kTop + kHeight + 10, {title, says}, content, style);
}

}  // namespace assay::report
