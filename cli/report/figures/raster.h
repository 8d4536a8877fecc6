// cli/report/figures/raster.h: any picture as 8-bit samples that can be looked at.
#pragma once
#include <cstdint>
#include <vector>

#include "assay/core/image_view.h"

namespace assay::report {

/// 8-bit samples, rows without gaps, channels as in the view (B, G, R order); and what black and white stand for.
struct Raster {
  int width = 0, height = 0, channels = 1;
  std::vector<uint8_t> samples;
  double black = 0, white = 255;
  bool stretched = false;
};

/// Full scale is 255, 65535 or, for floats, 1. With `stretch` the range of the finite values fills black..white; where it
/// has both signs, symmetrically, so that zero is the middle grey. NaN is black.
Raster to_raster(const ImageView& view, bool stretch);

}  // namespace assay::report
