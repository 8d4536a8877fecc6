// What every page must keep, checked on its text: tags nest, ids are unique, pictures have alternative texts, nothing is
// asked from outside, no handlers, no script but the last one.
#pragma once
#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace assay::test {

struct Tag {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  bool closes = false, empty = false;
  const std::string* find(const std::string& attribute) const {
    for (const auto& a : attributes)
      if (a.first == attribute) return &a.second;
    return nullptr;
  }
};

/// Parses the tag that begins at html[at] == '<' and moves `at` behind it; an empty name: malformed.
inline Tag parse_tag(const std::string& html, size_t& at) {
  Tag tag;
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '!';
  };
  size_t i = at + 1;
  if (i < html.size() && html[i] == '/') tag.closes = true, ++i;
  while (i < html.size() && letter(html[i])) tag.name += html[i++];
  while (i < html.size() && html[i] != '>') {
    while (i < html.size() && html[i] == ' ') ++i;
    if (i < html.size() && html[i] == '/') {
      tag.empty = true, ++i;
      continue;
    }
    std::string name, value;
    while (i < html.size() && (letter(html[i]) || html[i] == ':')) name += html[i++];
    if (name.empty()) break;
    if (i < html.size() && html[i] == '=') {
      if (++i >= html.size() || html[i] != '"') return {};
      for (++i; i < html.size() && html[i] != '"'; ++i) value += html[i];
      ++i;
    }
    tag.attributes.emplace_back(name, value);
  }
  if (i >= html.size() || html[i] != '>') return {};
  at = i + 1;
  return tag;
}

inline std::vector<std::string> page_problems(const std::string& html) {
  static const std::set<std::string> kVoid{"meta", "br", "img", "input", "hr", "col", "link", "!doctype"};
  std::vector<std::string> problems, open;
  std::set<std::string> ids;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at)) {
    const size_t begin = at;
    const Tag tag = parse_tag(html, at);
    if (tag.name.empty()) {
      problems.push_back("a bracket that begins no tag: " + html.substr(begin, 40));
      at = begin + 1;
      continue;
    }
    if (tag.closes) {
      if (open.empty() || open.back() != tag.name)
        problems.push_back("</" + tag.name + "> closes " + (open.empty() ? "nothing" : open.back()));
      if (!open.empty()) open.pop_back();
      continue;
    }
    for (const auto& [name, value] : tag.attributes) {
      if (name.substr(0, 2) == "on") problems.push_back("a handler: " + name);
      if (name == "id" && !ids.insert(value).second) problems.push_back("id twice: " + value);
      const bool loads = name == "src" || name == "href" || name == "srcset" || name == "action" || name == "data";
      if (loads && (value.find("//") != std::string::npos || value.find("javascript:") == 0))
        problems.push_back("asks from outside: " + value);
      if (name == "style" && value.find("url(") != std::string::npos) problems.push_back("style with url: " + value);
    }
    const std::string* role = tag.find("role");
    if (tag.name == "img" && (!tag.find("alt") || tag.find("alt")->empty()))
      problems.push_back("a picture without alt");
    if (tag.name == "svg" && role && *role == "img" && html.compare(at, 7, "<title>") != 0)
      problems.push_back("a figure without title");
    if (tag.name == "svg" && !role && !tag.find("aria-hidden")) problems.push_back("a figure without role");
    if (tag.name == "style" || tag.name == "script") {  // their text is no markup
      const size_t end = html.find("</" + tag.name + ">", at);
      const std::string text = html.substr(at, end - at);
      for (const char* bad : {"http:", "https:", "@import", "url("})
        if (text.find(bad) != std::string::npos) problems.push_back(tag.name + " holds " + bad);
      at = end == std::string::npos ? html.size() : end + tag.name.size() + 3;
      continue;
    }
    if (!tag.empty && !kVoid.count(tag.name)) open.push_back(tag.name);
  }
  if (!open.empty()) problems.push_back("not closed: " + open.back());
  return problems;
}

inline size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace assay::test
