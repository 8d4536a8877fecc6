#include "assay/ml/svm/smo.h"

#include <cstring>

#include "assay/core/rng.h"
#include "assay/ml/svm/smo_1998.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::svm;

namespace {

struct Problem {
  Samples samples;
  DualProblem dual;
  KernelFunction kernel{Kernel::rbf, 0.7, 0, 3};
};

/// n rows of d normal columns; two classes that overlap, or (epsilon >= 0) numbers. Every fifth row has weight 2.
Problem random_problem(Index n, Index d, uint64_t seed, double C, double epsilon = -1) {
  Rng rng(seed, 5);
  Problem p;
  Matrix X(n, d);
  for (Index f = 0; f < d; ++f) p.samples.columns.push_back({"x" + std::to_string(f), {}});
  for (Index i = 0; i < n; ++i) {
    for (Index f = 0; f < d; ++f) X(i, f) = rng.normal();
    const double signal = X(i, 0) + 0.7 * rng.normal(), box = i % 5 ? C : 2 * C;
    if (epsilon >= 0) {
      p.dual.z.push_back(signal);
      p.dual.lower.push_back(-box);
      p.dual.upper.push_back(box);
    } else {
      const bool plus = i == 0 || (i > 1 && signal > 0);
      p.dual.z.push_back(plus ? 1 : -1);
      p.dual.lower.push_back(plus ? 0 : -box);
      p.dual.upper.push_back(plus ? box : 0);
    }
  }
  p.dual.epsilon = std::max(0.0, epsilon);
  p.samples.X = X;
  return p;
}

std::vector<int> all_rows(Index n) {
  std::vector<int> rows;
  for (Index i = 0; i < n; ++i) rows.push_back(static_cast<int>(i));
  return rows;
}

using SolverFunction = SmoResult (*)(const DualProblem&, KernelRows&, const SmoOptions&, CacheMemory&, const Context&);

SmoResult solve(const Problem& p, const SmoOptions& options, SolverFunction solver = solve_smo, int threads = 1) {
  const KernelTable table(p.kernel, p.samples);
  KernelRows rows(table, all_rows(p.samples.n()));
  CacheMemory memory;
  return solver(p.dual, rows, options, memory, Context(0, threads));
}

SmoOptions to(double tolerance) {
  SmoOptions options;
  options.tolerance = tolerance;
  return options;
}

/// K as the solver sees it: rounded to single precision.
Matrix kernel_matrix(const Problem& p) {
  const Index n = p.samples.n();
  const KernelTable table(p.kernel, p.samples);
  KernelRows rows(table, all_rows(n));
  std::vector<float> row(static_cast<size_t>(padded(n)));
  float* const out[1] = {row.data()};
  Matrix K(n, n);
  for (Index i = 0; i < n; ++i) {
    rows.compute(&i, 1, 0, padded(n), out);
    for (Index j = 0; j < n; ++j) K(i, j) = row[static_cast<size_t>(j)];
  }
  return K;
}

double objective(const Problem& p, const Matrix& K, const std::vector<double>& beta) {
  const Eigen::Map<const Vector> b(beta.data(), static_cast<Index>(beta.size()));
  const Eigen::Map<const Vector> z(p.dual.z.data(), b.size());
  return 0.5 * b.dot(K * b) - z.dot(b) + p.dual.epsilon * b.cwiseAbs().sum();
}

/// The optimum by exhaustion: every variable at its lower bound, at 0, at its upper bound, or free in between on either side of 0;
/// each such guess is one linear system.
double brute_force(const Problem& p, const Matrix& K) {
  const Index n = K.rows();
  const bool bent = p.dual.epsilon > 0;
  const int states = bent ? 5 : 3;
  double best = 0;
  long guesses = 1;
  for (Index i = 0; i < n; ++i) guesses *= states;
  for (long g = 0; g < guesses; ++g) {
    std::vector<double> beta(static_cast<size_t>(n));
    std::vector<Index> free;
    Vector slope = Vector::Zero(n);
    long code = g;
    for (Index i = 0; i < n; ++i, code /= states) {
      const auto t = static_cast<size_t>(i);
      const long s = code % states;
      if (s == 0) beta[t] = p.dual.lower[t];
      if (s == 1) beta[t] = p.dual.upper[t];
      if (s == 3) beta[t] = 0;
      if (s == 2 || s == 4) free.push_back(i), slope[i] = s == 2 ? p.dual.epsilon : -p.dual.epsilon;
    }
    // K_ff b_f + 1 mu = z_f - slope_f - K_fr b_r,  1'b_f = -1'b_r
    const auto m = static_cast<Index>(free.size());
    Matrix A = Matrix::Zero(m + 1, m + 1);
    Vector b(m + 1);
    const Eigen::Map<const Vector> rest(beta.data(), n);
    for (Index r = 0; r < m; ++r) {
      for (Index c = 0; c < m; ++c) A(r, c) = K(free[r], free[c]);
      A(r, m) = A(m, r) = 1;
      b[r] = p.dual.z[static_cast<size_t>(free[r])] - slope[free[r]] - K.row(free[r]).dot(rest);
    }
    b[m] = -rest.sum();
    if (m == 0 && std::abs(b[0]) > 1e-12) continue;
    const Vector x = m > 0 ? solve_qr(A, b) : Vector();
    bool feasible = true;
    for (Index r = 0; r < m; ++r) {
      const auto t = static_cast<size_t>(free[r]);
      beta[t] = x[r];
      const bool side = !bent || x[r] * slope[free[r]] >= 0;
      feasible = feasible && side && x[r] >= p.dual.lower[t] && x[r] <= p.dual.upper[t];
    }
    if (feasible && std::abs(rest.sum()) < 1e-9) best = std::min(best, objective(p, K, beta));
  }
  return best;
}

void check_optimality(const Problem& p, const SmoResult& r, double tolerance) {
  const Matrix K = kernel_matrix(p);
  double sum = 0, m = -1e300, M = 1e300, cost = 0, quadratic = 0;
  const Eigen::Map<const Vector> beta(r.beta.data(), K.rows());
  for (Index i = 0; i < K.rows(); ++i) {
    const auto t = static_cast<size_t>(i);
    sum += r.beta[t];
    CHECK(r.beta[t] >= p.dual.lower[t]);
    CHECK(r.beta[t] <= p.dual.upper[t]);
    const double f = K.row(i).dot(beta), F = f - p.dual.z[t], e = p.dual.epsilon;
    if (r.beta[t] < p.dual.upper[t]) m = std::max(m, -F - (r.beta[t] < 0 ? -e : e));
    if (r.beta[t] > p.dual.lower[t]) M = std::min(M, -F - (r.beta[t] > 0 ? e : -e));
    quadratic += r.beta[t] * f;
    cost += p.dual.upper[t] * std::max(0.0, r.rho - F - e) - p.dual.lower[t] * std::max(0.0, F - r.rho - e);
  }
  CHECK(std::abs(sum) < 1e-12 * static_cast<double>(K.rows()));
  CHECK(m - M <= tolerance * 1.001 + 1e-12);
  CHECK(std::abs(r.violation - std::max(0.0, m - M)) < 1e-11);
  CHECK(r.objective == Approx(objective(p, K, r.beta)).epsilon(1e-11));
  CHECK(r.gap == Approx(quadratic / 2 + cost + r.objective).margin(1e-10));
  CHECK(r.gap >= -1e-10);
}

bool same(const SmoResult& a, const SmoResult& b) {
  return a.iterations == b.iterations && std::memcmp(&a.objective, &b.objective, sizeof(double)) == 0 &&
         std::memcmp(&a.rho, &b.rho, sizeof(double)) == 0 &&
         std::memcmp(a.beta.data(), b.beta.data(), a.beta.size() * sizeof(double)) == 0;
}

}  // namespace

