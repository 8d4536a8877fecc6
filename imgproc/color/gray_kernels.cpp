#include "assay/imgproc/color/gray_kernels.h"

#include <algorithm>

#include "assay/imgproc/color/pixel_pairs.h"
#include "assay/imgproc/color/planes_kernels.h"

namespace assay {

#ifdef ASSAY_PIXEL_PAIRS

void luma_bytes(const uint8_t* from, int n, uint8_t* to) {
  constexpr int kPixels = pairs::Splitter::kPixels, kAhead = 1024;
  const pairs::Splitter split;
  pairs::Pairs half[2];
  int i = 0;
  for (; i + kPixels <= n; i += kPixels) {
    for (int k = 0; k < 3; ++k) __builtin_prefetch(from + 3 * i + kAhead + 64 * k);
    split(from + 3 * i, half);
    _mm512_storeu_si512(to + i, pairs::bytes_of(pairs::luma(half[0]), pairs::luma(half[1])));
  }
  if (i == n) return;
  split(from + 3 * i, n - i, half);
  _mm512_mask_storeu_epi8(to + i, (1ull << (n - i)) - 1, pairs::bytes_of(pairs::luma(half[0]), pairs::luma(half[1])));
}

#else

namespace {

// Weights of 1/256, each too small, give a guess too low by at most 0.996 less the 127/256 added: its floor is the result or 1 less,
// and the exact remainder, of 2^16 and within -500 and 1500, tells which.
void luma_of_planes(const uint8_t* __restrict b, const uint8_t* __restrict g, const uint8_t* __restrict r, int n,
                    uint8_t* __restrict to) {
  for (int i = 0; i < n; ++i) {
    const int blue = b[i], green = g[i], red = r[i];
    const auto guess = static_cast<uint16_t>(static_cast<uint16_t>(29 * blue + 150 * green + 76 * red + 127) >> 8);
    const auto rest = static_cast<int16_t>(114 * blue + 587 * green + 299 * red - 1000 * guess);
    const auto raised = static_cast<int16_t>(rest + (guess & 1));
    const int16_t up = raised > 500 ? 1 : 0;
    to[i] = static_cast<uint8_t>(guess + up);
  }
}

}  // namespace

void luma_bytes(const uint8_t* from, int n, uint8_t* to) {
  constexpr int kRun = 512;
  alignas(64) uint8_t b[kRun], g[kRun], r[kRun];
  for (int begin = 0; begin < n; begin += kRun) {
    const int count = std::min(kRun, n - begin);
    split_planes(from + 3 * begin, count, b, g, r);
    fetch_ahead(from + 3 * (begin + count), std::min(kRun, n - begin - count));
    luma_of_planes(b, g, r, count, to + begin);
  }
}

#endif

}  // namespace assay
