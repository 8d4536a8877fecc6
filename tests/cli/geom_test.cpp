// assay geom explain, called as the program calls it.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "assay/core/json.h"
#include "cli/verb.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay;
using test::assay_run;
using test::Outcome;

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

TEST_CASE("geom: pairs are simulated, their matrix estimated, and a picture and points moved by it") {
  const test::Scratch scratch;
  const std::string pairs = scratch / "pairs.csv", out = scratch / "out.csv", json = scratch / "H.json";
  const std::string H = "0.93 -0.21 41.5; 0.18 1.07 -23.25; 0.00012 -0.00007 1";
  CHECK(assay_run({"geom", "simulate", H, pairs, "--pairs", "300", "--wrong", "0.5", "--seed", "4"}).code == 0);
  for (const std::string method : {"ransac", "lmeds", "least-squares"}) {
    const Outcome o = assay_run({"geom", "estimate", pairs, "--method", method, "--json", "--out", out});
    REQUIRE(o.code == 0);
    const Json result = Json::parse(o.out);
    CHECK(result.at("homography").size() == 9);
    CHECK(result.at("homography").at(8) == 1.0);
    CHECK(result.at("pairs") == 300);
    CHECK(result.at("inlier_rows").size() == result.at("inliers"));
    CHECK(result.at("run").at("timing").contains("op_ms"));
    if (method != "ransac") continue;
    CHECK(result.at("inliers") >= 145);
    CHECK(result.at("inliers") <= 160);
    CHECK(std::abs(result.at("homography").at(2).get<double>() - 41.5) < 2);
    std::ofstream(json) << o.out;
  }
  const Outcome words = assay_run({"geom", "estimate", pairs});
  CHECK_THAT(words.err, Catch::Contains("of 300 pairs") && Catch::Contains("agree within 3 px"));
  CHECK(assay_run({"geom", "explain", words.out.substr(0, words.out.size() - 1)}).code == 0);

  const std::string picture = scratch / "moved.png", points = scratch / "points.csv";
  CHECK(assay_run({"geom", "warp", json, "@clock", picture, "--width", "300", "--height", "200"}).code == 0);
  CHECK(std::filesystem::exists(picture));
  std::ofstream(points) << "x,y\n0,0\n100,50\n";
  CHECK(assay_run({"geom", "warp", "2 0 10; 0 2 5", points, out}).code == 0);
  CHECK(test::read_text(out) == "x,y\n10,5\n210,105\n");
}

TEST_CASE("geom: what cannot be estimated says why") {
  const test::Scratch scratch;
  const std::string file = scratch / "pairs.csv";
  const auto refused = [&](const std::string& text, const std::vector<std::string>& more = {}) {
    std::ofstream(file) << text;
    std::vector<std::string> args{"geom", "estimate", file};
    args.insert(args.end(), more.begin(), more.end());
    const Outcome o = assay_run(args);
    CHECK(o.code == (more.empty() ? 3 : 2));
    return o.err;
  };
  CHECK_THAT(refused("x1,y1,x2,y2\n0,0,1,1\n1,0,2,1\n"), Catch::Contains("4 pairs determine it, there are 2"));
  CHECK_THAT(refused("x1,y1,x2,y2\n0,0,1,1\n1,1,2,1\n2,2,5,1\n3,3,0,9\n4,4,0,1\n"),
             Catch::Contains("all points of the first picture lie on one line"));
  CHECK_THAT(refused("x1,y1,x2\n0,0,1\n1,1,2\n"), Catch::Contains("no column \"y2\""));
  CHECK_THAT(refused("x1,y1,x2,y2\n0,0,1,1\n1,,2,1\n"), Catch::Contains(":3"));
  CHECK_THAT(refused("x1,y1,x2,y2\n0,0,1,a\n1,1,2,b\n"), Catch::Contains("holds text"));
  CHECK_THAT(refused("x1,y1,x2,y2\n0,0,1,1\n", {"--threshold", "0"}), Catch::Contains("threshold"));
  CHECK_THAT(refused("x1,y1,x2,y2\n0,0,1,1\n", {"--model", "projektive"}), Catch::Contains("homography"));
}
