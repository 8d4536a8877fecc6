// ml/svm/probability.h: probabilities from decision values: a sigmoid for two classes, coupling for more.
//
//   P(y = +1 | f) = 1 / (1 + exp(A f + B)),   A, B minimise  -sum_i t_i log p_i + (1 - t_i) log(1 - p_i)               (1)
//             t_i = (N+ + 1) / (N+ + 2) for y = +1,  1 / (N- + 2) for y = -1
//   coupling  p minimises  sum_i sum_{j != i} (r_ji p_i - r_ij p_j)^2,  sum p = 1;   r_ij = P(i | i or j)              (2)
//
// See        [Platt1999]; [Lin2007] algorithm 1 (Newton with backtracking); [Wu2004] sec. 4, eq. 18
#pragma once
#include <vector>

#include "assay/core/linalg.h"
#include "assay/core/parallel.h"

namespace assay::svm {

struct Sigmoid {
  double A = 0, B = 0;
};

/// Minimises (1); `weight` empty: all 1. Requires one value and one label (+1 or -1) a row.
Sigmoid fit_sigmoid(const std::vector<double>& value, const std::vector<int>& label, const std::vector<double>& weight);
/// 1 / (1 + exp(A f + B)) without overflow.
double sigmoid(double value, const Sigmoid& s);
/// The solution of (2): r is k x k, 0 < r_ij < 1, r_ij + r_ji = 1.
Vector couple(const Matrix& r);

}  // namespace assay::svm
