#include <cmath>

#include "assay/core/error.h"
#include "assay/ml/data/table.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {

using Words = std::vector<std::string>;

Table table(const std::string& text) { return parse_csv(text, "t.csv"); }

Dataset roles(const std::string& text, const RoleOptions& options = {}) { return assign_roles(table(text), options); }

std::string refusal(const std::string& text, const RoleOptions& options = {}) {
  try {
    roles(text, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

Words names(const Samples& samples) {
  Words found;
  for (const Column& column : samples.columns) found.push_back(column.name);
  return found;
}

/// A table with one feature and the given target column.
std::string with_target(const Words& target) {
  std::string text = "x,y\n";
  for (const std::string& y : target) text += "1," + y + "\n";
  return text;
}

Words repeated(const Words& values, int times) {
  Words all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), values.begin(), values.end());
  return all;
}

}  // namespace

TEST_CASE("roles: by default the last column is the target and the others are features") {
  const Dataset data = roles("a,b,kind\n1,2,z\n3,4,u\n5,6,z\n");
  CHECK(names(data.samples) == Words{"a", "b"});
  CHECK(data.target.name == "kind");
  CHECK(data.target.classes == Words{"u", "z"});
  CHECK(data.target.code == std::vector<int>{1, 0, 1});
  CHECK(data.samples.cols()(2, 1) == 6);
  CHECK(data.kept_rows.empty());
  CHECK(data.task_note == "task: classification, 2 classes in 'kind'");
}

TEST_CASE("roles: the target by name, by index from 1, and by a name that looks like an index") {
  RoleOptions options;
  options.target = "a";
  CHECK(names(roles("a,b\n1,2\n", options).samples) == Words{"b"});
  options.target = "1";
  CHECK(roles("a,b\n1,2\n", options).target.name == "a");
  CHECK(roles("2,1\nx,y\ny,z\n", options).target.name == "c1");
  TableOptions header;
  header.header = TableOptions::Header::yes;
  CHECK(assign_roles(parse_csv("2,1\nx,y\n", "t.csv", header), options).target.name == "1");
  options.target = "3";
  CHECK(refusal("a,b\n1,2\n", options) == "t.csv: target 3 is outside the columns 1..2");
  options.target = "widht";
  CHECK(refusal("width,b\n1,2\n", options) == "t.csv has no column \"widht\" (target); did you mean 'width'?");
}

TEST_CASE("roles: text is classes; whole numbers are while they are few; else it is regression") {
  const auto task = [](const Words& y) { return roles(with_target(y)).target.task(); };
  CHECK(task({"a", "b"}) == Task::classification);
  CHECK(task(repeated({"true", "false"}, 3)) == Task::classification);
  CHECK(task(repeated({"0", "1"}, 5)) == Task::classification);   // 2 values, 10 rows
  CHECK(task(repeated({"0", "1", "2"}, 4)) == Task::regression);  // 3 values, 12 rows: more than 12 / 5
  CHECK(task(repeated({"0.5", "1.5"}, 50)) == Task::regression);
  Words many;
  for (int i = 0; i < 200; ++i) many.push_back(std::to_string(i % 20));
  CHECK(task(many) == Task::classification);
  many.push_back("20");
  CHECK(task(many) == Task::regression);
  CHECK(roles(with_target(repeated({"0.5", "1.5"}, 50))).task_note == "task: regression of 'y'");
}

TEST_CASE("roles: a task that is said overrides the rule; numeric classes are ordered by value") {
  RoleOptions options;
  options.task = Task::regression;
  CHECK(roles(with_target(repeated({"0", "1"}, 5)), options).target.value[1] == 1);
  CHECK(refusal(with_target({"a", "b"}), options) == "t.csv: target 'y' is text, and regression needs numbers");
  options.task = Task::classification;
  const Target target = roles(with_target({"10", "9", "0.5", "9"}), options).target;
  CHECK(target.classes == Words{"0.5", "9", "10"});
  CHECK(target.code == std::vector<int>{2, 1, 0, 1});
}

TEST_CASE("roles: a missing target is an error that counts and names the first line, or a dropped row") {
  const std::string text = "x,y\n1,a\n2,\n3,b\n4,NA\n5,a\n";
  CHECK(refusal(text) == "t.csv:3:2: target 'y' is missing in 2 rows, here first");
  RoleOptions options;
  options.drop_missing_target = true;
  const Dataset data = roles(text, options);
  CHECK(data.kept_rows == std::vector<int>{0, 2, 4});
  CHECK(data.samples.n() == 3);
  CHECK(data.samples.cols()(1, 0) == 3);
  CHECK(data.target.code == std::vector<int>{0, 1, 0});
  CHECK(refusal("x,y\n1,\n2,nan\n", options) == "t.csv:2:2: target 'y' is missing in every row");
}

TEST_CASE("roles: weights and groups leave the features") {
  RoleOptions options;
  options.weights = "w";
  options.group = "g";
  options.ignore = {"id"};
  const Dataset data = roles("id,x,w,y,g\n1,5,0.5,a,q\n2,6,2,b,p\n3,7,0,a,q\n", options);
  CHECK(names(data.samples) == Words{"x"});
  CHECK(data.samples.weight == (Vector(3) << 0.5, 2, 0).finished());
  CHECK(data.samples.groups == std::vector<int>{1, 0, 1});
  CHECK(data.target.name == "y");  // the last column that has no other part
  CHECK(refusal("id,x,w,y,g\n1,5,-1,a,q\n", options) ==
        "t.csv:2:3: column 'w': a weight must be a number >= 0, got -1");
  CHECK(refusal("id,x,w,y,g\n1,5,,a,q\n", options) ==
        "t.csv:2:3: column 'w': a weight must be a number >= 0, one is missing");
  CHECK(refusal("id,x,w,y,g\n1,5,1,a,\n", options) == "t.csv:2:5: column 'g': a group is missing");
  options.target = "w";
  CHECK(refusal("id,x,w,y,g\n1,5,1,a,q\n", options) == "column 'w' cannot be both weights and target");
}

TEST_CASE("roles: something has to be left") {
  CHECK(refusal("y\na\nb\n") == "t.csv: has no column left for features");
  RoleOptions options;
  options.has_target = false;
  const Dataset data = roles("a,b\n1,2\n", options);
  CHECK(names(data.samples) == Words{"a", "b"});
  CHECK(data.target.n() == 0);
  options.has_target = true;
  options.ignore = {"a"};
  CHECK(refusal("a\n1\n", options) == "t.csv: has no column left for a target");
}

TEST_CASE("roles: a LIBSVM file has its target first and takes no other") {
  const Table t = parse_libsvm("1 1:2\n-1 2:3\n1 1:1\n-1 1:2\n1 1:1\n-1 1:1\n1 1:1\n1 1:1\n1 1:1\n1 1:1\n", "t.svm");
  const Dataset data = assign_roles(t, {});
  CHECK(data.target.classes == Words{"-1", "1"});
  CHECK(data.samples.sparse().columns == 2);
  CHECK(data.samples.columns[1].name == "f2");
  RoleOptions options;
  options.target = "1";
  CHECK_THROWS_AS(assign_roles(t, options), UsageError);
}

TEST_CASE("roles: the bundled tables get the tasks one expects") {
  const auto note = [](const std::string& name) {
    return assign_roles(read_table(test::dataset_path("tables/" + name)), {}).task_note;
  };
  CHECK(note("iris.csv") == "task: classification, 3 classes in 'species'");
  CHECK(note("diabetes.csv").find("task: regression of '") == 0);
  CHECK(note("digits.csv").find("task: classification, 10 classes") == 0);
}
