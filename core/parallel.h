// core/parallel.h: the only door to threads.
//
// A range 0..n is cut into chunks of `grain` (the last one shorter). The cuts depend on n and grain, never on the number
// of threads, and partial results are combined in the order of the chunks: every result is bit-identical for 1, 2 or 16
// threads. Exceptions are carried out of the region (that of the lowest chunk that failed). Nested calls run serially.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "assay/core/function_ref.h"

namespace assay {

using Index = std::ptrdiff_t;

/// Number of processors this process may run on.
int available_threads();

/// Calls body(begin, end) for each chunk of 0..n, on up to `threads` threads (0: all).
void parallel_for(int threads, Index n, Index grain, function_ref<void(Index begin, Index end)> body);

/// Combines map(begin, end) over the chunks of 0..n: total = combine(total, partial), in chunk order.
/// At most `kWave` partial results are alive at once.
template <class Partial, class Map, class Combine>
Partial parallel_reduce(int threads, Index n, Index grain, Partial total, Map&& map, Combine&& combine) {
  constexpr Index kWave = 64;
  const Index chunks = (n + grain - 1) / grain;
  for (Index first = 0; first < chunks; first += kWave) {
    const Index count = std::min(kWave, chunks - first);
    std::vector<Partial> partial(static_cast<size_t>(count));
    parallel_for(threads, count, 1, [&](Index begin, Index end) {
      for (Index c = begin; c < end; ++c)
        partial[static_cast<size_t>(c)] = map((first + c) * grain, std::min(n, (first + c + 1) * grain));
    });
    for (Partial& p : partial) combine(total, p);
  }
  return total;
}

}  // namespace assay
