#include "assay/ml/boosting/xgboost_model.h"

#include <bit>

#include "assay/core/error.h"
#include "assay/ml/tree/shap.h"
#include "tests/ml/boosting/boosting_support.h"

using namespace assay;
using namespace assay::test;
using nlohmann::json;

namespace {

Model fitted(const char* learner, const Sample& s,
             const std::vector<std::pair<const char*, const char*>>& settings = {}) {
  const Learner& l = find_learner(learner);
  const auto params = l.params();
  for (const auto& [name, value] : settings) params->set(name, value, learner);
  return fit_model(l, *params, s.x, s.y, {}, Context(0, 1));
}

Matrix margins(const Model& m, const Samples& x) {
  return dynamic_cast<const detail::ModelOf<GbdtModel>&>(*m.model).inner().margins(x, Context(0, 1));
}

Sample singles(int K, double missing = 0.1) {
  Make make;
  make.n = 150;
  make.numeric = 5;
  make.K = K;
  make.missing = missing;
  Sample s = random_table(make, 41);
  Columns X = s.x.cols();
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = static_cast<double>(static_cast<float>(X.data()[i]));
  s.x.X = X;
  return s;
}

std::string refusal(const std::string& text) {
  try {
    parse_xgboost_model(text, "x.json");
  } catch (const ModelError& e) {
    return e.message();
  }
  return "accepted";
}

float random_float(Rng& rng) {
  for (;;) {
    const float f = std::bit_cast<float>(static_cast<uint32_t>(rng.next()));
    if (std::isfinite(f)) return f;
  }
}

}  // namespace

TEST_CASE("xgboost: x <= t and float(x) < c agree on every float, for the condition of any threshold") {
  Rng rng(1);
  for (int trial = 0; trial < 20000; ++trial) {
    const float x = random_float(rng);
    double t = trial % 3 == 0 ? static_cast<double>(random_float(rng)) : static_cast<double>(x);
    if (trial % 3 == 1) t = std::nextafter(t, -1e300);
    if (trial % 5 == 0) t += static_cast<double>(x) * 1e-9;
    const float c = xgboost_condition(t);
    REQUIRE((x < c) == (static_cast<double>(x) <= t));
  }
  CHECK(xgboost_condition(std::numeric_limits<double>::max()) == std::numeric_limits<float>::max());
}

TEST_CASE("xgboost: the threshold of a condition sends every double where its float goes") {
  Rng rng(2);
  for (int trial = 0; trial < 20000; ++trial) {
    const float c = trial == 0   ? 0.0f
                    : trial == 1 ? -0.0f
                    : trial == 2 ? std::numeric_limits<float>::denorm_min()
                                 : random_float(rng);
    const double t = threshold_of_condition(c);
    double x = t;
    for (int step = 0; step < 3; ++step) {
      REQUIRE(static_cast<float>(x) < c);
      x = std::nextafter(x, -1e308);
    }
    x = t;
    for (int step = 0; step < 3; ++step) {
      x = std::nextafter(x, std::numeric_limits<double>::infinity());
      REQUIRE_FALSE(static_cast<float>(x) < c);
    }
  }
}

TEST_CASE("xgboost: what is written reads back as the same model: columns, classes, and margins to float32") {
  for (const int K : {0, 2, 3}) {
    const Sample s = singles(K);
    const Model m = fitted("gbdt", s, {{"trees", "12"}});
    const Model back = parse_xgboost_model(write_xgboost_model(m), "x.json");
    CHECK(back.columns.size() == 5);
    CHECK(back.columns[3].name == "x3");
    CHECK(back.target.classes == m.target.classes);
    CHECK(back.target.name == "y");
    const Matrix F = margins(m, s.x), G = margins(back, s.x);
    for (Index i = 0; i < F.size(); ++i)
      CHECK(std::abs(F.data()[i] - G.data()[i]) <= 1e-5 * std::max(1.0, std::abs(F.data()[i])));
  }
}

