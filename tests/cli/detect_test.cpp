// assay detect, called as the program calls it.
#include <algorithm>
#include <sstream>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/imgproc/io/image_file.h"
#include "cli/detectors.h"
#include "cli/verb.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/images.h"
#include "tests/support/paths.h"
#include "tests/support/scratch.h"

#include <nlohmann/json.hpp>

using namespace assay;
using test::assay_run;
using test::Outcome;

namespace {

std::string camera() { return test::dataset_path("pictures/camera.png"); }

// A white line across black.
std::string line_picture(const test::Scratch& folder) {
  cv::Mat edges(80, 100, CV_8U, cv::Scalar(0));
  edges.row(40).setTo(255);
  write_image(folder / "line.png", edges);
  return folder / "line.png";
}

}  // namespace

TEST_CASE("detect: lines of an edge map as CSV, JSON, drawing and space of votes") {
  const test::Scratch folder;
  const std::string picture = line_picture(folder);
  const Outcome csv = assay_run(
      {"detect", "lines", picture, "--edges", "none", "--draw", folder / "d.png", "--accumulator", folder / "a.csv"});
  CAPTURE(csv.err);
  REQUIRE(csv.code == 0);
  CHECK(csv.out.substr(0, 23) == "rho_px,theta_rad,votes\n");
  CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 2);
  CHECK(csv.err.find("edges by none: 100 pixels") != std::string::npos);
  CHECK(csv.err.find("\n1 line; drawn in") != std::string::npos);
  CHECK(read_image(folder / "d.png").type() == CV_8UC3);
  CHECK(Input::open(folder / "a.csv").bytes().substr(0, 9) == "rho_px,0,");
  const Outcome out = assay_run(
      {"detect", "lines", picture, "--edges", "none", "--json", "--repeat", "3", "--accumulator", folder / "a.png"});
  REQUIRE(out.code == 0);
  const auto json = nlohmann::json::parse(out.out);
  REQUIRE(json.at("lines").size() == 1);
  CHECK(json.at("lines")[0].at("rho_px") == Approx(40).margin(1e-9));
  CHECK(json.at("lines")[0].at("theta_rad") == Approx(CV_PI / 2).margin(1e-9));
  CHECK(json.at("lines")[0].at("votes") == 100);
  CHECK(json.at("edges").at("pixels") == 100);
  CHECK(json.at("run").at("timing").at("op_ms").get<double>() > 0);
  const cv::Mat votes = read_image(folder / "a.png");  // square roots of votes
  REQUIRE(votes.type() == CV_8U);
  double most = 0;
  cv::minMaxLoc(votes, nullptr, &most);
  CHECK(most == 255);
  CHECK(cv::countNonZero((votes > 25) & (votes < 255)) > 1000);  // and the few of one vote can be seen
}

TEST_CASE("detect: a picture goes through canny first, or another chain, and the output says so") {
  const Outcome plain = assay_run({"detect", "lines", camera(), "--votes", "150"});
  CHECK(plain.code == 0);
  CHECK(plain.err.find("edges by canny:") != std::string::npos);
  const Outcome chain = assay_run({"detect", "segments", test::dataset_path("pictures/coffee.png"), "--edges",
                                   "gaussian:sigma=2,canny:low=40:high=120"});
  CHECK(chain.code == 0);
  CHECK(chain.err.find("gray goes before segments") != std::string::npos);
  CHECK(chain.err.find("edges by gaussian:sigma=2,canny:low=40:high=120:") != std::string::npos);
}

TEST_CASE("detect: nothing found is exit 0 and an empty list, for every detector that needs no file") {
  const test::Scratch folder;
  write_image(folder / "one.png", cv::Mat(1, 1, CV_8U, cv::Scalar(90)));
  write_image(folder / "flat.png", cv::Mat(40, 50, CV_8U, cv::Scalar(90)));
  for (const std::string name : {"lines", "segments", "circles"})
    for (const char* file : {"one.png", "flat.png"}) {
      CAPTURE(name, file);
      const Outcome out = assay_run({"detect", name, folder / file, "--json"});
      CAPTURE(out.err);
      REQUIRE(out.code == 0);
      CHECK(nlohmann::json::parse(out.out).at(cli::find_detector(name).key).empty());
    }
}

TEST_CASE("detect: every detector is described, listed, and draws; mistakes have their exit codes") {
  for (const cli::Detector& d : cli::detectors()) {
    CAPTURE(d.name());
    CHECK(assay_run({"describe", "detector:" + std::string(d.name())}).code == 0);
    CHECK(assay_run({"list", "detectors"}).out.find(d.info->title) != std::string::npos);
    CHECK(d.draw != nullptr);
    CHECK(d.params()->list().size() > 0);
  }
  CHECK(assay_run({"detect", "linse", camera()}).err.find("did you mean 'lines'") != std::string::npos);
  CHECK(assay_run({"detect", camera(), "lines"}).err.find("arguments swapped") != std::string::npos);
  CHECK(assay_run({"detect", "lines"}).code == 2);
  CHECK(assay_run({"detect", "lines", camera(), "--votes", "1"}).code == 2);
  CHECK(assay_run({"detect", "lines", camera(), "--edges", "cany"}).err.find("did you mean 'canny'") !=
        std::string::npos);
  CHECK(assay_run({"detect", "lines", camera(), "--edges", "sobel,hsv"}).code == 3);
  CHECK(assay_run({"detect", "segments", camera(), "--accumulator", "a.png"}).code == 2);
  CHECK(assay_run({"detect", "lines", "/no/such.png"}).code == 3);
  CHECK(assay_run({"detect", "lines", camera(), "--out", "/dev/full"}).code == 7);
}

TEST_CASE("detect: a chessboard's corners row by row; where there is none, the stage and the reason") {
  const test::Scratch folder;
  const std::string board = test::dataset_path("chessboards/left01.jpg");
  const Outcome found =
      assay_run({"detect", "chessboard", board, "--board", "9x6", "--json", "--draw", folder / "b.png"});
  CAPTURE(found.err);
  REQUIRE(found.code == 0);
  const auto json = nlohmann::json::parse(found.out);
  CHECK(json.at("found") == true);
  CHECK(json.at("stage") == "found");
  REQUIRE(json.at("corners").size() == 54);
  CHECK(json.at("corners")[0].size() == 2);
  CHECK(read_image(folder / "b.png").type() == CV_8UC3);
  const Outcome csv = assay_run({"detect", "chessboard", board, "--board", "9x6"});
  CHECK(csv.out.substr(0, 4) == "x,y\n");
  CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 55);
  const Outcome none = assay_run({"detect", "chessboard", camera(), "--board", "9x6", "--json"});
  REQUIRE(none.code == 0);
  const auto without = nlohmann::json::parse(none.out);
  CHECK(without.at("found") == false);
  CHECK(without.at("corners").empty());
  CHECK_FALSE(without.at("reason").get<std::string>().empty());
  const Outcome wrong = assay_run({"detect", "chessboard", camera(), "--board", "9"});
  CHECK(wrong.code == 2);
}
