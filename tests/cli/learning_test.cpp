// fit, predict, evaluate, cv, explain: what they print, write and refuse.
#include <cmath>
#include <filesystem>

#include "assay/core/text.h"
#include "assay/ml/data/table.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::test;
using Catch::Matchers::Contains;

namespace {

const std::set<std::string> kAlways{"verb", "assay", "seed", "warnings", "run"};

std::set<std::string> with(std::set<std::string> names, const std::set<std::string>& more) {
  names.insert(more.begin(), more.end());
  return names;
}

bool subset(const std::set<std::string>& part, const std::set<std::string>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

// The error of a fit on this table.
Outcome fit_text(const Scratch& folder, const std::string& text, std::vector<std::string> more = {}) {
  const std::string csv = put_file(folder / "d.csv", text);
  std::vector<std::string> args{"fit", "logistic", csv, "--out", folder / "m.json"};
  args.insert(args.end(), more.begin(), more.end());
  return assay_run(args);
}

void check_refused(const std::string& text, int code, const std::vector<std::string>& wanted,
                   const std::vector<std::string>& more = {}) {
  const Scratch folder;
  const Outcome o = fit_text(folder, text, more);
  INFO(o.err);
  CHECK(o.code == code);
  CHECK(o.out.empty());
  for (const std::string& w : wanted) CHECK_THAT(o.err, Contains(w));
  CHECK(folder.names() == std::vector<std::string>{"d.csv"});
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all = split(text, '\n');
  if (!all.empty() && all.back().empty()) all.pop_back();
  return all;
}

std::string with_line(std::string text, int line, const std::string& content) {
  std::vector<std::string> all = lines(text);
  all[static_cast<size_t>(line - 1)] = content;
  return join(all, "\n") + "\n";
}

// Twenty good rows of two numbers and a class.
std::string good_table() {
  std::string text = "width,height,kind\n";
  for (int i = 0; i < 20; ++i)
    text += std::to_string(i % 7) + "," + std::to_string((3 * i) % 11) + "," + (i % 3 ? "cat" : "dog") + "\n";
  return text;
}

}  // namespace

// ---- fit

TEST_CASE("fit: the keys that scripts rely on") {
  const Scratch folder;
  const auto json =
      assay_run({"fit", "logistic", "@breast_cancer", "--holdout", "0.25", "--out", folder / "m.json", "--json"})
          .json();
  CHECK(subset(
      with(kAlways, {"algorithm", "task", "params", "pipeline", "rows", "features", "report", "train", "holdout"}),
      keys(json)));
  CHECK(json["algorithm"] == "logistic");
  CHECK(json["task"] == "classification");
  CHECK(json["params"]["C"] == 1);
  CHECK(json["features"] == 30);
  CHECK(json["rows"] == 427);  // 357 and 212 rows, a quarter of each held out
  CHECK(subset({"converged", "iterations", "objective"}, keys(json["report"])));
  CHECK(subset({"accuracy", "balanced_accuracy", "macro_f1", "log_loss", "roc_auc"}, keys(json["train"])));
  CHECK(subset({"load_s", "fit_s", "save_s", "score_s", "load_cpu_s", "fit_cpu_s"}, keys(json["run"]["timing"])));
  CHECK(json["run"].contains("rss_loaded_mb"));
  const auto bare = assay_run({"fit", "tree", "@diabetes", "--no-score", "--json"}).json();
  CHECK_FALSE(bare.contains("train"));
  CHECK_FALSE(bare.contains("holdout"));
  CHECK(bare["task"] == "regression");
}

TEST_CASE("fit: the task is said, and guessed by the rule") {
  CHECK(assay_run({"fit", "dummy", "@iris"}).says("task: classification, 3 classes in 'species'"));
  CHECK(assay_run({"fit", "dummy", "@diabetes"}).says("task: regression"));
  CHECK(assay_run({"fit", "dummy", "@diabetes", "--target", "sex"}).says("task: classification, 2 classes"));
  CHECK(assay_run({"fit", "dummy", "@diabetes", "--target", "sex", "--task", "regression"}).says("task: regression"));
}

TEST_CASE("fit: without --out it says that the model is not saved") {
  CHECK(assay_run({"fit", "dummy", "@iris"}).says("model not saved; add --out m.json"));
}

TEST_CASE("fit: --out - writes the model and nothing else to standard output") {
  // run() sees no descriptor; the process test does. Here: the scores are talk then.
  CHECK(assay_run({"fit", "dummy", "@iris", "--out", "/dev/null"}).prints("accuracy"));
}

TEST_CASE("fit: a text cell in a numeric column is a DataError with line and column") {
  check_refused(with_line(good_table(), 12, "2,n/k,cat"), 3, {"d.csv:12:2", "'height'", "\"n/k\""});
}

TEST_CASE("fit: ragged rows, a NUL byte and bytes that are no UTF-8 are DataErrors with their line") {
  check_refused(with_line(good_table(), 9, "2,3,cat,more"), 3, {"d.csv:9"});
  check_refused(with_line(good_table(), 9, "2,3"), 3, {"d.csv:9"});
  check_refused(with_line(good_table(), 9, std::string("2,3,c\0t", 7)), 3, {"d.csv:9", "NUL"});
  check_refused(with_line(good_table(), 9, "2,3,c\xE9t"), 3, {"d.csv:9:3", "UTF-8"});
  check_refused("", 3, {"d.csv"});
  check_refused("width,height,kind\n", 3, {"d.csv"});
}

TEST_CASE("fit: one class only, and a missing or NaN target, are DataErrors that say how to go on") {
  check_refused("x,y\n1,a\n2,a\n3,a\n", 3, {"'y'", "1 class", "dummy"});
  check_refused(with_line(good_table(), 5, "2,3,"), 3, {"d.csv:5:3", "'kind'", "1 row", "--drop-missing-target"});
  check_refused("x,y\n1,2.5\n2,nan\n3,7\n4,\n", 3, {"d.csv:3:2", "2 rows", "--drop-missing-target"},
                {"--task", "regression"});
  const Scratch folder;
  const Outcome o = fit_text(folder, with_line(good_table(), 5, "2,3,"), {"--drop-missing-target"});
  CHECK(o.code == 0);
  CHECK(o.says("warning: 1 row without a target left out"));
}

TEST_CASE("fit: a target, weights or ignored column that does not exist, or plays two parts, is said") {
  check_refused(good_table(), 2, {"\"knd\"", "did you mean 'kind'"}, {"--target", "knd"});
  check_refused(good_table(), 2, {"outside the columns 1..3"}, {"--target", "4"});
  check_refused(good_table(), 2, {"\"hight\""}, {"--weights", "hight"});
  check_refused(good_table(), 2, {"cannot be both"}, {"--weights", "kind", "--target", "kind"});
  check_refused(good_table(), 3, {"no column left"}, {"--ignore", "width,height"});
  check_refused(with_line(good_table(), 4, "-1,3,cat"), 3, {"weight", "d.csv:4:1"}, {"--weights", "width"});
}

TEST_CASE("fit: a file that does not exist, or a folder, is a DataError that names it") {
  const Scratch folder;
  CHECK(assay_run({"fit", "dummy", folder / "absent.csv"}).says("absent.csv: cannot be opened"));
  CHECK(assay_run({"fit", "dummy", folder / "absent.csv"}).code == 3);
  CHECK(assay_run({"fit", "dummy", folder.path()}).code == 3);
}

TEST_CASE("fit: where the model cannot be written it is exit 7 with the path, and nothing is left") {
  const Scratch folder;
  const std::string csv = put_file(folder / "d.csv", good_table());
  for (const std::string& out : {folder / "no/m.json", folder.path(), std::string("/dev/full")}) {
    const Outcome o = assay_run({"fit", "logistic", csv, "--out", out});
    INFO(o.err);
    CHECK(o.code == 7);
    CHECK(o.says(out + ": cannot be"));
    CHECK(folder.names() == std::vector<std::string>{"d.csv"});
  }
  std::error_code ignored;
  CHECK(std::filesystem::is_character_file("/dev/full", ignored));
}

TEST_CASE("fit: a fit that does not converge is a warning that says what to do; exit 5 under --strict") {
  const std::vector<std::string> args{"fit", "logistic", "@breast_cancer", "--max-iter", "1"};
  const Outcome o = assay_run(args);
  CHECK(o.code == 0);
  CHECK(o.says("warning: logistic did not converge"));
  CHECK(o.says("--max-iter"));
  std::vector<std::string> strict = args;
  strict.push_back("--strict");
  CHECK(assay_run(strict).code == 5);
  strict.push_back("--json");
  const auto json = assay_run(strict).json();
  CHECK(json["report"]["converged"] == false);
  CHECK(json["warnings"].size() == 1);
  CHECK(assay_run({"cv", "logistic", "@wine", "--max-iter", "1", "--strict"}).code == 5);
  CHECK(assay_run({"compare", "@wine", "--algos", "logistic:max-iter=1", "--strict"}).code == 5);
  CHECK(assay_run({"fit", "logistic", "@wine", "--strict"}).code == 0);
}

TEST_CASE("fit: a budget that is used up ends the fit, unconverged, with a model") {
  const Outcome o = assay_run({"fit", "logistic", "@digits", "--budget", "1ms", "--json"});
  CHECK(o.code == 0);
  CHECK(o.json()["report"]["converged"] == false);
}

TEST_CASE("fit: class weights change the fit, and scores stay those of the rows") {
  const auto json = [](const std::vector<std::string>& more) {
    std::vector<std::string> args{"fit", "dummy", "@breast_cancer", "--json"};
    args.insert(args.end(), more.begin(), more.end());
    return assay_run(args).json();
  };
  CHECK(json({})["train"]["accuracy"].get<double>() == Approx(357.0 / 569));
  // With malignant ten times as heavy the dummy says malignant: right on 212 of 569 rows, each counted once.
  CHECK(json({"--class-weight", "malignant:10"})["train"]["accuracy"].get<double>() == Approx(212.0 / 569));
  check_refused(good_table(), 2, {"--class-weight"}, {"--class-weight", "cat"});
  check_refused(good_table(), 2, {"--class-weight"}, {"--class-weight", "cat:-1"});
}

TEST_CASE("fit: balanced class weights agree with scikit-learn's class_weight='balanced'") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "logistic", "@breast_cancer", "--class-weight", "balanced", "--tolerance", "1e-12", "--out",
                     folder / "m.json"})
              .code == 0);
  const auto gold = golden("logistic_breast_cancer.json")["fits"]["balanced"]["coefficients"];
  const auto found = assay_run({"explain", folder / "m.json", "--json"}).json()["coefficients"][0]["coefficients"];
  REQUIRE(found.size() == gold.size());
  for (size_t f = 0; f < gold.size(); ++f)
    CHECK(std::abs(found[f]["standardised"].get<double>() - gold[f].get<double>()) < 1e-6);
}

