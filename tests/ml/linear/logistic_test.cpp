#include "assay/ml/linear/logistic.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "assay/core/json.h"
#include "assay/core/rng.h"
#include "assay/ml/data/table.h"
#include "assay/ml/preprocess/pipeline.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;

namespace {

struct Data {
  Samples samples;
  Target target;
};

// K clouds that overlap.
Data clouds(Index n, Index d, int K, uint64_t seed = 1, double apart = 1) {
  Rng rng(seed, 9);
  Data data;
  Matrix X(n, d);
  for (Index i = 0; i < n; ++i) {
    const int k = static_cast<int>(i) % K;
    for (Index f = 0; f < d; ++f) X(i, f) = rng.normal() + apart * ((k + f) % K);
    data.target.code.push_back(k);
  }
  for (Index f = 0; f < d; ++f) data.samples.columns.push_back({"x" + std::to_string(f), {}});
  for (int k = 0; k < K; ++k) data.target.classes.push_back("c" + std::to_string(k));
  data.target.name = "y";
  data.samples.X = std::move(X);
  return data;
}

LogisticModel fit(const Data& data, LogisticParams params = {}) {
  return Logistic::fit(params, data.samples, data.target, Context(0, 1));
}

LogisticParams with(LogisticSolver solver, double C = 1, double tolerance = 1e-12) {
  LogisticParams p;
  p.solver = solver;
  p.C = C;
  p.tolerance = tolerance;
  p.max_iter = 20000;  // L-BFGS needs thousands where C is large: SciPy's does, too
  return p;
}

// The objective of the header, eq. (1) and (2), term by term.
double objective_by_hand(const Data& data, const Matrix& W, const Vector& b, double C) {
  double F = 0.5 * W.squaredNorm();
  const Matrix& X = data.samples.rows();
  for (Index i = 0; i < X.rows(); ++i) {
    const int k = data.target.code[static_cast<size_t>(i)];
    const double s = C * data.samples.weight_of(i);
    Vector z = W * X.row(i).transpose() + b;
    if (W.rows() == 1) {
      F += s * std::log1p(std::exp(k == 1 ? -z[0] : z[0]));
    } else {
      const double top = z.maxCoeff();
      F += s * (top + std::log((z.array() - top).exp().sum()) - z[k]);
    }
  }
  return F;
}

// Largest component of the gradient, by central differences of the objective.
double gradient_by_differences(const Data& data, const LogisticModel& model, double C) {
  const double h = 1e-5;
  double largest = 0;
  const auto slope = [&](double& at, const Matrix& W, const Vector& b) {
    const double kept = at;
    at = kept + h;
    const double above = objective_by_hand(data, W, b, C);
    at = kept - h;
    const double below = objective_by_hand(data, W, b, C);
    at = kept;
    largest = std::max(largest, std::abs(above - below) / (2 * h));
  };
  Matrix W = model.W;
  Vector b = model.b;
  for (Index i = 0; i < W.size(); ++i) slope(W.data()[i], W, b);
  for (Index i = 0; i < b.size(); ++i) slope(b[i], W, b);
  return largest;
}

double distance(const LogisticModel& a, const LogisticModel& b) {
  return std::max((a.W - b.W).cwiseAbs().maxCoeff(), (a.b - b.b).cwiseAbs().maxCoeff());
}

Data bundled(const std::string& name, const std::string& target) {
  RoleOptions roles;
  roles.target = target;
  roles.task = Task::classification;
  Dataset set = assign_roles(read_table(test::dataset_path("tables/" + name + ".csv")), roles);
  PipelineOptions options;
  options.scale = Scale::standard;
  const Pipeline pipeline = Pipeline::fit(set.samples, Logistic::info.traits, options, 1);
  return {pipeline.transform(set.samples, 1), std::move(set.target)};
}

double more(const FitReport& report, const std::string& key) {
  for (const auto& item : report.more)
    if (item.first == key) return item.second;
  FAIL("no " << key << " in the report");
  return 0;
}

void set_weights(Data& data, const std::string& which) {
  const Index n = data.samples.n();
  data.samples.weight = Vector::Ones(n);
  if (which == "row_weights")
    for (Index i = 0; i < n; ++i) data.samples.weight[i] = static_cast<double>(1 + i % 3);
  if (which == "balanced")
    for (Index i = 0; i < n; ++i) {
      const int k = data.target.code[static_cast<size_t>(i)];
      const auto rows = std::count(data.target.code.begin(), data.target.code.end(), k);
      data.samples.weight[i] = static_cast<double>(n) / (data.target.K() * static_cast<double>(rows));
    }
}

}  // namespace

