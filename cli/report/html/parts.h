// cli/report/html/parts.h: the pieces pages are made of.
#pragma once
#include <string>
#include <vector>

#include "cli/report/svg/markup.h"

namespace assay::report {

/// A name from the data: shortened, and isolated so that right-to-left letters do not move what stands beside it. The
/// whole name is shown when the pointer rests on it.
Markup data_name(const std::string& name, size_t limit = 40);
Markup code(const std::string& text);
Markup paragraph(const Markup& content, const char* css_class = "");
Markup heading(int level, const Markup& text, const std::string& id = "");
/// A picture with the sentence below it.
Markup with_caption(const Markup& picture, const Markup& caption, const char* css_class = "");
/// A list of texts with separators that do not break alone.
Markup joined(const std::vector<Markup>& parts, const Markup& separator);

struct Cell {
  Markup content;
  const char* css_class = "";
  std::string style = "";  ///< ours: "--s:0.83"
};
using Row = std::vector<Cell>;
/// A table that scrolls inside its own box where it is too wide; `name` tells screen readers what scrolls.
Markup table(const std::string& name, const Row& head, const std::vector<Row>& rows, const char* css_class = "");

/// A step "impute: median  [--impute]" as text with its switch set as code.
Markup sentence_with_switch(const std::string& sentence);

}  // namespace assay::report
