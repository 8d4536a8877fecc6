// Notation   order: classes as they came; a < b places in it;  pair: the machine of two classes, rows of a are +1, of b are -1
// Method     1 the rows of each class; rows of weight 0 are left out   2 every pair of classes: the dual (smo.h)
//            3 with probability: five folds of the pair, a machine on four, decision values of the fifth, a sigmoid through
//            all of them (probability.h)   4 the rows that have a coefficient in any pair, class by class
// Departures from the papers: the folds are dealt within each class, so that none lacks one [Lin2007 leaves that open]; gamma=scale
//            takes the weighted variance, so that a row of weight 2 is two rows
#include "assay/ml/svm/svm.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/grain.h"
#include "assay/core/text.h"
#include "assay/ml/svm/probability.h"
#include "assay/ml/svm/smo.h"
#include "assay/ml/svm/smo_1998.h"

namespace assay {
namespace {

using svm::DualProblem;
using svm::KernelFunction;
using svm::KernelRows;
using svm::SmoResult;

constexpr int kFolds = 5;
constexpr Index kStepsACell = 8;  ///< at least, to train the machines

// Variance of all cells, rows weighted; absent cells of a sparse table are zeros.
double cell_variance(const Samples& samples) {
  double weight = 0, sum = 0, squares = 0;
  const auto each_cell = [&](auto&& visit) {
    for (Index i = 0; i < samples.n(); ++i) {
      const double s = samples.weight_of(i);
      if (const auto* X = std::get_if<Matrix>(&samples.X)) {
        for (Index f = 0; f < X->cols(); ++f) visit(s, (*X)(i, f));
      } else {
        const Csr& S = samples.sparse();
        for (auto e = S.row_start[static_cast<size_t>(i)]; e < S.row_start[static_cast<size_t>(i) + 1]; ++e)
          visit(s, S.value[static_cast<size_t>(e)]);
      }
    }
  };
  for (Index i = 0; i < samples.n(); ++i) weight += samples.weight_of(i) * static_cast<double>(samples.d());
  each_cell([&](double s, double x) { sum += s * x; });
  const double mean = sum / weight;
  double seen = 0;
  each_cell([&](double s, double x) { squares += s * (x - mean) * (x - mean), seen += s; });
  return (squares + std::max(0.0, weight - seen) * mean * mean) / weight;
}

KernelFunction kernel_of(const SvmParams& params, const Samples& samples) {
  KernelFunction k{params.kernel, 1, params.coef0, params.degree};
  const auto d = static_cast<double>(samples.d());
  if (const double* gamma = std::get_if<double>(&params.gamma)) {
    k.gamma = *gamma;
  } else if (std::get<Gamma>(params.gamma) == Gamma::automatic) {
    k.gamma = 1 / d;
  } else {
    const double variance = cell_variance(samples);
    k.gamma = variance > 0 ? 1 / (d * variance) : 1 / d;
    if (!(k.gamma > 0) || !std::isfinite(k.gamma))
      throw DataError("gamma=scale has no value: the variance of all cells is " + shortest(variance),
                      "scale the columns, or give a number for gamma");
  }
  return k;
}

// DataError where a cell is not finite, or kernel values would not fit single precision.
void check_rows(const Samples& samples, const KernelFunction& k) {
  check_finite(samples);
  for (Index i = 0; i < samples.n(); ++i) {
    const double square = svm::squared_norm(samples, i);
    const double most = k.kind == Kernel::poly ? std::pow(k.gamma * square + std::abs(k.coef0), k.degree) : square;
    if (most > 1e30 || k.gamma * square > 1e30)
      throw DataError("row " + std::to_string(i + 1) + " is so large (its squared length is " + six_digits(square) +
                          ") that kernel values overflow",
                      "scale the columns");
  }
}

// Row and weight lists of each class, classes in the order of their first row; or one list where the target is numbers.
struct Groups {
  std::vector<int> order;
  std::vector<std::vector<int>> rows;
};

Groups groups_of(const Samples& samples, const Target& target) {
  Groups g;
  std::vector<int> place(static_cast<size_t>(std::max(1, target.K())), -1);
  for (Index i = 0; i < samples.n(); ++i) {
    if (samples.weight_of(i) == 0) continue;
    const int k = target.task() == Task::classification ? target.code[static_cast<size_t>(i)] : 0;
    if (place[static_cast<size_t>(k)] < 0) {
      place[static_cast<size_t>(k)] = static_cast<int>(g.order.size());
      g.order.push_back(k);
      g.rows.emplace_back();
    }
    g.rows[static_cast<size_t>(place[static_cast<size_t>(k)])].push_back(static_cast<int>(i));
  }
  if (target.task() == Task::classification && g.order.size() < 2)
    throw DataError("only one class has rows of a weight above 0", "a machine separates two");
  return g;
}

// One machine's training: what stays the same for all of them.
class Trainer {
 public:
  Trainer(const SvmParams& params, const KernelFunction& k, const Samples& samples, int at_once)
      : params_(params), samples_(samples), table_(k, samples) {
    options_.tolerance = params.tolerance;
    options_.max_iter = params.max_iter;
    options_.shrinking = params.shrinking;
    options_.cache_bytes = params.cache_mb * 1e6 / std::max(1, at_once);
  }

