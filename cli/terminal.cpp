#include "cli/terminal.h"

#include <algorithm>
#include <cmath>

#include "assay/core/text.h"

namespace assay::cli {
namespace {

// Characters of UTF-8 text: bytes that do not continue one.
size_t width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_number(const std::string& text) {
  return text.empty() || text == "-" || (text.find_first_not_of("0123456789.+-eE%") == std::string::npos) ||
         text.ends_with(" s") || text.ends_with(" ms") || text.ends_with(" us");
}

}  // namespace

std::string TextTable::text() const {
  std::vector<size_t> widths;
  std::vector<bool> right;
  for (size_t c = 0; c < header_.size(); ++c) {
    size_t w = width(header_[c]);
    bool numbers = !rows_.empty();
    for (const auto& row : rows_) {
      if (c >= row.size()) continue;
      w = std::max(w, width(row[c]));
      numbers = numbers && is_number(row[c]);
    }
    widths.push_back(w);
    right.push_back(numbers);
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t c = 0; c < header_.size(); ++c) {
      const std::string cell = c < cells.size() ? escaped(cells[c], 400) : "";
      const std::string pad(widths[c] - std::min(widths[c], width(cell)), ' ');
      text += (c ? "  " : "") + (right[c] ? pad + cell : cell + pad);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line(header_);
  size_t total = 0;
  for (const size_t w : widths) total += w + 2;
  out += std::string(total > 2 ? total - 2 : 0, '-') + "\n";
  for (const auto& row : rows_) line(row);
  return out;
}

std::string score_text(double value) {
  if (!std::isfinite(value)) return "-";
  char buffer[40];
  const double a = std::abs(value);
  if (a != 0 && (a < 1e-4 || a >= 1e7))
    std::snprintf(buffer, sizeof buffer, "%.4g", value);
  else
    std::snprintf(buffer, sizeof buffer, "%.*f", a >= 1000 ? 1 : a >= 10 ? 3 : 4, value);
  return buffer;
}

std::string seconds_text(double seconds) {
  char buffer[40];
  if (seconds < 1e-3)
    std::snprintf(buffer, sizeof buffer, "%.0f us", seconds * 1e6);
  else if (seconds < 1)
    std::snprintf(buffer, sizeof buffer, "%.1f ms", seconds * 1e3);
  else
    std::snprintf(buffer, sizeof buffer, "%.2f s", seconds);
  return buffer;
}

}  // namespace assay::cli
