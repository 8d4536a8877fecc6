// cli/verb.h: what a verb is, and what it is given.
//
// A verb makes a result; the terminal and --json are two renderings of it. Data goes to stdout, talk to stderr; under
// --json stdout holds one object and nothing else. A verb is one file with one function that returns its Verb; cli/verbs.cpp
// lists them.
#pragma once
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "assay/core/context.h"
#include "assay/core/json.h"
#include "assay/core/stopwatch.h"
#include "cli/options.h"

namespace assay::cli {

struct Verb;

/// One call of one verb.
class Invocation {
 public:
  Invocation(std::istream& in_, std::ostream& out_, std::ostream& err_) : in(in_), out(out_), err(err_) {}
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  std::string verb;
  std::string command;  ///< as typed, for reports
  Options options;
  Context ctx;
  Json result;  ///< verb, assay and seed stand in it; the verb adds its keys

  bool json() const { return options.flag("json"); }
  bool quiet() const { return options.flag("quiet"); }
  bool verbose() const { return options.flag("verbose"); }
  /// Positional argument i; UsageError naming `what` where it is missing.
  const std::string& argument(size_t i, const char* what) const;
  /// UsageError where there are more than `count` positional arguments.
  void no_more_than(size_t count) const;
  /// Data: stdout, unless --json.
  void print(const std::string& text) const;
  /// Talk: one line on stderr, unless --quiet or --json.
  void say(const std::string& line) const;
  /// A line on stderr beginning with "warning: " (unless --json), and in the JSON's `warnings`.
  void warn(const std::string& line);
  /// run.timing.NAME_s and NAME_cpu_s, added to what is there.
  void time(const std::string& name, const Stopwatch& watch);
  bool colour() const { return colour_; }
  int exit_code = 0;  ///< 5 and 6 are answers, not errors

 private:
  friend int run_verb(const Verb&, Invocation&);
  bool colour_ = false;
  Json timing_ = Json::object();
};

struct Verb {
  std::string name{};
  std::string arguments{};              ///< "ALGO DATA"
  std::string summary{};                ///< one line for the list of verbs
  std::string text{};                   ///< a few sentences for --help
  std::vector<std::string> examples{};  ///< command lines, without "assay"; they stand first in the help
  std::vector<Option> options{};        ///< beside the global ones
  /// Options that depend on an argument (an algorithm's parameters); null: none.
  std::vector<Option> (*more_options)(const std::string& algorithm) = nullptr;
  size_t algorithm_at = 0;  ///< which argument that is
  void (*run)(Invocation&) = nullptr;
  bool own_trace = false;  ///< handles --trace itself
};

/// All verbs, in the order of the help.
const std::vector<Verb>& verbs();

/// The program: args without argv[0]. Returns the exit code; throws nothing.
int run(const std::vector<std::string>& args, std::istream& in, std::ostream& out, std::ostream& err);

/// What run does once the options are parsed.
int run_verb(const Verb& verb, Invocation& call);

/// The help page of a verb.
std::string verb_help(const Verb& verb, const std::string& first_argument);

}  // namespace assay::cli
