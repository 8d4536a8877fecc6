#include "cli/report/figures/raster.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace assay::report {
namespace {

template <class T>
T sample(const ImageView& v, int y, int x) {
  T value;
  std::memcpy(&value,
              static_cast<const char*>(v.data) + static_cast<size_t>(y) * v.stride + static_cast<size_t>(x) * sizeof(T),
              sizeof(T));
  return value;
}

// What black and white stand for when the range of values is to fill them.
template <class T>
void stretch_range(const ImageView& v, Raster& r) {
  double lo = INFINITY, hi = -INFINITY;
  for (int y = 0; y < v.height; ++y)
    for (int x = 0; x < v.width * v.channels; ++x) {
      const auto value = static_cast<double>(sample<T>(v, y, x));
      if (std::isfinite(value)) lo = std::min(lo, value), hi = std::max(hi, value);
    }
  if (lo > hi) lo = 0, hi = 1;
  if (lo < 0 && hi > 0) hi = std::max(-lo, hi), lo = -hi;
  if (lo > 0 && lo < 0.1 * hi) lo = 0;  // a range that nearly begins at zero
  r.black = lo, r.white = hi > lo ? hi : lo + 1;
}

template <class T>
void scale_samples(const ImageView& v, Raster& r) {
  const double factor = 255 / (r.white - r.black);
  size_t at = 0;
  for (int y = 0; y < v.height; ++y)
    for (int x = 0; x < v.width * v.channels; ++x) {
      const double level = (static_cast<double>(sample<T>(v, y, x)) - r.black) * factor;
      r.samples[at++] =
          std::isnan(level) ? uint8_t{0} : static_cast<uint8_t>(std::clamp(std::round(level), 0.0, 255.0));
    }
}

template <class T>
Raster convert(const ImageView& v, bool stretch, double full_scale) {
  Raster r;
  r.width = v.width, r.height = v.height, r.channels = v.channels;
  r.samples.resize(static_cast<size_t>(v.width) * static_cast<size_t>(v.height) * static_cast<size_t>(v.channels));
  r.white = full_scale;
  r.stretched = stretch;
  if (stretch) stretch_range<T>(v, r);
  scale_samples<T>(v, r);
  return r;
}

}  // namespace

Raster to_raster(const ImageView& view, bool stretch) {
  switch (view.depth) {
    case Depth::u8:
      return convert<uint8_t>(view, stretch, 255);
    case Depth::u16:
      return convert<uint16_t>(view, stretch, 65535);
    case Depth::f32:
      break;
  }
  return convert<float>(view, stretch, 1);
}

}  // namespace assay::report
