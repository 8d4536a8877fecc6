// Every learner, clusterer and reducer assay knows, one line each: the only place that lists them.
#include "assay/ml/catalogue.h"

#include <algorithm>
#include <array>

#include "assay/core/text.h"
#include "assay/ml/baseline/dummy.h"
#include "assay/ml/bayes/discrete.h"
#include "assay/ml/bayes/naive_bayes.h"
#include "assay/ml/boosting/gbdt.h"
#include "assay/ml/cluster/dbscan.h"
#include "assay/ml/cluster/gmm.h"
#include "assay/ml/cluster/hierarchical.h"
#include "assay/ml/cluster/kmeans.h"
#include "assay/ml/cluster/minibatch_kmeans.h"
#include "assay/ml/decomposition/pca.h"
#include "assay/ml/decomposition/truncated_svd.h"
#include "assay/ml/discriminant/discriminant.h"
#include "assay/ml/ensemble/adaboost.h"
#include "assay/ml/ensemble/bagging.h"
#include "assay/ml/ensemble/forest.h"
#include "assay/ml/linear/lasso.h"
#include "assay/ml/linear/linear.h"
#include "assay/ml/linear/linear_svm.h"
#include "assay/ml/linear/logistic.h"
#include "assay/ml/neighbors/knn.h"
#include "assay/ml/svm/svm.h"
#include "assay/ml/tree/tree.h"

namespace assay {
namespace {

constexpr std::array kLearners{
    learner<Dummy>(),         learner<Logistic>(),    learner<Linear>(),
    learner<Ridge>(),         learner<Lasso>(),       learner<ElasticNetRegression>(),
    learner<Tree>(),          learner<Knn>(),         learner<NaiveBayes>(),
    learner<MultinomialNb>(), learner<BernoulliNb>(), learner<ComplementNb>(),
    learner<Lda>(),           learner<Qda>(),         learner<Svm>(),
    learner<LinearSvm>(),     learner<Gbdt>(),        learner<Forest>(),
    learner<ExtraTrees>(),    learner<AdaBoost>(),    learner<Bagging>(),
};

constexpr std::array kClusterers{
    clusterer<KMeans>(), clusterer<MiniBatchKMeans>(), clusterer<Dbscan>(), clusterer<Gmm>(), clusterer<Hierarchical>(),
};

constexpr std::array kReducers{
    reducer<Pca>(),
    reducer<TruncatedSvd>(),
};

/// By name or alias among the lines of one list; `kind` names it in the message.
template <class Entry>
const Entry& find_in(std::span<const Entry> entries, const std::string& kind, std::string_view name) {
  const std::string key = kebab(name);
  std::vector<std::string> names, candidates;
  for (const Entry& e : entries) {
    if (e.name() == key) return e;
    names.emplace_back(e.name());
    candidates.emplace_back(e.name());
    for (const char* alias : e.info->aliases) {
      if (alias == key) return e;
      candidates.emplace_back(alias);
    }
  }
  throw UsageError("unknown " + kind + " " + quoted(name) + did_you_mean(key, candidates),
                   "there are: " + join(names, ", "));
}

template <class Entry>
bool knows(std::span<const Entry> entries, std::string_view name) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.name() == kebab(name); });
}

/// An algorithm of another kind is told from one that does not exist.
void refuse_other_kind(const std::string& kind, std::string_view name) {
  const auto refuse = [&](const char* is, const char* verb) {
    if (kind == is) return;
    throw UsageError(quoted(name) + " is a " + is + ", not a " + kind,
                     "assay " + std::string(verb) + " " + kebab(name) + " ...");
  };
  if (knows(learners(), name)) refuse("learner", "fit");
  if (knows(clusterers(), name)) refuse("clusterer", "cluster");
  if (knows(reducers(), name)) refuse("reducer", "reduce");
}

}  // namespace

std::span<const Learner> learners() { return kLearners; }
std::span<const Clusterer> clusterers() { return kClusterers; }
std::span<const Reducer> reducers() { return kReducers; }

const Learner& find_learner(std::string_view name) {
  if (!knows(learners(), name)) refuse_other_kind("learner", name);
  return find_in(learners(), "learner", name);
}
const Clusterer& find_clusterer(std::string_view name) {
  if (!knows(clusterers(), name)) refuse_other_kind("clusterer", name);
  return find_in(clusterers(), "clusterer", name);
}
const Reducer& find_reducer(std::string_view name) {
  if (!knows(reducers(), name)) refuse_other_kind("reducer", name);
  return find_in(reducers(), "reducer", name);
}

}  // namespace assay
