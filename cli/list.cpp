// assay list: every algorithm and metric there is, a line each.
#include "assay/ml/metrics/clustering.h"
#include "cli/bundled.h"
#include "cli/catalogues.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

// list's word -> kind of the catalogues, and its title.
struct Section {
  const char *word, *kind, *title;
};
constexpr Section kSections[] = {{"learners", "learner", "Learners"}, {"clusterers", "clusterer", "Clusterers"},
                                 {"reducers", "reducer", "Reducers"}, {"images", "image", "Image operators"},
                                 {"features", "feature", "Features"}, {"detectors", "detector", "Detectors"}};

void list_algorithms(Invocation& call, const Section& section) {
  TextTable table({section.title, ""});
  Json rows = Json::array();
  for (const Algorithm& a : algorithms(section.kind)) {
    table.add({a.name, a.title});
    rows.push_back({{"name", a.name}, {"title", a.title}, {"reference", a.reference}, {"aliases", a.aliases}});
  }
  call.result[section.word] = rows;
  call.print(table.text() + "\n");
}

void list_metrics(Invocation& call) {
  TextTable table({"Metrics", "task", "better", ""});
  Json rows = Json::array();
  for (const Metric& m : metrics()) {
    table.add({m.name, task_name(m.task), m.higher_is_better ? "higher" : "lower", m.text});
    rows.push_back(
        {{"name", m.name}, {"task", task_name(m.task)}, {"higher_is_better", m.higher_is_better}, {"text", m.text}});
  }
  for (const ClusterIndex& m : cluster_indices()) {
    table.add({m.name, "clustering", m.higher_is_better ? "higher" : "lower", m.text});
    rows.push_back(
        {{"name", m.name}, {"task", "clustering"}, {"higher_is_better", m.higher_is_better}, {"text", m.text}});
  }
  call.result["metrics"] = rows;
  call.print(table.text() + "\n");
}

void list_data(Invocation& call) {
  std::string line;
  for (const std::string& name : bundled_names()) line += (line.empty() ? "@" : " @") + name;
  call.result["data"] = bundled_names();
  call.print("Bundled data and pictures\n" + line + "\n");
}

void list(Invocation& call) {
  call.no_more_than(1);
  const std::string what = call.options.arguments.empty() ? "" : call.options.arguments[0];
  bool any = false;
  for (const Section& section : kSections)
    if (what.empty() || what == section.word) {
      list_algorithms(call, section);
      any = true;
    }
  if (what.empty() || what == "metrics") list_metrics(call), any = true;
  if (what.empty() || what == "data") list_data(call), any = true;
  if (!any)
    throw UsageError("there is nothing to list under '" + what + "'",
                     "learners, clusterers, reducers, images, features, detectors, metrics or data");
}

}  // namespace

Verb list_verb() {
  return {.name = "list",
          .arguments = "[learners|clusterers|reducers|images|features|detectors|metrics|data]",
          .summary = "names every algorithm, metric and bundled data set",
          .examples = {"list", "list learners --json"},
          .run = list};
}

}  // namespace assay::cli