TEST_CASE("smo: two points, one of each class, are met by the machine computed by hand") {
  // Linear kernel, x = 0 and 2: w = 1, the margin ends on both points; alpha = 2 / |x1 - x2|^2 = 1/2, f(x) = x - 1.
  Problem p;
  p.samples.columns = {{"x", {}}};
  p.samples.X = Matrix{{2.0}, {0.0}};
  p.dual = {{1, -1}, {0, -10}, {10, 0}, 0};
  p.kernel.kind = Kernel::linear;
  for (const auto solver : {solve_smo, solve_smo_1998}) {
    const SmoResult r = solve(p, to(1e-9), solver);
    CHECK(r.converged);
    CHECK(r.iterations == 1);
    CHECK(r.beta == std::vector<double>{0.5, -0.5});
    CHECK(r.rho == 1);
    CHECK(r.objective == -0.5);
    CHECK(r.gap == 0);
  }
}

TEST_CASE("smo: at the end KKT holds, beta sums to zero, keeps its box, and the report is what the definitions say") {
  for (const double C : {0.1, 1.0, 100.0})
    for (const double epsilon : {-1.0, 0.0, 0.2}) {
      INFO("C " << C << ", epsilon " << epsilon);
      const Problem p = random_problem(150, 3, 1, C, epsilon);
      const SmoResult r = solve(p, to(1e-6));
      CHECK(r.converged);
      check_optimality(p, r, 1e-6);
    }
}

