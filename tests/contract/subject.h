// What the contract runs on: every learner of the catalogue with each of its tasks, bare and through the pipeline, on small
// seeded data in the shape the learner's traits ask for.
#pragma once
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "assay/core/json.h"
#include "assay/core/rng.h"
#include "assay/ml/metrics/metrics.h"
#include "assay/ml/model.h"
#include "tests/support/catch.h"

namespace assay::contract {

struct Case {
  const Learner* learner;
  Task task;
  bool piped;  ///< through the pipeline, on a table with text and missing cells
  const Traits& traits() const { return learner->traits(); }
  std::string name() const {
    return std::string(learner->name()) + ", " + task_name(task) + (piped ? ", through the pipeline" : ", bare");
  }
};

inline std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Learner& l : learners())
    for (const bool piped : {false, true}) {
      if (l.traits().classification) all.push_back({&l, Task::classification, piped});
      if (l.traits().regression) all.push_back({&l, Task::regression, piped});
    }
  return all;
}

inline std::vector<Case> bare_cases() {
  std::vector<Case> bare;
  for (const Case& c : cases())
    if (!c.piped) bare.push_back(c);
  return bare;
}

struct Data {
  Samples samples;
  Target target;
};

// ---- making data

/// Numbers in the layout the learner asks for.
inline void set_cells(Samples& samples, const Columns& X, const Case& c) {
  if (!c.piped && c.traits().layout == Layout::rows)
    samples.X = Matrix(X);
  else
    samples.X = X;
}

inline Target make_target(const Case& c, const Vector& signal, int K) {
  Target y;
  y.name = "y";
  if (c.task == Task::regression) {
    y.value = signal;
    return y;
  }
  for (int k = 0; k < K; ++k) y.classes.push_back("class-" + std::to_string(k));
  for (Index i = 0; i < signal.size(); ++i)
    y.code.push_back(i < K ? static_cast<int>(i)
                           : std::clamp(static_cast<int>(std::floor(signal[i] + K / 2.0)), 0, K - 1));
  return y;
}

/// n x d numbers, every second column of whole eighths (ties), the target a noisy sum of the columns. With the pipeline:
/// a text column of three levels more, and one cell in nine missing.
inline Data make_data(const Case& c, Index n, Index d, int K, uint64_t seed) {
  Rng rng(seed, 77);
  Columns X(n, d);
  Vector signal(n);
  Data data;
  for (Index f = 0; f < d; ++f) data.samples.columns.push_back({"x" + std::to_string(f + 1), {}});
  for (Index i = 0; i < n; ++i) {
    for (Index f = 0; f < d; ++f) {
      double x = rng.normal();
      if (f % 2) x = std::round(8 * x) / 8;
      X(i, f) = c.traits().non_negative ? std::abs(x) : x;
    }
    signal[i] = X.row(i).sum() / std::sqrt(static_cast<double>(d)) + 0.3 * rng.normal();
  }
  if (c.piped) {
    X.conservativeResize(n, d + 1);
    data.samples.columns.push_back({"colour", {"blue", "green", "red"}});
    for (Index i = 0; i < n; ++i) {
      const double level = static_cast<double>(rng.below(3));
      X(i, d) = level;
      signal[i] += level - 1;
      for (Index f = 0; f <= d; ++f)
        if (rng.below(9) == 0) X(i, f) = std::nan("");
    }
  }
  set_cells(data.samples, X, c);
  data.target = make_target(c, signal, K);
  return data;
}

/// Enough rows for several chunks of work, few enough for a debug build.
inline Data usual_data(const Case& c, uint64_t seed = 1) { return make_data(c, 90, 4, 3, seed); }

// ---- running

struct Trained {
  std::unique_ptr<AnyModel> bare;
  std::optional<Model> whole;
  const FitReport& report() const { return whole ? whole->model->report() : bare->report(); }
};

