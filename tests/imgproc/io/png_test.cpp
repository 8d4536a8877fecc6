#include <png.h>
#include <zlib.h>

#include "assay/core/error.h"
#include "assay/imgproc/io/image_file.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"
#include "tests/support/scratch.h"

using namespace assay;

namespace {

// A PNG of any kind, written by libpng from packed rows.
struct PngKind {
  int width, height, bit_depth, colour;
  bool interlaced = false;
  std::vector<png_color> palette = {};
  std::vector<png_byte> palette_alpha = {};
  int transparent_grey = -1;
};

std::string png_of(const PngKind& kind, const std::vector<std::vector<unsigned char>>& rows) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep bytes, size_t n) {
        static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(bytes), n);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(kind.width), static_cast<png_uint_32>(kind.height), kind.bit_depth,
               kind.colour, kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (!kind.palette.empty()) png_set_PLTE(png, info, kind.palette.data(), static_cast<int>(kind.palette.size()));
  if (!kind.palette_alpha.empty())
    png_set_tRNS(png, info, kind.palette_alpha.data(), static_cast<int>(kind.palette_alpha.size()), nullptr);
  if (kind.transparent_grey >= 0) {
    png_color_16 c{};
    c.gray = static_cast<png_uint_16>(kind.transparent_grey);
    png_set_tRNS(png, info, nullptr, 0, &c);
  }
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (const auto& row : rows) pointers.push_back(const_cast<png_bytep>(row.data()));
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::string encoded(const cv::Mat& image) { return encode_image(image, ImageFormat::png); }

}  // namespace

TEST_CASE("png: every depth and channel count comes back bit for bit, of odd sizes and from a strided view") {
  for (int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_16UC4})
    for (const cv::Size size : {cv::Size(1, 1), cv::Size(7, 3), cv::Size(64, 65)}) {
      CAPTURE(type, size.width);
      const cv::Mat image = test::random_image(size.height, size.width, type);
      CHECK(test::same_pixels(decode_image(encoded(image), "x.png"), image));
      CHECK(test::same_pixels(decode_image(encoded(test::strided(image)), "x.png"), image));
    }
}

TEST_CASE("png: 16 bits keep their byte order: the file holds the high byte first") {
  cv::Mat image(1, 1, CV_16U, cv::Scalar(0x1234));
  CHECK(decode_image(png_of({1, 1, 16, PNG_COLOR_TYPE_GRAY}, {{0x12, 0x34}}), "x").at<uint16_t>(0, 0) == 0x1234);
  CHECK(decode_image(encoded(image), "x").at<uint16_t>(0, 0) == 0x1234);
}

TEST_CASE("png: colour is stored as R, G, B and read as B, G, R") {
  const cv::Mat image = decode_image(png_of({1, 1, 8, PNG_COLOR_TYPE_RGB}, {{10, 20, 30}}), "x");
  CHECK(image.at<cv::Vec3b>(0, 0) == cv::Vec3b(30, 20, 10));
}

TEST_CASE("png: one, two and four bits of grey spread over 0 to 255") {
  const cv::Mat bits = decode_image(png_of({8, 1, 1, PNG_COLOR_TYPE_GRAY}, {{0b10110001}}), "x");
  const int expected[] = {255, 0, 255, 255, 0, 0, 0, 255};
  for (int x = 0; x < 8; ++x) CHECK(bits.at<uint8_t>(0, x) == expected[x]);
  const cv::Mat pairs = decode_image(png_of({4, 1, 2, PNG_COLOR_TYPE_GRAY}, {{0b00011011}}), "x");
  for (int x = 0; x < 4; ++x) CHECK(pairs.at<uint8_t>(0, x) == 85 * x);
  const cv::Mat nibbles = decode_image(png_of({2, 1, 4, PNG_COLOR_TYPE_GRAY}, {{0x3c}}), "x");
  CHECK(nibbles.at<uint8_t>(0, 0) == 3 * 17);
  CHECK(nibbles.at<uint8_t>(0, 1) == 12 * 17);
}

TEST_CASE("png: a palette becomes colours, and with transparency four channels") {
  PngKind kind{3, 1, 8, PNG_COLOR_TYPE_PALETTE, false, {{1, 2, 3}, {40, 50, 60}, {255, 0, 7}}, {}};
  const cv::Mat opaque = decode_image(png_of(kind, {{2, 0, 1}}), "x");
  REQUIRE(opaque.type() == CV_8UC3);
  CHECK(opaque.at<cv::Vec3b>(0, 0) == cv::Vec3b(7, 0, 255));
  CHECK(opaque.at<cv::Vec3b>(0, 1) == cv::Vec3b(3, 2, 1));
  kind.palette_alpha = {0, 128};  // the third entry is opaque
  const cv::Mat clear = decode_image(png_of(kind, {{2, 0, 1}}), "x");
  REQUIRE(clear.type() == CV_8UC4);
  CHECK(clear.at<cv::Vec4b>(0, 0) == cv::Vec4b(7, 0, 255, 255));
  CHECK(clear.at<cv::Vec4b>(0, 1) == cv::Vec4b(3, 2, 1, 0));
  CHECK(clear.at<cv::Vec4b>(0, 2) == cv::Vec4b(60, 50, 40, 128));
  kind.bit_depth = 2;
  CHECK(decode_image(png_of(kind, {{0b10000100}}), "x").at<cv::Vec4b>(0, 2) == cv::Vec4b(60, 50, 40, 128));
}