TEST_CASE("logistic: one feature, four rows, by hand") {
  // x = -1, -1, 1, 1 with labels 0, 1, 1, 1 weighted so that the two sides mirror each other: b = 0 and
  // w solves w = 2 (1 - p) * 2 - 2 p ... here checked through the gradient w - C sum (y - p) x = 0.
  Data data;
  data.samples.columns = {{"x", {}}};
  Matrix X(4, 1);
  X << -1, -1, 1, 1;
  data.samples.X = X;
  data.target.classes = {"no", "yes"};
  data.target.code = {0, 1, 0, 1};
  data.samples.weight = Vector(4);
  data.samples.weight << 3, 1, 1, 3;
  const LogisticModel m = fit(data, with(LogisticSolver::newton));
  REQUIRE(m.W.rows() == 1);
  CHECK(std::abs(m.b[0]) < 1e-12);
  const double w = m.W(0, 0), p = 1 / (1 + std::exp(-w));
  CHECK(w == Approx(2 * (3 - 4 * p)).epsilon(1e-10));
  CHECK(m.report.objective == Approx(objective_by_hand(data, m.W, m.b, 1)).epsilon(1e-13));
}

TEST_CASE("logistic: the gradient of the stated objective vanishes at the solution") {
  for (const int K : {2, 3, 6})
    for (const double C : {0.01, 1.0, 100.0})
      for (const LogisticSolver solver : {LogisticSolver::newton, LogisticSolver::lbfgs}) {
        Data data = clouds(120, 4, K);
        if (C == 1.0) set_weights(data, "row_weights");
        // L-BFGS sees its progress through F, whose rounding hides gradients a little below this.
        const double relative = solver == LogisticSolver::newton ? 1e-10 : 1e-9;
        const double tolerance = relative * std::max(1.0, C * 240);
        const LogisticModel m = fit(data, with(solver, C, relative));
        INFO(K << " classes, C " << C << ", " << m.report.note);
        CHECK(m.report.converged);
        CHECK(more(m.report, "gradient_norm") <= tolerance);
        CHECK(m.report.objective == Approx(objective_by_hand(data, m.W, m.b, C)).epsilon(1e-12));
        // Differences of an objective of this size see no gradient below their own rounding.
        CHECK(gradient_by_differences(data, m, C) < tolerance + 1e-9 * std::max(1.0, m.report.objective));
      }
}

TEST_CASE("logistic: Newton and L-BFGS reach the same solution") {
  for (const int K : {2, 3, 5}) {
    const Data data = clouds(150, 5, K);
    const LogisticModel a = fit(data, with(LogisticSolver::newton, 1, 1e-12));
    const LogisticModel b = fit(data, with(LogisticSolver::lbfgs, 1, 1e-11));
    INFO(K << " classes");
    CHECK(a.report.converged);
    CHECK(b.report.converged);
    CHECK(distance(a, b) < 1e-7);
  }
}

TEST_CASE("logistic: Newton needs few iterations, and its objective never rises") {
  struct Watcher : TraceSink {
    std::vector<double> objective;
    void step(const std::string&, const TraceStep& s) override {
      for (const TraceField& f : s.fields)
        if (f.symbol == "F") objective.push_back(std::get<double>(f.value));
    }
    void image(const std::string&, const TraceImage&) override {}
  } watcher;
  Context ctx(0, 1);
  ctx.trace = Trace(&watcher, "");
  const Data data = clouds(200, 5, 3, 1, 3);
  const LogisticModel m = Logistic::fit(with(LogisticSolver::newton, 100, 1e-9), data.samples, data.target, ctx);
  CHECK(m.report.converged);
  CHECK(m.report.iterations < 20);
  REQUIRE(watcher.objective.size() == static_cast<size_t>(m.report.iterations) + 1);
  for (size_t t = 1; t < watcher.objective.size(); ++t)
    CHECK(watcher.objective[t] <= watcher.objective[t - 1] * (1 + 1e-12));
}

TEST_CASE("logistic: a row with weight three equals the row three times, and weight zero its absence") {
  Data data = clouds(60, 3, 3);
  std::vector<int> rows;
  data.samples.weight = Vector(60);
  for (int i = 0; i < 60; ++i) {
    const int times = i % 4;
    data.samples.weight[i] = times;
    for (int t = 0; t < times; ++t) rows.push_back(i);
  }
  Data repeated{gather(data.samples, rows), gather(data.target, rows)};
  repeated.samples.weight = Vector();
  CHECK(distance(fit(data, with(LogisticSolver::newton)), fit(repeated, with(LogisticSolver::newton))) < 1e-11);
}

