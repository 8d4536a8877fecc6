#include "assay/features/catalogue.h"

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/features/corner/fast.h"
#include "assay/features/corner/harris.h"
#include "assay/features/corner/shi_tomasi.h"
#include "assay/features/hog/hog.h"
#include "assay/features/sift/sift.h"

namespace assay {

namespace {

constexpr Feature kFeatures[] = {
    feature<Harris>(), feature<ShiTomasi>(), feature<Fast>(), feature<Hog>(), feature<Sift>(),
};

}  // namespace

std::span<const Feature> features() { return kFeatures; }

const Feature& find_feature(std::string_view name) {
  const std::string key = kebab(name);
  std::vector<std::string> names;
  for (const Feature& f : kFeatures) {
    if (key == f.name()) return f;
    for (const char* alias : f.info->aliases)
      if (key == kebab(alias)) return f;
    names.emplace_back(f.name());
  }
  throw UsageError("unknown feature " + quoted(name) + did_you_mean(key, names), "the features: " + join(names, ", "));
}

}  // namespace assay
