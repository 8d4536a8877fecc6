#include "cli/options.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <sstream>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/core/text.h"

namespace po = boost::program_options;

namespace assay::cli {
namespace {

// Abbreviations are off: with them on, a new option can change what an old script means.
constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

bool is_named(const Option& o, std::string_view name) {
  const std::string key = kebab(name);
  return kebab(o.name) == key || std::any_of(o.aliases.begin(), o.aliases.end(), [&](const std::string& a) { return kebab(a) == key; });
}

const Option* find_option(const std::vector<Option>& declared, std::string_view name) {
  for (const Option& o : declared)
    if (is_named(o, name)) return &o;
  return nullptr;
}

// "--max_depth=3" -> "--max-depth=3", aliases -> names. What is no option stays as it is.
std::string canonical(const std::string& arg, const std::vector<Option>& declared) {
  if (!arg.starts_with("--") || arg.size() < 3) return arg;
  const size_t equals = arg.find('=');
  const std::string name = arg.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
  const Option* o = find_option(declared, name);
  if (!o) {
    std::vector<std::string> names;
    for (const Option& d : declared) names.push_back("--" + d.name);
    throw UsageError("unknown option '--" + name + "'" + did_you_mean("--" + kebab(name), names));
  }
  return "--" + o->name + (equals == std::string::npos ? "" : arg.substr(equals));
}

po::options_description describe(const std::vector<Option>& declared) {
  po::options_description all;
  for (const Option& o : declared) {
    const std::string names = o.letter ? o.name + "," + o.letter : o.name;
    if (o.value.empty()) all.add_options()(names.c_str(), po::bool_switch(), "");
    else all.add_options()(names.c_str(), po::value<std::vector<std::string>>(), "");
  }
  all.add_options()("-- arguments", po::value<std::vector<std::string>>(), "");
  return all;
}

void check_value(const Option& o, const std::string& value) {
  if (value.starts_with("--"))
    throw UsageError("option '--" + o.name + "' needs a value, got " + quoted(value) + ", which looks like an option");
  if (!o.choices.empty() && std::find(o.choices.begin(), o.choices.end(), value) == o.choices.end())
    throw UsageError("option '--" + o.name + "' must be one of " + join(o.choices, ", ") + ", got " + quoted(value) +
                     did_you_mean(value, o.choices));
}

// Tokens of a negative number are arguments or values, never short options.
bool is_negative_number(const std::string& arg) {
  return arg.size() > 1 && arg[0] == '-' && parse_double(arg).has_value();
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
      {.name = "color", .value = "WHEN", .text = "auto, always or never", .standard = "auto", .choices = {"auto", "always", "never"}},
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
  if (!number || !rule.holds(*number)) throw UsageError("option '--" + find(name).name + "' " + rule.text() + ", got " + quoted(value));
  return *number;
}

int Options::integer(std::string_view name, Rule rule) const {
  const double value = number(name, rule);
  if (value != static_cast<int>(value)) throw UsageError("option '--" + find(name).name + "' must be a whole number, got " + quoted(text(name)));
  return static_cast<int>(value);
}

Options parse_options(const std::vector<std::string>& args, const std::vector<Option>& declared) {
  Options options;
  options.declared = declared;
  std::vector<std::string> tokens;
  bool literal = false;
  for (const std::string& arg : args) {
    literal = literal || arg == "--";
    tokens.push_back(literal ? arg : canonical(arg, declared));
  }
  const po::options_description all = describe(declared);
  po::positional_options_description arguments;
  arguments.add("-- arguments", -1);
  po::variables_map unused;
  const auto negative_numbers = [](std::vector<std::string>& rest) {
    std::vector<po::option> found;
    if (!rest.empty() && is_negative_number(rest[0])) {
      po::option o;
      o.position_key = 0;  // an argument
      o.value.push_back(rest[0]);
      o.original_tokens.push_back(rest[0]);
      found.push_back(o);
      rest.erase(rest.begin());
    }
    return found;
  };
  const auto store = [&](const po::parsed_options& parsed) {
    std::map<std::string, std::vector<std::string>, std::less<>> values;
    for (const po::option& o : parsed.options) {
      if (o.position_key >= 0 || o.string_key.empty() || o.string_key == "-- arguments") {
        options.arguments.insert(options.arguments.end(), o.value.begin(), o.value.end());
        continue;
      }
      std::string key = o.string_key;
      if (key.size() == 2 && key[0] == '-')
        for (const Option& d : declared)
          if (d.letter == key[1]) key = d.name;
      const Option* d = find_option(declared, key);
      if (!d) throw UsageError("unknown option '" + key + "'");
      if (d->value.empty()) {
        if (o.value.empty() || o.value[0] == "true" || o.value[0].empty()) values[d->name] = {"true"};
        continue;
      }
      for (const std::string& v : o.value) check_value(*d, v);
      std::vector<std::string>& held = values[d->name];
      if (!held.empty() && !d->repeatable) throw UsageError("option '--" + d->name + "' is given twice");
      held.insert(held.end(), o.value.begin(), o.value.end());
    }
    for (auto& [name, value] : values) options.values_.emplace(name, std::move(value));  // what is there already wins
  };
  try {
    store(po::command_line_parser(tokens).options(all).positional(arguments).style(kStyle).extra_style_parser(negative_numbers).run());
    if (const auto config = options.values_.find("config"); config != options.values_.end()) {
      std::istringstream text{std::string(Input::open(config->second.back(), 1 << 20).bytes())};
      store(po::parse_config_file(text, all));
    }
  } catch (const po::error& e) {
    std::string message = e.what();
    throw UsageError(message);
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
      if (arg.starts_with("--")) o = find_option(declared, arg.substr(2));
      else
        for (const Option& d : declared)
          if (d.letter == arg[1]) o = &d;
      if (!o || !o->value.empty()) ++i;  // an option that is not known yet takes a value, most likely
    }
  }
  return "";
}

std::vector<Option> parameter_options(const AnyParams& params) {
  std::vector<Option> options;
  for (const Param& p : params.list()) {
    Option o;
    o.name = p.name;
    o.value = p.type == ParamType::boolean ? "true|false" : !p.choices.empty() ? join(p.choices, "|") : p.type == ParamType::text ? "TEXT" : "N";
    if (p.type == ParamType::choice_or_number) o.value += "|N";
    if (p.optional) o.value += "|none";
    o.text = p.text;
    o.standard = p.get();
    o.aliases = p.aliases;
    o.parameter = true;
    options.push_back(std::move(o));
  }
  return options;
}

void apply_parameters(const Options& options, AnyParams& params, std::string_view owner) {
  for (const Option& o : options.declared)
    if (o.parameter && options.given(o.name)) params.set(o.name, options.text(o.name), owner);
}

}  // namespace assay::cli