TEST_CASE("smo: the duality gap falls to nothing with the tolerance") {
  for (const double epsilon : {-1.0, 0.1}) {
    const Problem p = random_problem(120, 2, 2, 1.0, epsilon);
    double before = 1e9;
    for (const double tolerance : {1e-1, 1e-3, 1e-5, 1e-9}) {
      const SmoResult r = solve(p, to(tolerance));
      CHECK(r.gap < before);
      CHECK(r.gap <= 250 * tolerance);  // sum of the boxes times the violation
      before = r.gap;
    }
  }
}

TEST_CASE("smo: on a few points the objective is that of exhaustive search, for classes and for numbers") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const Problem classes = random_problem(9, 2, seed, 1.0);
    CHECK(solve(classes, to(1e-10)).objective == Approx(brute_force(classes, kernel_matrix(classes))).epsilon(1e-9));
    const Problem numbers = random_problem(5, 2, seed, 0.5, 0.2);
    CHECK(solve(numbers, to(1e-10)).objective == Approx(brute_force(numbers, kernel_matrix(numbers))).epsilon(1e-9));
  }
}

TEST_CASE("smo: Platt's of 1998 reaches the same objective and the same rho") {
  for (const Kernel kind : {Kernel::rbf, Kernel::poly, Kernel::linear})  // positive semi-definite: one optimum
    for (const double epsilon : {-1.0, 0.1}) {
      Problem p = random_problem(90, 3, 4, 1.0, epsilon);
      p.kernel = {kind, 0.3, 1, 2};
      const SmoResult fast = solve(p, to(1e-8)), textbook = solve(p, to(1e-8), solve_smo_1998);
      INFO(static_cast<int>(kind) << " " << epsilon);
      CHECK(fast.converged);
      CHECK(textbook.converged);
      CHECK(textbook.objective == Approx(fast.objective).epsilon(1e-10));
      CHECK(textbook.rho == Approx(fast.rho).margin(1e-6));
      check_optimality(p, textbook, 1e-8);
    }
}

TEST_CASE("smo: with shrinking the optimum is the same as without") {
  for (const double epsilon : {-1.0, 0.1}) {
    const Problem p = random_problem(1500, 2, 6, 1.0, epsilon);
    SmoOptions on = to(1e-6), off = to(1e-6);
    off.shrinking = false;
    const SmoResult with = solve(p, on), without = solve(p, off);
    CHECK(with.iterations > 2000);  // it did shrink
    CHECK(with.objective == Approx(without.objective).epsilon(1e-10));
    CHECK(with.rho == Approx(without.rho).margin(1e-5));
    check_optimality(p, with, 1e-6);
  }
}

TEST_CASE("smo: a cache of three rows and one of all rows give the same bits, and so do threads", "[parallel]") {
  for (const double epsilon : {-1.0, 0.1}) {
    const Problem p = random_problem(1400, 3, 7, 10.0, epsilon);
    SmoOptions tiny = to(1e-4), small = to(1e-4);
    tiny.cache_bytes = 1;
    small.cache_bytes = 400 * 1400;
    const SmoResult large = solve(p, to(1e-4));
    CHECK(large.iterations > 1500);
    CHECK(same(solve(p, tiny), large));
    CHECK(same(solve(p, small), large));
    CHECK(same(solve(p, small, solve_smo, 7), large));
    CHECK(solve(p, tiny).rows > large.rows);
  }
}

TEST_CASE("smo: the iteration limit is kept and said") {
  const Problem p = random_problem(200, 2, 8, 1.0);
  for (const auto solver : {solve_smo, solve_smo_1998}) {
    SmoOptions options = to(1e-6);
    options.max_iter = 20;
    const SmoResult r = solve(p, options, solver);
    CHECK_FALSE(r.converged);
    CHECK(r.iterations == 20);
    CHECK(r.violation > 1e-6);
  }
}
