// core/rotations.h: plane rotations as QR iterations make them: a few numbers now, two long rows each later.
//
// The rotations are queued, and applied in order to one strip of columns after the other, while that strip is in cache.
// A strip belongs to one thread, so the result does not depend on how many there are.
#pragma once
#include <vector>

#include "assay/core/linalg.h"
#include "assay/core/parallel.h"

namespace assay {

struct Rotation {
  double c, s;
};

/// c, s with c a + s b = r and c b - s a = 0; r receives the length. No overflow or underflow inside.
Rotation rotation_onto(double a, double b, double* r);

class RotationQueue {
 public:
  /// Rotations will act on rows of Z; null: they are dropped.
  RotationQueue(Matrix* Z, int threads) : Z_(Z), threads_(threads) {}
  /// Rows (i, j) <- (c z_i + s z_j, c z_j - s z_i).
  void add(Index i, Index j, Rotation g) {
    if (!Z_) return;
    steps_.push_back({i, j, g});
    if (static_cast<Index>(steps_.size()) >= 16 * Z_->rows() + 64) flush();
  }
  void flush();

 private:
  struct Step {
    Index i, j;
    Rotation g;
  };
  Matrix* Z_;
  int threads_;
  std::vector<Step> steps_;
};

}  // namespace assay
