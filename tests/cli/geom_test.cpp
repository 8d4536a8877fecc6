// assay geom explain, called as the program calls it.
#include <sstream>

#include "assay/core/json.h"
#include "cli/verb.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

struct Outcome {
  int code;
  std::string out, err;
};

Outcome assay_run(const std::vector<std::string>& args) {
  std::istringstream in;
  std::ostringstream out, err;
  const int code = cli::run(args, in, out, err);
  return {code, out.str(), err.str()};
}

}  // namespace

TEST_CASE("geom: explain says what a matrix is, in words and as JSON") {
  const Outcome words = assay_run({"geom", "explain", "0 1 0; -1 0 0"});
  CHECK(words.code == 0);
  CHECK_THAT(words.out, Catch::StartsWith("rigid motion, 3 degrees of freedom") &&
                            Catch::Contains("rotation by 90 degrees counter-clockwise"));
  const Outcome told = assay_run({"geom", "explain", "2 0 10; 0 2 5; 0 0 1", "--json"});
  REQUIRE(told.code == 0);
  const Json json = Json::parse(told.out);
  CHECK(json.at("kind") == "similarity");
  CHECK(json.at("degrees_of_freedom") == 4);
  CHECK(json.at("factors").at("scale").at(0) == 2.0);
  CHECK(json.at("inverse").size() == 9);
  CHECK(assay_run({"geom", "explain", "--", "-1 0 0; 0 1 0"}).code == 0);
}

TEST_CASE("geom: what cannot be read ends with 2 and says how to write it") {
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{"geom"},
                                             {"geom", "explain"},
                                             {"geom", "explain", "1 0 0"},
                                             {"geom", "explain", "1 0 0; 0 1 0", "more"},
                                             {"geom", "explian", "1 0 0; 0 1 0"},
                                             {"geom", "explain", "1 0 0; 0 nan 0"}}) {
    const Outcome o = assay_run(args);
    CHECK(o.code == 2);
    CHECK_FALSE(o.err.empty());
  }
  CHECK_THAT(assay_run({"geom", "explian"}).err, Catch::Contains("did you mean 'explain'"));
}