TEST_CASE("fit: --valid scores a second table") {
  const Scratch folder;
  const std::string a = put_file(folder / "a.csv", good_table());
  const std::string b = put_file(folder / "b.csv", "kind,height,width\ndog,1,2\ncat,3,4\n");
  const auto json = assay_run({"fit", "dummy", a, "--valid", b, "--json"}).json();
  CHECK(json["holdout"]["accuracy"] == 0.5);
}

// ---- explain

TEST_CASE("explain: breast cancer's coefficients, fitted with the defaults, are scikit-learn's to 1e-6") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "logistic", "@breast_cancer", "--out", folder / "m.json"}).code == 0);
  const auto gold = golden("logistic_breast_cancer.json");
  const auto json = assay_run({"explain", folder / "m.json", "--json"}).json();
  REQUIRE(json["coefficients"].size() == 1);
  CHECK(json["coefficients"][0]["class"] == "malignant");
  const auto& found = json["coefficients"][0]["coefficients"];
  const auto& plain = gold["fits"]["plain"];
  double intercept = plain["intercept"].get<double>();
  for (size_t f = 0; f < found.size(); ++f) {
    CHECK(found[f]["feature"] == gold["features"][f].get<std::string>());
    const double w = plain["coefficients"][f].get<double>(), original = w / gold["sd"][f].get<double>();
    CHECK(std::abs(found[f]["standardised"].get<double>() - w) < 1e-6);
    CHECK(found[f]["original"].get<double>() == Approx(original).epsilon(1e-5));
    intercept -= original * gold["mean"][f].get<double>();
  }
  CHECK(std::abs(json["coefficients"][0]["intercept"]["standardised"].get<double>() -
                 plain["intercept"].get<double>()) < 1e-6);
  CHECK(json["coefficients"][0]["intercept"]["original"].get<double>() == Approx(intercept).epsilon(1e-5));
}

