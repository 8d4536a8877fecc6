// features/homography/homography_kernels.h: the inner loops of estimating homographies, over pairs stored coordinate by
// coordinate.
#pragma once
#include <cstddef>

namespace assay {

/// Sums over n pairs of products of m = (x, y, 1) with what the transfer error r = H m / w - x' needs, h' its nine entries:
///   d r_u / d h = (m, 0, -u m) / w,   d r_v / d h = (0, m, -v m) / w,   (u, v) = H m / w                             (1)
struct TransferSums {
  double cost = 0;     ///< sum r'r
  double mm[6] = {};   ///< sum m m' / w^2: entries xx, xy, x, yy, y, 1 of the symmetric matrix
  double umm[6] = {};  ///< sum u m m' / w^2
  double vmm[6] = {};  ///< sum v m m' / w^2
  double dmm[6] = {};  ///< sum (u^2 + v^2) m m' / w^2
  double g[9] = {};    ///< J'r, for each entry of h
};
TransferSums transfer_sums(const double* x, const double* y, const double* u, const double* v, ptrdiff_t n,
                           const double* H);
/// `cost` of it alone.
double transfer_cost(const double* x, const double* y, const double* u, const double* v, ptrdiff_t n, const double* H);

}  // namespace assay
