#include "assay/ml/tree/prune.h"

#include "assay/ml/selection/split.h"
#include "assay/ml/tree/cut.h"
#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::test;

namespace {

/// Leaves and cost of a subtree with the same root.
struct Shape {
  std::vector<bool> stop;
  double cost = 0;
  int leaves = 1;
};

/// Every subtree below node i, by the definition.
std::vector<Shape> subtrees(const TreeNodes& t, const std::vector<double>& R, size_t i) {
  std::vector<bool> none(t.feature.size(), false), here = none;
  here[i] = true;
  std::vector<Shape> all{{here, R[i], 1}};
  if (t.feature[i] < 0) return all;
  for (const Shape& l : subtrees(t, R, static_cast<size_t>(t.left[i])))
    for (const Shape& r : subtrees(t, R, static_cast<size_t>(t.right[i]))) {
      Shape both{none, l.cost + r.cost, l.leaves + r.leaves};
      for (size_t j = 0; j < none.size(); ++j) both.stop[j] = l.stop[j] || r.stop[j];
      all.push_back(std::move(both));
    }
  return all;
}

TreeNodes small_tree(uint64_t seed, int K, double missing = 0.1) {
  const Sample s = random_table({14, 2, 1, K, seed % 2 ? 4 : 0, 4, missing, seed % 3 == 0}, seed);
  return tree::grow(problem_of(s, K == 0 ? Criterion::squared_error : Criterion::gini), {}, Context(0, 1));
}

TreeModel fit(const Sample& s, const TreeParams& params, uint64_t seed = 0) {
  return Tree::fit(params, s.x, s.y, Context(seed, 1));
}

/// A tree of two questions: a root of cost 1/2, whose right child divides 2 : 1 : 1 rows further.
TreeNodes two_questions() {
  TreeNodes t;
  t.outputs = 2;
  t.feature = {0, -1, 0, -1, -1};
  t.threshold = {1, 0, 2, 0, 0};
  t.left = {1, -1, 3, -1, -1};
  t.right = {2, -1, 4, -1, -1};
  t.default_left.assign(5, false);
  t.value = {0.5, 0.5, 1, 0, 0.25, 0.75, 0.5, 0.5, 0, 1};
  t.cover = {6, 2, 4, 2, 2};
  t.impurity = {0.5, 0, 0.375, 0.5, 0};
  t.rows = {6, 2, 4, 2, 2};
  t.level_begin.assign(6, 0);
  return t;
}

}  // namespace

TEST_CASE("prune: a tree of two questions, by hand") {
  const TreeNodes t = two_questions();
  const std::vector<double> R = tree::node_costs(t, PruneCost::error);
  CHECK(R == std::vector<double>{0.5, 0, 4.0 / 6 * 0.25, 2.0 / 6 * 0.5, 0});
  // The lower question saves no error: T_0 is without it. The upper one: g = (3/6 - 1/6) / (2 - 1).
  const tree::Sequence by_error = tree::weakest_links(t, R);
  REQUIRE(by_error.trees.size() == 2);
  CHECK(by_error.trees[0].alpha == 0);
  CHECK(by_error.trees[0].leaves == 2);
  CHECK(by_error.trees[1].alpha == Approx(1.0 / 3));
  CHECK(by_error.trees[1].cost == 0.5);
  CHECK(by_error.gone == std::vector<int>{1, 0, 0, 0, 0});
  // Under Gini it saves 4/6 0.375 - 2/6 0.5 = 1/12, and the upper one (0.5 - 0.25) more: first the lower one goes.
  const tree::Sequence by_gini = tree::weakest_links(t, tree::node_costs(t, PruneCost::impurity));
  REQUIRE(by_gini.trees.size() == 3);
  CHECK(by_gini.trees[1].alpha == Approx(1.0 / 12));
  CHECK(by_gini.trees[2].alpha == Approx(0.25));
  CHECK(by_gini.trees[1].leaves == 2);
  CHECK(tree::cut(t, by_gini.stops(1)).feature == std::vector<int>{0, -1, -1});
  CHECK(tree::cut(t, by_gini.stops(0)).feature == t.feature);
}

