// Method     kWalkers independent chains of loads, so that none waits for another
#include "assay/ml/tree/compiled_kernels.h"

#include <algorithm>
#include <bit>

namespace assay::tree {

void walk_down(const CompiledNode* __restrict nodes, int depth, const uint16_t* __restrict ranks, int cells,
               uint32_t* __restrict leaf) {
  uint32_t at[kWalkers] = {};
  for (int step = 0; step < depth; ++step)
    for (int r = 0; r < kWalkers; ++r) {
      const CompiledNode node = nodes[at[r]];
      at[r] = node.left + (ranks[r * cells + node.cell] > node.rank ? 1u : 0u);
    }
  std::copy_n(at, kWalkers, leaf);
}

void rank_values(const double* x, Index n, const std::vector<double>& thresholds, uint16_t* rank, Index stride) {
  constexpr Index kLanes = 8;
  const size_t count = thresholds.size();
  const double* t = thresholds.data();
  for (Index first = 0; first < n; first += kLanes) {
    const Index lanes = std::min(kLanes, n - first);
    size_t at[kLanes] = {};
    for (size_t step = std::bit_ceil(count + 1) / 2; step > 0; step /= 2)
      for (Index l = 0; l < lanes; ++l) {
        const size_t next = at[l] + step;
        at[l] = next <= count && t[next - 1] < x[first + l] ? next : at[l];
      }
    for (Index l = 0; l < lanes; ++l) rank[(first + l) * stride] = static_cast<uint16_t>(at[l]);
  }
}

}  // namespace assay::tree
