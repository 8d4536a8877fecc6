#include "assay/ml/data/csv_cells.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "assay/core/decimal.h"
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/data/csv_scan.h"

namespace assay::csv {

size_t split_record(std::string_view text, size_t at, char separator, std::vector<Cell>& cells, size_t most) {
  bool quoted = false;
  size_t begin = at;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == separator) {
      if (cells.size() > most) return at;
      cells.push_back({begin, at});
      begin = at + 1;
    } else if (c == '\n' || c == '\r') {
      break;
    }
  }
  if (at > begin || !cells.empty()) cells.push_back({begin, at});
  if (at < text.size()) at += text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
  return at;
}

void Source::fail(size_t offset, size_t column, const std::string& message, const std::string& hint) const {
  const int64_t line = 1 + count_lines(text, 0, std::min(offset, text.size()));
  throw DataError(message, hint, Place{name, static_cast<long>(line), static_cast<long>(column)});
}

void Source::fail_nul(size_t offset) const { fail(offset, 0, "holds a NUL byte", "is this a text file?"); }

void Source::fail_encoding(size_t offset, size_t column) const {
  fail(offset, column + 1, "is not UTF-8 text", "convert the file: iconv -f latin1 -t utf-8");
}

std::string_view Source::content(Cell cell, size_t column, std::string& storage) const {
  std::string_view inside = trim(text.substr(cell.begin, cell.end - cell.begin));
  if (inside.size() > cell_bytes)
    fail(cell.begin, column + 1,
         "the cell has more than " + std::to_string(cell_bytes) + " bytes, the limit of a cell");
  const size_t quote = inside.find('"');
  if (quote == std::string_view::npos) return inside;
  if (quote > 0)
    fail(cell.begin, column + 1, "a quote stands inside an unquoted cell",
         "put the whole cell in quotes and double the quote inside");
  inside.remove_prefix(1);
  size_t at = inside.find('"');
  if (at == std::string_view::npos) fail(cell.begin, column + 1, "the quote that begins here is never closed");
  if (at + 1 == inside.size()) return inside.substr(0, at);
  for (storage.clear();;) {
    storage += inside.substr(0, at);
    inside.remove_prefix(at + 1);
    if (inside.empty()) return storage;
    if (inside[0] != '"')
      fail(cell.begin, column + 1, "text follows the closing quote", "double a quote inside quotes");
    storage += '"';
    inside.remove_prefix(1);
    at = inside.find('"');
    if (at == std::string_view::npos) fail(cell.begin, column + 1, "the quote that begins here is never closed");
  }
}

Missing::Missing(const std::vector<std::string>& words) {
  for (const std::string& raw : words) {
    const std::string word(trim(raw));
    double ignored;
    if (word.empty())
      empty_ = true;
    else
      words_.push_back(word);
    longest_ = std::max(longest_, word.size());
    numbers_ |= parse_decimal(word, ignored);
  }
}

// ---- dictionary

namespace {

uint64_t hash_of(std::string_view text) {
  uint64_t h = 0x9E3779B97F4A7C15ull ^ text.size();
  const auto stir = [&h](uint64_t word) {
    h = (h ^ word) * 0xD6E8FEB86659FD93ull;
    h ^= h >> 32;
  };
  while (text.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, text.data(), 8);
    stir(word);
    text.remove_prefix(8);
  }
  uint64_t rest = 0;
  for (const char c : text) rest = rest << 8 | static_cast<unsigned char>(c);
  stir(rest);
  return h ^ (h >> 29);
}

}  // namespace

void Dictionary::grow() {
  table_.assign(std::max<size_t>(16, 2 * table_.size()), 0);
  for (size_t e = 0; e < entries_.size(); ++e) {
    size_t at = hash_of(entries_[e].text) & (table_.size() - 1);
    while (table_[at]) at = (at + 1) & (table_.size() - 1);
    table_[at] = static_cast<uint32_t>(e + 1);
  }
}

size_t Dictionary::place(std::string_view text, size_t offset, bool copy) {
  if (2 * entries_.size() >= table_.size()) grow();
  size_t at = hash_of(text) & (table_.size() - 1);
  for (; table_[at]; at = (at + 1) & (table_.size() - 1))
    if (entries_[table_[at] - 1].text == text) return table_[at] - 1;
  if (copy) text = copies_.emplace_back(text);
  entries_.push_back({text, 0, offset});
  table_[at] = static_cast<uint32_t>(entries_.size());
  return entries_.size() - 1;
}

void Dictionary::merge(const Dictionary& other) {
  for (const Entry& entry : other.entries_) {
    Entry& mine = entries_[place(entry.text, entry.first, false)];
    mine.count += entry.count;
    mine.first = std::min(mine.first, entry.first);
  }
}

size_t Dictionary::find(std::string_view text) const {
  size_t at = hash_of(text) & (table_.size() - 1);
  while (entries_[table_[at] - 1].text != text) at = (at + 1) & (table_.size() - 1);
  return table_[at] - 1;
}

bool is_utf8(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  for (size_t i = 0; i < text.size();) {
    const unsigned c = byte(i), next = byte(i + 1);
    if (c < 0x80)
      i += 1;
    else if (c >= 0xC2 && c <= 0xDF && follows(i + 1))
      i += 2;
    else if (c >= 0xE0 && c <= 0xEF && follows(i + 1) && follows(i + 2) && !(c == 0xE0 && next < 0xA0) &&
             !(c == 0xED && next > 0x9F))
      i += 3;
    else if (c >= 0xF0 && c <= 0xF4 && follows(i + 1) && follows(i + 2) && follows(i + 3) &&
             !(c == 0xF0 && next < 0x90) && !(c == 0xF4 && next > 0x8F))
      i += 4;
    else
      return false;
  }
  return true;
}

void use_huge_pages(void* data, size_t bytes) {
  constexpr uintptr_t kHuge = uintptr_t{1} << 21;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(data) + kHuge - 1) & ~(kHuge - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(data) + bytes) & ~(kHuge - 1);
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

}  // namespace assay::csv
