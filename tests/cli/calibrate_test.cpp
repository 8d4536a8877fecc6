// assay calibrate and undistort, called as the program calls them.
#include <fstream>
#include <sstream>

#include "assay/core/error.h"
#include "assay/core/json.h"
#include "cli/camera_file.h"
#include "cli/verb.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"

using namespace assay;
using test::assay_run;
using test::Outcome;

namespace {

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// model.csv and left01.csv ... of the golden corners; the names of the views between commas.
std::string point_files(const test::Scratch& scratch) {
  std::string model = "X,Y\n", names;
  for (int j = 0; j < 6; ++j)
    for (int i = 0; i < 9; ++i) model += std::to_string(25 * i) + "," + std::to_string(25 * j) + "\n";
  write(scratch / "model.csv", model);
  const nlohmann::json golden = test::golden("calibration.json");
  for (const auto& photo : golden.at("photographs")) {
    std::ostringstream text;
    text.precision(17);
    text << "u,v\n";
    const std::vector<double> place = photo.at("window_11");
    for (size_t i = 0; i < place.size(); i += 2) text << place[i] << "," << place[i + 1] << "\n";
    const std::string file = scratch / (photo.at("name").get<std::string>() + ".csv");
    write(file, text.str());
    names += (names.empty() ? "" : ",") + file;
  }
  return names;
}

}  // namespace

TEST_CASE("calibrate: point files give OpenCV's optimum, and files that are read back") {
  const test::Scratch scratch;
  const std::string views = point_files(scratch);
  const nlohmann::json golden = test::golden("calibration.json");
  const nlohmann::json& optimum = golden.at("full").at("optimum");
  for (const char* name : {"cam.yml", "cam.json"}) {
    const std::string file = scratch / name;
    const Outcome told = assay_run({"calibrate", "--points", scratch / "model.csv", "--views", views, "--size",
                                    "640x480", "--out", file, "--json"});
    CAPTURE(told.err);
    REQUIRE(told.code == 0);
    const Json json = Json::parse(told.out);
    CHECK(std::abs(json.at("rms_px").get<double>() - optimum.at("rms").get<double>()) < 1e-6);
    CHECK(json.at("camera_matrix").at(0).get<double>() == Approx(optimum.at("fx").get<double>()).epsilon(1e-5));
    CHECK(json.at("std").at("fx").get<double>() == Approx(optimum.at("sd").at("fx").get<double>()).epsilon(1e-2));
    CHECK(json.at("views").size() == 13);
    CHECK(json.at("views").at(1).at("retake") == true);
    const Camera camera = cli::read_camera(file);
    CHECK(camera.fx == json.at("camera_matrix").at(0).get<double>());
    CHECK(camera.k3 == json.at("distortion").at(4).get<double>());
    CHECK(camera.size == cv::Size(640, 480));
    const std::string straight = scratch / "straight.png";
    CHECK(assay_run({"undistort", file, "@left01", straight}).code == 0);
    CHECK(assay_run({"undistort", file, "@left01", straight, "--alpha", "1", "--size", "800x600"}).code == 0);
  }
}

TEST_CASE("calibrate: from pictures, a view without a board is named and left out") {
  const test::Scratch scratch;
  const Outcome told = assay_run({"calibrate", "@left01", "@left03", "@camera", "@left04", "@left05", "@left06",
                                  "@left08", "--board", "9x6", "--square", "25mm", "--json"});
  CHECK(told.code == 3);  // @camera has another size
  const Outcome found = assay_run({"calibrate", "@left01", "@left03", "@left04", "@left05", "@left06", "@left08",
                                   "--board", "9x6", "--square", "25mm", "--json"});
  CAPTURE(found.err);
  REQUIRE(found.code == 0);
  const Json json = Json::parse(found.out);
  CHECK(json.at("rms_px").get<double>() < 0.25);
  CHECK(json.at("camera_matrix").at(0).get<double>() == Approx(536).epsilon(0.02));
  CHECK(json.at("unit") == "mm");
  const Outcome other = assay_run({"calibrate", "@left01", "@left03", "--board", "8x5"});
  CHECK(other.code == 3);
  CHECK_THAT(other.err, Catch::Contains("no board in any of 2 pictures"));
}

