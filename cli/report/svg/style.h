// cli/report/svg/style.h: the style sheet of figures, on a page and in a file of their own.
#pragma once

namespace assay::report {

/// Colours in light, dark and print, as CSS variables.
extern const char* const kPalette;
/// The classes that figures use.
extern const char* const kFigureStyle;

}  // namespace assay::report
