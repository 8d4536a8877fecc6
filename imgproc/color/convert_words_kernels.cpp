// ycbcr of 16 bits both ways, by quotients of whole numbers: a guess in single precision, mended by its remainder, which is exact
// modulo 2^32.
#include <algorithm>

#include "assay/imgproc/color/convert_kernels.h"

namespace assay {

namespace {

// N / divisor to the nearest, ties to even, from a guess less than 1/2 off it; |guess| < 2^22, an even divisor.
template <int divisor>
inline int quotient(float guess, uint32_t N) {
  const auto q = static_cast<int>((guess + 12582912.0f) - 12582912.0f);
  const auto remainder = static_cast<int>(N - static_cast<uint32_t>(divisor) * static_cast<uint32_t>(q));
  const int odd = q & 1, up = remainder + odd > divisor / 2 ? 1 : 0, down = remainder - odd < -divisor / 2 ? 1 : 0;
  return q + up - down;
}
template <int divisor>
inline int quotient(int N) {
  return quotient<divisor>(static_cast<float>(N) * (1.0f / divisor), static_cast<uint32_t>(N));
}

inline uint16_t level(int v) { return static_cast<uint16_t>(std::min(std::max(v, 0), 65535)); }

}  // namespace

void ycbcr_words(const uint16_t* __restrict r, const uint16_t* __restrict g, const uint16_t* __restrict b, int n,
                 uint16_t* __restrict y, uint16_t* __restrict cb, uint16_t* __restrict cr) {
  for (int i = 0; i < n; ++i) {
    const int red = r[i], green = g[i], blue = b[i], thousand_y = 299 * red + 587 * green + 114 * blue;
    y[i] = static_cast<uint16_t>(quotient<1000>(thousand_y));
    cb[i] = level(32768 + quotient<1772>(1000 * blue - thousand_y));
    cr[i] = level(32768 + quotient<1402>(1000 * red - thousand_y));
  }
}

// R = Y + 701 Cr / 500, B = Y + 443 Cb / 250, G = Y - (209599 Cr + 101004 Cb) / 293500
void srgb_from_ycbcr_words(const uint16_t* __restrict y, const uint16_t* __restrict cb, const uint16_t* __restrict cr,
                           int n, uint16_t* __restrict r, uint16_t* __restrict g, uint16_t* __restrict b) {
  for (int i = 0; i < n; ++i) {
    const int luma = y[i], blue = cb[i] - 32768, red = cr[i] - 32768;
    r[i] = level(quotient<500>(500 * luma + 701 * red));
    b[i] = level(quotient<250>(250 * luma + 443 * blue));
    const float guess = static_cast<float>(luma) - static_cast<float>(red) * (209599 / 293500.0f) -
                        static_cast<float>(blue) * (101004 / 293500.0f);
    const auto times = [](int v, int by) { return static_cast<uint32_t>(v) * static_cast<uint32_t>(by); };
    g[i] = level(quotient<293500>(guess, times(luma, 293500) - times(red, 209599) - times(blue, 101004)));
  }
}

}  // namespace assay
