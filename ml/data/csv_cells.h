// ml/data/csv_cells.h: internal: what a single cell of a CSV text says.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace assay::csv {

/// The bytes begin..end of the text, without the separator.
struct Cell {
  size_t begin = 0, end = 0;
};

/// Cells of the record at `at`, and the position after its line end; at most `most` + 1 cells. An empty line has none.
size_t split_record(std::string_view text, size_t at, char separator, std::vector<Cell>& cells, size_t most);

/// The text with its name: turns positions into messages.
struct Source {
  std::string_view text;
  std::string name;
  uint64_t cell_bytes;  ///< limit of one cell

  /// DataError at the line of `offset`; `column` counts cells from 1, 0: the whole line.
  [[noreturn]] void fail(size_t offset, size_t column, const std::string& message, const std::string& hint = "") const;
  [[noreturn]] void fail_nul(size_t offset) const;
  [[noreturn]] void fail_encoding(size_t offset, size_t column) const;
  /// The cell's text: blanks around it taken off, RFC 4180 quotes removed (into `storage` where some are doubled).
  /// `column` counts from 0. DataError: a quote where none may be, an unclosed one, a cell above the limit.
  std::string_view content(Cell cell, size_t column, std::string& storage) const;
};

/// The texts that mean "missing".
class Missing {
 public:
  Missing() = default;
  explicit Missing(const std::vector<std::string>& words);
  bool contains(std::string_view cell) const {
    if (cell.empty()) return empty_;
    if (cell.size() > longest_) return false;
    for (const std::string& word : words_)
      if (word == cell) return true;
    return false;
  }
  bool has_numbers() const { return numbers_; }  ///< "-999": then no number may be taken unseen

 private:
  std::vector<std::string> words_;
  size_t longest_ = 0;
  bool empty_ = false, numbers_ = false;
};

/// Distinct texts with codes in order of appearance. A text is not copied where it stays in the file.
class Dictionary {
 public:
  struct Entry {
    std::string_view text;
    int64_t count = 0;
    size_t first = 0;  ///< offset of the first cell that says so
  };
  /// Code of a text; `copy` where its bytes will not stay.
  double code(std::string_view text, size_t offset, bool copy) {
    Entry& entry = entries_[place(text, offset, copy)];
    ++entry.count;
    return static_cast<double>(&entry - entries_.data());
  }
  void merge(const Dictionary& other);
  size_t find(std::string_view text) const;  ///< its code; it is there
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  size_t place(std::string_view text, size_t offset, bool copy);
  void grow();
  std::vector<Entry> entries_;
  std::vector<uint32_t> table_;  ///< open addressing: code + 1, 0 is empty
  std::deque<std::string> copies_;
};

bool is_utf8(std::string_view text);

/// Asks the system for huge pages under a large array that is about to be filled.
void use_huge_pages(void* data, size_t bytes);

}  // namespace assay::csv
