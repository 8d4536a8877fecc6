#include <map>

#include "assay/imgproc/edge/canny.h"
#include "assay/imgproc/filter/gaussian.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

// Keeps copies of what it is shown.
struct Album : TraceSink {
  void step(const std::string&, const TraceStep& s) override { steps.push_back(s); }
  void image(const std::string&, const TraceImage& i) override {
    const int depth = i.view.depth == Depth::u8 ? CV_8U : i.view.depth == Depth::u16 ? CV_16U : CV_32F;
    stages.push_back(i.stage);
    pictures[i.stage] = cv::Mat(i.view.height, i.view.width, CV_MAKETYPE(depth, i.view.channels),
                                const_cast<void*>(i.view.data), i.view.stride)
                            .clone();
  }
  std::vector<TraceStep> of(const std::string& kind) const {
    std::vector<TraceStep> found;
    for (const TraceStep& s : steps)
      if (s.kind == kind) found.push_back(s);
    return found;
  }
  std::vector<std::string> stages;
  std::map<std::string, cv::Mat> pictures;
  std::vector<TraceStep> steps;
};

const TraceValue& value(const TraceStep& s, const std::string& symbol) {
  for (const TraceField& f : s.fields)
    if (f.symbol == symbol) return f.value;
  throw std::runtime_error("no field " + symbol);
}
double number(const TraceStep& s, const std::string& symbol) {
  const TraceValue& v = value(s, symbol);
  return v.index() == 1 ? static_cast<double>(std::get<long long>(v)) : std::get<double>(v);
}

}  // namespace

TEST_CASE("canny's trace: the stages in the paper's order, of the picture's size, ending in the result") {
  const cv::Mat image = test::scene(60, 80);
  Album album;
  Context ctx;
  ctx.trace = Trace(&album, "");
  const cv::Mat smooth = gaussian(image, {}, ctx), edges = canny(smooth, {}, ctx);
  CHECK(album.stages == std::vector<std::string>{"blur", "input", "gx", "gy", "magnitude", "direction", "suppressed",
                                                 "classes", "result", "thresholds"});
  for (const auto& [stage, picture] : album.pictures)
    if (stage != "thresholds") CHECK(picture.size() == image.size());
  CHECK(test::same_pixels(album.pictures["blur"], smooth));
  CHECK(test::same_pixels(album.pictures["input"], smooth));
  CHECK(test::same_pixels(album.pictures["result"], edges));
  const cv::Mat_<float> m = album.pictures["magnitude"], thin = album.pictures["suppressed"], gx = album.pictures["gx"],
                        gy = album.pictures["gy"];
  int weak = 0, strong = 0;
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 80; ++x) {
      REQUIRE(m(y, x) == std::sqrt(gx(y, x) * gx(y, x) + gy(y, x) * gy(y, x)));
      const cv::Vec3b colour = album.pictures["classes"].at<cv::Vec3b>(y, x);
      if (thin(y, x) > 0) REQUIRE(thin(y, x) == m(y, x));
      const bool is_strong = colour == cv::Vec3b(255, 255, 255), is_weak = !is_strong && colour != cv::Vec3b(0, 0, 0);
      REQUIRE(is_strong == (thin(y, x) > 150));
      REQUIRE(is_weak == (thin(y, x) > 50 && thin(y, x) <= 150));
      if (edges.at<uint8_t>(y, x)) REQUIRE((is_weak || is_strong));
      if (is_strong) REQUIRE(edges.at<uint8_t>(y, x) == 255);
      weak += is_weak, strong += is_strong;
    }
  CHECK(weak > 20);
  CHECK(strong > 20);
}

