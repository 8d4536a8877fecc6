// imgproc/filter/gaussian_recursive_kernels.h: the recursion, for several lines of a picture side by side.
#pragma once
#include <cstddef>

namespace assay {

inline constexpr int kLines = 16;  // side by side: value i of line j is f[i kLines + j]

/// One term of (1) in gaussian_recursive.h: u(i) = n0 f(i) + n1 f(i-1) - d1 u(i-1) - d2 u(i-2).
struct RecursiveTerm {
  double n0, n1, d1, d2;
};

/// out(i) = sum over both terms of u(i) forwards and u(i) backwards, less centre f(i), i < n. Before the first and after the
/// last value f is taken to go on as it is there. n >= 1; out overlaps nothing else.
void filter_lines(const double* f, const RecursiveTerm (&terms)[2], double centre, double* out, ptrdiff_t n);

}  // namespace assay