  SmoResult solve(const DualProblem& problem, const std::vector<int>& rows, svm::CacheMemory& memory,
                  const Context& ctx) const {
    KernelRows kernel(table_, rows);
    return params_.solver == SvmSolver::platt ? svm::solve_smo_1998(problem, kernel, options_, memory, ctx)
                                              : svm::solve_smo(problem, kernel, options_, memory, ctx);
  }

  // Rows of a, then rows of b.
  SmoResult solve_pair(const std::vector<int>& a, const std::vector<int>& b, svm::CacheMemory& memory,
                       const Context& ctx) const {
    DualProblem problem;
    std::vector<int> rows = a;
    rows.insert(rows.end(), b.begin(), b.end());
    for (size_t t = 0; t < rows.size(); ++t) {
      const bool plus = t < a.size();
      const double C = params_.C * samples_.weight_of(rows[t]);
      problem.z.push_back(plus ? 1 : -1);
      problem.lower.push_back(plus ? 0 : -C);
      problem.upper.push_back(plus ? C : 0);
    }
    return solve(problem, rows, memory, ctx);
  }

  // Decision values of `test` by the machine of `rows`.
  std::vector<double> values(const SmoResult& r, const std::vector<int>& rows, const std::vector<int>& test) const {
    std::vector<double> out(test.size(), -r.rho);
    std::vector<int> all = test, vectors;
    std::vector<double> beta;
    for (size_t t = 0; t < rows.size(); ++t)
      if (r.beta[t] != 0) vectors.push_back(rows[t]), beta.push_back(r.beta[t]);
    all.insert(all.end(), vectors.begin(), vectors.end());
    KernelRows kernel(table_, all);
    const Index end = svm::padded(static_cast<Index>(test.size()));
    std::vector<float> row(static_cast<size_t>(end));
    float* const space[1] = {row.data()};
    for (size_t v = 0; v < vectors.size(); ++v) {
      const auto at = static_cast<Index>(test.size() + v);
      kernel.compute(&at, 1, 0, std::min(end, svm::padded(kernel.n())), space);
      for (size_t i = 0; i < test.size(); ++i) out[i] += beta[v] * static_cast<double>(row[i]);
    }
    return out;
  }

  // Step 3.
  svm::Sigmoid sigmoid_of_pair(const std::vector<int>& a, const std::vector<int>& b, svm::CacheMemory& memory,
                               const Context& ctx) const {
    std::vector<int> fold_a(a.size()), fold_b(b.size());
    Rng rng = ctx.rng();
    int dealt = 0;
    for (auto* fold : {&fold_a, &fold_b}) {
      for (int& f : *fold) f = dealt++ % kFolds;
      rng.shuffle(*fold);
    }
    std::vector<double> value, weight;
    std::vector<int> label;
    for (int fold = 0; fold < kFolds; ++fold) {
      std::vector<int> train_a, train_b, test;
      for (const auto& part : {std::pair(&a, &fold_a), std::pair(&b, &fold_b)})
        for (size_t t = 0; t < part.first->size(); ++t) {
          const int row = (*part.first)[t];
          if ((*part.second)[t] != fold) {
            (part.first == &a ? train_a : train_b).push_back(row);
            continue;
          }
          test.push_back(row);
          label.push_back(part.first == &a ? 1 : -1);
          weight.push_back(samples_.weight_of(row));
        }
      if (test.empty()) continue;
      std::vector<double> said(test.size(), train_b.empty() ? 1.0 : -1.0);  // one class alone: its sign
      if (!train_a.empty() && !train_b.empty()) {
        const SmoResult r = solve_pair(train_a, train_b, memory, ctx.child("fold", static_cast<uint64_t>(fold)));
        train_a.insert(train_a.end(), train_b.begin(), train_b.end());
        said = values(r, train_a, test);
      }
      value.insert(value.end(), said.begin(), said.end());
    }
    return svm::fit_sigmoid(value, label, weight);
  }

