// core/exp_kernel.h against the standard library, in units of the last place.
#include "assay/core/exp_kernel.h"

#include <cmath>
#include <limits>

#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

double units(double got, double exact) {
  return std::abs(got - exact) / (std::nextafter(std::abs(exact), HUGE_VAL) - std::abs(exact));
}

}  // namespace

TEST_CASE("exp kernel: exp and log(1 + u) are a few units off at most") {
  for (int i = 0; i <= 20000; ++i) {
    const double t = -700.0 * i / 20000, u = i / 20000.0;
    CHECK(units(kernel::exp_of(t), std::exp(t)) <= 4);
    CHECK(units(kernel::log1p_of(u), std::log1p(u)) <= 4);
  }
  CHECK(kernel::exp_of(0) == 1);
  CHECK(kernel::exp_of(-1e300) > 0);
}

TEST_CASE("exp kernel: log is a few units off at most, near 1 and over all exponents") {
  Rng rng(3, 4);
  for (int i = 0; i < 20000; ++i) {
    const double f = 0.5 + rng.uniform(), x = std::ldexp(f, static_cast<int>(rng.below(2000)) - 1000);
    CHECK(units(kernel::log_of(x), std::log(x)) <= 4);
    const double near = 1 + (f - 1) * 1e-3;
    CHECK(units(kernel::log_of(near), std::log(near)) <= 4);
  }
  CHECK(kernel::log_of(1) == 0);
  CHECK(kernel::log_of(std::numeric_limits<double>::max()) == Approx(709.782712893384).epsilon(1e-15));
}
