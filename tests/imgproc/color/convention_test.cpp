// The colours of OpenCV, scikit-image and Pillow: tests/golden/images/color.json.
#include "assay/imgproc/color/convert.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

constexpr std::pair<const char*, ColourSpace> kSpaces[] = {{"hsv", ColourSpace::hsv},
                                                           {"hsl", ColourSpace::hsl},
                                                           {"lab", ColourSpace::lab},
                                                           {"xyz", ColourSpace::xyz},
                                                           {"ycbcr", ColourSpace::ycbcr}};
constexpr std::pair<const char*, ColourConvention> kConventions[] = {
    {"opencv", ColourConvention::opencv}, {"skimage", ColourConvention::skimage}, {"pillow", ColourConvention::pillow}};

template <class E, size_t N>
E named(const std::pair<const char*, E> (&list)[N], const std::string& word) {
  for (const auto& item : list)
    if (word == item.first) return item.second;
  throw std::runtime_error("no such name: " + word);
}

// Arrays of floats lie flat: three numbers a pixel.
cv::Mat in_colour(const cv::Mat& image) { return image.channels() == 3 ? image : image.reshape(3); }

cv::Mat converted(ColourSpace space, ColourConvention convention, bool inverse, const cv::Mat& image) {
  cv::Mat out;
  convert_colour(space, {inverse, false, convention}, image, out, {});
  return out;
}

// What a channel of the space ranges over in f32.
double range_of(ColourSpace space, ColourConvention convention, int channel) {
  if (space == ColourSpace::lab) return 110;
  if (convention == ColourConvention::skimage) return space == ColourSpace::ycbcr ? 255 : 1;
  return channel == 0 && (space == ColourSpace::hsv || space == ColourSpace::hsl) ? 100 : 1;
}

}  // namespace

TEST_CASE("colour: conventions opencv, skimage and pillow give the libraries' pictures, whole numbers exactly") {
  const nlohmann::json file = test::golden("images/color.json");
  int cases = 0;
  for (const auto& [library, convention] : kConventions)
    for (const auto& c : file.at(library).at("cases")) {
      CAPTURE(library, c.dump());
      const ColourSpace space = named(kSpaces, c.at("space"));
      const bool inverse = c.at("inverse");
      const cv::Mat image = in_colour(test::golden_input(c.at("input"))),
                    expected = in_colour(test::golden_input(c.at("output"))),
                    out = converted(space, convention, inverse, image);
      REQUIRE(out.type() == expected.type());
      for (int k = 0; k < 3; ++k) {
        cv::Mat ours, theirs;
        cv::extractChannel(out, ours, k), cv::extractChannel(expected, theirs, k);
        const double range = inverse ? 1 : range_of(space, convention, k);
        CAPTURE(k);
        CHECK(test::largest_difference(ours, theirs) <= (out.depth() == CV_32F ? 1e-6 * range : 0));
      }
      ++cases;
    }
  CHECK(cases == 56);
}

TEST_CASE("colour: conventions keep alpha, in the scale of the result, and colours are those without it") {
  const cv::Mat image = test::random_image(5, 41, CV_8UC4);
  cv::Mat planes[4], colour;
  cv::split(image, planes);
  cv::merge(planes, 3, colour);
  for (const auto& item : kConventions) {
    CAPTURE(item.first);
    cv::Mat kept[4], without;
    cv::split(converted(ColourSpace::ycbcr, item.second, false, image), kept);
    cv::merge(kept, 3, without);
    CHECK(test::same_pixels(without, converted(ColourSpace::ycbcr, item.second, false, colour)));
    const double scale = kept[3].depth() == CV_32F ? 255 : 1;
    for (int x = 0; x < 41; ++x)
      CHECK(test::value_at(kept[3], 2, x, 0) * scale == Approx(planes[3].at<uint8_t>(2, x)).epsilon(1e-6));
  }
}

TEST_CASE("colour: depths that a library does not have are refused, and so is real=true") {
  const cv::Mat words = test::random_image(3, 4, CV_16UC3), floats = test::random_image(3, 4, CV_32FC3);
  CHECK_THROWS_WITH(converted(ColourSpace::hsv, ColourConvention::opencv, false, words), Catch::Contains("8 bits and"));
  CHECK_THROWS_WITH(converted(ColourSpace::hsl, ColourConvention::opencv, true, words), Catch::Contains("8 bits and"));
  CHECK_THROWS_WITH(converted(ColourSpace::lab, ColourConvention::opencv, false, floats), Catch::Contains("8 bits"));
  CHECK_THROWS_WITH(converted(ColourSpace::ycbcr, ColourConvention::pillow, false, floats), Catch::Contains("8 bits"));
  CHECK_THROWS_WITH(converted(ColourSpace::lab, ColourConvention::skimage, true, words), Catch::Contains("floats"));
  ConvertParamsOf<ColourSpace::hsv> p;
  p.real = true, p.convention = ColourConvention::opencv;
  CHECK_THROWS_WITH(apply_op<Hsv>(p, test::random_image(3, 4, CV_8UC3), {}), Catch::Contains("convention=exact"));
}
