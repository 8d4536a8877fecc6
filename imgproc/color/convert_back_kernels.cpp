// Bytes of hsv, hsl and ycbcr back to sRGB: quotients of whole numbers, of which 16 bits hold a guess and, modulo 2^16, the remainder.
#include <algorithm>

#include "assay/imgproc/color/convert_kernels.h"

namespace assay {

namespace {

inline uint16_t high(uint16_t a, uint16_t b) { return static_cast<uint16_t>(static_cast<uint32_t>(a) * b >> 16); }

// 30 |k - 3| - 60 of 0 .. 30, the part in thirtieths that a channel lacks of its most: of R, G, B at the hue 2 h degrees, k is
// h / 30 + 0, 4, 2 modulo 6.
struct Lacking {
  uint8_t red, green, blue;
};
inline Lacking lacking(uint8_t h) {
  const auto from_middle = [](uint8_t k) {
    const auto off = static_cast<uint8_t>(std::max<uint8_t>(k, 90) - std::min<uint8_t>(k, 90));
    return static_cast<uint8_t>(60 - std::min<uint8_t>(std::max<uint8_t>(off, 30), 60));
  };
  const auto hue = static_cast<uint8_t>(h >= 180 ? h - 180 : h);
  return {from_middle(hue), from_middle(static_cast<uint8_t>(hue >= 60 ? hue - 60 : hue + 120)),
          from_middle(static_cast<uint8_t>(hue >= 120 ? hue - 120 : hue + 60))};
}

// v w / 7650 to the nearest, ties to even; w <= 7650. The guess is less than 1.1 below the quotient and never above it.
inline uint8_t part_of(uint8_t v, uint16_t w) {
  const uint16_t guess = high(high(static_cast<uint16_t>(v << 8), w), 2193);
  const auto remainder = static_cast<uint16_t>(v * w - 7650 * guess);
  const uint16_t up = remainder + (guess & 1) > 3825 ? 1 : 0;
  return static_cast<uint8_t>(guess + up);
}

// l + p d / 3825 to the nearest, which is never between two, for p <= 2^15, |d| <= 15. The guess is less than 0.6 + 1 below it.
inline uint8_t moved_by(uint8_t l, uint16_t p, int16_t d) {
  const auto size = static_cast<uint16_t>(d < 0 ? -d : d);
  const uint16_t guess = high(p, static_cast<uint16_t>(size * 2193 >> 7));
  const auto remainder = static_cast<uint16_t>(p * size - 3825 * guess);
  const auto far = static_cast<int16_t>(guess + (remainder > 1912 ? 1 : 0));
  return static_cast<uint8_t>(l + (d < 0 ? -far : far));
}

}  // namespace

void srgb_from_hsv_bytes(const uint8_t* __restrict h, const uint8_t* __restrict s, const uint8_t* __restrict v, int n,
                         uint8_t* __restrict r, uint8_t* __restrict g, uint8_t* __restrict b) {
  for (int i = 0; i < n; ++i) {
    const Lacking lack = lacking(h[i]);
    const auto channel = [&](uint8_t part) { return part_of(v[i], static_cast<uint16_t>(7650 - s[i] * part)); };
    r[i] = channel(lack.red), g[i] = channel(lack.green), b[i] = channel(lack.blue);
  }
}

// C = L + S min(L, 1 - L) (1 - 2 lack / 30)
void srgb_from_hsl_bytes(const uint8_t* __restrict h, const uint8_t* __restrict s, const uint8_t* __restrict l, int n,
                         uint8_t* __restrict r, uint8_t* __restrict g, uint8_t* __restrict b) {
  for (int i = 0; i < n; ++i) {
    const Lacking lack = lacking(h[i]);
    const uint8_t light = l[i], room = std::min<uint8_t>(light, static_cast<uint8_t>(255 - light));
    const auto half = static_cast<uint16_t>(s[i] * room);
    const auto channel = [&](uint8_t part) { return moved_by(light, half, static_cast<int16_t>(15 - part)); };
    r[i] = channel(lack.red), g[i] = channel(lack.green), b[i] = channel(lack.blue);
  }
}

// R = Y + 701 Cr / 500, B = Y + 443 Cb / 250, G = Y - (209599 Cr + 101004 Cb) / 293500. Weights of 2^-15 and 2^-20 round each Cb and Cr
// to the nearest; halves, at |Cb| = 125 away from 0 and at Cr = -Cb = +-50 up, are evened with Y.
void srgb_from_ycbcr_bytes(const uint8_t* __restrict y, const uint8_t* __restrict cb, const uint8_t* __restrict cr,
                           int n, uint8_t* __restrict r, uint8_t* __restrict g, uint8_t* __restrict b) {
  const auto of_2_15 = [](int16_t c, int16_t weight) {
    return static_cast<int16_t>(((static_cast<int32_t>(c) * weight >> 14) + 1) >> 1);
  };
  const auto level = [](int16_t v) { return static_cast<uint8_t>(std::min<int16_t>(std::max<int16_t>(v, 0), 255)); };
  for (int i = 0; i < n; ++i) {
    const auto blue = static_cast<int16_t>(cb[i] - 128), red = static_cast<int16_t>(cr[i] - 128);
    const auto R = static_cast<int16_t>(y[i] + red + of_2_15(red, 13173));
    const auto B = static_cast<int16_t>(y[i] + blue + of_2_15(blue, 25297));
    const int16_t odd = B & 1, back = blue == 125 ? -odd : blue == -125 ? odd : 0;
    r[i] = level(R), b[i] = level(static_cast<int16_t>(B + back));
  }
  for (int i = 0; i < n; ++i) {
    const int blue = cb[i] - 128, red = cr[i] - 128;
    const auto G = static_cast<int16_t>(y[i] + ((-748827 * red - 360854 * blue + 524300) >> 20));
    const int16_t odd = cb[i] + cr[i] == 256 && (cr[i] == 178 || cr[i] == 78) ? G & 1 : 0;
    g[i] = level(static_cast<int16_t>(G - odd));
  }
}

}  // namespace assay
