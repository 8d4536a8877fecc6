// AdaBoost: the formulas of the papers, scikit-learn's numbers, and any learner as base.
#include "assay/ml/ensemble/adaboost.h"

#include "assay/core/error.h"
#include "assay/ml/cluster/trace_canvas.h"
#include "assay/ml/data/generate.h"
#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::test;

namespace {

AdaBoostParams of_base(const std::string& base, int rounds = 20) {
  AdaBoostParams p;
  p.base.text = base;
  p.rounds = rounds;
  return p;
}

AdaBoostModel fit(const Sample& s, const AdaBoostParams& p, uint64_t seed = 0) {
  return AdaBoost::fit(p, s.x, s.y, Context(seed, 1));
}

struct Rounds : TraceSink {
  std::vector<TraceStep> steps;
  void step(const std::string&, const TraceStep& s) override { steps.push_back(s); }
  void image(const std::string&, const TraceImage&) override {}
};

/// Pixels of one colour in each picture.
struct Dots : TraceSink {
  kmeans::Color color;
  std::vector<int> pixels;
  explicit Dots(kmeans::Color c) : color(c) {}
  void step(const std::string&, const TraceStep&) override {}
  void image(const std::string&, const TraceImage& image) override {
    const auto* at = static_cast<const uint8_t*>(image.view.data);
    int count = 0;
    for (int i = 0; i < image.view.width * image.view.height; ++i)
      count += at[3 * i] == color[0] && at[3 * i + 1] == color[1] && at[3 * i + 2] == color[2];
    pixels.push_back(count);
  }
};

}  // namespace

TEST_CASE("adaboost: three rows by hand") {
  Sample s;
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({{1, 2, 3}});
  s.y = classes_of({0, 1, 0}, 2);
  const AdaBoostModel m = fit(s, of_base("tree:max-depth=1", 3));
  // Both stumps err in one row; the first one wins the tie: 1 | 2 3, row 3 wrong.
  CHECK(m.error[0] == Approx(1.0 / 3));
  CHECK(m.stage_weight[0] == Approx(std::log(2)));
  CHECK(m.error[1] == Approx(0.25));  // weights 1/4, 1/4, 1/2: 1 2 | 3 errs in row 2 or 1
  CHECK(m.stage_weight[1] == Approx(std::log(3)));
  CHECK(m.bound()[0] == Approx(2 * std::sqrt(2.0) / 3));
}

TEST_CASE("adaboost: stage weights, errors and decisions are scikit-learn's SAMME") {
  const nlohmann::json file = golden("adaboost.json");
  for (const auto& c : file["cases"]) {
    CAPTURE(c["table"].get<std::string>(), c["max_depth"].get<int>());
    const Sample s = numbers_of(c["table"], c["classes"], true);
    AdaBoostParams p = of_base("tree:max-depth=" + std::to_string(c["max_depth"].get<int>()), c["rounds"]);
    p.learning_rate = c["learning_rate"];
    const AdaBoostModel m = fit(s, p);
    const std::vector<double> weight = c["stage_weight"], error = c["error"];
    REQUIRE(m.stage_weight.size() == weight.size());
    for (size_t t = 0; t < weight.size(); ++t) {
      CHECK(std::abs(m.stage_weight[t] - weight[t]) <= 1e-10);
      CHECK(std::abs(m.error[t] - error[t]) <= 1e-10);
    }
    const Matrix decision = m.decision_function(s.x, Context(0, 1));
    Index i = 0;
    for (const auto& row : c["decision"]) {
      const std::vector<double> theirs =
          row.is_array() ? row.get<std::vector<double>>() : std::vector{row.get<double>()};
      for (size_t k = 0; k < theirs.size(); ++k)
        CHECK(std::abs(decision(i, static_cast<Index>(k)) - theirs[k]) <= 1e-10);
      i += 17;
    }
  }
}

TEST_CASE("adaboost: the new weights make the last model a guess, and errors and votes are those of the members") {
  for (const int K : {2, 4}) {
    const Sample s = random_table({150, 3, 1, K, 0, 4, 0.1, true}, 2);
    const AdaBoostModel m = fit(s, of_base("tree:max-depth=2", 12));
    Vector w = s.x.weight / s.x.weight.sum();
    Matrix votes = Matrix::Zero(150, K);
    const Samples x = m.members.transform(s.x, Context(0, 1));
    for (size_t t = 0; t < m.members.models.size(); ++t) {
      const Vector said = m.members.models[t]->predict(x, Context(0, 1));
      double e = 0, wrong = 0;
      for (Index i = 0; i < 150; ++i)
        if (said[i] != s.y.code[static_cast<size_t>(i)]) e += w[i];
      CHECK(m.error[t] == Approx(e));
      CHECK(m.stage_weight[t] == Approx(std::log((1 - e) / e) + std::log(K - 1.0)));
      for (Index i = 0; i < 150; ++i) {
        votes(i, static_cast<Index>(said[i])) += m.stage_weight[t];
        if (said[i] != s.y.code[static_cast<size_t>(i)]) w[i] *= std::exp(m.stage_weight[t]);
      }
      w /= w.sum();
      for (Index i = 0; i < 150; ++i)
        if (said[i] != s.y.code[static_cast<size_t>(i)]) wrong += w[i];
      CHECK(wrong == Approx(1 - 1.0 / K));
    }
    const Vector said = m.predict(s.x, Context(0, 1));
    for (Index i = 0; i < 150; ++i) {
      Index most = 0;
      votes.row(i).maxCoeff(&most);
      CHECK(said[i] == static_cast<double>(most));
    }
  }
}

