// components, distance, watershed.
#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/core/rng.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/io/image_file.h"
#include "assay/imgproc/morphology/fill_holes.h"
#include "assay/imgproc/morphology/morphology.h"
#include "assay/imgproc/segment/components.h"
#include "assay/imgproc/segment/distance.h"
#include "assay/imgproc/segment/threshold.h"
#include "assay/imgproc/segment/watershed.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"
#include "tests/support/scratch.h"

using namespace assay;

namespace {

cv::Mat drawing(const std::vector<std::string>& rows) {
  cv::Mat m(static_cast<int>(rows.size()), static_cast<int>(rows[0].size()), CV_8U);
  for (int y = 0; y < m.rows; ++y)
    for (int x = 0; x < m.cols; ++x)
      m.at<uint8_t>(y, x) = rows[static_cast<size_t>(y)][static_cast<size_t>(x)] == '.' ? 0 : 255;
  return m;
}

cv::Mat sparse(int rows, int cols, double share, uint64_t seed) {
  cv::Mat m(rows, cols, CV_8U);
  Rng rng(seed, 3);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x) m.at<uint8_t>(y, x) = rng.uniform() < share ? 255 : 0;
  return m;
}

// The textbook's way: flood from each pixel that has no label yet.
int by_flooding(const cv::Mat& image, bool eight, cv::Mat_<int>& labels) {
  labels.create(image.size());
  labels.setTo(0);
  int count = 0;
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      if (image.at<uint8_t>(y, x) == 0 || labels(y, x)) continue;
      std::vector<cv::Point> stack{{x, y}};
      labels(y, x) = ++count;
      while (!stack.empty()) {
        const cv::Point p = stack.back();
        stack.pop_back();
        for (int j = -1; j <= 1; ++j)
          for (int i = -1; i <= 1; ++i) {
            const cv::Point q(p.x + i, p.y + j);
            if ((!eight && i != 0 && j != 0) || !cv::Rect(0, 0, image.cols, image.rows).contains(q)) continue;
            if (image.at<uint8_t>(q) == 0 || labels(q.y, q.x)) continue;
            labels(q.y, q.x) = count;
            stack.push_back(q);
          }
      }
    }
  return count;
}

}  // namespace

TEST_CASE("components: a U is one component, a diagonal depends on the connectivity; area, box, centroid by hand") {
  const cv::Mat image = drawing({"#..#.", "#..#.", "####.", "....#"});
  ComponentsParams p;
  cv::Mat labels;
  CHECK(apply_op<Components>(p, image, labels, {})[0].second == 1);
  p.connectivity = PathNeighbours::four;
  CHECK(apply_op<Components>(p, image, labels, {})[0].second == 2);
  CHECK(labels.at<uint16_t>(0, 3) == 1);
  CHECK(labels.at<uint16_t>(3, 4) == 2);
  cv::Mat_<int> wide;
  const std::vector<Component> c = label_components(image, PathNeighbours::four, wide);
  CHECK(c[0].area == 8);
  CHECK((c[0].left == 0 && c[0].right == 3 && c[0].top == 0 && c[0].bottom == 2));
  CHECK(c[0].x == 1.5);
  CHECK(c[0].y == 1.25);
}

TEST_CASE("components: the same labels as flooding gives, for pictures of every density, both connectivities") {
  for (double share : {0.1, 0.4, 0.55, 0.6, 0.9, 1.0})
    for (bool eight : {false, true})
      for (const cv::Size& size : {cv::Size(61, 43), cv::Size(1, 30), cv::Size(30, 1)}) {
        CAPTURE(share, eight, size.width);
        const cv::Mat image = sparse(size.height, size.width, share, 7);
        cv::Mat_<int> labels, expected;
        const int count = by_flooding(image, eight, expected);
        const auto found = label_components(image, eight ? PathNeighbours::eight : PathNeighbours::four, labels);
        CHECK(static_cast<int>(found.size()) == count);
        CHECK(cv::countNonZero(labels != expected) == 0);
        int64_t pixels = 0;
        for (const Component& c : found) pixels += c.area;
        CHECK(pixels == cv::countNonZero(image));
        const std::vector<Component> measured = measure_labels(labels);
        for (size_t k = 0; k < found.size(); ++k) {
          REQUIRE(measured[k].area == found[k].area);
          REQUIRE(measured[k].x == Approx(found[k].x));
          REQUIRE(measured[k].right == found[k].right);
        }
      }
}

