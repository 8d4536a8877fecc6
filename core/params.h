// core/params.h: a parameter is said once: name, default, rule, sentence.
//
//   struct SvmParams {
//     double C = 1.0;
//     Kernel kernel = Kernel::rbf;
//     static void fields(auto& p, auto&& field) {
//       field("C", p.C, positive, "penalty of a margin violation: 0 <= alpha_i <= C");
//       field("kernel", p.kernel, kernel_names, "k(x, z)");
//     }
//   };
//
// `fields` is instantiated with exactly one visitor, ParamList; options, help, describe, JSON, docs and the invalid
// values of the contract tests are ordinary functions over the list it makes.
#pragma once
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace assay {

/// The rule a number must keep, as data.
struct Rule {
  double lo = -std::numeric_limits<double>::infinity();
  double hi = std::numeric_limits<double>::infinity();
  bool lo_open = false, hi_open = false;
  bool odd = false;

  bool holds(double value) const;  ///< false for NaN and infinities, always
  std::string text() const;        ///< "must be > 0"
};

inline constexpr Rule any_number{};
inline constexpr Rule positive{0, std::numeric_limits<double>::infinity(), true};
inline constexpr Rule non_negative{0};
inline constexpr Rule fraction{0, 1, true, false};  ///< (0, 1]
inline constexpr Rule unit_interval{0, 1};          ///< [0, 1]
constexpr Rule at_least(double lo) { return {lo}; }
constexpr Rule between(double lo, double hi) { return {lo, hi}; }
constexpr Rule odd_at_least(double lo) { return {lo, std::numeric_limits<double>::infinity(), false, false, true}; }

/// The words of an enumeration. Define one constant a type: `inline constexpr EnumNames<Kernel, 4> kernel_names{...}`.
template <class E, size_t N>
struct EnumNames {
  std::pair<const char*, E> items[N];
};
template <class E, size_t N>
EnumNames(const std::pair<const char*, E> (&)[N]) -> EnumNames<E, N>;

/// For variant<E, double> fields: one of the words, or a number that keeps the rule.
template <class E, size_t N>
struct WordOrNumber {
  EnumNames<E, N> names;
  Rule rule;
};

/// A learner with its settings, as text: "tree:max-depth=1". What learners there are, this layer does not know: the field
/// names the function that checks it (any Error it throws is the reason of the refusal).
struct LearnerSpec {
  std::string text;
};
using LearnerCheck = void (*)(std::string_view spec);

enum class ParamType { boolean, integer, number, text, choice, choice_or_number, numbers, learner };

/// One parameter bound to the struct it lives in. `set` throws ParameterError and leaves the value as it was.
struct Param {
  std::string name;  ///< kebab-case: the same in options, JSON, inline form and docs
  ParamType type = ParamType::number;
  bool optional = false;  ///< also takes "none"
  std::string text;
  Rule rule;
  std::vector<std::string> choices;
  std::vector<std::string> aliases;
  std::function<std::string()> get;
  std::function<void(std::string_view)> set;
};

namespace detail {
double parse_number(const Param& p, std::string_view text);
long long parse_integer(const Param& p, std::string_view text);
bool parse_boolean(const Param& p, std::string_view text);
std::vector<double> parse_numbers(const Param& p, std::string_view text);
std::string parse_learner(const Param& p, std::string_view text, LearnerCheck check);
size_t parse_choice(const Param& p, std::string_view text);  ///< index into choices; throws with a did-you-mean
std::string number_text(double v);
std::string numbers_text(const std::vector<double>& v);
[[noreturn]] void refuse(const Param& p, std::string_view value);
}  // namespace detail

/// The one visitor of `fields`: turns each call into a Param.
class ParamList {
 public:
  using Aliases = std::initializer_list<const char*>;
  std::vector<Param> params;

  void operator()(const char* name, bool& value, const char* text, Aliases aliases = {}) {
    Param p = begin(name, ParamType::boolean, text, aliases);
    bind(
        p, value, [](const Param& q, std::string_view s) { return detail::parse_boolean(q, s); },
        [](bool v) { return std::string(v ? "true" : "false"); });
  }
  void operator()(const char* name, double& value, Rule rule, const char* text, Aliases aliases = {}) {
    bind(numeric(name, ParamType::number, rule, text, aliases), value, detail::parse_number, detail::number_text);
  }
  void operator()(const char* name, int& value, Rule rule, const char* text, Aliases aliases = {}) {
    bind(
        numeric(name, ParamType::integer, rule, text, aliases), value,
        [](const Param& q, std::string_view s) { return static_cast<int>(detail::parse_integer(q, s)); },
        [](int v) { return std::to_string(v); });
  }
  void operator()(const char* name, std::optional<int>& value, Rule rule, const char* text, Aliases aliases = {}) {
    bind_optional<int>(
        numeric(name, ParamType::integer, rule, text, aliases), value,
        [](const Param& q, std::string_view s) { return static_cast<int>(detail::parse_integer(q, s)); },
        [](int v) { return std::to_string(v); });
  }
  void operator()(const char* name, std::optional<double>& value, Rule rule, const char* text, Aliases aliases = {}) {
    bind_optional<double>(numeric(name, ParamType::number, rule, text, aliases), value, detail::parse_number,
                          detail::number_text);
  }
  void operator()(const char* name, std::vector<double>& value, Rule rule, const char* text, Aliases aliases = {}) {
    bind(numeric(name, ParamType::numbers, rule, text, aliases), value, detail::parse_numbers, detail::numbers_text);
  }
  void operator()(const char* name, std::string& value, const char* text, Aliases aliases = {}) {
    bind(
        begin(name, ParamType::text, text, aliases), value,
        [](const Param&, std::string_view s) { return std::string(s); }, [](const std::string& v) { return v; });
  }
  void operator()(const char* name, LearnerSpec& value, LearnerCheck check, const char* text, Aliases aliases = {}) {
    bind(
        begin(name, ParamType::learner, text, aliases), value,
        [check](const Param& q, std::string_view s) { return LearnerSpec{detail::parse_learner(q, s, check)}; },
        [](const LearnerSpec& v) { return v.text; });
  }
  template <class E, size_t N>
  void operator()(const char* name, E& value, const EnumNames<E, N>& names, const char* text, Aliases aliases = {}) {
    Param p = begin(name, ParamType::choice, text, aliases);
    for (const auto& item : names.items) p.choices.emplace_back(item.first);
    bind(
        p, value,
        [names](const Param& q, std::string_view s) { return names.items[detail::parse_choice(q, s)].second; },
        [names](E v) { return word(names, v); });
  }
  template <class E, size_t N>
  void operator()(const char* name, std::variant<E, double>& value, const WordOrNumber<E, N>& either, const char* text,
                  Aliases aliases = {}) {
    Param p = numeric(name, ParamType::choice_or_number, either.rule, text, aliases);
    for (const auto& item : either.names.items) p.choices.emplace_back(item.first);
    using Value = std::variant<E, double>;
    bind(
        p, value,
        [names = either.names](const Param& q, std::string_view s) -> Value {
          for (size_t i = 0; i < N; ++i)
            if (q.choices[i] == s) return names.items[i].second;
          return detail::parse_number(q, s);
        },
        [names = either.names](const Value& v) {
          return v.index() == 0 ? word(names, std::get<0>(v)) : detail::number_text(std::get<1>(v));
        });
  }

 private:
  static Param begin(const char* name, ParamType type, const char* text, Aliases aliases) {
    Param p;
    p.name = name;
    p.type = type;
    p.text = text;
    for (const char* a : aliases) p.aliases.emplace_back(a);
    return p;
  }
  static Param numeric(const char* name, ParamType type, Rule rule, const char* text, Aliases aliases) {
    Param p = begin(name, type, text, aliases);
    p.rule = rule;
    return p;
  }
  template <class E, size_t N>
  static std::string word(const EnumNames<E, N>& names, E value) {
    for (const auto& item : names.items)
      if (item.second == value) return item.first;
    return "?";
  }
  template <class T, class Parse, class Format>
  void bind(Param p, T& value, Parse parse, Format format) {
    p.get = [&value, format] { return format(value); };
    p.set = [&value, parse, q = p](std::string_view s) { value = parse(q, s); };
    params.push_back(std::move(p));
  }
  template <class T, class Parse, class Format>
  void bind_optional(Param p, std::optional<T>& value, Parse parse, Format format) {
    p.optional = true;
    p.get = [&value, format] { return value ? format(*value) : std::string("none"); };
    p.set = [&value, parse, q = p](std::string_view s) {
      if (s == "none")
        value.reset();
      else
        value = parse(q, s);
    };
    params.push_back(std::move(p));
  }
};

/// The parameters of `p`, bound to it: valid while it lives and does not move.
template <class P>
std::vector<Param> params_of(P& p) {
  ParamList list;
  P::fields(p, list);
  return std::move(list.params);
}

[[noreturn]] void throw_parameter_error(const std::string& message);

/// Checks every field against its rule, and P::check across fields; throws ParameterError. A fit begins with this, so
/// that values set in code meet the same rules as values typed in a shell.
template <class P>
void check_params(const P& p) {
  P copy = p;
  for (Param& param : params_of(copy)) param.set(param.get());
  if constexpr (requires { P::check(p); })
    if (const std::optional<std::string> problem = P::check(p)) throw_parameter_error(*problem);
}

/// A parameter struct whose type is forgotten: what the catalogue hands to the cli.
class AnyParams {
 public:
  virtual ~AnyParams() = default;
  virtual std::unique_ptr<AnyParams> clone() const = 0;
  virtual void check() const = 0;
  std::vector<Param>& list() { return list_; }
  const std::vector<Param>& list() const { return list_; }
  /// Sets by name or alias ('_' reads as '-'); unknown names get a did-you-mean naming `owner`.
  void set(std::string_view name, std::string_view value, std::string_view owner);
  const Param* find(std::string_view name) const;

 protected:
  std::vector<Param> list_;
};

template <class P>
class ParamsOf : public AnyParams {
 public:
  ParamsOf() { list_ = params_of(value); }
  explicit ParamsOf(const P& p) : value(p) { list_ = params_of(value); }
  ParamsOf(const ParamsOf&) = delete;
  ParamsOf& operator=(const ParamsOf&) = delete;
  std::unique_ptr<AnyParams> clone() const override { return std::make_unique<ParamsOf>(value); }
  void check() const override { check_params(value); }
  P value{};
};

/// "name:key=value:key=value" as text and pairs; the same grammar for learners and image operators. A value in parentheses
/// may hold ':' and ',' of its own: "bagging:base=(tree:max-depth=3):models=10".
struct InlineSpec {
  std::string name;
  std::vector<std::pair<std::string, std::string>> settings;
};
InlineSpec parse_inline(std::string_view text);
/// Splits "a:b=1,c:d=2" at the commas between items; a comma inside a value stays where the next part has no name of
/// its own ("weights=1,2" is not split).
std::vector<InlineSpec> parse_inline_list(std::string_view text);

}  // namespace assay
