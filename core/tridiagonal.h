// core/tridiagonal.h: the parts of a symmetric eigensolver: reduction to tridiagonal form, implicit QR, bisection and
// inverse iteration. core/eigen_symmetric.h puts them together.
//
//   A = Q T Q'      T symmetric tridiagonal: d_0 .. d_{n-1} on the diagonal, e_0 .. e_{n-2} beside it                  (1)
//
// Requires   entries of A finite and, to rule out overflow, of size about 1 (eigen_symmetric scales)
// See        [Golub2013] sec. 8.3 (Householder tridiagonalisation, implicit QR step); [Dongarra1989] (by blocks);
//            [Barth1967] (bisection); [Wilkinson1965] sec. 5.54 (inverse iteration)
#pragma once
#include "assay/core/context.h"
#include "assay/core/linalg.h"
#include "assay/core/reflectors.h"
#include "assay/core/rotations.h"

namespace assay {

struct Tridiagonal {
  Vector d, e;
  Reflectors Q;  ///< first row 1
};

/// Reads the lower triangle. The textbook form: one reflector and one rank-2 update after the other.
Tridiagonal tridiagonalize_plain(Matrix A);
/// The same by panels of 32 columns, of which half of the work is one matrix product.
Tridiagonal tridiagonalize(Matrix A, const Context& ctx);

struct QrOutcome {
  bool converged = true;
  long steps = 0;
};
/// Implicit QR with Wilkinson's shift: d becomes the eigenvalues (in no order), rotations go to the queue (rows of Z').
/// At most 60 steps an eigenvalue. Trace kind "qr-step".
QrOutcome qr_iteration(Vector& d, Vector& e, RotationQueue& rotations, const Context& ctx);

/// The k largest eigenvalues, descending, each to the last bits of |T|.
Vector largest_eigenvalues(const Tridiagonal& T, Index k);
/// Orthonormal eigenvectors of T for `values` (descending) as columns; false where one did not come out, which is
/// checked: |T z - lambda z| <= 100 n eps |T|.
bool inverse_iteration(const Tridiagonal& T, const Vector& values, Columns& Z);

}  // namespace assay
