#include "assay/core/params.h"

#include "assay/core/error.h"
#include "tests/support/catch.h"

using namespace assay;
using Catch::Matchers::Contains;

namespace {

enum class Kernel { linear, rbf };
inline constexpr EnumNames<Kernel, 2> kernel_names{{{"linear", Kernel::linear}, {"rbf", Kernel::rbf}}};
enum class Gamma { scale };
inline constexpr WordOrNumber<Gamma, 1> gamma_rule{{{{"scale", Gamma::scale}}}, positive};

struct Example {
  double C = 1;
  int folds = 5;
  bool shrink = true;
  Kernel kernel = Kernel::rbf;
  std::variant<Gamma, double> gamma = Gamma::scale;
  std::optional<int> max_depth;
  std::vector<double> grid{1, 2};
  std::string note;
  static void fields(auto& p, auto&& field) {
    field("C", p.C, positive, "penalty");
    field("folds", p.folds, between(2, 10), "parts", {"n_folds", "k"});
    field("shrink", p.shrink, "drop rows at the bound");
    field("kernel", p.kernel, kernel_names, "k(x, z)");
    field("gamma", p.gamma, gamma_rule, "width");
    field("max_depth", p.max_depth, at_least(1), "levels");
    field("grid", p.grid, non_negative, "values");
    field("note", p.note, "anything");
  }
  static std::optional<std::string> check(const Example& p) {
    if (p.kernel == Kernel::linear && p.gamma.index() == 1) return "parameter 'gamma' needs kernel=rbf";
    return std::nullopt;
  }
};

}  // namespace

TEST_CASE("params: what is set can be read back, under its name, an alias, or with underscores") {
  ParamsOf<Example> p;
  p.set("C", "0.25", "example");
  p.set("n-folds", "7", "example");
  p.set("shrink", "false", "example");
  p.set("kernel", "linear", "example");
  p.set("max-depth", "3", "example");
  p.set("grid", "0, 0.5,4", "example");
  p.set("note", "a=b:c", "example");
  CHECK(p.value.C == 0.25);
  CHECK(p.value.folds == 7);
  CHECK_FALSE(p.value.shrink);
  CHECK(p.value.kernel == Kernel::linear);
  CHECK(p.value.max_depth == 3);
  CHECK(p.value.grid == std::vector<double>{0, 0.5, 4});
  CHECK(p.value.note == "a=b:c");
  CHECK(p.find("max_depth")->get() == "3");
  CHECK(p.find("grid")->get() == "0,0.5,4");
  p.set("max_depth", "none", "example");
  CHECK_FALSE(p.value.max_depth.has_value());
}

TEST_CASE("params: a word or a number, each by its own rule") {
  ParamsOf<Example> p;
  p.set("gamma", "0.5", "example");
  CHECK(std::get<double>(p.value.gamma) == 0.5);
  p.set("gamma", "scale", "example");
  CHECK(p.value.gamma.index() == 0);
  CHECK_THROWS_WITH(p.set("gamma", "scal", "example"), Contains("one of scale, or a number that must be > 0"));
  CHECK_THROWS_AS(p.set("gamma", "0", "example"), ParameterError);
}

TEST_CASE("params: a refused value names the parameter, the rule and the value, and changes nothing") {
  ParamsOf<Example> p;
  CHECK_THROWS_WITH(p.set("C", "-1", "example"), Contains("'C' must be > 0") && Contains("\"-1\""));
  CHECK_THROWS_WITH(p.set("C", "nan", "example"), Contains("must be > 0"));
  CHECK_THROWS_WITH(p.set("C", "inf", "example"), Contains("must be > 0"));
  CHECK_THROWS_WITH(p.set("folds", "2.5", "example"), Contains("whole number"));
  CHECK_THROWS_WITH(p.set("folds", "11", "example"), Contains("[2, 10]"));
  CHECK_THROWS_WITH(p.set("kernel", "rfb", "example"), Contains("linear, rbf") && Contains("did you mean 'rbf'"));
  CHECK_THROWS_WITH(p.set("shrink", "perhaps", "example"), Contains("true or false"));
  CHECK_THROWS_WITH(p.set("grid", "1,-2", "example"), Contains("numbers separated by commas"));
  CHECK_THROWS_WITH(p.set("folds_", "3", "example"),
                    Contains("example has no parameter") && Contains("did you mean 'folds'"));
  CHECK(p.value.C == 1);
  CHECK(p.value.folds == 5);
}

TEST_CASE("params: values set in code meet the same rules, and those across fields") {
  Example p;
  CHECK_NOTHROW(check_params(p));
  p.C = -1;
  CHECK_THROWS_AS(check_params(p), ParameterError);
  p.C = 1;
  p.kernel = Kernel::linear;
  p.gamma = 0.5;
  CHECK_THROWS_WITH(check_params(p), Contains("needs kernel=rbf"));
}

TEST_CASE("params: a clone has values of its own") {
  ParamsOf<Example> p;
  const std::unique_ptr<AnyParams> copy = p.clone();
  p.set("C", "9", "example");
  CHECK(copy->find("C")->get() == "1");
}

TEST_CASE("params: inline forms are names with settings, and lists are cut between items only") {
  const InlineSpec one = parse_inline("svm:C=10:kernel=rbf");
  CHECK(one.name == "svm");
  CHECK(one.settings == std::vector<std::pair<std::string, std::string>>{{"C", "10"}, {"kernel", "rbf"}});
  const auto list = parse_inline_list("mlp:layers=10,20,knn,tree:max-depth=3");
  REQUIRE(list.size() == 3);
  CHECK(list[0].settings[0].second == "10,20");
  CHECK(list[1].name == "knn");
  CHECK(list[2].settings[0].first == "max-depth");
  CHECK_THROWS_AS(parse_inline("svm:C"), UsageError);
  CHECK_THROWS_AS(parse_inline_list("svm,,knn"), UsageError);
}

TEST_CASE("params: a value in parentheses keeps its colons and commas") {
  const InlineSpec one = parse_inline("bagging:base=(tree:max-depth=3):models=10");
  REQUIRE(one.settings.size() == 2);
  CHECK(one.settings[0] == std::pair<std::string, std::string>{"base", "tree:max-depth=3"});
  CHECK(one.settings[1].second == "10");
  const auto list = parse_inline_list("bagging:base=(adaboost:base=(tree:max-depth=1):rounds=3),knn");
  REQUIRE(list.size() == 2);
  CHECK(list[0].settings[0].second == "adaboost:base=(tree:max-depth=1):rounds=3");
}
