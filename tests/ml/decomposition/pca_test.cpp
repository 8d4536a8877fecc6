#include "assay/ml/decomposition/pca.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "assay/core/eigen_symmetric.h"
#include "assay/core/error.h"
#include "assay/core/svd.h"
#include "assay/ml/data/table.h"
#include "assay/ml/decomposition/truncated_svd.h"
#include "assay/ml/preprocess/pipeline.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/paths.h"

using namespace assay;

namespace {

Samples samples_of(const Matrix& X) {
  Samples s;
  for (Index f = 0; f < X.cols(); ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  s.X = X;
  return s;
}

Matrix random_matrix(Index rows, Index cols, uint64_t seed) {
  Rng rng(seed, 5);
  Matrix X(rows, cols);
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = rng.normal();
  return X;
}

// Correlated columns of falling spread, far from 0.
Matrix table(Index n, Index d, uint64_t seed) {
  Matrix X = random_matrix(n, d, seed) * random_matrix(d, d, seed + 1);
  for (Index f = 0; f < d; ++f) X.col(f) = X.col(f) / static_cast<double>(f + 1) + Vector::Constant(n, 5.0 - 3 * f);
  return X;
}

constexpr PrincipalSolver kExact[] = {PrincipalSolver::covariance, PrincipalSolver::gram, PrincipalSolver::svd};

PcaModel fit(const Matrix& X, PcaParams params = {}, int threads = 1) {
  return Pca::fit(params, samples_of(X), Context(0, threads));
}

PcaParams with(PrincipalSolver solver, Components components = NamedCount::all) {
  PcaParams p;
  p.solver = solver;
  p.components = components;
  return p;
}

template <class M>
bool same_bits(const M& a, const M& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<size_t>(a.size())) == 0;
}

// The numbers of a bundled table, without its target, the last column.
Matrix bundled(const std::string& name) {
  const Dataset set = assign_roles(read_table(test::dataset_path("tables/" + name + ".csv")), {});
  return Pipeline::fit(set.samples, Pca::info.traits, {}, 1).transform(set.samples, 1).rows();
}

double relative(const Matrix& a, const Matrix& b) { return (a - b).cwiseAbs().maxCoeff() / b.cwiseAbs().maxCoeff(); }

Matrix matrix_of(const nlohmann::json& rows) {
  Matrix A(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < A.rows(); ++i)
    for (Index j = 0; j < A.cols(); ++j) A(i, j) = rows[static_cast<size_t>(i)][static_cast<size_t>(j)].get<double>();
  return A;
}

Vector vector_of(const nlohmann::json& values) {
  const auto v = values.get<std::vector<double>>();
  return Eigen::Map<const Vector>(v.data(), static_cast<Index>(v.size()));
}

}  // namespace

TEST_CASE("pca: four points on a line, by hand") {
  Matrix X(4, 2);
  X << 0, 0, 1, 1, 2, 2, 3, 3;  // scores -3, -1, 1, 3 over sqrt 2: squares sum to 10, n - 1 = 3
  for (const PrincipalSolver solver : kExact) {
    const PcaModel m = fit(X, with(solver));
    CHECK(m.mean == Eigen::Vector2d(1.5, 1.5));
    CHECK(m.components(0, 0) == Approx(std::sqrt(0.5)).epsilon(1e-14));
    CHECK(m.components(0, 1) == Approx(std::sqrt(0.5)).epsilon(1e-14));
    CHECK(m.explained_variance[0] == Approx(10.0 / 3).epsilon(1e-14));
    CHECK(m.explained_variance_ratio[0] == Approx(1).epsilon(1e-14));
    CHECK(m.explained_variance[1] == Approx(0).margin(1e-14));
    const Matrix scores = m.transform(samples_of(X), Context());
    CHECK(scores(0, 0) == Approx(-3 * std::sqrt(0.5)).epsilon(1e-14));
    CHECK(scores(3, 0) == Approx(3 * std::sqrt(0.5)).epsilon(1e-14));
  }
}

