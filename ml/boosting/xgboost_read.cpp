// ml/boosting/xgboost_read.cpp: XGBoost's JSON as a gbdt model. What is read is hostile until checked.
// Method     1 head: objective, number of outputs and columns, start   2 each tree: arrays of equal length, then a walk from the root
//            that numbers the nodes depth first and reaches each once   3 trees in the order of the rounds
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/core/error.h"
#include "assay/core/json.h"
#include "assay/core/text.h"
#include "assay/ml/boosting/gbdt.h"
#include "assay/ml/boosting/xgboost_model.h"

namespace assay {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();

struct Head {
  BoostLoss loss = BoostLoss::squared;
  int outputs = 1, columns = 0;
  double base_score = 0.5;
};

/// A number that is written as a string: "5E-1", or "[5E-1]" in newer files.
double number_in(const ArchiveReader& in, const char* name) {
  std::string text(trim(in.text(name)));
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const auto value = parse_double(text);
  if (!value || !std::isfinite(*value)) in.fail(std::string(name) + ": " + quoted(text) + " is not a number");
  return *value;
}

int count_in(const ArchiveReader& in, const char* name, int least) {
  const double value = number_in(in, name);
  if (value < least || value > kMost || value != std::floor(value))
    in.fail(std::string(name) + " must be a whole number of at least " + std::to_string(least));
  return static_cast<int>(value);
}

Head read_head(const ArchiveReader& learner, const InputBudget& budget) {
  static const std::pair<const char*, BoostLoss> kObjectives[] = {
      {"reg:squarederror", BoostLoss::squared},   {"reg:linear", BoostLoss::squared},
      {"reg:absoluteerror", BoostLoss::absolute}, {"count:poisson", BoostLoss::poisson},
      {"binary:logistic", BoostLoss::logistic},   {"multi:softprob", BoostLoss::multinomial},
      {"multi:softmax", BoostLoss::multinomial}};
  Head head;
  const ArchiveReader objective = learner.object("objective");
  const std::string name = objective.text("name");
  std::vector<std::string> known;
  bool found = false;
  for (const auto& [word, loss] : kObjectives) {
    known.emplace_back(word);
    if (name != word) continue;
    head.loss = loss;
    found = true;
  }
  if (!found) objective.fail("objective " + quoted(name) + " is not read; there are: " + join(known, ", "));
  const ArchiveReader param = learner.object("learner_model_param");
  head.base_score = number_in(param, "base_score");
  head.columns = count_in(param, "num_feature", 1);
  if (static_cast<uint64_t>(head.columns) > budget.columns) param.fail("num_feature is above the budget of columns");
  const int classes = count_in(param, "num_class", 0);
  head.outputs = head.loss == BoostLoss::multinomial ? classes : 1;
  if (head.loss == BoostLoss::multinomial ? classes < 2 : classes > 1)
    param.fail("num_class does not fit the objective");
  if (head.loss == BoostLoss::logistic && !(head.base_score > 0 && head.base_score < 1))
    param.fail("base_score must be in (0, 1)");
  if (head.loss == BoostLoss::poisson && !(head.base_score > 0)) param.fail("base_score must be > 0");
  return head;
}

/// The arrays of one tree, all of one length.
struct Raw {
  std::vector<int> left, right, feature, default_left;
  std::vector<double> condition, hessian, gain;
};

Raw read_arrays(const ArchiveReader& in, int columns) {
  Raw raw;
  raw.left = in.integers("left_children", -1, kMost);
  const size_t size = raw.left.size();
  if (size == 0 || size > static_cast<size_t>(kMost)) in.fail("a tree has at least one node");
  const auto same = [&](const char* name, size_t other) {
    if (other != size)
      in.fail(std::string(name) + " has " + std::to_string(other) + " entries, " + std::to_string(size) + " expected");
  };
  raw.right = in.integers("right_children", -1, kMost);
  raw.feature = in.integers("split_indices", 0, kMost);
  raw.default_left = in.integers("default_left", 0, 1);
  raw.condition = in.numbers("split_conditions");
  raw.hessian = in.numbers("sum_hessian");
  raw.gain = in.numbers("loss_changes");
  same("right_children", raw.right.size());
  same("split_indices", raw.feature.size());
  same("default_left", raw.default_left.size());
  same("split_conditions", raw.condition.size());
  same("sum_hessian", raw.hessian.size());
  same("loss_changes", raw.gain.size());
  if (in.has("split_type"))
    for (const int type : in.integers("split_type", 0, 1))
      if (type == 1) in.fail("splits by categories are not read; train on columns of numbers");
  for (size_t i = 0; i < size; ++i) {
    if ((raw.left[i] < 0) != (raw.right[i] < 0)) in.fail("node " + std::to_string(i) + " has one child");
    if (raw.left[i] >= 0 && raw.feature[i] >= columns)
      in.fail("node " + std::to_string(i) + ": a column the model does not have");
    if (!(std::abs(raw.condition[i]) <= static_cast<double>(std::numeric_limits<float>::max())))
      in.fail("node " + std::to_string(i) + ": split_conditions must be finite float32 numbers");
  }
  return raw;
}

boosting::BoostTree read_tree(const ArchiveReader& in, int columns) {
  const Raw raw = read_arrays(in, columns);
  boosting::BoostTree tree;
  TreeNodes& out = tree.nodes;
  std::vector<bool> reached(raw.left.size(), false);
  struct Visit {
    int node, parent;
    bool is_left;
  };
  std::vector<Visit> open{{0, -1, false}};
  while (!open.empty()) {
    const Visit at = open.back();
    open.pop_back();
    if (static_cast<size_t>(at.node) >= raw.left.size()) in.fail("a child's number is beyond the last node");
    const size_t i = static_cast<size_t>(at.node);
    if (reached[i]) in.fail("two nodes lead to node " + std::to_string(at.node));
    reached[i] = true;
    const int id = out.size();
    const bool leaf = raw.left[i] < 0;
    if (at.parent >= 0) (at.is_left ? out.left : out.right)[static_cast<size_t>(at.parent)] = id;
    const float condition = static_cast<float>(raw.condition[i]);
    out.feature.push_back(leaf ? -1 : raw.feature[i]);
    out.threshold.push_back(leaf ? 0 : threshold_of_condition(condition));
    out.left.push_back(-1);
    out.right.push_back(-1);
    out.default_left.push_back(!leaf && raw.default_left[i] == 1);
    out.value.push_back(leaf ? static_cast<double>(condition) : 0);
    out.cover.push_back(std::max(0.0, raw.hessian[i]));
    out.rows.push_back(1);  // not in the file
    out.level_begin.push_back(0);
    tree.gain.push_back(leaf ? 0 : std::max(0.0, raw.gain[i] / 2));
    if (leaf) continue;
    open.push_back({raw.right[i], id, false});
    open.push_back({raw.left[i], id, true});
  }
  return tree;
}

/// Round by round, in each the outputs in order: several trees of one output in a round (num_parallel_tree) are rounds of their own.
void read_trees(const ArchiveReader& learner, const Head& head, GbdtModel& m) {
  const ArchiveReader booster = learner.object("gradient_booster");
  if (booster.text("name") != "gbtree")
    booster.fail("only the booster gbtree is read, not " + quoted(booster.text("name")));
  const ArchiveReader model = booster.object("model");
  const std::vector<ArchiveReader> trees = model.objects("trees");
  if (count_in(model.object("gbtree_model_param"), "num_trees", 1) != static_cast<int>(trees.size()))
    model.fail("num_trees is not the number of trees");
  const std::vector<int> info = model.integers("tree_info", 0, head.outputs - 1);
  if (info.size() != trees.size())
    model.fail("tree_info has " + std::to_string(info.size()) + " entries, one a tree expected");
  std::vector<std::vector<size_t>> of_output(static_cast<size_t>(head.outputs));
  for (size_t t = 0; t < trees.size(); ++t) of_output[static_cast<size_t>(info[t])].push_back(t);
  for (const std::vector<size_t>& own : of_output)
    if (own.size() != of_output[0].size()) model.fail("tree_info: every class must have equally many trees");
  for (size_t round = 0; round < of_output[0].size(); ++round)
    for (const std::vector<size_t>& own : of_output) m.trees.push_back(read_tree(trees[own[round]], head.columns));
}

std::vector<Column> read_columns(const ArchiveReader& learner, const Head& head) {
  std::vector<std::string> names;
  if (learner.has("feature_names")) names = learner.texts("feature_names");
  if (!names.empty() && names.size() != static_cast<size_t>(head.columns))
    learner.fail("feature_names must name every column");
  std::vector<Column> columns;
  for (int f = 0; f < head.columns; ++f)
    columns.push_back({names.empty() ? "f" + std::to_string(f) : names[static_cast<size_t>(f)], {}});
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) learner.fail("feature_names must differ");
  return columns;
}

