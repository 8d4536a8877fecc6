// core/eigen_symmetric.h: eigenvalues and eigenvectors of a symmetric matrix.
//
//   A = V diag(values) V'      V'V = I,  values descending                                                             (1)
//
// Shapes     A: n x n, of which the lower triangle is read;  V: n x n, or n x k for the k largest
// Guarantees |A V - V diag(values)| and |V'V - I| of order n eps; eigenvalues to n eps |A| (QR, bisection), and to n eps
//            relative each where A is positive definite and well conditioned but for the scale of its rows (Jacobi).
//            The same bits for any number of threads. Any scale of A from 1e-300 to 1e300
// Sign       of each vector, the first entry whose absolute value is within 1e-6 of the largest is positive: a rule that
//            neither rounding nor the method changes (sign_rule)
// Cost       QR: 4/3 n^3 to reduce, about 3 n^3 to rotate, 2 n^3 to turn back. Few: 4/3 n^3 + 4 n^2 k. Jacobi: about 10
//            sweeps of 6 n^3
// Errors     DataError: not square, or an entry that is not finite. Past the iteration limit: converged == false
// See        [Golub2013] ch. 8; [Demmel1992] (accuracy of Jacobi); trace kinds "qr-step", "sweep"
#pragma once
#include "assay/core/context.h"
#include "assay/core/linalg.h"
#include "assay/core/parallel.h"

namespace assay {

struct SymmetricEigen {
  Vector values;    ///< descending
  Columns vectors;  ///< one column a value
  bool converged = true;
  long iterations = 0;  ///< QR steps, or sweeps of Jacobi; 0 for bisection
};

/// All of them: tridiagonal form and implicit QR.
SymmetricEigen eigen_symmetric(const Matrix& A, const Context& ctx);
/// The k largest: up to n/4 of them by bisection and inverse iteration, which is checked; otherwise as above.
SymmetricEigen eigen_symmetric_largest(const Matrix& A, Index k, const Context& ctx);
/// All of them by cyclic Jacobi rotations: slower, and the one to trust for tiny eigenvalues.
SymmetricEigen eigen_symmetric_jacobi(const Matrix& A, const Context& ctx);

/// +1 or -1: by what a vector of n numbers, `stride` apart, is multiplied so that it keeps the sign rule.
double sign_rule(const double* v, Index n, Index stride = 1);

/// A power of two near the largest absolute entry (1 where all are 0); DataError at the first that is not finite.
double power_of_two_scale(const Matrix& A);

}  // namespace assay
