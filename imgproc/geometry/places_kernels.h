// imgproc/geometry/places_kernels.h: places between pixels as whole pixels and fractions, in f32 and without the loss that f32
// would bring to a place like 1234.5678.
#pragma once
#include <array>
#include <cstdint>
#include <limits>

namespace assay {

/// A box of places; the default one holds them all.
struct PlaceBox {
  double u_min = -std::numeric_limits<double>::infinity(), u_max = std::numeric_limits<double>::infinity();
  double v_min = u_min, v_max = u_max;
};

/// Up to kRun places: pixel (x, y) and the way from there, 0 <= fx, fy <= 1.
struct SplitPlaces {
  static constexpr int kRun = 256;
  int32_t x[kRun], y[kRun];
  float fx[kRun], fy[kRun];
};

/// The steps k s, k = 0 .. kRun - 1, of a line of places, split once: whole + part, |part| <= 1/2.
struct PlaceSteps {
  int32_t whole[SplitPlaces::kRun];
  float part[SplitPlaces::kRun];
  void fill(double s);
};

/// first + k s for k < n, split; the places lie within +-1e9. Off by at most kStepError.
void split_line(double first, const PlaceSteps& steps, int n, int32_t* whole, float* fraction);
inline constexpr double kStepError = 0x1p-22;

/// (V0 x + u0, V3 x + v0) / (V6 x + w0) for x .. x + n - 1, all on one side of the horizon; returns how far off.
double split_projective(const std::array<double, 9>& V, int x, double u0, double v0, double w0, int n, SplitPlaces& to);

/// Of places in f32, without any error.
void split_floats(const float* u, int n, int32_t* whole, float* fraction);
/// The least and the largest of n floats; false where one is not finite, or beyond 1e9.
bool range_of_floats(const float* u, int n, double& low, double& high);

}  // namespace assay
