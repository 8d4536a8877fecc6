// imgproc/color/encode_bytes.h: 255 times the sRGB curve of linear light, rounded, by the 255 values at which the result steps up.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "assay/imgproc/color/space.h"

namespace assay {

/// A cell for each 2^-12 of light holds one step at most: the level before it in the upper bits, and in the lower 24 what makes a light
/// beyond the step carry. Light is cut to 2^-36: tried with every colour of linear, xyz and lab.
class EncodeBytes {
 public:
  EncodeBytes() {
    cells_.fill(uint32_t{255} << kBits);
    size_t begin = 0;
    for (uint32_t k = 0; k < 255; ++k) {
      const double step = linear_from_srgb((static_cast<double>(k) + 0.5) / 255) * kCells;
      const auto cell = static_cast<size_t>(step);
      for (; begin < cell; ++begin) cells_[begin] = k << kBits;
      const auto before = static_cast<uint32_t>(std::ceil(std::ldexp(step - static_cast<double>(cell), kBits)));
      cells_[begin++] = (k << kBits) + (uint32_t{1} << kBits) - before;
    }
    for (uint32_t i = 0; i < kCells; ++i) cells_[i] -= i << kBits;  // of which the light brings i
  }
  /// Of 1 + light, from 1 to below 2.
  uint8_t of_raised(double raised) const {
    const uint64_t bits = std::bit_cast<uint64_t>(raised) >> 16;
    return static_cast<uint8_t>((cells_[bits >> kBits & (kCells - 1)] + static_cast<uint32_t>(bits)) >> kBits);
  }
  uint8_t operator()(double light) const { return of_raised(1 + std::clamp(light, 0.0, kMost)); }

  static constexpr double kMost = 1 - 0x1p-52;

 private:
  static constexpr int kBits = 24;
  static constexpr size_t kCells = 4096;
  std::array<uint32_t, kCells> cells_;
};

}  // namespace assay
