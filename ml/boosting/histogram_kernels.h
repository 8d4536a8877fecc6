// ml/boosting/histogram_kernels.h: the inner loops of the histogram search.
//
// A row's gradient and hessian are one whole number, p = g 2^32 + h, g and h of at most 18 bits: one addition adds both, and up to
// 2^14 rows fit before h could run into g. Whole numbers add up the same in any order.
#pragma once
#include <cstdint>

#include "assay/ml/boosting/objective.h"

namespace assay::boosting {

inline constexpr int kGradientBits = 18;
inline constexpr int kPackedRows = 1 << 14;  ///< rows that one packed sum can hold
inline constexpr int kBins = 256;            ///< room for the bins of a column, the missing one among them

constexpr int64_t packed_h(int64_t p) { return static_cast<int64_t>(static_cast<uint32_t>(p)); }
constexpr int64_t packed_g(int64_t p) { return (p - packed_h(p)) >> 32; }

/// p[i] = round(g scale_g) 2^32 + round(h scale_h).
void pack_gradients(const Gradient* gradient, int n, double scale_g, double scale_h, int64_t* p);

/// histogram[g][code of group g in rows[i]] += p[rows[i]] for the groups begin .. end; codes: n x groups, by rows. `histogram`:
/// groups x kBins. Takes at most kPackedRows rows.
void add_to_histogram(const uint8_t* codes, int groups, int begin, int end, const int* rows, int count,
                      const int64_t* p, int64_t* histogram);

/// G += the gradients, H += the hessians of n packed sums.
void add_unpacked(const int64_t* packed, int n, int64_t* G, int64_t* H);

/// code[i * stride] = the first of `bins` bins whose boundary is >= x[i]; bin number `bins` for NaN. The last boundary is the greatest number.
void find_bins(const double* x, Index n, const double* boundary, int bins, uint8_t* code, Index stride);

}  // namespace assay::boosting
