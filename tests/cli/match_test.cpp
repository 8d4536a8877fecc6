// assay match, called as the program calls it: on files of features.
#include <cmath>
#include <fstream>
#include <sstream>

#include "assay/core/json.h"
#include "assay/core/rng.h"
#include "assay/core/text.h"
#include "cli/verb.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay;
using test::assay_run;
using test::Outcome;

namespace {

// The same 60 descriptors in both files, at places that (x, y) -> (2 x + 10, 2 y + 5) connects, but for the last 20.
void write_features(const std::string& a, const std::string& b) {
  Rng rng(5);
  std::ofstream first(a), second(b);
  for (std::ofstream* file : {&first, &second}) {
    *file << "x,y,sigma_px,angle_rad";
    for (int k = 0; k < 16; ++k) *file << ",d" << k;
    *file << "\n";
  }
  for (int i = 0; i < 60; ++i) {
    const double x = rng.uniform(0, 500), y = rng.uniform(0, 400);
    const double u = i < 40 ? 2 * x + 10 : rng.uniform(0, 1000), v = i < 40 ? 2 * y + 5 : rng.uniform(0, 800);
    first << shortest(x) << "," << shortest(y) << ",1,0";
    second << shortest(u) << "," << shortest(v) << ",1,0";
    for (int k = 0; k < 16; ++k) {
      const double d = rng.uniform(0, 255);
      first << "," << shortest(d);
      second << "," << shortest(d + rng.normal());
    }
    first << "\n";
    second << "\n";
  }
}

}  // namespace

TEST_CASE("match: files of features, the map between them, and the table that geom estimate reads") {
  const test::Scratch scratch;
  const std::string a = scratch / "a.csv", b = scratch / "b.csv", out = scratch / "pairs.csv";
  write_features(a, b);
  const Outcome o = assay_run({"match", a, b, "--json", "--out", out, "--mutual"});
  INFO(o.err);
  REQUIRE(o.code == 0);
  const Json json = Json::parse(o.out);
  CHECK(json.at("matches") == 60);
  CHECK(json.at("inliers") >= 40);
  CHECK(json.at("inliers") <= 42);
  REQUIRE(json.at("homography").size() == 9);
  CHECK(std::abs(json.at("homography").at(0).get<double>() - 2) < 1e-6);
  CHECK(std::abs(json.at("homography").at(2).get<double>() - 10) < 1e-4);
  CHECK(json.at("run").at("timing").contains("op_ms"));
  CHECK(assay_run({"geom", "estimate", out, "--model", "similarity"}).code == 0);

  const Outcome none = assay_run({"match", a, b, "--model", "none", "--ratio", "none", "--out", "-"});
  CHECK(none.code == 0);
  CHECK_THAT(none.out, Catch::StartsWith("x1,y1,x2,y2,a,b,distance,second\n"));
  CHECK_THAT(none.err, Catch::Contains("60 and 60 points, 60 matches"));
}

TEST_CASE("match: what cannot be matched says why") {
  const test::Scratch scratch;
  const std::string a = scratch / "a.csv", b = scratch / "b.csv", bare = scratch / "bare.csv";
  write_features(a, b);
  std::ofstream(bare) << "x,y,response\n1,2,3\n4,5,6\n";
  const Outcome plain = assay_run({"match", a, bare});
  CHECK(plain.code == 3);
  CHECK_THAT(plain.err, Catch::Contains("descriptors"));
  const Outcome drawn = assay_run({"match", a, b, "--draw", scratch / "m.png"});
  CHECK(drawn.code == 2);
  CHECK_THAT(drawn.err, Catch::Contains("two pictures"));
  CHECK(assay_run({"match", a}).code == 2);
  CHECK(assay_run({"match", a, b, "--ratio", "2"}).code == 2);
  CHECK(assay_run({"match", a, b, "--model", "afine"}).code == 2);
  CHECK(assay_run({"match", a, scratch / "no.csv"}).code == 3);
}
