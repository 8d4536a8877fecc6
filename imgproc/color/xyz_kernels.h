// imgproc/color/xyz_kernels.h: XYZ of whole numbers, whose light is read from a table, a pixel's three values in one vector.
#pragma once
#include <cstdint>

namespace assay {

/// To n pixels B, G, R (and alpha, which is kept) the nearest whole numbers of full X, full Y, full Z; `light`: for each level `full` times
/// its linear light; columns: what a unit of R, G and B gives. False if a value is so near a half that the formula must decide.
template <class T>
bool xyz_of_pixels(const T* from, int channels, int n, const double* light, const double (&columns)[3][4], T* to);

}  // namespace assay
