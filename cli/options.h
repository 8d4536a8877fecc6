// cli/options.h: the options of a verb, as data; parsed by Boost.Program_options, which only options.cpp sees.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assay/core/params.h"

namespace assay::cli {

/// One option. `value` is the word that stands for its value in the help; empty: a switch.
struct Option {
  std::string name{};
  std::string value{};
  std::string text{};
  std::string standard{};              ///< the default, as text; empty: none
  char letter = 0;                     ///< short form
  std::vector<std::string> choices{};  ///< allowed values; empty: any
  std::vector<std::string> aliases{};
  bool repeatable = false;
  bool parameter = false;  ///< made from an algorithm's Param
  bool boolean = false;    ///< "--probability" alone means true
};

/// Options of every verb: --seed, --threads, --json, ...
const std::vector<Option>& global_options();

/// What was given. Values are text; the typed getters check them and throw UsageError with the option's name.
class Options {
 public:
  bool given(std::string_view name) const;  ///< on the command line or in the config file
  bool flag(std::string_view name) const { return given(name); }
  /// The value, else the default, else "".
  std::string text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;  ///< of a repeatable option
  std::vector<std::string> list(std::string_view name) const;   ///< "A,B,C" cut at the commas; empty: none
  double number(std::string_view name, Rule rule = any_number) const;
  int integer(std::string_view name, Rule rule = any_number) const;
  bool knows(std::string_view name) const;  ///< is it one of this verb's?
  void set(std::string_view name, const std::string& value) { values_[find(name).name] = {value}; }

  std::vector<std::string> arguments;  ///< what is no option, in order
  /// The declared options (all verbs' and this verb's), for messages.
  std::vector<Option> declared;

 private:
  friend Options parse_options(const std::vector<std::string>&, const std::vector<Option>&);
  const Option& find(std::string_view name) const;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Parses what follows the verb. UsageError: unknown option (with a did-you-mean), missing value, a value that begins
/// with "--", a value outside the choices. `--config FILE` is read here: command line, then config file, then defaults.
Options parse_options(const std::vector<std::string>& args, const std::vector<Option>& declared);

/// The argument number `index` (from 0) among those that are no option or option's value, without parsing the rest; "".
std::string argument_at(const std::vector<std::string>& args, const std::vector<Option>& declared, size_t index);

/// An algorithm's parameters as options: --max-depth, --C ...
std::vector<Option> parameter_options(const AnyParams& params);
/// Sets in `params` what was given as options.
void apply_parameters(const Options& options, AnyParams& params, std::string_view owner);

}  // namespace assay::cli
