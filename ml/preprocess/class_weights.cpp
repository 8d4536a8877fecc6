// Departures from the paper: none; the rule has no paper.
#include "assay/ml/preprocess/class_weights.h"

#include "assay/core/error.h"

namespace assay {
namespace {

std::vector<double> balanced_weights(const Vector& weight, const Target& target) {
  std::vector<double> total(target.classes.size());
  for (size_t i = 0; i < target.code.size(); ++i)
    total[static_cast<size_t>(target.code[i])] += weight[static_cast<Index>(i)];
  double all = 0, present = 0;
  for (const double w : total) {
    all += w;
    present += w > 0;
  }
  for (double& w : total)
    if (w > 0) w = all / (present * w);
  return total;
}

}  // namespace

Vector class_weighted(const Vector& weight, const Target& target, const ClassWeights& classes) {
  if (target.task() != Task::classification)
    throw DataError("class weights are for classification; the target '" + target.name + "' holds numbers");
  Vector out = weight.size() ? weight : Vector(Vector::Ones(target.n()));
  const std::vector<double> of_class = classes.balanced ? balanced_weights(out, target) : classes.weight;
  if (of_class.size() != target.classes.size())
    throw DataError("there are " + std::to_string(of_class.size()) + " class weights for " +
                    std::to_string(target.classes.size()) + " classes");
  for (size_t i = 0; i < target.code.size(); ++i)
    out[static_cast<Index>(i)] *= of_class[static_cast<size_t>(target.code[i])];
  return out;
}

}  // namespace assay
