// imgproc/geometry/sampling.h: the value of a picture between its pixels, at many places at once.
//
//   out(x, y) = sum_{i,j} k(i - u) k(j - v) in(i, j),     (u, v) the place that output (x, y) is asked at
//
//   nearest (k = 1 on [-1/2, 1/2)), bilinear, bicubic (Keys, a = -1/2), lanczos (3 lobes, divided by the sum of its weights)
//
// Requires   places in f64, or rows of them in f32; what is not finite lies outside
// Guarantees weights are taken at u and v themselves: no table, no 1/32 of a pixel. Integer depths: the exact sum rounded
//            to the nearest, ties to even, clamped; f32 in single precision. Whole-numbered places give the pixels, bit for bit
#pragma once
#include <array>
#include <opencv2/core/mat.hpp>

#include "assay/core/context.h"
#include "assay/core/function_ref.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/geometry/places_kernels.h"
#include "assay/imgproc/geometry/taps.h"

namespace assay {

inline constexpr EnumNames<Interpolation, 4> sampling_names{{{"nearest", Interpolation::nearest},
                                                             {"bilinear", Interpolation::bilinear},
                                                             {"bicubic", Interpolation::bicubic},
                                                             {"lanczos", Interpolation::lanczos}}};

struct Sampling {
  Interpolation method = Interpolation::bilinear;
  Border border = Border::constant;
  double value = 0;  ///< of `constant`, in every channel
};

/// Where outputs (x, y) .. (x + n - 1, y) are asked at. Thread-safe.
class Places {
 public:
  virtual ~Places() = default;
  /// u[0..n) and v[0..n), in f64.
  virtual void exact(int x, int y, int n, double* u, double* v) const = 0;
  /// A box that holds these places; infinite where that is not known.
  virtual PlaceBox box(int x, int y, int n) const = 0;
  /// The places as whole pixels and fractions in [0, 1], for a finite box inside a picture; n <= kRun. Returns how far a sum of
  /// both may be from the exact place.
  virtual double split(int x, int y, int n, SplitPlaces& to) const = 0;
};

/// The place A (x, y, 1)^T: rows (a b c) and (d e f).
class AffinePlaces : public Places {
 public:
  explicit AffinePlaces(const std::array<double, 6>& A);
  void exact(int x, int y, int n, double* u, double* v) const override;
  PlaceBox box(int x, int y, int n) const override;
  double split(int x, int y, int n, SplitPlaces& to) const override;

 private:
  std::array<double, 6> A_;
  PlaceSteps along_u_, along_v_;
};

/// The place V (x, y, 1)^T, divided by its third coordinate; where that is 0 lies infinity, and so outside.
class ProjectivePlaces : public Places {
 public:
  explicit ProjectivePlaces(const std::array<double, 9>& V) : V_(V) {}
  void exact(int x, int y, int n, double* u, double* v) const override;
  PlaceBox box(int x, int y, int n) const override;
  double split(int x, int y, int n, SplitPlaces& to) const override;

 private:
  std::array<double, 9> V_;
};

/// Fills `out`, which has its size and the picture's type.
void sample(const cv::Mat& image, const Sampling& how, const Places& places, cv::Mat& out, const Context& ctx);

/// The places of one row in f32, out.cols each: written to the space given, or pointed at where they are already.
struct RowOfMaps {
  float *u_space = nullptr, *v_space = nullptr;
  const float *u = u_space, *v = v_space;
};
/// Tells the places of row y of `out`; called from several threads, for rows in any order.
using MapRow = function_ref<void(int y, RowOfMaps& to)>;
/// The same from places in f32 that are made row by row: remap, and lenses (undistort).
void sample_rows(const cv::Mat& image, const Sampling& how, MapRow row, cv::Mat& out, const Context& ctx);

}  // namespace assay
