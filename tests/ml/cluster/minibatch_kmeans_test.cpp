#include "assay/ml/cluster/minibatch_kmeans.h"

#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

Samples cloud(Index n, Index d, Index blobs, uint64_t seed) {
  Rng rng(seed, 6);
  Matrix places(blobs, d), X(n, d);
  for (Index j = 0; j < places.size(); ++j) places.data()[j] = rng.uniform(-6, 6);
  for (Index i = 0; i < n; ++i)
    for (Index f = 0; f < d; ++f) X(i, f) = places(i % blobs, f) + rng.normal();
  Samples s;
  for (Index f = 0; f < d; ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  s.X = X;
  return s;
}

}  // namespace

TEST_CASE("minibatch-kmeans: a centre is the mean of all rows it was ever given") {
  // One cluster of one row: wherever the centre begins, the first row moves it all the way.
  Samples one;
  one.columns = {{"x", {}}};
  one.X = Matrix(Matrix::Constant(1, 1, 3.5));
  MiniBatchKMeansParams p;
  p.clusters = 1;
  p.batch = 4;
  p.centers = Matrix::Constant(1, 1, -20.0);
  CHECK(MiniBatchKMeans::fit(p, one, Context(0, 1)).centers(0, 0) == 3.5);
}

TEST_CASE("minibatch-kmeans: comes within two per cent of the inertia of k-means") {
  const Samples x = cloud(20000, 4, 6, 1);
  KMeansParams full;
  full.clusters = 6;
  MiniBatchKMeansParams p;
  p.clusters = 6;
  const KMeansModel batches = MiniBatchKMeans::fit(p, x, Context(1, 1));
  CHECK(batches.report.objective >= KMeans::fit(full, x, Context(1, 1)).report.objective);
  CHECK(batches.report.objective <= 1.02 * KMeans::fit(full, x, Context(1, 1)).report.objective);
  CHECK(batches.report.converged);
  CHECK(batches.labels == batches.predict(x, Context(0, 3)));
}

TEST_CASE("minibatch-kmeans: too few batches are said, with what to do") {
  MiniBatchKMeansParams p;
  p.clusters = 5;
  p.max_iter = 2;
  const KMeansModel m = MiniBatchKMeans::fit(p, cloud(5000, 3, 5, 2), Context(0, 1));
  CHECK(!m.report.converged);
  CHECK(m.report.note.find("raise --max-iter") != std::string::npos);
}
