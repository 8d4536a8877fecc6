#include "assay/imgproc/color/convert_kernels.h"

#include <algorithm>

#include "assay/imgproc/color/pixel_pairs.h"
#include "assay/imgproc/color/planes_kernels.h"

namespace assay {

namespace {

inline float nearest(float v) { return (v + 12582912.0f) - 12582912.0f; }

}  // namespace

namespace {

// The third channel is V, or L; the saturation is the range over V, or over the room that is left for it, min(2 L, 2 - 2 L).
template <bool lightness>
inline void hue_bytes(const uint8_t* __restrict r, const uint8_t* __restrict g, const uint8_t* __restrict b, int n,
                      uint8_t* __restrict h, uint8_t* __restrict s, uint8_t* __restrict third) {
  uint8_t range[kPlane], room[kPlane], sector[kPlane];
  int16_t difference[kPlane];
  for (int i = 0; i < n; ++i) {
    const uint8_t red = r[i], green = g[i], blue = b[i];
    const uint8_t most = std::max(red, std::max(green, blue)), least = std::min(red, std::min(green, blue));
    if constexpr (lightness) {
      const int sum = most + least, down = sum >> 1;
      third[i] = static_cast<uint8_t>((sum + (down & 1)) >> 1);  // a half goes to the even one
      room[i] = static_cast<uint8_t>(std::min(sum, 510 - sum));
    } else {
      third[i] = room[i] = most;
    }
    range[i] = static_cast<uint8_t>(most - least);
    sector[i] = most == red ? 0 : most == green ? 60 : 120;
    const uint8_t plus = most == red ? green : most == green ? blue : red;
    const uint8_t minus = most == red ? blue : most == green ? red : green;
    difference[i] = static_cast<int16_t>(plus - minus);
  }
  for (int i = 0; i < n; ++i) {  // without range the difference is 0, without room the range
    const float over = static_cast<float>(range[i] == 0 ? 1 : range[i]),
                whole = static_cast<float>(room[i] == 0 ? 1 : room[i]);
    const auto turn = static_cast<int>(nearest(static_cast<float>(30 * difference[i]) / over));
    const int hue = sector[i] + turn;  // sectors are even: ties stay where they were
    h[i] = static_cast<uint8_t>(hue < 0 ? hue + 180 : hue);
    s[i] = static_cast<uint8_t>(static_cast<int>(nearest(static_cast<float>(255 * range[i]) / whole)));
  }
}

}  // namespace

void hsv_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* h, uint8_t* s, uint8_t* v) {
  hue_bytes<false>(r, g, b, n, h, s, v);
}
void hsl_bytes(const uint8_t* r, const uint8_t* g, const uint8_t* b, int n, uint8_t* h, uint8_t* s, uint8_t* l) {
  hue_bytes<true>(r, g, b, n, h, s, l);
}

#ifdef ASSAY_PIXEL_PAIRS

namespace {

// 128 + (first - Y) / scale, from `twice`, half the weight of the first channel and part of the others', and `once`, the rest: P = 2 twice
// + once + 2^15 in units of 1/256 lacks `slope` times a difference d of channels, less than 0.2. From P + 77 = 256 q + s, q is the result or
// 1 less, and it is 1 less where s + slope d > 205, or equal to that and q odd. In units of 1/127, values of s + slope d lie 18 or more
// apart: a half, where q is odd, is told by 16 more.
__m512i chroma(__m512i twice, __m512i once, __m512i difference_127, int slope) {
  const __m512i p = _mm512_add_epi16(_mm512_add_epi16(twice, twice),
                                     _mm512_add_epi16(once, _mm512_set1_epi16(static_cast<int16_t>(32768 + 77))));
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi16(p, 4), _mm512_set1_epi16(16));
  const __m512i rest = _mm512_add_epi16(pairs::weighed(p, 127, 0), odd);
  const __m512i lacking = _mm512_mulhrs_epi16(difference_127, _mm512_set1_epi16(static_cast<int16_t>(slope)));
  return pairs::raised(p, _mm512_sub_epi16(_mm512_sub_epi16(_mm512_set1_epi16(127 * 205 + 9), rest), lacking));
}

