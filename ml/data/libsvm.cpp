// Format     label [qid:q] index:value ... [# comment], one sample a line; indices from 1, rising within a line, absent
//            ones zero. Empty lines are skipped; svm-light's qid is accepted and ignored.
// Method     the text is cut at line ends into chunks that are parsed in parallel into sparse rows of their own and
//            joined in order
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/decimal.h"
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/data/table.h"

namespace assay {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 19;

struct Piece {
  std::vector<double> target;
  std::vector<int64_t> line, row_end;  ///< line counts from the piece's own first
  std::vector<int32_t> column;
  std::vector<double> value;
  int64_t lines = 0;
  int32_t columns = 0;  ///< largest index
};

/// Reads the lines of one chunk; `line_of_chunk` is asked only where something is wrong.
class LineReader {
 public:
  LineReader(std::string_view whole, size_t begin, size_t end, const std::string& name, uint64_t most_columns)
      : whole_(whole), begin_(begin), end_(end), name_(name), most_columns_(most_columns) {}

  Piece read() {
    for (size_t at = begin_; at < end_;) {
      const size_t newline = std::min(whole_.find('\n', at), end_);
      line_ = whole_.substr(at, newline - at);
      line_begin_ = at;
      std::string_view content = line_.substr(0, line_.find('#'));
      if (!trim(content).empty()) read_line(content);
      ++piece_.lines;
      at = newline + 1;
    }
    return std::move(piece_);
  }

 private:
  void read_line(std::string_view content) {
    const std::string_view label = next_word(content);
    double target;
    if (!parse_decimal(label, target)) fail(label, "the target " + quoted(label) + " is not a number");
    int64_t last = 0;
    for (;;) {
      const std::string_view word = next_word(content);
      if (word.empty()) break;
      const size_t colon = word.find(':');
      if (colon == std::string_view::npos) fail(word, quoted(word) + " is not index:value");
      if (word.substr(0, colon) == "qid") continue;
      const std::optional<long long> index = parse_int(word.substr(0, colon));
      if (!index || *index < 1) fail(word, quoted(word) + ": an index is a whole number from 1");
      if (static_cast<uint64_t>(*index) > most_columns_ || *index > std::numeric_limits<int32_t>::max())
        fail(word, "index " + std::to_string(*index) + " is above " + std::to_string(most_columns_) +
                       ", the limit of columns of a table");
      if (*index <= last)
        fail(word, "index " + std::to_string(*index) + " does not rise: " + std::to_string(last) + " stands before it");
      double value;
      if (!parse_decimal(word.substr(colon + 1), value)) fail(word, quoted(word) + ": the value is not a number");
      last = *index;
      piece_.columns = std::max(piece_.columns, static_cast<int32_t>(last));
      if (value == 0) continue;  // said, but the same as absent
      piece_.column.push_back(static_cast<int32_t>(last - 1));
      piece_.value.push_back(value);
    }
    piece_.target.push_back(target);
    piece_.line.push_back(piece_.lines);
    piece_.row_end.push_back(static_cast<int64_t>(piece_.value.size()));
  }

  static std::string_view next_word(std::string_view& rest) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!rest.empty() && blank(rest.front())) rest.remove_prefix(1);
    size_t size = 0;
    while (size < rest.size() && !blank(rest[size])) ++size;
    const std::string_view word = rest.substr(0, size);
    rest.remove_prefix(size);
    return word;
  }

  [[noreturn]] void fail(std::string_view at, const std::string& message) const {
    const auto line = 1 + std::count(whole_.begin(), whole_.begin() + static_cast<std::ptrdiff_t>(line_begin_), '\n');
    throw DataError(message, "",
                    Place{name_, static_cast<long>(line), static_cast<long>(at.data() - line_.data()) + 1});
  }

  std::string_view whole_, line_;
  size_t begin_, end_, line_begin_ = 0;
  const std::string& name_;
  uint64_t most_columns_;
  Piece piece_;
};

std::vector<size_t> cut_at_lines(std::string_view bytes) {
  std::vector<size_t> cuts{0};
  while (cuts.back() < bytes.size()) {
    const size_t newline = bytes.find('\n', std::min(bytes.size(), cuts.back() + kChunkBytes));
    cuts.push_back(newline == std::string_view::npos ? bytes.size() : newline + 1);
  }
  return cuts;
}

}  // namespace