TEST_CASE("logistic: C multiplies the loss as weights do") {
  Data data = clouds(80, 3, 2);
  const LogisticModel doubled = fit(data, with(LogisticSolver::newton, 2.5));
  data.samples.weight = Vector::Constant(80, 2.5);
  CHECK(distance(doubled, fit(data, with(LogisticSolver::newton))) < 1e-11);
}

TEST_CASE("logistic: two classes as a softmax of two have half the penalty, so C of one is twice C of the other") {
  // With W = (-w/2, w/2) the softmax penalty is |w|^2 / 4: its solution at C is the binary one at 2 C. A third class that
  // no row has makes the fit a softmax.
  const Data two = clouds(100, 3, 2);
  Data three = two;
  three.target.classes.push_back("never");
  const LogisticModel binary = fit(two, with(LogisticSolver::newton, 2, 1e-13));
  const LogisticModel softmax = fit(three, with(LogisticSolver::newton, 1, 1e-13));
  REQUIRE(softmax.W.rows() == 3);
  CHECK((softmax.W.row(1) - softmax.W.row(0) - binary.W.row(0)).cwiseAbs().maxCoeff() < 1e-6);
  CHECK(std::abs(softmax.b[1] - softmax.b[0] - binary.b[0]) < 1e-6);
  const Matrix P = softmax.predict_proba(three.samples, Context(0, 1));
  CHECK(P.col(2).maxCoeff() < 1e-6);
}

TEST_CASE("logistic: the columns of a softmax's W sum to zero, and so does b") {
  const LogisticModel m = fit(clouds(150, 4, 4), with(LogisticSolver::newton));
  CHECK(m.W.colwise().sum().cwiseAbs().maxCoeff() < 1e-10);
  CHECK(std::abs(m.b.sum()) < 1e-12);
}

TEST_CASE("logistic: probabilities are positive, sum to one, and agree with prediction and decision") {
  for (const int K : {2, 4}) {
    const Data data = clouds(100, 3, K);
    const LogisticModel m = fit(data);
    const Context ctx(0, 1);
    const Matrix P = m.predict_proba(data.samples, ctx), Z = m.decision_function(data.samples, ctx);
    const Vector y = m.predict(data.samples, ctx);
    CHECK(Z.cols() == (K == 2 ? 1 : K));
    for (Index i = 0; i < 100; ++i) {
      CHECK(P.row(i).minCoeff() > 0);
      CHECK(P.row(i).sum() == Approx(1).epsilon(1e-14));
      Index k;
      P.row(i).maxCoeff(&k);
      CHECK(y[i] == static_cast<double>(k));
      if (K == 2) CHECK(P(i, 1) == Approx(1 / (1 + std::exp(-Z(i, 0)))).epsilon(1e-14));
    }
  }
}

TEST_CASE("logistic: separable data converges, thanks to the penalty") {
  for (const int K : {2, 3})
    for (const double C : {1.0, 1e6}) {
      const Data data = clouds(60, 3, K, 1, 40);
      for (const LogisticSolver solver : {LogisticSolver::newton, LogisticSolver::lbfgs}) {
        const LogisticModel m = fit(data, with(solver, C, 1e-8));
        INFO(K << " classes, C " << C << ", " << m.report.note);
        CHECK(m.report.converged);
        const Vector y = m.predict(data.samples, Context(0, 1));
        for (Index i = 0; i < 60; ++i) CHECK(y[i] == data.target.code[static_cast<size_t>(i)]);
      }
    }
}

TEST_CASE("logistic: separable data gets a warning that says so, data that is not gets none") {
  using Catch::Matchers::Contains;
  for (const int K : {2, 3})
    for (const LogisticSolver solver : {LogisticSolver::newton, LogisticSolver::lbfgs}) {
      Data data = clouds(60, 3, K, 1, 40);
      CHECK_THAT(fit(data, with(solver, 1, 1e-8)).report.warning, Contains("separable"));
      // The same row in two classes: no plane has both on their sides.
      Matrix& X = std::get<Matrix>(data.samples.X);
      X.row(1) = X.row(0);
      CHECK(fit(data, with(solver, 1, 1e-8)).report.warning.empty());
      CHECK(fit(data, with(solver, 1e6, 1e-8)).report.warning.empty());
      data.samples.weight = Vector::Ones(60);  // without weight the row does not count
      data.samples.weight[1] = 0;
      CHECK_THAT(fit(data, with(solver, 1, 1e-8)).report.warning, Contains("separable"));
    }
  Data constant = clouds(20, 1, 2);  // every score is 0 or rounding
  std::get<Matrix>(constant.samples.X).setConstant(3);
  CHECK(fit(constant).report.warning.empty());
}

