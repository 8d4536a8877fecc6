// imgproc/edge/suppression_kernels.h: non-maximum suppression, pixels of a row side by side.
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay::canny_stages {

/// Pixels that are decided together.
inline constexpr ptrdiff_t kSuppressed = 64;
/// Where f32 cannot tell whether a maximum is above what is interpolated.
inline constexpr uint8_t kDoubt = 4;

/// out[x] of kSuppressed pixels: 0, or where the magnitude mid[x] is above `low` and a maximum across the edge (Interpolated in
/// canny.cpp) 1, above `high` 2; and kDoubt more where that maximum is in doubt. Whether any is.
bool suppress_in_f32(const float* gx, const float* gy, const float* up, const float* mid, const float* down, float low,
                     float high, uint8_t* out);

/// The same block by the nearest of four directions, as Nearest in canny.cpp compares, with no doubt.
template <bool bright_wins>
void suppress_nearest(const float* gx, const float* gy, const float* up, const float* mid, const float* down, float low,
                      float high, uint8_t* out);

}  // namespace assay::canny_stages
