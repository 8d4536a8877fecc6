// cli/terminal.h: tables and numbers for people.
#pragma once
#include <string>
#include <vector>

namespace assay::cli {

/// A table of text with aligned columns: numbers to the right, text to the left; widths count characters, not bytes.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) : header_(std::move(header)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  /// Two spaces between columns, a rule below the header; every line ends with a newline.
  std::string text() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// 0.9533 -> "0.9533"; four significant digits at least, six at most, no exponent where it can be helped.
std::string score_text(double value);
/// 0.00213 s -> "2.1 ms".
std::string seconds_text(double seconds);

}  // namespace assay::cli
