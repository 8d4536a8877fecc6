// ml/catalogue.h: every learner there is.
#pragma once
#include <span>

#include "assay/ml/learner.h"

namespace assay {

std::span<const Learner> learners();
/// By name or alias ('_' reads as '-'); UsageError with a did-you-mean.
const Learner& find_learner(std::string_view name);

}  // namespace assay
