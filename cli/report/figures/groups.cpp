#include "cli/report/figures/groups.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

#include "cli/report/svg/svg_file.h"

namespace assay::report {
namespace {

constexpr int kColours = 12;
constexpr size_t kMostDots = 14000;
constexpr size_t kFewDots = 500;  // up to so many are large
constexpr size_t kLegendLines = 14;
constexpr double kLegendWidth = 136;
constexpr double kTop = 58;  // room for title and subtitle
constexpr double kPlotWidth = 620, kPlotHeight = 480;

std::string colour_style() {
  std::string style;
  for (int k = 0; k < kColours; ++k) {
    const std::string n = std::to_string(k), colour = "var(--c" + n + ")";
    style += ".g" + n + "{stroke:" + colour + "}.f" + n + "{fill:" + colour + "}.r" + n + "{fill:" + colour + "}\n";
  }
  return style +
         ".gx{stroke:var(--faint)}.fx{fill:var(--faint)}\n"
         ".dots path{fill:none;stroke-width:3.4;stroke-linecap:round;stroke-opacity:.62}.few "
         "path{stroke-width:6.4;stroke-opacity:.68}\n"
         ".many path{stroke-width:2.3;stroke-opacity:.66}.dots .gx{stroke-opacity:.45}\n"
         ".regions path{fill-opacity:.1;shape-rendering:crispEdges}\n"
         ".center circle{stroke:var(--paper);stroke-width:2}svg .center "
         "text{fill:var(--paper);font-size:11px;font-weight:700}\n"
         ".arrow{stroke:var(--ink);stroke-width:1.3;stroke-opacity:.75;fill:none;stroke-linecap:round;stroke-linejoin:"
         "round}\n"
         "svg "
         ".arrow-name{font-size:11.5px;fill:var(--ink);font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-"
         "width:3.2px;stroke-linejoin:round}\n"
         "svg .legend{fill:var(--ink)}svg .legend-count{fill:var(--soft)}svg .bar-label{font-size:11px}\n";
}

std::string css(char letter, int group) {
  return std::string(1, letter) + (group < 0 ? "x" : std::to_string(group % kColours));
}

double tenth(double v) { return std::round(10 * v) / 10; }

// One path a colour: thin strips of equal label.
Markup draw_regions(const Frame& frame, const Regions& regions) {
  const double w = (frame.x.to - frame.x.from) / regions.columns, h = (frame.y.from - frame.y.to) / regions.rows;
  std::vector<std::vector<Bar>> strips(kColours);
  for (int r = 0; r < regions.rows; ++r)
    for (int c = 0, next; c < regions.columns; c = next) {
      const int label = regions.cell[static_cast<size_t>(r * regions.columns + c)];
      for (next = c; next < regions.columns && regions.cell[static_cast<size_t>(r * regions.columns + next)] == label;
           ++next) {
      }
      if (label < 0) continue;
      const double left = std::round(frame.x.from + c * w), right = std::round(frame.x.from + next * w);
      const double top = std::round(frame.y.to + r * h), bottom = std::round(frame.y.to + (r + 1) * h);
      strips[static_cast<size_t>(label % kColours)].push_back({left, top, right - left, bottom - top});
    }
  Markup content;
  for (int k = 0; k < kColours; ++k)
    if (!strips[static_cast<size_t>(k)].empty()) content += bars(strips[static_cast<size_t>(k)], css('r', k).c_str());
  return group("regions", content);
}

Markup draw_dots(const std::vector<Point>& pixels, const GroupPicture& p, const std::vector<size_t>& rows) {
  std::vector<std::vector<Point>> of_colour(kColours + 1);  // the last one: no group, drawn first
  for (const size_t i : rows)
    of_colour[p.group[i] < 0 ? kColours : static_cast<size_t>(p.group[i] % kColours)].push_back(
        {tenth(pixels[i].x), tenth(pixels[i].y)});
  Markup content;
  if (!of_colour[kColours].empty()) content += dots(of_colour[kColours], "gx");
  for (int k = 0; k < kColours; ++k)
    if (!of_colour[static_cast<size_t>(k)].empty())
      content += dots(of_colour[static_cast<size_t>(k)], css('g', k).c_str());
  return group(rows.size() <= kFewDots ? "dots few" : rows.size() > 4000 ? "dots many" : "dots", content);
}

Markup draw_centers(const Frame& frame, const GroupPicture& p) {
  Markup content;
  for (size_t k = 0; k < p.centers.size(); ++k) {
    const Point at = frame.at(p.centers[k].x, p.centers[k].y);
    if (!std::isfinite(at.x) || !std::isfinite(at.y)) continue;
    content += circle(at.x, at.y, 9, css('f', static_cast<int>(k)).c_str(), "centre of cluster " + p.names[k]);
    content += label(at.x, at.y + 4, p.names[k], "center-name", "middle");
  }
  return group("center", content);
}

Markup draw_legend(double x, double y, const GroupPicture& p) {
  Markup content;
  long long total = 0, outside = 0;
  for (const int k : p.group) outside += k < 0;
  for (const long long n : p.sizes) total += n;
  total += outside;
  const auto entry = [&](int k, const std::string& name, long long n) {
    content += circle(x + 5, y - 4, 5, css('f', k).c_str());
    content += label(x + 17, y, shorten(name, 16), "legend");
    content += label(x + kLegendWidth - 14, y, count_text(n), "legend-count", "end");
    y += 21;
  };
  const size_t lines = p.names.size() <= kLegendLines ? p.names.size() : kLegendLines - 1;
  for (size_t k = 0; k < lines; ++k) entry(static_cast<int>(k), p.names[k], p.sizes[k]);
  if (lines < p.names.size()) {
    content += label(x + 17, y, "and " + std::to_string(p.names.size() - lines) + " more", "legend-count");
    y += 21;
  }
  if (outside > 0) entry(-1, p.none, outside);
  return content;
}

std::vector<Point> pixels_of(const Frame& frame, const GroupPicture& p) {
  std::vector<Point> pixels;
  for (size_t i = 0; i < p.x.size(); ++i) pixels.push_back(frame.at(p.x[i], p.y[i]));
  return pixels;
}

// Dots, regions and centres, and what was left out.
Markup draw_plane(const Frame& frame, const GroupPicture& p, std::string* left_out) {
  const std::vector<Point> pixels = pixels_of(frame, p);
  const std::vector<size_t> rows = thinned_rows(pixels, p.group);
  const std::string caption = rows.size() == p.x.size() ? ""
                                                        : count_text(static_cast<long long>(rows.size())) + " of " +
                                                              count_text(static_cast<long long>(p.x.size())) +
                                                              " rows drawn: of those in one place, one";
  if (left_out) *left_out = caption;
  Markup content;
  if (p.regions.columns > 0) content += draw_regions(frame, p.regions);
  content += frame.draw() + draw_dots(pixels, p, rows);
  if (!p.centers.empty()) content += draw_centers(frame, p);
  if (!caption.empty()) content += label(frame.x.to, frame.height + 13, caption, "caption", "end");
  return content;
}

std::string sizes_sentence(const GroupPicture& p) {
  std::string text;
  for (size_t k = 0; k < std::min(p.names.size(), kLegendLines); ++k)
    text += (k ? ", " : "") + p.names[k] + " with " + std::to_string(p.sizes[k]) + " rows";
  return text;
}

}  // namespace

Frame group_frame(const GroupPicture& p) {
  Frame frame;
  frame.width = kPlotWidth, frame.height = kTop + kPlotHeight - 20;
  frame.left = 54, frame.top = kTop, frame.bottom = 44;
  frame.x = axis_over(p.x, 0.05), frame.y = axis_over(p.y, 0.05);
  frame.x_name = shorten(p.x_name, 60), frame.y_name = shorten(p.y_name, 60);
  frame.x_ticks = 6;
  frame.fit_axes();
  return frame;
}

Point cell_center(const Frame& frame, const Regions& regions, int row, int column) {
  return {frame.x.lo + (column + 0.5) / regions.columns * (frame.x.hi - frame.x.lo),
          frame.y.hi - (row + 0.5) / regions.rows * (frame.y.hi - frame.y.lo)};
}

std::vector<size_t> thinned_rows(const std::vector<Point>& pixels, const std::vector<int>& group) {
  std::vector<size_t> rows;
  if (pixels.size() <= kMostDots / 4) {
    for (size_t i = 0; i < pixels.size(); ++i) rows.push_back(i);
    return rows;
  }
  for (double place = 1.5;; place *= 1.25) {  // pixels that count as one place
    rows.clear();
    std::unordered_set<uint64_t> taken;
    for (size_t i = 0; i < pixels.size(); ++i) {
      if (!std::isfinite(pixels[i].x) || !std::isfinite(pixels[i].y)) continue;
      const auto x = static_cast<uint64_t>(std::clamp(pixels[i].x / place, 0.0, 1e5)),
                 y = static_cast<uint64_t>(std::clamp(pixels[i].y / place, 0.0, 1e5));
      if (taken.insert((x << 40) | (y << 20) | static_cast<uint64_t>(group[i] + 1)).second) rows.push_back(i);
    }
    if (rows.size() <= kMostDots || place > 100) return rows;
  }
}

std::string group_picture(const GroupPicture& p, std::string* left_out) {
  const Frame frame = group_frame(p);
  Markup content = label(frame.left, 24, shorten(p.title, 90), "title");
  content += label(frame.left, 43, shorten(p.subtitle, 120), "caption");
  content += draw_plane(frame, p, left_out);
  content += draw_legend(frame.width + 12, kTop + 12, p);
  return svg_file(frame.width + kLegendWidth + 4, frame.height + 24,
                  {p.title, "Rows as dots: " + sizes_sentence(p) + "."}, content, colour_style());
}

namespace {

constexpr double kScreeWidth = 300;

// Bars of each component's share, and the sum so far as a line.
Markup draw_scree(const ReductionPicture& p, double height) {
  const bool shares = !p.share.empty();
  const std::vector<double>& values = shares ? p.share : p.singular;
  const size_t count = std::min<size_t>(values.size(), 20);
  Frame frame;
  frame.width = kScreeWidth, frame.height = height;
  frame.left = 50, frame.top = kTop, frame.bottom = 44;
  const double most =
      count ? *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count)) : 1;
  frame.x.lo = 0.4, frame.x.hi = static_cast<double>(count) + 0.6;
  frame.y.lo = 0, frame.y.hi = shares ? 1.0 : 1.05 * most;
  frame.x_name =
      count < values.size() ? "component (the first 20 of " + std::to_string(values.size()) + ")" : "component";
  frame.y_name = shares ? "share of the variance" : "singular value";
  frame.x_ticks = static_cast<int>(std::min<size_t>(count, 6));
  frame.fit_axes();
  const double step = count ? (frame.x.to - frame.x.from) / (frame.x.hi - frame.x.lo) : 0;
  const double width = std::min(34.0, 0.7 * step);
  std::vector<Bar> shapes;
  std::vector<Point> sums;
  Markup labels;
  double total = 0;
  for (size_t c = 0; c < count; ++c) {
    const double x = frame.x(static_cast<double>(c) + 1), y = frame.y(values[c]);
    shapes.push_back({x - width / 2, y, width, frame.y.from - y});
    total += values[c];
    sums.push_back({x, frame.y(total)});
    const double above = c == 0 ? 10 : 5;  // the first bar has the first dot of the sums on its top
    if (count <= 8 && shares) labels += label(x, y - above, brief(100 * values[c]) + "%", "bar-label", "middle");
  }
  Markup content = frame.draw() + bars(shapes, "bar");
  if (shares && count > 1) {
    content += polyline(sums, "chance");
    for (const Point& s : sums) content += circle(s.x, s.y, 2.6, "fx");
    content += label(frame.x.to, frame.y(total) + 16, "sum so far", "caption", "end");
  }
  return content + labels;
}

