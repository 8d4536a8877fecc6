#include "cli/report/svg/svg_file.h"

#include "cli/report/svg/style.h"

namespace assay::report {
namespace {

constexpr const char* kFont =
    "svg{font:12px -apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",Ubuntu,Cantarell,\"Helvetica "
    "Neue\",Arial,\"Liberation Sans\","
    "\"DejaVu Sans Condensed\",sans-serif;font-variant-numeric:tabular-nums}\n"
    ".paper{fill:var(--paper)}svg .title{font-size:15px;font-weight:650;fill:var(--ink)}svg "
    ".caption{font-size:12px;fill:var(--soft)}\n";

}  // namespace

std::string svg_file(double width, double height, const AltText& alt, const Markup& content,
                     const std::string& more_style) {
  const std::string w = coordinate(width), h = coordinate(height);
  const Markup head = element("title", Attributes{}, alt.title) + element("desc", Attributes{}, alt.description);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " + w + " " + h + "\" width=\"" + w +
         "\" height=\"" + h + "\">\n" + head.html() + "\n<style>" + kPalette + kFigureStyle + kFont + more_style +
         "</style>\n" + rect(0, 0, width, height, "paper").html() + "\n" + content.html() + "\n</svg>\n";
}

}  // namespace assay::report
