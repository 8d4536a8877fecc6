// features/catalogue.h: every feature there is.
#pragma once
#include <span>

#include "assay/features/feature.h"

namespace assay {

std::span<const Feature> features();
/// By name or alias ('_' reads as '-'); UsageError with a did-you-mean.
const Feature& find_feature(std::string_view name);

}  // namespace assay
