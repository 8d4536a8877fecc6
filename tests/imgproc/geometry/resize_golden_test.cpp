// resize against OpenCV 4.6, Pillow 9.4, scikit-image 0.19 and rational arithmetic: tests/golden/images/resize.json.
#include "assay/imgproc/geometry/resize.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

Interpolation method_of(const std::string& word) {
  for (const auto& item : interpolation_names.items)
    if (word == item.first) return item.second;
  throw std::runtime_error("no such method: " + word);
}

// The largest difference per method over the cases of one library.
void check(const char* library, ResizeConvention convention, double (*limit)(const cv::Mat&, Interpolation),
           int expected) {
  const nlohmann::json file = test::golden("images/resize.json").at(library);
  int cases = 0;
  for (const auto& c : file.at("cases")) {
    CAPTURE(library, c.dump());
    cv::Mat image = test::golden_input(c.at("input"));
    if (c.contains("rows")) image = image.rowRange(0, c.at("rows"));
    ResizeParams p;
    p.width = c.at("width").get<int>(), p.height = c.at("height").get<int>();
    p.method = method_of(c.at("method")), p.convention = convention;
    CHECK(test::largest_difference(resize(image, p), test::golden_image(c.at("output"))) <= limit(image, p.method));
    ++cases;
  }
  CHECK(cases == expected);
}

}  // namespace

TEST_CASE("resize: integer pictures are the exact result of rational arithmetic, ties included") {
  check(
      "exact", ResizeConvention::exact, [](const cv::Mat&, Interpolation) { return 0.0; }, 18);
}

TEST_CASE("resize: convention opencv gives OpenCV's pixels: nearest and bilinear exactly, the others to a level") {
  check(
      "opencv", ResizeConvention::opencv,
      [](const cv::Mat& image, Interpolation method) {
        if (method == Interpolation::nearest) return 0.0;
        if (image.depth() == CV_32F) return 2e-6;
        return method == Interpolation::bilinear && image.depth() == CV_8U ? 0.0 : 1.0;
      },
      73);
}

TEST_CASE("resize: convention pillow gives Pillow's pixels, 8 bits exactly") {
  check(
      "pillow", ResizeConvention::pillow,
      [](const cv::Mat& image, Interpolation) { return image.depth() == CV_8U ? 0.0 : 1e-6; }, 50);
}

TEST_CASE("resize: convention skimage gives scikit-image's values") {
  check(
      "skimage", ResizeConvention::skimage, [](const cv::Mat&, Interpolation) { return 1.2e-7; }, 24);
}