TEST_CASE("logistic: columns of extreme scale overflow into nothing that is not a number") {
  for (const int K : {2, 3})
    for (const double scale : {1e-200, 1e-30, 1e30, 1e100, 1e160, 1e300})
      for (const LogisticSolver solver : {LogisticSolver::newton, LogisticSolver::lbfgs}) {
        Data data = clouds(50, 3, K);
        std::get<Matrix>(data.samples.X).col(1) *= scale;
        LogisticParams p = with(solver);
        p.max_iter = 200;
        const LogisticModel m = fit(data, p);
        INFO(K << " classes, scale " << scale << ", " << m.report.note);
        CHECK(m.W.allFinite());
        CHECK(m.b.allFinite());
        CHECK(std::isfinite(m.report.objective));
        CHECK(m.report.objective <= 50 * std::log(K) * (1 + 1e-12));  // never worse than the start at zero
        CHECK(m.predict_proba(data.samples, Context(0, 1)).allFinite());
      }
}

TEST_CASE("logistic: a sure prediction has probability one and no NaN") {
  LogisticModel m;
  m.W = Matrix::Constant(1, 1, 1e6);
  m.b = Vector::Zero(1);
  Samples x;
  x.columns = {{"x", {}}};
  x.X = Matrix(Matrix::Constant(1, 1, 1e6));
  CHECK(m.predict_proba(x, Context())(0, 1) == 1);
  CHECK(m.predict_proba(x, Context())(0, 0) == 0);
}

TEST_CASE("logistic: a fit that stops early says so, with what to do") {
  LogisticParams p = with(LogisticSolver::lbfgs);
  p.max_iter = 2;
  for (const LogisticSolver solver : {LogisticSolver::newton, LogisticSolver::lbfgs}) {
    p.solver = solver;
    const LogisticModel m = fit(clouds(100, 4, 3), p);
    CHECK_FALSE(m.report.converged);
    CHECK(m.report.iterations == 2);
    CHECK_THAT(m.report.note, Catch::Matchers::Contains("--max-iter"));
    CHECK(m.W.allFinite());
  }
}

TEST_CASE("logistic: auto takes Newton while the unknowns are few") {
  CHECK_THAT(fit(clouds(40, 3, 2)).report.note, Catch::Matchers::Contains("Newton"));
  CHECK_THAT(fit(clouds(40, 340, 3)).report.note, Catch::Matchers::Contains("L-BFGS"));
}

TEST_CASE("logistic: 1, 2 and 7 threads give the same bits", "[parallel]") {
  for (const int K : {2, 3}) {
    const Data data = clouds(9000, 6, K);
    const LogisticModel one = Logistic::fit({}, data.samples, data.target, Context(0, 1));
    for (const int threads : {2, 7}) {
      const LogisticModel many = Logistic::fit({}, data.samples, data.target, Context(0, threads));
      CHECK(one.W == many.W);
      CHECK(one.b == many.b);
      CHECK(one.report.objective == many.report.objective);
    }
  }
}

TEST_CASE("logistic: what cannot be fitted is a clear error") {
  const Data good = clouds(20, 2, 2);
  Data bad = good;
  std::fill(bad.target.code.begin(), bad.target.code.end(), 1);
  CHECK_THROWS_AS(fit(bad), DataError);
  for (const double v : {std::nan(""), HUGE_VAL}) {
    bad = good;
    std::get<Matrix>(bad.samples.X)(7, 1) = v;
    try {
      fit(bad);
      FAIL("accepted " << v);
    } catch (const DataError& e) {
      CHECK_THAT(e.what(), Catch::Matchers::Contains("row 8") && Catch::Matchers::Contains("\"x1\""));
    }
  }
  bad = good;
  bad.target.code.pop_back();
  CHECK_THROWS_AS(fit(bad), DataError);
  for (const double w : {-1.0, std::nan(""), HUGE_VAL}) {
    bad = good;
    bad.samples.weight = Vector::Ones(20);
    bad.samples.weight[3] = w;
    CHECK_THROWS_AS(fit(bad), DataError);
  }
  bad = good;
  bad.samples.weight = Vector::Zero(20);
  CHECK_THROWS_AS(fit(bad), DataError);
}

