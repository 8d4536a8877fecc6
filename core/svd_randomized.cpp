// core/svd_randomized.cpp
// Notation   Omega: n x l random numbers, l = k + oversample;  Y = A Z;  Z, Q: orthonormal bases of a subspace of rows and
//            of columns;  R: triangular factor
// Method     1 Z = Omega   2 Y = A Z, Y = Q R   3 SVD of R: the triples (s_i, u_i, v_i) of A in this subspace   4 A' Q
//            gives the next Z, and the residuals |A' u_i - s_i v_i|   5 small enough: stop; else to 2
//            [Halko2011, alg. 4.4 (range finder with iterations) and 5.1 (decomposition from the range)]
// Departures from the paper: the number of iterations is not fixed beforehand: residuals, which cost nothing more, decide.
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/svd_internal.h"
#include "assay/core/thin_product.h"

namespace assay {
namespace {

struct SubspaceStep {
  static constexpr const char* kind = "subspace";
  static constexpr const char* title = "multiply the subspace by A and A' once more [Halko2011, alg. 4.4]";
  static constexpr const char* source = "core/svd_randomized.cpp:svd_randomized";
  int t;
  std::vector<double> values;
  double residual;
  std::string why;
  static void fields(const SubspaceStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("s", s.values, "the k largest singular values inside the subspace: they only grow");
    field("residual", s.residual, "largest |A' u_i - s_i v_i| / s_i: how far the subspace is from being invariant");
  }
};

// Y = Q R with orthonormal Q of Y's shape.
Columns orthonormal(const Columns& Y, Columns* R) {
  Columns work = Y;
  const Index l = Y.cols();
  const Eigen::HouseholderQR<Eigen::Ref<Columns>> qr(work);
  *R = work.topRows(l).triangularView<Eigen::Upper>();
  Columns Q = Columns::Identity(Y.rows(), l);
  Q.applyOnTheLeft(qr.householderQ());
  return Q;
}

// max_i |A' u_i - s_i v_i| / s_i, from P = A'Q: u_i = Q R_u,i and v_i = Z R_v,i.
double largest_residual(const Columns& P, const Columns& Z, const Svd& R, Index k) {
  const Columns difference = P * R.U.leftCols(k) - Z * (R.V.leftCols(k) * R.S.head(k).asDiagonal());
  double worst = 0;
  const double floor = R.S[0] * 1e-14;  // singular values that are zero have no direction
  for (Index i = 0; i < k; ++i)
    if (R.S[i] > floor) worst = std::max(worst, difference.col(i).norm() / R.S[i]);
  return worst;
}

}  // namespace

LinearMap linear_map(const Matrix& A, int threads) {
  return {A.rows(), A.cols(), [&A, threads](const Columns& Z) { return thin_times(A, Z, threads); },
          [&A, threads](const Columns& Y) { return thin_transposed_times(A, Y, threads); }};
}

Svd svd_randomized(const LinearMap& A, const RandomizedSvdOptions& options, const Context& ctx, double* residual) {
  const Index r = std::min(A.rows, A.cols), l = std::min(r, options.k + options.oversample);
  const Index k = std::min(options.k, r);
  Svd result;
  Columns Z(A.cols, l), R;
  Rng rng = ctx.rng();
  for (Index j = 0; j < l; ++j)
    for (Index i = 0; i < A.cols; ++i) Z(i, j) = rng.normal();
  Z = orthonormal(Z, &R);
  double worst = 0;
  for (int t = 1;; ++t) {
    ctx.check_cancelled();
    const Columns Y = A.times(Z);
    if (!Y.allFinite()) throw DataError("a product with the matrix is not finite");
    const Columns Q = orthonormal(Y, &R);
    Svd inside = svd(R, ctx.child("inside", static_cast<uint64_t>(t)));
    const Columns P = A.transposed_times(Q);
    worst = largest_residual(P, Z, inside, k);
    result.converged = worst <= options.tolerance;
    result.iterations = t;
    ctx.trace.step([&] {
      return SubspaceStep{t, std::vector<double>(inside.S.data(), inside.S.data() + k), worst,
                          result.converged ? "The subspace holds the k largest directions as exactly as asked." : ""};
    });
    if (result.converged || t >= options.max_iter || ctx.out_of_time()) {
      const Columns last = orthonormal(P, &R);  // A = Q P' inside Q: half an iteration better than the residual says
      inside = svd(R, ctx.child("last", 0));
      result.U = Q * inside.V.leftCols(k);
      result.S = inside.S.head(k);
      result.V = last * inside.U.leftCols(k);
      break;
    }
    Z = orthonormal(P, &R);
  }
  sort_and_sign(result);
  if (residual) *residual = worst;
  return result;
}

}  // namespace assay
