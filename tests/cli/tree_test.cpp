// What the command line says and draws of trees.
#include <cmath>

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
  CHECK(svg.find("only the heaviest branches") != std::string::npos);
  CHECK(svg.find("more questions") != std::string::npos);
  CHECK(svg.size() < 100000);
}

TEST_CASE("explain: what is not a tree is not drawn as one") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "logistic", "@iris", "--out", folder / "m.json"}).code == 0);
  for (const char* option : {"--svg", "--dot"}) {
    const Outcome o = assay_run({"explain", folder / "m.json", option, folder / "t"});
    CHECK(o.code == 2);
    CHECK(o.says(std::string(option) + ": a model of logistic is not made of trees"));
  }
}

TEST_CASE("explain --shap: base and columns sum to the share of the answer, and to the value") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "tree", "@penguins", "--min-leaf", "5", "--out", folder / "m.json"}).code == 0);
  const Outcome o =
      assay_run({"explain", folder / "m.json", "@penguins", "--shap", "--row", "300", "--repeat", "1", "--json"});
  REQUIRE(o.code == 0);
  const auto shap = o.json()["shap"];
  CHECK(shap["row"] == 300);
  CHECK(shap["columns"].size() == 7);
  double sum = shap["base"].get<double>();
  for (const auto& column : shap["columns"]) sum += column["adds"].get<double>();
  CHECK(sum == Approx(shap["sum"].get<double>()));
  REQUIRE(assay_run({"predict", folder / "m.json", "@penguins", "--proba", "--out", folder / "p.csv"}).code == 0);
  std::istringstream in(file_text(folder / "p.csv"));
  std::string line;
  for (int i = 0; i <= 300; ++i) std::getline(in, line);
  CHECK(line.rfind(shap["of"].get<std::string>(), 0) == 0);

  REQUIRE(assay_run({"fit", "tree", "@diabetes", "--max-depth", "3", "--out", folder / "d.json"}).code == 0);
  const Outcome value = assay_run({"explain", folder / "d.json", "@diabetes", "--shap", "--repeat", "1"});
  CHECK(value.prints("row 1: what each column adds to progression (SHAP)"));
}

TEST_CASE("explain --shap: needs a table, a row of it, and a model of trees") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "tree", "@iris", "--out", folder / "t.json"}).code == 0);
  REQUIRE(assay_run({"fit", "logistic", "@iris", "--out", folder / "l.json"}).code == 0);
  CHECK(assay_run({"explain", folder / "t.json", "--shap"}).says("--shap explains a row of a table"));
  const Outcome beyond = assay_run({"explain", folder / "t.json", "@iris", "--shap", "--row", "151"});
  CHECK(beyond.code == 2);
  CHECK(beyond.says("--row 151: there are only 150 rows"));
  CHECK(beyond.out.empty());  // nothing is printed before it is refused
  const Outcome o = assay_run({"explain", folder / "l.json", "@iris", "--shap"});
  CHECK(o.code == 2);
  CHECK(o.says("a model of logistic is not made of trees"));
}

TEST_CASE("explain --shap: of a forest they sum to the mean of its trees, of gbdt to the margin") {
  const Scratch folder;
  for (const char* data : {"@iris", "@breast_cancer", "@diabetes"})
    for (const char* learner : {"forest:trees=20:max-depth=6", "gbdt:trees=10"}) {
      REQUIRE(assay_run({"fit", learner, data, "--out", folder / "m.json", "--quiet"}).code == 0);
      const bool values = std::string(data) == "@diabetes", boosted = std::string(learner).rfind("gbdt", 0) == 0;
      const Outcome o =
          assay_run({"explain", folder / "m.json", data, "--shap", "--row", "100", "--repeat", "1", "--json"});
      REQUIRE(o.code == 0);
      const auto shap = o.json()["shap"];
      double sum = shap["base"].get<double>();
      for (const auto& column : shap["columns"]) sum += column["adds"].get<double>();
      CHECK(sum == Approx(shap["sum"].get<double>()));
      std::vector<std::string> args{"predict", folder / "m.json", data, "--out", folder / "p.csv"};
      if (!values) args.push_back(boosted ? "--decision" : "--proba");
      REQUIRE(assay_run(args).code == 0);
      std::istringstream in(file_text(folder / "p.csv"));
      std::string line, cell;
      for (int i = 0; i <= 100; ++i) std::getline(in, line);
      std::istringstream cells(line);
      double best = -INFINITY;
      for (int i = 0; std::getline(cells, cell, ','); ++i)
        if (values || i > 0) best = std::max(best, std::stod(cell));
      INFO(data << " " << learner << " " << line);
      CHECK(sum == Approx(best).epsilon(1e-5));
    }
}

TEST_CASE("explain --tree: any tree of a forest or of gbdt is drawn") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "gbdt", "@iris", "--trees", "4", "--out", folder / "g.json", "--quiet"}).code == 0);
  REQUIRE(assay_run({"fit", "forest", "@titanic", "--trees", "3", "--out", folder / "f.json", "--quiet"}).code == 0);
  REQUIRE(assay_run({"explain", folder / "g.json", "--svg", folder / "g.svg", "--tree", "2", "-q"}).code == 0);
  CHECK(file_text(folder / "g.svg").find("tree 2 of 12, for &#39;versicolor") != std::string::npos);
  REQUIRE(assay_run({"explain", folder / "f.json", "--dot", folder / "f.dot", "--tree", "3", "-q"}).code == 0);
  CHECK(file_text(folder / "f.dot").find("tree 3 of 3") != std::string::npos);
  const Outcome beyond = assay_run({"explain", folder / "f.json", "--dot", folder / "f.dot", "--tree", "4"});
  CHECK(beyond.says("the model has 3 trees"));
  CHECK(beyond.out.empty());
}
