// Notation   N: d x K, counts of each column in each class;  theta: d x K, what a unit of x_f adds to a score
// Method     fit: 1 N, reading the cells that are not 0   2 theta by (1), (2) or (3)   predict: 3 start + x theta
// Departures from the paper: [Rennie2003] transforms counts before (logarithm, document frequency, length: steps 1-3 of its
//            table 4); that is the table's business, here as in scikit-learn. P(k) of complement: [Rennie2003] and
//            scikit-learn leave it out, except where there is one class only.
#include "assay/ml/bayes/discrete.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "assay/core/text.h"
#include "assay/ml/bayes/discrete_kernels.h"
#include "assay/ml/bayes/shares.h"
#include "assay/ml/data/sparse.h"

namespace assay {
namespace {

constexpr Index kRows = 256;     // rows of one task of predict
constexpr Index kChecked = 64;   // rows of a sparse table that are checked together
constexpr size_t kTelling = 12;  // columns shown for each class

struct ClassStep {
  static constexpr const char* kind = "class";
  static constexpr const char* title = "counts of each column, smoothed, as logarithms (1)-(3)";
  static constexpr const char* source = "ml/bayes/discrete.cpp";
  std::string name;
  double weight;
  std::vector<double> N, theta;
  std::string why;
  static void fields(const ClassStep& s, auto&& field) {
    field("k", s.name, "class");
    field("N_k", s.weight, "weight of its rows");
    field("N_kf", s.N, "counts of the first columns in it");
    field("weights", s.theta, "what a unit of each of these columns adds to its score");
  }
};

// What a cell counts for.
double counted(CountModel kind, double binarize, double x) {
  return kind == CountModel::bernoulli ? static_cast<double>(x > binarize) : x;
}

[[noreturn]] void refuse_cell(const Samples& samples, Index i, Index f, double x) {
  throw DataError("row " + std::to_string(i + 1) + ", column " + quoted(samples.columns[static_cast<size_t>(f)].name) +
                      " is " + shortest(x) +
                      (std::isfinite(x) ? ", a count must be >= 0" : ", must be a finite number"),
                  std::isfinite(x) ? "bernoulli-nb takes any numbers" : "");
}

double least_cell(CountModel kind) { return kind == CountModel::bernoulli ? -HUGE_VAL : 0; }

// Of a sparse table, rows begin .. end - 1.
void check_cells(const Samples& samples, const Csr& X, CountModel kind, Index begin, Index end) {
  const double least = std::max(least_cell(kind), -std::numeric_limits<double>::max());
  const auto *from = X.row_start.data() + begin, *to = X.row_start.data() + end;
  if (all_allowed(X.value.data() + *from, *to - *from, least)) return;
  for (Index i = begin; i < end; ++i)
    for (int64_t e = X.row_start[static_cast<size_t>(i)]; e < X.row_start[static_cast<size_t>(i) + 1]; ++e)
      if (const double x = X.value[static_cast<size_t>(e)]; !all_allowed(&x, 1, least))
        refuse_cell(samples, i, X.column[static_cast<size_t>(e)], x);
}

// Calls row(i) for each row, and what it returns for the cells that are not 0, as cell(f, x); all cells are checked.
template <class Row>
void for_cells(const Samples& samples, CountModel kind, Index begin, Index end, Row&& row) {
  if (const Csr* X = std::get_if<Csr>(&samples.X)) {
    for (Index i = begin; i < end; ++i) {
      if ((i - begin) % kChecked == 0) check_cells(samples, *X, kind, i, std::min(end, i + kChecked));
      const auto cell = row(i);
      const int64_t first = X->row_start[static_cast<size_t>(i)], last = X->row_start[static_cast<size_t>(i) + 1];
      const int32_t* column = X->column.data();
      const double* value = X->value.data();
      for (int64_t e = first; e < last; ++e) cell(Index{column[e]}, value[e]);
    }
    return;
  }
  const Matrix& X = samples.rows();
  for (Index i = begin; i < end; ++i) {
    const auto cell = row(i);
    for (Index f = 0; f < X.cols(); ++f) {
      const double x = X(i, f);
      if (x == 0) continue;  // NaN is not 0
      if (!(x >= least_cell(kind)) || std::isinf(x)) refuse_cell(samples, i, f, x);
      cell(f, x);
    }
  }
}

double cells_of(const Samples& samples) {
  if (const Csr* X = std::get_if<Csr>(&samples.X)) return static_cast<double>(X->value.size());
  return static_cast<double>(samples.n()) * static_cast<double>(samples.d());
}

// N: class by class (K x d), and transposed at the end. As many partial sums as the cells are worth.
Matrix counts(CountModel kind, double binarize, const Samples& samples, const Target& target, const Context& ctx) {
  const double most = cells_of(samples) / (8.0 * static_cast<double>(target.K()) * static_cast<double>(samples.d()));
  const Index parts = static_cast<Index>(std::clamp(most, 1.0, 32.0)), n = samples.n();
  const Matrix N = parallel_reduce(
      ctx.threads, n, (n + parts - 1) / parts, Matrix(),
      [&](Index begin, Index end) {
        Matrix part = Matrix::Zero(target.K(), samples.d());
        for_cells(samples, kind, begin, end, [&](Index i) {
          double* N_k = part.row(target.code[static_cast<size_t>(i)]).data();
          const double w = samples.weight_of(i);
          return [=](Index f, double x) { N_k[f] += w * counted(kind, binarize, x); };
        });
        return part;
      },
      [](Matrix& total, Matrix& part) {
        if (total.size() == 0)
          total.swap(part);
        else
          total += part;
      });
  if (!N.allFinite()) throw DataError("the counts of a column add up to more than a double holds");
  return N.transpose();
}

// A model with everything but its weights.
DiscreteNbModel begin_model(CountModel kind, const Samples& samples, const Target& target) {
  DiscreteNbModel model;
  model.kind = kind;
  model.class_weight = class_weights_of(samples, target);
  model.start = log_shares(model.class_weight);
  model.report.note = "one reading of the cells that are not 0, nothing to iterate";
  return model;
}

// log (N_kf + alpha) - log sum_g (N_kg + alpha), column k by column k.
Matrix log_frequencies(const Matrix& N, double alpha) {
  Matrix theta(N.rows(), N.cols());
  Vector total = Vector::Zero(N.cols());
  for (Index f = 0; f < N.rows(); ++f) total += (N.row(f).array() + alpha).matrix().transpose();
  logs(N.data(), N.size(), alpha, theta.data());
  theta.rowwise() -= total.array().log().matrix().transpose();
  return theta;
}

void trace_classes(const DiscreteNbModel& model, const Matrix& N, const Target& target, const Context& ctx) {
  for (Index k = 0; k < N.cols(); ++k)
    ctx.trace.step([&] {
      ClassStep step{target.classes[static_cast<size_t>(k)], model.class_weight[k], {}, {}, ""};
      for (Index f = 0; f < std::min<Index>(N.rows(), 30); ++f)
        step.N.push_back(N(f, k)), step.theta.push_back(model.weight(f, k));
      return step;
    });
}

// Bernoulli: a row begins as if every column were absent.
void add_absent(DiscreteNbModel& model) {
  for (Index f = 0; f < model.absent.rows(); ++f)
    for (Index k = 0; k < model.absent.cols(); ++k) model.start[k] += model.absent(f, k);
}

const char* const kKinds[] = {"multinomial", "bernoulli", "complement"};

}  // namespace

DiscreteNbModel MultinomialNb::fit(const Params& params, const Samples& samples, const Target& target,
                                   const Context& ctx) {
  check_fit_input(samples, target, info.traits.min_classes);
  DiscreteNbModel model = begin_model(CountModel::multinomial, samples, target);
  const Matrix N = counts(model.kind, 0, samples, target, ctx);
  model.weight = log_frequencies(N, params.alpha);
  trace_classes(model, N, target, ctx);
  return model;
}

DiscreteNbModel BernoulliNb::fit(const Params& params, const Samples& samples, const Target& target,
                                 const Context& ctx) {
  check_fit_input(samples, target, info.traits.min_classes);
  DiscreteNbModel model = begin_model(CountModel::bernoulli, samples, target);
  model.binarize = params.binarize;
  const Matrix N = counts(model.kind, params.binarize, samples, target, ctx);
  model.weight.resize(N.rows(), N.cols());
  model.absent.resize(N.rows(), N.cols());
  for (Index f = 0; f < N.rows(); ++f)
    for (Index k = 0; k < N.cols(); ++k) {
      const double rows = model.class_weight[k], with = N(f, k) + params.alpha, all = rows + 2 * params.alpha;
      model.absent(f, k) = std::log((rows - N(f, k) + params.alpha) / all);
      model.weight(f, k) = std::log(with / all) - model.absent(f, k);
    }
  add_absent(model);
  trace_classes(model, N, target, ctx);
  return model;
}

DiscreteNbModel ComplementNb::fit(const Params& params, const Samples& samples, const Target& target,
                                  const Context& ctx) {
  check_fit_input(samples, target, info.traits.min_classes);
  DiscreteNbModel model = begin_model(CountModel::complement, samples, target);
  const Matrix N = counts(model.kind, 0, samples, target, ctx);
  Matrix others(N.rows(), N.cols());
  for (Index f = 0; f < N.rows(); ++f)
    for (Index k = 0; k < N.cols(); ++k) {  // added up, not subtracted from all: exact where classes differ in size
      others(f, k) = 0;
      for (Index l = 0; l < N.cols(); ++l)
        if (l != k) others(f, k) += N(f, l);
    }
  const Matrix logs = log_frequencies(others, params.alpha);
  model.weight = -logs;
  if (params.norm)
    for (Index k = 0; k < N.cols(); ++k)
      if (const double total = logs.col(k).sum(); total < 0) model.weight.col(k) = logs.col(k) / total;
  if (N.cols() > 1) model.start.setZero();
  trace_classes(model, N, target, ctx);
  return model;
}

Matrix DiscreteNbModel::log_joint(const Samples& samples, const Context& ctx) const {
  const Index n = samples.n(), K = start.size();
  const Csr* X = std::get_if<Csr>(&samples.X);
  Matrix joint(n, K);
  parallel_for(ctx.threads, n, kRows, [&](Index begin, Index end) {
    joint.middleRows(begin, end - begin).rowwise() = start.transpose();
    if (X) check_cells(samples, *X, kind, begin, end);
    if (X && kind != CountModel::bernoulli) return add_times(*X, weight, begin, end, joint);
    std::vector<double> count;
    std::vector<int32_t> columns;
    for (Index i = begin; i < end; ++i) {
      const int32_t* column = nullptr;
      if (X) {
        const auto *from = X->value.data() + X->row_start[static_cast<size_t>(i)],
                   *to = X->value.data() + X->row_start[static_cast<size_t>(i) + 1];
        count.resize(static_cast<size_t>(to - from));
        std::transform(from, to, count.begin(), [&](double x) { return counted(kind, binarize, x); });
        column = X->column.data() + X->row_start[static_cast<size_t>(i)];
      } else {
        count.clear();
        columns.clear();
        for_cells(samples, kind, i, i + 1, [&](Index) {
          return [&](Index f, double x) {
            count.push_back(counted(kind, binarize, x));
            columns.push_back(static_cast<int32_t>(f));
          };
        });
        column = columns.data();
      }
      add_sparse_rows(count.data(), column, 0, static_cast<int64_t>(count.size()), weight.data(), K,
                      joint.row(i).data());
    }
  });
  return joint;
}

Vector DiscreteNbModel::predict(const Samples& samples, const Context& ctx) const {
  return largest_of_logs(log_joint(samples, ctx));
}

Matrix DiscreteNbModel::predict_proba(const Samples& samples, const Context& ctx) const {
  return shares_of_logs(log_joint(samples, ctx), ctx);
}

Matrix DiscreteNbModel::evidence(const Samples& samples, Index row) const {
  Matrix terms = Matrix::Zero(weight.rows() + 1, weight.cols());
  terms.row(0) = start.transpose();
  if (kind == CountModel::bernoulli) {
    terms.bottomRows(weight.rows()) = absent;
    terms.row(0) = log_shares(class_weight).transpose();
  }
  for_cells(samples, kind, row, row + 1, [&](Index) {
    return [&](Index f, double x) { terms.row(f + 1) += counted(kind, binarize, x) * weight.row(f); };
  });
  return terms;
}

Explanation DiscreteNbModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e;
  e.sentences.push_back(
      kind == CountModel::complement
          ? "A class's score is the sum of count times weight; the weight is large where the column is rare "
            "in all other classes."
          : "A class's score is the logarithm of its share plus the sum of " +
                std::string(kind == CountModel::bernoulli ? "the weights of the columns that are there."
                                                          : "count times weight over the columns."));
  const Index K = weight.cols();
  if (K < 2) return e;
  // The weight above the mean of the other classes: what a column says for a class.
  const Vector sums = weight.rowwise().sum();
  std::vector<size_t> order(columns.size());
  for (Index k = 0; k < K; ++k) {
    const auto lead = [&](size_t f) {
      const Index row = static_cast<Index>(f);
      return weight(row, k) - (sums[row] - weight(row, k)) / static_cast<double>(K - 1);
    };
    std::iota(order.begin(), order.end(), size_t(0));
    const size_t shown = std::min(kTelling, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                      [&](size_t a, size_t b) { return lead(a) != lead(b) ? lead(a) > lead(b) : a < b; });
    Explanation::Table table{"what speaks most for '" + target.classes[static_cast<size_t>(k)] + "'",
                             {"column", "weight", "above the others"},
                             {}};
    for (size_t r = 0; r < shown; ++r)
      table.rows.push_back({columns[order[r]].name, weight(static_cast<Index>(order[r]), k), lead(order[r])});
    e.tables.push_back(std::move(table));
  }
  return e;
}

