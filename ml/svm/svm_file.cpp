// How a machine is written to a model file, checked when it comes back, and explained.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/text.h"
#include "assay/ml/data/sparse_file.h"
#include "assay/ml/svm/svm.h"

namespace assay {
namespace {

template <class E, size_t N>
std::string word_of(const EnumNames<E, N>& names, E value) {
  for (const auto& item : names.items)
    if (item.second == value) return item.first;
  return "?";
}

}  // namespace

void SvmModel::save(ArchiveWriter& out) const {
  out.text("kernel", word_of(kernel_names, kernel.kind));
  out.number("gamma", kernel.gamma);
  out.number("coef0", kernel.coef0);
  out.integer("degree", kernel.degree);
  out.integers("order", order);
  out.integers("count", count);
  if (const auto* S = std::get_if<Csr>(&X))
    save_sparse(out.object("sparse"), *S);
  else
    out.matrix("X", std::get<Matrix>(X));
  out.matrix("coef", coef);
  out.vector("rho", rho);
  out.vector("A", A);
  out.vector("B", B);
}

SvmModel SvmModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  SvmModel m;
  const auto d = static_cast<Index>(columns.size());
  m.task = target.task();
  m.K = target.K();
  const std::string kind = in.text("kernel");
  const auto* known = std::find_if(std::begin(kernel_names.items), std::end(kernel_names.items),
                                   [&](const auto& item) { return kind == item.first; });
  if (known == std::end(kernel_names.items)) in.fail("there is no kernel " + quoted(kind));
  m.kernel = {known->second, in.number("gamma"), in.number("coef0"), static_cast<int>(in.integer("degree", 0, 20))};
  m.order = in.integers("order", 0, std::max(0, m.K - 1));
  m.count = in.integers("count", 0, 2147483647);
  if (in.has("sparse"))
    m.X = load_sparse(in.object("sparse"), d);
  else
    m.X = in.matrix("X", -1, d);
  const Index k = m.task == Task::classification ? static_cast<Index>(m.order.size()) : 2;
  const Index machines = k * (k - 1) / 2;
  m.coef = in.matrix("coef", std::max<Index>(1, k - 1), -1);
  m.rho = in.vector("rho", machines);
  const bool sigmoids = !in.numbers("A").empty();
  m.A = in.vector("A", sigmoids ? machines : 0);
  m.B = in.vector("B", sigmoids ? machines : 0);
  if (const std::string problem = m.problem(m.K, d); !problem.empty()) in.fail(problem);
  return m;
}

std::string SvmModel::problem(int classes, Index d) const {
  const Index n = std::visit(
      [](const auto& x) -> Index {
        if constexpr (requires { x.row_start; })
          return x.rows;
        else
          return x.rows();
      },
      X);
  if (columns() != d)
    return "the support vectors have " + std::to_string(columns()) + " columns, not " + std::to_string(d);
  if (n != coef.cols()) return "coef: one column a support vector expected";
  if (task == Task::regression && (order.size() != 1 || count.size() != 1)) return "one order and count expected";
  if (task == Task::regression && A.size() > 0) return "a regression has no sigmoids";
  if (task == Task::classification) {
    if (order.size() < 2 || static_cast<int>(order.size()) > classes) return "order must name 2 classes or more";
    if (classes == 2 && order.size() != 2) return "order must name both classes";
    std::vector<int> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return "order names a class twice";
  }
  if (count.size() != order.size()) return "count: one number a class expected";
  if (std::accumulate(count.begin(), count.end(), int64_t{0}) != n)
    return "count does not add up to the support vectors";
  if (kernel.kind != Kernel::linear && !(kernel.gamma > 0)) return "gamma must be > 0";
  Samples vectors;
  std::visit([&](const auto& x) { vectors.X = x; }, X);
  for (Index i = 0; i < n; ++i)
    if (!std::isfinite(svm::squared_norm(vectors, i)))
      return "support vector " + std::to_string(i + 1) + " is too large";
  return "";
}

Explanation SvmModel::explain(const std::vector<Column>& names, const Target& target) const {
  Explanation e;
  const std::string kind = word_of(kernel_names, kernel.kind);
  std::string formula = kind;
  if (kernel.kind != Kernel::linear) formula += ", gamma " + six_digits(kernel.gamma);
  if (kernel.kind == Kernel::poly || kernel.kind == Kernel::sigmoid) formula += ", coef0 " + six_digits(kernel.coef0);
  if (kernel.kind == Kernel::poly) formula += ", degree " + std::to_string(kernel.degree);
  e.sentences.push_back("Keeps " + std::to_string(vectors()) + " support vectors; kernel " + formula + ".");
  if (task == Task::classification) {
    Explanation::Table table{"support vectors of each class", {"class", "vectors"}, {}};
    for (size_t a = 0; a < order.size(); ++a)
      table.rows.push_back({target.classes[static_cast<size_t>(order[a])], static_cast<double>(count[a])});
    e.tables.push_back(std::move(table));
  }
  const auto* dense_vectors = std::get_if<Matrix>(&X);
  if (kernel.kind != Kernel::linear || rho.size() != 1 || !dense_vectors) return e;
  // One linear machine is one weight a column: w = sum beta_i x_i.
  const double sign = task == Task::classification && order[0] == 0 ? -1 : 1;
  e.coefficients = sign * (coef * *dense_vectors);
  e.intercepts = -sign * rho;
  e.importance_name = "absolute coefficient";
  for (Index f = 0; f < static_cast<Index>(names.size()); ++f) e.importance.push_back(std::abs(e.coefficients(0, f)));
  return e;
}

}  // namespace assay
