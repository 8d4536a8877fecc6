#include "cli/verb.h"

#include "assay/core/text.h"
#include "cli/process.h"

namespace assay::cli {

const std::string& Invocation::argument(size_t i, const char* what) const {
  if (i >= options.arguments.size())
    throw UsageError("'assay " + verb + "' needs " + what, "see `assay " + verb + " --help`");
  return options.arguments[i];
}

void Invocation::no_more_than(size_t count) const {
  if (options.arguments.size() > count)
    throw UsageError("unexpected argument " + quoted(options.arguments[count]), "see `assay " + verb + " --help`");
}

void Invocation::print(const std::string& text) const {
  if (!json()) out << text;
}

void Invocation::say(const std::string& line) const {
  if (!json() && !quiet()) err << escaped(line, 4000) << "\n";
}

void Invocation::warn(const std::string& line) {
  result["warnings"].push_back(line);
  if (!json()) err << "warning: " << escaped(line, 4000) << "\n";
}

void Invocation::time(const std::string& name, const Stopwatch& watch) {
  for (const auto& [key, seconds] : {std::pair{name + "_s", watch.wall_s()}, std::pair{name + "_cpu_s", watch.cpu_s()}})
    timing_[key] = timing_.value(key, 0.0) + seconds;
}

std::vector<Option> all_options(const Verb& verb, const std::string& first) {
  std::vector<Option> options = verb.options;
  if (verb.more_options)
    for (Option& o : verb.more_options(first)) options.push_back(std::move(o));
  const auto& global = global_options();
  options.insert(options.end(), global.begin(), global.end());
  return options;
}

std::string verb_help(const Verb& verb, const std::string& first) {
  std::string text = "assay " + verb.name + (verb.arguments.empty() ? "" : " " + verb.arguments) + "\n  " +
                     verb.summary + "\n\nExamples\n";
  for (const std::string& e : verb.examples) text += "  assay " + e + "\n";
  if (!verb.text.empty()) text += "\n" + verb.text + "\n";
  const auto section = [&](const std::string& title, const std::vector<Option>& options) {
    if (options.empty()) return;
    text += "\n" + title + "\n";
    for (const Option& o : options) {
      std::string left =
          "  --" + o.name + (o.value.empty() ? "" : " " + o.value) + (o.letter ? std::string(", -") + o.letter : "");
      left += left.size() < 34 ? std::string(34 - left.size(), ' ') : "\n" + std::string(34, ' ');
      text += left + o.text + (o.standard.empty() ? "" : " (" + o.standard + ")") + "\n";
    }
  };
  std::vector<Option> parameters = verb.more_options ? verb.more_options(first) : std::vector<Option>{};
  section("Parameters of " + first, parameters);
  if (verb.more_options && parameters.empty())
    text += "\n`assay " + verb.name + " ALGO --help` lists the parameters of an algorithm.\n";
  section("Options", verb.options);
  section("Options of every verb", global_options());
  return text;
}

}  // namespace assay::cli
