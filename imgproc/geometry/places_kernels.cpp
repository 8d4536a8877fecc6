#include "assay/imgproc/geometry/places_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "assay/core/simd.h"

namespace assay {

void PlaceSteps::fill(double s) {
  for (int k = 0; k < SplitPlaces::kRun; ++k) {
    const double step = std::clamp(k * s, -1e9, 1e9), near = std::nearbyint(step);
    whole[k] = static_cast<int32_t>(near);
    part[k] = static_cast<float>(step - near);
  }
}

void split_line(double first, const PlaceSteps& steps, int n, int32_t* __restrict whole, float* __restrict fraction) {
  const double floor_first = std::floor(first);
  const auto base = static_cast<int32_t>(floor_first);
  const auto start = static_cast<float>(first - floor_first);
  for (int k = 0; k < n; ++k) {
    const float place = start + steps.part[k], floor = std::floor(place);
    whole[k] = base + steps.whole[k] + static_cast<int32_t>(floor);
    fraction[k] = place - floor;
  }
}

namespace {

using Eight = Simd<float, 8>;  // the loops of eight stay scalar otherwise
using EightWhole = Simd<int32_t, 8>;

// base + v as whole + fraction.
inline void split_eight(Eight v, int32_t base, int32_t* whole, float* fraction) {
  EightWhole floor = __builtin_convertvector(v, EightWhole);
  floor += v < __builtin_convertvector(floor, Eight);  // true is -1
  const Eight rest = v - __builtin_convertvector(floor, Eight);
  floor += base;
  std::memcpy(whole, &floor, sizeof floor);
  std::memcpy(fraction, &rest, sizeof rest);
}

}  // namespace

double split_projective(const std::array<double, 9>& V, int x, double u0, double v0, double w0, int n,
                        SplitPlaces& to) {
  // Eight at a time about the pixel (U, V) under one of them: u - U = ((V0 - U V6) k + ..) / (V6 k + w), small numbers all.
  constexpr int kBlock = 8, kBlocks = SplitPlaces::kRun / kBlock;
  float u_first[kBlocks], v_first[kBlocks], w_first[kBlocks], u_step[kBlocks], v_step[kBlocks];
  int32_t u_base[kBlocks], v_base[kBlocks];
  const int blocks = (n + kBlock - 1) / kBlock;
  for (int b = 0; b < blocks; ++b) {
    const double at = x + std::min(b * kBlock + 4, n - 1), nu = V[0] * at + u0, nv = V[3] * at + v0,
                 inverse = 1 / (V[6] * at + w0);
    const double base_u = std::floor(nu * inverse), base_v = std::floor(nv * inverse);
    u_base[b] = static_cast<int32_t>(base_u), v_base[b] = static_cast<int32_t>(base_v);
    // divided by w there, which then is 1
    u_step[b] = static_cast<float>((V[0] - base_u * V[6]) * inverse);
    v_step[b] = static_cast<float>((V[3] - base_v * V[6]) * inverse);
    u_first[b] = static_cast<float>(nu * inverse - base_u);
    v_first[b] = static_cast<float>(nv * inverse - base_v);
    w_first[b] = static_cast<float>(V[6] * inverse);
  }
  float farthest = 1;
  for (int b = 0; b < blocks; ++b) {
    farthest = std::max(farthest, 4 * std::max(std::abs(u_step[b]), std::abs(v_step[b])) + 1);
    farthest = std::abs(w_first[b]) < 0.03125f ? farthest : std::numeric_limits<float>::infinity();
  }
  for (int b = 0; b < blocks; ++b) {
    const Eight k = Eight{0, 1, 2, 3, 4, 5, 6, 7} - static_cast<float>(std::min(4, n - 1 - b * kBlock));
    const Eight inverse = 1 / (1 + w_first[b] * k);
    split_eight((u_first[b] + u_step[b] * k) * inverse, u_base[b], to.x + b * kBlock, to.fx + b * kBlock);
    split_eight((v_first[b] + v_step[b] * k) * inverse, v_base[b], to.y + b * kBlock, to.fy + b * kBlock);
  }
  // cu, su k, their sum, g k, 1 + g k, the quotient and the product: a rounding each, of numbers up to 1.2 `farthest`.
  return 8 * 0x1p-24 * 1.2 * static_cast<double>(farthest);
}

void split_floats(const float* __restrict u, int n, int32_t* __restrict whole, float* __restrict fraction) {
  for (int i = 0; i < n; ++i) {
    const float floor = std::floor(u[i]);
    whole[i] = static_cast<int32_t>(floor);
    fraction[i] = u[i] - floor;
  }
}

bool range_of_floats(const float* __restrict u, int n, double& low, double& high) {
  // Floats are ordered as their bits are, those below 0 the other way round; NaN and infinity lie at the ends.
  const auto ordered = [](int32_t bits) { return bits ^ (bits >> 31 & INT32_MAX); };  // and back
  int32_t least = INT32_MAX, most = INT32_MIN;
  for (int i = 0; i < n; ++i) {
    const int32_t key = ordered(std::bit_cast<int32_t>(u[i]));
    least = std::min(least, key);
    most = std::max(most, key);
  }
  low = static_cast<double>(std::bit_cast<float>(ordered(least)));
  high = static_cast<double>(std::bit_cast<float>(ordered(most)));
  return low > -1e9 && high < 1e9;  // NaN is neither
}

}  // namespace assay
