#include <cstddef>
#include <cstdio>

#include <jpeglib.h>

#include "assay/core/error.h"
#include "assay/imgproc/io/image_file.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

std::string encoded(const cv::Mat& image) { return encode_image(image, ImageFormat::jpeg); }

// What libjpeg itself writes from rows of bytes.
std::string jpeg_of(const cv::Mat& image, J_COLOR_SPACE space, bool progressive) {
  jpeg_compress_struct c{};
  jpeg_error_mgr errors;
  c.err = jpeg_std_error(&errors);
  jpeg_create_compress(&c);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&c, &bytes, &size);
  c.image_width = static_cast<JDIMENSION>(image.cols);
  c.image_height = static_cast<JDIMENSION>(image.rows);
  c.input_components = image.channels();
  c.in_color_space = space;
  jpeg_set_defaults(&c);
  jpeg_set_quality(&c, 100, TRUE);
  if (progressive) jpeg_simple_progression(&c);
  jpeg_start_compress(&c, TRUE);
  while (c.next_scanline < c.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(image.ptr(static_cast<int>(c.next_scanline)));
    jpeg_write_scanlines(&c, &row, 1);
  }
  jpeg_finish_compress(&c);
  jpeg_destroy_compress(&c);
  std::string out(reinterpret_cast<char*>(bytes), size);
  std::free(bytes);
  return out;
}

std::string number(uint32_t value, int count, bool little) {
  std::string out;
  for (int i = 0; i < count; ++i) out += static_cast<char>(value >> (8 * (little ? i : count - 1 - i)) & 255);
  return out;
}

// An APP1 segment's content: two entries, the orientation second.
std::string exif(int orientation, bool little) {
  const auto n = [&](uint32_t v, int count) { return number(v, count, little); };
  return std::string("Exif\0\0", 6) + (little ? "II" : "MM") + n(42, 2) + n(8, 4) + n(2, 2) +     //
         n(0x0100, 2) + n(4, 2) + n(1, 4) + n(640, 4) +                                           // width
         n(0x0112, 2) + n(3, 2) + n(1, 4) + n(static_cast<uint32_t>(orientation), 2) + n(0, 2) +  //
         n(0, 4);
}

std::string with_exif(const std::string& jpeg, const std::string& content) {
  return jpeg.substr(0, 2) + "\xff\xe1" + number(static_cast<uint32_t>(content.size() + 2), 2, false) + content +
         jpeg.substr(2);
}

// Sixteen-pixel blocks of constant colour: JPEG keeps them to a level or two.
cv::Mat blocks() {
  cv::Mat image(48, 80, CV_8UC3);
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 80; ++x)
      image.at<cv::Vec3b>(y, x) = cv::Vec3b(static_cast<uchar>(40 * (x / 16)), static_cast<uchar>(80 * (y / 16)), 100);
  return image;
}

}  // namespace

TEST_CASE("jpeg: grey and colour come back to within what the format loses") {
  for (int type : {CV_8UC1, CV_8UC3}) {
    cv::Mat image;
    cv::Mat smooth(48, 64, type);
    for (int y = 0; y < 48; ++y)
      for (int i = 0; i < 64 * smooth.channels(); ++i)
        smooth.ptr(y)[i] = static_cast<uint8_t>(60 + 2 * y + i / smooth.channels());
    CHECK(test::largest_difference(decode_image(encoded(smooth), "x"), smooth) <= 3);
    CHECK(test::largest_difference(decode_image(encoded(test::strided(smooth)), "x"), smooth) <= 3);
  }
  const cv::Mat read = decode_image(encoded(blocks()), "x");
  CHECK(std::abs(read.at<cv::Vec3b>(8, 72)[0] - 160) <= 6);  // blue stays blue
  CHECK(std::abs(read.at<cv::Vec3b>(40, 8)[1] - 160) <= 6);
}

TEST_CASE("jpeg: a progressive file gives the picture of a plain one") {
  const cv::Mat image = test::scene(40, 56, CV_8U);
  CHECK(test::same_pixels(decode_image(jpeg_of(image, JCS_GRAYSCALE, true), "x"),
                          decode_image(jpeg_of(image, JCS_GRAYSCALE, false), "x")));
}

