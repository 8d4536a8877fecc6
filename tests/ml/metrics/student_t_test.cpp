#include "assay/ml/metrics/student_t.h"

#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {
const double kPi = 3.14159265358979323846;
}

TEST_CASE("student t: with one degree of freedom it is Cauchy's distribution") {
  for (const double t : {-50.0, -3.0, -0.25, 0.0, 1e-9, 0.7, 1.0, 12.0, 1e6}) {
    CHECK(student_t_cdf(t, 1) == Approx(0.5 + std::atan(t) / kPi).epsilon(1e-13));
    if (t > 0) CHECK(student_t_two_sided(t, 1) == Approx(2 / kPi * std::atan(1 / t)).epsilon(1e-13));
  }
}

TEST_CASE("student t: with two degrees of freedom the distribution function is algebraic") {
  for (const double t : {-7.0, -1.0, 0.0, 0.5, 3.0, 40.0})
    CHECK(student_t_cdf(t, 2) == Approx(0.5 + t / (2 * std::sqrt(2 + t * t))).epsilon(1e-13));
}

TEST_CASE("student t: the tails are symmetric and the quantile undoes the distribution function") {
  for (const double nu : {0.5, 1.0, 4.0, 49.0, 1234.5})
    for (const double p : {1e-9, 0.001, 0.2, 0.4999, 0.5, 0.51, 0.9, 0.99999}) {
      const double t = student_t_quantile(p, nu);
      CHECK(student_t_cdf(t, nu) == Approx(p).epsilon(1e-12));
      CHECK(student_t_two_sided(t, nu) == student_t_two_sided(-t, nu));
      CHECK(student_t_cdf(t, nu) + student_t_cdf(-t, nu) == Approx(1).epsilon(1e-15));
    }
}

TEST_CASE("student t: with many degrees of freedom it is nearly normal") {
  CHECK(student_t_two_sided(1.959963984540054, 1e8) == Approx(0.05).epsilon(1e-6));
}

TEST_CASE("student t: it agrees with numbers of forty digits") {
  const auto golden = test::golden("compare_corrected_t.json")["student_t"];
  for (const auto& item : golden["quantiles"])
    for (size_t i = 0; i < item["probability"].size(); ++i) {
      const double exact = item["quantile"][i];
      CHECK(std::abs(student_t_quantile(item["probability"][i], item["dof"]) - exact) <= 1e-12 * std::abs(exact));
    }
  for (const auto& item : golden["cdf"])
    for (size_t i = 0; i < item["t"].size(); ++i) {
      CHECK(std::abs(student_t_cdf(item["t"][i], item["dof"]) - item["cdf"][i].get<double>()) <= 1e-13);
      const double exact = item["two_sided_p"][i];
      CHECK(std::abs(student_t_two_sided(item["t"][i], item["dof"]) - exact) <= 1e-12 * exact);
    }
}
