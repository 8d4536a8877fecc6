#include "assay/core/params.h"

#include <cctype>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {

bool Rule::holds(double value) const {
  if (!std::isfinite(value)) return false;
  if (lo_open ? value <= lo : value < lo) return false;
  if (hi_open ? value >= hi : value > hi) return false;
  return !odd || std::fmod(std::abs(value), 2.0) == 1.0;
}

std::string Rule::text() const {
  std::string range;
  if (std::isfinite(lo) && std::isfinite(hi))
    range =
        std::string("must be in ") + (lo_open ? "(" : "[") + shortest(lo) + ", " + shortest(hi) + (hi_open ? ")" : "]");
  else if (std::isfinite(lo))
    range = std::string("must be ") + (lo_open ? "> " : ">= ") + shortest(lo);
  else if (std::isfinite(hi))
    range = std::string("must be ") + (hi_open ? "< " : "<= ") + shortest(hi);
  else
    range = "must be a finite number";
  return odd ? range + " and odd" : range;
}

void throw_parameter_error(const std::string& message) { throw ParameterError(message); }

namespace detail {

void refuse(const Param& p, std::string_view value) {
  std::string rule;
  switch (p.type) {
    case ParamType::boolean:
      rule = "must be true or false";
      break;
    case ParamType::integer:
      rule = p.rule.text() + (p.rule.text() == "must be a finite number" ? "" : ", a whole number");
      break;
    case ParamType::choice:
      rule = "must be one of " + join(p.choices, ", ");
      break;
    case ParamType::choice_or_number:
      rule = "must be one of " + join(p.choices, ", ") + ", or a number that " + p.rule.text();
      break;
    case ParamType::numbers:
      rule = "must be numbers separated by commas, each of which " + p.rule.text();
      break;
    case ParamType::number:
      rule = p.rule.text();
      break;
    case ParamType::text:
      rule = "must be text";
      break;
    case ParamType::learner:
      rule = "must be a learner with its settings, as tree:max-depth=1";
      break;
  }
  if (p.optional) rule += ", or none";
  throw ParameterError("parameter '" + p.name + "' " + rule + ", got " + quoted(value) +
                       (p.type == ParamType::choice ? did_you_mean(value, p.choices) : ""));
}

double parse_number(const Param& p, std::string_view text) {
  const auto value = parse_double(text);
  if (!value || !p.rule.holds(*value)) refuse(p, text);
  return *value;
}

long long parse_integer(const Param& p, std::string_view text) {
  const auto value = parse_double(text);  // "1e6" is a whole number too
  if (!value || !p.rule.holds(*value) || *value != std::floor(*value) || std::abs(*value) > 2147483647.0)
    refuse(p, text);
  return static_cast<long long>(*value);
}

bool parse_boolean(const Param& p, std::string_view text) {
  const std::string word = lower(text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  refuse(p, text);
}

std::vector<double> parse_numbers(const Param& p, std::string_view text) {
  std::vector<double> values;
  for (const std::string& part : split(text, ',')) {
    const auto value = parse_double(trim(part));
    if (!value || !p.rule.holds(*value)) refuse(p, text);
    values.push_back(*value);
  }
  return values;
}

std::string parse_learner(const Param& p, std::string_view text, LearnerCheck check) {
  try {
    check(text);
  } catch (const Error& e) {
    throw ParameterError("parameter '" + p.name + "' must be a learner with its settings, as tree:max-depth=1, got " +
                         quoted(text) + ": " + e.message());
  }
  return std::string(text);
}

size_t parse_choice(const Param& p, std::string_view text) {
  const std::string word = kebab(text);
  for (size_t i = 0; i < p.choices.size(); ++i)
    if (p.choices[i] == word) return i;
  refuse(p, text);
}

std::string number_text(double v) { return shortest(v); }

std::string numbers_text(const std::vector<double>& v) {
  std::string text;
  for (double x : v) text += (text.empty() ? "" : ",") + shortest(x);
  return text;
}

}  // namespace detail

const Param* AnyParams::find(std::string_view name) const {
  const std::string key = kebab(name);
  for (const Param& p : list_) {
    if (kebab(p.name) == key) return &p;
    for (const std::string& alias : p.aliases)
      if (kebab(alias) == key) return &p;
  }
  return nullptr;
}

void AnyParams::set(std::string_view name, std::string_view value, std::string_view owner) {
  const Param* p = find(name);
  if (!p) {
    std::vector<std::string> names;
    for (const Param& q : list_) names.push_back(q.name);
    throw UsageError(std::string(owner) + " has no parameter " + quoted(name) + did_you_mean(kebab(name), names),
                     names.empty() ? "it has none" : "its parameters: " + join(names, ", "));
  }
  p->set(value);
}

namespace {

/// As split, but not inside parentheses.
std::vector<std::string> split_outside(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1 : c == ')' && depth > 0 ? -1 : 0;
    if (c == separator && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::string without_parentheses(const std::string& value) {
  const bool enclosed = value.size() >= 2 && value.front() == '(' && value.back() == ')';
  return enclosed ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

InlineSpec parse_inline(std::string_view text) {
  const std::vector<std::string> parts = split_outside(text, ':');
  InlineSpec spec;
  spec.name = std::string(trim(parts[0]));
  for (size_t i = 1; i < parts.size(); ++i) {
    const size_t equals = parts[i].find('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError("in " + quoted(text) + ": " + quoted(parts[i]) + " is not key=value");
    spec.settings.emplace_back(parts[i].substr(0, equals), without_parentheses(parts[i].substr(equals + 1)));
  }
  return spec;
}

std::vector<InlineSpec> parse_inline_list(std::string_view text) {
  std::vector<std::string> items;
  for (const std::string& part : split_outside(text, ',')) {
    if (trim(part).empty()) throw UsageError("an empty item in the list " + quoted(text));
    const bool begins_item = std::isalpha(static_cast<unsigned char>(trim(part)[0])) != 0;
    if (items.empty() || begins_item)
      items.push_back(part);
    else
      items.back() += "," + part;
  }
  std::vector<InlineSpec> specs;
  for (const std::string& item : items) specs.push_back(parse_inline(item));
  return specs;
}

}  // namespace assay