TEST_CASE("pca: components are orthonormal, scores uncorrelated, and their variances are the explained ones") {
  for (const auto& shape : {std::pair<Index, Index>{200, 6}, {30, 8}, {8, 30}, {13, 12}}) {
    const Index n = shape.first, d = shape.second;
    const Matrix X = table(n, d, 3);
    const Samples samples = samples_of(X);
    for (const PrincipalSolver solver : kExact) {
      INFO(n << " x " << d << ", " << solver_title(solver, true));
      const PcaModel m = fit(X, with(solver));
      const Index k = m.components.rows();
      REQUIRE(k == std::min(n, d));
      CHECK((m.components * m.components.transpose() - Matrix::Identity(k, k)).cwiseAbs().maxCoeff() < 1e-13);
      const Matrix scores = m.transform(samples, Context());
      const Matrix covariance = scores.transpose() * scores / static_cast<double>(n - 1);
      const double largest = m.explained_variance[0];
      CHECK((covariance - Matrix(m.explained_variance.asDiagonal())).cwiseAbs().maxCoeff() < 1e-12 * largest);
      CHECK(m.explained_variance_ratio.sum() == Approx(1).epsilon(1e-12));
      CHECK((m.singular_values.array().square() / static_cast<double>(n - 1) - m.explained_variance.array())
                .abs()
                .maxCoeff() < 1e-13 * largest);
      for (Index j = 0; j < k; ++j) CHECK(sign_rule(m.components.row(j).data(), d) == 1);
      CHECK(relative(m.inverse_transform(scores), X) < 1e-12);  // all components: nothing is lost
    }
  }
}

TEST_CASE("pca: what the dropped eigenvalues sum to is the error of the reconstruction") {
  const Matrix X = table(60, 9, 5);
  const Samples samples = samples_of(X);
  const PcaModel all = fit(X);
  for (const bool whiten : {false, true})
    for (int k = 1; k <= 9; ++k) {
      PcaParams p = with(PrincipalSolver::automatic, static_cast<double>(k));
      p.whiten = whiten;
      const PcaModel m = fit(X, p);
      const Matrix back = m.inverse_transform(m.transform(samples, Context()));
      CHECK((back - X).squaredNorm() / 59 ==
            Approx(all.explained_variance.tail(9 - k).sum()).margin(1e-11).epsilon(1e-10));
      CHECK(m.report.objective == Approx(all.explained_variance_ratio.head(k).sum()).epsilon(1e-12));
    }
}

TEST_CASE("pca: whitened scores have variance 1, and a direction without variance has score 0") {
  Matrix X = table(50, 4, 7);
  X.col(3) = X.col(0) + X.col(1);
  PcaParams p;
  p.whiten = true;
  for (const PrincipalSolver solver : kExact) {
    p.solver = solver;
    const Matrix scores = fit(X, p).transform(samples_of(X), Context());
    const Matrix covariance = scores.transpose() * scores / 49;
    CHECK((covariance.topLeftCorner(3, 3) - Matrix::Identity(3, 3)).cwiseAbs().maxCoeff() < 1e-10);
    CHECK(scores.col(3).isZero());
  }
}

TEST_CASE("pca: a rotation of the table rotates the components, a shift changes nothing but the mean") {
  const Matrix X = table(80, 5, 9);
  const Matrix Q = Matrix(svd(random_matrix(5, 5, 10), Context()).U);
  const Matrix turned = X * Q;
  const PcaModel a = fit(X), b = fit(turned), c = fit(X.rowwise() + Eigen::RowVectorXd::Constant(5, 1e6));
  CHECK((a.explained_variance - b.explained_variance).cwiseAbs().maxCoeff() < 1e-12 * a.explained_variance[0]);
  CHECK(((a.components * Q).cwiseAbs() - b.components.cwiseAbs()).cwiseAbs().maxCoeff() < 1e-9);
  CHECK(relative(c.explained_variance, a.explained_variance) < 1e-8);  // 1e6 takes six of the digits of the cells
  CHECK(relative(c.components, a.components) < 1e-7);
}

TEST_CASE("pca: weight two is the row twice, weight zero is no row, whatever the solver") {
  const Matrix X = table(40, 5, 11);
  Samples weighted = samples_of(X);
  weighted.weight = Vector(40);
  std::vector<int> rows;
  for (int i = 0; i < 40; ++i) {
    weighted.weight[i] = i % 3;
    rows.insert(rows.end(), static_cast<size_t>(i % 3), i);
  }
  Samples repeated = gather(weighted, rows);
  repeated.weight = Vector();
  for (const PrincipalSolver solver :
       {PrincipalSolver::covariance, PrincipalSolver::gram, PrincipalSolver::svd, PrincipalSolver::randomized}) {
    PcaParams p = with(solver, 3.0);
    p.tolerance = 1e-10;
    const PcaModel a = Pca::fit(p, weighted, Context()), b = Pca::fit(p, repeated, Context());
    CHECK(relative(a.explained_variance, b.explained_variance) < 1e-12);
    CHECK(relative(a.explained_variance_ratio, b.explained_variance_ratio) < 1e-12);
    CHECK(relative(a.components, b.components) < 1e-9);
    CHECK(relative(a.mean, b.mean) < 1e-14);
  }
}

