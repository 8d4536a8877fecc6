#include "assay/ml/model.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

#include "assay/core/json.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"

using namespace assay;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kTrain =
    "age,port,ticket,alive\n"
    "22,S,1,no\n38,C,2,yes\n26,S,1,yes\n35,S,2,no\n,Q,1,no\n54,S,2,no\n2,S,1,yes\n27,C,2,yes\n14,Q,1,yes\n4,S,2,no\n";

Table parse(const std::string& text, const TableOptions& options = {}) { return parse_csv(text, "new.csv", options); }

Model train(const std::string& algorithm, const std::string& csv = kTrain) {
  TableOptions options;
  if (csv == kTrain) options.categorical = {"ticket"};
  const Dataset data = assign_roles(parse(csv, options), {});
  const Learner& learner = find_learner(algorithm);
  return fit_model(learner, *learner.params(), data.samples, data.target, {}, Context(3, 1));
}

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_all(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

Matrix proba(const Model& m, const std::string& csv) {
  return m.predict_proba(match_columns(m, parse(csv)), Context(0, 1));
}

// Loads the file after `change`; the message of the ModelError, or "" where it was accepted.
std::string refusal(const Json& good, const std::function<void(Json&)>& change) {
  const test::Scratch scratch;
  Json bad = good;
  change(bad);
  write_all(scratch / "m.json", bad.dump());
  try {
    load_model(scratch / "m.json");
  } catch (const ModelError& e) {
    return e.what();
  }
  return "";
}

Json saved(const Model& m) {
  const test::Scratch scratch;
  save_model(m, scratch / "m.json");
  return parse_json(read_all(scratch / "m.json"), "m.json");
}

}  // namespace

TEST_CASE("model: columns are found by name, in any order, among others") {
  const Model m = train("logistic");
  const Matrix a = proba(m, "age,port,ticket\n30,S,1\n40,C,2\n");
  const Matrix b = proba(m, "note,ticket,age,alive,port\nx,1,30,?,S\ny,2,40,?,C\n");
  CHECK(a == b);
}

TEST_CASE("model: levels keep their meaning when a new table has others, or them in another order") {
  const Model m = train("logistic");
  const Matrix all = proba(m, "age,port,ticket\n30,C,1\n30,Q,1\n30,S,1\n");
  CHECK(proba(m, "age,port,ticket\n30,S,1\n").row(0) == all.row(2));
  CHECK(proba(m, "age,port,ticket\n30,S,1\n30,B,1\n30,Z,1\n30,Q,1\n").row(3) == all.row(1));
}

TEST_CASE("model: a level training never saw is missing, so the most frequent one") {
  const Model m = train("logistic");
  const Matrix P = proba(m, "age,port,ticket\n30,S,1\n30,Mars,1\n30,,1\n");
  CHECK(P.row(0) == P.row(1));
  CHECK(P.row(0) == P.row(2));
}

TEST_CASE("model: a text column of training that reads as numbers later is matched by value") {
  const Model m = train("logistic");
  const Table t = parse("age,port,ticket\n30,S,1\n30,S,2\n30,S,2.0\n30,S,7\n");
  REQUIRE_FALSE(t.columns[2].categorical());
  const Samples x = match_columns(m, t);
  CHECK(x.cols()(0, 2) == 0);
  CHECK(x.cols()(1, 2) == 1);
  CHECK(x.cols()(2, 2) == 1);
  CHECK(std::isnan(x.cols()(3, 2)));
}

TEST_CASE("model: an absent column, and text where numbers are wanted, are errors that name it") {
  const Model m = train("logistic");
  CHECK_THROWS_WITH(match_columns(m, parse("aeg,port,ticket\n1,S,1\n2,S,2\n")),
                    Contains("\"age\"") && Contains("did you mean 'aeg'") && Contains("new.csv"));
  CHECK_THROWS_WITH(match_columns(m, parse("age,port,ticket\nold,S,1\nnew,S,2\n")),
                    Contains("new.csv:2:1") && Contains("\"age\"") && Contains("\"old\" is not a number"));
}

TEST_CASE("model: a sparse table is matched by position, where all columns are numeric") {
  const Model m = train("dummy");
  const Table sparse = parse_libsvm("1 1:2 3:1\n-1 2:1\n", "x.libsvm");
  CHECK_THROWS_AS(match_columns(m, sparse), DataError);  // port is text
  const Dataset numbers = assign_roles(sparse, {});
  const Learner& dummy = find_learner("dummy");
  const Model n = fit_model(dummy, *dummy.params(), numbers.samples, numbers.target, {}, Context());
  CHECK(match_columns(n, parse_libsvm("1 1:2\n-1 2:1\n", "y.libsvm")).sparse().columns == 3);
  CHECK_THROWS_WITH(match_columns(n, parse_libsvm("1 4:2\n-1 2:1\n", "y.libsvm")), Contains("4 features"));
}