 private:
  const SvmParams& params_;
  const Samples& samples_;
  svm::KernelTable table_;
  svm::SmoOptions options_;
};

// What all machines leave behind.
struct Machines {
  std::vector<std::vector<std::pair<int, double>>> beta;  // row and coefficient, a machine
  std::vector<SmoResult> results;                         // their beta is moved out
  std::vector<svm::Sigmoid> sigmoids;
};

void keep_coefficients(SmoResult& r, const std::vector<int>& a, const std::vector<int>& b,
                       std::vector<std::pair<int, double>>& out) {
  for (size_t t = 0; t < r.beta.size(); ++t)
    if (r.beta[t] != 0) out.emplace_back(t < a.size() ? a[t] : b[t - a.size()], r.beta[t]);
  r.beta = {};
}

Machines train_pairs(const SvmParams& params, const KernelFunction& k, const Samples& samples, const Groups& g,
                     const Context& ctx) {
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t a = 0; a < g.order.size(); ++a)
    for (size_t b = a + 1; b < g.order.size(); ++b) pairs.emplace_back(a, b);
  Machines m;
  m.beta.resize(pairs.size());
  m.results.resize(pairs.size());
  m.sigmoids.resize(pairs.size());
  const auto count = static_cast<Index>(pairs.size());
  const int threads = ctx.threads > 0 ? ctx.threads : available_threads();
  const Trainer trainer(params, k, samples, static_cast<int>(std::min<Index>(threads, count)));
  const Index steps = kStepsACell * samples.n() * samples.d();
  parallel_for(threads_for_steps(ctx.threads, steps), count, (count + 15) / 16, [&](Index begin, Index end) {
    svm::CacheMemory memory;
    for (Index p = begin; p < end; ++p) {
      const auto at = static_cast<size_t>(p);
      const std::vector<int>&a = g.rows[pairs[at].first], &b = g.rows[pairs[at].second];
      const Context own = count == 1 ? ctx : ctx.child("pair", static_cast<uint64_t>(p));
      SmoResult& r = m.results[at] = trainer.solve_pair(a, b, memory, own);
      keep_coefficients(r, a, b, m.beta[at]);
      if (params.probability) {
        Context quiet = ctx.child("probability", static_cast<uint64_t>(p));
        quiet.trace = Trace();
        m.sigmoids[at] = trainer.sigmoid_of_pair(a, b, memory, quiet);
      }
    }
  });
  return m;
}

Machines train_numbers(const SvmParams& params, const KernelFunction& k, const Samples& samples, const Target& target,
                       const Groups& g, const Context& ctx) {
  DualProblem problem;
  problem.epsilon = params.epsilon;
  for (const int i : g.rows[0]) {
    const double C = params.C * samples.weight_of(i);
    problem.z.push_back(target.value[i]);
    problem.lower.push_back(-C);
    problem.upper.push_back(C);
  }
  svm::CacheMemory memory;
  Machines m;
  m.beta.resize(1);
  m.results.push_back(Trainer(params, k, samples, 1).solve(problem, g.rows[0], memory, ctx));
  keep_coefficients(m.results[0], g.rows[0], {}, m.beta[0]);
  return m;
}

// Step 4.
void collect_vectors(SvmModel& model, const Samples& samples, const Groups& g, const Machines& m) {
  const auto machines_of = std::max<size_t>(1, g.rows.size() - 1);
  std::vector<bool> used(static_cast<size_t>(samples.n()));
  for (const auto& machine : m.beta)
    for (const auto& [row, beta] : machine) used[static_cast<size_t>(row)] = true;
  std::vector<int> rows, column(static_cast<size_t>(samples.n()), -1);
  model.count.clear();
  for (const std::vector<int>& own : g.rows) {
    const size_t before = rows.size();
    for (const int i : own)
      if (used[static_cast<size_t>(i)])
        column[static_cast<size_t>(i)] = static_cast<int>(rows.size()), rows.push_back(i);
    model.count.push_back(static_cast<int>(rows.size() - before));
  }
  Samples bare;
  bare.columns = samples.columns;
  bare.X = samples.X;
  const Samples kept = gather(bare, rows);
  if (const auto* X = std::get_if<Matrix>(&kept.X))
    model.X = *X;
  else
    model.X = kept.sparse();
  model.coef = Matrix::Zero(static_cast<Index>(machines_of), static_cast<Index>(rows.size()));
  std::vector<size_t> place(static_cast<size_t>(samples.n()));
  for (size_t a = 0; a < g.rows.size(); ++a)
    for (const int i : g.rows[a]) place[static_cast<size_t>(i)] = a;
  size_t machine = 0;
  for (size_t a = 0; a < g.rows.size(); ++a)
    for (size_t b = a + 1; b < std::max<size_t>(g.rows.size(), 2); ++b, ++machine)
      for (const auto& [row, beta] : m.beta[machine])
        model.coef(static_cast<Index>(place[static_cast<size_t>(row)] == a ? b - 1 : a),
                   column[static_cast<size_t>(row)]) = beta;
}

FitReport report_of(const SvmParams& params, const SvmModel& model, const Machines& m, const Samples& samples) {
  FitReport report;
  double violation = 0, gap = 0, bounded = 0, rows = 0;
  for (const SmoResult& r : m.results) {
    report.converged = report.converged && r.converged;
    report.iterations += r.iterations;
    report.objective += r.objective;
    violation = std::max(violation, r.violation);
    gap += r.gap;
    rows += static_cast<double>(r.rows);
  }
  for (const auto& machine : m.beta)
    for (const auto& [row, beta] : machine) bounded += std::abs(beta) >= params.C * samples.weight_of(row);
  report.more = {{"support_vectors", static_cast<double>(model.vectors())}, {"bounded", bounded}};
  if (m.results.size() == 1) report.more.emplace_back("rho", m.results[0].rho);
  report.more.insert(
      report.more.end(),
      {{"kkt_violation", violation}, {"duality_gap", gap}, {"kernel_rows", rows}, {"gamma", model.kernel.gamma}});
  report.note = std::to_string(model.vectors()) + " support vectors";
  if (m.results.size() > 1) report.note += " in " + std::to_string(m.results.size()) + " machines";
  if (!report.converged)
    report.note = "stopped at a violation of " + six_digits(violation) + " > " + six_digits(params.tolerance) +
                  "; scale the columns, lower --C or --gamma, or raise --max-iter or --tolerance";
  return report;
}

}  // namespace

