// imgproc/edge/suppression_kernels.cpp
// Notation   as Interpolated and Nearest in canny.cpp;  u = 2^-24, half a unit in the last place
// Method     interpolated: both sides of m major > near (major - minor) + far minor are sums and products of numbers that
//            are not negative, so in f32 they err by at most 3 u and u of themselves: what differs by more than 8 u of both
//            is decided. To these come 1e-30 for products below the smallest normal number

#include "assay/imgproc/edge/suppression_kernels.h"

#include "assay/core/simd.h"

namespace assay::canny_stages {

namespace {

using Reals = SimdAnywhere<float>;
using Ints = SimdAnywhere<int32_t>;
constexpr ptrdiff_t kLanes = sizeof(Reals) / sizeof(float);
static_assert(kSuppressed % kLanes == 0);

Reals absolute(Reals v) { return reinterpret_cast<Reals>(reinterpret_cast<Ints>(v) & 0x7fffffff); }

}  // namespace

bool suppress_in_f32(const float* gx, const float* gy, const float* up, const float* mid, const float* down, float low,
                     float high, uint8_t* out) {
  constexpr float kUnits = 0x1p-21F, kSmallest = 1e-30F;
  int32_t classes[kSuppressed];
  Ints any = {};
  for (ptrdiff_t x = 0; x < kSuppressed; x += kLanes) {
    const Reals dx = simd_at(gx + x), dy = simd_at(gy + x), ax = absolute(dx), ay = absolute(dy);
    const Reals m = simd_at(mid + x), n = simd_at(up + x), s = simd_at(down + x);
    const Reals w = simd_at(mid + x - 1), e = simd_at(mid + x + 1);
    const Reals nw = simd_at(up + x - 1), ne = simd_at(up + x + 1), sw = simd_at(down + x - 1),
                se = simd_at(down + x + 1);
    const Ints across = ax >= ay, falling = (dx >= 0) == (dy >= 0);
    const Reals major = across ? ax : ay, minor = across ? ay : ax, rest = major - minor;
    const Reals near_plus = across ? e : s, near_minus = across ? w : n;
    const Reals far_plus = falling ? se : across ? ne : sw, far_minus = falling ? nw : across ? sw : ne;
    const Reals centre = m * major, plus = near_plus * rest + far_plus * minor,
                minus = near_minus * rest + far_minus * minor;
    const Reals unsure_plus = (centre + plus) * kUnits + kSmallest,
                unsure_minus = (centre + minus) * kUnits + kSmallest;
    const Ints less = (centre - plus < -unsure_plus) | (centre - minus < -unsure_minus);
    const Ints more = (centre - plus > unsure_plus) & (centre - minus > unsure_minus);
    const Ints above = (m > low) & ~less, strong = m > high, doubt = above & ~more;
    any |= doubt;
    simd_at(classes + x) = above & ((1 - strong) + (doubt & kDoubt));  // a comparison is 0 or -1
  }
  for (ptrdiff_t x = 0; x < kSuppressed; ++x) out[x] = static_cast<uint8_t>(classes[x]);
  bool doubtful = false;
  for (ptrdiff_t i = 0; i < kLanes; ++i) doubtful |= any[i] != 0;
  return doubtful;
}

template <bool bright_wins>
void suppress_nearest(const float* gx, const float* gy, const float* up, const float* mid, const float* down, float low,
                      float high, uint8_t* out) {
  int32_t classes[kSuppressed];
  for (ptrdiff_t x = 0; x < kSuppressed; x += kLanes) {
    const Reals dx = simd_at(gx + x), dy = simd_at(gy + x), m = simd_at(mid + x);
    const Reals sum = absolute(dx) + absolute(dy), square = sum * sum;
    const Ints across = square < 2 * dx * dx, along = square < 2 * dy * dy, falling = (dx >= 0) == (dy >= 0);
    const Reals nw = simd_at(up + x - 1), ne = simd_at(up + x + 1), sw = simd_at(down + x - 1),
                se = simd_at(down + x + 1);
    const Reals before = across ? simd_at(mid + x - 1) : along ? simd_at(up + x) : falling ? nw : ne;
    const Reals after = across ? simd_at(mid + x + 1) : along ? simd_at(down + x) : falling ? se : sw;
    Ints keeps;
    if constexpr (bright_wins) {
      const Ints after_is_bright = (across ? dx : dy) >= 0;
      keeps = (m > (after_is_bright ? after : before)) & (m >= (after_is_bright ? before : after));
    } else {
      keeps = (m > before) & ((m > after) | ((m == after) & (across | along)));
    }
    simd_at(classes + x) = keeps & (m > low) & (1 - (m > high));  // a comparison is 0 or -1
  }
  for (ptrdiff_t x = 0; x < kSuppressed; ++x) out[x] = static_cast<uint8_t>(classes[x]);
}

template void suppress_nearest<false>(const float*, const float*, const float*, const float*, const float*, float,
                                      float, uint8_t*);
template void suppress_nearest<true>(const float*, const float*, const float*, const float*, const float*, float, float,
                                     uint8_t*);

}  // namespace assay::canny_stages
