// scharr, prewitt, roberts, laplacian, log, dog.
#include "assay/imgproc/edge/derivative.h"

#include "assay/imgproc/edge/laplacian.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

template <class Op>
cv::Mat derivative(const cv::Mat& image, Direction direction) {
  SobelParams p;
  p.direction = direction;
  return apply_op<Op>(p, image, {});
}

cv::Mat ramp(double across, double down) {
  cv::Mat image(20, 24, CV_32F);
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 24; ++x) image.at<float>(y, x) = static_cast<float>(across * x + down * y);
  return image;
}

bool constant(const cv::Mat& inside, float value) { return cv::countNonZero(inside != value) == 0; }

}  // namespace

TEST_CASE("derivatives: a ramp has its slope times the sum of the weights, everywhere inside") {
  const cv::Mat image = ramp(3, -2);
  const cv::Rect inside(1, 1, 22, 18);
  CHECK(constant(derivative<Scharr>(image, Direction::x)(inside), 3 * 32));
  CHECK(constant(derivative<Scharr>(image, Direction::y)(inside), -2 * 32));
  CHECK(constant(derivative<Prewitt>(image, Direction::x)(inside), 3 * 6));
  CHECK(constant(derivative<Prewitt>(image, Direction::y)(inside), -2 * 6));
  CHECK(constant(derivative<Roberts>(image, Direction::x)(inside), -3 + 2));
  CHECK(constant(derivative<Roberts>(image, Direction::y)(inside), 3 + 2));
  CHECK(constant(apply_op<Laplacian>({}, image, {})(inside), 0));
}

TEST_CASE("derivatives: the magnitude is the norm of both directions, a transposed picture swaps them") {
  for (int type : {CV_8UC3, CV_16UC1, CV_32FC1}) {
    const cv::Mat image = test::random_image(31, 26, type);
    const cv::Mat gx = derivative<Scharr>(image, Direction::x), gy = derivative<Scharr>(image, Direction::y);
    const cv::Mat m = derivative<Scharr>(image, Direction::magnitude);
    for (int y = 0; y < m.rows; ++y)
      for (int i = 0; i < m.cols * m.channels(); ++i) {
        const float a = gx.ptr<float>(y)[i], b = gy.ptr<float>(y)[i];
        REQUIRE(m.ptr<float>(y)[i] == std::sqrt(a * a + b * b));
      }
    CHECK(test::same_pixels(derivative<Scharr>(test::transposed(image), Direction::x), test::transposed(gy)));
    CHECK(test::same_pixels(derivative<Prewitt>(test::transposed(image), Direction::x),
                            test::transposed(derivative<Prewitt>(image, Direction::y))));
  }
}

TEST_CASE("laplacian: a bright pixel gives the kernel; eight neighbours are four and the corners") {
  cv::Mat image(5, 5, CV_16U, cv::Scalar(0));
  image.at<uint16_t>(2, 2) = 1000;
  const cv::Mat four = apply_op<Laplacian>({}, image, {});
  CHECK(four.at<float>(2, 2) == -4000);
  CHECK(four.at<float>(1, 2) == 1000);
  CHECK(four.at<float>(1, 1) == 0);
  LaplacianParams p;
  p.neighbours = LaplacianNeighbours::eight;
  const cv::Mat eight = apply_op<Laplacian>(p, image, {});
  CHECK(eight.at<float>(2, 2) == -8000);
  CHECK(eight.at<float>(1, 1) == 1000);
}

