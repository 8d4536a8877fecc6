// Learners that exist only in tests: each does one thing that a cross-validation must get right.
#pragma once
#include <algorithm>
#include <cmath>

#include "assay/core/rng.h"
#include "assay/ml/selection/cross_validate.h"

namespace assay::test {

struct ToyParams {
  double cut = 0;
  static void fields(auto& p, auto&& field) { field("cut", p.cut, any_number, "class 1 where x > cut"); }
};

/// What all toy models share: prediction by a cut in the last column.
struct ToyModel {
  double cut = 0;
  bool coin = false, values = false;
  FitReport report;
  Vector predict(const Samples& x, const Context& ctx) const {
    const Matrix& X = x.rows();
    Vector out(X.rows());
    Rng rng = ctx.rng();
    for (Index i = 0; i < X.rows(); ++i) {
      const double v = X(i, X.cols() - 1);
      out[i] = values ? v : coin ? static_cast<double>(rng.below(2)) : v > cut ? 1 : 0;
    }
    return out;
  }
  void save(ArchiveWriter& out) const { out.number("cut", cut); }
  static ToyModel load(const ArchiveReader& in, const std::vector<Column>&, const Target&) {
    ToyModel m;
    m.cut = in.number("cut");
    return m;
  }
};

/// Class 1 where the last column is above the cut.
struct Stump {
  using Params = ToyParams;
  using Model = ToyModel;
  static constexpr LearnerInfo info{"toy-stump", "", "", {}, {.classification = true, .weights = Weights::exact}};
  static Model fit(const Params& p, const Samples&, const Target&, const Context&) { return {p.cut, false, false, {}}; }
};
struct StumpAgain : Stump {
  static constexpr LearnerInfo info{"toy-stump-again", "", "", {}, {.classification = true, .weights = Weights::exact}};
};
struct Coin : Stump {
  static constexpr LearnerInfo info{"toy-coin", "", "", {}, {.classification = true, .weights = Weights::exact}};
  static Model fit(const Params& p, const Samples&, const Target&, const Context&) { return {p.cut, true, false, {}}; }
};
struct Moody : Stump {
  static constexpr LearnerInfo info{"toy-moody", "", "", {}, {.classification = true, .weights = Weights::exact}};
  static Model fit(const Params&, const Samples&, const Target&, const Context&) { throw DataError("not today"); }
};
/// Regression: predicts the last column.
struct LastColumn : Stump {
  static constexpr LearnerInfo info{"toy-last", "", "", {}, {.regression = true, .weights = Weights::exact}};
  static Model fit(const Params&, const Samples&, const Target&, const Context&) { return {0, false, true, {}}; }
};
/// Stops early, always.
struct Tired : Stump {
  static constexpr LearnerInfo info{"toy-tired", "", "", {}, {.classification = true, .weights = Weights::exact}};
  static Model fit(const Params& p, const Samples&, const Target&, const Context&) {
    ToyModel m{p.cut, false, false, {}};
    m.report.converged = false;
    m.report.note = "sleep more";
    return m;
  }
};

template <class L>
inline constexpr Learner kToy = learner<L>();
template <class L>
Candidate candidate() {
  return make_candidate(kToy<L>);
}

struct Data {
  Samples samples;
  Target target;
};

/// n rows, noise column and a column x in [-1, 1]; class 1 where x > 0, turned round with probability `noise`.
inline Data threshold_data(int n, double noise, uint64_t seed) {
  Rng rng(seed);
  Data data;
  Columns X(n, 2);
  data.samples.columns = {{"noise", {}}, {"x", {}}};
  data.target.name = "y";
  data.target.classes = {"no", "yes"};
  for (int i = 0; i < n; ++i) {
    X(i, 0) = rng.normal();
    X(i, 1) = rng.uniform(-1, 1);
    data.target.code.push_back((X(i, 1) > 0) != (rng.uniform() < noise) ? 1 : 0);
  }
  data.samples.X = std::move(X);
  return data;
}

/// y = x + small noise.
inline Data line_data(int n, uint64_t seed) {
  Rng rng(seed);
  Data data;
  Columns X(n, 1);
  data.samples.columns = {{"x", {}}};
  data.target.name = "y";
  data.target.value = Vector(n);
  for (int i = 0; i < n; ++i) {
    X(i, 0) = rng.normal();
    data.target.value[i] = X(i, 0) + 0.1 * rng.normal();
  }
  data.samples.X = std::move(X);
  return data;
}

}  // namespace assay::test