inline Trained fit(const Case& c, const AnyParams& params, const Data& data, const Context& ctx) {
  Trained t;
  if (c.piped)
    t.whole = fit_model(*c.learner, params, data.samples, data.target, {}, ctx);
  else
    t.bare = c.learner->fit(params, data.samples, data.target, ctx, nullptr);
  return t;
}
/// The defaults; but of an ensemble ten members, which promise what a hundred do.
inline std::unique_ptr<AnyParams> usual_params(const Learner& learner) {
  std::unique_ptr<AnyParams> params = learner.params();
  if (params->find("n-estimators")) params->set("n-estimators", "10", learner.name());
  return params;
}
inline Trained fit(const Case& c, const Data& data, const Context& ctx) {
  return fit(c, *usual_params(*c.learner), data, ctx);
}

inline Predictions predict(const Trained& t, const Samples& x, const Context& ctx) {
  Predictions said;
  if (t.whole) {
    said.value = t.whole->predict(x, ctx);
    if (t.whole->model->has_proba()) said.proba = t.whole->predict_proba(x, ctx);
    if (t.whole->model->has_decision()) said.decision = t.whole->decision_function(x, ctx);
  } else {
    said.value = t.bare->predict(x, ctx);
    if (t.bare->has_proba()) said.proba = t.bare->predict_proba(x, ctx);
    if (t.bare->has_decision()) said.decision = t.bare->decision_function(x, ctx);
  }
  return said;
}

// ---- comparing

template <class M>
bool same_bits(const M& a, const M& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         (a.size() == 0 || std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<size_t>(a.size())) == 0);
}
inline bool same_bits(const Predictions& a, const Predictions& b) {
  return same_bits(a.value, b.value) && same_bits(a.proba, b.proba) && same_bits(a.decision, b.decision);
}

/// Largest difference between two matrices, relative above 1.
template <class M>
double distance(const M& a, const M& b) {
  REQUIRE(a.rows() == b.rows());
  REQUIRE(a.cols() == b.cols());
  double most = 0;
  for (Index i = 0; i < a.size(); ++i) {
    const double x = a.data()[i], y = b.data()[i];
    most = std::max(most, std::abs(x - y) / std::max({1.0, std::abs(x), std::abs(y)}));
  }
  return most;
}

/// An answer is an answer: one finite value or class code a row, probabilities that sum to one.
inline void check_answer(const Case& c, const Predictions& said, Index n, int K) {
  REQUIRE(said.value.size() == n);
  for (Index i = 0; i < n; ++i) {
    CHECK(std::isfinite(said.value[i]));
    if (c.task == Task::regression) continue;
    CHECK(said.value[i] == std::floor(said.value[i]));
    CHECK(said.value[i] >= 0);
    CHECK(said.value[i] < K);
  }
  if (said.decision.cols()) {
    CHECK(said.decision.rows() == n);
    CHECK((said.decision.cols() == K || (K == 2 && said.decision.cols() == 1)));
    CHECK(said.decision.allFinite());
  }
  if (said.proba.cols() == 0) return;
  REQUIRE(said.proba.rows() == n);
  REQUIRE(said.proba.cols() == K);
  for (Index i = 0; i < n; ++i) {
    CHECK(said.proba.row(i).minCoeff() >= 0);
    CHECK(std::abs(said.proba.row(i).sum() - 1) < 1e-9);
  }
}

// ---- files

/// A folder of this process that goes away with the object.
struct Scratch {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("assay-contract-" + std::to_string(static_cast<long>(getpid())));
  Scratch() { std::filesystem::create_directories(folder); }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  std::string file(const std::string& name) const { return (folder / name).string(); }
};

inline std::string save_bare(const AnyModel& model) {
  Json node;
  ArchiveWriter out(&node);
  model.save(out);
  return node.dump();
}

/// Columns and target as a file's head would give them.
inline std::unique_ptr<AnyModel> load_bare(const Learner& learner, const std::string& text, const Data& data) {
  const Json node = parse_json(text, "model");
  Target head;
  head.name = data.target.name;
  head.classes = data.target.classes;
  return learner.load(ArchiveReader(&node, "model"), data.samples.columns, head);
}

}  // namespace assay::contract
