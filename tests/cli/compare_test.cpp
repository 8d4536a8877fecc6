// assay compare: ranked, repeatable, and honest about what cannot be told apart.
#include "assay/ml/catalogue.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::test;
using Catch::Matchers::Contains;

TEST_CASE("compare: the keys that scripts rely on") {
  const auto json = assay_run({"compare", "@iris", "--json"}).json();
  for (const char* key : {"leaderboard", "left_out", "tests", "detectable_difference", "run"})
    CHECK(json.contains(key));
  const auto& best = json["leaderboard"][0];
  CHECK(keys(best["metric"]) == std::set<std::string>{"name", "mean", "sd", "folds"});
  CHECK(best["metric"]["name"] == "accuracy");
  CHECK(best["metric"]["folds"].size() == 5);
  CHECK(best.contains("params"));
  CHECK(best["run"].contains("fit_s"));
  CHECK(best["run"].contains("predict_s"));
  CHECK(json["tests"][0]["a"] == best["label"]);
  CHECK(json["tests"][0].contains("b"));
  CHECK(json["tests"][0].contains("p"));
}

TEST_CASE("compare: two runs, and one and two threads, differ only under run", "[parallel]") {
  for (const char* data : {"@iris", "@titanic", "@diabetes"}) {
    INFO(data);
    const auto once = assay_run({"compare", data, "--threads", "1", "--json"}).json();
    const auto again = assay_run({"compare", data, "--threads", "1", "--json"}).json();
    const auto two = assay_run({"compare", data, "--threads", "2", "--json"}).json();
    CHECK(without_run(once) == without_run(again));
    CHECK(without_run(once) == without_run(two));
    CHECK(once != without_run(once));
  }
}

TEST_CASE("compare: on iris logistic, knn and tree reach 0.92 for seeds 0 to 9") {
  std::set<std::string> names;
  for (const Learner& l : learners()) names.insert(std::string(l.name()));
  for (int seed = 0; seed < 10; ++seed) {
    const auto json = assay_run({"compare", "@iris", "--seed", std::to_string(seed), "--json"}).json();
    std::set<std::string> seen;
    for (const auto& row : json["leaderboard"]) {
      const std::string name = row["algorithm"];
      seen.insert(name);
      if (name != "logistic" && name != "knn" && name != "tree") continue;
      INFO(name << ", seed " << seed);
      CHECK(row["metric"]["mean"].get<double>() >= 0.92);
    }
    for (const char* name : {"logistic", "knn", "tree"})
      if (names.count(name)) CHECK(seen.count(name) == 1);
  }
}

TEST_CASE("compare: numbers as a target are a regression, ranked by rmse from the smallest") {
  const auto json = assay_run({"compare", "@diabetes", "--json"}).json();
  CHECK(json["task"] == "regression");
  CHECK(json["metric"] == "rmse");
  double last = 0;
  for (const auto& row : json["leaderboard"]) {
    CHECK(row["metric"]["mean"].get<double>() >= last);
    last = row["metric"]["mean"].get<double>();
  }
  CHECK(json["leaderboard"].size() >= 2);
}

TEST_CASE("compare: the table says who is best, and how sure that is") {
  const Outcome o = assay_run({"compare", "@iris", "--algos", "tree,dummy"});
  CHECK_THAT(o.out, Contains("best") && Contains("worse, p < 0.001"));
  CHECK(o.out.find("1e-") == std::string::npos);
  const Outcome same = assay_run({"compare", "@iris", "--algos", "tree:max-depth=3,tree:max-depth=4"});
  CHECK_THAT(same.out, Contains("cannot be told apart"));
  CHECK(same.out.find("equal") == std::string::npos);
}

TEST_CASE("compare: learners that are left out are named with the reason, on the terminal and in JSON") {
  const auto json = assay_run({"compare", "@iris", "--json"}).json();
  for (const auto& l : json["left_out"]) {
    CHECK_FALSE(l["algorithm"].get<std::string>().empty());
    CHECK_FALSE(l["reason"].get<std::string>().empty());
  }
  for (const Learner& l : learners()) {
    if (l.traits().weights != Weights::none || !l.traits().classification || !l.traits().baseline) continue;
    const Outcome o = assay_run({"compare", "@breast_cancer", "--class-weight", "balanced"});
    CHECK(o.says("left out: " + std::string(l.name()) + ": takes no weights"));
  }
}

TEST_CASE("compare: parameters inline, the same learner twice, options of folds and metric") {
  const auto json = assay_run({"compare", "@breast_cancer", "--algos", "tree:max-depth=1,tree:max-depth=3", "--metric",
                               "roc-auc", "--folds", "3", "--repeat", "2", "--json"})
                        .json();
  CHECK(json["metric"] == "roc_auc");
  CHECK(json["folds"] == 3);
  CHECK(json["leaderboard"].size() == 3);
  CHECK(json["leaderboard"][0]["metric"]["folds"].size() == 6);
  CHECK(json["leaderboard"][0]["params"]["max-depth"] == 3);
}

TEST_CASE("compare: the report is one file; where it cannot be written it is exit 7 and nothing is left") {
  const Scratch folder;
  const Outcome o = assay_run({"compare", "@iris", "--algos", "tree", "--report", folder / "r.html"});
  CHECK(o.code == 0);
  CHECK(folder.names() == std::vector<std::string>{"r.html"});
  CHECK(file_text(folder / "r.html").rfind("<!doctype html>", 0) == 0);
  CHECK(assay_run({"compare", "@iris", "--algos", "tree", "--report", "/dev/full"}).code == 7);
  CHECK(assay_run({"compare", "@iris", "--algos", "tree", "--report", folder / "no/r.html"}).code == 7);
  CHECK(folder.names() == std::vector<std::string>{"r.html"});
}

TEST_CASE("compare: too few rows for the folds is said with what to do") {
  const Scratch folder;
  const Outcome o = assay_run({"compare", put_file(folder / "d.csv", "x,y\n1,a\n2,b\n3,a\n")});
  INFO(o.err);
  CHECK(o.code == 2);
  CHECK(o.says("there are 3"));
  CHECK(o.says("hint: --folds 3"));
}