TEST_CASE("model: a target in another order of classes is recoded; a new class is an error") {
  Target known, other;
  known.classes = {"no", "yes"};
  other.classes = {"yes"};
  other.code = {0, 0};
  CHECK(recode_target(other, known, "t.csv").code == std::vector<int>{1, 1});
  other.classes = {"maybe", "yes"};
  CHECK_THROWS_WITH(recode_target(other, known, "t.csv"), Contains("\"maybe\"") && Contains("t.csv"));
}

TEST_CASE("model: a learner that cannot do the task or take the weights is a usage error") {
  const Dataset data = assign_roles(parse("x,y\n1,0.5\n2,1.5\n3,9.25\n"), {});
  const Learner& logistic = find_learner("logistic");
  CHECK_THROWS_AS(fit_model(logistic, *logistic.params(), data.samples, data.target, {}, Context()), UsageError);
  for (const Learner& l : learners()) {
    if (l.traits().weights != Weights::none) continue;
    Dataset weighted = assign_roles(parse(kTrain), {});
    weighted.samples.weight = Vector::Ones(10);
    CHECK_THROWS_AS(fit_model(l, *l.params(), weighted.samples, weighted.target, {}, Context()), UsageError);
  }
}

TEST_CASE("model: saved and loaded it predicts the same bits, and knows what it was") {
  const test::Scratch scratch;
  for (const char* algorithm : {"dummy", "logistic", "tree"}) {
    INFO(algorithm);
    const Model m = train(algorithm);
    save_model(m, scratch / "m.json");
    const Model back = load_model(scratch / "m.json");
    const std::string fresh = "age,port,ticket\n30,S,1\n,C,2\n1e300,Mars,\n-7.25,Q,2\n";
    if (std::string(algorithm) != "logistic") CHECK(proba(back, fresh) == proba(m, fresh));
    const std::string usual = "age,port,ticket\n30,S,1\n,C,2\n-7.25,Q,2\n0.1,S,1\n";
    CHECK(proba(back, usual) == proba(m, usual));
    CHECK(back.learner == m.learner);
    CHECK(back.seed == 3);
    CHECK(back.positive == "yes");
    CHECK(back.target.name == "alive");
    CHECK(back.model->report().iterations == m.model->report().iterations);
    CHECK(scratch.names() == std::vector<std::string>{"m.json"});
  }
}

TEST_CASE("model: the version is checked before anything else") {
  const Json good = saved(train("tree"));
  for (const int version : {0, 2, 99})
    CHECK_THAT(refusal(good,
                       [&](Json& m) {
                         m = Json{{"format", "assay-model"}, {"version", version}, {"what", "a later format"}};
                       }),
               Contains("version " + std::to_string(version)));
  CHECK_THAT(refusal(good, [](Json& m) { m.erase("format"); }), Contains("not an assay model"));
  CHECK_THAT(refusal(good, [](Json& m) { m = Json{{"a", 1}}; }), Contains("not an assay model"));
  CHECK_THAT(refusal(good, [](Json& m) { m = Json::array({1, 2}); }), Contains("not an object"));
}

TEST_CASE("model: an unknown learner gets a did-you-mean") {
  const Json good = saved(train("tree"));
  CHECK_THAT(refusal(good, [](Json& m) { m["algorithm"] = "tre"; }), Contains("did you mean 'tree'"));
}

