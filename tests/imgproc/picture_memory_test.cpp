#include "assay/imgproc/picture_memory.h"

#include <cstdint>
#include <opencv2/core.hpp>

#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

cv::Mat with_allocator(int rows, int cols, int type) {
  cv::Mat image;
  image.allocator = &picture_allocator();
  image.create(rows, cols, type);
  return image;
}

bool on_whole_page(const cv::Mat& image) { return reinterpret_cast<uintptr_t>(image.data) % (2 << 20) == 0; }

}  // namespace

TEST_CASE("picture memory: large pictures begin on a page of 2 MB, small ones anywhere, and rows follow one another") {
  for (int type : {CV_8U, CV_8UC3, CV_32FC4}) {
    cv::Mat large = with_allocator(1080, 1920, type);
    CHECK(on_whole_page(large));
    CHECK(large.isContinuous());
    CHECK(large.step1() == 1920 * static_cast<size_t>(large.channels()));
    const cv::Mat random = test::random_image(1080, 1920, type);
    random.copyTo(large);
    CHECK(test::same_pixels(large, random));
    const cv::Mat part = large(cv::Rect(100, 50, 300, 200)).clone(), again = large;
    large.release();
    CHECK(test::same_pixels(again, random));
    CHECK(test::same_pixels(part, random(cv::Rect(100, 50, 300, 200))));
    const cv::Mat small = with_allocator(10, 20, type);
    CHECK(small.step1() == 20 * static_cast<size_t>(small.channels()));
  }
  cv::Mat cube;
  cube.allocator = &picture_allocator();
  const int sizes[] = {20, 300, 400};
  cube.create(3, sizes, CV_32F);
  CHECK(cube.step[0] == 300 * 400 * 4);
  CHECK(cube.step[1] == 400 * 4);
  CHECK(cube.step[2] == 4);
}
