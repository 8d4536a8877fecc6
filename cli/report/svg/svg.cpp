#include "cli/report/svg/svg.h"

#include <cmath>

namespace assay::report {
namespace {

Markup tip_of(const std::string& tip) { return tip.empty() ? Markup() : element("title", Attributes{}, tip); }

bool finite(const Point& p) { return std::isfinite(p.x) && std::isfinite(p.y); }

std::string at(const Point& p) { return coordinate(p.x) + " " + coordinate(p.y); }

}  // namespace

Markup line(Length x1, double y1, Length x2, double y2, const char* css_class, const std::string& tip) {
  return element("line", {{"class", css_class}, {"x1", x1.text}, {"y1", y1}, {"x2", x2.text}, {"y2", y2}}, tip_of(tip));
}

Markup rect(Length x, double y, Length width, double height, const char* css_class, const std::string& tip) {
  return element("rect", {{"class", css_class}, {"x", x.text}, {"y", y}, {"width", width.text}, {"height", height}},
                 tip_of(tip));
}

Markup circle(Length x, double y, double r, const char* css_class, const std::string& tip) {
  return element("circle", {{"class", css_class}, {"cx", x.text}, {"cy", y}, {"r", r}}, tip_of(tip));
}

Markup label(Length x, double y, const std::string& text, const char* css_class, const char* anchor) {
  return element("text", {{"class", css_class}, {"x", x.text}, {"y", y}, {"text-anchor", anchor}}, text);
}

Markup upward_label(double x, double y, const std::string& text, const char* css_class) {
  return element(
      "text",
      {{"class", css_class}, {"text-anchor", "middle"}, {"transform", "translate(" + at({x, y}) + ") rotate(-90)"}},
      text);
}

Markup polyline(const std::vector<Point>& points, const char* css_class, const std::string& tip) {
  std::string d;
  bool open = false;
  for (const Point& p : points) {
    if (finite(p)) d += (open ? "L" : "M") + at(p);
    open = finite(p);
  }
  return element("path", {{"class", css_class}, {"d", d}}, tip_of(tip));
}

Markup area(const std::vector<Point>& points, double base, const char* css_class) {
  if (points.empty()) return {};
  std::string d = "M" + at({points.front().x, base});
  for (const Point& p : points)
    if (finite(p)) d += "L" + at(p);
  return element("path", {{"class", css_class}, {"d", d + "L" + at({points.back().x, base}) + "Z"}});
}

Markup dots(const std::vector<Point>& points, const char* css_class) {
  std::string d;
  for (const Point& p : points)
    if (finite(p)) d += "M" + at(p) + "h0";
  return element("path", {{"class", css_class}, {"d", d}});
}

Markup bars(const std::vector<Bar>& shapes, const char* css_class) {
  std::string d;
  for (const Bar& b : shapes)
    d += "M" + at({b.x, b.y}) + "h" + coordinate(b.width) + "v" + coordinate(b.height) + "h" + coordinate(-b.width) +
         "z";
  return element("path", {{"class", css_class}, {"d", d}});
}

Markup group(const char* css_class, const Markup& content) { return element("g", css_class, content); }

namespace {

Markup described(const AltText& alt, const Markup& content) {
  return element("title", Attributes{}, alt.title) + element("desc", Attributes{}, alt.description) + content;
}

}  // namespace

Markup figure(double width, double height, const AltText& alt, const Markup& content) {
  return element("svg",
                 {{"class", "figure"},
                  {"role", "img"},
                  {"viewBox", "0 0 " + coordinate(width) + " " + coordinate(height)},
                  {"width", width},
                  {"height", height}},
                 described(alt, content));
}

Markup fluid_figure(double height, const AltText& alt, const Markup& content) {
  return element("svg", {{"class", "fluid"}, {"role", "img"}, {"width", "100%"}, {"height", height}},
                 described(alt, content));
}

Markup decoration(double height, const Markup& content) {
  return element("svg", {{"class", "fluid"}, {"aria-hidden", "true"}, {"width", "100%"}, {"height", height}}, content);
}

}  // namespace assay::report
