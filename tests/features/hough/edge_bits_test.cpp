#include <cmath>
#include <limits>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/core/rng.h"
#include "assay/features/hough/bit_count_kernels.h"
#include "assay/features/hough/edge_bits_internal.h"
#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("edge bits: counts near lines of every angle are those pixel by pixel, of edges and of cleared ones") {
  Rng rng(7, 2);
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 90), cv::Size(90, 1), cv::Size(75, 131), cv::Size(203, 66)}) {
    cv::Mat_<uint8_t> edges(size, uint8_t(0));
    for (uint8_t& pixel : edges) pixel = rng.uniform() < 0.4 ? 255 : 0;
    hough::EdgeBits bits(edges);
    cv::Mat_<uint8_t> left = edges.clone();
    int steep = 0, flat = 0;
    for (int t = 0; t < 300; ++t) {
      const double theta = t % 10 == 0 ? std::numbers::pi / 2 : rng.uniform() * std::numbers::pi;
      const Line line{rng.uniform() * (size.width - 1) * std::cos(theta) +
                          rng.uniform() * (size.height - 1) * std::sin(theta) + 1e-3,
                      theta};
      int edge = 0, cleared = 0;
      for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
          if (std::abs(x * std::cos(theta) + y * std::sin(theta) - line.rho) > 0.5) continue;
          edge += left(y, x) != 0, cleared += edges(y, x) != 0 && left(y, x) == 0;
        }
      CAPTURE(size.width, size.height, line.rho, line.theta);
      CHECK(bits.count_near(line, 0.5) == edge);
      CHECK(bits.points_near(line, 0.5).size() == static_cast<size_t>(edge));
      CHECK(!bits.more_cleared_near(line, 0.5, cleared));
      if (cleared > 0) CHECK(bits.more_cleared_near(line, 0.5, cleared - 1));
      Strip(line, 0.5, size.width, size.height).longest() <= hough::kLongestRun ? ++steep : ++flat;
      if (t % 20 != 0) continue;
      bits.clear_near(line, 1.7);
      for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
          if (std::abs(x * std::cos(theta) + y * std::sin(theta) - line.rho) <= 1.7) left(y, x) = 0;
    }
    CHECK(steep > 200);
    CHECK((size.width <= hough::kLongestRun || flat > 20));
  }
}