TEST_CASE("xgboost: a tree or a forest is written as a sum of values or of shares") {
  for (const auto& [learner, K] : std::vector<std::pair<const char*, int>>{
           {"tree", 0}, {"tree", 2}, {"tree", 3}, {"forest", 0}, {"forest", 2}, {"forest", 3}}) {
    const Sample s = singles(K);
    const Model m = fitted(learner, s, {{"max-depth", "4"}});
    const Model back = parse_xgboost_model(write_xgboost_model(m), "x.json");
    const Matrix F = margins(back, s.x);
    if (K == 0) {
      const Vector answer = m.predict(s.x, Context(0, 1));
      for (Index i = 0; i < answer.size(); ++i) CHECK(F(i, 0) == Approx(answer[i]).epsilon(1e-6).margin(1e-6));
      continue;
    }
    const Matrix P = m.predict_proba(s.x, Context(0, 1));
    for (Index i = 0; i < P.rows(); ++i)
      for (Index k = 0; k < F.cols(); ++k) CHECK(F(i, k) == Approx(P(i, K == 2 ? 1 : k)).margin(1e-6));
  }
}

TEST_CASE(
    "xgboost: the file has what its reader takes for granted: neighbouring children, short numbers, leaves in "
    "conditions") {
  const Model m = fitted("gbdt", singles(0), {{"trees", "3"}});
  const json learner = json::parse(write_xgboost_model(m))["learner"];
  CHECK(learner["learner_model_param"]["base_score"].get<std::string>().size() <= 14);
  CHECK(learner["learner_model_param"]["num_feature"] == "5");
  CHECK(learner["attributes"].is_object());
  for (const json& tree : learner["gradient_booster"]["model"]["trees"]) {
    const size_t size = tree["left_children"].size();
    CHECK(tree["tree_param"]["num_nodes"] == std::to_string(size));
    CHECK(tree["parents"][0] == 2147483647);
    for (size_t i = 0; i < size; ++i) {
      const int left = tree["left_children"][i], right = tree["right_children"][i];
      CHECK(tree["split_conditions"][i].is_number_float());
      if (left < 0) continue;
      CHECK(right == left + 1);
      CHECK(left > static_cast<int>(i));
      CHECK(tree["parents"][static_cast<size_t>(left)] == i);
    }
    for (const char* name : {"categories", "categories_nodes", "categories_segments", "categories_sizes"})
      CHECK(tree[name].is_array());
  }
}

TEST_CASE("xgboost: a start that base_score cannot hold is added to leaves") {
  Sample s = singles(2);
  std::fill(s.y.code.begin(), s.y.code.end(), 1);
  s.y.code[0] = 0;
  s.x.weight = Vector::Ones(150);
  s.x.weight[0] = 1e-9;
  const Model m = fitted("gbdt", s, {{"trees", "2"}});
  const std::string text = write_xgboost_model(m);
  CHECK(json::parse(text)["learner"]["learner_model_param"]["base_score"] == "5E-1");
  const Matrix F = margins(m, s.x), G = margins(parse_xgboost_model(text, "x.json"), s.x);
  CHECK((F - G).cwiseAbs().maxCoeff() < 1e-5 * F.cwiseAbs().maxCoeff());
}

TEST_CASE("xgboost: its own model files predict here what they predict there") {
  const json file = golden("xgboost_models.json");
  for (const json& c : file["cases"]) {
    INFO(c["table"] << " " << c["objective"]);
    const Model m = parse_xgboost_model(c["model"].get<std::string>(), "x.json");
    const Sample s = float_table(c["table"], true);
    const Matrix F = margins(m, s.x);
    const json& expected = c["margins"];
    for (size_t r = 0; r < expected.size(); ++r)
      for (size_t k = 0; k < expected[r].size(); ++k) {
        const double there = expected[r][k];
        REQUIRE(std::abs(F(static_cast<Index>(7 * r), static_cast<Index>(k)) - there) <=
                1e-5 * std::max(1.0, std::abs(there)));
      }
  }
}

