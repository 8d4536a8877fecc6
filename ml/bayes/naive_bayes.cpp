// Notation   W, m, M: weight of some cells, their mean, and their squared deviations from it added up
// Method     fit: 1 list the rows of each chunk class by class   2 for each column: W, m, M of each chunk and class, added up by
//            [Chan1983], or levels counted   3 variances with smoothing (2), probabilities of levels (3)
//            predict: 4 sum up (1), column by column   5 the largest is the class; shares by exp
// Departures from the paper: [Maron1961] has words alone; numbers by normal densities came later. Smoothing is scikit-learn's:
//            its epsilon is taken from the table, (3) from its CategoricalNB. Missing cells are left out of the sum, which
//            is what (1) becomes when they are integrated over.
#include "assay/ml/bayes/naive_bayes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "assay/core/grain.h"
#include "assay/core/text.h"
#include "assay/ml/bayes/shares.h"

namespace assay {
namespace {

constexpr Index kChunk = 2048;       // rows whose cells of one column stay in the nearest cache
constexpr Index kPredictRows = 512;  // rows of one task of predict
constexpr size_t kTableRows = 200;   // of explain's tables

struct ColumnStep {
  static constexpr const char* kind = "column";
  static constexpr const char* title = "a distribution for each class (2), (3)";
  static constexpr const char* source = "ml/bayes/naive_bayes.cpp:learn_column";
  std::string column;
  bool text;
  std::vector<double> first, second;
  std::string why;
  static void fields(const ColumnStep& s, auto&& field) {
    field("f", s.column, "column");
    field(s.text ? "p(l | k)" : "m_k", s.first,
          s.text ? "probability of each level, class by class" : "mean in each class");
    field("v_k", s.second, "variance in each class, smoothed; empty for text");
  }
};

struct Moments {
  double W = 0, m = 0, M = 0;
  void add(const Moments& o) {  // [Chan1983, (1.5)]
    if (o.W == 0) return;
    if (W == 0) {
      *this = o;
      return;
    }
    const double total = W + o.W, gap = o.m - m;
    M += o.M + gap * gap * (W / total) * o.W;
    m += gap * (o.W / total);
    W = total;
  }
};

// The rows of each chunk, class by class: of chunk c and class k they stand at begin[c K + k] .. begin[c K + k + 1].
struct ClassOrder {
  std::vector<int> row;
  std::vector<Index> begin;
  ClassOrder(const std::vector<int>& code, int K) : row(code.size()) {
    const Index n = static_cast<Index>(code.size());
    std::vector<Index> count(static_cast<size_t>(K));
    begin.push_back(0);
    for (Index first = 0; first < n; first += kChunk) {
      const Index end = std::min(n, first + kChunk);
      std::fill(count.begin(), count.end(), 0);
      for (Index i = first; i < end; ++i) ++count[static_cast<size_t>(code[static_cast<size_t>(i)])];
      for (Index& c : count) {
        const Index rows = c;
        c = begin.back();
        begin.push_back(begin.back() + rows);
      }
      for (Index i = first; i < end; ++i)
        row[static_cast<size_t>(count[static_cast<size_t>(code[static_cast<size_t>(i)])]++)] = static_cast<int>(i);
    }
  }
};

// Of the cells that are there among the rows order[0 .. count).
Moments moments_of(const double* x, const Vector& weight, const int* order, Index count) {
  double v[kChunk], w[kChunk];
  Index c = 0;
  for (Index p = 0; p < count; ++p) {
    v[c] = x[order[p]];
    if (weight.size()) w[c] = weight[order[p]];
    c += v[c] == v[c];
  }
  Moments part;
  if (!weight.size()) {
    part.W = static_cast<double>(c);
    if (c == 0) return part;
    part.m = sum(v, c) / part.W;
    for (Index i = 0; i < c; ++i) v[i] -= part.m;
    part.M = dot(v, v, c);
    return part;
  }
  part.W = sum(w, c);
  if (!(part.W > 0)) return Moments();
  part.m = dot(w, v, c) / part.W;
  for (Index i = 0; i < c; ++i) v[i] -= part.m, w[i] *= v[i];
  part.M = dot(w, v, c);
  return part;
}

std::vector<Moments> class_moments(const double* x, const Vector& weight, const ClassOrder& order, int K) {
  std::vector<Moments> of(static_cast<size_t>(K));
  for (size_t part = 0; part + 1 < order.begin.size(); ++part)
    of[part % static_cast<size_t>(K)].add(
        moments_of(x, weight, order.row.data() + order.begin[part], order.begin[part + 1] - order.begin[part]));
  return of;
}

Index level_of(double cell, Index levels) {  // -1: missing, or none the model knows
  return cell >= 0 && cell < static_cast<double>(levels) ? static_cast<Index>(cell) : -1;
}

// (3), as logarithms.
Matrix level_probabilities(const double* x, const Samples& samples, const Target& target, Index levels, double alpha) {
  Matrix N = Matrix::Zero(target.K(), levels);
  for (Index i = 0; i < samples.n(); ++i) {
    const Index level = level_of(x[i], levels);
    if (level >= 0) N(target.code[static_cast<size_t>(i)], level) += samples.weight_of(i);
  }
  for (Index k = 0; k < N.rows(); ++k) {
    const double total = N.row(k).sum() + alpha * static_cast<double>(levels);
    for (Index l = 0; l < levels; ++l) N(k, l) = std::log((N(k, l) + alpha) / total);
  }
  return N;
}

void check_cells(const Columns& X, const std::vector<Column>& columns) {
  for (Index f = 0; f < X.cols(); ++f)
    for (Index i = 0; i < X.rows(); ++i)
      if (std::isinf(X(i, f)))
        throw DataError("row " + std::to_string(i + 1) + ", column " + quoted(columns[static_cast<size_t>(f)].name) +
                        " is " + shortest(X(i, f)) + ", must be a finite number or missing");
}

// Means and variances of number columns from their moments; `moments` of text columns are empty.
void set_gaussians(const NaiveBayesParams& params, const std::vector<std::vector<Moments>>& moments,
                   const Samples& samples, const Target& target, NaiveBayesModel& model) {
  double largest = 0;
  std::vector<Moments> whole(moments.size());
  for (size_t f = 0; f < moments.size(); ++f) {
    for (const Moments& part : moments[f]) whole[f].add(part);
    if (!std::isfinite(whole[f].m) || !std::isfinite(whole[f].M))
      throw DataError("column " + quoted(samples.columns[f].name) + " is too large for doubles",
                      "scale it (--scale standard)");
    if (whole[f].W > 0) largest = std::max(largest, whole[f].M / whole[f].W);
  }
  for (size_t f = 0; f < moments.size(); ++f)
    for (size_t k = 0; k < moments[f].size(); ++k) {
      const Moments& of = moments[f][k].W > 0 ? moments[f][k] : whole[f];
      if (of.W == 0) continue;  // nobody has a cell: the same for every class
      double v = of.M / of.W + params.var_smoothing * largest;
      if (!(v > 0) && !(whole[f].M > 0)) v = 1;  // one value in all rows: the same for every class
      if (!(v > 0))
        throw DataError("column " + quoted(samples.columns[f].name) + " has one value only in class " +
                            quoted(target.classes[k]) + ": its density would be infinite",
                        "raise --var-smoothing");
      model.mean(static_cast<Index>(k), static_cast<Index>(f)) = of.m;
      model.variance(static_cast<Index>(k), static_cast<Index>(f)) = v;
    }
}

}  // namespace

NaiveBayesModel NaiveBayes::fit(const Params& params, const Samples& samples, const Target& target,
                                const Context& ctx) {
  check_fit_input(samples, target, info.traits.min_classes);
  const Columns& X = samples.cols();
  const Index d = samples.d();
  const int K = target.K();
  check_cells(X, samples.columns);
  NaiveBayesModel model;
  model.class_weight = class_weights_of(samples, target);
  model.mean = Matrix::Zero(K, d);
  model.variance = Matrix::Ones(K, d);
  model.level_log.resize(static_cast<size_t>(d));
  const ClassOrder order(target.code, K);
  std::vector<std::vector<Moments>> moments(static_cast<size_t>(d));
  parallel_for(ctx.threads, d, grain_of(X.rows()), [&](Index begin, Index end) {
    for (Index f = begin; f < end; ++f) {
      const size_t levels = samples.columns[static_cast<size_t>(f)].levels.size();
      if (levels > 0)
        model.level_log[static_cast<size_t>(f)] =
            level_probabilities(X.col(f).data(), samples, target, static_cast<Index>(levels), params.alpha);
      else
        moments[static_cast<size_t>(f)] = class_moments(X.col(f).data(), samples.weight, order, K);
    }
  });
  set_gaussians(params, moments, samples, target, model);
  model.report.note = "one reading of the table, nothing to iterate";
  for (Index f = 0; f < d; ++f)
    ctx.trace.step([&] {
      const Matrix& logs = model.level_log[static_cast<size_t>(f)];
      ColumnStep step{samples.columns[static_cast<size_t>(f)].name, logs.size() > 0, {}, {}, ""};
      if (step.text) {
        for (Index c = 0; c < std::min<Index>(logs.size(), 60); ++c) step.first.push_back(std::exp(logs.data()[c]));
      } else {
        for (int k = 0; k < K; ++k) step.first.push_back(model.mean(k, f)), step.second.push_back(model.variance(k, f));
      }
      return step;
    });
  return model;
}

Matrix NaiveBayesModel::log_joint(const Samples& samples, const Context& ctx) const {
  const Columns& X = samples.cols();
  check_cells(X, samples.columns);
  const Index n = X.rows(), K = class_weight.size();
  const Vector prior = log_shares(class_weight);
  Matrix joint(n, K);
  parallel_for(ctx.threads, n, kPredictRows, [&](Index begin, Index end) {
    const Index rows = end - begin;
    Matrix J = Matrix::Zero(K, rows);
    for (Index f = 0; f < X.cols(); ++f) {
      const double* x = X.col(f).data() + begin;
      const Matrix& logs = level_log[static_cast<size_t>(f)];
      for (Index k = 0; k < K; ++k) {
        double* to = J.row(k).data();
        if (logs.size() > 0) {
          for (Index i = 0; i < rows; ++i)
            if (const Index level = level_of(x[i], logs.cols()); level >= 0) to[i] += logs(k, level);
          continue;
        }
        const double m = mean(k, f), half = 0.5 / variance(k, f),
                     top = 0.5 * std::log(2 * std::numbers::pi * variance(k, f));
        for (Index i = 0; i < rows; ++i) {
          const double gap = x[i] - m, term = half * gap * gap + top;
          to[i] -= term == term ? term : 0;
        }
      }
    }
    for (Index k = 0; k < K; ++k)
      for (Index i = 0; i < rows; ++i) joint(begin + i, k) = J(k, i) + prior[k];
  });
  return joint;
}

Matrix NaiveBayesModel::predict_proba(const Samples& samples, const Context& ctx) const {
  return shares_of_logs(log_joint(samples, ctx), ctx);
}

Vector NaiveBayesModel::predict(const Samples& samples, const Context& ctx) const {
  return largest_of_logs(log_joint(samples, ctx));
}

Matrix NaiveBayesModel::evidence(const Samples& samples, Index row) const {
  const Columns& X = samples.cols();
  Matrix terms = Matrix::Zero(X.cols() + 1, class_weight.size());
  terms.row(0) = log_shares(class_weight).transpose();
  for (Index f = 0; f < X.cols(); ++f) {
    const Matrix& logs = level_log[static_cast<size_t>(f)];
    const double x = X(row, f);
    for (Index k = 0; k < terms.cols(); ++k) {
      if (logs.size() > 0) {
        if (const Index level = level_of(x, logs.cols()); level >= 0) terms(f + 1, k) = logs(k, level);
      } else if (!std::isnan(x)) {
        const double gap = x - mean(k, f);
        terms(f + 1, k) = -0.5 * (std::log(2 * std::numbers::pi * variance(k, f)) + gap * gap / variance(k, f));
      }
    }
  }
  return terms;
}

Explanation NaiveBayesModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e;
  e.sentences.push_back(
      "Each class has a distribution for each column, as if columns were independent within it; the log-probabilities "
      "of a "
      "row's cells are added up to the logarithm of the class's share.");
  Explanation::Table shares{"classes", {"class", "share"}, {}};
  Explanation::Table numbers{"mean and standard deviation in each class", {"column"}, {}};
  Explanation::Table levels{"probability of each level in each class", {"column"}, {}};
  for (size_t k = 0; k < target.classes.size(); ++k) {
    shares.rows.push_back({target.classes[k], class_weight[static_cast<Index>(k)] / class_weight.sum()});
    numbers.header.insert(numbers.header.end(), {"mean " + target.classes[k], "sd"});
    levels.header.push_back(target.classes[k]);
  }
  for (size_t f = 0; f < columns.size(); ++f) {
    const Matrix& logs = level_log[f];
    if (logs.size() == 0 && numbers.rows.size() < kTableRows) {
      numbers.rows.push_back({columns[f].name});
      for (Index k = 0; k < mean.rows(); ++k) {
        numbers.rows.back().emplace_back(mean(k, static_cast<Index>(f)));
        numbers.rows.back().emplace_back(std::sqrt(variance(k, static_cast<Index>(f))));
      }
    }
    for (Index l = 0; l < logs.cols() && levels.rows.size() < kTableRows; ++l) {
      levels.rows.push_back({columns[f].name + " = " + columns[f].levels[static_cast<size_t>(l)]});
      for (Index k = 0; k < logs.rows(); ++k) levels.rows.back().emplace_back(std::exp(logs(k, l)));
    }
  }
  for (Explanation::Table* table : {&shares, &numbers, &levels})
    if (!table->rows.empty()) e.tables.push_back(std::move(*table));
  return e;
}

