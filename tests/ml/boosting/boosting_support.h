// What the tests of boosting share: a tree grown on a small table, and a node's sums taken again from its rows.
#pragma once
#include <map>

#include "assay/ml/boosting/approximate.h"
#include "assay/ml/boosting/exact.h"
#include "assay/ml/boosting/gbdt.h"
#include "assay/ml/boosting/histogram.h"
#include "tests/ml/tree/tree_support.h"

namespace assay::test {

struct Grown {
  boosting::BoostTree tree;
  std::vector<boosting::LeafRows> leaves;
  std::vector<int> rows;
};

/// Gradients whose sums are exact in the histogram search too: g in {-3..3}/4, h in {1..4}/4, which a step of a power of two holds.
inline std::vector<boosting::Gradient> coarse_gradients(size_t n, uint64_t seed) {
  Rng rng(seed, 77);
  std::vector<boosting::Gradient> out(n);
  for (boosting::Gradient& o : out)
    o = {(static_cast<float>(rng.below(7)) - 3) / 4, (static_cast<float>(rng.below(4)) + 1) / 4};
  return out;
}

inline Grown grow(const Sample& s, const std::vector<boosting::Gradient>& gradients, const boosting::TreeRules& rules,
                  TreeMethod method, int max_bins = 255, const Context& ctx = Context(0, 1)) {
  const boosting::BoostData data{s.x.cols(), s.x.columns};
  std::optional<boosting::BinTable> table;
  std::unique_ptr<boosting::SplitFinder> finder;
  if (method == TreeMethod::exact) {
    finder = std::make_unique<boosting::ExactFinder>(data, rules.regularization, ctx.threads);
  } else if (method == TreeMethod::approx) {
    finder = std::make_unique<boosting::ApproximateFinder>(data, max_bins, rules.regularization, ctx.threads);
  } else {
    table.emplace(data, boosting::quantile_cuts(data, all_rows(s), s.x.weight, max_bins, Rng(0), ctx.threads), true,
                  ctx.threads);
    finder = std::make_unique<boosting::HistogramFinder>(data, *table, rules.regularization, ctx.threads);
  }
  Grown g;
  g.rows = all_rows(s);
  std::vector<int> columns(static_cast<size_t>(s.x.d()));
  std::iota(columns.begin(), columns.end(), 0);
  g.tree = boosting::grow_tree(data, gradients, g.rows, columns, rules, *finder, ctx, g.leaves);
  return g;
}

/// A bundled table of float32 numbers; where `missing`, cell (i, f) is if (7 i + 3 f) mod 11 = 0, as in make_boosting.py.
inline Sample float_table(const std::string& name, bool missing) {
  const std::vector<std::string> classes = name == "breast_cancer" ? std::vector<std::string>{"benign", "malignant"}
                                           : name == "wine"        ? std::vector<std::string>{"1", "2", "3"}
                                                                   : std::vector<std::string>{};
  Sample s = numbers_of(name, classes, true);
  if (!missing) return s;
  Columns X = s.x.cols();
  for (Index i = 0; i < X.rows(); ++i)
    for (Index f = 0; f < X.cols(); ++f)
      if ((7 * i + 3 * f) % 11 == 0) X(i, f) = kNaN;
  s.x.X = X;
  return s;
}

inline std::vector<bool> categorical_of(const Sample& s) {
  std::vector<bool> c;
  for (const Column& column : s.x.columns) c.push_back(column.categorical());
  return c;
}

/// The rows that reach each node.
inline std::vector<std::vector<int>> rows_by_node(const Sample& s, const TreeNodes& nodes) {
  std::vector<std::vector<int>> rows(nodes.feature.size());
  const std::vector<bool> categorical = categorical_of(s);
  for (const int i : all_rows(s)) {
    int node = 0;
    rows[0].push_back(i);
    while (!nodes.leaf(node)) {
      const int f = nodes.feature[static_cast<size_t>(node)];
      node = nodes.child(node, s.x.cols()(i, f), categorical[static_cast<size_t>(f)]);
      rows[static_cast<size_t>(node)].push_back(i);
    }
  }
  return rows;
}

inline boosting::Sums sums_of(const std::vector<boosting::Gradient>& gradients, const std::vector<int>& rows) {
  boosting::Sums sums;
  for (const int i : rows) {
    sums.G += static_cast<double>(gradients[static_cast<size_t>(i)].g);
    sums.H += static_cast<double>(gradients[static_cast<size_t>(i)].h);
  }
  return sums;
}

}  // namespace assay::test
