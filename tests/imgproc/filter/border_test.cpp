#include "assay/imgproc/filter/border.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {
// "abcd" with six more on each side.
std::string extended(Border border, const std::string& text) {
  std::string out;
  const int n = static_cast<int>(text.size());
  for (int i = -6; i < n + 6; ++i) {
    const int from = border_index(i, n, border);
    out += from < 0 ? 'v' : text[static_cast<size_t>(from)];
  }
  return out;
}
}  // namespace

TEST_CASE("border: four letters continue as OpenCV documents its borders, however far one reads") {
  CHECK(extended(Border::reflect101, "abcd") == "abcdcbabcdcbabcd");
  CHECK(extended(Border::reflect, "abcd") == "cddcbaabcddcbaab");
  CHECK(extended(Border::replicate, "abcd") == "aaaaaaabcddddddd");
  CHECK(extended(Border::wrap, "abcd") == "cdabcdabcdabcdab");
  CHECK(extended(Border::constant, "abcd") == "vvvvvvabcdvvvvvv");
}

TEST_CASE("border: a single pixel continues itself under every border but constant") {
  for (Border border : {Border::reflect101, Border::reflect, Border::replicate, Border::wrap})
    CHECK(extended(border, "a") == "aaaaaaaaaaaaa");
  CHECK(extended(Border::constant, "a") == "vvvvvvavvvvvv");
}

TEST_CASE("border: padded_row reads what border_index says, for every channel, far outside too") {
  const cv::Mat image = test::random_image(3, 5, CV_16UC3);
  for (const auto& [word, border] : border_names.items) {
    CAPTURE(word);
    for (int y = -7; y < 9; ++y) {
      std::vector<double> row(static_cast<size_t>((4 + 2 * 8) * 3));
      padded_row(image, y, 1, 5, 8, border, 7.5, row.data());
      for (int x = 1 - 8; x < 5 + 8; ++x)
        for (int c = 0; c < 3; ++c) {
          const int from_y = border_index(y, 3, border), from_x = border_index(x, 5, border);
          const double expected = from_y < 0 || from_x < 0 ? 7.5 : test::value_at(image, from_y, from_x, c);
          REQUIRE(row[static_cast<size_t>((x + 7) * 3 + c)] == expected);
        }
    }
  }
}
