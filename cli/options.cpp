#include "cli/options.h"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/core/text.h"

namespace po = boost::program_options;

namespace assay::cli {
namespace {

// Abbreviations are off: with them on, a new option can change what an old script means.
constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

constexpr const char* kArguments = "-- arguments";  // what is no option; no user can type such a name

bool is_named(const Option& o, std::string_view name) {
  const std::string key = kebab(name);
  return kebab(o.name) == key ||
         std::any_of(o.aliases.begin(), o.aliases.end(), [&](const std::string& a) { return kebab(a) == key; });
}

const Option* find_option(const std::vector<Option>& declared, std::string_view name) {
  for (const Option& o : declared)
    if (is_named(o, name)) return &o;
  return nullptr;
}

std::vector<std::string> names_of(const std::vector<Option>& declared) {
  std::vector<std::string> names;
  for (const Option& o : declared) names.push_back(o.name);
  return names;
}

// "--max_depth=3" -> "--max-depth=3", aliases -> names. What is no option stays as it is.
std::string canonical(const std::string& arg, const std::vector<Option>& declared) {
  if (!arg.starts_with("--") || arg.size() < 3) return arg;
  const size_t equals = arg.find('=');
  const std::string name = arg.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
  const Option* o = find_option(declared, name);
  if (!o) {
    std::vector<std::string> names = names_of(declared);
    for (std::string& n : names) n.insert(0, "--");
    throw UsageError("unknown option '--" + name + "'" + did_you_mean("--" + kebab(name), names));
  }
  return "--" + o->name + (equals == std::string::npos ? "" : arg.substr(equals));
}

// Whether a boolean's value stands behind it: "--probability false", but "--probability @iris" has none.
bool has_boolean_value(const std::vector<std::string>& args, size_t option) {
  static const std::array words{"true", "false", "yes", "no", "on", "off", "1", "0"};
  return option + 1 < args.size() && std::find(words.begin(), words.end(), args[option + 1]) != words.end();
}

po::options_description describe(const std::vector<Option>& declared) {
  po::options_description all;
  for (const Option& o : declared) {
    const std::string names = o.letter ? o.name + "," + o.letter : o.name;
    if (o.value.empty())
      all.add_options()(names.c_str(), po::bool_switch(), "");
    else
      all.add_options()(names.c_str(), po::value<std::vector<std::string>>(), "");
  }
  all.add_options()(kArguments, po::value<std::vector<std::string>>(), "");
  return all;
}

void check_value(const Option& o, const std::string& value) {
  if (value.starts_with("--"))
    throw UsageError("option '--" + o.name + "' needs a value, got " + quoted(value) + ", which looks like an option");
  if (!o.choices.empty() && std::find(o.choices.begin(), o.choices.end(), value) == o.choices.end())
    throw UsageError("option '--" + o.name + "' must be one of " + join(o.choices, ", ") + ", got " + quoted(value) +
                     did_you_mean(value, o.choices));
}

using Values = std::map<std::string, std::vector<std::string>, std::less<>>;

void keep_value(Values& values, const Option& o, const std::string& value) {
  if (o.value.empty()) {
    values[o.name] = {"true"};
    return;
  }
  check_value(o, value);
  std::vector<std::string>& held = values[o.name];
  if (!held.empty() && !o.repeatable) throw UsageError("option '--" + o.name + "' is given twice");
  held.push_back(value);
}

// Tokens of a negative number are arguments or values, never short options.
bool is_negative_number(const std::string& arg) {
  return arg.size() > 1 && arg[0] == '-' && parse_double(arg).has_value();
}

std::vector<po::option> take_negative_number(std::vector<std::string>& rest) {
  std::vector<po::option> found;
  if (rest.empty() || !is_negative_number(rest[0])) return found;
  po::option o;
  o.position_key = 0;  // an argument
  o.value.push_back(rest[0]);
  o.original_tokens.push_back(rest[0]);
  found.push_back(o);
  rest.erase(rest.begin());
  return found;
}

const Option& option_of_key(const std::string& key, const std::vector<Option>& declared) {
  for (const Option& o : declared)
    if (o.letter && key.size() == 2 && key[0] == '-' && key[1] == o.letter) return o;
  if (const Option* o = find_option(declared, key)) return *o;
  throw UsageError("unknown option '" + key + "'");
}

void parse_command_line(const std::vector<std::string>& args, const std::vector<Option>& declared, Values& values,
                        std::vector<std::string>& arguments) {
  std::vector<std::string> tokens;
  bool literal = false;
  for (size_t i = 0; i < args.size(); ++i) {
    literal = literal || args[i] == "--";
    tokens.push_back(literal ? args[i] : canonical(args[i], declared));
    if (literal || !tokens.back().starts_with("--")) continue;
    const Option* o = find_option(declared, tokens.back().substr(2));
    if (o && o->boolean && !has_boolean_value(args, i)) tokens.back() += "=true";
  }
  const po::options_description all = describe(declared);
  po::positional_options_description rest;
  rest.add(kArguments, -1);
  try {
    const po::parsed_options parsed = po::command_line_parser(tokens)
                                          .options(all)
                                          .positional(rest)
                                          .style(kStyle)
                                          .extra_style_parser(take_negative_number)
                                          .run();
    for (const po::option& o : parsed.options) {
      if (o.position_key >= 0 || o.string_key.empty() || o.string_key == kArguments) {
        arguments.insert(arguments.end(), o.value.begin(), o.value.end());
        continue;
      }
      const Option& known = option_of_key(o.string_key, declared);
      keep_value(values, known, o.value.empty() ? "" : o.value[0]);
    }
  } catch (const po::unknown_option& e) {
    throw UsageError("unknown option '" + e.get_option_name() + "'", "a text that begins with '-' stands after '--'");
  } catch (const po::invalid_command_line_syntax& e) {
    if (e.kind() == po::invalid_command_line_syntax::missing_parameter)
      throw UsageError("option '" + e.get_option_name() + "' needs a value");
    throw UsageError(e.what());
  } catch (const po::error& e) {
    throw UsageError(e.what());
  }
}

// Lines "name = value", "name" for a switch, and "# remarks".
void parse_config_file(const std::string& path, const std::vector<Option>& declared, Values& values) {
  const Input file = Input::open(path, 1 << 20);
  long number = 0;
  for (const std::string& whole : split(file.bytes(), '\n')) {
    ++number;
    const std::string_view line = trim(whole);
    if (line.empty() || line[0] == '#') continue;
    const size_t equals = line.find('=');
    const std::string name(trim(line.substr(0, equals)));
    const std::string value(equals == std::string_view::npos ? "" : trim(line.substr(equals + 1)));
    const Place place{file.name(), number};
    const Option* o = find_option(declared, name);
    if (!o)
      throw UsageError("unknown option " + quoted(name) + did_you_mean(kebab(name), names_of(declared)), "", place);
    if (o->value.empty() && value == "false") continue;
    if (o->value.empty() ? !value.empty() && value != "true" : value.empty())
      throw UsageError(
          "option '" + o->name + (o->value.empty() ? "' is true or false, got " + quoted(value) : "' needs a value"),
          "", place);
    try {
      keep_value(values, *o, value);
    } catch (const UsageError& e) {
      throw UsageError(e.message(), e.hint(), place);
    }
  }
}

}  // namespace

const std::vector<Option>& global_options() {
  static const std::vector<Option> options = {
      {.name = "seed", .value = "N", .text = "every random choice comes from it", .standard = "0"},
      {.name = "threads", .value = "N", .text = "0: all processors", .standard = "0"},
      {.name = "json", .text = "one JSON object on stdout and nothing else there"},
      {.name = "quiet", .text = "no talk on stderr", .letter = 'q'},
      {.name = "verbose", .text = "more talk on stderr", .letter = 'v'},
      {.name = "no-progress", .text = "no progress bar"},
      {.name = "color",
       .value = "WHEN",
       .text = "auto, always or never",
       .standard = "auto",
       .choices = {"auto", "always", "never"}},
      {.name = "config", .value = "FILE", .text = "lines 'option = value'; the command line goes first"},
      {.name = "strict", .text = "exit with 5 where a method did not converge"},
      {.name = "budget", .value = "TIME", .text = "stop an iterative method after so long: 60s, 5m"},
      {.name = "trace", .value = "DIR", .text = "write what the algorithm does, step by step, to a folder"},
      {.name = "trace-steps", .value = "N", .text = "steps kept of each kind", .standard = "200"},
      {.name = "trace-max", .value = "SIZE", .text = "most that a trace may write", .standard = "20MB"},
      {.name = "help", .text = "this page", .letter = 'h'},
  };
  return options;
}

const Option& Options::find(std::string_view name) const {
  const Option* o = find_option(declared, name);
  if (!o) throw std::logic_error("option not declared: " + std::string(name));
  return *o;
}

bool Options::given(std::string_view name) const { return values_.count(find(name).name) > 0; }

std::string Options::text(std::string_view name) const {
  const Option& o = find(name);
  const auto it = values_.find(o.name);
  return it == values_.end() ? o.standard : it->second.back();
}

std::vector<std::string> Options::texts(std::string_view name) const {
  const auto it = values_.find(find(name).name);
  return it == values_.end() ? std::vector<std::string>{} : it->second;
}

std::vector<std::string> Options::list(std::string_view name) const {
  std::vector<std::string> items;
  const std::string all = text(name);
  if (!all.empty() || given(name))
    for (const std::string& item : split(all, ',')) items.emplace_back(trim(item));
  return items;
}

double Options::number(std::string_view name, Rule rule) const {
  const std::string value = text(name);
  const auto number = parse_double(value);
  if (!number || !rule.holds(*number))
    throw UsageError("option '--" + find(name).name + "' " + rule.text() + ", got " + quoted(value));
  return *number;
}

int Options::integer(std::string_view name, Rule rule) const {
  const double value = number(name, rule);
  if (value != std::floor(value) || std::abs(value) > 2147483647)
    throw UsageError("option '--" + find(name).name + "' must be a whole number, got " + quoted(text(name)));
  return static_cast<int>(value);
}

bool Options::knows(std::string_view name) const { return find_option(declared, name) != nullptr; }

Options parse_options(const std::vector<std::string>& args, const std::vector<Option>& declared) {
  Options options;
  options.declared = declared;
  parse_command_line(args, declared, options.values_, options.arguments);
  if (options.given("config")) {
    Values more;
    parse_config_file(options.text("config"), declared, more);
    options.values_.merge(more);  // what is there already wins
  }
  return options;
}

std::string argument_at(const std::vector<std::string>& args, const std::vector<Option>& declared, size_t index) {
  bool literal = false;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (!literal && arg == "--") {
      literal = true;
    } else if (literal || arg.size() < 2 || arg[0] != '-' || is_negative_number(arg)) {
      if (index-- == 0) return arg;
    } else if (arg.find('=') == std::string::npos) {
      const Option* o = nullptr;
      if (arg.starts_with("--"))
        o = find_option(declared, arg.substr(2));
      else
        for (const Option& d : declared)
          if (d.letter == arg[1]) o = &d;
      if (o && o->boolean ? has_boolean_value(args, i) : !o || !o->value.empty())
        ++i;  // an option that is not known yet takes a value, most likely
    }
  }
  return "";
}

