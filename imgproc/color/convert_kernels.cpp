#include "assay/imgproc/color/convert_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace assay {

namespace {

inline float nearest(float v) { return (v + 12582912.0f) - 12582912.0f; }

// A third of the exponent, then two steps of Halley: relative error below 3e-7 on [1e-3, 2].
inline float cube_root(float t) {
  float y = std::bit_cast<float>(static_cast<int32_t>(static_cast<float>(std::bit_cast<int32_t>(t)) * (1 / 3.0f)) +
                                 709921077);
  for (int k = 0; k < 2; ++k) {
    const float cube = y * y * y;
    y *= (cube + 2 * t) / (2 * cube + t);
  }
  return y;
}

inline float lab_f(float t) {
  const float root = cube_root(std::max(t, 0.005f)), line = t * (841 / 108.0f) + 4 / 29.0f;
  return t > 216 / 24389.0f ? root : line;
}

}  // namespace

void hsv_bytes(const uint8_t* __restrict r, const uint8_t* __restrict g, const uint8_t* __restrict b, int n,
               uint8_t* __restrict h, uint8_t* __restrict s, uint8_t* __restrict v) {
  for (int i = 0; i < n; ++i) {
    const int red = r[i], green = g[i], blue = b[i];
    const int most = std::max(red, std::max(green, blue)), range = most - std::min(red, std::min(green, blue));
    const int difference = most == red ? green - blue : most == green ? blue - red : red - green;
    const int sector = most == red ? 0 : most == green ? 60 : 120;
    const float over_range = range ? static_cast<float>(30 * difference) / static_cast<float>(range) : 0.f;
    const int hue = sector + static_cast<int>(nearest(over_range));  // sectors are even: ties stay where they were
    h[i] = static_cast<uint8_t>(hue < 0 ? hue + 180 : hue);
    s[i] = static_cast<uint8_t>(
        static_cast<int>(nearest(static_cast<float>(255 * range) / static_cast<float>(std::max(most, 1)))));
    v[i] = static_cast<uint8_t>(most);
  }
}

// Sums of thousandths are whole; a quotient is a half exactly, or at least 1 / 1772 away from one.
void ycbcr_bytes(const uint8_t* __restrict r, const uint8_t* __restrict g, const uint8_t* __restrict b, int n,
                 uint8_t* __restrict y, uint8_t* __restrict cb, uint8_t* __restrict cr) {
  const auto quotient = [](int a, float d) { return static_cast<int>(nearest(static_cast<float>(a) / d)); };
  for (int i = 0; i < n; ++i) {
    const int red = r[i], green = g[i], blue = b[i];
    y[i] = static_cast<uint8_t>(quotient(299 * red + 587 * green + 114 * blue, 1000));
    cb[i] = static_cast<uint8_t>(std::min(255, 128 + quotient(886 * blue - 299 * red - 587 * green, 1772)));
    cr[i] = static_cast<uint8_t>(std::min(255, 128 + quotient(701 * red - 587 * green - 114 * blue, 1402)));
  }
}

void lab_values(const float* __restrict x, const float* __restrict y, const float* __restrict z, int n,
                float* __restrict l, float* __restrict a, float* __restrict b) {
  for (int i = 0; i < n; ++i) {
    const float fx = lab_f(x[i]), fy = lab_f(y[i]), fz = lab_f(z[i]);
    l[i] = fy * 295.8f - 40.8f;
    a[i] = 500 * (fx - fy) + 128;
    b[i] = 200 * (fy - fz) + 128;
  }
}

void linear_from_lab_bytes(const uint8_t* __restrict l, const uint8_t* __restrict a, const uint8_t* __restrict b, int n,
                           const float (&m)[3][3], float* __restrict red, float* __restrict green,
                           float* __restrict blue) {
  const auto inverse = [](float f) { return f > 6 / 29.0f ? f * f * f : (f - 4 / 29.0f) * (108 / 841.0f); };
  for (int i = 0; i < n; ++i) {
    const float fy = (static_cast<float>(l[i]) * (100 / 255.0f) + 16) / 116;
    const float x = inverse(fy + static_cast<float>(a[i] - 128) / 500), y = inverse(fy),
                z = inverse(fy - static_cast<float>(b[i] - 128) / 200);
    red[i] = m[0][0] * x + m[0][1] * y + m[0][2] * z;
    green[i] = m[1][0] * x + m[1][1] * y + m[1][2] * z;
    blue[i] = m[2][0] * x + m[2][1] * y + m[2][2] * z;
  }
}

bool bytes_from(const float* __restrict from, int n, float error, uint8_t* __restrict to) {
  int close = 0;
  for (int i = 0; i < n; ++i) {
    const float whole = nearest(from[i]);
    close |= std::abs(from[i] - whole) >= 0.5f - error;
    to[i] = static_cast<uint8_t>(static_cast<int>(std::clamp(whole, 0.f, 255.f)));
  }
  return close;
}

}  // namespace assay
