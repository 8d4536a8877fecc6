#include "assay/imgproc/color/planes_kernels.h"

#include <vector>

#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

TEMPLATE_TEST_CASE("colour: planes by shuffles are those of the plain loops, and together again the pixels", "",
                   uint8_t, uint16_t, float) {
  using Row = std::vector<TestType>;
  Rng rng(9, 1);
  for (size_t channels : {3u, 4u})
    for (size_t n = 0; n <= 140; ++n) {
      CAPTURE(channels, n);
      const int count = static_cast<int>(n);
      Row pixels(channels * n), back(channels * n), p[4];
      for (TestType& v : pixels) v = static_cast<TestType>(rng.below(65536));
      const auto expect_planes = [&](const auto& split) {
        for (Row& plane : p) plane.assign(n, TestType{0});
        split();
        for (size_t c = 0; c < channels; ++c)
          for (size_t i = 0; i < n; ++i) REQUIRE(p[c][i] == pixels[channels * i + c]);
      };
      const auto expect_pixels = [&](const auto& join) {
        back.assign(channels * n, TestType{0});
        join();
        CHECK(back == pixels);
      };
      for (Row& plane : p) plane.resize(n);
      TestType *a = p[0].data(), *b = p[1].data(), *c = p[2].data(), *d = p[3].data(), *to = back.data();
      const TestType* from = pixels.data();
      if (channels == 3) {
        expect_planes([&] { split_planes_plainly(from, count, a, b, c); });
        expect_pixels([&] { join_planes_plainly(a, b, c, count, to); });
        expect_planes([&] { split_planes(from, count, a, b, c); });
        expect_pixels([&] { join_planes(a, b, c, count, to); });
      } else {
        expect_planes([&] { split_planes_plainly(from, count, a, b, c, d); });
        expect_pixels([&] { join_planes_plainly(a, b, c, d, count, to); });
        expect_planes([&] { split_planes(from, count, a, b, c, d); });
        expect_pixels([&] { join_planes(a, b, c, d, count, to); });
      }
    }
}
