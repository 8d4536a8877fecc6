// ml/ensemble/rank_sort.h: the rows of a node in the order of their ranks.
//
// A key is a rank (upper half) and the place of a row. Few keys are sorted by insertion; many go into buckets of neighbouring
// ranks, at least one bucket for two keys, which are then sorted one by one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay::ensemble {

inline uint32_t rank_of(uint64_t key) { return static_cast<uint32_t>(key >> 32); }
inline size_t place_of(uint64_t key) { return static_cast<uint32_t>(key); }

/// Sorts keys[0 .. n), whose ranks lie in [lo, hi]; what stands behind them is lost. Keys of equal rank: by place. `spare` and
/// `start` are memory.
void sort_keys(std::vector<uint64_t>& keys, size_t n, uint32_t lo, uint32_t hi, std::vector<uint64_t>& spare,
               std::vector<uint32_t>& start);

}  // namespace assay::ensemble