void DiscreteNbModel::save(ArchiveWriter& out) const {
  out.text("kind", kKinds[static_cast<int>(kind)]);
  out.number("binarize", binarize);
  out.vector("class_weight", class_weight);
  out.matrix("weight", weight);
  if (kind == CountModel::bernoulli) out.matrix("absent", absent);
}

DiscreteNbModel DiscreteNbModel::load(const ArchiveReader& in, const std::vector<Column>& columns,
                                      const Target& target) {
  if (target.K() < 1) in.fail("naive Bayes needs a target with classes");
  DiscreteNbModel model;
  const std::string name = in.text("kind");
  const auto* const found =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const char* k) { return name == k; });
  if (found == std::end(kKinds)) in.fail("kind: unknown word " + quoted(name));
  model.kind = static_cast<CountModel>(found - std::begin(kKinds));
  model.binarize = in.number("binarize");
  if (model.binarize < 0) in.fail("binarize: must be >= 0");
  model.class_weight = read_class_weights(in, target);
  const Index d = static_cast<Index>(columns.size());
  model.weight = in.matrix("weight", d, target.K());
  model.start = log_shares(model.class_weight);
  if (model.kind == CountModel::complement && target.K() > 1) model.start.setZero();
  if (model.kind == CountModel::bernoulli) {
    model.absent = in.matrix("absent", d, target.K());
    add_absent(model);
  }
  return model;
}

}  // namespace assay