TEST_CASE("xgboost: TreeSHAP of its models is its pred_contribs, and sums to the margin") {
  const json file = golden("xgboost_models.json");
  for (const json& c : file["cases"]) {
    INFO(c["table"] << " " << c["objective"]);
    const Model m = parse_xgboost_model(c["model"].get<std::string>(), "x.json");
    const GbdtModel& gbdt = dynamic_cast<const detail::ModelOf<GbdtModel>&>(*m.model).inner();
    const Sample s = float_table(c["table"], true);
    const Matrix F = margins(m, s.x);
    const double scale = std::max(1.0, F.cwiseAbs().maxCoeff());
    const json& expected = c["contributions"];
    for (size_t r = 0; r < expected.size(); ++r)
      for (size_t k = 0; k < expected[r].size(); ++k) {
        const Index row = static_cast<Index>(35 * r);
        Matrix phi = Matrix::Zero(s.x.d() + 1, 1);
        phi(0, 0) = gbdt.base[k];
        for (size_t t = k; t < gbdt.trees.size(); t += static_cast<size_t>(gbdt.K()))
          tree::add_shap(
              gbdt.trees[t].nodes, gbdt.categorical, [&](int f) { return s.x.cols()(row, f); }, 1, phi);
        CHECK(phi.sum() == Approx(F(row, static_cast<Index>(k))).margin(1e-9 * scale));
        for (Index f = 0; f <= s.x.d(); ++f) {
          const double there = expected[r][k][static_cast<size_t>(f == 0 ? s.x.d() : f - 1)];
          REQUIRE(std::abs(phi(f, 0) - there) <= 1e-5 * scale);
        }
      }
  }
}

TEST_CASE("xgboost: a newer file's base_score in brackets is read") {
  const json file = golden("xgboost_models.json");
  json model = json::parse(file["cases"][0]["model"].get<std::string>());
  model["learner"]["learner_model_param"]["base_score"] = "[2.5E-1]";
  const Model m = parse_xgboost_model(model.dump(), "x.json");
  CHECK(dynamic_cast<const detail::ModelOf<GbdtModel>&>(*m.model).inner().base[0] == 0.25);
}

TEST_CASE("xgboost: a file that lies is refused, and says where") {
  const json file = golden("xgboost_models.json");
  const json good = json::parse(file["cases"][2]["model"].get<std::string>());
  REQUIRE(refusal(good.dump()) == "accepted");
  const auto with = [&](const std::string& path, const json& value) {
    json bad = good;
    bad[json::json_pointer(path)] = value;
    return refusal(bad.dump());
  };
  const std::string model = "/learner/gradient_booster/model", tree = model + "/trees/0",
                    param = "/learner/learner_model_param";
  for (const auto& [path, value] : std::vector<std::pair<std::string, json>>{
           {"/learner/gradient_booster/name", "gblinear"},
           {"/learner/objective/name", "rank:pairwise"},
           {param + "/base_score", "nan"},
           {param + "/num_feature", "-1"},
           {param + "/num_feature", "4000000000"},
           {param + "/num_class", "2"},
           {model + "/gbtree_model_param/num_trees", "99"},
           {model + "/tree_info/0", 7},
           {model + "/tree_info/1", 0},
           {tree + "/left_children/0", 0},
           {tree + "/left_children/0", 1000000},
           {tree + "/right_children/0", -1},
           {tree + "/right_children/0", good[json::json_pointer(tree + "/left_children/0")]},
           {tree + "/split_indices/0", 4000},
           {tree + "/split_conditions/0", 1e39},
           {tree + "/split_conditions/0", nullptr},
           {tree + "/split_conditions", json::array({1.0})},
           {tree + "/default_left", json::array()},
           {tree + "/split_type", json::array({1})},
           {tree + "/left_children", json::array()},
           {"/learner/feature_names", json::array({"a"})}}) {
    INFO(path << " = " << value);
    CHECK(with(path, value) != "accepted");
  }
  CHECK(refusal("{}") != "accepted");
  CHECK(refusal("[1, 2") != "accepted");
  const std::string text = good.dump();
  for (size_t cut = 0; cut < text.size(); cut += 97) CHECK(refusal(text.substr(0, cut)) != "accepted");
}

TEST_CASE("xgboost: what has no form there is refused with the way out") {
  Make make;
  make.categorical = 2;
  make.n = 80;
  make.numeric = 0;
  CHECK_THROWS_AS(write_xgboost_model(fitted("gbdt", random_table(make, 3))), UsageError);
  CHECK_THROWS_AS(write_xgboost_model(fitted("logistic", singles(2, 0))), UsageError);
}
