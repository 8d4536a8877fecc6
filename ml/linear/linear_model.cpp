#include "assay/ml/linear/linear_model.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/metrics/student_t.h"

namespace assay {

void check_finite(const Columns& X, const std::vector<Column>& columns) {
  constexpr Index kLanes = 8;
  for (Index f = 0; f < X.cols(); ++f) {  // zero times a finite number is zero: one reading, no branches
    const double* x = X.col(f).data();
    double probe[kLanes] = {};
    Index i = 0;
    for (; i + kLanes <= X.rows(); i += kLanes)
      for (Index l = 0; l < kLanes; ++l) probe[l] += x[i + l] * 0.0;
    for (; i < X.rows(); ++i) probe[0] += x[i] * 0.0;
    if (sum(probe, kLanes) != 0) check_finite(Matrix(X), columns);  // names the cell
  }
}

Vector LinearModel::predict(const Samples& samples, const Context& ctx) const {
  constexpr Index kRows = 512;
  const Columns& X = samples.cols();
  check_finite(X, samples.columns);
  Vector y(X.rows());
  parallel_for(ctx.threads, X.rows(), kRows, [&](Index begin, Index end) {
    double column[kRows];
    double* out = y.data() + begin;
    std::fill(out, out + (end - begin), b);
    for (Index t = 0; t < w.size(); ++t) {
      const double w_t = w[t];
      if (w_t == 0) continue;
      const double* x = column;
      if (terms.degree() == 1)
        x = X.col(t).data() + begin;
      else
        terms.values(X, t, begin, end, column);
      for (Index i = 0; i < end - begin; ++i) out[i] += w_t * x[i];
    }
  });
  return y;
}

Explanation LinearModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e;
  e.sentences.push_back("'" + target.name + "': " + (intercept ? "the intercept plus " : "") +
                        "the sum of coefficient times " + (terms.degree() == 1 ? "value." : "term."));
  if (terms.degree() == 1) {
    e.coefficients = w.transpose();
    e.intercepts = Vector::Constant(1, b);
    e.importance_name = "absolute coefficient";
    for (Index f = 0; f < w.size(); ++f) e.importance.push_back(std::abs(w[f]));
  }
  std::string left;
  for (Index t = 0; t < terms.count(); ++t)
    if (dropped[static_cast<size_t>(t)]) left += (left.empty() ? "" : ", ") + terms.name(t, columns);
  if (!left.empty()) e.sentences.push_back("Left out, since they depend on the others: " + left + ".");
  const bool tested = standard_error.size() > 0 && freedom > 0;
  if (!tested && terms.degree() == 1) return e;
  Explanation::Table table{tested ? "Each coefficient against zero, in the units the model sees, " +
                                        six_digits(freedom) + " degrees of freedom"
                                  : "Coefficients in the units the model sees",
                           {"term", "coefficient"},
                           {}};
  if (tested) table.header = {"term", "coefficient", "std. error", "t", "p"};
  const auto add = [&](const std::string& name, double value, Index at) {
    std::vector<std::variant<std::string, double>> row{name, value};
    if (tested && standard_error[at] > 0) {
      const double t = value / standard_error[at];
      row.insert(row.end(), {standard_error[at], t, student_t_two_sided(t, freedom)});
    } else if (tested) {
      row.insert(row.end(), {std::string("-"), std::string("-"), std::string("-")});
    }
    table.rows.push_back(std::move(row));
  };
  for (Index t = 0; t < w.size(); ++t) add(terms.name(t, columns), w[t], t);
  if (intercept) add("(intercept)", b, w.size());
  e.tables.push_back(std::move(table));
  return e;
}

void LinearModel::save(ArchiveWriter& out) const {
  out.integer("polynomial", terms.degree());
  out.flag("intercept", intercept);
  out.vector("w", w);
  out.number("b", b);
  out.vector("standard_error", standard_error);
  out.number("freedom", freedom);
  std::vector<int> left;
  for (size_t t = 0; t < dropped.size(); ++t)
    if (dropped[t]) left.push_back(static_cast<int>(t));
  out.integers("dropped", left);
}

LinearModel LinearModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  if (target.task() != Task::regression) in.fail("a linear model needs a target of numbers");
  LinearModel m;
  const auto degree = static_cast<int>(in.integer("polynomial", 1, 1000));
  try {
    m.terms = Terms(static_cast<Index>(columns.size()), degree);
  } catch (const DataError& e) {
    in.fail(e.message());
  }
  const Index count = m.terms.count();
  m.intercept = in.flag("intercept");
  m.w = in.vector("w", count);
  m.b = in.number("b");
  if (const size_t known = in.numbers("standard_error").size()) {
    m.standard_error = in.vector("standard_error", count + 1);
    if (known && m.standard_error.minCoeff() < 0) in.fail("standard_error must be >= 0");
  }
  m.freedom = in.number("freedom");
  if (!(m.freedom >= 0)) in.fail("freedom must be >= 0");
  m.dropped.assign(static_cast<size_t>(count), false);
  for (const int t : in.integers("dropped", 0, static_cast<int>(count) - 1)) m.dropped[static_cast<size_t>(t)] = true;
  return m;
}

}  // namespace assay
