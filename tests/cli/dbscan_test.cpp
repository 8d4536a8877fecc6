// cluster dbscan: the k-distance plot.
#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay::test;

TEST_CASE("cluster dbscan: --k-distance draws the plot, marks the bend and the eps that was used") {
  const Scratch folder;
  const Outcome o =
      assay_run({"cluster", "dbscan", "@iris", "--truth", "species", "--eps", "0.4", "--k-distance", folder / "k.svg"});
  REQUIRE(o.code == 0);
  std::ifstream in(folder / "k.svg");
  const std::string svg((std::istreambuf_iterator<char>(in)), {});
  CHECK(svg.find("eps 0.4 (used)") != std::string::npos);
  CHECK(svg.find("bend: ") != std::string::npos);
  CHECK(svg.find("distance that holds 5 rows") != std::string::npos);
}

TEST_CASE("cluster dbscan: a table of equal rows has a k-distance plot, too") {
  const Scratch folder;
  const std::string csv = put_file(folder / "d.csv", "a,b\n1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n");
  const Outcome o = assay_run({"cluster", "dbscan", csv, "--k-distance", folder / "k.svg"});
  CHECK(o.code == 0);
  CHECK(o.says("every row has min-points twins"));
}