TEST_CASE("laplacian: equal to the definition for every depth, border and size; exactly for whole numbers") {
  for (int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_32FC1, CV_32FC4})
    for (const auto& [word, border] : border_names.items)
      for (const auto neighbours : {LaplacianNeighbours::four, LaplacianNeighbours::eight})
        for (const cv::Size size : {cv::Size(1, 1), cv::Size(2, 5), cv::Size(3, 1), cv::Size(70, 9)}) {
          CAPTURE(type, word, size.width, size.height);
          LaplacianParams p;
          p.border = border, p.neighbours = neighbours, p.value = 0.5;
          const cv::Mat image = test::random_image(size.height, size.width, type, 2),
                        out = apply_op<Laplacian>(p, image, {});
          double worst = 0;
          for (int y = 0; y < size.height; ++y)
            for (int x = 0; x < size.width; ++x)
              for (int c = 0; c < image.channels(); ++c) {
                double sum = 0;
                for (int j = -1; j <= 1; ++j)
                  for (int i = -1; i <= 1; ++i) {
                    if (neighbours == LaplacianNeighbours::four && i * j != 0) continue;
                    const int row = border_index(y + j, size.height, border),
                              col = border_index(x + i, size.width, border);
                    sum += (row < 0 || col < 0 ? 0.5 : test::value_at(image, row, col, c)) -
                           test::value_at(image, y, x, c);
                  }
                worst = std::max(worst, std::abs(sum - test::value_at(out, y, x, c)));
              }
          CHECK(worst <= (image.depth() == CV_32F ? 2e-6 : 0));
        }
}

TEST_CASE("log: weights sum to zero and have the second moment 2; a parabola gives its second derivative") {
  for (double sigma : {1.0, 2.0, 3.7}) {
    const int r = static_cast<int>(std::ceil(4 * sigma));
    const std::vector<double> w = second_derivative_weights(sigma, r);
    double sum = w[0], moment = 0;
    for (int i = 1; i <= r; ++i)
      sum += 2 * w[static_cast<size_t>(i)], moment += 2.0 * i * i * w[static_cast<size_t>(i)];
    CHECK(std::abs(sum) < 1e-15);
    CHECK(moment == Approx(2).epsilon(0.02));  // cut at 4 sigma
  }
  cv::Mat bowl(80, 80, CV_32F);
  for (int y = 0; y < 80; ++y)
    for (int x = 0; x < 80; ++x)
      bowl.at<float>(y, x) = static_cast<float>(0.5 * (x - 40) * (x - 40) + 1.5 * (y - 40) * (y - 40));
  const cv::Mat out = apply_op<LaplacianOfGaussian>({}, bowl, {});
  CHECK(out.at<float>(40, 40) == Approx(4).epsilon(0.02));
  const cv::Mat flat(40, 40, CV_16U, cv::Scalar(60000));
  CHECK(test::largest_difference(apply_op<LaplacianOfGaussian>({}, flat, {}), cv::Mat(40, 40, CV_32F, cv::Scalar(0))) <
        0.05);
}

TEST_CASE("log: the zero crossings of a step are one line at the step, those of a disk a closed curve") {
  cv::Mat step(30, 40, CV_8U, cv::Scalar(50));
  step.colRange(20, 40).setTo(200);
  LogParams p;
  p.output = LogOutput::crossings;
  p.threshold = 0.5;
  const cv::Mat lines = apply_op<LaplacianOfGaussian>(p, step, {});
  for (int y = 0; y < 30; ++y) {
    CHECK(cv::countNonZero(lines.row(y)) == 1);
    CHECK(lines.at<uint8_t>(y, 19) + lines.at<uint8_t>(y, 20) == 255);
  }
  p.threshold = 1e6;
  CHECK(cv::countNonZero(apply_op<LaplacianOfGaussian>(p, step, {})) == 0);
}

TEST_CASE("dog: nothing on a constant picture, a bright blob on a blob of its size") {
  const cv::Mat flat(20, 20, CV_8UC3, cv::Scalar::all(99));
  CHECK(test::largest_difference(apply_op<DifferenceOfGaussians>({}, flat, {}),
                                 cv::Mat(20, 20, CV_32FC3, cv::Scalar::all(0))) < 1e-4);
  cv::Mat blob(41, 41, CV_32F);
  for (int y = 0; y < 41; ++y)
    for (int x = 0; x < 41; ++x)
      blob.at<float>(y, x) = static_cast<float>(std::exp(-((x - 20) * (x - 20) + (y - 20) * (y - 20)) / 18.0));
  DogParams p;
  p.sigma = 2;
  cv::Point at;
  cv::minMaxLoc(apply_op<DifferenceOfGaussians>(p, blob, {}), nullptr, nullptr, nullptr, &at);
  CHECK(at == cv::Point(20, 20));
}