TEST_CASE("model: wrong types, shapes, numbers and names are refused with the path in the file") {
  const Json good = saved(train("logistic"));
  REQUIRE(refusal(good, [](Json&) {}).empty());
  const std::vector<std::pair<std::function<void(Json&)>, std::string>> cases = {
      {[](Json& m) { m["columns"] = 3; }, "columns"},
      {[](Json& m) { m["columns"] = Json::array(); }, "columns is empty"},
      {[](Json& m) { m["columns"][0]["levels"] = "none"; }, "columns[0].levels"},
      {[](Json& m) { m["columns"].erase(0); }, "fill"},
      {[](Json& m) { m["model"]["W"]["columns"] = 2; }, "W"},
      {[](Json& m) {
         m["model"]["W"]["rows"] = 2147483647;
         m["model"]["W"]["columns"] = 2147483647;
       },
       "W"},
      {[](Json& m) { m["model"]["W"]["rows"] = 1e18; }, "rows"},
      {[](Json& m) { m["model"]["W"]["rows"] = -1; }, "rows"},
      {[](Json& m) { m["model"]["W"]["values"][0] = nullptr; }, "values[0]"},
      {[](Json& m) { m["model"]["W"]["values"][0] = "NaN"; }, "values[0]"},
      {[](Json& m) {
         m["model"]["b"] = {1, 2, 3};
       },
       "b"},
      {[](Json& m) { m["target"]["classes"] = {"no"}; }, "positive"},
      {[](Json& m) { m["target"]["classes"] = Json::array(); }, "task and target.classes"},
      {[](Json& m) { m["target"]["classes"].push_back("maybe"); }, "positive"},
      {[](Json& m) { m["target"]["positive"] = "maybe"; }, "\"maybe\""},
      {[](Json& m) { m["task"] = "regression"; }, "task"},
      {[](Json& m) { m["params"]["C"] = "-1"; }, "C"},
      {[](Json& m) { m["params"]["C"] = 1; }, "params.C"},
      {[](Json& m) { m["seed"] = "-1"; }, "seed"},
      {[](Json& m) { m["seed"] = "18446744073709551616"; }, "seed"},
      {[](Json& m) { m["report"]["iterations"] = 0.5; }, "iterations"},
      {[](Json& m) {
         m["report"]["names"] = {"a", "b", "c"};
       },
       "names and values"},
      {[](Json& m) { m.erase("model"); }, "model"},
      {[](Json& m) { m.erase("pipeline"); }, "pipeline"},
  };
  for (const auto& c : cases) {
    const std::string said = refusal(good, c.first);
    INFO(c.second << " in: " << said);
    CHECK_THAT(said, Contains(c.second) && Contains("m.json"));
    CHECK(said.find('\n') == std::string::npos);
  }
}

TEST_CASE("model: a tree that points outside the columns, or in a circle, is refused") {
  const Json good = saved(train("tree", "x,z,y\n1,1,a\n2,1,a\n3,2,b\n4,2,b\n5,1,a\n6,1,a\n"));
  REQUIRE(refusal(good, [](Json&) {}).empty());
  const std::string text = good["model"].dump();
  INFO(text);
  REQUIRE(good["model"].contains("feature"));
  CHECK_FALSE(refusal(good, [](Json& m) { m["model"]["feature"][0] = 2; }).empty());
  CHECK_FALSE(refusal(good, [](Json& m) { m["model"]["feature"][0] = 2147483647; }).empty());
  CHECK_FALSE(refusal(good, [](Json& m) { m["model"]["left"][0] = 0; }).empty());
  CHECK_FALSE(refusal(good, [](Json& m) { m["model"]["right"][0] = m["model"]["left"][0]; }).empty());
}

TEST_CASE("model: a file that is cut, empty, no JSON, too deep, or absent is one ModelError line that names it") {
  const test::Scratch scratch;
  const std::string path = scratch / "m.json";
  save_model(train("logistic"), path);
  const std::string text = read_all(path);
  std::vector<std::string> bad = {
      "", "{", "[]", "null", "x,y\n1,2\n", std::string(100, '['), text + "x", text.substr(0, text.size() / 2)};
  bad.push_back(text);
  bad.back()[text.size() / 3] = '\0';
  for (const std::string& content : bad) {
    write_all(path, content);
    INFO(content.substr(0, 40));
    try {
      load_model(path);
      FAIL("accepted");
    } catch (const ModelError& e) {
      CHECK(e.exit_code() == 4);
      CHECK_THAT(e.what(), Contains("m.json"));
      CHECK(std::string(e.what()).find('\n') == std::string::npos);
    }
  }
  CHECK_THROWS_AS(load_model(scratch / "absent.json"), ModelError);
  CHECK_THROWS_AS(load_model(scratch.path()), ModelError);
  write_all(path, text);
  InputBudget small;
  small.model_bytes = 100;
  CHECK_THROWS_AS(load_model(path, small), ModelError);
}

TEST_CASE("model: a cell that is infinite has no logistic prediction, and the error says where") {
  const Model m = train("logistic");
  Samples x = match_columns(m, parse("age,port,ticket\n30,S,1\n31,S,1\n"));
  std::get<Columns>(x.X)(1, 0) = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(m.predict(x, Context(0, 1)), Contains("row 2") && Contains("\"age\""));
}
