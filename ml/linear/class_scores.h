// ml/linear/class_scores.h: scores of linear classifiers, W x + b, and the class they speak for.
#pragma once
#include "assay/ml/data/samples.h"

namespace assay {

/// n x 1 (two classes: positive for the last) or n x K. DataError where a cell is not finite.
Matrix class_scores(const Samples& samples, const Matrix& W, const Vector& b, int threads);
/// The class of each row: of one column 1 where it is positive, of more the largest one, ties to the first.
Vector class_of_scores(const Matrix& Z);

}  // namespace assay