TEST_CASE("explain: every learner has something to say") {
  const Scratch folder;
  for (const char* algorithm : {"dummy", "logistic", "tree"}) {
    REQUIRE(assay_run({"fit", algorithm, "@titanic", "--out", folder / "m.json"}).code == 0);
    const Outcome o = assay_run({"explain", folder / "m.json"});
    CHECK(o.code == 0);
    CHECK(lines(o.out).size() > 3);
  }
}

TEST_CASE("explain: with a table it says what each column is worth on it") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "tree", "@titanic", "--max-depth", "3", "--out", folder / "m.json"}).code == 0);
  const auto json = assay_run({"explain", folder / "m.json", "@titanic", "--json"}).json();
  const auto& columns = json["permutation"]["columns"];
  CHECK(json["permutation"]["metric"] == "accuracy");
  CHECK(columns[0]["column"] == "sex");
  CHECK(columns[0]["mean"].get<double>() > 0.1);
  for (size_t f = 1; f < columns.size(); ++f) CHECK(columns[f]["mean"] <= columns[f - 1]["mean"]);
  const Outcome o = assay_run({"explain", folder / "m.json", "@titanic", "--metric", "log-loss", "--repeat", "2"});
  CHECK_THAT(o.out, Contains("loss of log_loss"));
  CHECK(assay_run({"explain", folder / "m.json", "@titanic", "--metric", "rmse"}).code == 2);
  CHECK(assay_run({"explain", folder / "m.json", "@iris"}).code == 3);
}