TEST_CASE("adaboost: two classes' training error stays below Freund and Schapire's bound, and the bound falls") {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const Sample s = random_table({200, 4, 0, 2, 0, 4, 0, seed % 2 == 0}, seed);
    const AdaBoostModel m = fit(s, of_base("tree:max-depth=1", 40));
    REQUIRE(m.bounded);
    const std::vector<double> bound = m.bound();
    for (size_t t = 0; t < bound.size(); ++t) {
      CHECK(m.training_error[t] <= bound[t] + 1e-12);
      if (t > 0) CHECK(bound[t] <= bound[t - 1]);
    }
  }
}

TEST_CASE("adaboost: the fast trees are those that the learner `tree` grows on the same weights") {
  for (const Make& make : std::vector<Make>{{300, 4, 0, 2, 0, 4, 0, false},
                                            {200, 3, 1, 3, 0, 4, 0.1, true},
                                            {400, 3, 0, 2, 300, 4, 0, true},
                                            {150, 2, 1, 5, 6, 3, 0, false}})
    for (const char* base : {"tree:max-depth=1", "tree:max-depth=3:min-leaf=4", "tree:max-depth=2:criterion=entropy"}) {
      CAPTURE(make.n, make.K, base);
      const Sample s = random_table(make, 3);
      const AdaBoostModel fast = fit(s, of_base(base)),
                          plain = fit(s, of_base(std::string(base) + ":max-leaves=100000"));  // not a fast one
      REQUIRE(fast.error.size() == plain.error.size());
      for (size_t t = 0; t < fast.error.size(); ++t) CHECK(fast.error[t] == Approx(plain.error[t]).epsilon(1e-9));
      CHECK((fast.decision_function(s.x, Context(0, 1)) - plain.decision_function(s.x, Context(0, 1)))
                .cwiseAbs()
                .maxCoeff() < 1e-9);
    }
}

TEST_CASE("adaboost: a base without an error ends the rounds, one no better than chance says so") {
  Sample s = random_table({80, 2, 0, 2, 0, 4, 0, false}, 1);
  const AdaBoostModel perfect = fit(s, of_base("tree"));
  CHECK(perfect.stage_weight == std::vector<double>{1});
  CHECK(perfect.error == std::vector<double>{0});
  s.x.X = Columns(Columns::Constant(80, 2, 3.0));
  for (int i = 0; i < 80; ++i) s.y.code[static_cast<size_t>(i)] = i % 2;
  const AdaBoostModel chance = fit(s, of_base("tree:max-depth=1"));
  CHECK(chance.stage_weight == std::vector<double>{1});
  CHECK_THAT(chance.report.warning, Catch::Contains("no better than chance"));
}

TEST_CASE("adaboost: any learner is a base, with weights or without") {
  const Sample s = random_table({150, 3, 1, 2, 0, 4, 0.1, false}, 6);
  for (const char* base : {"logistic", "naive-bayes", "knn:k=3", "forest:trees=3:max-depth=2", "lda", "dummy",
                           "adaboost:base=(tree:max-depth=1):rounds=3"}) {
    CAPTURE(base);
    const AdaBoostModel m = fit(s, of_base(base, 5), 1);
    CHECK(m.members.models.size() >= 1);
    CHECK(m.predict_proba(s.x, Context(0, 1)).rowwise().sum().isApproxToConstant(1));
  }
}

TEST_CASE("adaboost: a base that does not exist, or not for this task, is refused with a reason") {
  AdaBoostParams p;
  const auto set = [&](const char* text) {
    for (Param& q : params_of(p))
      if (q.name == "base") q.set(text);
  };
  CHECK_THROWS_WITH(set("tre:max-depth=1"), Catch::Contains("'base'") && Catch::Contains("did you mean 'tree'"));
  CHECK_THROWS_WITH(set("tree:depth-of-all=1"), Catch::Contains("'base'"));
  CHECK_THROWS_WITH(set("tree:max-depth=-1"), Catch::Contains("max-depth"));
  CHECK(p.base.text == "tree:max-depth=1");
  const Sample s = random_table({50, 2, 0, 0, 0, 4, 0, false}, 1);
  CHECK_THROWS_AS(fit(s, of_base("logistic")), UsageError);
}