// Of (886 b - 587 g - 299 r) / 1772: 64 times the remainder is 443 (s - 77) + 87 (g - r).
__m512i blue_chroma(const pairs::Pairs& x) {
  return chroma(pairs::weighed(x.bg, 64, -20), pairs::weighed(x.rg, -43, -45), pairs::weighed(x.rg, -127, 127), 6435);
}
// Of (701 r - 587 g - 114 b) / 1402: 128 times the remainder is 701 (s - 77) + 129 (b - g).
__m512i red_chroma(const pairs::Pairs& x) {
  return chroma(pairs::weighed(x.rg, 64, -26), pairs::weighed(x.bg, -21, -55), pairs::weighed(x.bg, 127, -127), 6030);
}

}  // namespace

void ycbcr_bytes(const uint8_t* from, int n, uint8_t* y, uint8_t* cb, uint8_t* cr) {
  const pairs::Splitter split;
  pairs::Pairs half[2];
  for (int i = 0; i < n; i += pairs::Splitter::kPixels) {
    split(from + 3 * i, n - i, half);
    _mm512_storeu_si512(y + i, pairs::bytes_of(pairs::luma(half[0]), pairs::luma(half[1])));
    _mm512_storeu_si512(cb + i, pairs::bytes_of(blue_chroma(half[0]), blue_chroma(half[1])));
    _mm512_storeu_si512(cr + i, pairs::bytes_of(red_chroma(half[0]), red_chroma(half[1])));
  }
}

#else

namespace {

// A quotient to the nearest, ties to even, from a guess that is it or 1 less, the guess's remainder modulo 2^16, and half the divisor.
inline int16_t corrected(int16_t guess, int remainder, int16_t half) {
  const auto raised = static_cast<int16_t>(static_cast<int16_t>(remainder) + (guess & 1));
  const int16_t up = raised > half ? 1 : 0;
  return static_cast<int16_t>(guess + up);
}

// Sums of thousandths are whole, so remainders are exact. Y is guessed with weights of 1/256, each too small: too low by at most
// 0.996 less the 127/256 added, and so its floor is Y or Y - 1. From Y, off by at most 0.5, follow guesses of Cb and Cr within 0.37,
// whose floors are right or 1 too low, too.
void ycbcr_planes(const uint8_t* __restrict r, const uint8_t* __restrict g, const uint8_t* __restrict b, int n,
                  uint8_t* __restrict y, uint8_t* __restrict cb, uint8_t* __restrict cr) {
  const auto times = [](int16_t difference, int weight) {  // of 2^-15, rounded down
    const auto raised = static_cast<int16_t>(difference * 128);
    return static_cast<int16_t>(static_cast<int16_t>(raised * weight >> 16) >> 6);
  };
  for (int i = 0; i < n; ++i) {
    const int red = r[i], green = g[i], blue = b[i];
    const auto thousand_y = static_cast<uint16_t>(299 * red + 587 * green + 114 * blue);  // modulo 2^16
    const auto guess = static_cast<int16_t>(static_cast<uint16_t>(76 * red + 150 * green + 29 * blue + 127) >> 8);
    const int16_t Y = corrected(guess, thousand_y - 1000 * guess, 500);
    const int16_t Cb = times(static_cast<int16_t>(blue - Y), 18492), Cr = times(static_cast<int16_t>(red - Y), 23372);
    const auto raised_cb = static_cast<int16_t>(128 + corrected(Cb, 1000 * blue - thousand_y - 1772 * Cb, 886));
    const auto raised_cr = static_cast<int16_t>(128 + corrected(Cr, 1000 * red - thousand_y - 1402 * Cr, 701));
    y[i] = static_cast<uint8_t>(Y);
    cb[i] = static_cast<uint8_t>(raised_cb > 255 ? 255 : raised_cb);
    cr[i] = static_cast<uint8_t>(raised_cr > 255 ? 255 : raised_cr);
  }
}

}  // namespace

void ycbcr_bytes(const uint8_t* from, int n, uint8_t* y, uint8_t* cb, uint8_t* cr) {
  alignas(64) uint8_t b[kPlane], g[kPlane], r[kPlane];
  split_planes(from, n, b, g, r);
  ycbcr_planes(r, g, b, n, y, cb, cr);
}

#endif

}  // namespace assay
