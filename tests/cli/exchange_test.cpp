// export and import: a model goes to LIBSVM's format and comes back; explain --plot.
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay::test;
using Catch::Matchers::Contains;

namespace {

void check_refused(const std::vector<std::string>& args, int code, const std::string& wanted, const Scratch& folder,
                   const std::string& not_written) {
  const Outcome o = assay_run(args);
  INFO(o.err);
  CHECK(o.code == code);
  CHECK_THAT(o.err, Contains(wanted));
  const auto names = folder.names();
  CHECK(std::find(names.begin(), names.end(), not_written) == names.end());
}

}  // namespace

TEST_CASE("export, import: an svm goes to LIBSVM's format and back with the same answers") {
  const Scratch folder;
  const std::string m = folder / "m.json", exported = folder / "m.model", back = folder / "back.json",
                    table = folder / "t.libsvm";
  REQUIRE(assay_run({"fit", "svm", "@wine", "--target", "cultivar", "--C", "2", "--out", m}).code == 0);
  const Outcome out = assay_run({"export", m, "--as", "libsvm", "--out", exported});
  REQUIRE(out.code == 0);
  CHECK_THAT(out.err, Contains("data transform"));
  REQUIRE(assay_run({"data", "transform", exported + ".prep.json", "@wine", table}).code == 0);
  REQUIRE(assay_run({"import", exported, "--as", "libsvm", "--out", back}).code == 0);
  const auto a = assay_run({"evaluate", m, "@wine", "--target", "cultivar", "--json"}).json();
  const auto b = assay_run({"evaluate", back, table, "--json"}).json();
  CHECK(a["metrics"]["accuracy"] == b["metrics"]["accuracy"]);
  CHECK(a["metrics"]["accuracy"].get<double>() > 0.95);
}

TEST_CASE("export, import: what cannot be is refused, and nothing is written") {
  const Scratch folder;
  const std::string linear = folder / "linear.json", svm = folder / "svm.json", x = folder / "x";
  REQUIRE(assay_run({"fit", "linear", "@diabetes", "--out", linear}).code == 0);
  REQUIRE(assay_run({"fit", "svm", "@iris", "--out", svm}).code == 0);
  check_refused({"export", linear, "--as", "libsvm", "--out", x}, 2, "linear has no form in LIBSVM's format", folder,
                "x");
  check_refused({"export", svm, "--as", "onnx", "--out", x}, 2, "unknown format \"onnx\"", folder, "x");
  check_refused({"export", svm, "--as", "libsvm"}, 2, "--out says where to write", folder, "x");
  check_refused({"export", folder / "none.json", "--as", "libsvm", "--out", x}, 4, "none.json", folder, "x");
  const std::string cut = put_file(folder / "cut.model", "svm_type c_svc\nkernel_type rbf\ngamma 0.5\nnr_class 2\n");
  check_refused({"import", cut, "--as", "libsvm", "--out", x}, 4, "there is no line SV", folder, "x");
}

TEST_CASE("explain --plot: a path is drawn, and a model without one is refused before anything is printed") {
  const Scratch folder;
  const std::string path = folder / "path.json", plain = folder / "plain.json", svg = folder / "p.svg";
  REQUIRE(assay_run({"fit", "lasso", "@diabetes", "--alpha", "auto", "--out", path}).code == 0);
  REQUIRE(assay_run({"explain", path, "--plot", svg}).code == 0);
  const std::string text = file_text(svg);
  for (const char* word : {"<svg", "held-out mean squared error", "weights", "bmi", "the model"})
    CHECK_THAT(text, Contains(word));
  REQUIRE(assay_run({"fit", "lasso", "@diabetes", "--out", plain}).code == 0);
  const Outcome o = assay_run({"explain", plain, "--plot", folder / "q.svg"});
  CHECK(o.code == 2);
  CHECK(o.out.empty());
  CHECK_THAT(o.err, Contains("no curves to draw"));
}

