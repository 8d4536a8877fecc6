// The colours of OpenCV, scikit-image and Pillow: tests/golden/images/color.json.
#include "assay/imgproc/color/convert.h"
#include "assay/imgproc/color/convert_opencv_kernels.h"
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

// Whatever a run or a register holds: the formulas know only which columns fill no 32 or 8.
TEST_CASE("colour: OpenCV's rows are those of their parts, cut at multiples of 32 columns") {
  for (const auto& item : kSpaces) {
    const ColourSpace space = item.second;
    for (const int depth : {CV_8U, CV_16U, CV_32F})
      for (const int type : {CV_MAKETYPE(depth, 3), CV_MAKETYPE(depth, 4)})
        for (const bool inverse : {false, true}) {
          const bool any_depth = space == ColourSpace::ycbcr || space == ColourSpace::xyz;
          if ((depth == CV_16U && !any_depth) || (depth == CV_32F && space == ColourSpace::lab)) continue;
          for (const int columns : {1, 31, 65, 256, 257, 555}) {
            CAPTURE(item.first, type, inverse, columns);
            cv::Mat image = test::random_image(3, columns, type, static_cast<uint64_t>(columns));
            if (depth == CV_32F && columns > 256) image *= 300;
            const cv::Mat out = converted(space, ColourConvention::opencv, inverse, image);
            for (int x = 0; x < columns; x += 32) {
              const cv::Rect part(x, 0, std::min(32, columns - x), 3);
              CHECK(test::same_pixels(out(part), converted(space, ColourConvention::opencv, inverse, image(part))));
            }
            for (int x = 0; type == CV_8UC4 && x < columns; ++x)
              CHECK(out.at<cv::Vec4b>(1, x)[3] == image.at<cv::Vec4b>(1, x)[3]);
          }
        }
  }
}

TEMPLATE_TEST_CASE("colour: numbers by a matrix are sums, rounded down and clamped, and none behind the last", "",
                   uint8_t, uint16_t) {
  constexpr int kDepth = sizeof(TestType) == 1 ? CV_8U : CV_16U, kHalf = sizeof(TestType) == 1 ? 128 : 32768;
  const ColourMatrix plain{{{16384, 14049, 5}, {-3000, 2, -11698}, {1638, -77, 12987}}, {-3718272, 1234567, 8191}, 14},
      chained{{{1868, 9617, 4899}, {9241, 0, 0}, {0, 0, 11682}},
              {8192, 8192 + (kHalf << 14), 8192 + (kHalf << 14)},
              14,
              {0, -9241, -11682}};
  for (const ColourMatrix& m : {plain, chained})
    for (const int channels : {3, 4})
      for (int n = 0; n < 70; ++n) {
        CAPTURE(channels, n);
        const cv::Mat image = test::random_image(1, 70, CV_MAKETYPE(kDepth, channels), static_cast<uint64_t>(n));
        cv::Mat expected(image.size(), image.type(), cv::Scalar::all(7)), out = expected.clone();
        const int done = convert_by_matrix(m, image.ptr<TestType>(), channels, n, out.ptr<TestType>());
        CHECK((done == n || done == 0));
        for (int x = 0; x < done; ++x) {
          const TestType* from = image.ptr<TestType>() + channels * x;
          TestType* to = expected.ptr<TestType>() + channels * x;
          int first = 0;
          for (int k = 0; k < 3; ++k) {
            int sum = m.offset[k] + m.of_first[k] * first;
            for (int j = 0; j < 3; ++j) sum += m.weight[k][j] * from[j];
            if (k == 0) first = sum >> m.bits;
            to[k] = cv::saturate_cast<TestType>(sum >> m.bits);
          }
          if (channels == 4) to[3] = from[3];
        }
        CHECK(test::same_pixels(out, expected));
      }
}

TEST_CASE("colour: OpenCV's hsv of bytes is that of its tables, for every V and range") {
  cv::Mat image(256, 256, CV_8UC3);
  image.forEach<cv::Vec3b>([](cv::Vec3b& c, const int* at) {  // B, G, R: from blue half the way to red
    const int most = at[0], least = at[1] % (most + 1);
    c = {cv::saturate_cast<uint8_t>(most), cv::saturate_cast<uint8_t>(least),
         cv::saturate_cast<uint8_t>((most + least) / 2)};
  });
  const cv::Mat out = converted(ColourSpace::hsv, ColourConvention::opencv, false, image);
  const auto quotient = [](int whole, int by) { return by == 0 ? 0 : std::lrint(whole * 4096. / by); };
  int wrong = 0;
  for (int y = 0; y < 256; ++y)
    for (int x = 0; x < 256; ++x) {
      const cv::Vec3b c = image.at<cv::Vec3b>(y, x), hsv = out.at<cv::Vec3b>(y, x);
      const int range = c[0] - c[1];
      wrong += hsv[0] != ((c[2] - c[1] + 4 * range) * quotient(30, range) + 2048) >> 12 ||
               hsv[1] != (range * quotient(255, y) + 2048) >> 12 || hsv[2] != y;
    }
  CHECK(wrong == 0);
}

TEST_CASE("colour: OpenCV's hues of floats turn round, and one that is no number lies in the first sixth") {
  const float inf = std::numeric_limits<float>::infinity();
  cv::Mat_<cv::Vec3f> image(1, 6);
  const float hues[] = {-30, 330, 690, 0, 360, inf};
  for (int x = 0; x < 6; ++x) image(0, x) = {hues[x], 0.5f, 0.5f};
  for (const ColourSpace space : {ColourSpace::hsv, ColourSpace::hsl}) {
    const cv::Mat_<cv::Vec3f> out = converted(space, ColourConvention::opencv, true, image);
    const auto apart = [&](int i, int j) { return cv::norm(out(0, i), out(0, j), cv::NORM_INF); };
    CHECK(std::max({apart(0, 1), apart(0, 2), apart(3, 4)}) < 1e-5);
    CHECK(apart(0, 3) > 0.1);
    CHECK((out(0, 5)[0] == out(0, 3)[0] && std::isnan(out(0, 5)[1]) && out(0, 5)[2] == out(0, 3)[2]));  // B, G, R
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
