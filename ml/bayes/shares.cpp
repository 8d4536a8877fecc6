#include "assay/ml/bayes/shares.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr Index kRows = 1024;  // rows of one task

const double* largest(const double* row, Index K, Index i) {
  const double* top = std::max_element(row, row + K);
  if (!std::isfinite(*top))
    throw DataError("row " + std::to_string(i + 1) + " is so far from every class that its likelihood is 0");
  return top;
}

}  // namespace

Vector class_weights_of(const Samples& samples, const Target& target) {
  Vector weight = Vector::Zero(target.K());
  for (Index i = 0; i < samples.n(); ++i) weight[target.code[static_cast<size_t>(i)]] += samples.weight_of(i);
  return weight;
}

Vector log_shares(const Vector& weight) {
  Vector logs(weight.size());
  const double total = weight.sum();
  for (Index k = 0; k < weight.size(); ++k) logs[k] = std::log(weight[k] / total);
  return logs;
}

Vector read_class_weights(const ArchiveReader& in, const Target& target) {
  const Vector weight = in.vector("class_weight", target.K());
  if (!(weight.minCoeff() >= 0) || !(weight.sum() > 0)) in.fail("class_weight: weights >= 0, not all 0, expected");
  return weight;
}

Matrix shares_of_logs(Matrix joint, const Context& ctx) {
  const Index K = joint.cols();
  parallel_for(ctx.threads, joint.rows(), kRows, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      double* row = joint.row(i).data();
      const double top = *largest(row, K, i);
      double total = 0;
      for (Index k = 0; k < K; ++k) total += row[k] = std::exp(row[k] - top);
      for (Index k = 0; k < K; ++k) row[k] /= total;
    }
  });
  return joint;
}

Vector largest_of_logs(const Matrix& joint) {
  Vector code(joint.rows());
  for (Index i = 0; i < joint.rows(); ++i) {
    const double* row = joint.row(i).data();
    code[i] = static_cast<double>(largest(row, joint.cols(), i) - row);
  }
  return code;
}

}  // namespace assay
