#include "assay/imgproc/morphology/morphology.h"

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/morphology/fill_holes.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"
#include "tests/support/scratch.h"

using namespace assay;

namespace {

MorphologyParams sized(int width, int height, ElementShape shape = ElementShape::rect) {
  MorphologyParams p;
  p.size = width, p.height = height, p.shape = shape;
  return p;
}

// (1) as it is written, pixel by pixel.
cv::Mat defined(const cv::Mat& image, const MorphologyParams& p, bool least) {
  const Element element =
      least || p.convention == MorphologyConvention::opencv ? element_of(p) : element_of(p).reflected();
  cv::Mat out(image.size(), CV_64FC(image.channels()));
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      for (int c = 0; c < image.channels(); ++c) {
        double best = least ? INFINITY : -INFINITY;
        for (const ElementRun& run : element.runs())
          for (int k = 0; k < run.length; ++k) {
            const int i = x + run.begin + k, j = y + run.dy;
            if (p.border == MorphologyBorder::ignored && (i < 0 || j < 0 || i >= image.cols || j >= image.rows))
              continue;
            const Border border = p.border == MorphologyBorder::reflect      ? Border::reflect
                                  : p.border == MorphologyBorder::reflect101 ? Border::reflect101
                                  : p.border == MorphologyBorder::replicate  ? Border::replicate
                                  : p.border == MorphologyBorder::wrap       ? Border::wrap
                                                                             : Border::constant;
            const int from_x = border_index(i, image.cols, border), from_y = border_index(j, image.rows, border);
            const double v = from_x < 0 || from_y < 0 ? p.value : test::value_at(image, from_y, from_x, c);
            best = least ? std::min(best, v) : std::max(best, v);
          }
        if (std::isinf(best) && image.depth() != CV_32F)
          best = least ? full_scale(image) : 0;  // nothing of B lies inside
        out.ptr<double>(y)[x * image.channels() + c] = best;
      }
  return out;
}

cv::Mat negative(const cv::Mat& image) {
  cv::Mat out;
  cv::subtract(cv::Scalar::all(full_scale(image)), image, out);
  return out;
}

bool symmetric(const Element& e) {
  const Element r = e.reflected();
  return std::equal(e.runs().begin(), e.runs().end(), r.runs().begin(), [](const ElementRun& a, const ElementRun& b) {
    return a.dy == b.dy && a.begin == b.begin && a.length == b.length;
  });
}

bool below(const cv::Mat& a, const cv::Mat& b) { return cv::countNonZero(a.reshape(1) > b.reshape(1)) == 0; }

const std::vector<MorphologyParams>& elements() {
  static const std::vector<MorphologyParams> all = {sized(3, 3),
                                                    sized(1, 1),
                                                    sized(1, 9),
                                                    sized(14, 1),
                                                    sized(4, 6),
                                                    sized(27, 31),
                                                    sized(15, 8),
                                                    sized(6, 32),
                                                    sized(9, 33),
                                                    sized(2, 2),
                                                    sized(100, 2),  // parts of windows a register apart, and more
                                                    sized(140, 3),
                                                    sized(7, 7, ElementShape::ellipse),
                                                    sized(12, 9, ElementShape::ellipse),
                                                    sized(5, 8, ElementShape::cross)};
  return all;
}

}  // namespace

TEST_CASE("morphology: a bright pixel dilated is the element, a dark pixel eroded its reflection, worked by hand") {
  cv::Mat image(5, 6, CV_8U, cv::Scalar(10));
  image.at<uint8_t>(2, 3) = 200;
  // an element of 2 x 1, anchor on its right cell: b = -1, 0. d(f)(x) = max f(x - b): the pixel and the one before it
  const cv::Mat grown = dilate(image, sized(2, 1));
  cv::Mat expected = image.clone();
  expected.at<uint8_t>(2, 2) = 200;
  CHECK(test::same_pixels(grown, expected));
  const cv::Mat eroded = erode(negative(image), sized(2, 1));
  cv::Mat dark = negative(image);
  dark.at<uint8_t>(2, 4) = 55;
  CHECK(test::same_pixels(eroded, dark));
}

