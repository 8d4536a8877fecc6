// assay help [TOPIC], and what `assay` alone prints.
#include "assay/core/text.h"
#include "cli/catalogues.h"
#include "cli/process.h"
#include "cli/verbs.h"

namespace assay::cli {

std::string overview() {
  std::string text =
      "assay: machine learning and image processing, every algorithm from scratch\n\n"
      "Try\n"
      "  assay compare @titanic --report report.html          which baseline is best, and by how much?\n"
      "  assay fit logistic @iris --out iris.json             train, then `assay predict iris.json new.csv`\n"
      "  assay image gray,gaussian:sigma=1.4,canny @camera edges.png\n"
      "  assay study canny                                    watch an algorithm work, step by step\n\n"
      "Verbs\n";
  for (const Verb& v : verbs()) {
    std::string left = "  " + v.name;
    text += left + std::string(left.size() < 14 ? 14 - left.size() : 1, ' ') + v.summary + "\n";
  }
  return text + "\n`assay VERB --help` gives examples and options; `assay list` names the algorithms.\n";
}

namespace {

void help(Invocation& call) {
  call.no_more_than(1);
  if (call.options.arguments.empty()) {
    call.print(overview());
    for (const Verb& v : verbs()) call.result["verbs"].push_back({{"name", v.name}, {"summary", v.summary}});
    return;
  }
  const std::string& topic = call.options.arguments[0];
  std::vector<std::string> names;
  for (const Verb& v : verbs()) {
    names.push_back(v.name);
    if (v.name != topic) continue;
    call.print(verb_help(v, ""));
    call.result["text"] = verb_help(v, "");
    return;
  }
  for (const Algorithm& a : algorithms()) {
    names.push_back(a.name);
    if (a.name != topic) continue;
    call.print(a.name + ": " + a.title + "\nSee `assay describe " + a.name + "`.\n");
    call.result["text"] = a.title;
    return;
  }
  throw UsageError("there is no help on " + quoted(topic) + did_you_mean(topic, names));
}

}  // namespace

Verb help_verb() {
  return {.name = "help",
          .arguments = "[TOPIC]",
          .summary = "this overview, or the page of a verb",
          .examples = {"help", "help compare"},
          .run = help};
}

}  // namespace assay::cli