TEST_CASE("adaboost: values are answered by the weighted median, stage weights follow from the errors (R2)") {
  const Sample s = numbers_of("diabetes", {}, false);
  for (const RowLoss loss : {RowLoss::linear, RowLoss::square, RowLoss::exponential}) {
    AdaBoostParams p = of_base("tree:max-depth=3", 15);
    p.loss = loss;
    const AdaBoostModel m = fit(s, p, 4);
    REQUIRE(m.error.size() > 3);
    for (size_t t = 0; t < m.error.size(); ++t) {
      CHECK(m.error[t] < 0.5);
      CHECK(m.stage_weight[t] == Approx(std::log((1 - m.error[t]) / m.error[t])));
    }
    const Vector said = m.predict(s.x, Context(0, 1));
    const Samples x = m.members.transform(s.x, Context(0, 1));
    std::vector<Vector> each;
    for (const auto& member : m.members.models) each.push_back(member->predict(x, Context(0, 1)));
    double total = 0;
    for (const double a : m.stage_weight) total += a;
    for (Index i = 0; i < 40; ++i) {
      double below = 0, up_to = 0;
      for (size_t t = 0; t < each.size(); ++t) {
        below += each[t][i] < said[i] ? m.stage_weight[t] : 0;
        up_to += each[t][i] <= said[i] ? m.stage_weight[t] : 0;
      }
      CHECK(below < 0.5 * total + 1e-12);
      CHECK(up_to >= 0.5 * total - 1e-12);
    }
  }
}

TEST_CASE("adaboost: stumps on a sphere go from no use to a few per cent ([Hastie2009] sec. 10.1)", "[.seeds]") {
  const auto sphere = [](int n, uint64_t seed) {
    Rng rng(seed);
    Sample s;
    Columns X(n, 10);
    std::vector<int> code;
    for (int i = 0; i < n; ++i) {
      for (Index f = 0; f < 10; ++f) X(i, f) = rng.normal();
      code.push_back(X.row(i).squaredNorm() > 9.34);
    }
    for (int f = 0; f < 10; ++f) s.x.columns.push_back({"x" + std::to_string(f), {}});
    s.x.X = X;
    s.y = classes_of(code, 2);
    return s;
  };
  double one = 0, many = 0;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const Sample train = sphere(2000, 2 * seed), test = sphere(10000, 2 * seed + 1);
    const auto error = [&](int rounds) {
      const Vector said = fit(train, of_base("tree:max-depth=1", rounds)).predict(test.x, Context(0, 0));
      double wrong = 0;
      for (Index i = 0; i < said.size(); ++i) wrong += said[i] != test.y.code[static_cast<size_t>(i)];
      return wrong / 10000;
    };
    one += error(1) / 5;
    many += error(400) / 5;
  }
  CAPTURE(one, many);
  CHECK(one == Approx(0.458).margin(0.03));
  CHECK(many < 0.13);
}

TEST_CASE("adaboost: a trace shows the weights of the rows before and after, the stage weight and the bound") {
  const Sample s = random_table({60, 2, 0, 2, 0, 4, 0, false}, 3);
  Rounds seen;
  Context watched(0, 1);
  watched.trace = Trace(&seen, "");
  const AdaBoostModel m = AdaBoost::fit(of_base("tree:max-depth=1", 5), s.x, s.y, watched);
  REQUIRE(seen.steps.size() == m.error.size());
  const auto value = [&](size_t t, const std::string& symbol) {
    for (const TraceField& f : seen.steps[t].fields)
      if (f.symbol == symbol) return f.value;
    FAIL("no " << symbol);
    return TraceValue();
  };
  CHECK(std::get<double>(value(2, "a_t")) == m.stage_weight[2]);
  CHECK(std::get<double>(value(2, "bound")) == m.bound()[2]);
  CHECK(std::get<std::vector<double>>(value(2, "w")) == std::get<std::vector<double>>(value(1, "w'")));
  CHECK_FALSE(seen.steps[2].why.empty());
}

TEST_CASE("adaboost: in the pictures of a trace a row that was missed has the area of its new weight") {
  Sample s;
  s.x.columns = {{"a", {}}, {"b", {}}};
  s.x.X = by_columns({{0, 1, 2, 3, 4, 5}, {0, 2, 1, 3, 0.5, 1}});
  s.y = classes_of({0, 0, 0, 0, 1, 0}, 2);
  Dots seen(kmeans::cluster_color(1));  // one row; the first stump misses it
  Context watched(0, 1);
  watched.trace = Trace(&seen, "");
  const AdaBoostModel m = AdaBoost::fit(of_base("tree:max-depth=1", 2), s.x, s.y, watched);
  REQUIRE(m.stage_weight[0] == Approx(std::log(5.0)));  // one of six: it weighs 1/6, then 1/2
  REQUIRE(seen.pixels.size() == 2);
  CHECK(seen.pixels[0] > 20);
  CHECK(seen.pixels[1] == Approx(3 * seen.pixels[0]).epsilon(0.2));
}
