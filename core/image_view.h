// core/image_view.h: a picture somebody else owns, as the trace and the report see it (core knows no OpenCV).
#pragma once
#include <cstddef>
#include <cstdint>

namespace assay {

enum class Depth { u8, u16, f32 };

struct ImageView {
  const void* data = nullptr;  ///< first row
  int width = 0, height = 0;   ///< pixels
  int channels = 1;            ///< 1 grey, 3 colour in B, G, R order, 4 with alpha
  Depth depth = Depth::u8;
  size_t stride = 0;  ///< bytes from row to row
};

}  // namespace assay
