// imgproc/histogram/point_kernels.h: the inner loops of operators on single values.
#pragma once

namespace assay {

/// Takes the values of a row into the least and the largest so far. T: u8, u16, f32.
template <class T>
void widen_range(const T* row, int n, T& least, T& largest);

/// bin[i] = floor(from[i] bins), kept within 0 .. bins - 1; 0 of what is no number.
void bins_of_floats(const float* from, int n, int bins, int* bin);

/// to[i] = from[i] to the power of gamma > 0, in f64 to a few units of its last place, rounded once; 0 for negative values and NaN.
void power_of_values(const float* from, int n, double gamma, float* to);

}  // namespace assay
