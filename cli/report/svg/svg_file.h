// cli/report/svg/svg_file.h: a figure as a file of its own: `--plot out.svg`.
//
// It looks as it does on a page, follows the viewer's light or dark theme, asks for nothing from outside, and opens in
// browsers, README files and drawing programs.
#pragma once
#include <string>

#include "cli/report/svg/svg.h"

namespace assay::report {

/// `content` as for `figure`; `more_style` is ours, never from data, and holds neither & nor <.
std::string svg_file(double width, double height, const AltText& alt, const Markup& content,
                     const std::string& more_style = "");

}  // namespace assay::report
