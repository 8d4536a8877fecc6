#include "cli/report/html/parts.h"

namespace assay::report {

Markup data_name(const std::string& name, size_t limit) {
  const std::string shown = name.empty() ? "(no name)" : shorten(name, limit);
  return element("bdi", {{shown == name ? "" : "title", shorten(name, 400)}}, shown);
}

Markup code(const std::string& text) { return element("code", Attributes{}, text); }

Markup paragraph(const Markup& content, const char* css_class) {
  return element("p", {{*css_class ? "class" : "", css_class}}, content);
}

Markup heading(int level, const Markup& text, const std::string& id) {
  return element("h" + std::to_string(level), {{id.empty() ? "" : "id", id}}, text);
}

Markup with_caption(const Markup& picture, const Markup& caption, const char* css_class) {
  return element("figure", {{*css_class ? "class" : "", css_class}},
                 picture + element("figcaption", Attributes{}, caption));
}

Markup joined(const std::vector<Markup>& parts, const Markup& separator) {
  Markup all;
  for (size_t i = 0; i < parts.size(); ++i) all += (i ? separator : Markup()) + parts[i];
  return all;
}

namespace {

Markup cells(const char* tag, const Row& row) {
  Markup content;
  for (const Cell& cell : row)
    content += element(tag,
                       {{std::string_view(tag) == "th" ? "scope" : "", "col"},
                        {*cell.css_class ? "class" : "", cell.css_class},
                        {cell.style.empty() ? "" : "style", cell.style}},
                       cell.content);
  return element("tr", Attributes{}, content);
}

}  // namespace

Markup table(const std::string& name, const Row& head, const std::vector<Row>& rows, const char* css_class) {
  Markup body;
  for (const Row& row : rows) body += cells("td", row) + Markup::literal("\n");
  const Markup content = (head.empty() ? Markup() : element("thead", Attributes{}, cells("th", head))) +
                         element("tbody", Attributes{}, body);
  return element("div", {{"class", "scroll"}, {"role", "region"}, {"tabindex", "0"}, {"aria-label", name}},
                 element("table", {{*css_class ? "class" : "", css_class}}, content));
}

Markup sentence_with_switch(const std::string& sentence) {
  const size_t open = sentence.rfind('['), close = sentence.rfind(']');
  if (open == std::string::npos || close == std::string::npos || close < open ||
      sentence.compare(open + 1, 2, "--") != 0)
    return shorten(sentence, 300);
  std::string before = sentence.substr(0, open);
  before.erase(before.find_last_not_of(' ') + 1);
  return Markup(shorten(before, 300)) + " " + code(sentence.substr(open + 1, close - open - 1)) +
         sentence.substr(close + 1);
}

}  // namespace assay::report
