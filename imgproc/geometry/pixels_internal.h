// imgproc/geometry/pixels_internal.h: whole pixels as values, for operators that move them and never look inside.
#pragma once
#include <cstddef>
#include <cstdint>

#include "assay/core/error.h"

namespace assay::detail {

/// Bytes, and so without any alignment: rows may begin anywhere.
template <size_t bytes>
struct PixelOf {
  uint8_t b[bytes];
};

/// f(pixel of that many bytes): depth times channels of any picture this library knows.
template <class F>
void with_pixel(size_t bytes, F&& f) {
  switch (bytes) {
    case 1:
      return f(PixelOf<1>());
    case 2:
      return f(PixelOf<2>());
    case 3:
      return f(PixelOf<3>());
    case 4:
      return f(PixelOf<4>());
    case 6:
      return f(PixelOf<6>());
    case 8:
      return f(PixelOf<8>());
    case 12:
      return f(PixelOf<12>());
    case 16:
      return f(PixelOf<16>());
    default:
      throw DataError("no picture has pixels of " + std::to_string(bytes) + " bytes");
  }
}

}  // namespace assay::detail