TEST_CASE("pca: a share keeps the fewest components that reach it") {
  const Matrix X = table(100, 8, 13);
  const PcaModel all = fit(X);
  for (const double share : {0.01, 0.5, 0.9, 0.999}) {
    const PcaModel m = fit(X, with(PrincipalSolver::automatic, share));
    const Index k = m.components.rows();
    CHECK(m.explained_variance_ratio.sum() >= share);
    CHECK(all.explained_variance_ratio.head(k - 1).sum() < share);
    CHECK(same_bits(m.components, Matrix(all.components.topRows(k))));
  }
}

TEST_CASE("pca: auto follows its rule and says so") {
  CHECK(choose_solver(60000, 784, 50, false) == PrincipalSolver::covariance);
  CHECK(choose_solver(2000, 20000, 20, false) == PrincipalSolver::randomized);
  CHECK(choose_solver(2000, 20000, 0, false) == PrincipalSolver::gram);
  CHECK(choose_solver(2000, 20000, 500, false) == PrincipalSolver::gram);
  CHECK(choose_solver(100, 100, 2, false) == PrincipalSolver::covariance);
  CHECK(choose_solver(100, 101, 2, false) == PrincipalSolver::gram);
  CHECK(choose_solver(100, 10, 2, true) == PrincipalSolver::randomized);
  CHECK(fit(table(20, 5, 1)).report.note == "eigenvectors of the covariance matrix");
  CHECK(fit(table(5, 20, 1)).report.note == "eigenvectors of the Gram matrix of the rows");
}

TEST_CASE("pca: randomized agrees with the covariance, and auto falls back where it does not converge") {
  const Matrix signal = random_matrix(700, 12, 15) * random_matrix(12, 600, 16) + 0.3 * random_matrix(700, 600, 17);
  const PcaModel exact = fit(signal, with(PrincipalSolver::covariance, 5.0));
  const PcaModel fast = fit(signal, with(PrincipalSolver::randomized, 5.0));
  CHECK(fast.report.converged);
  CHECK(relative(fast.explained_variance, exact.explained_variance) < 1e-8);
  CHECK(relative(fast.explained_variance_ratio, exact.explained_variance_ratio) < 1e-8);
  CHECK(relative(fast.components, exact.components) < 1e-3);
  CHECK(choose_solver(700, 600, 2, false) == PrincipalSolver::randomized);
  const PcaModel noise = fit(random_matrix(700, 600, 18), with(PrincipalSolver::automatic, 2.0));
  CHECK(noise.report.note == "eigenvectors of the covariance matrix");
  CHECK(noise.report.converged);
  PcaParams hasty = with(PrincipalSolver::randomized, 2.0);
  hasty.max_iter = 2;
  const PcaModel stopped = fit(random_matrix(700, 600, 18), hasty);
  CHECK_FALSE(stopped.report.converged);
  CHECK(stopped.report.note.find("raise --max-iter") != std::string::npos);
}

TEST_CASE("pca: scikit-learn's components, variances, ratios and scores to 1e-10") {
  const auto gold = test::golden("pca.json");
  for (const char* name : {"iris", "wine", "breast_cancer"}) {
    const Matrix X = bundled(name);
    const auto& g = gold[name];
    const Matrix components = matrix_of(g["components"]);
    const Index k = components.rows();
    for (const PrincipalSolver solver : kExact) {
      INFO(name << ", " << solver_title(solver, true));
      const PcaModel m = fit(X, with(solver));
      CHECK(relative(m.components.topRows(k), components) < 1e-10);
      CHECK(relative(m.explained_variance, vector_of(g["explained_variance"])) < 1e-10);
      CHECK(relative(m.explained_variance_ratio, vector_of(g["explained_variance_ratio"])) < 1e-10);
      if (solver == PrincipalSolver::svd)
        CHECK(relative(m.singular_values, vector_of(g["singular_values"])) < 1e-10);
      else  // a root of an eigenvalue near 0 has half of the digits
        CHECK(relative(m.singular_values.cwiseAbs2(), vector_of(g["singular_values"]).cwiseAbs2()) < 1e-10);
      CHECK(relative(m.transform(samples_of(X.topRows(3)), Context()).leftCols(k), matrix_of(g["scores_first_3"])) <
            1e-10);
      PcaParams p = with(solver, static_cast<double>(k));
      p.whiten = true;
      CHECK(relative(fit(X, p).transform(samples_of(X.topRows(3)), Context()), matrix_of(g["whitened_first_3"])) <
            1e-9);
    }
    TruncatedSvdParams p;
    p.components = static_cast<double>(k);
    const TruncatedSvdModel m = TruncatedSvd::fit(p, samples_of(X), Context());
    CHECK(relative(m.components, matrix_of(g["uncentred_components"])) < 1e-9);
    CHECK(relative(m.singular_values, vector_of(g["uncentred_singular_values"]).head(k)) < 1e-10);
  }
}

