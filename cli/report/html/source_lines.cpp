#include "cli/report/html/source_lines.h"

#include <algorithm>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/core/text.h"

namespace assay::report {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// The column of "function(" as a whole word in a line that does not call it: a definition begins at the left margin with
// its type, while a call is indented (the tree is formatted).
bool opens_definition(const std::string& line, const std::string& function) {
  if (line.empty() || line[0] == ' ' || line[0] == '/' || line[0] == '#') return false;
  const size_t at = line.find(function + "(");
  if (at == std::string::npos || (at > 0 && is_word(line[at - 1]))) return false;
  return line.find(';') == std::string::npos || line.find('{') != std::string::npos;
}

// A definition's first line is the one before it where the template's head or its comment stands.
size_t first_line_of(const std::vector<std::string>& lines, size_t at) {
  size_t first = at;
  while (first > 0 && (lines[first - 1].starts_with("template") || lines[first - 1].starts_with("//"))) --first;
  return at - first > 8 ? at : first;
}

}  // namespace

SourceLines source_lines(const std::string& root, const std::string& where, size_t limit) {
  SourceLines found;
  const size_t colon = where.find(':');
  found.file = where.substr(0, colon);
  if (colon != std::string::npos) found.function = where.substr(colon + 1);
  if (root.empty() || found.function.empty() || found.file.empty() || found.file[0] == '/' ||
      found.file.find("..") != std::string::npos)
    return found;
  std::vector<std::string> lines;
  try {
    lines = split(Input::open(root + "/" + found.file, 4 << 20).bytes(), '\n');
  } catch (const Error&) {
    return found;
  }
  const auto begin = std::find_if(lines.begin(), lines.end(),
                                  [&](const std::string& line) { return opens_definition(line, found.function); });
  if (begin == lines.end()) return found;
  const size_t at = static_cast<size_t>(begin - lines.begin()), first = first_line_of(lines, at);
  found.first_line = static_cast<int>(first) + 1;
  for (size_t i = first; i < lines.size(); ++i) {
    if (found.lines.size() == limit) {
      found.cut = true;
      break;
    }
    found.lines.push_back(lines[i]);
    const bool one_line = i == at && lines[i].ends_with("}");
    if (i >= at && (lines[i].starts_with("}") || one_line)) break;
  }
  return found;
}

}  // namespace assay::report