Target read_target(const ArchiveReader& learner, const Head& head, const std::string& file) {
  Target target;
  target.name = "target";
  const int classes = head.loss == BoostLoss::logistic ? 2 : head.outputs > 1 ? head.outputs : 0;
  for (int k = 0; k < classes; ++k) target.classes.push_back(std::to_string(k));
  if (!learner.has("attributes")) return target;
  const ArchiveReader attributes = learner.object("attributes");
  if (attributes.has("assay_target")) target.name = attributes.text("assay_target");
  if (classes == 0 || !attributes.has("assay_classes")) return target;
  const Json names = Json{{"classes", parse_json(attributes.text("assay_classes"), file, 2)}};
  const std::vector<std::string> read = ArchiveReader(&names, "assay_classes").texts("classes");
  std::vector<std::string> sorted = read;
  std::sort(sorted.begin(), sorted.end());
  if (read.size() != target.classes.size() || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    attributes.fail("assay_classes must name every class, each once");
  target.classes = read;
  return target;
}

}  // namespace

double threshold_of_condition(float condition) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const double c = static_cast<double>(condition);
  const float before = std::nextafterf(condition, -kInfinity);
  const double below = std::isfinite(before) ? static_cast<double>(before)
                                             : 2 * c - static_cast<double>(std::nextafterf(condition, kInfinity));
  const double middle = below / 2 + c / 2;  // exact: floats have 29 bits to spare
  return static_cast<float>(middle) < condition ? middle
                                                : std::nextafter(middle, -std::numeric_limits<double>::infinity());
}

