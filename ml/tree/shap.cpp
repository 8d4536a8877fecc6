// ml/tree/shap.cpp
// Notation   m: the path of different columns from the root, with for each: d the column; z the share of training weight that
//            goes this way if the cell is unknown; o 1 if the row goes this way, else 0; w[i] the sum, over subsets of i
//            columns of the path, of their products of z and o times their weight in (1)
// Method     1 at a node: EXTEND the path by its question   2 if the column was asked before, UNWIND that first: the shares
//            multiply   3 at a leaf: take out each column in turn (UNWIND); what is left of the path, summed, times (o - z),
//            is what the leaf gives the column
// Departures from the paper: a list of open nodes, each with its path, instead of recursion (a model file may be deep); at a
//            leaf the unwound path is summed without being made. The way of the row is the tree's own, missing cells and
//            levels included.
#include "assay/ml/tree/shap.h"

namespace assay::tree {
namespace {

struct Step {
  int d = -1;
  double z = 1, o = 1, w = 1;
};
using Path = std::vector<Step>;

/// EXTEND of Algorithm 2.
void extend(Path& m, double z, double o, int d) {
  const int l = static_cast<int>(m.size());
  m.push_back({d, z, o, l == 0 ? 1.0 : 0.0});
  for (int i = l - 1; i >= 0; --i) {
    Step &here = m[static_cast<size_t>(i)], &next = m[static_cast<size_t>(i) + 1];
    next.w += o * here.w * (i + 1) / (l + 1);
    here.w = z * here.w * (l - i) / (l + 1);
  }
}

/// The weights of the path without step i, from the longest subset down: visit(j, w).
template <class Visit>
void unwound(const Path& m, size_t i, const Visit& visit) {
  const int l = static_cast<int>(m.size()) - 1;
  const double o = m[i].o, z = m[i].z;
  double n = m[static_cast<size_t>(l)].w;
  for (int j = l - 1; j >= 0; --j) {
    const double w = m[static_cast<size_t>(j)].w;
    if (o != 0) {
      const double without = n * (l + 1) / ((j + 1) * o);
      n = w - without * z * (l - j) / (l + 1);
      visit(static_cast<size_t>(j), without);
    } else {
      visit(static_cast<size_t>(j), w * (l + 1) / (z * (l - j)));
    }
  }
}

/// UNWIND of Algorithm 2.
void unwind(Path& m, size_t i) {
  std::vector<double> w(m.size() - 1);
  unwound(m, i, [&](size_t j, double without) { w[j] = without; });
  for (size_t j = i; j + 1 < m.size(); ++j) m[j].d = m[j + 1].d, m[j].z = m[j + 1].z, m[j].o = m[j + 1].o;
  m.pop_back();
  for (size_t j = 0; j < m.size(); ++j) m[j].w = w[j];
}

/// An open node: its path above, and the step that leads to it.
struct Open {
  int node;
  Path m;
  double z, o;
  int d;
};

/// Step 3.
void add_leaf(const Path& m, const double* value, double scale, Matrix& phi) {
  for (size_t i = 1; i < m.size(); ++i) {
    double sum = 0;
    unwound(m, i, [&](size_t, double w) { sum += w; });
    const double share = scale * sum * (m[i].o - m[i].z);
    for (Index k = 0; k < phi.cols(); ++k) phi(1 + m[i].d, k) += share * value[k];
  }
}

}  // namespace

void add_shap(const TreeNodes& nodes, const std::vector<bool>& categorical, function_ref<double(int)> cell,
              double scale, Matrix& phi) {
  phi.row(0) +=
      scale * expected_value(nodes, categorical, cell, std::vector<bool>(categorical.size(), false)).transpose();
  std::vector<Open> open{{0, {}, 1, 1, -1}};
  while (!open.empty()) {
    Open at = std::move(open.back());
    open.pop_back();
    extend(at.m, at.z, at.o, at.d);
    const size_t i = static_cast<size_t>(at.node);
    if (nodes.leaf(at.node)) {
      add_leaf(at.m, nodes.value.data() + i * static_cast<size_t>(nodes.outputs), scale, phi);
      continue;
    }
    const int f = nodes.feature[i], hot = nodes.child(at.node, cell(f), categorical[static_cast<size_t>(f)]);
    double z = 1, o = 1;  // of an earlier question about the same column
    for (size_t j = 1; j < at.m.size(); ++j)
      if (at.m[j].d == f) {
        z = at.m[j].z;
        o = at.m[j].o;
        unwind(at.m, j);
        break;
      }
    const auto follow = [&](int child, Path m) {
      const double share = nodes.cover[static_cast<size_t>(child)] / (nodes.cover[static_cast<size_t>(nodes.left[i])] +
                                                                      nodes.cover[static_cast<size_t>(nodes.right[i])]);
      open.push_back({child, std::move(m), z * share, child == hot ? o : 0, f});
    };
    follow(nodes.right[i], at.m);
    follow(nodes.left[i], std::move(at.m));
  }
}

Vector expected_value(const TreeNodes& nodes, const std::vector<bool>& categorical, function_ref<double(int)> cell,
                      const std::vector<bool>& known) {
  Vector sum = Vector::Zero(nodes.outputs);
  std::vector<double> share(nodes.feature.size(), 0.0);  // of the row that comes to each node
  share[0] = 1;
  for (size_t i = 0; i < share.size(); ++i) {  // a child's number is greater than its parent's
    if (share[i] == 0) continue;
    if (nodes.feature[i] < 0) {
      for (int k = 0; k < nodes.outputs; ++k)
        sum[k] += share[i] * nodes.value[i * static_cast<size_t>(nodes.outputs) + static_cast<size_t>(k)];
      continue;
    }
    const size_t f = static_cast<size_t>(nodes.feature[i]), l = static_cast<size_t>(nodes.left[i]),
                 r = static_cast<size_t>(nodes.right[i]);
    if (known[f]) {
      share[static_cast<size_t>(nodes.child(static_cast<int>(i), cell(static_cast<int>(f)), categorical[f]))] =
          share[i];
      continue;
    }
    share[l] = share[i] * nodes.cover[l] / (nodes.cover[l] + nodes.cover[r]);
    share[r] = share[i] * nodes.cover[r] / (nodes.cover[l] + nodes.cover[r]);
  }
  return sum;
}

}  // namespace assay::tree
