#include "assay/ml/selection/importance.h"

#include <cmath>
#include <map>

#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

// y depends on the first column alone; the second is noise, the third constant.
struct Data {
  Samples samples;
  Target target;
  explicit Data(Task task) {
    Rng rng(2);
    Columns X(200, 3);
    target.name = "y";
    if (task == Task::classification) target.classes = {"no", "yes"};
    target.value = task == Task::regression ? Vector(200) : Vector();
    for (Index i = 0; i < 200; ++i) {
      X(i, 0) = rng.normal();
      X(i, 1) = rng.normal();
      X(i, 2) = 4;
      if (task == Task::regression)
        target.value[i] = 3 * X(i, 0);
      else
        target.code.push_back(X(i, 0) > 0);
    }
    samples.columns = {{"signal", {}}, {"noise", {}}, {"constant", {}}};
    samples.X = X;
  }
};

Model fitted(const Data& data) {
  const Learner& tree = find_learner("tree");
  std::unique_ptr<AnyParams> params = tree.params();
  params->set("max-depth", "3", "tree");
  return fit_model(tree, *params, data.samples, data.target, {}, Context(0, 1));
}

}  // namespace

TEST_CASE("importance: a column the model needs costs its score, one it never asks costs nothing") {
  for (const Task task : {Task::classification, Task::regression}) {
    const Data data(task);
    const auto p = permutation_importance(fitted(data), data.samples, data.target, "", 5, Context(1, 1));
    REQUIRE(p.columns.size() == 3);
    CHECK(p.metric == (task == Task::regression ? "rmse" : "accuracy"));
    CHECK(p.columns[0].column == "signal");
    CHECK(p.columns[0].mean > 0.3);  // shuffled, the sign is guessed: accuracy 1/2; rmse near 3 sqrt 2
    CHECK(p.columns[0].sd > 0);
    CHECK(p.columns[2].mean == 0);
    CHECK(p.columns[2].sd == 0);
    if (task == Task::classification) {
      CHECK(p.score == 1);
      CHECK(p.columns[0].mean == Approx(0.5).margin(0.1));
      CHECK(p.columns[1].mean == 0);  // one split on the signal is perfect
    }
  }
}

TEST_CASE("importance: the same seed gives the same numbers, on any number of threads; inputs stay", "[parallel]") {
  const Data data(Task::regression);
  const Model model = fitted(data);
  const Columns before = data.samples.cols();
  const auto a = permutation_importance(model, data.samples, data.target, "mae", 3, Context(1, 1));
  const auto b = permutation_importance(model, data.samples, data.target, "mae", 3, Context(1, 2));
  const auto c = permutation_importance(model, data.samples, data.target, "mae", 3, Context(2, 1));
  for (size_t f = 0; f < 3; ++f) CHECK(a.columns[f].mean == b.columns[f].mean);
  CHECK(a.columns[0].mean != c.columns[0].mean);
  CHECK(data.samples.cols() == before);
}

TEST_CASE("importance: a sparse table, or a metric of the other task, is refused") {
  const Data data(Task::classification);
  const Model model = fitted(data);
  CHECK_THROWS_AS(permutation_importance(model, data.samples, data.target, "rmse", 3, Context()), UsageError);
  Samples sparse = data.samples;
  sparse.X = Csr();
  CHECK_THROWS_AS(permutation_importance(model, sparse, data.target, "", 3, Context()), UsageError);
}