TEST_CASE("calibrate: what was asked wrongly") {
  const test::Scratch scratch;
  const std::string views = point_files(scratch), model = scratch / "model.csv";
  CHECK(assay_run({"calibrate"}).code == 2);
  CHECK(assay_run({"calibrate", "@left01"}).code == 2);
  CHECK(assay_run({"calibrate", "@left01", "--board", "9by6"}).code == 2);
  CHECK(assay_run({"calibrate", "@left01", "--board", "9x6", "--square", "0"}).code == 2);
  CHECK(assay_run({"calibrate", "@left01", "--board", "9x6", "--square", "3furlongs"}).code == 2);
  CHECK(assay_run({"calibrate", "--points", model, "--views", views}).code == 2);
  CHECK(assay_run({"calibrate", "--points", model, "--views", views, "--size", "640"}).code == 2);
  CHECK(assay_run({"calibrate", "--points", model, "--views", views, "--size", "640x480", "--distortion", "k1,k9"})
            .code == 2);
  CHECK(assay_run({"calibrate", "--points", model, "--views", views, "--size", "640x480", "--out", "cam.txt"}).code ==
        2);
  CHECK(assay_run({"calibrate", "--points", model, "--views", model, "--size", "640x480"}).code == 3);
  write(scratch / "short.csv", "u,v\n1,2\n3,4\n");
  CHECK(assay_run({"calibrate", "--points", model, "--views", scratch / "short.csv", "--size", "640x480"}).code == 3);
}

TEST_CASE("camera file: OpenCV's own, and files that are none") {
  const char* const theirs =
      "%YAML:1.0\n---\ncalibration_time: \"today\"\nimage_width: 640\nimage_height: 480\nboard_width: 9\nflags: 0\n"
      "camera_matrix: !!opencv-matrix\n   rows: 3\n   cols: 3\n   dt: d\n   data: [ 5.3e+02, 0., 3.42e+02, 0.,\n       "
      "5.4e+02, 2.35e+02, 0., 0., 1. ]\ndistortion_coefficients: !!opencv-matrix\n   rows: 5\n   cols: 1\n   dt: d\n   "
      "data: "
      "[ -2.6e-01, -4.6e-02, 1.8e-03, -3.1e-04,\n       2.5e-01 ]\n";
  const Camera c = cli::parse_camera(theirs, "theirs.yml");
  CHECK(c.fx == 530);
  CHECK(c.fy == 540);
  CHECK(c.p2 == -3.1e-04);
  CHECK(c.k3 == 0.25);
  for (const char* bad :
       {"", "{", "{}", "image_width: 640\nimage_height: 480\n", "%PDF-1.4", "[1, 2]",
        "{\"image_width\": 640, \"image_height\": 480, \"camera_matrix\": [1, 2], \"distortion_coefficients\": []}",
        "{\"image_width\": -1, \"image_height\": 480, \"camera_matrix\": [1,0,0,0,1,0,0,0,1], "
        "\"distortion_coefficients\": []}",
        "{\"image_width\": 6, \"image_height\": 4, \"camera_matrix\": [0,0,0,0,1,0,0,0,1], "
        "\"distortion_coefficients\": []}",
        "{\"image_width\": 6, \"image_height\": 4, \"camera_matrix\": [1,0,0,0,1,0,0,0,1], "
        "\"distortion_coefficients\": [0,0,0,0,0,7]}",
        "{\"image_width\": 6, \"image_height\": 4, \"camera_matrix\": [1,0,0,0,1,0,0,0,\"x\"], "
        "\"distortion_coefficients\": []}"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(cli::parse_camera(bad, "bad"), DataError);
  }
}
