// ml/tree/shap.h: TreeSHAP: how much each column adds to what a tree says of one row, exactly.
//
//   phi_f = sum over S without f of |S|! (d - |S| - 1)! / d! (v(S + f) - v(S))                                    (1)
//
//   v(S): what the tree says if only the cells of S are known: at a question about another column both ways are taken, in
//   the proportion of their training weight (Algorithm 1, "path-dependent"). phi_f are Shapley's values of v, so they sum
//   to v(all) - v(none): the answer less the base.
//
// Shapes     phi: (1 + d) x outputs; row 0 the base v(none), row 1 + f column f; x: the cells of one row, NaN missing
// Requires   covers positive
// Guarantees (1) in exact arithmetic; a column that no question asks about gets 0; linear in the trees, so the values of an
//            ensemble are the weighted sums over its trees
// Cost       O(leaves x p^2) a row, p the number of different columns on a path (and not 2^d); memory O(depth x p)
// See        [Lundberg2018] Algorithm 2; [Shapley1953]
#pragma once
#include "assay/core/function_ref.h"
#include "assay/ml/tree/tree.h"

namespace assay::tree {

/// Adds `scale` times the tree's values to phi. `cell(f)`: the row's cell in column f.
void add_shap(const TreeNodes& nodes, const std::vector<bool>& categorical, function_ref<double(int)> cell,
              double scale, Matrix& phi);

/// v(S) of [Lundberg2018] Algorithm 1: the textbook's definition, and the judge of add_shap. O(nodes).
Vector expected_value(const TreeNodes& nodes, const std::vector<bool>& categorical, function_ref<double(int)> cell,
                      const std::vector<bool>& known);

}  // namespace assay::tree