// Arrows from the middle of the scores, scaled together so that the longest reaches four fifths of the way.
Markup draw_arrows(const Frame& frame, const std::vector<Arrow>& arrows) {
  double scale = INFINITY;
  for (const Arrow& a : arrows)
    for (const auto& [v, lo, hi] : {std::array{a.x, frame.x.lo, frame.x.hi}, std::array{a.y, frame.y.lo, frame.y.hi}})
      if (std::abs(v) > 0) scale = std::min(scale, 0.8 * std::max(v > 0 ? hi : -lo, 0.05 * (hi - lo)) / std::abs(v));
  if (!std::isfinite(scale)) return {};
  const Point zero = frame.at(0, 0);
  Markup content;
  std::vector<Point> taken;
  for (const Arrow& a : arrows) {
    const Point tip = frame.at(scale * a.x, scale * a.y);
    const double dx = tip.x - zero.x, dy = tip.y - zero.y, length = std::hypot(dx, dy);
    if (!(length > 4)) continue;
    const double ux = dx / length, uy = dy / length;
    content += polyline({zero, tip}, "arrow");
    content += polyline(
        {{tip.x - 7 * ux + 3 * uy, tip.y - 7 * uy - 3 * ux}, tip, {tip.x - 7 * ux - 3 * uy, tip.y - 7 * uy + 3 * ux}},
        "arrow");
    Point name{tip.x + 6 * ux, tip.y + 6 * uy + 4};
    for (int moved = 0; moved < 12; ++moved) {  // away from names that stand there
      const bool clear = std::none_of(taken.begin(), taken.end(), [&](const Point& t) {
        return std::abs(t.y - name.y) < 13 && std::abs(t.x - name.x) < 90;
      });
      if (clear) break;
      name.y += uy >= 0 ? 13 : -13;
    }
    taken.push_back(name);
    name.x = std::clamp(name.x, frame.x.from + 4, frame.x.to - 4);
    name.y = std::clamp(name.y, frame.y.to + 12, frame.y.from - 4);
    const bool to_left = ux < 0 ? name.x > frame.x.from + 90 : name.x > frame.x.to - 90;
    content += label(name.x, name.y, shorten(a.name, 22), "arrow-name", to_left ? "end" : "start");
  }
  return content;
}

}  // namespace

