#include "assay/core/parallel.h"

#include <omp.h>
#include <sched.h>

#include <atomic>
#include <exception>
#include <mutex>

namespace assay {

int available_threads() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, omp_get_num_procs());
}

void parallel_for(int threads, Index n, Index grain, function_ref<void(Index, Index)> body) {
  if (n <= 0) return;
  grain = std::max<Index>(1, grain);
  const Index chunks = (n + grain - 1) / grain;
  const int wanted = threads > 0 ? threads : available_threads();
  const int team = static_cast<int>(std::min<Index>(wanted, chunks));
  if (team <= 1 || omp_in_parallel()) {
    for (Index c = 0; c < chunks; ++c) body(c * grain, std::min(n, (c + 1) * grain));
    return;
  }
  std::atomic<Index> next{0};
  std::exception_ptr error;
  Index failed = chunks;  // lowest chunk that threw; written under the mutex
  std::mutex mutex;
#pragma omp parallel num_threads(team)
  for (;;) {
    const Index c = next.fetch_add(1, std::memory_order_relaxed);  // orders no memory: that would hide races from tsan
    if (c >= chunks) break;
    try {
      body(c * grain, std::min(n, (c + 1) * grain));
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (c < failed) {
        failed = c;
        error = std::current_exception();
      }
      // No new chunks; those already taken finish, so the lowest failure wins.
      next.store(chunks, std::memory_order_relaxed);
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace assay
