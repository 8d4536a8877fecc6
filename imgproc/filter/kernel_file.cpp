#include "assay/imgproc/filter/kernel_file.h"

#include <cmath>
#include <sstream>
#include <vector>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/core/text.h"

namespace assay {

namespace {

constexpr size_t kLargestSide = 1023;

// The numbers of one line.
std::vector<double> numbers_of(std::string line, const std::string& name, long number) {
  if (const size_t comment = line.find('#'); comment != std::string::npos) line.erase(comment);
  std::vector<double> row;
  size_t begin = 0;
  while (begin < line.size()) {
    begin = line.find_first_not_of(" \t\r,;", begin);
    if (begin == std::string::npos) break;
    const size_t end = std::min(line.size(), line.find_first_of(" \t\r,;", begin));
    const std::string word = line.substr(begin, end - begin);
    const auto value = parse_double(word);
    if (!value || !std::isfinite(*value))
      throw DataError(quoted(word) + " is not a number", "", Place{name, number, static_cast<long>(begin) + 1});
    row.push_back(*value);
    begin = end;
  }
  return row;
}

}  // namespace

Matrix parse_kernel(const std::string& text, const std::string& name) {
  std::vector<std::vector<double>> rows;
  std::istringstream lines(text);
  long number = 0;
  for (std::string line; std::getline(lines, line);) {
    std::vector<double> row = numbers_of(std::move(line), name, ++number);
    if (row.empty()) continue;
    if (!rows.empty() && row.size() != rows[0].size())
      throw DataError(
          "this row has " + std::to_string(row.size()) + " numbers, the first has " + std::to_string(rows[0].size()),
          "", Place{name, number, 0});
    if (row.size() > kLargestSide || rows.size() >= kLargestSide)
      throw DataError("a kernel has at most " + std::to_string(kLargestSide) + " rows and columns", "",
                      Place{name, number, 0});
    rows.push_back(std::move(row));
  }
  if (rows.empty()) throw DataError("this kernel holds no number", "", Place{name, 0, 0});
  Matrix kernel(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(rows[0].size()));
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t j = 0; j < rows[i].size(); ++j)
      kernel(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = rows[i][j];
  return kernel;
}

Matrix read_kernel_file(const std::string& path) {
  const Input file = Input::open(path, uint64_t{16} << 20);
  return parse_kernel(std::string(file.bytes()), file.name());
}

}  // namespace assay