TEST_CASE("pca: one row, one column, equal rows and huge numbers have an answer or a clear error") {
  for (const PrincipalSolver solver : kExact) {
    for (const Matrix& X : {Matrix(Matrix::Constant(1, 3, 2.0)), Matrix(Matrix::Constant(7, 3, 2.0))}) {
      const PcaModel m = fit(X, with(solver));
      CHECK(m.explained_variance.isZero());
      CHECK(m.explained_variance_ratio.isZero());
      CHECK(m.components.row(0).norm() == Approx(1));
      CHECK(m.transform(samples_of(X), Context()).isZero());
    }
    const Matrix column = table(9, 1, 3);
    CHECK(fit(column, with(solver)).components(0, 0) == 1);
    CHECK_THROWS_AS(fit(random_matrix(5, 3, 1) * 1e300, with(solver)), DataError);
  }
  CHECK_THROWS_AS(fit(table(5, 3, 1), with(PrincipalSolver::automatic, 4.0)), ParameterError);
  Matrix hole = table(5, 3, 1);
  hole(2, 1) = std::nan("");
  CHECK_THROWS_AS(fit(hole), DataError);
  CHECK(check_components(2.5, PrincipalSolver::automatic));
  CHECK(check_components(0.5, PrincipalSolver::randomized));
  CHECK(check_components(NamedCount::all, PrincipalSolver::randomized));
  CHECK_FALSE(check_components(3.0, PrincipalSolver::randomized));
}

TEST_CASE("pca: 1, 2 and 7 threads give the same bits", "[parallel]") {
  const Matrix X = table(3000, 40, 19);
  for (const PrincipalSolver solver :
       {PrincipalSolver::covariance, PrincipalSolver::svd, PrincipalSolver::randomized}) {
    const PcaModel one = fit(X, with(solver, 4.0), 1);
    for (const int threads : {2, 7}) CHECK(same_bits(fit(X, with(solver, 4.0), threads).components, one.components));
  }
}

TEST_CASE("svd reducer: a sparse table and the same table written out agree, weights too") {
  Rng rng(21);
  Matrix X = Matrix::Zero(120, 50);
  Csr sparse;
  sparse.rows = 120;
  sparse.columns = 50;
  for (Index i = 0; i < 120; ++i) {
    for (int f = 0; f < 50; ++f)
      if (rng.below(8) == 0) {
        X(i, f) = rng.normal() + (f < 5 ? 3 : 0);
        sparse.column.push_back(f);
        sparse.value.push_back(X(i, f));
      }
    sparse.row_start.push_back(static_cast<int64_t>(sparse.value.size()));
  }
  Samples dense = samples_of(X), thin = samples_of(X);
  thin.X = sparse;
  TruncatedSvdParams p;
  p.components = 3.0;
  p.tolerance = 1e-9;
  p.max_iter = 300;
  for (const bool weights : {false, true}) {
    if (weights) dense.weight = thin.weight = Vector::LinSpaced(120, 0, 2);
    const TruncatedSvdModel a = TruncatedSvd::fit(p, dense, Context()), b = TruncatedSvd::fit(p, thin, Context());
    REQUIRE(b.report.converged);
    CHECK(relative(b.singular_values, a.singular_values) < 1e-12);
    CHECK(relative(b.explained_variance_ratio, a.explained_variance_ratio) < 1e-12);
    CHECK(relative(b.components, a.components) < 1e-7);
    CHECK(relative(b.transform(thin, Context()), b.transform(dense, Context())) < 1e-13);
  }
  p.components = NamedCount::all;
  CHECK_THROWS_AS(TruncatedSvd::fit(p, thin, Context()), DataError);
}

TEST_CASE("svd reducer: the squares left out are the error of the approximation") {
  const Matrix X = table(40, 7, 23);
  TruncatedSvdParams p;
  p.components = 3.0;
  const TruncatedSvdModel m = TruncatedSvd::fit(p, samples_of(X), Context());
  const Matrix back = m.inverse_transform(m.transform(samples_of(X), Context()));
  CHECK((back - X).squaredNorm() / X.squaredNorm() == Approx(1 - m.explained_variance_ratio.sum()).epsilon(1e-10));
}