// ---- predict

TEST_CASE("predict: one row a row, in order, without the target's column") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "tree", put_file(folder / "d.csv", good_table()), "--out", folder / "m.json"}).code == 0);
  const std::string fresh = put_file(folder / "new.csv", "height,note,width\n3,\"a, b\",1\n6,c,2\n9,d,3\n");
  const Outcome o = assay_run({"predict", folder / "m.json", fresh});
  CHECK(o.code == 0);
  CHECK(o.out == "prediction\ncat\ncat\ndog\n");
  const auto kept = lines(assay_run({"predict", folder / "m.json", fresh, "--keep", "--proba"}).out);
  REQUIRE(kept.size() == 4);
  CHECK(kept[0] == "height,note,width,prediction,proba:cat,proba:dog");
  CHECK(kept[1] == "3,\"a, b\",1,cat,1,0");
  REQUIRE(assay_run({"predict", folder / "m.json", fresh, "--out", folder / "p.csv"}).out.empty());
  CHECK(file_text(folder / "p.csv") == o.out);
}

TEST_CASE("predict: after a reload the bits are those of the fitted model") {
  // The model file is read back by two commands: their numbers are written in shortest form, so equal text is equal bits;
  // and training scores, computed before saving, equal those of evaluate after loading.
  const Scratch folder;
  for (const char* algorithm : {"logistic", "tree"}) {
    const auto fitted = assay_run({"fit", algorithm, "@titanic", "--out", folder / "m.json", "--json"}).json();
    const auto scored = assay_run({"evaluate", folder / "m.json", "@titanic", "--json"}).json();
    CHECK(fitted["train"] == scored["metrics"]);
  }
}