TEST_CASE("components: min-area leaves small ones out, the table has a line each, too many are refused") {
  test::Scratch folder;
  ComponentsParams p;
  p.min_area = 3;
  p.table = folder / "t.csv";
  cv::Mat labels;
  const ImageFacts facts = apply_op<Components>(p, drawing({"#.###", ".....", "##.##", "....#"}), labels, {});
  CHECK(facts[0].second == 2);
  CHECK(facts[1].second == 3);
  CHECK(labels.at<uint16_t>(0, 0) == 0);
  CHECK(std::string(Input::open(p.table).bytes()) ==
        "label,area,x,y,left,top,width,height\n1,3,3.000,0.000,2,0,3,1\n2,3,3.667,2.333,3,2,2,2\n");
  cv::Mat dots(600, 600, CV_8U, cv::Scalar(0));
  for (int y = 0; y < 600; y += 2)
    for (int x = 0; x < 600; x += 2) dots.at<uint8_t>(y, x) = 1;
  CHECK_THROWS_AS(apply_op<Components>({}, dots, labels, {}), DataError);
}

TEST_CASE("distance: equal to the least over all black pixels, for every density and shape") {
  for (double share : {0.5, 0.9, 0.99})
    for (const cv::Size& size : {cv::Size(53, 37), cv::Size(1, 40), cv::Size(40, 1)}) {
      const cv::Mat image = sparse(size.height, size.width, share, 5);
      if (cv::countNonZero(image) == image.rows * image.cols) continue;
      DistanceParams squared;
      squared.squared = true;
      const cv::Mat d2 = distance(image, squared), d = distance(image);
      for (int y = 0; y < image.rows; ++y)
        for (int x = 0; x < image.cols; ++x) {
          int least = 1 << 30;
          for (int j = 0; j < image.rows; ++j)
            for (int i = 0; i < image.cols; ++i)
              if (image.at<uint8_t>(j, i) == 0) least = std::min(least, (x - i) * (x - i) + (y - j) * (y - j));
          REQUIRE(d2.at<float>(y, x) == static_cast<float>(least));
          REQUIRE(d.at<float>(y, x) == std::sqrt(static_cast<float>(least)));
        }
    }
}

TEST_CASE("distance: exact beyond 4096 columns, where OpenCV 4.6 is not; infinite where nothing is black") {
  cv::Mat image(3, 9000, CV_8U, cv::Scalar(255));
  image.at<uint8_t>(1, 0) = 0;
  DistanceParams squared;
  squared.squared = true;
  CHECK(distance(image).at<float>(1, 8999) == 8999);
  CHECK(distance(image).at<float>(1, 0) == 0);
  CHECK(distance(image, squared).at<float>(0, 4000) == 4000 * 4000 + 1);
  CHECK(std::isinf(distance(cv::Mat(4, 5, CV_8U, cv::Scalar(1))).at<float>(2, 2)));
}

TEST_CASE("watershed: two valleys part at the ridge; a shallow one is no source; lines leave the ridge out") {
  const cv::Mat land = (cv::Mat_<uint8_t>(1, 9) << 5, 1, 4, 3, 4, 9, 6, 2, 7);
  cv::Mat labels;
  CHECK(apply_op<Watershed>({}, land, labels, {})[0].second == 3);
  WatershedParams p;
  p.depth = 2;
  CHECK(apply_op<Watershed>(p, land, labels, {})[0].second == 2);
  CHECK(labels.at<uint16_t>(0, 3) == 1);
  CHECK(labels.at<uint16_t>(0, 4) == 1);
  CHECK(labels.at<uint16_t>(0, 6) == 2);
  p.lines = true;
  apply_op<Watershed>(p, land, labels, {});
  CHECK(test::same_pixels(labels, (cv::Mat_<uint16_t>(1, 9) << 1, 1, 1, 1, 1, 0, 2, 2, 2)));
  p.invert = true;  // flood from the heights
  p.lines = false;
  CHECK(apply_op<Watershed>(p, land, labels, {})[0].second == 3);
}

