// Method     the plane of the first two columns: sides tinted and f = -1, 0, 1 as lines where there are no others; dots grow with alpha
// Departures from the paper: none.
#include <algorithm>
#include <cmath>

#include "assay/ml/cluster/trace_canvas.h"
#include "assay/ml/linear/linear_svm_solvers.h"

namespace assay::linear_svm {
namespace {

using kmeans::Canvas;
using kmeans::Color;
using kmeans::Plane;
using kmeans::tint;

constexpr Color kPlus{170, 90, 20}, kMinus{20, 100, 220}, kBlack{20, 20, 20}, kGrey{150, 150, 150};
constexpr Index kDrawn = 2000;  // rows of a picture

void shade(Canvas& canvas, const Plane& plane, const Vector& w, double b) {
  const auto f = [&](int px, int y) {
    double x[2];
    plane.place(Canvas::across(px), Canvas::up(y), x);
    return w[0] * x[0] + w[1] * x[1] + b;
  };
  for (int y = 0; y < Canvas::kSize; ++y)
    for (int px = 0; px < Canvas::kSize; ++px) {
      const double here = f(px, y), right = f(px + 1, y), below = f(px, y + 1);
      canvas.pixel(px, y, tint(here > 0 ? kPlus : kMinus, std::abs(here) < 1 ? 0.08 : 0.18));
      for (const double level : {-1.0, 0.0, 1.0})
        if ((here > level) != (right > level) || (here > level) != (below > level))
          canvas.pixel(px, y, level == 0 ? kBlack : kGrey);
    }
}

}  // namespace

void trace_plane(const Machine& m, const Vector& w, double b, const Vector& alpha, const std::string& title,
                 const char* source, const Context& ctx) {
  if (!ctx.trace || std::holds_alternative<Csr>(m.samples.X)) return;
  const Matrix& X = m.samples.rows();
  const Plane plane(m.samples);
  Canvas canvas;
  const bool shaded = plane.whole() && X.cols() == 2;
  if (shaded) shade(canvas, plane, w, b);
  const double most = std::max(alpha.maxCoeff(), 1e-300);
  for (Index i = 0; i < X.rows(); i += std::max<Index>(1, X.rows() / kDrawn)) {
    const double* x = X.row(i).data();
    const Color color = m.sign[i] > 0 ? kPlus : kMinus;
    canvas.disc(plane.x(x), plane.y(x), 2.4 + 4 * alpha[i] / most, alpha[i] > 0 ? color : tint(color, 0.6));
  }
  ctx.trace.image([&] {
    return TraceImage{"plane",
                      title,
                      std::string(shaded ? "Shaded: the side of each place; black: f = 0; grey: f = -1 and 1. " : "") +
                          "Dots grow with alpha; pale: alpha = 0, the row could be taken away. " +
                          plane.text(m.samples.columns),
                      canvas.view(),
                      false,
                      {{"support vectors", static_cast<long long>((alpha.array() > 0).count()), "rows with alpha > 0"},
                       {"b", b, "intercept"}},
                      source};
  });
}

}  // namespace assay::linear_svm