std::string reduction_picture(const ReductionPicture& p, std::string* left_out) {
  const GroupPicture& s = p.scores;
  const bool legend = !s.names.empty();
  Frame frame = group_frame(s);
  frame.x.lo = std::min(frame.x.lo, 0.0), frame.x.hi = std::max(frame.x.hi, 0.0);
  frame.y.lo = std::min(frame.y.lo, 0.0), frame.y.hi = std::max(frame.y.hi, 0.0);
  Markup plane = draw_plane(frame, s, left_out) + draw_arrows(frame, p.arrows);
  if (legend) plane += draw_legend(frame.width + 12, kTop + 12, s);
  const double width = kScreeWidth + 30 + frame.width + (legend ? kLegendWidth : 0) + 4;
  Markup content = label(50, 24, shorten(s.title, 120), "title") + label(50, 43, shorten(s.subtitle, 160), "caption");
  content += draw_scree(p, frame.height);
  content += element("g", {{"transform", "translate(" + coordinate(kScreeWidth + 30) + " 0)"}}, plane);
  std::string says = "Left: the share of the variance of each component. Right: rows in the plane of the first two";
  if (!p.arrows.empty()) says += "; arrows show where columns point, the longest that of " + p.arrows[0].name;
  return svg_file(width, frame.height + 24, {s.title, says + "."}, content, colour_style());
}

}  // namespace assay::report