TEST_CASE("predict: the keys that scripts rely on, and a table only with --out under --json") {
  const Scratch folder;
  const std::string m = folder / "m.json";
  REQUIRE(assay_run({"fit", "logistic", "@iris", "--out", m}).code == 0);
  const auto json = assay_run({"predict", m, "@iris", "--json", "--out", folder / "p.csv"}).json();
  CHECK(subset(with(kAlways, {"algorithm", "task", "rows"}), keys(json)));
  CHECK(json["rows"] == 150);
  CHECK(subset({"load_s", "predict_s"}, keys(json["run"]["timing"])));
  CHECK(lines(file_text(folder / "p.csv")).size() == 151);
}

TEST_CASE("predict: decision values and probabilities by label, text quoted where it must be") {
  const Scratch folder;
  const std::string csv = put_file(folder / "d.csv", "x,y\n1,\"no, never\"\n2,\"no, never\"\n3,yes\n4,yes\n5,yes\n");
  REQUIRE(assay_run({"fit", "logistic", csv, "--out", folder / "m.json"}).code == 0);
  const auto all = lines(assay_run({"predict", folder / "m.json", csv, "--proba", "--decision"}).out);
  CHECK(all[0] == "prediction,\"proba:no, never\",proba:yes,decision:yes");
  CHECK(all[1].rfind("\"no, never\",0.", 0) == 0);
  REQUIRE(assay_run({"fit", "logistic", "@iris", "--out", folder / "m.json"}).code == 0);
  CHECK(lines(assay_run({"predict", folder / "m.json", "@iris", "--decision"}).out)[0] ==
        "prediction,decision:setosa,decision:versicolor,decision:virginica");
}

TEST_CASE("predict: --threshold moves the line between two classes") {
  const Scratch folder;
  const std::string m = folder / "m.json";
  REQUIRE(assay_run({"fit", "logistic", "@breast_cancer", "--out", m}).code == 0);
  const auto count = [&](const std::string& threshold) {
    const auto all = lines(assay_run({"predict", m, "@breast_cancer", "--threshold", threshold}).out);
    return std::count(all.begin(), all.end(), "malignant");
  };
  CHECK(count("0") == 569);
  CHECK(count("0.05") > count("0.5"));
  CHECK(count("0.5") > count("0.95"));
  const auto low = assay_run({"evaluate", m, "@breast_cancer", "--threshold", "0.05", "--json"}).json();
  const auto high = assay_run({"evaluate", m, "@breast_cancer", "--threshold", "0.95", "--json"}).json();
  CHECK(low["metrics"]["recall"] > high["metrics"]["recall"]);
  CHECK(low["metrics"]["roc_auc"] == high["metrics"]["roc_auc"]);
  CHECK(assay_run({"predict", m, "@breast_cancer", "--threshold", "1.5"}).code == 2);
}

TEST_CASE("predict: what a model does not have is a usage error that says so") {
  const Scratch folder;
  const std::string m = folder / "m.json";
  REQUIRE(assay_run({"fit", "tree", "@diabetes", "--out", m}).code == 0);
  CHECK(assay_run({"predict", m, "@diabetes", "--proba"}).says("predicts numbers"));
  CHECK(assay_run({"predict", m, "@diabetes", "--decision"}).code == 2);
  REQUIRE(assay_run({"fit", "dummy", "@iris", "--out", m}).code == 0);
  CHECK(assay_run({"predict", m, "@iris", "--decision"}).says("dummy has no decision function"));
  CHECK(assay_run({"predict", m, "@iris", "--threshold", "0.5"}).says("two classes"));
}

