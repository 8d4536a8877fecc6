#include "assay/core/error.h"
#include "assay/imgproc/io/image_file.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"
#include "tests/support/scratch.h"

using namespace assay;

namespace {
std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (int v : values) out += static_cast<char>(v);
  return out;
}
cv::Mat read(const std::string& text) { return decode_image(text, "x.pnm"); }
}  // namespace

TEST_CASE("pnm: the six kinds, by hand") {
  const cv::Mat p1 = read("P1\n# a comment\n3 2\n1 0 1\n010\n");  // digits need no space; 1 is black
  CHECK(p1.type() == CV_8U);
  CHECK(p1.at<uint8_t>(0, 0) == 0);
  CHECK(p1.at<uint8_t>(0, 1) == 255);
  CHECK(p1.at<uint8_t>(1, 1) == 0);
  const cv::Mat p2 = read("P2 2 2 #levels\n 15\n 0 15 7 8");
  CHECK(p2.at<uint8_t>(0, 1) == 255);
  CHECK(p2.at<uint8_t>(1, 0) == 119);  // 7 * 17
  const cv::Mat p3 = read("P3 1 1 255 10 20 30\n");
  CHECK(p3.at<cv::Vec3b>(0, 0) == cv::Vec3b(30, 20, 10));
  const cv::Mat p4 = read("P4 10 1\n" + bytes({0b10000000, 0b01000000}));
  CHECK(p4.at<uint8_t>(0, 0) == 0);
  CHECK(p4.at<uint8_t>(0, 1) == 255);
  CHECK(p4.at<uint8_t>(0, 9) == 0);
  const cv::Mat p5 = read("P5 2 1 65535\n" + bytes({0x12, 0x34, 0xff, 0xff}));
  CHECK(p5.type() == CV_16U);
  CHECK(p5.at<uint16_t>(0, 0) == 0x1234);
  const cv::Mat p6 = read("P6\n1 1\n255\n" + bytes({1, 2, 3}));
  CHECK(p6.at<cv::Vec3b>(0, 0) == cv::Vec3b(3, 2, 1));
}

TEST_CASE("pnm: a maximum other than 255 or 65535 is spread over the full scale and rounded") {
  const cv::Mat ten_bits = read("P2 3 1 1023\n0 512 1023");
  CHECK(ten_bits.at<uint16_t>(0, 1) == 32800);  // 512 * 65535 / 1023 = 32799.53
  CHECK(ten_bits.at<uint16_t>(0, 2) == 65535);
}

TEST_CASE("pnm, pfm, npy: every picture they can hold comes back bit for bit") {
  const auto check = [](ImageFormat format, std::initializer_list<int> types) {
    for (int type : types)
      for (const cv::Size size : {cv::Size(1, 1), cv::Size(5, 3), cv::Size(33, 20)}) {
        const cv::Mat image = test::random_image(size.height, size.width, type);
        REQUIRE(can_hold(format, image));
        CHECK(test::same_pixels(decode_image(encode_image(test::strided(image), format), "x"), image));
      }
  };
  check(ImageFormat::pnm, {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC3});
  check(ImageFormat::pfm, {CV_32FC1, CV_32FC3});
  check(ImageFormat::npy, {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_32FC1, CV_32FC3, CV_32FC4});
  CHECK_THROWS_AS(encode_image(test::random_image(2, 2, CV_32F), ImageFormat::png), DataError);
  CHECK_THROWS_AS(encode_image(test::random_image(2, 2, CV_8U), ImageFormat::pfm), DataError);
  CHECK_THROWS_AS(encode_image(cv::Mat(), ImageFormat::npy), DataError);
}

TEST_CASE("pfm: rows stand from the bottom up, and a positive scale means the high byte first") {
  const cv::Mat image = read("Pf\n1 2\n1.0\n" + bytes({0x3f, 0x80, 0, 0, 0x40, 0, 0, 0}));
  CHECK(image.at<float>(1, 0) == 1);
  CHECK(image.at<float>(0, 0) == 2);
}

TEST_CASE("pnm, pfm, npy: files cut anywhere, and values out of range, are errors that name the file") {
  const cv::Mat colour = test::random_image(6, 7, CV_8UC3), real = test::random_image(6, 7, CV_32F);
  for (const std::string& whole : {encode_image(colour, ImageFormat::pnm), encode_image(real, ImageFormat::pfm),
                                   encode_image(colour, ImageFormat::npy), std::string("P2 2 2 255\n10 20 30 4x"),
                                   std::string("P1 3 2\n1 0 1 0 1 1")})
    for (size_t length = 0; length < whole.size(); ++length) {
      if (whole.substr(0, 2) == "P2" && length > 20) continue;  // "4" is a whole number too
      CAPTURE(whole.substr(0, 2), length);
      const std::string part(whole.data(), length);
      CHECK_THROWS_AS(decode_image(part, "x"), DataError);
    }
  CHECK_THROWS_WITH(read("P2 1 1 9\n10"), Catch::Contains("x.pnm") && Catch::Contains("10 exceeds the maximum 9"));
  CHECK_THROWS_AS(read("P5 1 1 0\nx"), DataError);
  CHECK_THROWS_AS(read("P5 1 1 65536\nxx"), DataError);
  CHECK_THROWS_AS(read("P5 -1 1 255\nx"), DataError);
  CHECK_THROWS_AS(read("P5 99999999999999999999 1 255\nx"), DataError);
  CHECK_THROWS_AS(read("P5 0 7 255\nx"), DataError);
  CHECK_THROWS_WITH(read("P5 999999999 999999999 255\nx"), Catch::Contains("budget"));
  CHECK_THROWS_AS(read("P1 2 1\n1 2"), DataError);
}

TEST_CASE("image files: bytes that are no picture are refused by what they begin with") {
  CHECK_THROWS_WITH(read(""), Catch::Contains("empty"));
  CHECK_THROWS_WITH(read("GIF89a......"), Catch::Contains("GIF8") && Catch::Contains("x.pnm"));
  CHECK_THROWS_AS(read("P7\nWIDTH 1"), DataError);
  CHECK_THROWS_AS(read_image("/no/such/file.png"), DataError);
}

TEST_CASE(
    "image files: the name's ending chooses the format; a device or '-' gets PNG; an unknown ending is a usage error") {
  CHECK(image_format_of("a.b/c.PNG") == ImageFormat::png);
  CHECK(image_format_of("x.JPeg") == ImageFormat::jpeg);
  CHECK(image_format_of("x.ppm") == ImageFormat::pnm);
  CHECK(image_format_of("x.pfm") == ImageFormat::pfm);
  CHECK(image_format_of("x.npy") == ImageFormat::npy);
  CHECK(image_format_of("-") == ImageFormat::png);
  CHECK(image_format_of("/dev/null") == ImageFormat::png);
  CHECK_THROWS_AS(image_format_of("folder.png/picture"), UsageError);
  CHECK_THROWS_AS(image_format_of("x.tiff"), UsageError);
}

TEST_CASE("image files: a picture that cannot be written leaves nothing behind") {
  test::Scratch folder;
  CHECK_THROWS_AS(write_image(folder / "x.jpg", test::random_image(4, 4, CV_16U)), DataError);
  CHECK_THROWS_AS(write_image(folder / "no/x.png", test::random_image(4, 4, CV_16U)), OutputError);
  CHECK_THROWS_AS(write_image("/dev/full", test::random_image(4, 4, CV_8U)), OutputError);
  CHECK(folder.names().empty());
}
