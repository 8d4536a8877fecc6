// imgproc/geometry/sampling_kernels.h: the inner loops of sampling, over up to kRun outputs of a row.
#pragma once
#include <cstddef>
#include <cstdint>

#include "assay/imgproc/geometry/places_kernels.h"
#include "assay/imgproc/geometry/taps.h"

namespace assay {

/// One run of outputs: where their taps begin, and their weights.
template <class Real>
struct SampleRun {
  static constexpr int kRun = SplitPlaces::kRun, kTaps = 6;
  int count = 0;             // taps along each axis: 1, 2, 4 or 6
  int32_t x[kRun], y[kRun];  // first tap
  uint8_t inside[kRun];      // all taps lie in the picture; filled only where some do not
  Real wx[kTaps][kRun], wy[kTaps][kRun];
};

/// Fills the run from the places; true where all are inside.
template <class Real>
bool place_taps(const double* u, const double* v, int n, Interpolation method, int width, int height,
                SampleRun<Real>& run);

/// Fills the run from places whose taps all lie inside. False, and nothing of use, where the nearest pixel is in doubt: a place
/// within `error` of the line between two.
bool weigh_taps(const SplitPlaces& places, int n, Interpolation method, double error, SampleRun<float>& run);

/// out[i channels + c] = the weighted sum for outputs begin..end, all inside. `first` is the picture's first pixel, `step`
/// the values from row to row. Bytes are read up to 8 from the first tap on.
template <class T, class Real>
void sum_taps(const SampleRun<Real>& run, int begin, int end, const T* first, ptrdiff_t step, int channels, Real* out);

}  // namespace assay
