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
#include "tests/support/command.h"
#include "tests/support/paths.h"
#include "tests/support/scratch.h"

#include <nlohmann/json.hpp>

using namespace assay;
using test::assay_run;
using test::Outcome;

namespace {

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
  // The drawing has the cells of the parameters: a star of 16 x 16 pixels for each.
  for (const int cell : {4, 8}) {
    const Outcome drawn = assay_run({"features", "hog", folder / "train/disk/0.png", "--cell", std::to_string(cell),
                                     "--draw", folder / "stars.png", "--out", folder / "row.csv"});
    REQUIRE(drawn.code == 0);
    CHECK(read_image(folder / "stars.png").cols == 32 / cell * 16);
  }
}

namespace {

// A trained model of the shapes, in a folder of its own.
class Shapes {
 public:
  explicit Shapes(const std::vector<std::string>& classes = {"disk", "square", "ground"}) {
    write_training(folder / "all/");
    std::filesystem::create_directories(folder / "train");
    for (const std::string& name : classes)
      std::filesystem::rename(folder / ("all/" + name), folder / ("train/" + name));
    const Outcome out = assay_run(
        {"features", "hog", folder / "train/", "--window", "32x32", "--sliding", "--out", folder / "hog.csv"});
    REQUIRE(out.code == 0);
    Rng rng(6, 2);
    picture = ground(120, 160, rng);
    plant(picture, 39.5, 47.5, 10, true);
    plant(picture, 110, 70, 17, false);
    write_image(folder / "scene.png", picture);
  }
  std::string fit(const std::string& learner, std::vector<std::string> more = {}) const {
    const std::string path = folder / (learner + ".json");
    std::vector<std::string> words{"fit", learner, folder / "hog.csv", "--out", path, "--no-score"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome out = assay_run(words);
    CAPTURE(out.err);
    REQUIRE(out.code == 0);
    return path;
  }
  Outcome detect(const std::string& model, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"detect", "objects", folder / "scene.png", "--model", model, "--window", "32x32"};
    words.insert(words.end(), more.begin(), more.end());
    return assay_run(words);
  }
  test::Scratch folder;
  cv::Mat picture;
};

}  // namespace

TEST_CASE(
    "detect objects: a linear model trained on folders finds its shapes, whatever their size, and tells them apart") {
  const Shapes shapes;
  const Outcome out =
      shapes.detect(shapes.fit("linear-svm"), {"--background", "ground", "--json", "--draw", shapes.folder / "d.png"});
  CAPTURE(out.err, out.out);
  REQUIRE(out.code == 0);
  const auto objects = nlohmann::json::parse(out.out).at("objects");
  REQUIRE(objects.size() >= 2);
  std::vector<std::string> first_two;
  for (size_t i = 0; i < 2; ++i) {
    const auto& o = objects[i];
    const bool disk = o.at("class") == "disk";
    first_two.push_back(o.at("class"));
    const double scale = disk ? 1 : 1.7;
    CHECK(std::abs(o.at("x").get<double>() + o.at("width").get<double>() / 2 - (disk ? 40 : 110.5)) <= 8 * scale);
    CHECK(std::abs(o.at("y").get<double>() + o.at("height").get<double>() / 2 - (disk ? 48 : 70.5)) <= 8 * scale);
    CHECK(std::abs(std::log(o.at("scale").get<double>() / scale)) < 2.001 * std::log(1.1));
    CHECK(o.at("width").get<double>() == Approx(32 * o.at("scale").get<double>()).epsilon(0.02));
    CHECK(o.at("score").get<double>() > 0);
  }
  std::sort(first_two.begin(), first_two.end());
  CHECK(first_two == std::vector<std::string>{"disk", "square"});
  CHECK(read_image(shapes.folder / "d.png").type() == CV_8UC3);
  const Outcome csv = shapes.detect(shapes.folder / "linear-svm.json", {"--background", "ground"});
  CHECK(csv.out.substr(0, csv.out.find('\n')) == "x,y,width,height,score,scale,class");
  CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 1 + static_cast<long>(objects.size()));
}