TEST_CASE("export, import: boosted trees go to XGBoost's format and back, with names of columns and classes") {
  const Scratch folder;
  const std::string m = folder / "m.json", exported = folder / "x.json", back = folder / "back.json";
  REQUIRE(assay_run({"fit", "gbdt", "@iris", "--trees", "10", "--out", m}).code == 0);
  const Outcome out = assay_run({"export", m, "--as", "xgboost", "--out", exported, "--json"});
  REQUIRE(out.code == 0);
  CHECK(out.json()["labels"]["2"] == "virginica");
  const Outcome counted = assay_run({"export", m, "@iris", "--as", "xgboost", "--out", exported, "--json"});
  REQUIRE(counted.code == 0);
  CHECK(counted.json()["rows"] == 150);
  CHECK(counted.json()["rows_changed"] == 0);  // thresholds lie between tenths
  const Outcome in = assay_run({"import", exported, "--as", "xgboost", "--out", back, "--json"});
  REQUIRE(in.code == 0);
  CHECK(in.json()["algorithm"] == "gbdt");
  CHECK(in.json()["classes"][0] == "setosa");
  const auto a = assay_run({"evaluate", m, "@iris", "--json"}).json(),
             b = assay_run({"evaluate", back, "@iris", "--json"}).json();
  CHECK(a["metrics"]["accuracy"] == b["metrics"]["accuracy"]);
  CHECK(std::abs(a["metrics"]["log_loss"].get<double>() - b["metrics"]["log_loss"].get<double>()) < 1e-6);
}

TEST_CASE("export, import: a file of XGBoost's that lies is refused with exit code 4, and nothing is written") {
  const Scratch folder;
  const std::string bad = put_file(folder / "bad.json", "{\"learner\": {}}");
  check_refused({"import", bad, "--as", "xgboost", "--out", folder / "y"}, 4, "objective", folder, "y");
  const std::string text = folder / "t.json";
  REQUIRE(assay_run({"fit", "gbdt", "@titanic", "--trees", "2", "--out", text}).code == 0);
  check_refused({"export", text, "--as", "xgboost", "--out", folder / "z"}, 2, "split by levels", folder, "z");
}

TEST_CASE("export: rows that single precision sends elsewhere are counted") {
  const Scratch folder;
  const std::string data = put_file(folder / "d.csv", "x,y\n1,0\n1,0\n1.00000000001,9\n1.00000000001,9\n2,9\n");
  REQUIRE(assay_run({"fit", "tree", data, "--numeric", "y", "--out", folder / "m.json"}).code == 0);
  const Outcome o =
      assay_run({"export", folder / "m.json", data, "--as", "xgboost", "--out", folder / "x.json", "--json"});
  INFO(o.err);
  REQUIRE(o.code == 0);
  CHECK(o.json()["rows_changed"] == 2);
}

TEST_CASE("fit: gbdt watches the rows of --valid or --holdout, and says where it stopped") {
  const Scratch folder;
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--holdout", "0.25"}, {"--valid", "@diabetes"}, {}}) {
    std::vector<std::string> args{"fit",     "gbdt", "@diabetes", "--early-stopping", "5",
                                  "--trees", "60",   "--out",     folder / "m.json",  "--json"};
    args.insert(args.end(), more.begin(), more.end());
    const Outcome o = assay_run(args);
    REQUIRE(o.code == 0);
    const auto report = o.json()["report"];
    if (more.empty() || more[0] == "--holdout")
      CHECK(report["iterations"].get<int>() < 55);
    else  // its own rows: the loss never rises
      CHECK(report["iterations"].get<int>() == 60);
    CHECK(report["validation_loss"].get<double>() > 0);
  }
  REQUIRE(assay_run({"explain", folder / "m.json", "--plot", folder / "l.svg"}).code == 0);
  CHECK_THAT(file_text(folder / "l.svg"), Contains("kept aside"));
}
