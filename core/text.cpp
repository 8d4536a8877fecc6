#include "assay/core/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace assay {

std::string shortest(double value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 40> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

std::string significant(double value, int digits) {
  if (std::isnan(value)) return "nan";
  std::array<char, 40> buffer{};
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, digits);
  return {buffer.data(), result.ptr};
}

std::optional<double> parse_double(std::string_view text) {
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {  // from_chars leaves the value alone: decide by the exponent's sign
    const size_t e = text.find_first_of("eE");
    const bool tiny = e != std::string_view::npos ? text.find('-', e) != std::string_view::npos : text.find("0.") < 2;
    value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
    return text[0] == '-' ? -value : value;
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::optional<long long> parse_int(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string escaped(std::string_view text, size_t limit) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (out.size() >= limit) return out + "...";
    const auto c = static_cast<unsigned char>(text[i]);
    // U+0080..U+009F (C2 80 .. C2 9F) are control characters of terminals too.
    const bool c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c == '\t')
      out += "\\t";
    else if (c == '\n')
      out += "\\n";
    else if (c < 0x20 || c == 0x7F || c1)
      (((out += "\\x") += kHex[c >> 4]) += kHex[c & 15]);
    else
      out += static_cast<char>(c);
  }
  return out;
}

std::string quoted(std::string_view text) { return "\"" + escaped(text) + "\""; }

namespace {

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> D(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) D[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) D[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i)
    for (size_t j = 1; j <= b.size(); ++j) {
      D[i][j] = std::min({D[i - 1][j] + 1, D[i][j - 1] + 1, D[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        D[i][j] = std::min(D[i][j], D[i - 2][j - 2] + 1);
    }
  return D[a.size()][b.size()];
}

}  // namespace

std::vector<std::string> near_misses(std::string_view word, const std::vector<std::string>& candidates) {
  std::vector<std::pair<size_t, std::string>> found;
  if (word.size() > 100) return {};
  const std::string w = lower(word);
  const std::string stem = w.substr(std::min(w.find_first_not_of('-'), w.size()));
  for (const std::string& candidate : candidates) {
    const std::string c = lower(candidate);
    const bool part = w.size() >= 3 && (c.starts_with(w) || (stem.size() >= 3 && c.ends_with("-" + stem)));
    const size_t distance = part ? 0 : edit_distance(w, c);
    if (part || distance <= std::max<size_t>(1, std::min(w.size(), c.size()) / 3))
      found.emplace_back(distance, candidate);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> best;
  for (const auto& f : found)
    if (best.size() < 3 && std::find(best.begin(), best.end(), f.second) == best.end()) best.push_back(f.second);
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const auto near = near_misses(word, candidates);
  return near.empty() ? "" : "; did you mean '" + join(near, "' or '") + "'?";
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0;;) {
    const size_t end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i) text += separator;
    text += parts[i];
  }
  return text;
}

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string kebab(std::string_view name) {
  std::string out = name.size() == 1 ? std::string(name) : lower(name);  // "C" stays "C"
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

}  // namespace assay
