// ml/linear/logistic_kernels.h: the loops over rows of the logistic loss (used by logistic_loss.cpp).
#pragma once
#include "assay/core/parallel.h"

namespace assay::logistic {

/// Two classes, scores z: residuals r = s (p - y), curvatures v = s p (1 - p); returns sum s log(1 + exp(-+z)).
double two_class_rows(Index n, const double* z, const int* code, const double* s, double* r, double* v);

/// Several: Z (n x K) becomes probabilities, R = s (P - indicator of the class); returns the summed loss.
double softmax_rows(Index n, Index K, double* Z, const int* code, const double* s, double* R);

/// U = P of a direction's scores becomes s (P o (U - rows' means of U under P)): what the Hessian makes of it.
void softmax_curvature_rows(Index n, Index K, const double* P, const double* s, double* U);

/// Probability of class 1, and the softmax of one row of scores.
double sigmoid(double z);
void softmax(double* z, Index K);

}  // namespace assay::logistic
