#include "assay/imgproc/color/gray_kernels.h"

namespace assay {

// Weights of 1/256, each too small, give a guess too low by at most 0.996 less the 127/256 added: its floor is the result or 1 less,
// and the exact remainder, of 2^16 and within -500 and 1500, tells which.
void luma_bytes(const uint8_t* __restrict b, const uint8_t* __restrict g, const uint8_t* __restrict r, int n,
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

}  // namespace assay
