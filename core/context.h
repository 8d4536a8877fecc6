// core/context.h: what a run needs besides data and parameters: trace, progress, seed, threads, cancellation.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "assay/core/error.h"
#include "assay/core/progress.h"
#include "assay/core/rng.h"
#include "assay/core/trace.h"

namespace assay {

/// What can stop a run: a signal's number set by a handler, and a deadline. Shared by a context and all its children.
struct Cancellation {
  std::atomic<int> signal{0};
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Copied freely; a child is used by one thread. No globals stand behind it.
class Context {
 public:
  Context() = default;
  Context(uint64_t seed_, int threads_) : seed(seed_), threads(threads_) {}

  uint64_t seed = 0;
  int threads = 1;  ///< 0: all
  Trace trace;
  Progress progress;
  const Cancellation* cancellation = nullptr;

  /// One path gives the child its random stream, its place in the trace and (with `count`) its share of the progress.
  Context child(const char* name, uint64_t index, uint64_t count = 0) const {
    Context c = *this;
    c.stream_ = mix_stream(stream_, name, index);
    if (trace) c.trace = trace.child(std::string(name) + "-" + std::to_string(index));
    c.progress = count ? progress.part(static_cast<double>(index), static_cast<double>(count)) : Progress();
    return c;
  }
  /// This context's random numbers, from the beginning.
  Rng rng() const { return Rng(seed, stream_); }

  /// Throws Cancelled once a signal has come. Call it once an iteration.
  void check_cancelled() const {
    if (cancellation && cancellation->signal.load(std::memory_order_relaxed))
      throw Cancelled(cancellation->signal.load(std::memory_order_relaxed));
  }
  /// True once the time budget is used up: an iterative method then stops with `converged = false`.
  bool out_of_time() const {
    return cancellation && cancellation->deadline != std::chrono::steady_clock::time_point::max() &&
           std::chrono::steady_clock::now() >= cancellation->deadline;
  }

 private:
  uint64_t stream_ = 0;
};

}  // namespace assay
