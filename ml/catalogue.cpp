// Every learner assay knows, one line each: the only place that lists them.
#include "assay/ml/catalogue.h"

#include <array>

#include "assay/core/text.h"
#include "assay/ml/baseline/dummy.h"
#include "assay/ml/linear/logistic.h"
#include "assay/ml/neighbors/knn.h"
#include "assay/ml/tree/tree.h"

namespace assay {
namespace {

constexpr std::array kLearners{
    learner<Dummy>(),
    learner<Logistic>(),
    learner<Tree>(),
    learner<Knn>(),
};

}  // namespace

std::span<const Learner> learners() { return kLearners; }

const Learner& find_learner(std::string_view name) {
  const std::string key = kebab(name);
  std::vector<std::string> names;
  for (const Learner& l : kLearners) {
    if (l.name() == key) return l;
    for (const char* alias : l.info->aliases)
      if (alias == key) return l;
    names.emplace_back(l.name());
  }
  std::vector<std::string> candidates = names;
  for (const Learner& l : kLearners)
    candidates.insert(candidates.end(), l.info->aliases.begin(), l.info->aliases.end());
  throw UsageError("unknown learner " + quoted(name) + did_you_mean(key, candidates),
                   "there are: " + join(names, ", "));
}

}  // namespace assay