TEST_CASE("prune: in the nested sequence alpha and cost rise, leaves fall, and each tree is a part of the one before") {
  for (const int K : {0, 2, 4})
    for (const PruneCost cost : {PruneCost::impurity, PruneCost::error}) {
      const Sample s = random_table({600, 3, 1, K, 0, 5, 0.05, K == 4}, 61);
      const TreeNodes t =
          tree::grow(problem_of(s, K == 0 ? Criterion::squared_error : Criterion::entropy), {}, Context(0, 1));
      const tree::Sequence q = tree::weakest_links(t, tree::node_costs(t, cost));
      REQUIRE(q.trees.size() > 5);
      CHECK(q.trees.back().leaves == 1);
      for (size_t k = 0; k < q.trees.size(); ++k) {
        const TreeNodes now = tree::cut(t, q.stops(static_cast<int>(k)));
        REQUIRE(now.leaves() == q.trees[k].leaves);
        double R = 0;
        const std::vector<double> node = tree::node_costs(now, cost);
        for (int i = 0; i < now.size(); ++i)
          if (now.leaf(i)) R += node[static_cast<size_t>(i)];
        REQUIRE(q.trees[k].cost == Approx(R).epsilon(1e-12).margin(1e-15));
        if (k == 0) continue;
        REQUIRE(q.trees[k].alpha > q.trees[k - 1].alpha);
        REQUIRE(q.trees[k].leaves < q.trees[k - 1].leaves);
        REQUIRE(q.trees[k].cost >= q.trees[k - 1].cost);
        REQUIRE_FALSE(tree::kept_nodes(now, tree::cut(t, q.stops(static_cast<int>(k) - 1))).empty());
      }
    }
}

TEST_CASE("prune: for every alpha the tree is the smallest of all subtrees of least R + alpha |T|") {
  for (uint64_t seed = 1; seed <= 40; ++seed)
    for (const int K : {0, 2, 3})
      for (const PruneCost cost : {PruneCost::impurity, PruneCost::error}) {
        const TreeNodes t = small_tree(seed, K);
        if (t.leaves() > 9) continue;
        const std::vector<double> R = tree::node_costs(t, cost);
        const tree::Sequence q = tree::weakest_links(t, R);
        const std::vector<Shape> all = subtrees(t, R, 0);
        std::vector<double> alphas{0, 1};
        for (size_t k = 0; k < q.trees.size(); ++k) {
          alphas.push_back(q.trees[k].alpha);
          if (k > 0) alphas.push_back((q.trees[k].alpha + q.trees[k - 1].alpha) / 2);
        }
        for (const double alpha : alphas) {
          double least = std::numeric_limits<double>::infinity();
          for (const Shape& shape : all) least = std::min(least, shape.cost + alpha * shape.leaves);
          int smallest = t.leaves();
          for (const Shape& shape : all)
            if (shape.cost + alpha * shape.leaves <= least + 1e-11 * R[0]) smallest = std::min(smallest, shape.leaves);
          INFO("seed " << seed << " K " << K << " alpha " << alpha);
          const Pruning::Subtree& chosen = q.trees[static_cast<size_t>(q.at(alpha))];
          REQUIRE(chosen.cost + alpha * chosen.leaves == Approx(least).epsilon(1e-11).margin(1e-14));
          REQUIRE(chosen.leaves == smallest);
        }
      }
}

TEST_CASE("prune: scikit-learn's alphas and impurities on diabetes") {
  const auto file = golden("tree_diabetes.json");
  const Sample s = numbers_of("diabetes", {}, true);
  TreeParams p;
  p.min_leaf = file["min_samples_leaf"];
  const TreeNodes t = fit(s, p).nodes;
  const tree::Sequence q = tree::weakest_links(t, tree::node_costs(t, PruneCost::impurity));
  const auto& alphas = file["pruning"]["alphas"];
  const auto& impurities = file["pruning"]["impurities"];
  std::vector<double> alpha, cost;  // those closer than 1e-10 are one step
  for (size_t k = 0; k < alphas.size(); ++k) {
    if (!alpha.empty() && alphas[k].get<double>() <= alpha.back() * (1 + 1e-10) + 1e-10) {
      cost.back() = impurities[k];
      continue;
    }
    alpha.push_back(alphas[k]);
    cost.push_back(impurities[k]);
  }
  // R(T) of ours is a share of the root's weight, as theirs.
  REQUIRE(q.trees.size() == alpha.size());
  for (size_t k = 0; k < alpha.size(); ++k) {
    REQUIRE(q.trees[k].alpha == Approx(alpha[k]).epsilon(1e-10).margin(1e-12));
    REQUIRE(q.trees[k].cost == Approx(cost[k]).epsilon(1e-10));
  }
}