TEST_CASE("png: grey with alpha, or with one transparent level, becomes four channels") {
  const cv::Mat image = decode_image(png_of({2, 1, 8, PNG_COLOR_TYPE_GRAY_ALPHA}, {{9, 100, 200, 255}}), "x");
  REQUIRE(image.type() == CV_8UC4);
  CHECK(image.at<cv::Vec4b>(0, 0) == cv::Vec4b(9, 9, 9, 100));
  CHECK(image.at<cv::Vec4b>(0, 1) == cv::Vec4b(200, 200, 200, 255));
  PngKind keyed{2, 1, 8, PNG_COLOR_TYPE_GRAY};
  keyed.transparent_grey = 9;
  const cv::Mat key = decode_image(png_of(keyed, {{9, 10}}), "x");
  REQUIRE(key.type() == CV_8UC4);
  CHECK(key.at<cv::Vec4b>(0, 0)[3] == 0);
  CHECK(key.at<cv::Vec4b>(0, 1)[3] == 255);
}

TEST_CASE("png: an interlaced picture equals the plain one") {
  const cv::Mat image = test::random_image(13, 11, CV_8UC3);
  std::vector<std::vector<unsigned char>> rows;
  for (int y = 0; y < 13; ++y) {
    rows.emplace_back();
    for (int x = 0; x < 11; ++x)
      for (int c : {2, 1, 0}) rows.back().push_back(image.at<cv::Vec3b>(y, x)[c]);
  }
  PngKind kind{11, 13, 8, PNG_COLOR_TYPE_RGB, true};
  CHECK(test::same_pixels(decode_image(png_of(kind, rows), "x"), image));
}

TEST_CASE("png: a file cut anywhere is a data error that names it, never a picture") {
  for (bool interlaced : {false, true}) {
    PngKind kind{37, 29, 8, PNG_COLOR_TYPE_GRAY, interlaced};
    const cv::Mat image = test::random_image(29, 37, CV_8U);
    std::vector<std::vector<unsigned char>> rows;
    for (int y = 0; y < 29; ++y) rows.emplace_back(image.ptr(y), image.ptr(y) + 37);
    const std::string whole = png_of(kind, rows);
    REQUIRE(test::same_pixels(decode_image(whole, "x"), image));
    for (size_t length = 0; length < whole.size(); ++length) {
      CAPTURE(length, whole.size());
      const std::string part(whole.data(), length);  // its own storage: reading beyond is seen by the sanitizer
      try {
        decode_image(part, "holiday.png");
        FAIL("half a picture");
      } catch (const DataError& e) {
        REQUIRE(std::string(e.what()).find("holiday.png") == 0);
      }
    }
  }
}

TEST_CASE("png: any flipped byte is found out: an error, or the same picture") {
  const cv::Mat image = test::random_image(9, 14, CV_8UC3);
  const std::string whole = encoded(image);
  for (size_t i = 0; i < whole.size(); ++i)
    for (int bit : {0, 3, 7}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      CAPTURE(i, bit);
      cv::Mat read;
      try {
        read = decode_image(damaged, "x.png");
      } catch (const DataError&) {
        continue;
      }
      REQUIRE(test::same_pixels(read, image));
    }
}

TEST_CASE("png: a header that promises more than the budget, or more than the file can hold, is refused unallocated") {
  const std::string small = encoded(cv::Mat(10, 10, CV_8U, cv::Scalar(1)));
  ReadImageOptions options;
  options.pixels = 99;
  CHECK_THROWS_WITH(decode_image(small, "big.png", options),
                    Catch::Contains("big.png") && Catch::Contains("10 x 10") && Catch::Contains("99"));
  options.pixels = 100;
  CHECK(decode_image(small, "x", options).rows == 10);
  // 9999 x 9999 RGBA in a hundred bytes, with right checksums
  const std::string bomb = png_of({9999, 1, 16, PNG_COLOR_TYPE_RGBA}, {std::vector<unsigned char>(8 * 9999, 0)});
  std::string lying = bomb;
  lying[22] = 0x27, lying[23] = 0x0f;  // the height: now 9999, but its checksum is wrong; mend it
  const uLong crc = crc32(0, reinterpret_cast<const Bytef*>(lying.data() + 12), 17);
  for (int i = 0; i < 4; ++i) lying[static_cast<size_t>(29 + i)] = static_cast<char>(crc >> (24 - 8 * i) & 255);
  CHECK_THROWS_WITH(decode_image(lying, "lying.png"), Catch::Contains("ends too early"));
}

TEST_CASE("png: the bundled pictures are read, and written through a file") {
  const cv::Mat camera = read_image(test::dataset_path("pictures/camera.png"));
  CHECK(camera.type() == CV_8U);
  CHECK(camera.size() == cv::Size(512, 512));
  CHECK(read_image(test::dataset_path("pictures/astronaut.png")).type() == CV_8UC3);
  test::Scratch folder;
  write_image(folder / "copy.png", camera);
  CHECK(test::same_pixels(read_image(folder / "copy.png"), camera));
  CHECK(folder.names() == std::vector<std::string>{"copy.png"});
}
