// core/svd.h: the singular value decomposition, whole or truncated.
//
//   A = U diag(S) V'      U'U = I,  V'V = I,  S descending, never negative                                             (1)
//
// Shapes     A: m x n, r = min(m, n);  U: m x r;  S: r;  V: n x r (k instead of r where k were asked for)
// Guarantees U and V orthonormal to n eps, also where A has no full rank. Golub-Kahan-Reinsch: |A - U S V'| <= n eps |A|.
//            Jacobi: each singular value to n eps *relative*, also the tiniest, where A is well conditioned but for the
//            scale of its columns; entries from 1e-300 to 1e300 side by side. The same bits for any number of threads
// Sign       each column of V keeps sign_rule (core/eigen_symmetric.h); U goes with it
// Cost       Golub-Kahan: 2 m n^2 to make A square, 8/3 n^3 to reduce, about 6 n^3 to rotate. Jacobi: 2 m n^2, and about
//            8 sweeps of 8 n^3. Randomised: 4 m n (k + 10) an iteration, four to ten of them
// Errors     DataError: an entry that is not finite. Past the iteration limit: converged == false
// See        [Golub1965], [Golub1970]; [Demmel1992]; [Halko2011]; trace kinds "svd-step", "sweep", "subspace"
#pragma once
#include <functional>

#include "assay/core/context.h"
#include "assay/core/linalg.h"
#include "assay/core/parallel.h"

namespace assay {

struct Svd {
  Columns U;
  Vector S;
  Columns V;
  bool converged = true;
  long iterations = 0;  ///< QR steps, sweeps of Jacobi, or iterations of the subspace
};

/// Golub-Kahan-Reinsch: the fast one.
Svd svd(const Matrix& A, const Context& ctx);
/// One-sided Jacobi: the accurate one.
Svd svd_jacobi(const Matrix& A, const Context& ctx);

/// A matrix that is only multiplied: dense, sparse, or centred without being written down.
struct LinearMap {
  Index rows = 0, cols = 0;
  std::function<Columns(const Columns&)> times;             ///< A Z
  std::function<Columns(const Columns&)> transposed_times;  ///< A' Y
};
LinearMap linear_map(const Matrix& A, int threads);  ///< A lives as long as the map

struct RandomizedSvdOptions {
  Index k = 1;
  Index oversample = 10;
  double tolerance = 1e-4;  ///< stop where |A v_i - s_i u_i| <= tolerance s_i for all k
  int max_iter = 30;
};
/// The k largest, by iterating a random subspace. `residual` receives the largest |A v_i - s_i u_i| / s_i: a singular
/// value of A lies that near to each s_i, and where s_i is well apart from the others its error is of order residual^2.
Svd svd_randomized(const LinearMap& A, const RandomizedSvdOptions& options, const Context& ctx,
                   double* residual = nullptr);

}  // namespace assay