TEST_CASE("jpeg: EXIF's eight orientations turn the picture upright, in both byte orders") {
  // The stored picture for orientation k is the upright one moved so that its first row and column lie as TIFF's tag 274
  // says: 1 top-left, 2 top-right, 3 bottom-right, 4 bottom-left, 5 left-top, 6 right-top, 7 right-bottom, 8 left-bottom.
  cv::Mat upright(24, 40, CV_8U);  // blocks of constant grey, which JPEG keeps to a level or two
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 40; ++x) upright.at<uint8_t>(y, x) = static_cast<uint8_t>(40 * (x / 8) + 15 * (y / 8));
  const auto stored = [&](int k) {
    cv::Mat m(k >= 5 ? upright.cols : upright.rows, k >= 5 ? upright.rows : upright.cols, CV_8U);
    for (int y = 0; y < upright.rows; ++y)
      for (int x = 0; x < upright.cols; ++x) {
        const int from_right = upright.cols - 1 - x, from_bottom = upright.rows - 1 - y;
        const bool right = k == 2 || k == 3 || k == 6 || k == 7, bottom = k == 3 || k == 4 || k == 7 || k == 8;
        const int u = right ? from_right : x, v = bottom ? from_bottom : y;
        if (k >= 5)
          m.at<uint8_t>(u, v) = upright.at<uint8_t>(y, x);
        else
          m.at<uint8_t>(v, u) = upright.at<uint8_t>(y, x);
      }
    return m;
  };
  for (int k = 1; k <= 8; ++k)
    for (bool little : {true, false}) {
      CAPTURE(k, little);
      const std::string file = with_exif(jpeg_of(stored(k), JCS_GRAYSCALE, false), exif(k, little));
      CHECK(test::largest_difference(decode_image(file, "x"), upright) <= 2);
      ReadImageOptions as_stored;
      as_stored.orientation = false;
      CHECK(test::largest_difference(decode_image(file, "x", as_stored), stored(k)) <= 2);
    }
  CHECK(test::largest_difference(upright, test::rotate_90(test::rotate_90(upright))) > 50);  // the picture can tell
}

TEST_CASE("jpeg: malformed EXIF is no orientation and no harm") {
  const std::string good = exif(6, true);
  REQUIRE(exif_orientation(good) == 6);
  for (size_t length = 0; length < good.size(); ++length) {
    const std::string cut(good.data(), length);
    const int k = exif_orientation(cut);
    CHECK((k == 1 || k == 6));
  }
  for (size_t i = 0; i < good.size(); ++i)
    for (int value : {0, 1, 0x7f, 0xff}) {
      std::string damaged = good;
      damaged[i] = static_cast<char>(value);
      const int k = exif_orientation(damaged);
      CHECK((k >= 1 && k <= 8));
    }
  CHECK(exif_orientation(exif(0, true)) == 1);
  CHECK(exif_orientation(exif(9, true)) == 1);
  std::string far = good;  // the directory lies beyond the end
  far[10] = far[11] = far[12] = far[13] = '\xff';
  CHECK(exif_orientation(far) == 1);
}

TEST_CASE("jpeg: a file cut anywhere is a data error that names it, never a half-grey picture") {
  const cv::Mat image = test::scene(64, 80, CV_8UC3);
  for (bool progressive : {false, true}) {
    const std::string whole = jpeg_of(image, JCS_EXT_BGR, progressive);
    REQUIRE(decode_image(whole, "x").size() == image.size());
    for (size_t length = 0; length < whole.size(); length += 1 + whole.size() / 700) {
      CAPTURE(progressive, length, whole.size());
      const std::string part(whole.data(), length);
      try {
        decode_image(part, "holiday.jpg");
        FAIL("half a picture");
      } catch (const DataError& e) {
        REQUIRE(std::string(e.what()).find("holiday.jpg") == 0);
      }
    }
    const std::string last(whole.data(), whole.size() - 1);
    CHECK_THROWS_AS(decode_image(last, "x"), DataError);
  }
}

TEST_CASE("jpeg: flipped bytes give an error or a picture of the right size, and touch nothing else") {
  const std::string whole = jpeg_of(test::scene(24, 32, CV_8UC3), JCS_EXT_BGR, true);
  int refused = 0;
  for (size_t i = 0; i < whole.size(); i += 1 + whole.size() / 1500) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    ReadImageOptions options;
    options.pixels = 1 << 20;  // a flipped size may ask for a large picture
    try {
      decode_image(damaged, "x.jpg", options);
    } catch (const DataError&) {
      ++refused;
    }
  }
  CHECK(refused > 50);
}

TEST_CASE("jpeg: CMYK is refused in words; the budget holds before the picture is allocated") {
  const cv::Mat four = test::random_image(16, 16, CV_8UC4);
  CHECK_THROWS_WITH(decode_image(jpeg_of(four, JCS_CMYK, false), "print.jpg"),
                    Catch::Contains("CMYK") && Catch::Contains("print.jpg"));
  ReadImageOptions options;
  options.pixels = 3839;
  CHECK_THROWS_WITH(decode_image(encoded(blocks()), "x.jpg", options), Catch::Contains("80 x 48"));
}

TEST_CASE("jpeg: it holds 8 bits without alpha and says so of the rest") {
  for (int type : {CV_16UC1, CV_8UC4, CV_32FC1}) CHECK_THROWS_AS(encoded(test::random_image(8, 8, type)), DataError);
}

TEST_CASE("jpeg: the bundled photographs are read") {
  CHECK(read_image(test::dataset_path("chessboards/left01.jpg")).size() == cv::Size(640, 480));
  CHECK(read_image(test::dataset_path("pictures/rocket.jpg")).type() == CV_8UC3);
}
