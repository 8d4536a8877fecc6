// ml/bayes/shares.h: what all naive Bayes learners share: class weights, and from log-probabilities to answers.
#pragma once
#include "assay/ml/learner.h"

namespace assay {

/// Weight of the rows of each class.
Vector class_weights_of(const Samples& samples, const Target& target);
/// log(w_k / sum w); -infinity where w_k is 0.
Vector log_shares(const Vector& weight);
/// Checks what a file holds: one a class, >= 0, not all 0.
Vector read_class_weights(const ArchiveReader& in, const Target& target);

/// Each row of log p_k + const becomes p_k: n x K. DataError where all of a row are -infinity.
Matrix shares_of_logs(Matrix joint, const Context& ctx);
/// The first of the largest of each row.
Vector largest_of_logs(const Matrix& joint);

}  // namespace assay
