// ml/linear/logistic_kernels.h: the loops over rows of the logistic loss (used by logistic_loss.cpp).
#pragma once
#include "assay/core/parallel.h"

namespace assay::logistic {

/// Two classes, scores z: residuals r = s (p - y), curvatures v = s p (1 - p); returns sum s log(1 + exp(-+z)).
double two_class_rows(Index n, const double* z, const int* code, const double* s, double* r, double* v);

/// Several: of scores Z, probabilities P and R = s (P - indicator of the class); returns the summed loss. Rows of Z and R are
/// `stride` >= K apart, those of P K; Z is overwritten, R 0 beyond K.
double softmax_rows(Index n, Index K, Index stride, double* Z, const int* code, const double* s, double* P, double* R);

/// Of a direction's scores U, V = s (P o (U - rows' means of U under P)): what the Hessian makes of it. Strides as above.
void softmax_curvature_rows(Index n, Index K, Index stride, const double* P, const double* s, const double* U,
                            double* V);

/// Probability of class 1, and the softmax of one row of scores.
double sigmoid(double z);
void softmax(double* z, Index K);

}  // namespace assay::logistic