TEST_CASE("canny's trace: the colour wheel says where it is brighter") {
  const auto colour_of = [](int dx, int dy) {
    cv::Mat image(31, 31, CV_8U);
    for (int y = 0; y < 31; ++y)
      for (int x = 0; x < 31; ++x)
        image.at<uint8_t>(y, x) = static_cast<uint8_t>(128 + 4 * (dx * (x - 15) + dy * (y - 15)));
    Album album;
    Context ctx;
    ctx.trace = Trace(&album, "");
    canny(image, {}, ctx);
    return album.pictures["direction"].at<cv::Vec3b>(10, 10);
  };
  const cv::Vec3b right = colour_of(1, 0), left = colour_of(-1, 0), down = colour_of(0, 1), up = colour_of(0, -1);
  CHECK((right[2] > 200 && right[1] == 0 && right[0] == 0));                // red
  CHECK((left[2] == 0 && left[1] > 200 && left[0] > 200));                  // cyan, opposite
  CHECK((down[1] > 200 && down[2] > 60 && down[2] < 200 && down[0] == 0));  // yellow-green
  CHECK((up[0] > 200 && up[1] == 0 && up[2] > 60 && up[2] < 200));          // violet, opposite
}

TEST_CASE(
    "canny's trace: the pixel's story agrees with the pictures, and the path that saves a weak one ends at a strong "
    "one") {
  const cv::Mat image = gaussian(test::scene(60, 80));
  for (Suppression nms : {Suppression::interpolated, Suppression::nearest}) {
    CannyParams p;
    p.nms = nms;
    Album album;
    Context ctx;
    ctx.trace = Trace(&album, "");
    canny(image, p, ctx);
    const auto pixels = album.of("pixel"), links = album.of("link");
    REQUIRE(pixels.size() == 2);
    REQUIRE(links.size() == 1);
    const cv::Mat_<float> thin = album.pictures["suppressed"], m = album.pictures["magnitude"];
    for (const TraceStep& s : pixels) {
      const int x = static_cast<int>(number(s, "x")), y = static_cast<int>(number(s, "y"));
      CHECK(number(s, "m") == m(y, x));
      CHECK(number(s, "angle_deg") == Approx(std::atan2(number(s, "gy"), number(s, "gx")) * 180 / CV_PI));
      const bool kept = std::get<bool>(value(s, "kept"));
      CHECK(kept == (thin(y, x) > 0));
      const bool is_maximum =
          number(s, "m") >= number(s, "m_ahead") - 1e-3 && number(s, "m") >= number(s, "m_behind") - 1e-3;
      CHECK(kept == (is_maximum && number(s, "m") > p.low));
      CHECK_FALSE(s.why.empty());
    }
    CHECK(std::get<bool>(value(pixels[0], "kept")));
    CHECK_FALSE(std::get<bool>(value(pixels[1], "kept")));
    const auto xs = std::get<std::vector<double>>(value(links[0], "x")),
               ys = std::get<std::vector<double>>(value(links[0], "y"));
    REQUIRE(xs.size() >= 3);
    for (size_t i = 0; i < xs.size(); ++i) {
      const float t = thin(static_cast<int>(ys[i]), static_cast<int>(xs[i]));
      if (i + 1 < xs.size())
        CHECK((t > 50 && t <= 150));
      else
        CHECK(t > 150);
      if (i > 0) CHECK(std::max(std::abs(xs[i] - xs[i - 1]), std::abs(ys[i] - ys[i - 1])) == 1);
    }
  }
}

TEST_CASE("canny's trace: the middle of the threshold grid is the result, and edges grow scarcer along it") {
  const cv::Mat image = gaussian(test::scene(60, 80));
  Album album;
  Context ctx;
  ctx.trace = Trace(&album, "");
  const cv::Mat edges = canny(image, {}, ctx), grid = album.pictures["thresholds"];
  REQUIRE(grid.size() == cv::Size(3 * 80 + 8, 3 * 60 + 8));
  const auto tile = [&](int row, int column) { return grid(cv::Rect(column * 84, row * 64, 80, 60)).clone(); };
  CHECK(test::same_pixels(tile(1, 1), edges));
  CHECK(cv::countNonZero(tile(0, 1)) > cv::countNonZero(tile(1, 1)));
  CHECK(cv::countNonZero(tile(1, 1)) > cv::countNonZero(tile(1, 2)));
}