std::vector<Option> parameter_options(const AnyParams& params) {
  std::vector<Option> options;
  for (const Param& p : params.list()) {
    Option o;
    o.name = p.name;
    o.value = p.type == ParamType::boolean   ? "true|false"
              : !p.choices.empty()           ? join(p.choices, "|")
              : p.type == ParamType::text    ? "TEXT"
              : p.type == ParamType::learner ? "LEARNER"
                                             : "N";
    if (p.type == ParamType::choice_or_number) o.value += "|N";
    if (p.optional) o.value += "|none";
    o.text = p.text;
    o.standard = p.get();
    o.aliases = p.aliases;
    o.parameter = true;
    o.boolean = p.type == ParamType::boolean;
    const bool on = p.type == ParamType::boolean && o.standard == "true";
    options.push_back(std::move(o));
    if (on) options.push_back({.name = "no-" + p.name, .text = "the same as --" + p.name + " false"});
  }
  return options;
}

void apply_parameters(const Options& options, AnyParams& params, std::string_view owner) {
  for (const Option& o : options.declared)
    if (o.parameter && options.given(o.name)) params.set(o.name, options.text(o.name), owner);
  for (const Param& p : params.list())
    if (p.type == ParamType::boolean && find_option(options.declared, "no-" + p.name) && options.flag("no-" + p.name))
      params.set(p.name, "false", owner);
}

}  // namespace assay::cli
