// imgproc/histogram/look_up_kernels.h: bytes through tables of 256 bytes.
#pragma once
#include <cstdint>

namespace assay {

/// to[i] = table[from[i]],  i < n
void look_up_bytes(const uint8_t* from, const uint8_t* table, int n, uint8_t* to);

/// CLAHE between four tiles: with v = from[i], the mean of map[0][v], map[1][v] (left, right of the upper tiles) and map[2][v],
/// map[3][v] (lower tiles) weighted by across[i] to the right and by `down` downwards, rounded to the nearest, ties to even.
void blend_maps(const uint8_t* from, const uint8_t* const (&map)[4], const float* across, float down, int n,
                uint8_t* to);

}  // namespace assay
