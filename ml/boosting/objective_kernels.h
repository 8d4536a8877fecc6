// ml/boosting/objective_kernels.h: the loops over rows of objective.cpp that call exp.
#pragma once
#include "assay/ml/boosting/objective.h"

namespace assay::boosting {

/// out[i] = (s_i (p_i - y_i), s_i p_i (1 - p_i)), p = 1 / (1 + exp(-F)); s may be null.
void logistic_gradients(Index n, const float* F, const int* code, const double* s, Gradient* out);
/// shares = softmax of each row of F (n x K).
void softmax_rows(Index n, int K, const float* F, float* shares);
/// sum of s_i (log(1 + exp(F_i)) - y_i F_i); s may be null.
double logistic_loss(Index n, const float* F, const int* code, const double* s);

}  // namespace assay::boosting