TEST_CASE("predict: a table without a column of the model is a DataError with a did-you-mean") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "tree", put_file(folder / "d.csv", good_table()), "--out", folder / "m.json"}).code == 0);
  const Outcome o = assay_run({"predict", folder / "m.json", put_file(folder / "new.csv", "with,height\n1,2\n")});
  CHECK(o.code == 3);
  CHECK(o.says("new.csv: there is no column \"width\", which the model was trained on; did you mean 'with'?"));
}

TEST_CASE(
    "predict: a model that is cut, of another version, or points outside its columns is exit 4 with the file's name") {
  const Scratch folder;
  const std::string m = folder / "m.json";
  REQUIRE(assay_run({"fit", "tree", "@iris", "--out", m}).code == 0);
  const std::string text = file_text(m);
  const auto refused = [&](const std::string& changed, const std::string& wanted) {
    put_file(m, changed);
    const Outcome o = assay_run({"predict", m, "@iris", "--out", folder / "p.csv"});
    INFO(o.err);
    CHECK(o.code == 4);
    CHECK(o.says("m.json"));
    CHECK(o.says(wanted));
    CHECK(folder.names() == std::vector<std::string>{"m.json"});
  };
  refused(text.substr(0, text.size() / 2), "not JSON");
  auto json = nlohmann::ordered_json::parse(text);
  json["version"] = 2;
  refused(json.dump(), "version 2");
  json = nlohmann::ordered_json::parse(text);
  json["model"]["feature"][0] = 4;
  refused(json.dump(), "feature");
  json = nlohmann::ordered_json::parse(text);
  json["model"]["left"][0] = 0;
  refused(json.dump(), "node");
  CHECK(assay_run({"predict", folder / "absent.json", "@iris"}).code == 4);
}

// ---- evaluate

TEST_CASE("evaluate: the keys that scripts rely on, for both tasks") {
  const Scratch folder;
  const std::string m = folder / "m.json";
  REQUIRE(assay_run({"fit", "tree", "@breast_cancer", "--out", m}).code == 0);
  const auto json = assay_run({"evaluate", m, "@breast_cancer", "--json"}).json();
  CHECK(subset(with(kAlways, {"metrics"}), keys(json)));
  CHECK(subset({"accuracy", "balanced_accuracy", "macro_f1", "log_loss", "roc_auc"}, keys(json["metrics"])));
  CHECK(subset({"load_s", "predict_s"}, keys(json["run"]["timing"])));
  CHECK(json["confusion"].size() == 2);
  REQUIRE(assay_run({"fit", "tree", "@diabetes", "--out", m}).code == 0);
  CHECK(subset({"rmse", "mae", "r2"}, keys(assay_run({"evaluate", m, "@diabetes", "--json"}).json()["metrics"])));
}

TEST_CASE("evaluate: a gate that fails is exit 6, one that holds is 0, and a metric that is none is a usage error") {
  const Scratch folder;
  const std::string m = folder / "m.json";
  REQUIRE(assay_run({"fit", "logistic", "@iris", "--out", m}).code == 0);
  CHECK(assay_run({"evaluate", m, "@iris", "--min", "accuracy=0.9", "--max", "log-loss=0.5"}).code == 0);
  const Outcome o = assay_run({"evaluate", m, "@iris", "--min", "accuracy=0.999", "--min", "macro_f1=0.1"});
  CHECK(o.code == 6);
  CHECK(o.says("gate failed: accuracy is 0.9"));
  CHECK(o.says("must be at least 0.999"));
  CHECK(assay_run({"evaluate", m, "@iris", "--max", "log_loss=0.001", "--json"}).json()["gates"][0]["kept"] == false);
  CHECK(assay_run({"evaluate", m, "@iris", "--min", "acuracy=0.9"}).says("did you mean 'accuracy'"));
  CHECK(assay_run({"evaluate", m, "@iris", "--min", "accuracy"}).code == 2);
  CHECK(assay_run({"evaluate", m, "@iris", "--min", "rmse=1"}).code == 2);
}

