// ml/preprocess/class_weights.h: classes that count more in a fit than their number of rows says.
//
// The weight of each training row is multiplied by its class's. Scores are not touched by it: they weigh rows as the
// table does.
#pragma once
#include <vector>

#include "assay/ml/data/samples.h"

namespace assay {

struct ClassWeights {
  bool balanced = false;         ///< W / (K W_k), as scikit-learn: each of the K classes present weighs the same in all
  std::vector<double> weight{};  ///< else one >= 0 a class, in the target's order; empty: all 1

  bool any() const { return balanced || !weight.empty(); }
};

/// The weights of the rows of `target` (those of the table: `weight`, empty: all 1) after class weights. DataError where
/// the target holds numbers, or the classes are not those the weights were made for.
Vector class_weighted(const Vector& weight, const Target& target, const ClassWeights& classes);

}  // namespace assay