TEST_CASE("watershed: every basin is connected and holds its minimum; markers rule; the background stays out") {
  for (int type : {CV_8U, CV_16U, CV_32F}) {
    GaussianParams g;
    g.sigma = 2;
    const cv::Mat image = gaussian(test::random_image(50, 60, type, 3), g);
    cv::Mat out;
    const auto count = static_cast<int>(apply_op<Watershed>({}, image, out, {})[0].second);
    CHECK(count > 3);
    CHECK(cv::countNonZero(out) == 50 * 60);
    for (int k = 1; k <= count; ++k) {
      cv::Mat_<int> parts;
      REQUIRE(label_components(out == k, PathNeighbours::eight, parts).size() == 1);
    }
  }
  test::Scratch folder;
  cv::Mat markers(9, 9, CV_8U, cv::Scalar(0));
  markers.at<uint8_t>(1, 1) = 7;
  markers.at<uint8_t>(7, 7) = 2;
  write_image(folder / "m.png", markers);
  WatershedParams p;
  p.markers = folder / "m.png";
  cv::Mat out;
  CHECK(apply_op<Watershed>(p, cv::Mat(9, 9, CV_8U, cv::Scalar(50)), out, {})[0].second == 2);
  CHECK(out.at<uint16_t>(0, 0) == 7);
  CHECK(out.at<uint16_t>(8, 8) == 2);
  Watershed::prepare(p);
  write_image(folder / "m.png", 0 * markers);  // what was read stays
  CHECK(apply_op<Watershed>(p, cv::Mat(9, 9, CV_8U, cv::Scalar(50)), out, {})[0].second == 2);
  p.background = 50;
  CHECK(apply_op<Watershed>(p, cv::Mat(9, 9, CV_8U, cv::Scalar(50)), out, {})[0].second == 0);
  CHECK_THROWS_AS(apply_op<Watershed>(p, cv::Mat(5, 9, CV_8U, cv::Scalar(50)), out, {}), DataError);
}

TEST_CASE("watershed: two disks that touch are parted by their distances, with the areas of two disks") {
  cv::Mat image(60, 100, CV_8U, cv::Scalar(0));
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 100; ++x)
      if (std::hypot(x - 30, y - 30) <= 20 || std::hypot(x - 66, y - 30) <= 20) image.at<uint8_t>(y, x) = 255;
  cv::Mat_<int> one;
  CHECK(label_components(image, PathNeighbours::eight, one).size() == 1);
  WatershedParams p;
  p.invert = true;
  p.background = 0;
  p.depth = 1;
  cv::Mat labels;
  CHECK(apply_op<Watershed>(p, distance(image), labels, {})[0].second == 2);
  CHECK(std::abs(cv::countNonZero(labels == 1) - cv::countNonZero(labels == 2)) <= 20);
  CHECK(cv::countNonZero(labels) == cv::countNonZero(image));
}

TEST_CASE("watershed: lists of whole heights flood as the heap of others does") {
  const cv::Mat_<uint8_t> image = test::random_image(47, 61, CV_8UC1);
  cv::Mat_<float> whole, between;
  image.convertTo(whole, CV_32F);
  between = whole + 0.5f;
  const cv::Mat_<uint8_t> outside(image.size(), uint8_t{0});
  for (const auto connectivity : {PathNeighbours::four, PathNeighbours::eight})
    for (bool lines : {false, true}) {
      cv::Mat_<int> markers, a, b;
      mark_minima(whole, 30, connectivity, outside, markers);
      a = markers.clone(), b = markers.clone();
      flood_from_markers(whole, connectivity, lines, a);
      flood_from_markers(between, connectivity, lines, b);
      CHECK(cv::countNonZero(a != b) == 0);
      CHECK(cv::countNonZero(a > 0) > 0);
      b = markers * 70000;  // labels of 32 bits
      flood_from_markers(whole, connectivity, lines, b);
      CHECK(cv::countNonZero(a * 70000 != b) == 0);
    }
}

TEST_CASE("distance: pieces with short and with long distances, beside the definition") {
  for (double share : {0.02, 0.5, 0.999, 1.0}) {
    cv::Mat_<uint8_t> image(8, 700);
    Rng rng(8, 3);
    for (uint8_t& v : image) v = rng.uniform() < share ? 255 : 0;
    image(cv::Rect(60, 0, 600, 8)).setTo(255);  // farther than the near columns reach
    cv::Mat out;
    apply_op<Distance>({}, image, out, Context());
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x) {
        double least = std::numeric_limits<double>::infinity();  // squared
        for (int j = 0; j < image.rows; ++j)
          for (int i = 0; i < image.cols; ++i)
            if (image(j, i) == 0) least = std::min(least, static_cast<double>((x - i) * (x - i) + (y - j) * (y - j)));
        REQUIRE(out.at<float>(y, x) == static_cast<float>(std::sqrt(least)));
      }
  }
}