void NaiveBayesModel::save(ArchiveWriter& out) const {
  out.vector("class_weight", class_weight);
  out.matrix("mean", mean);
  out.matrix("variance", variance);
  for (const Matrix& logs : level_log) out.append("levels").matrix("log_p", logs);
}

NaiveBayesModel NaiveBayesModel::load(const ArchiveReader& in, const std::vector<Column>& columns,
                                      const Target& target) {
  if (target.K() < 1) in.fail("naive-bayes needs a target with classes");
  NaiveBayesModel model;
  const Index d = static_cast<Index>(columns.size());
  model.class_weight = read_class_weights(in, target);
  model.mean = in.matrix("mean", target.K(), d);
  model.variance = in.matrix("variance", target.K(), d);
  if (d > 0 && !(model.variance.minCoeff() > 0)) in.fail("variance: all must be > 0");
  const std::vector<ArchiveReader> levels = in.objects("levels");
  if (levels.size() != columns.size()) in.fail("levels: one a column expected");
  for (size_t f = 0; f < columns.size(); ++f) {
    const Index L = static_cast<Index>(columns[f].levels.size());
    model.level_log.push_back(levels[f].matrix("log_p", L > 0 ? target.K() : 0, L));
    if (L > 0 && !(model.level_log.back().maxCoeff() <= 0)) in.fail("levels: a probability above 1");
  }
  return model;
}

}  // namespace assay
