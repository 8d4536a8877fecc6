// assay describe ALGO: what it is, its parameters with default and rule, and what it asks of the data.
#include "assay/core/text.h"
#include "cli/catalogues.h"
#include "cli/learning.h"
#include "cli/params_json.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

std::string rule_text(const Param& p) {
  std::string rule;
  if (!p.choices.empty()) rule = join(p.choices, " | ");
  if (p.type == ParamType::boolean) rule = "true | false";
  if (p.type == ParamType::learner) rule = "a learner, as tree:max-depth=1";
  if (p.type == ParamType::choice_or_number) rule += " | ";
  if (p.type == ParamType::number || p.type == ParamType::integer || p.type == ParamType::numbers ||
      p.type == ParamType::choice_or_number)
    rule += p.rule.text() == "must be a finite number" ? "a number" : p.rule.text();
  if (p.optional) rule += ", or none";
  return rule;
}

void describe(Invocation& call) {
  const Algorithm a = find_algorithm(call.argument(0, "the name of an algorithm"));
  call.no_more_than(1);
  call.print(a.name + " (" + a.kind + "): " + a.title + "\n");
  if (!a.reference.empty()) call.print("See " + a.reference + "\n");
  if (!a.aliases.empty()) call.print("Also known as " + join(a.aliases, ", ") + "\n");
  call.print("\n");
  for (const std::string& trait : a.traits) call.print("- " + trait + "\n");
  TextTable table({"parameter", "default", "rule", "meaning"});
  Json params = Json::array();
  for (const Param& p : a.params->list()) {
    table.add(
        {p.name, p.get(), rule_text(p), p.text + (p.aliases.empty() ? "" : " (also " + join(p.aliases, ", ") + ")")});
    params.push_back({{"name", p.name},
                      {"default", value_json(p)},
                      {"rule", rule_text(p)},
                      {"text", p.text},
                      {"aliases", p.aliases}});
  }
  if (!table.empty()) call.print("\n" + table.text());
  call.print("\nTry: assay " + a.example + "\n");
  call.result["name"] = a.name;
  call.result["kind"] = a.kind;
  call.result["title"] = a.title;
  call.result["reference"] = a.reference;
  call.result["traits"] = a.traits;
  call.result["parameters"] = params;
}

}  // namespace

Verb describe_verb() {
  return {.name = "describe",
          .arguments = "ALGO",
          .summary = "explains an algorithm's parameters and what it asks of the data",
          .text =
              "Where two kinds share a name: learner:NAME, clusterer:NAME, reducer:NAME, image:NAME, feature:NAME, "
              "detector:NAME.",
          .examples = {"describe tree", "describe image:canny"},
          .run = describe};
}

}  // namespace assay::cli
