#include "assay/ml/cluster/gmm.h"

#include <Eigen/LU>
#include <cstring>
#include <numbers>

#include "assay/core/json.h"
#include "assay/core/rng.h"
#include "assay/ml/data/table.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr Covariance kAll[] = {Covariance::full, Covariance::tied, Covariance::diagonal, Covariance::spherical};

Samples of(const Matrix& X) {
  Samples s;
  for (Index f = 0; f < X.cols(); ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  s.X = X;
  return s;
}

// Blobs `apart` from each other, each stretched along a direction of its own.
Matrix blobs(Index n, Index d, int K, double apart, uint64_t seed) {
  Rng rng(seed);
  Matrix X(n, d);
  for (Index i = 0; i < n; ++i) {
    const auto k = static_cast<double>(i % K);
    const double along = rng.normal();
    for (Index f = 0; f < d; ++f)
      X(i, f) = apart * k * (f % 2 ? -1 : 1) + 0.5 * rng.normal() + along * std::cos(k + static_cast<double>(f));
  }
  return X;
}

GmmParams with(int clusters, Covariance covariance = Covariance::full, int starts = 1) {
  GmmParams p;
  p.clusters = clusters;
  p.covariance = covariance;
  p.starts = starts;
  return p;
}

GmmModel fit(const Samples& s, const GmmParams& p, int threads = 1) { return Gmm::fit(p, s, Context(1, threads)); }

std::string refusal(const Samples& s, const GmmParams& p) {
  try {
    fit(s, p);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

bool same_bits(const Matrix& a, const Matrix& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<size_t>(a.size())) == 0;
}

Json saved(const GmmModel& m) {
  Json json;
  ArchiveWriter out(&json);
  m.save(out);
  return json;
}

GmmModel loaded(const Json& json, const Samples& s) {
  const Json copy = parse_json(json.dump(), "m.json");
  return GmmModel::load(ArchiveReader(&copy, "model"), s.columns);
}

std::string load_refusal(const Json& json, const Samples& s) {
  try {
    loaded(json, s);
  } catch (const ModelError& e) {
    return e.what();
  }
  return "accepted";
}

struct Recorder : TraceSink {
  std::vector<TraceStep> steps;
  void step(const std::string&, const TraceStep& s) override { steps.push_back(s); }
  void image(const std::string&, const TraceImage&) override {}
};

Matrix matrix_of(const nlohmann::json& rows) {
  Matrix M(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < M.rows(); ++i)
    for (Index f = 0; f < M.cols(); ++f) M(i, f) = rows[static_cast<size_t>(i)][static_cast<size_t>(f)];
  return M;
}

// Labels that no k-means would give, so that EM has a way to go.
std::vector<int> rough_labels(Index n, int K) {
  std::vector<int> labels(static_cast<size_t>(n));
  for (Index i = 0; i < n; ++i) labels[static_cast<size_t>(i)] = static_cast<int>((i * K / n + (i % 5 == 0)) % K);
  return labels;
}

}  // namespace

TEST_CASE("gmm: one component is the mean and the covariance, worked by hand") {
  Matrix X(4, 2);
  X << 0, 0, 2, 0, 0, 4, 2, 4;
  GmmParams p = with(1);
  p.regularization = 0;
  const GmmModel m = fit(of(X), p);
  CHECK(m.pi[0] == 1);
  CHECK(m.centers == (Matrix(1, 2) << 1, 2).finished());
  CHECK(m.covariances[0] == (Matrix(2, 2) << 1, 0, 0, 4).finished());
  // Each row: -log(2 pi) - log(4) / 2 - (1 + 1) / 2
  CHECK(m.report.objective == Approx(4 * (-std::log(2 * std::numbers::pi) - std::log(2.0) - 1)).epsilon(1e-14));
  p.covariance = Covariance::spherical;
  CHECK(fit(of(X), p).covariances[0] == (Matrix(1, 2) << 2.5, 2.5).finished());
  CHECK(m.report.converged);
}

TEST_CASE("gmm: responsibilities are the shares of the densities, by the formula") {
  const Samples s = of(blobs(90, 2, 3, 2.0, 5));
  for (const Covariance covariance : kAll) {
    const GmmModel m = fit(s, with(3, covariance));
    const Matrix R = m.predict_proba(s, Context(0, 1));
    const Vector log_density = m.log_density(s, Context(0, 1));
    for (Index i = 0; i < 90; i += 7) {
      Vector density(3);
      for (int k = 0; k < 3; ++k) {
        const size_t own = covariance == Covariance::full ? static_cast<size_t>(k) : 0;
        Eigen::Matrix2d S = covariance == Covariance::full || covariance == Covariance::tied
                                ? Eigen::Matrix2d(m.covariances[own])
                                : Eigen::Matrix2d(m.covariances[0].row(k).asDiagonal());
        const Eigen::Vector2d y = (s.rows().row(i) - m.centers.row(k)).transpose();
        density[k] =
            m.pi[k] * std::exp(-0.5 * y.dot(S.inverse() * y)) / (2 * std::numbers::pi * std::sqrt(S.determinant()));
      }
      CHECK(std::abs(R.row(i).sum() - 1) < 1e-14);
      for (int k = 0; k < 3; ++k) CHECK(R(i, k) == Approx(density[k] / density.sum()).epsilon(1e-9).margin(1e-300));
      CHECK(log_density[i] == Approx(std::log(density.sum())).epsilon(1e-11));
    }
    CHECK(m.report.objective == Approx(log_density.sum()).epsilon(1e-12));
  }
}

TEST_CASE("gmm: the log-likelihood never falls") {
  for (const Covariance covariance : kAll)
    for (const double regularization : {0.0, 1e-6, 0.3})
      for (const double apart : {0.0, 1.0, 5.0}) {
        Recorder recorder;
        Context ctx(3, 1);
        ctx.trace = Trace(&recorder, "");
        GmmParams p = with(4, covariance);
        p.regularization = regularization;
        p.tolerance = 0;
        p.max_iter = 60;
        Gmm::fit(p, of(blobs(120, 3, 3, apart, 11)), ctx);
        double before = -HUGE_VAL;
        size_t seen = 0;
        for (const TraceStep& step : recorder.steps) {
          if (step.kind != "em") continue;
          const double now = std::get<double>(step.fields[1].value);
          const bool last_refused = step.why.find("mixture before is kept") != std::string::npos;
          CHECK((now >= before || last_refused));
          // Without regularization EM's theorem holds: only rounding is ever refused.
          if (last_refused && regularization == 0) CHECK(before - now < 1e-12);
          before = now;
          ++seen;
        }
        CHECK(seen > 1);
      }
}

TEST_CASE("gmm: M solves its equations: shares add up to one, and the mixture has the mean of the rows") {
  const Samples s = of(blobs(200, 3, 3, 1.5, 21));
  for (const Covariance covariance : kAll) {
    const GmmModel m = fit(s, with(3, covariance));
    CHECK(m.pi.sum() == Approx(1).epsilon(1e-14));
    const Vector mean = (m.pi.transpose() * m.centers).transpose();
    CHECK((mean - s.rows().colwise().mean().transpose()).norm() < 1e-12);
  }
  // And, for full, its covariance: within plus between, but for regularization.
  GmmParams p = with(3);
  p.regularization = 0;
  const GmmModel m = fit(s, p);
  const Matrix centred = s.rows().rowwise() - s.rows().colwise().mean();
  Matrix total = Matrix::Zero(3, 3);
  for (int k = 0; k < 3; ++k) {
    const Eigen::RowVectorXd gap = m.centers.row(k) - s.rows().colwise().mean();
    total += m.pi[k] * (m.covariances[static_cast<size_t>(k)] + gap.transpose() * gap);
  }
  CHECK((total - centred.transpose() * centred / 200).norm() < 1e-12);
}

TEST_CASE("gmm: separated blobs are found, whatever their shape") {
  for (const Covariance covariance : kAll) {
    const GmmModel m = fit(of(blobs(300, 2, 3, 12.0, 8)), with(3, covariance, 5));
    for (size_t i = 3; i < 300; ++i) CHECK(m.labels[i] == m.labels[i % 3]);
    CHECK(m.labels[0] != m.labels[1]);
    CHECK(m.labels[1] != m.labels[2]);
  }
}

TEST_CASE("gmm: more starts are never less likely") {
  const Samples s = of(blobs(150, 2, 5, 1.2, 77));
  double before = -HUGE_VAL;
  for (const int starts : {1, 2, 4, 8}) {
    const double now = fit(s, with(5, Covariance::full, starts)).report.objective;
    CHECK(now >= before);
    before = now;
  }
}

TEST_CASE("gmm: moving and scaling the columns moves and scales the mixture") {
  const Matrix X = blobs(160, 2, 2, 3.0, 4);
  GmmParams p = with(2);
  p.regularization = 0;
  const GmmModel a = fit(of(X), p), b = fit(of((8 * X).array() + 1024), p);
  CHECK(a.labels == b.labels);
  CHECK((((a.centers * 8).array() + 1024).matrix() - b.centers).norm() < 1e-8);
  CHECK((a.covariances[0] * 64 - b.covariances[0]).norm() < 1e-7);
  CHECK(a.report.objective - 160 * 2 * std::log(8.0) == Approx(b.report.objective).epsilon(1e-10));
}

TEST_CASE("gmm: a row of weight w is w rows") {
  const Matrix X = blobs(60, 2, 2, 3.0, 9);
  Samples weighted = of(X);
  weighted.weight = Vector(60);
  std::vector<int> rows;
  for (int i = 0; i < 60; ++i) {
    weighted.weight[i] = 1 + i % 3;
    rows.insert(rows.end(), static_cast<size_t>(1 + i % 3), i);
  }
  Samples repeated = gather(weighted, rows);
  repeated.weight = Vector();
  for (const Covariance covariance : kAll) {
    const GmmModel a = fit(weighted, with(2, covariance)), b = fit(repeated, with(2, covariance));
    CHECK(a.report.objective == Approx(b.report.objective).epsilon(1e-11));
    CHECK((a.centers - b.centers).norm() < 1e-8);
    CHECK(a.report.more[2].second == Approx(b.report.more[2].second).epsilon(1e-11));  // bic
  }
}

TEST_CASE("gmm: a component without spread is named, and regularization holds it open") {
  Matrix X = blobs(40, 2, 1, 0, 3);
  for (Index i = 30; i < 40; ++i) X.row(i) << 50, 50;  // ten equal rows
  GmmParams p = with(2);
  p.regularization = 0;
  CHECK(refusal(of(X), p).find("has closed in on 10 rows that have no spread") != std::string::npos);
  const GmmModel m = fit(of(X), with(2));
  CHECK(m.report.note.find("regularization alone holds component") != std::string::npos);
  CHECK(std::count(m.labels.begin(), m.labels.end(), m.labels[39]) == 10);
  X.col(1) = 2 * X.col(0);
  p.covariance = Covariance::tied;
  CHECK(refusal(of(X), p).find("some columns follow from others") != std::string::npos);
}

TEST_CASE("gmm: what cannot be done is refused and says why") {
  Samples s = of(blobs(5, 2, 1, 0, 3));
  CHECK(refusal(s, with(6)) == "parameter 'clusters' is 6 but there are only 5 rows");
  CHECK(refusal(of(Matrix::Constant(9, 2, 4)), with(2)).find("fewer different rows") != std::string::npos);
  std::get<Matrix>(s.X)(2, 1) = NAN;
  CHECK(refusal(s, with(2)).find("x1") != std::string::npos);
  s = of(blobs(5, 2, 1, 0, 3));
  s.weight = Vector::Constant(5, -1);
  CHECK(refusal(s, with(2)) != "accepted");
}

TEST_CASE("gmm: stopped early it says so") {
  GmmParams p = with(3);
  p.max_iter = 2;
  p.tolerance = 0;
  const GmmModel m = fit(of(blobs(120, 2, 3, 1.0, 6)), p);
  CHECK(!m.report.converged);
  CHECK(m.report.iterations == 2);
  CHECK(m.report.note.find("raise --max-iter") != std::string::npos);
}

TEST_CASE("gmm: E and M in one reading agree with a row at a time") {
  for (const Covariance covariance : kAll)
    for (const Index d : {1, 3, 4, 9}) {
      const Matrix X = blobs(333, d, 3, 1.0, 31);
      Vector w(333);
      for (Index i = 0; i < 333; ++i) w[i] = static_cast<double>(i % 4) / 2;
      const mixture::Mixture start = mixture::from_labels(covariance, X, w, rough_labels(333, 3), 3, 1e-6);
      const auto p = densities(start);
      REQUIRE(p);
      const mixture::Moments slow = em_step_textbook(*p, X, w), quick = em_step(*p, mixture::Packed(X, w, 1), 1);
      CHECK(quick.log_likelihood == Approx(slow.log_likelihood).epsilon(1e-13));
      CHECK((quick.N - slow.N).norm() < 1e-11);
      CHECK((quick.first - slow.first).norm() < 1e-11);
      for (size_t k = 0; k < slow.second.size(); ++k) {
        const Matrix a = slow.second[k], b = quick.second[k];
        if (slow.second.size() == 1)
          CHECK((a - b).norm() < 1e-11);
        else  // the lower triangles; tiles leave products right of the diagonal, too
          CHECK((Matrix(a.triangularView<Eigen::Lower>()) - Matrix(b.triangularView<Eigen::Lower>())).norm() < 1e-11);
      }
    }
}

TEST_CASE("gmm: the same bits for any number of threads", "[parallel]") {
  const Samples s = of(blobs(9000, 3, 4, 1.5, 12));
  for (const Covariance covariance : kAll) {
    GmmParams p = with(4, covariance, 2);
    p.max_iter = 15;
    const GmmModel one = fit(s, p, 1), seven = fit(s, p, 7);
    CHECK(one.labels == seven.labels);
    CHECK(same_bits(one.centers, seven.centers));
    CHECK(same_bits(one.covariances[0], seven.covariances[0]));
    CHECK(one.report.objective == seven.report.objective);
  }
}

TEST_CASE("gmm: a model from its file is the same, a damaged one a ModelError") {
  const Samples s = of(blobs(90, 3, 2, 3.0, 2));
  for (const Covariance covariance : kAll) {
    const GmmModel m = fit(s, with(2, covariance));
    const Json good = saved(m);
    const GmmModel again = loaded(good, s);
    CHECK(saved(again) == good);
    CHECK(again.predict(s, Context(0, 1)) == m.labels);
    CHECK(same_bits(again.predict_proba(s, Context(0, 1)), m.predict_proba(s, Context(0, 1))));
    Json bad = good;
    bad["pi"][0] = 2.0;
    CHECK(load_refusal(bad, s) != "accepted");
    bad = good;
    bad["covariance"] = "round";
    CHECK(load_refusal(bad, s).find("unknown word") != std::string::npos);
    bad = good;
    bad["covariances"][0]["S"]["values"][0] = -1.0;
    CHECK(load_refusal(bad, s).find("positive") != std::string::npos);
    bad = good;
    bad["covariances"].push_back(bad["covariances"][0]);
    CHECK(load_refusal(bad, s) != "accepted");
  }
}

TEST_CASE("gmm: scikit-learn's iterations from the same start") {
  const auto g = golden("gmm_iris.json");
  const Dataset data = assign_roles(read_table(dataset_path("tables/iris.csv")), {});
  const Matrix X(data.samples.cols());
  const std::vector<int> start = g["start"];
  const double per_row = g["header"]["tolerance"]["lower_bounds"]["value"];
  const double close = g["header"]["tolerance"]["parameters"]["value"];
  const mixture::Packed rows(X, Vector(), 1);
  for (const auto& item : covariance_names.items) {
    INFO(item.first);
    const auto& expected = g["fits"][item.first];
    mixture::Mixture m = mixture::from_labels(item.second, X, Vector(), start, 3, g["regularization"]);
    for (size_t t = 0; t < g["iterations"].get<size_t>(); ++t) {
      const mixture::Moments moments = em_step(*densities(m), rows, 1);
      if (t < expected["lower_bounds"].size())
        CHECK(std::abs(moments.log_likelihood / 150 - expected["lower_bounds"][t].get<double>()) <= per_row);
      m = maximize(item.second, moments, m.means, g["regularization"]);
    }
    GmmModel model;
    model.clusters = 3, model.covariance = item.second, model.pi = m.pi, model.centers = m.means;
    model.covariances = m.covariances;
    for (Index k = 0; k < 3; ++k)
      CHECK(std::abs(m.pi[k] - expected["weights"][static_cast<size_t>(k)].get<double>()) <= close);
    CHECK((m.means - matrix_of(expected["means"])).cwiseAbs().maxCoeff() <= close);
    for (size_t k = 0; k < m.covariances.size(); ++k) {
      if (item.second == Covariance::spherical) {
        for (Index c = 0; c < 3; ++c)
          CHECK(std::abs(m.covariances[0](c, 0) - expected["covariances"][static_cast<size_t>(c)].get<double>()) <=
                close);
        continue;
      }
      const auto& S = item.second == Covariance::full ? expected["covariances"][k] : expected["covariances"];
      CHECK((m.covariances[k] - matrix_of(S)).cwiseAbs().maxCoeff() <= close);
    }
    const Samples s = of(X);
    CHECK(model.predict(s, Context(0, 1)) == expected["labels"].get<std::vector<int>>());
    const Vector density = model.log_density(s, Context(0, 1));
    for (Index i = 0; i < 10; ++i)
      CHECK(std::abs(density[i] - expected["log_density_first_10"][static_cast<size_t>(i)].get<double>()) <= close);
    const double parameters = mixture::free_parameters(item.second, 3, 4);
    CHECK(parameters * std::log(150.0) - 2 * density.sum() == Approx(expected["bic"].get<double>()).epsilon(1e-8));
    CHECK(2 * parameters - 2 * density.sum() == Approx(expected["aic"].get<double>()).epsilon(1e-8));
  }
}