TEST_CASE("morphology: every element, border, depth and size gives the definition's values") {
  for (const MorphologyParams& element : elements())
    for (const auto& [word, border] : morphology_border_names.items)
      for (int type : {CV_8UC1, CV_8UC3, CV_16UC4, CV_32FC1})
        for (const cv::Size& size :
             {cv::Size(37, 29), cv::Size(1, 17), cv::Size(9, 1), cv::Size(70, 5), cv::Size(192, 3)}) {
          MorphologyParams p = element;
          p.border = border;
          p.value = type == CV_32FC1 ? 0.25 : 77;
          CAPTURE(p.size, *p.height, static_cast<int>(p.shape), word, type, size.width, size.height);
          const cv::Mat image = test::random_image(size.height, size.width, type, 3);
          CHECK(test::largest_difference(erode(image, p), defined(image, p, true)) == 0);
          CHECK(test::largest_difference(dilate(image, p), defined(image, p, false)) == 0);
          p.convention = MorphologyConvention::opencv;
          CHECK(test::largest_difference(dilate(image, p), defined(image, p, false)) == 0);
        }
}

TEST_CASE("morphology: erosion and dilation are dual, open and close idempotent and ordered, for any element") {
  for (const MorphologyParams& p : elements())
    for (int type : {CV_8UC1, CV_16UC3}) {
      CAPTURE(p.size, *p.height, static_cast<int>(p.shape), type);
      const cv::Mat image = test::random_image(61, 47, type, 9);
      const cv::Mat opened = open(image, p), closed = close(image, p);
      CHECK(test::same_pixels(open(opened, p), opened));
      CHECK(test::same_pixels(close(closed, p), closed));
      if (symmetric(element_of(p))) CHECK(test::same_pixels(negative(close(negative(image), p)), opened));
      MorphologyParams unreflected = p;
      unreflected.convention = MorphologyConvention::opencv;  // its dilation is by -B
      if (p.shape == ElementShape::rect)
        CHECK(test::same_pixels(negative(dilate(negative(image), unreflected)), erode(image, p)));
      CHECK(below(opened, image));
      CHECK(below(image, closed));
      cv::Mat up, down;
      cv::subtract(image, opened, up);
      cv::subtract(closed, image, down);
      CHECK(test::same_pixels(apply_op<TopHat>(p, image, {}), up));
      CHECK(test::same_pixels(apply_op<BlackHat>(p, image, {}), down));
      cv::Mat outline;
      cv::subtract(dilate(image, p), erode(image, p), outline);
      CHECK(test::same_pixels(apply_op<MorphologicalGradient>(p, image, {}), outline));
    }
}

TEST_CASE("morphology: OpenCV's opening with an even side shifts the picture, the exact one does not") {
  cv::Mat image(20, 20, CV_8U, cv::Scalar(0));
  image(cv::Rect(8, 8, 4, 4)).setTo(255);
  CHECK(test::same_pixels(open(image, sized(2, 2)), image));
  MorphologyParams p = sized(2, 2);
  p.convention = MorphologyConvention::opencv;
  CHECK_FALSE(test::same_pixels(open(image, p), image));
}

TEST_CASE("morphology: bands join without a seam, with every border") {
  const cv::Mat image = test::random_image(700, 40, CV_8U, 4);
  for (const auto& [word, border] : morphology_border_names.items)
    for (const MorphologyParams& element : {sized(5, 9), sized(6, 7, ElementShape::ellipse)}) {
      CAPTURE(word);
      MorphologyParams p = element;
      p.border = border;
      CHECK(test::same_pixels(open(image, p), dilate(erode(image, p), p)));
      CHECK(test::same_pixels(close(image, p), erode(dilate(image, p), p)));
    }
}

