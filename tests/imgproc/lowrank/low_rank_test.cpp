#include "assay/imgproc/lowrank/low_rank.h"

#include <cmath>

#include "assay/core/error.h"
#include "assay/core/svd.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

double fact(const ImageFacts& facts, const std::string& name) {
  for (const auto& item : facts)
    if (item.first == name) return item.second;
  FAIL("no " << name);
  return 0;
}

ImageFacts apply(int rank, const cv::Mat& image, cv::Mat& out) {
  return apply_op<LowRank>(LowRankParams{rank}, image, out, Context());
}

Matrix channel(const cv::Mat& image, int c) {
  Matrix A(image.rows, image.cols);
  cv::Mat f;
  image.convertTo(f, CV_64F);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) A(y, x) = f.ptr<double>(y)[x * image.channels() + c];
  return A;
}

}  // namespace

TEST_CASE("image svd: a picture that is one column times one row has rank 1 and stays as it is") {
  cv::Mat image(12, 20, CV_8U), out;
  for (int y = 0; y < 12; ++y)
    for (int x = 0; x < 20; ++x) image.at<uint8_t>(y, x) = static_cast<uint8_t>((y + 1) * (x + 1));
  const ImageFacts facts = apply(1, image, out);
  CHECK(test::same_pixels(out, image));
  CHECK(fact(facts, "energy_kept") == Approx(1).epsilon(1e-12));
  CHECK(fact(facts, "rmse") == 0);
  CHECK(fact(facts, "storage") == Approx(33.0 / 240));
}

TEST_CASE("image svd: at full rank every depth and channel count is given back, alpha at any rank") {
  for (const int type : {CV_8U, CV_8UC3, CV_8UC4, CV_16U, CV_16UC3, CV_16UC4})
    for (const cv::Size size : {cv::Size(17, 23), cv::Size(23, 17), cv::Size(1, 1), cv::Size(1, 9), cv::Size(9, 1)}) {
      const cv::Mat image = test::random_image(size.height, size.width, type);
      cv::Mat out;
      CHECK(fact(apply(100, image, out), "rank") == std::min(size.width, size.height));
      CHECK(test::same_pixels(out, image));
    }
  const cv::Mat image = test::random_image(17, 23, CV_16UC4);
  cv::Mat out;
  apply(2, image, out);
  for (int y = 0; y < 17; ++y)
    for (int x = 0; x < 23; ++x) CHECK(out.ptr<uint16_t>(y)[x * 4 + 3] == image.ptr<uint16_t>(y)[x * 4 + 3]);
}

TEST_CASE("image svd: the error is the singular values that are left out, which core's SVD finds too") {
  const cv::Mat image = test::random_image(31, 40, CV_32FC3);
  Matrix A[3] = {channel(image, 0), channel(image, 1), channel(image, 2)};
  double all = 0, left = 0;
  for (const Matrix& M : A) {
    const Svd s = svd_jacobi(M, Context());
    all += s.S.squaredNorm();
    left += s.S.tail(31 - 7).squaredNorm();
  }
  cv::Mat out;
  const ImageFacts facts = apply(7, image, out);
  CHECK(fact(facts, "energy_kept") == Approx(1 - left / all).epsilon(1e-12));
  CHECK(fact(facts, "rmse") == Approx(std::sqrt(left / (3 * 31 * 40))).epsilon(1e-6));
  double error = 0;
  for (int c = 0; c < 3; ++c) error += (channel(out, c) - A[c]).squaredNorm();
  CHECK(error == Approx(left).epsilon(1e-6));
  CHECK(svd(channel(out, 1), Context()).S[7] < 1e-5);  // rank 7, to the rounding of f32
}

TEST_CASE("image svd: more rank is never worse, and values stay inside the depth") {
  const cv::Mat image = test::scene(40, 56);
  double before = 1e300;
  for (const int rank : {1, 2, 4, 8, 16, 40}) {
    cv::Mat out;
    const double rmse = fact(apply(rank, image, out), "rmse");
    CHECK(rmse <= before + 0.3);  // rounding to whole levels adds up to 1 / sqrt 12
    before = rmse;
  }
  CHECK(before == 0);
}

TEST_CASE("image svd: a pixel that is not finite is named, and rank 0 is refused") {
  cv::Mat image = test::random_image(5, 6, CV_32F), out;
  image.at<float>(2, 4) = NAN;
  CHECK_THROWS_WITH(apply(2, image, out), "svd needs finite values, that of pixel (4, 2) is not");
  CHECK_THROWS_AS(apply(0, test::random_image(5, 6, CV_8U), out), ParameterError);
}
