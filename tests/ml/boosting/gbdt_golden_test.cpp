// Against XGBoost's exact search, node by node, and scikit-learn's gradient boosting, stage by stage.
#include "tests/ml/boosting/boosting_support.h"

using namespace assay;
using namespace assay::boosting;
using namespace assay::test;

namespace {

Sample table_of(const nlohmann::json& c) {
  const std::string objective = c["params"]["objective"];
  Sample s = float_table(c["table"], c["missing"]);
  if (objective == "count:poisson")
    for (Index i = 0; i < s.y.value.size(); ++i) s.y.value[i] = std::floor(s.y.value[i] / 25);
  return s;
}

GbdtParams params_of(const nlohmann::json& c) {
  const nlohmann::json& q = c["params"];
  GbdtParams p;
  p.tree_method = TreeMethod::exact;
  p.max_depth = 4;
  p.trees = 8;
  p.eta = 0.3;
  p.lambda = q["lambda"];
  p.alpha = q["alpha"];
  p.gamma = q["gamma"].get<double>() / 2;
  p.min_child_weight = q["min_child_weight"];
  p.base_score = 0.5;
  if (q["objective"] == "count:poisson") p.objective = BoostLoss::poisson;
  return p;
}

bool saw_missing(const Sample& s, const std::vector<int>& rows, int f) {
  return std::any_of(rows.begin(), rows.end(), [&](int i) { return std::isnan(s.x.cols()(i, f)); });
}

}  // namespace

TEST_CASE("gbdt: the exact search grows XGBoost's trees, node by node") {
  int nodes_compared = 0;
  const nlohmann::json file = golden("boosting_xgboost.json");
  for (const nlohmann::json& c : file["cases"]) {
    const Sample s = table_of(c);
    const GbdtModel m = Gbdt::fit(params_of(c), s.x, s.y, Context(0, 1));
    REQUIRE(m.trees.size() == c["trees"].size());
    for (size_t t = 0; t < m.trees.size(); ++t) {
      const nlohmann::json& peer = c["trees"][t];
      const TreeNodes& nodes = m.trees[t].nodes;
      const std::vector<std::vector<int>> rows = rows_by_node(s, nodes);
      std::vector<std::pair<int, int>> open{{0, 0}};
      while (!open.empty()) {
        const auto [a, b] = open.back();
        open.pop_back();
        ++nodes_compared;
        const size_t i = static_cast<size_t>(a), j = static_cast<size_t>(b);
        INFO(c["table"] << " " << c["params"]["objective"] << " tree " << t << ", node " << a << " (" << b << ")");
        REQUIRE(nodes.leaf(a) == (peer["left"][j] == -1));
        CHECK(nodes.cover[i] == Approx(peer["hessian"][j].get<double>()).epsilon(1e-5));
        const double condition = peer["condition"][j];
        if (nodes.leaf(a)) {
          CHECK(std::abs(nodes.value[i] - condition) <= std::max(1e-6, 1e-5 * std::abs(condition)));
          continue;
        }
        REQUIRE(nodes.feature[i] == peer["feature"][j]);
        const std::vector<int>& right = rows[static_cast<size_t>(nodes.right[i])];
        const bool apart =
            std::all_of(right.begin(), right.end(), [&](int r) { return std::isnan(s.x.cols()(r, nodes.feature[i])); });
        if (apart)  // the present rows against the missing ones: any threshold from the greatest value on
          CHECK(condition >= nodes.threshold[i]);
        else
          CHECK(nodes.threshold[i] == Approx(condition).epsilon(1e-6).margin(1e-12));
        CHECK(2 * m.trees[t].gain[i] == Approx(peer["gain"][j].get<double>()).epsilon(1e-3));
        if (saw_missing(s, rows[i], nodes.feature[i])) CHECK(nodes.default_left[i] == (peer["default_left"][j] == 1));
        open.emplace_back(nodes.left[i], peer["left"][j].get<int>());
        open.emplace_back(nodes.right[i], peer["right"][j].get<int>());
      }
    }
  }
  CHECK(nodes_compared > 1000);
}

TEST_CASE("gbdt: first-order boosting on squared error predicts as scikit-learn's, stage by stage") {
  const Sample s = numbers_of("diabetes", {}, true);
  const nlohmann::json file = golden("boosting_sklearn.json");
  for (const auto& [stage, expected] : file["stages"].items()) {
    GbdtParams p;
    p.order = BoostOrder::first;
    p.trees = std::stoi(stage);
    p.eta = 0.1;
    p.max_depth = 3;
    p.min_leaf = 5;
    const Vector answer = Gbdt::fit(p, s.x, s.y, Context(0, 1)).predict(s.x, Context(0, 1));
    for (Index i = 0; i < answer.size(); ++i)
      REQUIRE(answer[i] == Approx(expected[static_cast<size_t>(i)].get<double>()).epsilon(1e-9));
  }
}
