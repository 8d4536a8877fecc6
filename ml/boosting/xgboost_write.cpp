// ml/boosting/xgboost_write.cpp: trees as XGBoost's JSON.
// Method     1 what the trees add up to: output of each tree, what its leaves are multiplied by, the start   2 conditions and leaves in
//            float32   3 the JSON
#include <charconv>
#include <cmath>
#include <limits>

#include "assay/core/error.h"
#include "assay/core/json.h"
#include "assay/core/text.h"
#include "assay/ml/boosting/gbdt.h"
#include "assay/ml/boosting/xgboost_model.h"
#include "assay/ml/ensemble/forest.h"
#include "assay/ml/tree/tree.h"

namespace assay {
namespace {

/// Trees and what they add up to.
struct Sum {
  std::string objective = "reg:squarederror";
  int outputs = 1;            ///< more than one: tree t adds to output `output[t]`
  double base_score = 0;      ///< in output space
  std::vector<double> first;  ///< added to the leaves of each output's first tree
  std::vector<const TreeNodes*> trees;
  std::vector<int> output;                       ///< of each tree
  std::vector<int> of_value;                     ///< which of a node's values it answers with
  std::vector<const std::vector<double>*> gain;  ///< null: not known
  double scale = 1;
};

/// A start that base_score cannot hold to float32 is added to leaves instead.
void set_start(Sum& sum, const GbdtModel& m) {
  sum.first.assign(m.base.size(), 0);
  const double F = m.base[0];
  const auto held = [&](double output, double back) {
    return std::isfinite(output) && std::abs(back - F) <= 1e-7 * std::max(1.0, std::abs(F));
  };
  if (m.loss == BoostLoss::logistic) {
    const float p = static_cast<float>(1 / (1 + std::exp(-F)));
    sum.base_score = 0.5;
    if (p > 0 && p < 1 && held(static_cast<double>(p), std::log(static_cast<double>(p) / (1 - static_cast<double>(p)))))
      sum.base_score = static_cast<double>(p);
    else
      sum.first[0] = F;
  } else if (m.loss == BoostLoss::poisson) {
    const float mean = static_cast<float>(std::exp(F));
    sum.base_score = 1;
    if (mean > 0 && held(static_cast<double>(mean), std::log(static_cast<double>(mean))))
      sum.base_score = static_cast<double>(mean);
    else
      sum.first[0] = F;
  } else if (m.loss == BoostLoss::multinomial) {
    sum.first = m.base;
  } else {
    sum.base_score = F;
  }
}

Sum sum_of(const GbdtModel& m) {
  Sum sum;
  sum.outputs = m.K();
  if (m.loss == BoostLoss::logistic) sum.objective = "binary:logistic";
  if (m.loss == BoostLoss::multinomial) sum.objective = "multi:softprob";
  if (m.loss == BoostLoss::poisson) sum.objective = "count:poisson";
  set_start(sum, m);
  for (size_t t = 0; t < m.trees.size(); ++t) {
    sum.trees.push_back(&m.trees[t].nodes);
    sum.gain.push_back(&m.trees[t].gain);
    sum.output.push_back(static_cast<int>(t) % m.K());
    sum.of_value.push_back(0);
  }
  return sum;
}

/// The mean answer of some trees of class shares or of values.
Sum sum_of(const std::vector<const TreeNodes*>& trees, const Target& target) {
  Sum sum;
  const int K = target.K();
  sum.outputs = K > 2 ? K : 1;
  if (K > 2) sum.objective = "multi:softprob";
  sum.scale = 1 / static_cast<double>(trees.size());
  sum.first.assign(static_cast<size_t>(sum.outputs), 0);
  for (const TreeNodes* tree : trees)
    for (int k = 0; k < sum.outputs; ++k) {
      sum.trees.push_back(tree);
      sum.gain.push_back(nullptr);
      sum.output.push_back(k);
      sum.of_value.push_back(K == 2 ? 1 : k);
    }
  return sum;
}

/// The nodes level by level: a right child stands behind its left one, which XGBoost's predictor takes for granted.
std::vector<size_t> paired_order(const TreeNodes& nodes) {
  std::vector<size_t> order{0};
  for (size_t j = 0; j < order.size(); ++j) {
    const size_t i = order[j];
    if (nodes.feature[i] < 0) continue;
    order.push_back(static_cast<size_t>(nodes.left[i]));
    order.push_back(static_cast<size_t>(nodes.right[i]));
  }
  return order;
}

Json tree_json(const Sum& sum, size_t t, int columns) {
  const TreeNodes& nodes = *sum.trees[t];
  const size_t size = nodes.feature.size(), outputs = static_cast<size_t>(nodes.outputs);
  if (!nodes.level.empty())
    throw UsageError("a split by levels has no form in XGBoost's format here",
                     "train on columns of numbers: --numeric, or encode the text");
  const double shift = t < static_cast<size_t>(sum.outputs) ? sum.first[static_cast<size_t>(sum.output[t])] : 0;
  const std::vector<size_t> order = paired_order(nodes);
  std::vector<int> place(size);
  for (size_t j = 0; j < size; ++j) place[order[j]] = static_cast<int>(j);
  std::vector<int> left(size, -1), right(size, -1), parents(size, std::numeric_limits<int>::max()), feature,
      default_left;
  std::vector<double> condition, weight, gain, cover;
  for (size_t j = 0; j < size; ++j) {
    const size_t i = order[j];
    const bool leaf = nodes.feature[i] < 0;
    const double answer = nodes.value[i * outputs + static_cast<size_t>(sum.of_value[t])] * sum.scale + shift;
    weight.push_back(static_cast<double>(static_cast<float>(answer)));
    condition.push_back(leaf ? weight.back() : static_cast<double>(xgboost_condition(nodes.threshold[i])));
    feature.push_back(leaf ? 0 : nodes.feature[i]);
    default_left.push_back(!leaf && nodes.default_left[i]);
    gain.push_back(sum.gain[t] ? 2 * (*sum.gain[t])[i] : 0.0);
    cover.push_back(nodes.cover[i]);
    if (leaf) continue;
    left[j] = place[static_cast<size_t>(nodes.left[i])];
    right[j] = place[static_cast<size_t>(nodes.right[i])];
    parents[static_cast<size_t>(left[j])] = parents[static_cast<size_t>(right[j])] = static_cast<int>(j);
  }
  Json tree;
  tree["id"] = t;
  tree["tree_param"] = {{"num_deleted", "0"},
                        {"num_feature", std::to_string(columns)},
                        {"num_nodes", std::to_string(size)},
                        {"size_leaf_vector", "0"}};
  tree["left_children"] = left;
  tree["right_children"] = right;
  tree["parents"] = parents;
  tree["split_indices"] = feature;
  tree["split_conditions"] = condition;
  tree["split_type"] = std::vector<int>(size, 0);
  tree["default_left"] = default_left;
  tree["base_weights"] = weight;
  tree["loss_changes"] = gain;
  tree["sum_hessian"] = cover;
  for (const char* name : {"categories", "categories_nodes", "categories_segments", "categories_sizes"})
    tree[name] = Json::array();
  return tree;
}

/// As few digits as a float needs, "1.5213348E2": XGBoost's reader drops a number with more.
std::string number(double x) {
  char text[32];
  const std::to_chars_result end =
      std::to_chars(text, text + sizeof text, static_cast<float>(x), std::chars_format::scientific);
  const std::string all(text, end.ptr);
  const size_t e = all.find('e');
  return all.substr(0, e) + "E" + std::to_string(std::stoi(all.substr(e + 1)));
}

}  // namespace

float xgboost_condition(double threshold) {
  float f = static_cast<float>(threshold);
  if (static_cast<double>(f) > threshold) f = std::nextafterf(f, -std::numeric_limits<float>::infinity());
  const float next = std::nextafterf(f, std::numeric_limits<float>::infinity());
  return std::isfinite(next) ? next : std::numeric_limits<float>::max();
}

std::string write_xgboost_model(const Model& model) {
  Sum sum;
  std::vector<TreeNodes> unpacked;
  if (const auto* gbdt = dynamic_cast<const detail::ModelOf<GbdtModel>*>(model.model.get()))
    sum = sum_of(gbdt->inner());
  else if (const auto* tree = dynamic_cast<const detail::ModelOf<TreeModel>*>(model.model.get()))
    sum = sum_of({&tree->inner().nodes}, model.target);
  else if (const auto* forest = dynamic_cast<const detail::ModelOf<ForestModel>*>(model.model.get())) {
    std::vector<const TreeNodes*> trees;
    unpacked.reserve(forest->inner().trees.size());
    for (const ensemble::PackedTree& packed : forest->inner().trees)
      trees.push_back(&unpacked.emplace_back(ensemble::unpack(packed, model.target.K(), forest->inner().categorical)));
    sum = sum_of(trees, model.target);
  } else
    throw UsageError(std::string(model.learner->name()) + " has no form in XGBoost's format",
                     "gbdt, forest and tree have");
  const std::vector<Column>& columns = model.pipeline.output_columns();
  const int d = static_cast<int>(columns.size());
  Json trees = Json::array();
  for (size_t t = 0; t < sum.trees.size(); ++t) trees.push_back(tree_json(sum, t, d));
  std::vector<std::string> names, types;
  for (const Column& c : columns) {
    names.push_back(c.name);
    types.emplace_back("float");
  }
  Json objective = {{"name", sum.objective}};
  if (sum.outputs > 1)
    objective["softmax_multiclass_param"] = {{"num_class", std::to_string(sum.outputs)}};
  else if (sum.objective == "count:poisson")
    objective["poisson_regression_param"] = {{"max_delta_step", "0.7"}};
  else
    objective["reg_loss_param"] = {{"scale_pos_weight", "1"}};
  Json attributes = Json::object();
  attributes["assay_target"] = model.target.name;
  if (!model.target.classes.empty()) attributes["assay_classes"] = Json(model.target.classes).dump();
  Json learner;
  learner["attributes"] = attributes;
  learner["feature_names"] = names;
  learner["feature_types"] = types;
  learner["gradient_booster"] = {
      {"model",
       {{"gbtree_model_param",
         {{"num_parallel_tree", "1"}, {"num_trees", std::to_string(sum.trees.size())}, {"size_leaf_vector", "0"}}},
        {"tree_info", sum.output},
        {"trees", trees}}},
      {"name", "gbtree"}};
  learner["learner_model_param"] = {{"base_score", number(sum.base_score)},
                                    {"num_class", sum.outputs > 1 ? std::to_string(sum.outputs) : "0"},
                                    {"num_feature", std::to_string(d)},
                                    {"num_target", "1"}};
  learner["objective"] = objective;
  return Json{{"learner", learner}, {"version", {1, 7, 4}}}.dump() + "\n";
}

}  // namespace assay
