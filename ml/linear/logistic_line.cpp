// Method     the line a theta, a from kFrom to kTo: at a = 1 the solution, at 0 no opinion, below 0 the contrary
// Departures from the paper: none.
#include <cmath>

#include "assay/ml/linear/logistic_kernels.h"
#include "assay/ml/linear/logistic_solvers.h"

namespace assay::logistic {
namespace {

constexpr double kFrom = -4, kTo = 6;
constexpr int kPoints = 81;

struct LineStep {
  static constexpr const char* kind = "line";
  static constexpr const char* title = "log loss and squared error on the line through 0 and the solution";
  static constexpr const char* source = "ml/linear/logistic_line.cpp";
  std::vector<double> a, log_loss, squared_error;
  std::string why;
  static void fields(const LineStep& s, auto&& field) {
    field("a", s.a, "where on the line: 0 is no opinion, 1 the solution, below 0 its contrary");
    field("log loss", s.log_loss, "mean over the rows: convex, and the steeper the wronger");
    field("squared error", s.squared_error, "mean of (p - y)^2: flat where every answer is wrong and sure");
  }
};

}  // namespace

void trace_line(const Loss& loss, const Vector& theta, const Context& ctx) {
  ctx.trace.step([&] {
    LineStep step;
    const Matrix Z = loss.scores(theta);
    const double total = loss.total_weight();
    for (int t = 0; t < kPoints; ++t) {
      const double a = kFrom + (kTo - kFrom) * t / (kPoints - 1);
      double log_loss = 0, squared = 0;
      for (Index i = 0; i < loss.n(); ++i) {
        const double m = loss.codes()[static_cast<size_t>(i)] == 1 ? a * Z(i, 0) : -a * Z(i, 0), wrong = sigmoid(-m);
        log_loss += loss.row_weight()[i] * (std::max(-m, 0.0) + std::log1p(std::exp(-std::abs(m))));
        squared += loss.row_weight()[i] * wrong * wrong;
      }
      step.a.push_back(a);
      step.log_loss.push_back(log_loss / total);
      step.squared_error.push_back(squared / total);
    }
    step.why =
        "Left of 0 every answer is wrong. There log loss falls towards the solution at an even slope; squared error "
        "lies "
        "on a plain, where its gradient is nearly zero: a descent that began there would stay.";
    return step;
  });
}

}  // namespace assay::logistic
