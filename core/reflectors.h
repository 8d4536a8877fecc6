// core/reflectors.h: products of Householder reflectors, Q = H_0 H_1 ... H_{count-1},  H_j = I - tau_j v_j v_j'.
// See  [Golub2013] sec. 5.1.2 (one), 5.1.7 (a block of them: I - V S V', S upper triangular)
#pragma once
#include "assay/core/linalg.h"
#include "assay/core/parallel.h"

namespace assay {

/// x becomes v with v_0 = 1; returns tau, and in beta what H x is: (beta, 0, ..., 0). tau = 0 where x is so already.
double reflector(Eigen::Ref<Vector> x, double* beta);

struct Reflectors {
  Columns v;          ///< reflector j in column j, rows j + first ..; its first entry is 1
  Vector tau;         ///< one a reflector
  Index first_row{};  ///< of reflector 0

  Reflectors() = default;
  Reflectors(Index n, Index count, Index first)
      : v(Columns::Zero(n, count)), tau(Vector::Zero(count)), first_row(first) {}
  /// Z <- Q Z
  void apply(Columns& Z) const;
};

}  // namespace assay
