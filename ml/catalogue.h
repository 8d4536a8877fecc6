// ml/catalogue.h: every learner, clusterer and reducer there is.
#pragma once
#include <span>

#include "assay/ml/clusterer.h"
#include "assay/ml/learner.h"
#include "assay/ml/reducer.h"

namespace assay {

std::span<const Learner> learners();
std::span<const Clusterer> clusterers();
std::span<const Reducer> reducers();
/// By name or alias ('_' reads as '-'); UsageError with a did-you-mean.
const Learner& find_learner(std::string_view name);
const Clusterer& find_clusterer(std::string_view name);
const Reducer& find_reducer(std::string_view name);

}  // namespace assay
