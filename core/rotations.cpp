#include "assay/core/rotations.h"

#include <algorithm>
#include <cmath>

#include "assay/core/decomposition_kernels.h"

namespace assay {

Rotation rotation_onto(double a, double b, double* r) {
  if (b == 0) {
    *r = a;
    return {1, 0};
  }
  const double squared = a * a + b * b;
  *r = squared > 1e-280 && squared < 1e280 ? std::sqrt(squared) : std::hypot(a, b);
  return {a / *r, b / *r};
}

void RotationQueue::flush() {
  if (!Z_ || steps_.empty()) return;
  constexpr Index kStrip = 64;
  parallel_for(threads_, Z_->cols(), kStrip, [&](Index begin, Index end) {
    for (const Step& step : steps_)
      rotate(Z_->row(step.i).data() + begin, Z_->row(step.j).data() + begin, end - begin, step.g.c, step.g.s);
  });
  steps_.clear();
}

}  // namespace assay
