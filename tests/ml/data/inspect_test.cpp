#include "assay/ml/data/inspect.h"

#include <algorithm>

#include "assay/ml/data/table.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

struct Loaded {
  Table table;
  Dataset data;
};

Loaded load(const std::string& csv) {
  Loaded l;
  l.table = parse_csv(csv, "test.csv");
  l.data = assign_roles(l.table, {});
  return l;
}

// Forty rows: an identifier, a constant, a free column, its copy, a leak, a column mostly missing; two classes.
std::string suspicious() {
  std::string csv = "id,constant,free,copy,leak,hole,y\n";
  for (int i = 1; i <= 40; ++i) {
    const std::string free = std::to_string((i * i) % 11);
    csv += std::to_string(i) + ",3," + free + "," + free + "," + (i % 3 ? "red" : "blue") + "," +
           (i % 4 ? "" : std::to_string(i % 5)) + "," + (i % 3 ? "a" : "b") + "\n";
  }
  return csv;
}

std::vector<std::string> kinds_of(const std::vector<Finding>& findings, const std::string& column) {
  std::vector<std::string> kinds;
  for (const Finding& f : findings)
    if (f.column == column) kinds.push_back(f.kind);
  return kinds;
}

}  // namespace

TEST_CASE("inspect: each planted fault of a table is found, and nothing else") {
  const Loaded l = load(suspicious());
  const auto findings = find_problems(l.data.samples, l.data.target, 1);
  using Kinds = std::vector<std::string>;
  CHECK(kinds_of(findings, "id") == Kinds{"identifier"});
  CHECK(kinds_of(findings, "constant") == Kinds{"constant"});
  CHECK(kinds_of(findings, "free").empty());
  CHECK(kinds_of(findings, "copy") == Kinds{"duplicate"});
  CHECK(kinds_of(findings, "leak") == Kinds{"leak"});
  CHECK(kinds_of(findings, "hole") == Kinds{"missing"});
  CHECK(findings.size() == 5);
}

TEST_CASE("inspect: one row against the rule, and a leak is no leak") {
  std::string csv = suspicious();
  csv.replace(csv.rfind("red"), 3, "blue");
  const Loaded l = load(csv);
  CHECK(kinds_of(find_problems(l.data.samples, l.data.target, 1), "leak").empty());
}

TEST_CASE("inspect: a threshold that separates the classes is a leak, equal values in two classes are not") {
  std::string apart = "x,y\n", touching = "x,y\n";
  for (int i = 0; i < 40; ++i) {
    const char* label = i < 20 ? ",a\n" : ",b\n";
    apart += std::to_string(i * 0.5) + label;
    touching += std::to_string((i < 20 ? i : i - 1) * 0.5) + label;
  }
  const Loaded one = load(apart), two = load(touching);
  CHECK(kinds_of(find_problems(one.data.samples, one.data.target, 1), "x") == std::vector<std::string>{"leak"});
  CHECK(kinds_of(find_problems(two.data.samples, two.data.target, 1), "x").empty());
}

TEST_CASE("inspect: a column proportional to a numeric target is a leak, a noisy one is not") {
  std::string csv = "double,noisy,y\n";
  for (int i = 0; i < 60; ++i) {
    const double y = i + 0.25 * ((i * 7) % 5);
    csv += std::to_string(2 * y + 1) + "," + std::to_string(y + 5 * ((i * 13) % 7)) + "," + std::to_string(y) + "\n";
  }
  const Loaded l = load(csv);
  const auto findings = find_problems(l.data.samples, l.data.target, 1);
  CHECK(kinds_of(findings, "double") == std::vector<std::string>{"leak"});
  CHECK(kinds_of(findings, "noisy").empty());
}

TEST_CASE("inspect: ranges, medians, levels and missing cells are counted by hand") {
  const Loaded l = load("n,t,y\n4,b,1.5\n,a,2.5\n1,b,0.5\n10,,7.25\n");
  const auto columns = summarize(l.data.samples, 1);
  REQUIRE(columns.size() == 2);
  CHECK(columns[0].missing == 1);
  CHECK(columns[0].distinct == 3);
  CHECK(columns[0].min == 1);
  CHECK(columns[0].max == 10);
  CHECK(columns[0].mean == 5);
  CHECK(columns[0].median == 4);
  CHECK(columns[1].categorical);
  CHECK(columns[1].missing == 1);
  CHECK(columns[1].levels == std::vector<std::pair<std::string, Index>>{{"b", 2}, {"a", 1}});
}

TEST_CASE("inspect: a class with fewer rows than folds is named") {
  std::string csv = "x,y\n";
  for (int i = 0; i < 30; ++i) csv += std::to_string(i % 9) + "," + (i < 3 ? "rare" : "usual") + "\n";
  const Loaded l = load(csv);
  const auto findings = find_problems(l.data.samples, l.data.target, 1);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].kind == "rare class");
  CHECK(findings[0].text.find("'rare' has 3 rows") != std::string::npos);
}

TEST_CASE("inspect: any number of threads finds the same", "[parallel]") {
  const Loaded l = load(suspicious());
  const auto one = find_problems(l.data.samples, l.data.target, 1),
             seven = find_problems(l.data.samples, l.data.target, 7);
  REQUIRE(one.size() == seven.size());
  for (size_t i = 0; i < one.size(); ++i) CHECK(one[i].text == seven[i].text);
}
