#include "assay/ml/data/samples.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {

const char* task_name(Task task) { return task == Task::classification ? "classification" : "regression"; }

Index Samples::n() const {
  return std::visit(
      [](const auto& x) -> Index {
        if constexpr (requires { x.row_start; })
          return x.rows;
        else
          return x.rows();
      },
      X);
}

namespace {

template <class M>
M gather_rows(const M& X, const std::vector<int>& indices) {
  M out(static_cast<Index>(indices.size()), X.cols());
  if constexpr (M::IsRowMajor) {
    for (size_t i = 0; i < indices.size(); ++i) out.row(static_cast<Index>(i)) = X.row(indices[i]);
  } else {
    for (Index f = 0; f < X.cols(); ++f)
      for (size_t i = 0; i < indices.size(); ++i) out(static_cast<Index>(i), f) = X(indices[i], f);
  }
  return out;
}

Csr gather_rows(const Csr& X, const std::vector<int>& indices) {
  Csr out;
  out.rows = static_cast<Index>(indices.size());
  out.columns = X.columns;
  for (const int i : indices) {
    const auto begin = X.row_start[static_cast<size_t>(i)], end = X.row_start[static_cast<size_t>(i) + 1];
    out.column.insert(out.column.end(), X.column.begin() + begin, X.column.begin() + end);
    out.value.insert(out.value.end(), X.value.begin() + begin, X.value.begin() + end);
    out.row_start.push_back(static_cast<int64_t>(out.column.size()));
  }
  return out;
}

}  // namespace

Samples gather(const Samples& samples, const std::vector<int>& indices) {
  Samples out;
  out.columns = samples.columns;
  std::visit([&](const auto& x) { out.X = gather_rows(x, indices); }, samples.X);
  if (samples.weight.size()) {
    out.weight.resize(static_cast<Index>(indices.size()));
    for (size_t i = 0; i < indices.size(); ++i) out.weight[static_cast<Index>(i)] = samples.weight[indices[i]];
  }
  if (!samples.groups.empty())
    for (const int i : indices) out.groups.push_back(samples.groups[static_cast<size_t>(i)]);
  return out;
}

Target gather(const Target& target, const std::vector<int>& indices) {
  Target out;
  out.name = target.name;
  out.classes = target.classes;
  if (target.task() == Task::classification) {
    for (const int i : indices) out.code.push_back(target.code[static_cast<size_t>(i)]);
  } else {
    out.value.resize(static_cast<Index>(indices.size()));
    for (size_t i = 0; i < indices.size(); ++i) out.value[static_cast<Index>(i)] = target.value[indices[i]];
  }
  return out;
}

Matrix dense(const Csr& X) {
  Matrix out = Matrix::Zero(X.rows, X.columns);
  for (Index i = 0; i < X.rows; ++i)
    for (auto e = X.row_start[static_cast<size_t>(i)]; e < X.row_start[static_cast<size_t>(i) + 1]; ++e)
      out(i, X.column[static_cast<size_t>(e)]) = X.value[static_cast<size_t>(e)];
  return out;
}

void sort_names(std::vector<std::string>& names) {
  const bool numbers =
      std::all_of(names.begin(), names.end(), [](const std::string& s) { return parse_double(s).has_value(); });
  if (!numbers) {
    std::sort(names.begin(), names.end());
    return;
  }
  std::stable_sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    const double x = *parse_double(a), y = *parse_double(b);
    return x != y ? x < y : a < b;  // "1" and "1.0" are two names
  });
}

namespace {

void check_weights(const Vector& weight, Index n) {
  if (weight.size() == 0) return;
  if (weight.size() != n)
    throw DataError("there are " + std::to_string(weight.size()) + " weights for " + std::to_string(n) + " rows");
  double total = 0;
  for (Index i = 0; i < n; ++i) {
    if (!std::isfinite(weight[i]) || weight[i] < 0)
      throw DataError("the weight of row " + std::to_string(i + 1) + " is " + shortest(weight[i]) + ", must be >= 0");
    total += weight[i];
  }
  if (total <= 0) throw DataError("all weights are zero");
}

void check_shape(const Samples& samples) {
  if (samples.n() == 0) throw DataError("no rows to learn from");
  if (samples.d() == 0)
    throw DataError("no columns to learn from", "every column was ignored, or the target is the only one");
}

}  // namespace

void check_fit_input(const Samples& samples) {
  check_shape(samples);
  check_weights(samples.weight, samples.n());
}

void check_fit_input(const Samples& samples, const Target& target, int min_classes) {
  const Index n = samples.n();
  check_shape(samples);
  if (target.n() != n)
    throw DataError("the table has " + std::to_string(n) + " rows but the target has " + std::to_string(target.n()));
  if (target.task() == Task::regression) {
    for (Index i = 0; i < n; ++i)
      if (!std::isfinite(target.value[i]))
        throw DataError("the target of row " + std::to_string(i + 1) + " is not a finite number");
  } else {
    std::vector<bool> present(target.classes.size());
    for (const int k : target.code) {
      if (k < 0 || k >= target.K())
        throw DataError("class code " + std::to_string(k) + " is outside 0.." + std::to_string(target.K() - 1));
      present[static_cast<size_t>(k)] = true;
    }
    const auto count = std::count(present.begin(), present.end(), true);
    if (count < min_classes)
      throw DataError("the target '" + target.name + "' has " + std::to_string(count) +
                          (count == 1 ? " class" : " classes") + " here, at least " + std::to_string(min_classes) +
                          " are needed",
                      "a learner cannot separate what is all alike; 'dummy' accepts it");
  }
  check_weights(samples.weight, n);
}

namespace {

[[noreturn]] void refuse_cell(Index i, Index f, double x, const std::vector<Column>& columns) {
  throw DataError(
      "row " + std::to_string(i + 1) + ", column " + quoted(columns[static_cast<size_t>(f)].name) + " is " +
          shortest(x) + ", must be a finite number",
      std::isnan(x) ? "the pipeline imputes missing values" : "a value this large is likely a mistake of the file");
}

}  // namespace

void check_finite(const Matrix& X, const std::vector<Column>& columns) {
  if (all_finite(X.data(), X.size())) return;
  for (Index i = 0; i < X.rows(); ++i)
    for (Index f = 0; f < X.cols(); ++f)
      if (!std::isfinite(X(i, f))) refuse_cell(i, f, X(i, f), columns);
}

void check_finite(const Csr& X, const std::vector<Column>& columns) {
  if (all_finite(X.value.data(), static_cast<Index>(X.value.size()))) return;
  for (Index i = 0; i < X.rows; ++i)
    for (auto e = static_cast<size_t>(X.row_start[static_cast<size_t>(i)]);
         e < static_cast<size_t>(X.row_start[static_cast<size_t>(i) + 1]); ++e)
      if (!std::isfinite(X.value[e])) refuse_cell(i, X.column[e], X.value[e], columns);
}

void check_finite(const Samples& samples) {
  if (const Csr* X = std::get_if<Csr>(&samples.X)) return check_finite(*X, samples.columns);
  check_finite(samples.rows(), samples.columns);
}

}  // namespace assay