TEST_CASE("logistic: what is saved comes back bit by bit") {
  for (const int K : {2, 3}) {
    const Data data = clouds(50, 3, K);
    const LogisticModel m = fit(data);
    Json node;
    ArchiveWriter out(&node);
    m.save(out);
    const Json back = parse_json(node.dump(), "m");
    const LogisticModel read = LogisticModel::load(ArchiveReader(&back, "m"), data.samples.columns, data.target);
    CHECK(read.W == m.W);
    CHECK(read.b == m.b);
    Target other = data.target;
    other.classes.push_back("one more");
    CHECK_THROWS_AS(LogisticModel::load(ArchiveReader(&back, "m"), data.samples.columns, other), ModelError);
    CHECK_THROWS_AS(LogisticModel::load(ArchiveReader(&back, "m"), {{"x0", {}}}, data.target), ModelError);
  }
}

TEST_CASE("logistic: breast cancer agrees with scikit-learn, plain and weighted") {
  const auto gold = test::golden("logistic_breast_cancer.json");
  Data data = bundled("breast_cancer", gold["target"]);
  REQUIRE(data.target.classes == gold["classes"].get<std::vector<std::string>>());
  for (const auto& [which, expected] : gold["fits"].items()) {
    INFO(which);
    set_weights(data, which);
    for (const LogisticSolver solver : {LogisticSolver::newton, LogisticSolver::lbfgs}) {
      const LogisticModel m = fit(data, with(solver, gold["C"], solver == LogisticSolver::newton ? 1e-12 : 1e-10));
      REQUIRE(m.report.converged);
      for (Index f = 0; f < m.W.cols(); ++f)
        CHECK(std::abs(m.W(0, f) - expected["coefficients"][static_cast<size_t>(f)].get<double>()) < 1e-6);
      CHECK(std::abs(m.b[0] - expected["intercept"].get<double>()) < 1e-6);
      CHECK(m.report.objective == Approx(expected["objective"].get<double>()).epsilon(1e-10));
      if (solver == LogisticSolver::newton) CHECK(more(m.report, "gradient_norm") <= 1e-8);
      const Matrix P = m.predict_proba(data.samples, Context(0, 1));
      for (Index i = 0; i < 10; ++i)
        CHECK(std::abs(P(i, 1) - expected["probability_of_positive_first_10"][static_cast<size_t>(i)].get<double>()) <
              1e-8);
    }
  }
}

TEST_CASE("logistic: the default tolerance is enough for scikit-learn's coefficients to 1e-6") {
  const auto gold = test::golden("logistic_breast_cancer.json");
  const LogisticModel m = fit(bundled("breast_cancer", gold["target"]));
  for (Index f = 0; f < m.W.cols(); ++f)
    CHECK(std::abs(m.W(0, f) - gold["fits"]["plain"]["coefficients"][static_cast<size_t>(f)].get<double>()) < 1e-6);
}

TEST_CASE("logistic: iris and wine agree with scikit-learn's softmax") {
  for (const std::string name : {"iris", "wine"}) {
    INFO(name);
    const auto gold = test::golden("logistic_" + name + ".json");
    const Data data = bundled(name, gold["target"]);
    REQUIRE(data.target.classes == gold["classes"].get<std::vector<std::string>>());
    for (const LogisticSolver solver : {LogisticSolver::newton, LogisticSolver::lbfgs}) {
      const LogisticModel m = fit(data, with(solver, gold["C"], solver == LogisticSolver::newton ? 1e-12 : 1e-10));
      REQUIRE(m.report.converged);
      for (size_t k = 0; k < 3; ++k) {
        for (size_t f = 0; f < data.samples.columns.size(); ++f)
          CHECK(std::abs(m.W(static_cast<Index>(k), static_cast<Index>(f)) - gold["coefficients"][k][f].get<double>()) <
                1e-6);
        CHECK(std::abs(m.b[static_cast<Index>(k)] - gold["intercepts"][k].get<double>()) < 1e-6);
      }
      CHECK(m.report.objective == Approx(gold["objective"].get<double>()).epsilon(1e-10));
      const Matrix P = m.predict_proba(data.samples, Context(0, 1));
      for (Index i = 0; i < 10; ++i)
        for (Index k = 0; k < 3; ++k)
          CHECK(std::abs(P(i, k) -
                         gold["probabilities_first_10"][static_cast<size_t>(i)][static_cast<size_t>(k)].get<double>()) <
                1e-8);
    }
  }
}
