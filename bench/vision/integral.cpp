// bench/vision/integral.cpp: integral images beside OpenCV, one thread, the same picture, in turn within one run; prints
// milliseconds and ratios (above 1: assay is faster). Needs OpenCV's imgproc. Arguments: PICTURE.png [WIDTH HEIGHT].
//
//   s32, f64  sums of bytes, in these    squares  sums and sums of squares (OpenCV makes both in one call)
// Buffers for results are reused on both sides; both give the same numbers.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "assay/imgproc/color/gray.h"
#include "assay/imgproc/filter/integral.h"
#include "assay/imgproc/geometry/resize.h"
#include "assay/imgproc/io/image_file.h"
#include "assay/imgproc/picture_memory.h"

namespace {

double milliseconds(const std::function<void()>& call) {
  const double start = static_cast<double>(cv::getTickCount());
  call();
  return 1e3 * (static_cast<double>(cv::getTickCount()) - start) / cv::getTickFrequency();
}

void row(const char* name, const std::function<void()>& ours, const std::function<void()>& theirs) {
  double a = 1e9, b = 1e9;
  for (int round = 0; round < 6; ++round) {
    for (int t = 0; t < 6; ++t) a = std::min(a, milliseconds(ours));
    for (int t = 0; t < 6; ++t) b = std::min(b, milliseconds(theirs));
  }
  std::printf("%-20s%9.3f%9.3f%7.2f\n", name, a, b, b / a);
}

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace assay;
  if (argc != 2 && argc != 4) return std::fputs("usage: integral PICTURE.png [WIDTH HEIGHT]\n", stderr), 2;
  cv::setNumThreads(1);
  cv::Mat::setDefaultAllocator(&picture_allocator());  // of both sides
  cv::Mat grey = read_image(argv[1]);
  if (grey.channels() > 1) grey = gray(grey);
  ResizeParams size;
  size.width = argc > 2 ? std::atoi(argv[2]) : 1920, size.height = argc > 2 ? std::atoi(argv[3]) : 1080;
  grey = resize(grey, size);
  cv::Mat colour, real, wide;
  cv::merge(std::vector<cv::Mat>{grey, 255 - grey, grey}, colour);
  grey.convertTo(real, CV_32F, 1.0 / 255), grey.convertTo(wide, CV_16U, 257);
  std::printf("OpenCV %s, one thread, %dx%d; milliseconds\n%-20s%9s%9s%7s\n", CV_VERSION, grey.cols, grey.rows, "",
              "assay", "OpenCV", "ratio");
  cv::Mat sums, squares, their_sums, their_squares;
  bool equal = true;
  const auto compare = [&](const char* name, const cv::Mat& image, SumDepth depth) {
    row(
        name, [&] { integral_image(image, sums, depth); },
        [&] { cv::integral(image, their_sums, depth == SumDepth::s32 ? CV_32S : CV_64F); });
    equal = equal && same(sums, their_sums);
  };
  compare("u8 s32", grey, SumDepth::s32);
  compare("u8 f64", grey, SumDepth::f64);
  compare("u8 colour s32", colour, SumDepth::s32);
  compare("u8 colour f64", colour, SumDepth::f64);
  compare("u16 f64", wide, SumDepth::f64);
  compare("f32 f64", real, SumDepth::f64);
  row(
      "u8 s32 and squares",
      [&] {
        integral_image(grey, sums, SumDepth::s32);
        integral_of_squares(grey, squares);
      },
      [&] { cv::integral(grey, their_sums, their_squares, CV_32S, CV_64F); });
  equal = equal && same(squares, their_squares);
  std::puts(equal ? "the same numbers" : "the numbers differ");
  return equal ? 0 : 1;
}
