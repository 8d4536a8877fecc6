#include "cli/shap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/text.h"
#include "assay/ml/tree/shap.h"
#include "cli/terminal.h"

namespace assay::cli {
namespace {

constexpr size_t kMostShown = 20;  // columns

std::string cell_text(const Column& column, double x) {
  if (std::isnan(x)) return "missing";
  return column.categorical() ? column.levels[static_cast<size_t>(x)] : six_digits(x);
}

}  // namespace

Matrix shap_values(const SumOfTrees& sum, const Samples& samples, Index row) {
  const Index rows = 1 + static_cast<Index>(sum.categorical.size());
  Matrix phi = Matrix::Zero(rows, static_cast<Index>(sum.base.size()));
  const Columns& X = samples.cols();
  const auto cell = [&](int f) { return X(row, f); };
  for (size_t k = 0; k < sum.base.size(); ++k) phi(0, static_cast<Index>(k)) = sum.base[k];
  for (const SumOfTrees::Part& part : sum.trees) {
    if (part.output < 0) {
      tree::add_shap(part.nodes, sum.categorical, cell, part.scale, phi);
      continue;
    }
    Matrix one = Matrix::Zero(rows, 1);
    tree::add_shap(part.nodes, sum.categorical, cell, part.scale, one);
    phi.col(part.output) += one;
  }
  return phi;
}

void print_shap(Invocation& call, const Model& model, const SumOfTrees& trees, const Dataset& data, int row) {
  const Samples one = model.pipeline.transform(gather(data.samples, {row - 1}), call.ctx.threads);
  const Matrix phi = shap_values(trees, one, 0);
  const Vector answer = phi.colwise().sum().transpose();
  Index k = 0;
  answer.maxCoeff(&k);
  const bool classes = model.target.task() == Task::classification;
  const size_t code = phi.cols() == 1 ? 1 : static_cast<size_t>(k);  // one margin is the second class's
  const std::string of = classes ? model.target.classes[code] : model.target.name;
  const std::vector<Column>& columns = model.pipeline.output_columns();
  const auto value = [&](size_t f) { return phi(static_cast<Index>(f) + 1, k); };
  std::vector<size_t> order(columns.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return std::abs(value(a)) > std::abs(value(b)); });
  TextTable table({"column", "cell", "adds"});
  Json rows = Json::array();
  double rest = 0;
  table.add({"(base)", "", six_digits(phi(0, k))});
  for (size_t r = 0; r < order.size(); ++r) {
    const size_t f = order[r];
    const std::string cell = cell_text(columns[f], one.cols()(0, static_cast<Index>(f)));
    rows.push_back({{"column", columns[f].name}, {"cell", cell}, {"adds", value(f)}});
    if (r < kMostShown)
      table.add({columns[f].name, cell, six_digits(value(f))});
    else
      rest += value(f);
  }
  if (order.size() > kMostShown)
    table.add({"(" + std::to_string(order.size() - kMostShown) + " others)", "", six_digits(rest)});
  table.add({"(sum)", "", six_digits(answer[k])});
  call.result["shap"] = {{"row", row},       {"what", trees.what.empty() ? "the value of" : trees.what},
                         {"of", of},         {"base", phi(0, k)},
                         {"sum", answer[k]}, {"columns", rows}};
  call.print("\nrow " + std::to_string(row) + ": what each column adds to " +
             (trees.what.empty() ? escaped(of) : trees.what + " '" + escaped(of) + "'") + " (SHAP)\n" + table.text());
}

}  // namespace assay::cli