TEST_CASE("prune: ccp-alpha beyond the last weakest link leaves the root, and 0 keeps what lowers the cost") {
  const Sample s = random_table({200, 3, 0, 3, 0, 4, 0, false}, 71);
  TreeParams p;
  p.ccp_alpha = 1;
  CHECK(fit(s, p).nodes.size() == 1);
  p.ccp_alpha = 0;
  const TreeModel m = fit(s, p);
  require_equal(m.nodes, fit(s, {}).nodes);
  REQUIRE(m.pruning);
  CHECK_FALSE(m.pruning->cross_validated);
  const double alpha = m.pruning->sequence[m.pruning->sequence.size() / 2].alpha;
  p.ccp_alpha = alpha;
  CHECK(fit(s, p).nodes.leaves() == m.pruning->sequence[m.pruning->sequence.size() / 2].leaves);
}

TEST_CASE("prune: rules choose the least held-out cost, and the smallest tree within one standard error of it") {
  const std::vector<Pruning::Subtree> trees{{0, 9, 0, 5, 1},   {1, 7, 0, 3, 1},   {2, 5, 0, 3, 0.5},
                                            {3, 3, 0, 3.5, 1}, {4, 2, 0, 3.6, 1}, {5, 1, 0, 8, 1}};
  CHECK(tree::choose_tree(trees, PruneRule::min) == 2);  // of equal ones the smaller tree
  CHECK(tree::choose_tree(trees, PruneRule::one_se) == 3);
}

TEST_CASE("prune: the held-out cost of each tree is that of trees of the other folds pruned at the middle alpha") {
  for (const int K : {0, 3}) {
    const Sample s = random_table({150, 3, 1, K, 0, 4, 0.05, true}, 81);
    TreeParams params;
    params.prune = Prune::cost_complexity;
    params.prune_folds = 4;
    const Context ctx(5, 1);
    const TreeModel m = Tree::fit(params, s.x, s.y, ctx);
    REQUIRE(m.pruning);
    REQUIRE(m.pruning->cross_validated);
    const std::vector<Pruning::Subtree>& trees = m.pruning->sequence;
    const tree::Problem p = problem_of(s, K == 0 ? Criterion::squared_error : Criterion::gini);
    for (size_t k = 0; k < trees.size(); k += 3) {
      const double middle = k + 1 < trees.size() ? std::sqrt(trees[k].alpha * trees[k + 1].alpha) : 1e300;
      double sum = 0, W = 0;
      for (const Fold& fold : make_folds(s.x, s.y, 4, 1, ctx.child("prune", 0))) {
        const TreeNodes grown = tree::grow_on(fold.train, p, {}, ctx);
        const tree::Sequence q = tree::weakest_links(grown, tree::node_costs(grown, PruneCost::impurity));
        TreeModel pruned = m;
        pruned.nodes = tree::cut(grown, q.stops(q.at(middle)));
        const Vector answer = pruned.predict(s.x, ctx);
        for (const int row : fold.test) {
          const double w = s.x.weight[row];
          const double off = K == 0 ? answer[row] - s.y.value[row] : answer[row] != s.y.code[static_cast<size_t>(row)];
          sum += w * off * off;
          W += w;
        }
      }
      REQUIRE(trees[k].held_out == Approx(sum / W).epsilon(1e-10));
    }
    const int k = tree::choose_tree(trees, PruneRule::one_se);
    CHECK(m.nodes.leaves() == trees[static_cast<size_t>(k)].leaves);
    CHECK(m.pruning->alpha == trees[static_cast<size_t>(k)].alpha);
  }
}

TEST_CASE("prune: for classes without weights the standard error is Breiman's sqrt(R (1 - R) / n)") {
  const Sample s = random_table({200, 3, 0, 2, 0, 4, 0, false}, 91);
  TreeParams params;
  params.prune = Prune::cost_complexity;
  const TreeModel model = fit(s, params);
  for (const Pruning::Subtree& t : model.pruning->sequence)
    REQUIRE(t.standard_error == Approx(std::sqrt(t.held_out * (1 - t.held_out) / 200)).epsilon(1e-9).margin(1e-12));
}

TEST_CASE("prune: where the classes are drawn by chance nothing is left, and a clear step stays alone") {
  Rng rng(3);
  std::vector<double> x, z;
  std::vector<int> noise, step;
  for (int i = 0; i < 300; ++i) {
    x.push_back(rng.uniform());
    z.push_back(rng.uniform());
    noise.push_back(rng.uniform() < 0.7);
    step.push_back((rng.uniform() < 0.1) != (x.back() > 0.5));
  }
  Sample s;
  s.x.columns = {{"x", {}}, {"z", {}}};
  s.x.X = by_columns({x, z});
  TreeParams params;
  params.prune = Prune::cost_complexity;
  s.y = classes_of(noise, 2);
  CHECK(fit(s, params).nodes.size() == 1);
  s.y = classes_of(step, 2);
  const TreeModel m = fit(s, params);
  CHECK(m.nodes.size() == 3);
  CHECK(m.nodes.threshold[0] == Approx(0.5).margin(0.05));
  params.prune = Prune::reduced_error;
  CHECK(fit(s, params).nodes.leaves() < m.pruning->grown.leaves() / 4);
}

