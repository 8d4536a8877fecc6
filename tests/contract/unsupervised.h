// What the contract of clusterers and reducers runs on: every line of their catalogues and the toys of tests/support, bare
// and through the pipeline, on small seeded data.
#pragma once
#include "tests/contract/subject.h"
#include "tests/support/toy_unsupervised.h"

namespace assay::contract {

template <class Algorithm>
struct Subject {
  Algorithm algorithm;
  bool piped;        ///< through the pipeline, on a table with text and missing cells
  bool toy = false;  ///< in no catalogue: a file cannot name it
  const Traits& traits() const { return algorithm.traits(); }
  std::string name() const { return std::string(algorithm.name()) + (piped ? ", through the pipeline" : ", bare"); }
};

template <class Algorithm>
std::vector<Subject<Algorithm>> subjects_of(std::span<const Algorithm> catalogue, const Algorithm& toy) {
  std::vector<Subject<Algorithm>> all;
  for (const bool piped : {false, true}) {
    all.push_back({toy, piped, true});
    for (const Algorithm& a : catalogue) all.push_back({a, piped});
  }
  return all;
}

/// Calls check(subject) for every clusterer and reducer.
template <class Check>
void for_every_subject(Check check) {
  for (const auto& s : subjects_of(clusterers(), clusterer<test::Halves>())) {
    INFO(s.name());
    check(s);
  }
  for (const auto& s : subjects_of(reducers(), reducer<test::FirstColumns>())) {
    INFO(s.name());
    check(s);
  }
}

// ---- making data

template <class Algorithm>
void set_cells(Samples& samples, const Columns& X, const Subject<Algorithm>& s) {
  if (!s.piped && s.traits().layout == Layout::rows)
    samples.X = Matrix(X);
  else
    samples.X = X;
}

/// n x d numbers around three centres 6 apart, every second column of whole eighths (ties). With the pipeline: a text column
/// of three levels more, and one cell in nine missing.
template <class Algorithm>
Samples make_rows(const Subject<Algorithm>& s, Index n, Index d, uint64_t seed) {
  Rng rng(seed, 78);
  Samples samples;
  Columns X(n, d);
  for (Index f = 0; f < d; ++f) samples.columns.push_back({"x" + std::to_string(f + 1), {}});
  for (Index i = 0; i < n; ++i) {
    const auto blob = static_cast<double>(i % 3);
    for (Index f = 0; f < d; ++f) {
      double x = rng.normal() + (f % 2 ? -6 : 6) * blob;
      if (f % 2) x = std::round(8 * x) / 8;
      X(i, f) = s.traits().non_negative ? std::abs(x) : x;
    }
  }
  if (s.piped) {
    X.conservativeResize(n, d + 1);
    samples.columns.push_back({"colour", {"blue", "green", "red"}});
    for (Index i = 0; i < n; ++i) {
      X(i, d) = static_cast<double>(rng.below(3));
      for (Index f = 0; f <= d; ++f)
        if (rng.below(9) == 0) X(i, f) = std::nan("");
    }
  }
  set_cells(samples, X, s);
  return samples;
}

template <class Algorithm>
Samples usual_rows(const Subject<Algorithm>& s, uint64_t seed = 1) {
  return make_rows(s, 90, 4, seed);
}

// ---- running

/// A model, bare or whole.
template <class Any, class Whole>
struct Result {
  std::unique_ptr<Any> bare;
  std::optional<Whole> whole;
  const Any& model() const { return whole ? *whole->model : *bare; }
  const FitReport& report() const { return model().report(); }
  /// The samples as the model sees them.
  Samples seen(const Samples& x) const { return whole ? whole->pipeline.transform(x, 1) : x; }
};
using Clustered = Result<AnyClustering, ClusterModel>;
using Reduced = Result<AnyReduction, ReducerModel>;
template <class Algorithm>
using ResultOf = std::conditional_t<std::is_same_v<Algorithm, Clusterer>, Clustered, Reduced>;

template <class Algorithm>
ResultOf<Algorithm> fit(const Subject<Algorithm>& s, const AnyParams& params, const Samples& x, const Context& ctx) {
  ResultOf<Algorithm> r;
  if (s.piped)
    r.whole = fit_model(s.algorithm, params, x, {}, ctx);
  else
    r.bare = s.algorithm.fit(params, x, ctx);
  return r;
}
template <class Algorithm>
ResultOf<Algorithm> fit(const Subject<Algorithm>& s, const Samples& x, const Context& ctx) {
  return fit(s, *s.algorithm.params(), x, ctx);
}

/// Everything a model says about rows: labels and probabilities, or scores.
struct Said {
  std::vector<int> labels;
  Matrix numbers;
};

inline Said said_of(const Clustered& r, const Samples& x, const Context& ctx) {
  Said said;
  const Samples seen = r.seen(x);
  if (r.model().has_predict()) said.labels = r.model().predict(seen, ctx);
  if (r.model().has_proba()) said.numbers = r.model().predict_proba(seen, ctx);
  return said;
}
inline Said said_of(const Reduced& r, const Samples& x, const Context& ctx) {
  return {{}, r.model().transform(r.seen(x), ctx)};
}

/// The same of the training rows: a clustering's own labels.
inline const std::vector<int>& own_labels(const Clustered& r) { return r.model().labels(); }
inline const std::vector<int>& own_labels(const Reduced&) {
  static const std::vector<int> none;
  return none;
}

inline bool same_bits(const Said& a, const Said& b) { return a.labels == b.labels && same_bits(a.numbers, b.numbers); }

// ---- checking an answer

inline void check_labels(const std::vector<int>& labels, Index n, int clusters) {
  REQUIRE(static_cast<Index>(labels.size()) == n);
  for (const int k : labels) {
    CHECK(k >= kNoise);
    CHECK(k < clusters);
  }
}

inline void check_said(const Clustered& r, const Said& said, Index n) {
  if (r.model().has_predict()) check_labels(said.labels, n, r.model().clusters());
  if (!r.model().has_proba()) return;
  REQUIRE(said.numbers.rows() == n);
  REQUIRE(said.numbers.cols() == r.model().clusters());
  for (Index i = 0; i < n; ++i) {
    CHECK(said.numbers.row(i).minCoeff() >= 0);
    CHECK(std::abs(said.numbers.row(i).sum() - 1) < 1e-9);
  }
}
inline void check_said(const Reduced&, const Said& said, Index n) {
  CHECK(said.numbers.rows() == n);
  CHECK(said.numbers.cols() >= 1);
  CHECK(said.numbers.allFinite());
}

/// What a fit leaves: every training row labelled, centres and variances finite, singular values falling.
inline void check_fit(const Clustered& r, const Samples& x) {
  const AnyClustering& m = r.model();
  CHECK(m.clusters() >= 0);
  check_labels(m.labels(), x.n(), m.clusters());
  if (m.centers().size() > 0) {
    CHECK(m.centers().rows() == m.clusters());
    CHECK(m.centers().cols() == r.seen(x).d());
    CHECK(m.centers().allFinite());
  }
}
inline void check_fit(const Reduced& r, const Samples& x) {
  const AnyReduction& m = r.model();
  for (const Vector* v : {&m.explained_variance(), &m.explained_variance_ratio(), &m.singular_values()}) {
    CHECK(v->allFinite());
    for (Index c = 0; c < v->size(); ++c) {
      CHECK((*v)[c] >= 0);
      if (c && v == &m.singular_values()) CHECK((*v)[c] <= (*v)[c - 1]);
    }
  }
  if (m.components().size() > 0) CHECK(m.components().cols() == r.seen(x).d());
}

template <class R>
void check_report(const R& r) {
  CHECK(std::isfinite(r.report().objective));
  CHECK(r.report().iterations >= 0);
  CHECK((r.report().converged || !r.report().note.empty()));
}

}  // namespace assay::contract