TEST_CASE("detect objects: at scale 1 the score is what predict says of the window's row, for every kind of model") {
  const Shapes shapes({"disk", "ground"});
  REQUIRE(assay_run({"features", "hog", shapes.folder / "scene.png", "--window", "32x32", "--sliding", "--out",
                     shapes.folder / "rows.csv"})
              .code == 0);
  struct Kind {
    const char *learner, *column;
    std::vector<std::string> fit;
  };
  for (const Kind& kind : {Kind{"linear-svm", "--decision", {}}, Kind{"logistic", "--decision", {"--scale", "none"}},
                           Kind{"lda", "--decision", {"--shrinkage", "0.5"}}, Kind{"svm", "--decision", {}},
                           Kind{"svm", "--decision", {"--kernel", "linear"}},
                           Kind{"forest", "--proba", {"--trees", "20"}}, Kind{"knn", "--proba", {}}}) {
    CAPTURE(kind.learner);
    const std::string model = shapes.fit(kind.learner, kind.fit);
    const bool proba = std::string(kind.column) == "--proba";
    const Outcome said = assay_run({"predict", model, shapes.folder / "rows.csv", kind.column, "--keep"});
    CAPTURE(said.err);
    REQUIRE(said.code == 0);
    const Outcome found = shapes.detect(model, {"--background", "ground", "--last-scale", "1", "--threshold",
                                                proba ? "-1" : "-1000", "--overlap", "1", "--json"});
    CAPTURE(found.err);
    REQUIRE(found.code == 0);
    const auto objects = nlohmann::json::parse(found.out).at("objects");
    std::istringstream lines(said.out);
    std::string line;
    std::getline(lines, line);
    // Decision values are of the last class, 'ground'; the detector looks for the other one.
    const bool two = line.ends_with(",decision:disk,decision:ground");
    CHECK((two || line.ends_with(proba ? ",prediction,proba:disk,proba:ground" : ",prediction,decision:ground")));
    size_t windows = 0;
    while (std::getline(lines, line)) {
      ++windows;
      std::vector<std::string> cells;
      std::istringstream parts(line);
      for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
      const double last = std::stod(cells.back()), before = two || proba ? std::stod(cells[cells.size() - 2]) : 0;
      const double score = proba ? before : before - last;
      const auto at = std::find_if(objects.begin(), objects.end(), [&](const auto& o) {
        return o.at("x") == std::stod(cells[0]) && o.at("y") == std::stod(cells[1]);
      });
      REQUIRE(at != objects.end());
      CHECK(at->at("score").template get<double>() == Approx(score).margin(2e-5));
      CHECK(at->at("class") == "disk");
    }
    CHECK(objects.size() == windows);
  }
}

TEST_CASE("detect objects: mistakes have their exit codes and say the way out") {
  const Shapes shapes({"disk", "ground"});
  const std::string model = shapes.fit("linear-svm", {"--positive", "disk"});
  const auto says = [](const Outcome& out, int code, const std::string& text) {
    CAPTURE(out.err);
    CHECK(out.code == code);
    CHECK(out.err.find(text) != std::string::npos);
  };
  CHECK(shapes.detect(model).out.find(",disk\n") != std::string::npos);  // the positive class is what is looked for
  says(assay_run({"detect", "objects", shapes.folder / "scene.png"}), 2, "--model FILE");
  says(assay_run({"detect", "objects", shapes.folder / "scene.png", "--model", model}), 2,
       "the model takes rows of 324 numbers, a window of 64 x 128 pixels has 3780");
  says(shapes.detect(model, {"--cell", "16"}), 2, "rows of 324 numbers");
  says(shapes.detect(model, {"--background", "grond"}), 2, "did you mean 'ground'");
  says(shapes.detect(shapes.folder / "no.json"), 4, "no.json");
  REQUIRE(assay_run({"fit", "linear-svm", "@iris", "--out", shapes.folder / "iris.json"}).code == 0);
  says(shapes.detect(shapes.folder / "iris.json"), 4, "column 1 is \"sepal_length\"");
  REQUIRE(assay_run({"fit", "ridge", shapes.folder / "hog.csv", "--target", "h323", "--ignore", "class", "--out",
                     shapes.folder / "ridge.json"})
              .code == 0);
  says(shapes.detect(shapes.folder / "ridge.json"), 4, "tells no classes apart");
  const std::string bytes(Input::open(model).bytes());
  for (const size_t length : {size_t(0), bytes.size() / 3, bytes.size() - 2}) {
    write_file(shapes.folder / "cut.json", bytes.substr(0, length));
    CHECK(shapes.detect(shapes.folder / "cut.json").code == 4);
  }
  write_image(shapes.folder / "one.png", cv::Mat(1, 1, CV_8U, cv::Scalar(9)));
  const Outcome nothing =
      assay_run({"detect", "objects", shapes.folder / "one.png", "--model", model, "--window", "32x32", "--json"});
  REQUIRE(nothing.code == 0);
  CHECK(nlohmann::json::parse(nothing.out).at("objects").empty());
}
