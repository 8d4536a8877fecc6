// assay study NAME: an algorithm at work on a bundled example, written down step by step.
#include <filesystem>
#include <sstream>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "cli/catalogues.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

// What shows an algorithm at its best; where none is listed, the catalogue's own example.
struct Example {
  const char *kind, *name, *command;  // {DIR}: the trace's folder
};
constexpr Example kExamples[] = {
    {"learner", "tree", "fit tree:max-depth=4 @penguins"},
    {"learner", "knn", "fit knn @iris"},
    {"learner", "logistic", "fit logistic @breast_cancer"},
    {"learner", "svm", "fit svm @iris --ignore sepal_length,sepal_width"},
    {"clusterer", "kmeans",
     "cluster kmeans @iris --truth species --ignore sepal_length,sepal_width --clusters 3 --starts 5 --init k-means++"},
    {"image", "canny", "image gray,gaussian:sigma=1.4,canny:low=50:high=150 @camera {DIR}/result.png"},
    {"image", "gray", "image gray @astronaut {DIR}/result.png"},
    {"feature", "harris", "features harris @camera --out {DIR}/corners.csv"},
    {"feature", "sift", "features sift @coins --out {DIR}/points.csv"},
};

std::string example_command(const Algorithm& a) {
  for (const Example& e : kExamples)
    if (a.kind == e.kind && a.name == e.name) return e.command;
  if (a.kind == "image") return "image " + a.name + " @camera {DIR}/result.png";
  if (a.kind == "detector") return "detect " + a.name + " @camera --out {DIR}/findings.csv";
  if (a.kind == "feature") return "features " + a.name + " @camera --out {DIR}/features.csv";
  return a.example;
}

void study(Invocation& call) {
  const Algorithm a = find_algorithm(call.argument(0, "the name of an algorithm"));
  call.no_more_than(1);
  const std::string folder = call.options.given("trace") ? call.options.text("trace") : "study/" + a.name;
  make_folder(folder);
  std::vector<std::string> args;
  for (std::string word : split(example_command(a), ' ')) {
    if (word.starts_with("{DIR}")) word = folder + word.substr(5);
    args.push_back(word);
  }
  for (const char* name : {"seed", "threads", "trace-steps", "trace-max"})
    if (call.options.given(name)) args.insert(args.end(), {"--" + std::string(name), call.options.text(name)});
  args.insert(args.end(), {"--trace", folder, "--quiet"});
  call.say("assay " + join(args, " "));
  std::ostringstream data;
  const int code = run(args, call.in, data, call.err);
  if (code != 0) throw Error("the example ended with exit code " + std::to_string(code));
  const std::string page = folder + "/index.html";
  call.result["algorithm"] = a.name;
  call.result["command"] = "assay " + join(args, " ");
  call.result["trace"] = page;
  call.say("open this page in a browser:");
  call.print(page + "\n");
}

}  // namespace

Verb study_verb() {
  return {
      .name = "study",
      .arguments = "NAME",
      .summary = "shows an algorithm at work on a bundled example, step by step",
      .text =
          "Writes a folder (study/NAME, or --trace DIR) with pictures, values and the reason of each step, and prints\n"
          "the path of its page. The command it runs is said, so that you can run it on your own data.",
      .examples = {"study canny", "study tree", "study logistic --trace /tmp/logistic"},
      .run = study,
      .own_trace = true};
}

}  // namespace assay::cli