TEST_CASE("evaluate: --positive chooses the class that precision and recall are about") {
  const Scratch folder;
  const std::string m = folder / "m.json";
  REQUIRE(assay_run({"fit", "tree", "@titanic", "--max-depth", "3", "--out", m}).code == 0);
  const auto yes = assay_run({"evaluate", m, "@titanic", "--json"}).json();
  const auto no = assay_run({"evaluate", m, "@titanic", "--positive", "no", "--json"}).json();
  CHECK(yes["positive"] == "yes");
  CHECK(no["positive"] == "no");
  CHECK(yes["metrics"]["recall"] == yes["classes"][1]["recall"]);
  CHECK(no["metrics"]["recall"] == yes["classes"][0]["recall"]);
}

TEST_CASE("evaluate: a table without the target, or with a class that is new, is a DataError") {
  const Scratch folder;
  REQUIRE(assay_run({"fit", "tree", put_file(folder / "d.csv", good_table()), "--out", folder / "m.json"}).code == 0);
  const Outcome none =
      assay_run({"evaluate", folder / "m.json", put_file(folder / "n.csv", "width,height\n1,2\n2,3\n")});
  CHECK(none.code == 3);
  CHECK(none.says("\"kind\""));
  const Outcome fresh =
      assay_run({"evaluate", folder / "m.json", put_file(folder / "n.csv", "width,height,kind\n1,2,cow\n2,3,cat\n")});
  CHECK(fresh.code == 3);
  CHECK(fresh.says("\"cow\""));
  // Another column may hold the truth, in another order.
  const auto json =
      assay_run({"evaluate", folder / "m.json", put_file(folder / "n.csv", "truth,height,width\ncat,3,1\ndog,0,0\n"),
                 "--target", "truth", "--json"})
          .json();
  CHECK(json["metrics"]["accuracy"] == 1);
}

// ---- cv

TEST_CASE("cv: the keys that scripts rely on; groups stay together; repeats multiply the folds") {
  const auto json =
      assay_run({"cv", "tree", "@iris", "--max-depth", "2", "--folds", "4", "--repeat", "3", "--json"}).json();
  CHECK(subset(with(kAlways, {"leaderboard", "left_out", "tests", "detectable_difference"}), keys(json)));
  const auto& row = json["leaderboard"][0];
  CHECK(subset({"algorithm", "params", "metric", "run"}, keys(row)));
  CHECK(keys(row["metric"]) == std::set<std::string>{"name", "mean", "sd", "folds"});
  CHECK(row["metric"]["folds"].size() == 12);
  CHECK(row["params"]["max-depth"] == 2);
  CHECK(row["label"] == "tree:max-depth=2");
  CHECK(subset({"fit_s", "predict_s"}, keys(row["run"])));
  const Scratch folder;
  std::string grouped = "x,who,y\n";
  for (int i = 0; i < 40; ++i)
    grouped += std::to_string(i) + ",p" + std::to_string(i / 4) + "," + (i % 2 ? "a" : "b") + "\n";
  const Outcome o = assay_run({"cv", "tree", put_file(folder / "g.csv", grouped), "--group", "who"});
  CHECK(o.code == 0);
  CHECK(o.says("group"));
  CHECK(assay_run({"cv", "tree", folder / "g.csv", "--group", "x"}).code == 0);
  CHECK(assay_run({"cv", "tree", folder / "g.csv", "--group", "y"}).code == 2);
}
