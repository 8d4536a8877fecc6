#include "assay/imgproc/geometry/places_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>

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
    const float su = u_step[b], sv = v_step[b], cu = u_first[b], cv = v_first[b], g = w_first[b];
    farthest = std::max(farthest, 4 * std::max(std::abs(su), std::abs(sv)) + 1);
    farthest = std::abs(g) < 0.03125f ? farthest : std::numeric_limits<float>::infinity();
    int32_t* __restrict px = to.x + b * kBlock, * __restrict py = to.y + b * kBlock;
    float* __restrict fx = to.fx + b * kBlock, * __restrict fy = to.fy + b * kBlock;
    const int32_t bu = u_base[b], bv = v_base[b];
    const int origin = std::min(4, n - 1 - b * kBlock);
    for (int i = 0; i < kBlock; ++i) {
      const auto k = static_cast<float>(i - origin);
      const float inverse = 1 / (1 + g * k), u = (cu + su * k) * inverse, v = (cv + sv * k) * inverse;
      const float floor_u = std::floor(u), floor_v = std::floor(v);
      px[i] = bu + static_cast<int32_t>(floor_u);
      py[i] = bv + static_cast<int32_t>(floor_v);
      fx[i] = u - floor_u;
      fy[i] = v - floor_v;
    }
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
  // Floats of one sign are ordered as their bits are, and those have vector minima; NaN and infinity are the largest.
  int32_t least = INT32_MAX, most = INT32_MIN;
  for (int i = 0; i < n; ++i) {
    least = std::min(least, std::bit_cast<int32_t>(u[i]));
    most = std::max(most, std::bit_cast<int32_t>(u[i]));
  }
  if (least >= 0) {
    low = static_cast<double>(std::bit_cast<float>(least)), high = static_cast<double>(std::bit_cast<float>(most));
    return high < 1e9;
  }
  low = 1e9, high = -1e9;
  for (int i = 0; i < n; ++i) {
    if (!(std::abs(u[i]) < 1e9f)) return false;
    low = std::min(low, static_cast<double>(u[i])), high = std::max(high, static_cast<double>(u[i]));
  }
  return true;
}

}  // namespace assay