Model parse_xgboost_model(std::string_view bytes, const std::string& name, const InputBudget& budget) {
  const Json root = parse_json(bytes, name, budget.depth);
  try {
    const ArchiveReader learner = ArchiveReader(&root, "model").object("learner");
    const Head head = read_head(learner, budget);
    Model model;
    model.learner = &find_learner("gbdt");
    model.target = read_target(learner, head, name);
    model.columns = read_columns(learner, head);
    Samples none;
    none.columns = model.columns;
    none.X = Columns(0, head.columns);
    model.pipeline = Pipeline::fit(none, model.learner->traits(), {}, 1);
    GbdtModel m;
    m.loss = head.loss;
    m.task = model.target.task();
    const double start = head.loss == BoostLoss::logistic  ? std::log(head.base_score / (1 - head.base_score))
                         : head.loss == BoostLoss::poisson ? std::log(head.base_score)
                                                           : head.base_score;
    m.base.assign(static_cast<size_t>(head.outputs), start);
    m.categorical.assign(model.columns.size(), false);
    read_trees(learner, head, m);
    m.report.iterations = static_cast<long>(m.trees.size()) / head.outputs;
    m.report.note = std::to_string(m.trees.size()) + " trees of XGBoost";
    m.report.more.emplace_back("trees", static_cast<double>(m.trees.size()));
    GbdtParams params;
    params.objective = head.loss;
    params.trees = static_cast<int>(std::clamp<long>(m.report.iterations, 1, 100000));
    model.params = std::make_shared<ParamsOf<GbdtParams>>(params);
    if (model.target.K() == 2) model.positive = model.target.classes[1];
    model.model = std::make_shared<detail::ModelOf<GbdtModel>>(std::move(m));
    return model;
  } catch (const ModelError& e) {
    throw ModelError(e.message(), e.hint(), Place{name});
  }
}

}  // namespace assay
