// What the command line says and draws of a tree.
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay::test;

namespace {

nlohmann::ordered_json model_of(const std::string& path) {
  return nlohmann::ordered_json::parse(file_text(path)).at("model");
}

}  // namespace

TEST_CASE("tree: a class of weight three is its rows three times") {
  const Scratch folder;
  std::istringstream in(file_text(dataset_path("tables/iris.csv")));
  std::string line, text;
  std::getline(in, line);
  text = line + "\n";
  while (std::getline(in, line)) {
    const int times = line.find("virginica") != std::string::npos ? 3 : 1;
    for (int i = 0; i < times; ++i) text += line + "\n";
  }
  const std::string three = put_file(folder / "three.csv", text);
  for (const char* criterion : {"gini", "entropy", "gain-ratio"}) {
    REQUIRE(assay_run({"fit", "tree", "@iris", "--class-weight", "virginica:3", "--criterion", criterion, "--out",
                       folder / "weighted.json"})
                .code == 0);
    REQUIRE(assay_run({"fit", "tree", three, "--criterion", criterion, "--out", folder / "three.json"}).code == 0);
    const auto weighted = model_of(folder / "weighted.json"), thrice = model_of(folder / "three.json");
    CHECK(weighted["feature"] == thrice["feature"]);
    CHECK(weighted["threshold"] == thrice["threshold"]);
    CHECK(weighted["cover"] == thrice["cover"]);
  }
}

TEST_CASE("explain: a tree is drawn as SVG and for dot, and --json says where") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "tree", "@penguins", "--prune", "cost-complexity", "--prune-rule", "min", "--out",
                     folder / "m.json"})
              .code == 0);
  const Outcome o = assay_run({"explain", folder / "m.json", "--svg", folder / "t.svg", "--dot", folder / "t.dot",
                               "--plot", folder / "p.svg", "--json"});
  REQUIRE(o.code == 0);
  CHECK(o.json()["svg"] == folder / "t.svg");
  CHECK(o.json()["dot"] == folder / "t.dot");
  const std::string svg = file_text(folder / "t.svg"), dot = file_text(folder / "t.dot");
  CHECK(svg.find("flipper_length_mm") != std::string::npos);
  CHECK(svg.find("cut away by pruning") != std::string::npos);
  CHECK(dot.find("flipper_length_mm") != std::string::npos);
  CHECK(file_text(folder / "p.svg").find("held-out error") != std::string::npos);
}

TEST_CASE("explain: a large tree is drawn in part, and says so") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "tree", "@diabetes", "--out", folder / "m.json"}).code == 0);
  REQUIRE(assay_run({"explain", folder / "m.json", "--svg", folder / "t.svg", "--quiet"}).code == 0);
  const std::string svg = file_text(folder / "t.svg");
  CHECK(svg.find("only the branches of most rows") != std::string::npos);
  CHECK(svg.find("more questions") != std::string::npos);
  CHECK(svg.size() < 100000);
}

TEST_CASE("explain: what is not a tree is not drawn as one") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "logistic", "@iris", "--out", folder / "m.json"}).code == 0);
  for (const char* option : {"--svg", "--dot"}) {
    const Outcome o = assay_run({"explain", folder / "m.json", option, folder / "t"});
    CHECK(o.code == 2);
    CHECK(o.says(std::string(option) + ": a model of logistic is not a tree"));
  }
}
