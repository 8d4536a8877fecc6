// cli/report/svg/markup.h: text that is safe to put into HTML and SVG, by type.
//
// A Markup is made from text, which escapes it, or from elements; there is no way to add a string unescaped but
// Markup::literal, which takes string literals alone. So a name from a data file cannot become a tag, whatever it
// holds.
#pragma once
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace assay::report {

/// `text` for element content and quoted attributes. & < > " ' become entities; control characters their picture
/// (U+2400); bidirectional overrides, which could reorder the page around them, are spelled out as [U+202E]; bytes that
/// are not UTF-8 become U+FFFD.
std::string escape(std::string_view text);

/// At most `limit` characters (code points), the middle of a longer text replaced by an ellipsis. Not escaped yet.
std::string shorten(std::string_view text, size_t limit = 48);

/// A coordinate: fixed notation, at most two decimals, no trailing zeros; "0" where it is not finite.
std::string coordinate(double value);
/// A share of the width as "37.5%".
std::string percent(double share);

class Markup {
 public:
  Markup() = default;
  Markup(const std::string& text) : html_(escape(text)) {}  // NOLINT: implicit, and it escapes
  Markup(std::string_view text) : html_(escape(text)) {}    // NOLINT
  Markup(const char* text) : html_(escape(text)) {}         // NOLINT
  template <size_t N>
  static Markup literal(const char (&source)[N]) {
    return Markup(Trusted{}, std::string(source, N - 1));
  }
  Markup& operator+=(const Markup& more) {
    html_ += more.html_;
    return *this;
  }
  friend Markup operator+(Markup a, const Markup& b) { return a += b; }
  bool empty() const { return html_.empty(); }
  const std::string& html() const { return html_; }

 private:
  struct Trusted {};
  Markup(Trusted, std::string html) : html_(std::move(html)) {}
  friend Markup element(std::string_view, const std::vector<struct Attribute>&, const Markup&);
  std::string html_;
};

/// Names are ours; values are escaped. An attribute with an empty name is left out (for conditional ones).
struct Attribute {
  const char* name;
  std::string value;
  Attribute(const char* n, std::string v) : name(n), value(std::move(v)) {}
  Attribute(const char* n, const char* v) : name(n), value(v) {}
  Attribute(const char* n, double v) : name(n), value(coordinate(v)) {}
};
using Attributes = std::vector<Attribute>;

/// <tag attributes>content</tag>, or without an end where the tag has none.
Markup element(std::string_view tag, const Attributes& attributes, const Markup& content = {});
/// <tag class="...">content</tag>
Markup element(std::string_view tag, const char* css_class, const Markup& content = {});

}  // namespace assay::report