TEST_CASE("prune: reduced-error leaves the smallest subtree of least held-out cost, among all subtrees") {
  for (uint64_t seed = 1; seed <= 40; ++seed)
    for (const int K : {0, 2, 3}) {
      const TreeNodes t = small_tree(seed, K, 0);
      if (t.leaves() > 9) continue;
      const Sample held = random_table({40, 2, 1, K, seed % 2 ? 4 : 0, 4, 0.1, false}, seed + 1000);
      const tree::Problem p = problem_of(held, K == 0 ? Criterion::squared_error : Criterion::gini);
      double before = 0, after = 0;
      const std::vector<bool> stop = tree::reduce_error(p, t, all_rows(held), before, after);
      TreeModel m;
      m.task = K == 0 ? Task::regression : Task::classification;
      m.categorical = {false, false, true};
      const auto cost_of = [&](const TreeNodes& nodes) {
        m.nodes = nodes;
        const std::vector<int> leaf = m.apply(held.x, Context(0, 1));
        double sum = 0;
        for (int i = 0; i < 40; ++i) sum += tree::loss(p, nodes, leaf[static_cast<size_t>(i)], i) / 40;
        return sum;
      };
      REQUIRE(before == Approx(cost_of(t)).margin(1e-14));
      REQUIRE(after == Approx(cost_of(tree::cut(t, stop))).margin(1e-14));
      double least = before;
      int smallest = t.leaves();
      const std::vector<double> R(t.feature.size(), 0.0);
      for (const Shape& shape : subtrees(t, R, 0)) {
        const double cost = cost_of(tree::cut(t, shape.stop));
        if (cost < least - 1e-12) least = cost, smallest = t.leaves();
        if (cost < least + 1e-12) smallest = std::min(smallest, shape.leaves);
      }
      REQUIRE(after == Approx(least).margin(1e-12));
      REQUIRE(tree::cut(t, stop).leaves() == smallest);
    }
}

TEST_CASE("prune: threads, a watcher and a second run change nothing", "[parallel]") {
  const Sample s = random_table({500, 4, 1, 3, 0, 5, 0.1, false}, 101);
  for (const Prune method : {Prune::cost_complexity, Prune::reduced_error}) {
    TreeParams params;
    params.prune = method;
    const TreeModel one = Tree::fit(params, s.x, s.y, Context(4, 1)),
                    seven = Tree::fit(params, s.x, s.y, Context(4, 7));
    require_equal(one.nodes, seven.nodes);
    require_equal(one.pruning->grown, seven.pruning->grown);
    CHECK(one.nodes.leaves() < one.pruning->grown.leaves());
    const std::vector<bool> kept = tree::kept_nodes(one.nodes, one.pruning->grown);
    CHECK(std::count(kept.begin(), kept.end(), true) == one.nodes.size());
  }
}

TEST_CASE("prune: one row, and weights that leave one row, are a single leaf") {
  Sample s;
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({{1, 2, 3}});
  s.y = classes_of({0, 1, 1}, 2);
  s.x.weight = (Vector(3) << 0, 1, 0).finished();
  for (const Prune method : {Prune::cost_complexity, Prune::reduced_error}) {
    TreeParams params;
    params.prune = method;
    CHECK(fit(s, params).nodes.size() == 1);
  }
}

TEST_CASE("prune: a pruned model says so") {
  const Sample s = random_table({300, 3, 2, 3, 0, 5, 0.1, false}, 77);
  TreeParams params;
  params.prune = Prune::cost_complexity;
  const TreeModel m = fit(s, params);
  const Explanation e = m.explain(s.x.columns, s.y);
  CHECK(e.sentences.back().find("It was pruned from " + std::to_string(m.pruning->grown.leaves()) + " leaves to ") ==
        0);
  CHECK(e.tables.size() == 1);
  REQUIRE(e.curves.size() == 3);
  CHECK(e.curves[0].title == "held-out error");
  CHECK(e.curves[0].cursor == std::log10(m.pruning->alpha));
  params.prune = Prune::reduced_error;
  CHECK(fit(s, params).explain(s.x.columns, s.y).sentences.back().find("rows held out") != std::string::npos);
}
