// assay features hog FOLDER/, fit on its table, and detect objects with the model, called as the program calls them.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <opencv2/core.hpp>
#include <sstream>

#include "assay/core/input.h"
#include "assay/core/output.h"
#include "assay/core/rng.h"
#include "assay/imgproc/io/image_file.h"
#include "cli/verb.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/scratch.h"

#include <nlohmann/json.hpp>

using namespace assay;

namespace {

struct Outcome {
  int code;
  std::string out, err;
};

Outcome assay_run(std::vector<std::string> args) {
  std::istringstream in;
  std::ostringstream out, err;
  const int code = cli::run(args, in, out, err);
  return {code, out.str(), err.str()};
}

// Noise around grey, darker or brighter from picture to picture.
cv::Mat ground(int rows, int cols, Rng& rng) {
  cv::Mat image(rows, cols, CV_8U);
  const double level = 90 + 60 * rng.uniform();
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x) image.at<uint8_t>(y, x) = cv::saturate_cast<uint8_t>(level + 4 * rng.normal());
  return image;
}

// A disk (or a square) of the given radius (half a side), brighter than what is around it.
void plant(cv::Mat& image, double cx, double cy, double radius, bool disk) {
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      const double far = disk ? std::hypot(x - cx, y - cy) : std::max(std::abs(x - cx), std::abs(y - cy));
      const double share = std::clamp(radius + 0.5 - far, 0.0, 1.0);
      image.at<uint8_t>(y, x) = cv::saturate_cast<uint8_t>(image.at<uint8_t>(y, x) + 80 * share);
    }
}

// 12 windows of 32 x 32 with a shape in the middle a class; `ground`: 3 pictures of noise and edges, 16 windows each.
void write_training(const std::string& folder) {
  Rng rng(5, 1);
  for (const char* name : {"disk", "square", "ground"}) std::filesystem::create_directories(folder + name);
  for (int i = 0; i < 12; ++i)
    for (const bool disk : {true, false}) {
      cv::Mat image = ground(32, 32, rng);
      plant(image, 15.5 + rng.uniform(-1, 1), 15.5 + rng.uniform(-1, 1), 10 + rng.uniform(-1, 1), disk);
      write_image(folder + (disk ? "disk/" : "square/") + std::to_string(i) + ".png", image);
    }
  for (int i = 0; i < 3; ++i) {
    cv::Mat image = ground(56, 56, rng);
    if (i > 0) cv::add(image.rowRange(20 + 7 * i, 56), cv::Scalar(60), image.rowRange(20 + 7 * i, 56));
    if (i > 1) cv::transpose(image, image);
    write_image(folder + "ground/" + std::to_string(i) + ".png", image);
  }
}

}  // namespace

TEST_CASE("features hog: a folder of sub-folders is a table with their names as class, which learners train on") {
  const test::Scratch folder;
  write_training(folder / "train/");
  const Outcome out = assay_run(
      {"features", "hog", folder / "train/", "--window", "32x32", "--sliding", "--out", folder / "hog.csv", "--json"});
  CAPTURE(out.err);
  REQUIRE(out.code == 0);
  const auto json = nlohmann::json::parse(out.out);
  CHECK(json.at("classes") == nlohmann::json({"disk", "ground", "square"}));
  CHECK(json.at("count") == 12 + 12 + 3 * 16);  // (56 - 32) / 8 + 1 = 4 windows along each side
  CHECK(json.at("columns").size() == 3 * 3 * 36);
  CHECK(json.at("columns")[0] == "h0");
  const std::string csv(Input::open(folder / "hog.csv").bytes());
  CHECK(csv.substr(0, 6) == "h0,h1,");
  CHECK(csv.substr(0, csv.find('\n')).ends_with(",h323,class"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 72);
  CHECK(csv.ends_with(",square\n"));
  for (const char* learner : {"linear-svm", "svm"}) {
    const Outcome fit = assay_run({"fit", learner, folder / "hog.csv", "--json"});
    CAPTURE(fit.err);
    REQUIRE(fit.code == 0);
    const auto told = nlohmann::json::parse(fit.out);
    CHECK(told.at("features") == 324);
    CHECK(told.at("rows") == 72);
    CHECK(told.at("train").at("accuracy") == 1);
  }
  // Without --sliding a picture is one row; pictures of another size do not fit unless --window brings them to one.
  const Outcome mixed = assay_run({"features", "hog", folder / "train/", "--out", folder / "mixed.csv"});
  CHECK(mixed.code == 3);
  CHECK(mixed.err.find("pictures of one size give rows of one length") != std::string::npos);
  const Outcome brought =
      assay_run({"features", "hog", folder / "train/", "--window", "32x32", "--out", folder / "brought.csv", "--json"});
  REQUIRE(brought.code == 0);
  CHECK(nlohmann::json::parse(brought.out).at("count") == 27);
}