TEST_CASE("morphology: a rectangle is its row after its column, and two squares one after the other are a larger one") {
  const cv::Mat image = test::random_image(50, 60, CV_16U, 6);
  CHECK(test::same_pixels(erode(image, sized(13, 8)), erode(erode(image, sized(13, 1)), sized(1, 8))));
  CHECK(test::same_pixels(dilate(dilate(image, sized(5, 5)), sized(7, 7)), dilate(image, sized(11, 11))));
}

TEST_CASE("morphology: the ellipse is round: turned it is itself, and its pixels are those within the curve") {
  const Element disk = make_element(ElementShape::ellipse, 5, 5, MorphologyConvention::exact);
  REQUIRE(disk.runs().size() == 5);  // .###. ##### ##### ##### .###.
  CHECK(disk.runs()[0].length == 3);
  CHECK(disk.runs()[2].length == 5);
  for (int side : {1, 2, 3, 4, 7, 12, 15}) {
    const Element e = make_element(ElementShape::ellipse, side, side, MorphologyConvention::exact);
    int pixels = 0;
    for (const ElementRun& run : e.runs()) pixels += run.length;
    CHECK(std::abs(pixels - CV_PI / 4 * side * side) <= 1.5 * side);
    CHECK(static_cast<int>(e.runs().size()) == side);
  }
}

TEST_CASE("morphology: an element from a file, and files that are none") {
  test::Scratch folder;
  write_file(folder / "b.csv", "# an angle\n1,0,0\n1,0,0\n1,1,1\n");
  MorphologyParams p;
  p.kernel = folder / "b.csv";
  const Element e = element_of(p);
  CHECK(e.runs().size() == 3);
  CHECK((e.left() == 1 && e.right() == 1 && e.up() == 1 && e.down() == 1));
  CHECK_FALSE(e.rectangle());
  const cv::Mat image = test::random_image(20, 30, CV_8U);
  CHECK(test::largest_difference(dilate(image, p), defined(image, p, false)) == 0);
  CHECK(test::same_pixels(open(open(image, p), p), open(image, p)));
  for (const auto& [text, word] :
       {std::pair("1,0\n1\n", "numbers"), {"0 0\n0 0\n", "empty"}, {"1,x\n", "not a number"}, {"\n", "no number"}}) {
    write_file(folder / "bad.csv", text);
    p.kernel = folder / "bad.csv";
    CHECK_THROWS_WITH(erode(image, p), Catch::Contains(word));
    CHECK_THROWS_AS(erode(image, p), DataError);
  }
}

TEST_CASE("fill-holes: a ring is filled, an open ring is not, and a diagonal gap depends on the connectivity") {
  cv::Mat ring(9, 9, CV_8U, cv::Scalar(0));
  ring(cv::Rect(2, 2, 5, 5)).setTo(255);
  ring(cv::Rect(3, 3, 3, 3)).setTo(0);
  cv::Mat disk = ring.clone();
  disk(cv::Rect(2, 2, 5, 5)).setTo(255);
  CHECK(test::same_pixels(fill_holes(ring), disk));
  CHECK(test::same_pixels(fill_holes(disk), disk));
  cv::Mat open_ring = ring.clone();
  open_ring.at<uint8_t>(2, 4) = 0;
  CHECK(test::same_pixels(fill_holes(open_ring), open_ring));
  cv::Mat corner = ring.clone();
  corner.at<uint8_t>(2, 2) = 0;
  CHECK_FALSE(test::same_pixels(fill_holes(corner), corner));
  CHECK(test::same_pixels(fill_holes(corner, {PathNeighbours::eight}), corner));
}

TEST_CASE("fill-holes: never below the picture, idempotent, equal on every depth") {
  const cv::Mat image = test::random_image(40, 50, CV_8UC3, 2), filled = fill_holes(image);
  CHECK(below(image, filled));
  CHECK(test::same_pixels(fill_holes(filled), filled));
  for (int depth : {CV_16U, CV_32F}) {
    cv::Mat other, back;
    image.convertTo(other, depth);
    fill_holes(other).convertTo(back, CV_8U);
    CHECK(test::same_pixels(back, filled));
  }
}
