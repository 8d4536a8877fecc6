// imgproc/quality/ssim_kernels.h: SSIM's windows over a tile of up to kSsimTile columns.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

inline constexpr int kSsimRadius = 5, kSsimWindow = 2 * kSsimRadius + 1, kSsimTile = 64;

/// One channel of a picture: value (x, y) is first[y row_step + x stride].
template <class T>
struct Plane {
  const T* first;
  ptrdiff_t row_step, stride;
  int cols;
};

/// Weights w[0], w[1] .. w[kSsimRadius] from the centre outwards, the same along both axes; constants of the formula.
struct SsimTerms {
  double w[kSsimRadius + 1];
  double c1, c2;
};

/// Sums over windows: contrast and structure, and SSIM.
struct SsimSums {
  double structure = 0, ssim = 0;
};

/// The windows that begin in columns x0 .. x0 + n - 1, n <= kSsimTile, and rows y0 .. y1 - 1.
template <class T>
SsimSums ssim_tile(const Plane<T>& a, const Plane<T>& b, int x0, int n, int y0, int y1, const SsimTerms& terms);

}  // namespace assay
