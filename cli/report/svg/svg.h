// cli/report/svg/svg.h: a tiny typed SVG writer: shapes with CSS classes instead of colours, so that one figure serves
// light and dark, screen and paper; nothing external, no ids.
#pragma once
#include <string>
#include <vector>

#include "cli/report/svg/markup.h"

namespace assay::report {

struct Point {
  double x, y;
};

/// A length along x: pixels of the view box, or a share of the figure's width where the figure is fluid.
struct Length {
  std::string text;
  Length(double pixels) : text(coordinate(pixels)) {}  // NOLINT: implicit
  static Length share(double of_width) {
    Length l(0);
    l.text = percent(of_width);
    return l;
  }
};

/// `tip` is shown when the pointer rests on the shape, and read by screen readers.
Markup line(Length x1, double y1, Length x2, double y2, const char* css_class, const std::string& tip = "");
Markup rect(Length x, double y, Length width, double height, const char* css_class, const std::string& tip = "");
Markup circle(Length x, double y, double r, const char* css_class, const std::string& tip = "");
/// `anchor`: "start", "middle" or "end".
Markup label(Length x, double y, const std::string& text, const char* css_class = "label",
             const char* anchor = "start");
/// Text that reads upwards, centred at (x, y).
Markup upward_label(double x, double y, const std::string& text, const char* css_class = "label");
/// An open line through the points; points that are not finite break it.
Markup polyline(const std::vector<Point>& points, const char* css_class, const std::string& tip = "");
/// The area between the points and the horizontal y = base.
Markup area(const std::vector<Point>& points, double base, const char* css_class);
/// Many dots as one path (round line ends of no length: ten bytes a dot); their size is the class's stroke width.
Markup dots(const std::vector<Point>& points, const char* css_class);
/// Many upright bars as one path.
struct Bar {
  double x, y, width, height;
};
Markup bars(const std::vector<Bar>& shapes, const char* css_class);
Markup group(const char* css_class, const Markup& content);

/// What a figure shows, for those who cannot see it: a short title and a sentence that says what the picture says.
struct AltText {
  std::string title, description;
};

/// A figure of fixed proportions that shrinks with its column but never grows beyond `width` pixels.
Markup figure(double width, double height, const AltText& alt, const Markup& content);
/// A figure as wide as its column, `height` pixels high; lengths along x are shares.
Markup fluid_figure(double height, const AltText& alt, const Markup& content);
/// A fluid strip that only repeats numbers which stand beside it as text: hidden from screen readers.
Markup decoration(double height, const Markup& content);

}  // namespace assay::report
