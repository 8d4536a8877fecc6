#include "assay/ml/bayes/discrete_kernels.h"

#include <cmath>

#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("discrete kernels: logarithms of counts, also of the smallest numbers") {
  const double x[] = {0, 1, 1e-300, 5, 0};
  double out[5];
  for (const double alpha : {1.0, 1e-310, 0.0}) {
    logs(x, 5, alpha, out);
    for (int j = 0; j < 5; ++j) {
      const double exact = std::log(x[j] + alpha);
      CHECK((out[j] == exact || std::abs(out[j] - exact) <= 1e-15 * std::abs(exact)));
    }
  }
  const double good[] = {0, 3, 1e308}, bad[] = {1, -1}, odd[] = {NAN}, large[] = {HUGE_VAL};
  CHECK(all_allowed(good, 3, 0));
  CHECK_FALSE(all_allowed(bad, 2, 0));
  CHECK_FALSE(all_allowed(odd, 1, -1e308));
  CHECK_FALSE(all_allowed(large, 1, 0));
}
