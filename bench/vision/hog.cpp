// bench/vision/hog.cpp: HOG beside OpenCV, one thread, the same picture, in turn within one run; prints milliseconds and
// ratios (above 1: assay is faster). Needs OpenCV's objdetect (libopencv-objdetect-dev). Arguments: PICTURE.png [ROW,ROW].
//
//   hog_compute  the rows of all windows of 64 x 128, each 3780 numbers    hog_grid  one window as large as the picture
//   hog_row      one window of 64 x 128                                    hog_detect  OpenCV's model of people on all sizes:
//                step 1.05, padding 32 (OpenCV's joins similar frames, assay's keeps the best of them)
// Buffers for results are reused on both sides.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <opencv2/core.hpp>
#include <opencv2/objdetect.hpp>
#include <string>

#include "assay/features/hog/object_detector.h"
#include "assay/imgproc/color/gray.h"
#include "assay/imgproc/geometry/crop.h"
#include "assay/imgproc/geometry/resize.h"
#include "assay/imgproc/io/image_file.h"

namespace {

double milliseconds(const std::function<void()>& call) {
  const std::clock_t start = std::clock();
  call();
  return 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void row(const char* name, int times, const std::function<void()>& ours, const std::function<void()>& theirs) {
  double a = 1e9, b = 1e9;
  for (int t = 0; t < times; ++t) a = std::min(a, milliseconds(ours)), b = std::min(b, milliseconds(theirs));
  std::printf("%-12s%9.3f%9.3f%7.2f\n", name, a, b, b / a);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 2) return std::fputs("usage: hog PICTURE.png [ROW,ROW]\n", stderr), 2;
  const std::string only = argc > 2 ? argv[2] : "";
  const auto wanted = [&](const char* name) { return only.empty() || only.find(name) != std::string::npos; };
  cv::setNumThreads(1);
  cv::Mat grey = read_image(argv[1]);
  if (grey.channels() > 1) grey = gray(grey);
  ResizeParams size;
  size.width = 868, size.height = 600;
  grey = resize(grey, size);
  std::printf("OpenCV %s, one thread, 868x600; milliseconds\n%-12s%9s%9s%7s\n", CV_VERSION, "", "assay", "OpenCV",
              "ratio");

  HogParams p;
  p.preset = HogPreset::opencv;
  HogParams sliding = p;
  sliding.sliding = true;
  cv::Mat rows;
  std::vector<float> theirs;
  const cv::HOGDescriptor windows;
  if (wanted("hog_compute"))
    row(
        "hog_compute", 15, [&] { hog_rows(grey, sliding, rows); },
        [&] { windows.compute(grey, theirs, cv::Size(8, 8)); });

  const cv::Mat inside = crop(grey, {0, 0, 864, 600});
  const cv::HOGDescriptor whole({864, 600}, {16, 16}, {8, 8}, {8, 8}, 9);
  if (wanted("hog_grid"))
    row(
        "hog_grid", 50, [&] { hog_rows(inside, p, rows); }, [&] { whole.compute(inside, theirs); });

  const cv::Mat small = crop(grey, {200, 100, 64, 128});
  const auto often = [](auto&& call) {
    return [call] {
      for (int i = 0; i < 20; ++i) call();
    };
  };
  if (wanted("hog_row"))
    row("20 hog_row", 50, often([&] { hog_rows(small, p, rows); }), often([&] { windows.compute(small, theirs); }));

  cv::HOGDescriptor people;
  const std::vector<float> weights = cv::HOGDescriptor::getDefaultPeopleDetector();
  people.setSVMDetector(weights);
  WindowModel model;
  model.length = weights.size() - 1;
  model.W =
      Eigen::Map<const Eigen::RowVectorXf>(weights.data(), static_cast<Eigen::Index>(model.length)).cast<double>();
  model.b = Vector::Constant(1, static_cast<double>(weights.back()));
  ObjectParams search;
  search.hog = p;
  search.scale_step = 1.05, search.padding = 32;
  std::vector<cv::Rect> frames;
  if (wanted("hog_detect"))
    row(
        "hog_detect", 9, [&] { detect_objects(grey, model, search); },
        [&] {
          people.detectMultiScale(grey, frames, 0, {8, 8}, {32, 32}, 1.05, 2);
        });
}