Table parse_libsvm(std::string_view bytes, const std::string& name, const TableOptions& options) {
  if (const size_t nul = bytes.find('\0'); nul != std::string_view::npos)
    throw DataError(
        "holds a NUL byte", "is this a text file?",
        Place{name, static_cast<long>(
                        1 + std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(nul), '\n'))});
  const std::vector<size_t> cuts = cut_at_lines(bytes);
  std::vector<Piece> pieces(cuts.size() - 1);
  parallel_for(options.threads, static_cast<Index>(pieces.size()), 1, [&](Index begin, Index end) {
    for (Index p = begin; p < end; ++p) {
      const auto at = static_cast<size_t>(p);
      pieces[at] = LineReader(bytes, cuts[at], cuts[at + 1], name, options.budget.columns).read();
    }
  });

  size_t rows = 0, entries = 0;
  int32_t columns = 0;
  for (const Piece& piece : pieces) {
    rows += piece.target.size();
    entries += piece.value.size();
    columns = std::max(columns, piece.columns);
  }
  if (rows == 0) throw DataError("is empty", "", Place{name});
  if (rows > static_cast<size_t>(std::numeric_limits<int>::max()))
    throw DataError("has more than " + std::to_string(std::numeric_limits<int>::max()) + " rows", "", Place{name});

  Table table;
  table.name = name;
  table.columns.push_back({"target", {}});
  table.cells.resize(static_cast<Index>(rows), 1);
  Csr& X = table.sparse.emplace();
  X.rows = static_cast<Index>(rows);
  X.columns = columns;
  X.row_start.reserve(rows + 1);
  X.column.reserve(entries);
  X.value.reserve(entries);
  Index row = 0;
  int64_t line = 1;
  for (const Piece& piece : pieces) {
    const auto before = static_cast<int64_t>(X.value.size());
    for (size_t i = 0; i < piece.target.size(); ++i) {
      table.cells(row++, 0) = piece.target[i];
      table.row_line.push_back(line + piece.line[i]);
      X.row_start.push_back(before + piece.row_end[i]);
    }
    X.column.insert(X.column.end(), piece.column.begin(), piece.column.end());
    X.value.insert(X.value.end(), piece.value.begin(), piece.value.end());
    line += piece.lines;
  }
  table.first_line = table.row_line[0];
  if (table.row_line.back() - table.first_line == static_cast<int64_t>(rows) - 1) table.row_line.clear();
  for (int32_t f = 1; f <= columns; ++f) table.sparse_columns.push_back({"f" + std::to_string(f), {}});
  return table;
}

std::string write_libsvm(const Samples& samples, const Target& target) {
  const Index n = samples.n();
  const auto label = [&](Index i) -> std::string {
    if (target.task() == Task::regression) return shortest(target.value[i]);
    const int code = target.code[static_cast<size_t>(i)];
    const std::string& name = target.classes[static_cast<size_t>(code)];
    bool numbers = true;  // classes that are numbers stay what they are
    for (const std::string& each : target.classes) numbers = numbers && parse_double(each).has_value();
    if (numbers) return name;
    if (target.K() == 2) return code == 1 ? "+1" : "-1";
    return std::to_string(code + 1);
  };
  std::string out;
  const auto pair = [&](Index f, double value) {
    if (std::isnan(value))
      throw DataError("column '" + samples.columns[static_cast<size_t>(f)].name +
                          "' has missing values, which LIBSVM's format cannot say",
                      "fill them first");
    if (value != 0) out += " " + std::to_string(f + 1) + ":" + shortest(value);
  };
  for (Index i = 0; i < n; ++i) {
    out += label(i);
    if (const Csr* X = std::get_if<Csr>(&samples.X)) {
      for (int64_t e = X->row_start[static_cast<size_t>(i)]; e < X->row_start[static_cast<size_t>(i) + 1]; ++e)
        pair(X->column[static_cast<size_t>(e)], X->value[static_cast<size_t>(e)]);
    } else {
      for (Index f = 0; f < samples.d(); ++f)
        pair(f, std::holds_alternative<Matrix>(samples.X) ? samples.rows()(i, f) : samples.cols()(i, f));
    }
    out += '\n';
  }
  return out;
}

}  // namespace assay
