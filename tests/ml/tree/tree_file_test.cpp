#include "assay/core/error.h"
#include "assay/core/json.h"
#include "assay/ml/tree/tree.h"
#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::test;

namespace {

Sample mixed(int K) { return random_table({300, 3, 2, K, 0, 5, 0.1, false}, 77); }

Json saved(const TreeModel& m) {
  Json json;
  ArchiveWriter out(&json);
  m.save(out);
  return json;
}

TreeModel loaded(const Json& json, const Sample& s) {
  const Json copy = parse_json(json.dump(), "m.json");
  return TreeModel::load(ArchiveReader(&copy, "model"), s.x.columns, s.y);
}

std::string refusal(const Json& json, const Sample& s) {
  try {
    loaded(json, s);
  } catch (const ModelError& e) {
    return e.what();
  }
  return "accepted";
}

bool says(const std::string& message, const std::string& part) {
  INFO(message);
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("tree file: save, load, predict gives the same bits") {
  for (const int K : {0, 2, 3}) {
    const Sample s = mixed(K);
    const TreeModel m = Tree::fit({}, s.x, s.y, Context(0, 1));
    const TreeModel again = loaded(saved(m), s);
    require_equal(m.nodes, again.nodes);
    CHECK(m.predict(s.x, Context(0, 1)) == again.predict(s.x, Context(0, 1)));
    if (K > 0) CHECK(m.predict_proba(s.x, Context(0, 1)) == again.predict_proba(s.x, Context(0, 1)));
    CHECK(saved(again) == saved(m));
  }
}

TEST_CASE("tree file: a pruned tree keeps its sequence and the tree before; a tree that is no part of it is refused") {
  const Sample s = mixed(3);
  for (const Prune method : {Prune::cost_complexity, Prune::reduced_error}) {
    TreeParams params;
    params.prune = method;
    const TreeModel m = Tree::fit(params, s.x, s.y, Context(0, 1));
    REQUIRE(m.pruning);
    const Json good = saved(m);
    const TreeModel again = loaded(good, s);
    require_equal(m.nodes, again.nodes);
    require_equal(m.pruning->grown, again.pruning->grown);
    CHECK(saved(again) == good);
    CHECK(again.explain(s.x.columns, s.y).sentences == m.explain(s.x.columns, s.y).sentences);
    Json bad = good;
    bad["pruning"]["grown"] = saved(Tree::fit({}, random_table({90, 3, 2, 3, 0, 5, 0, false}, 5).x,
                                              random_table({90, 3, 2, 3, 0, 5, 0, false}, 5).y, Context(0, 1)));
    CHECK(says(refusal(bad, s), "not a part of it"));
    bad = good;
    bad["pruning"]["method"] = "none";
    CHECK(says(refusal(bad, s), "method"));
    bad = good;
    bad["pruning"]["grown"]["left"][0] = 0;
    CHECK(says(refusal(bad, s), "greater than its parent's"));
    bad = good;
    bad["pruning"]["costs"].push_back(1);
    CHECK(says(refusal(bad, s), "costs"));
    if (method == Prune::reduced_error) continue;
    bad = good;
    bad["pruning"]["alphas"][0] = 1e9;
    CHECK(says(refusal(bad, s), "ascend"));
  }
}

TEST_CASE("tree file: a damaged or hostile tree is refused before anyone walks it") {
  const Sample s = mixed(3);
  const TreeModel m = Tree::fit({}, s.x, s.y, Context(0, 1));
  const Json good = saved(m);
  REQUIRE(refusal(good, s) == "accepted");
  size_t inner = 1, category = 0, numeric = 0, leaf = 0;  // an inner node below the root; nodes of each kind
  while (m.nodes.leaf(static_cast<int>(inner))) ++inner;
  for (size_t i = 0; i < m.nodes.feature.size(); ++i) {
    if (m.nodes.feature[i] < 0)
      leaf = i;
    else if (m.nodes.feature[i] >= 3)
      category = i;
    else
      numeric = i;
  }
  REQUIRE(m.nodes.level_begin[category] < m.nodes.level_begin[category + 1]);

  Json bad = good;
  bad["left"][inner] = 0;
  CHECK(says(refusal(bad, s), "a child's number must be greater than its parent's"));
  bad = good;
  bad["left"][inner] = inner;
  CHECK(says(refusal(bad, s), "greater than its parent's"));
  bad = good;
  bad["right"][0] = bad["left"][0];
  CHECK(says(refusal(bad, s), "two nodes lead to it"));
  bad = good;
  bad["feature"][inner] = -1;
  CHECK(says(refusal(bad, s), "a leaf has no children"));
  bad["left"][inner] = -1;
  bad["right"][inner] = -1;
  CHECK(says(refusal(bad, s), "no node leads to it"));
  bad = good;
  bad["left"][0] = m.nodes.size();
  CHECK(says(refusal(bad, s), "left"));
  bad = good;
  bad["feature"][numeric] = 5;
  CHECK(says(refusal(bad, s), "feature"));
  bad = good;
  bad["feature"][category] = 0;
  CHECK(says(refusal(bad, s), "levels where the column has none"));
  bad = good;
  bad["level"][static_cast<size_t>(m.nodes.level_begin[category])] = 5;
  CHECK(says(refusal(bad, s), "level"));
  bad = good;
  bad["level-begin"][1] = 1000000;
  CHECK(says(refusal(bad, s), "level-begin"));
  bad = good;
  bad["threshold"].erase(0);
  CHECK(says(refusal(bad, s), "threshold"));
  bad = good;
  bad["threshold"][numeric] = nullptr;
  CHECK(says(refusal(bad, s), "threshold"));
  bad = good;
  bad["value"][3 * leaf] = 0.5;
  bad["value"][3 * leaf + 1] = 0.6;
  CHECK(says(refusal(bad, s), "sum to 1"));
  bad = good;
  bad["value"].push_back(0);
  CHECK(says(refusal(bad, s), "value"));
  bad = good;
  bad["cover"][0] = -1;
  CHECK(says(refusal(bad, s), "cover"));
  bad = good;
  bad["criterion"] = "squared-error";
  CHECK(says(refusal(bad, s), "criterion"));
  bad = good;
  bad["criterion"] = "auto";
  CHECK(says(refusal(bad, s), "criterion"));
  for (const char* name : {"feature", "threshold", "left", "right", "default-left", "value", "cover", "impurity",
                           "rows", "level-begin", "level", "criterion"}) {
    bad = good;
    bad.erase(name);
    CHECK(says(refusal(bad, s), name));
    bad = good;
    bad[name] = "text";
    CHECK(says(refusal(bad, s), name));
  }
  for (const char* name : {"feature", "left", "right", "threshold", "value"}) {
    bad = good;
    bad[name] = Json::array();
    CHECK(refusal(bad, s) != "accepted");
  }
}

TEST_CASE("tree file: a tree of one long chain is loaded and walked without recursion") {
  const int depth = 200000;
  TreeModel m;
  m.task = Task::regression;
  m.criterion = Criterion::squared_error;
  m.categorical = {false};
  TreeNodes& t = m.nodes;
  for (int i = 0; i < 2 * depth + 1; ++i) {
    const bool inner = i % 2 == 0 && i < 2 * depth;
    t.feature.push_back(inner ? 0 : -1);
    t.threshold.push_back(inner ? i : 0);
    t.left.push_back(inner ? i + 1 : -1);
    t.right.push_back(inner ? i + 2 : -1);
    t.default_left.push_back(false);
    t.value.push_back(i);
    t.cover.push_back(1);
    t.impurity.push_back(0);
    t.rows.push_back(1);
    t.level_begin.push_back(0);
  }
  Sample s;
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({{1e9}});
  s.y = values_of({0});
  const TreeModel again = loaded(saved(m), s);
  CHECK(again.predict(s.x, Context(0, 1))[0] == 2 * depth);
  CHECK(again.nodes.depth() == depth);
  CHECK(again.explain(s.x.columns, s.y).rules.size() == 201);
}
