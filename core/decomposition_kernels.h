// core/decomposition_kernels.h: the loops in which decompositions spend their time (core/eigen_symmetric, core/svd).
#pragma once
#include "assay/core/linalg.h"

namespace assay {

/// (x, y) <- (c x + s y, c y - s x): a plane rotation of two rows.
void rotate(double* x, double* y, Eigen::Index n, double c, double s);

/// (x, y) <- (c x + s y, c y + t x), given c - 1: for many small rotations, whose c would round to 1 or beside it, and for
/// columns of different scale, whose s and t differ.
void rotate_little(double* x, double* y, Eigen::Index n, double c_minus_1, double s, double t);

/// y = A x for symmetric A of which rows first .. n-1 hold columns first .. row: x, y have n - first entries.
void symmetric_times(const Matrix& A, Eigen::Index first, const double* x, double* y);

inline constexpr int kSturmLanes = 16;
/// For each of kSturmLanes numbers x: how many eigenvalues of the tridiagonal matrix (d, e) are greater than x. e2: e^2;
/// pivot: smallest |q| allowed in the recurrence q_i = d_i - x - e2_{i-1} / q_{i-1}.
void eigenvalues_above(const Vector& d, const Vector& e2, double pivot, const double* x, int* count);

}  // namespace assay
