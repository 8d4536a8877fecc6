#include "cli/report/svg/markup.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace assay::report {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

// The code point that begins at text[i], and i moved behind it. A byte that begins no well-formed sequence (overlong,
// surrogate, above U+10FFFF, cut) is one U+FFFD.
uint32_t next_code_point(std::string_view text, size_t& i) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char first = byte(i++);
  if (first < 0x80) return first;
  const int more = first >= 0xC2 && first <= 0xDF   ? 1
                   : first >= 0xE0 && first <= 0xEF ? 2
                   : first >= 0xF0 && first <= 0xF4 ? 3
                                                    : 0;
  if (more == 0 || i + static_cast<size_t>(more) > text.size()) return kReplacement;
  uint32_t code = first & (0x3F >> more);
  for (int k = 0; k < more; ++k) {
    if ((byte(i + static_cast<size_t>(k)) & 0xC0) != 0x80) return kReplacement;
    code = code << 6 | (byte(i + static_cast<size_t>(k)) & 0x3F);
  }
  const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
  if (overlong || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return kReplacement;
  i += static_cast<size_t>(more);
  return code;
}

void append_utf8(std::string& out, uint32_t code) {
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

// Marks that change the direction or the line structure of what follows them (Unicode UAX 9; "Trojan Source").
bool reorders(uint32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E || code == 0x200F ||
         code == 0x061C || code == 0x2028 || code == 0x2029 || code == 0xFEFF;
}

void append_escaped(std::string& out, uint32_t code) {
  if (code == '&')
    out += "&amp;";
  else if (code == '<')
    out += "&lt;";
  else if (code == '>')
    out += "&gt;";
  else if (code == '"')
    out += "&quot;";
  else if (code == '\'')
    out += "&#39;";
  else if (code < 0x20)
    append_utf8(out, 0x2400 + code);
  else if (code == 0x7F)
    append_utf8(out, 0x2421);
  else if ((code >= 0x80 && code < 0xA0) || (code & 0xFFFE) == 0xFFFE)
    append_utf8(out, kReplacement);
  else if (reorders(code)) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    out += "[U+";
    for (int shift = 12; shift >= 0; shift -= 4) out += kHex[code >> shift & 15];
    out += "]";
  } else
    append_utf8(out, code);
}

bool has_no_end(std::string_view tag) {
  static constexpr std::array kTags{"br", "col", "hr", "img", "input", "link", "meta"};
  return std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}

bool is_empty_shape(std::string_view tag) {
  static constexpr std::array kTags{"circle", "ellipse", "line", "path", "polygon", "polyline", "rect", "use"};
  return std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (size_t i = 0; i < text.size();) append_escaped(out, next_code_point(text, i));
  return out;
}

std::string shorten(std::string_view text, size_t limit) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < text.size() && starts.size() <= limit;) {
    starts.push_back(i);
    next_code_point(text, i);
  }
  if (starts.size() <= limit) return std::string(text);
  const size_t head = limit * 2 / 3, tail_bytes = std::min(text.size(), limit - head - 1);
  size_t tail = text.size() - tail_bytes;
  while (tail < text.size() && (static_cast<unsigned char>(text[tail]) & 0xC0) == 0x80) ++tail;
  return std::string(text.substr(0, starts[head])) + "\u2026" + std::string(text.substr(tail));
}

std::string coordinate(double value) {
  if (!std::isfinite(value)) return "0";
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, 2).ptr;
  std::string text(buffer.data(), end);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string percent(double share) { return coordinate(100 * share) + "%"; }

Markup element(std::string_view tag, const Attributes& attributes, const Markup& content) {
  std::string html = "<" + std::string(tag);
  for (const Attribute& a : attributes)
    if (*a.name) html += " " + std::string(a.name) + "=\"" + escape(a.value) + "\"";
  if (is_empty_shape(tag) && content.empty()) return {Markup::Trusted{}, html + "/>"};
  html += ">";
  if (has_no_end(tag)) return {Markup::Trusted{}, html};
  html += content.html() + "</" + std::string(tag) + ">";
  return {Markup::Trusted{}, html};
}

Markup element(std::string_view tag, const char* css_class, const Markup& content) {
  return element(tag, Attributes{{"class", css_class}}, content);
}

}  // namespace assay::report
