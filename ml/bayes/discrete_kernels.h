// ml/bayes/discrete_kernels.h: the loops over cells and counts in which discrete naive Bayes spends its time.
#pragma once
#include <cstddef>

namespace assay {

/// out_j = log(x_j + alpha), for x_j + alpha >= 0.
void logs(const double* x, std::ptrdiff_t n, double alpha, double* out);

/// Whether all of some numbers are at least `least` and finite.
bool all_allowed(const double* x, std::ptrdiff_t n, double least);

}  // namespace assay
