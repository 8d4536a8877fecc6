// Tables of linear classifiers' tests: clouds that overlap, their sparse form, and the bundled ones.
#pragma once
#include "assay/core/rng.h"
#include "assay/ml/data/sparse.h"
#include "assay/ml/data/table.h"
#include "assay/ml/preprocess/pipeline.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

namespace assay::test {

struct Data {
  Samples samples;
  Target target;
};

// K clouds that overlap; two cells in three are zero, so that a sparse form is one.
inline Data clouds(Index n, Index d, int K, uint64_t seed = 1) {
  Rng rng(seed, 9);
  Data data;
  Matrix X = Matrix::Zero(n, d);
  for (Index i = 0; i < n; ++i) {
    const int k = static_cast<int>(i) % K;
    for (Index f = 0; f < d; ++f)
      if (rng.below(3) == 0) X(i, f) = rng.normal() + 0.7 * static_cast<double>((k + f) % K);
    data.target.code.push_back(k);
  }
  for (Index f = 0; f < d; ++f) data.samples.columns.push_back({"x" + std::to_string(f), {}});
  for (int k = 0; k < K; ++k) data.target.classes.push_back("c" + std::to_string(k));
  data.target.name = "y";
  data.samples.X = std::move(X);
  return data;
}

inline Data as_sparse(Data data) {
  data.samples.X = entries_of(data.samples.rows());
  return data;
}

inline Data bundled(const std::string& name, const std::string& target, const LearnerInfo& info, Scale scale) {
  RoleOptions roles;
  roles.target = target;
  roles.task = Task::classification;
  Dataset set = assign_roles(read_table(dataset_path("tables/" + name + ".csv")), roles);
  PipelineOptions options;
  options.scale = scale;
  const Pipeline pipeline = Pipeline::fit(set.samples, info.traits, options, 1);
  return {pipeline.transform(set.samples, 1), std::move(set.target)};
}

inline double more(const FitReport& report, const std::string& key) {
  for (const auto& item : report.more)
    if (item.first == key) return item.second;
  FAIL("no " << key << " in the report");
  return 0;
}

}  // namespace assay::test