SvmModel Svm::fit(const SvmParams& params, const Samples& samples, const Target& target, const Context& ctx) {
  check_fit_input(samples, target, target.task() == Task::classification ? 2 : 1);
  SvmModel model;
  model.task = target.task();
  model.K = target.K();
  model.kernel = kernel_of(params, samples);
  check_rows(samples, model.kernel);
  const Groups g = groups_of(samples, target);
  Machines m = model.task == Task::classification ? train_pairs(params, model.kernel, samples, g, ctx)
                                                  : train_numbers(params, model.kernel, samples, target, g, ctx);
  model.order = g.order;
  collect_vectors(model, samples, g, m);
  const auto machines = static_cast<Index>(m.results.size());
  model.rho.resize(machines);
  for (Index p = 0; p < machines; ++p) model.rho[p] = m.results[static_cast<size_t>(p)].rho;
  if (params.probability && model.task == Task::classification) {
    model.A.resize(machines);
    model.B.resize(machines);
    for (Index p = 0; p < machines; ++p) {
      model.A[p] = m.sigmoids[static_cast<size_t>(p)].A;
      model.B[p] = m.sigmoids[static_cast<size_t>(p)].B;
    }
  }
  model.report = report_of(params, model, m, samples);
  return model;
}

}  // namespace assay
